/* SPDX-License-Identifier: Apache-2.0 */
/* What every probe needs when it loads: libbpf's words kept, and failures explained. */
#ifndef CBPF_PROBE_LOAD_H
#define CBPF_PROBE_LOAD_H

#include <stdbool.h>

struct btf;
struct err;

/* The last of what libbpf had to say, on one line. */
struct probe_log {
	char text[320];
};

/*
 * Between the two, warnings of libbpf in this thread go to @log instead of
 * stderr. They do not nest.
 */
void probe_log_begin(struct probe_log *log);
void probe_log_end(void);

/* As libbpf's print callback; each line replaces what no longer fits. */
void probe_log_add(struct probe_log *log, const char *text);

/*
 * Set @err for a failure @code of @attempt ("load the block probe (tp_btf)")
 * with libbpf's last words and, for what users can cure, how.
 */
int probe_fail(struct err *err, int code, const char *attempt, const struct probe_log *log);

/* The kernel's type information; the caller frees it. NULL: @err is set, with its code. */
struct btf *probe_kernel_btf(struct err *err);

/*
 * How many arguments the kernel's tracepoint @name passes to BPF programs;
 * -ENOENT when it has no such tracepoint.
 */
int probe_tracepoint_args(const struct btf *kernel, const char *name);

/*
 * May programs be attached to the entry of @function (fentry) here? 0 or -errno. Much
 * quicker than to find out with all programs of a probe.
 */
int probe_fentry_try(const struct btf *kernel, const char *function);

/* The value of an enumerator, whatever its enum is called, if anything; or -ENOENT. */
int probe_enumerator(const struct btf *kernel, const char *name);

#endif
