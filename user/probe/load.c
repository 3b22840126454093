// SPDX-License-Identifier: Apache-2.0
/* Capturing libbpf's messages, explaining failures, reading tracepoint prototypes. */
#include "probe/load.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"

static _Thread_local struct probe_log *current;
static libbpf_print_fn_t print_before;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Append one line after "; ", making room by forgetting the oldest characters. */
static void add_line(struct probe_log *log, const char *line, size_t len)
{
	size_t used = strlen(log->text), room = sizeof(log->text) - 1, sep = used ? 2 : 0;

	if (len > room / 2)
		len = room / 2;
	if (used + sep + len > room) {
		size_t cut = used + sep + len - room;

		memmove(log->text, log->text + cut, used - cut);
		used -= cut;
	}
	memcpy(log->text + used, "; ", sep);
	memcpy(log->text + used + sep, line, len);
	log->text[used + sep + len] = '\0';
}

void probe_log_add(struct probe_log *log, const char *text)
{
	static const char prefix[] = "libbpf: ";

	while (*text) {
		size_t len;

		if (!strncmp(text, prefix, strlen(prefix)))
			text += strlen(prefix);
		len = strcspn(text, "\n");
		if (len)
			add_line(log, text, len);
		text += len + (text[len] == '\n');
	}
}

static int print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text;

	if (!current)
		return print_before ? print_before(level, fmt, ap) : 0;
	if (level != LIBBPF_WARN)
		return 0;
	/* A verifier's log is long, and its end is what matters. */
	if (vasprintf(&text, fmt, ap) < 0)
		return 0;
	probe_log_add(current, text);
	free(text);
	return 0;
}

/* For good: other threads may be in the middle of loading. */
static void set_print(void)
{
	print_before = libbpf_set_print(print);
}

void probe_log_begin(struct probe_log *log)
{
	log->text[0] = '\0';
	pthread_once(&once, set_print);
	current = log;
}

void probe_log_end(void)
{
	current = NULL;
}

static int lockdown_confidential(void)
{
	char text[128];

	return !fs_read_at(AT_FDCWD, "/sys/kernel/security/lockdown", text, sizeof(text)) &&
	       strstr(text, "[confidentiality]");
}

/* What the user can do about a failure, or NULL. */
static const char *cure(int code)
{
	if (code == -EPERM || code == -EACCES) {
		if (geteuid() != 0)
			return "run as root, or with CAP_BPF and CAP_PERFMON";
		if (lockdown_confidential())
			return "kernel lockdown is in confidentiality mode, which forbids BPF to "
			       "read kernel memory; boot with lockdown=integrity or none";
		return "the kernel refuses it to this root; in a container, run it privileged";
	}
	if ((code == -ENOENT || code == -ESRCH || code == -EINVAL) &&
	    access("/sys/kernel/btf/vmlinux", R_OK))
		return "this kernel shows no type information at /sys/kernel/btf/vmlinux; use "
		       "one built with CONFIG_DEBUG_INFO_BTF=y";
	if (code == -ENOMEM)
		return "memory for BPF maps is limited; raise the memory limit or RLIMIT_MEMLOCK";
	return NULL;
}

int probe_fail(struct err *err, int code, const char *attempt, const struct probe_log *log)
{
	const char *how = cure(code);
	const char *words = log->text;

	if (code == -EPERM && geteuid() != 0)
		words = ""; /* the cure says it all */
	return err_say(err, code, "cannot %s: %s%s%s%s%s%s", attempt, strerror(-code),
		       how ? " (" : "", how ? how : "", how ? ")" : "", *words ? "; libbpf: " : "",
		       words);
}

struct btf *probe_kernel_btf(struct err *err)
{
	struct probe_log log;
	struct btf *btf;
	int rc;

	probe_log_begin(&log);
	btf = btf__load_vmlinux_btf();
	rc = btf ? 0 : -errno;
	probe_log_end();
	if (!btf)
		(void)probe_fail(err, rc, "read the kernel's type information (BTF)", &log);
	return btf;
}

int probe_tracepoint_args(const struct btf *kernel, const char *name)
{
	const struct btf_type *type;
	char hook[128];
	int id;

	/* The typedef that kernels keep of each raw tracepoint: void (*)(void *data, args...) */
	snprintf(hook, sizeof(hook), "btf_trace_%s", name);
	id = btf__find_by_name_kind(kernel, hook, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -ENOENT;
	type = btf__type_by_id(kernel, id);
	type = btf__type_by_id(kernel, type->type);
	if (!type || !btf_is_ptr(type))
		return -ENOENT;
	type = btf__type_by_id(kernel, type->type);
	if (!type || !btf_is_func_proto(type) || btf_vlen(type) < 1)
		return -ENOENT;
	return btf_vlen(type) - 1;
}

int probe_fentry_try(const struct btf *kernel, const char *function)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int id = btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC), fd;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = id);

	if (id < 0)
		return -ENOENT;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "Dual BSD/GPL", nothing, 2, &opts);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int probe_enumerator(const struct btf *kernel, const char *name)
{
	__u32 n = btf__type_cnt(kernel);

	for (__u32 id = 1; id < n; id++) {
		const struct btf_type *type = btf__type_by_id(kernel, id);
		const struct btf_enum *e = btf_enum(type);

		if (!btf_is_enum(type))
			continue;
		for (unsigned int i = 0; i < btf_vlen(type); i++)
			if (!strcmp(btf__name_by_offset(kernel, e[i].name_off), name))
				return e[i].val;
	}
	return -ENOENT;
}
