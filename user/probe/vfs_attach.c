// SPDX-License-Identifier: Apache-2.0
/* Backends of the vfs probe: which programs are loaded, and where they are attached. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "probe/load.h"
#include "probe/vfs_internal.h"
#include "shared/vfs_calls.h"
#include "vfs.skel.h"

#if defined(__x86_64__)
#define CALL_PREFIX "__x64_sys_"
#elif defined(__aarch64__)
#define CALL_PREFIX "__arm64_sys_"
#else
#define CALL_PREFIX "__se_sys_"
#endif

/* What newer architectures do without. */
#ifndef SYS_open
#define SYS_open (-1)
#define SYS_creat (-1)
#define SYS_stat (-1)
#define SYS_lstat (-1)
#define SYS_getdents (-1)
#define SYS_rename (-1)
#define SYS_unlink (-1)
#define SYS_rmdir (-1)
#define SYS_mkdir (-1)
#endif

static const struct call {
	const char *name; /* as in shared/vfs_calls.h */
	unsigned int op, kind;
	int number;
} calls[] = {
#define CALL(name, op, kind, number) { #name, VFS_##op, VFS_BY_##kind, SYS_##number },
	VFS_CALLS(CALL)
#undef CALL
};

/*
 * With the system calls there are functions besides that tell more, or tracepoints where
 * the kernel lets nobody attach to functions.
 */
enum {
	FENTRY = 1,
	SYSCALLS = 2,
	KPROBE = 4,
	FUNCTIONS = 8,
	NO_FUNCTIONS = 16,
	ALL = FENTRY | SYSCALLS | KPROBE
};

/* Programs besides those that there are for each system call; ends before begins. */
static const struct hook {
	const char *program;
	unsigned int backends;
	const char *function; /* of the kernel, which may lack it; NULL: a tracepoint's */
	const char *tracepoint;
	const char *role;
	bool at_return;
} hooks[] = {
	{ "on_exit", SYSCALLS, NULL, "sys_exit", "exit", false },
	{ "on_enter", SYSCALLS, NULL, "sys_enter", "enter", false },
	{ "on_exec", ALL, NULL, "sched_process_exec", "exec", false },
	{ "on_signal", ALL, NULL, "signal_deliver", "signal", false },
	{ "on_task_end", FENTRY | FUNCTIONS | KPROBE, NULL, "sched_process_exit", "task_end",
	  false },
	{ "on_want_write", FENTRY | FUNCTIONS, "mnt_want_write", NULL, "place", false },
	{ "on_getattr", FENTRY | FUNCTIONS, "security_inode_getattr", NULL, "place", false },
	{ "on_fault_done", FENTRY | FUNCTIONS, "handle_mm_fault", NULL, "fault_done", true },
	{ "on_fault", FENTRY | FUNCTIONS, "handle_mm_fault", NULL, "fault", false },
	{ "on_want_write_call", KPROBE, "mnt_want_write", NULL, "place", false },
	{ "on_getattr_call", KPROBE, "security_inode_getattr", NULL, "place", false },
	{ "on_fault_return", KPROBE, "handle_mm_fault", NULL, "fault_done", true },
	{ "on_fault_call", KPROBE, "handle_mm_fault", NULL, "fault", false },
	{ "on_fault_seen", NO_FUNCTIONS, NULL, "page_fault_user", "fault", false },
	{ "on_fault_seen_in_call", NO_FUNCTIONS, NULL, "page_fault_kernel", "fault", false },
	{ "on_uring_submit", ALL, NULL, NULL, "uring_submit", false },
	{ "on_uring_failed", ALL, NULL, "io_uring_req_failed", "uring_failed", false },
	{ "on_uring_complete", ALL, NULL, "io_uring_complete", "uring_complete", false },
};

static unsigned int backend_bit(const struct vfs_probe *p)
{
	if (!strcmp(p->backend, "fentry"))
		return FENTRY;
	if (!strcmp(p->backend, "kprobe"))
		return KPROBE;
	return SYSCALLS | (p->has_functions ? FUNCTIONS : NO_FUNCTIONS);
}

static struct bpf_program *find(const struct vfs_probe *p, const char *name)
{
	return bpf_object__find_program_by_name(p->skel->obj, name);
}

static struct bpf_program *find_pair(const struct vfs_probe *p, const struct call *c, bool done)
{
	char name[64];

	snprintf(name, sizeof(name), "on_%s%s", c->name, done ? "_done" : "");
	return find(p, name);
}

static bool has_function(const struct btf *kernel, const char *name)
{
	return btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) > 0;
}

/* False: this kernel has not that call. One without arguments is known by another name. */
static bool find_function(const struct btf *kernel, const struct call *c, char *name, size_t size)
{
	snprintf(name, size, CALL_PREFIX "%s", c->name);
	if (has_function(kernel, name))
		return true;
	snprintf(name, size, "__do_sys_%s", c->name);
	return has_function(kernel, name);
}

/* One shows whether others can be attached. */
static size_t n_calls(const struct vfs_probe *p)
{
	return p->trial ? 1 : ARRAY_SIZE(calls);
}

/* The pairs that the fentry backend has. */
static int choose_pairs(struct vfs_probe *p, const struct btf *kernel, bool wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		char name[64];
		bool use = wanted && i < n_calls(p) &&
			   find_function(kernel, &calls[i], name, sizeof(name));

		for (int done = 0; done < 2; done++) {
			struct bpf_program *program = find_pair(p, &calls[i], done);
			int rc = use ? bpf_program__set_attach_target(program, 0, name) : 0;

			if (rc)
				return rc;
			bpf_program__set_autoload(program, use);
		}
		n += use;
	}
	return wanted && !n ? -ENOENT : 0;
}

static bool choose_uring(struct vfs_probe *p, const struct btf *kernel)
{
	struct bpf_program *program = find(p, "on_uring_submit");
	const char *name = "io_uring_submit_req";
	int args = probe_tracepoint_args(kernel, name);

	if (args < 0) {
		name = "io_uring_submit_sqe";
		args = probe_tracepoint_args(kernel, name);
	}
	/* The request alone; or it and a flag (6.1); or the ring, it, and more. */
	p->skel->rodata->uring_has_ring = args > 2;
	p->skel->rodata->uring_failed_has_ring =
		probe_tracepoint_args(kernel, "io_uring_req_failed") > 3;
	p->skel->rodata->uring_has_cqe = probe_tracepoint_args(kernel, "io_uring_complete") == 3;
	return args > 0 && !bpf_program__set_attach_target(program, 0, name) &&
	       probe_tracepoint_args(kernel, "io_uring_complete") > 0;
}

static void number_calls(__u16 *by_number)
{
	const unsigned short *compat;
	size_t n = vfs_compat_numbers(&compat);

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].number >= 0 && calls[i].number < VFS_NUMBERS)
			by_number[calls[i].number] = VFS_COOKIE(calls[i].op, calls[i].kind);
	for (size_t i = 0; i < n; i++)
		if (compat[i] < VFS_NUMBERS)
			by_number[compat[i]] |= VFS_COMPAT;
}

int vfs_choose(struct vfs_probe *p, const struct btf *kernel)
{
	unsigned int backend = backend_bit(p);
	bool uring = choose_uring(p, kernel);
	int rc = choose_pairs(p, kernel, backend == FENTRY);

	number_calls(p->skel->rodata->by_number);
	bpf_program__set_autoload(p->skel->progs.on_call, backend == KPROBE);
	bpf_program__set_autoload(p->skel->progs.on_return, backend == KPROBE);
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		const struct hook *h = &hooks[i];
		bool there = h->function     ? has_function(kernel, h->function)
			     : h->tracepoint ? probe_tracepoint_args(kernel, h->tracepoint) > 0
					     : true;
		bool use =
			h->backends & backend && there && (strncmp(h->role, "uring", 5) || uring);

		bpf_program__set_autoload(find(p, h->program), use);
		if (h->backends & backend && !use && !strcmp(h->role, "fault"))
			p->without_faults = true;
	}
	bpf_program__set_autoload(p->skel->progs.on_each_task,
				  !p->trial && has_function(kernel, "bpf_iter_task"));
	p->without_uring = !uring;
	p->without_fault_times = backend & NO_FUNCTIONS && !p->without_faults;
	return rc;
}

static int keep(struct vfs_probe *p, struct bpf_link *link, const struct bpf_program *program,
		const char *role)
{
	if (!link)
		return -errno;
	if (p->n_links == VFS_MAX_LINKS) {
		bpf_link__destroy(link);
		return -ENOSPC;
	}
	p->links[p->n_links++] = (struct vfs_link){ link, program, role };
	return 0;
}

static int attach_pairs(struct vfs_probe *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		/* The end first: what begins meanwhile is seen whole or not at all. */
		for (int done = 1; done >= 0; done--) {
			struct bpf_program *program = find_pair(p, &calls[i], done);
			int rc;

			if (!bpf_program__autoload(program))
				continue;
			rc = keep(p, bpf_program__attach(program), program,
				  done ? "exit" : "enter");
			if (rc)
				return rc;
		}
	}
	return 0;
}

static int attach_kprobe(struct vfs_probe *p, const struct bpf_program *program,
			 const char *function, bool at_return, uint64_t cookie, const char *role)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = at_return, .bpf_cookie = cookie);

	return keep(p, bpf_program__attach_kprobe_opts(program, function, &opts), program, role);
}

static int attach_kprobes(struct vfs_probe *p, const struct btf *kernel)
{
	size_t n = p->n_links;

	for (size_t i = 0; i < n_calls(p); i++) {
		const uint64_t cookie = VFS_COOKIE(calls[i].op, calls[i].kind);
		char name[64];
		int rc;

		if (!find_function(kernel, &calls[i], name, sizeof(name)))
			continue;
		rc = attach_kprobe(p, p->skel->progs.on_return, name, true, cookie, "exit");
		if (!rc)
			rc = attach_kprobe(p, p->skel->progs.on_call, name, false, cookie, "enter");
		if (rc)
			return rc;
	}
	return p->n_links > n ? 0 : -ENOENT;
}

static int attach_hooks(struct vfs_probe *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		const struct hook *h = &hooks[i];
		const struct bpf_program *program = find(p, h->program);
		int rc;

		if (!bpf_program__autoload(program))
			continue;
		if (h->backends == KPROBE)
			rc = attach_kprobe(p, program, h->function, h->at_return, 0, h->role);
		else
			rc = keep(p, bpf_program__attach(program), program, h->role);
		if (rc)
			return rc;
	}
	return 0;
}

int vfs_attach(struct vfs_probe *p, const struct btf *kernel)
{
	int rc = attach_hooks(p);

	if (rc)
		return rc;
	switch (backend_bit(p)) {
	case FENTRY: return attach_pairs(p);
	case KPROBE: return attach_kprobes(p, kernel);
	default: return 0; /* two hooks for all of them */
	}
}
