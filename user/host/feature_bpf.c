// SPDX-License-Identifier: Apache-2.0
/* Checks: which kinds of BPF programs this kernel loads and attaches, by trying each for a moment. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "host/feature.h"

enum kind { RAW_TRACEPOINT, TP_BTF, TRACEPOINT, PERF_EVENT, FENTRY, KPROBE };

/* Where each kind is attached: hooks that every kernel has had for long. */
#define TRACEPOINT_NAME "sched_switch"
#define FUNCTION_NAME "vfs_fsync_range"

static int load(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id > 0 ? (__u32)btf_id : 0);

	if (btf_id < 0)
		return btf_id;
	return bpf_prog_load(type, "cbpf_check", "GPL", nothing, ARRAY_SIZE(nothing), &opts);
}

static int load_kind(enum kind kind)
{
	switch (kind) {
	case RAW_TRACEPOINT: return load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0);
	case TP_BTF:
		return load(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP,
			    libbpf_find_vmlinux_btf_id(TRACEPOINT_NAME, BPF_TRACE_RAW_TP));
	case FENTRY:
		return load(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
			    libbpf_find_vmlinux_btf_id(FUNCTION_NAME, BPF_TRACE_FENTRY));
	case TRACEPOINT: return load(BPF_PROG_TYPE_TRACEPOINT, 0, 0);
	case PERF_EVENT: return load(BPF_PROG_TYPE_PERF_EVENT, 0, 0);
	case KPROBE: return load(BPF_PROG_TYPE_KPROBE, 0, 0);
	}
	return -EINVAL;
}

/* A number in a file of sysfs or tracefs, or -errno. */
static long read_number(const struct feature_env *env, const char *path)
{
	char text[32];
	int rc = fs_read_at(env->root, path, text, sizeof(text));

	return rc ? rc : strtol(text, NULL, 10);
}

/* The event that a program of this kind hangs on. */
static int open_event(const struct feature_env *env, enum kind kind)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .sample_period = 1 };
	long number;
	int fd;

	switch (kind) {
	case TRACEPOINT:
		attr.type = PERF_TYPE_TRACEPOINT;
		number = read_number(env, "sys/kernel/tracing/events/sched/" TRACEPOINT_NAME "/id");
		if (number == -ENOENT)
			number = read_number(env, "sys/kernel/debug/tracing/events/sched/" //
					     TRACEPOINT_NAME "/id");
		if (number < 0)
			return (int)number;
		attr.config = (__u64)number;
		break;
	case KPROBE:
		number = read_number(env, "sys/bus/event_source/devices/kprobe/type");
		if (number < 0)
			return (int)number;
		attr.type = (__u32)number;
		attr.config1 = (__u64)(unsigned long)FUNCTION_NAME;
		break;
	default:
		attr.type = PERF_TYPE_SOFTWARE;
		attr.config = PERF_COUNT_SW_CPU_CLOCK;
		attr.sample_period = 1000000000; /* ns */
		break;
	}
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Both descriptors are closed at once by the caller's scope: nothing stays attached. */
static int attach(const struct feature_env *env, enum kind kind, int prog)
{
	cleanup_close int fd = -1;

	switch (kind) {
	case RAW_TRACEPOINT: fd = bpf_raw_tracepoint_open(TRACEPOINT_NAME, prog); return fd;
	case TP_BTF:
	case FENTRY: fd = bpf_raw_tracepoint_open(NULL, prog); return fd;
	default: break;
	}
	fd = open_event(env, kind);
	if (fd < 0)
		return fd;
	return ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog) ? -errno : 0;
}

static const char *const falls_back = "collectors use tracepoints instead";

static void refused(struct feature_result *ret, enum kind kind, const char *verb, int rc)
{
	const char *fix = NULL;

	if (kind == TRACEPOINT && rc == -ENOENT)
		fix = "mount -t tracefs nodev /sys/kernel/tracing";
	else if ((rc == -EPERM || rc == -EACCES) && geteuid() != 0)
		fix = "run as root (sudo)";
	if (kind == FENTRY || kind == KPROBE)
		feature_no(ret, fix, "%s: %s; %s", verb, strerror(-rc), falls_back);
	else
		feature_no(ret, fix, "%s: %s", verb, strerror(-rc));
}

static void check_program(const struct feature *self, const struct feature_env *env,
			  struct feature_result *ret)
{
	/* What libbpf would say on stderr is in its errors too. */
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	cleanup_close int prog = load_kind((enum kind)self->arg);
	int rc = prog;

	if (prog < 0) {
		refused(ret, (enum kind)self->arg, "the kernel refused to load it", rc);
	} else {
		rc = attach(env, (enum kind)self->arg, prog);
		if (rc < 0)
			refused(ret, (enum kind)self->arg, "loaded, but not attached", rc);
		else
			feature_yes(ret, "loaded and attached");
	}
	(void)libbpf_set_print(print);
}

static void check_map(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret)
{
	LIBBPF_OPTS(bpf_map_create_opts, mmapable, .map_flags = BPF_F_MMAPABLE);
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	cleanup_close int fd = -1;

	(void)env;
	if (self->arg == BPF_MAP_TYPE_RINGBUF)
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "cbpf_check", 0, 0, 65536, NULL);
	else
		fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "cbpf_check", 4, 8, 1, &mmapable);
	if (fd >= 0)
		feature_yes(ret, "made one");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "making one: %s",
			   strerror(-fd));
	(void)libbpf_set_print(print);
}

const struct feature features_bpf[] = {
	{ "bpf.tp_btf", "typed raw tracepoints", check_program, TP_BTF },
	{ "bpf.raw_tracepoint", "raw tracepoints", check_program, RAW_TRACEPOINT },
	{ "bpf.tracepoint", "classic tracepoints", check_program, TRACEPOINT },
	{ "bpf.perf_event", "programs on perf events", check_program, PERF_EVENT },
	{ "bpf.fentry", "fentry", check_program, FENTRY },
	{ "bpf.kprobe", "kprobes", check_program, KPROBE },
	{ "bpf.ringbuf", "ring buffers", check_map, BPF_MAP_TYPE_RINGBUF },
	{ "bpf.mmap", "maps read through memory", check_map, BPF_MAP_TYPE_ARRAY },
	{ 0 },
};
