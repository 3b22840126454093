/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a report as short text for people; what is absent is "-". */
#ifndef CBPF_REPORT_FORMAT_H
#define CBPF_REPORT_FORMAT_H

#include <jansson.h>

struct buf;

#define FORMAT_MAX 48

struct text {
	char s[FORMAT_MAX];
};

struct text format_size(const json_t *bytes); /* "4.7 MiB", "-8.0 KiB" */
struct text format_ns(const json_t *ns); /* "1.23 ms" */
struct text format_seconds(const json_t *s); /* "1.23 ms" */
struct text format_count(const json_t *n); /* "1200", "15.2 M" from ten million on */
struct text format_real(const json_t *v); /* three digits or all of a whole number: "10.5" */
struct text format_rate(double per_s);
struct text format_ratio(double part, double of); /* "12 %", "0.03 %" */
struct text format_mean_ns(double sum_ns, double n); /* "1.23 ms" */

/* " on vda, vdb": what a stacked device of a report rests upon, nothing when that is not known. */
int put_leaves(struct buf *out, const json_t *device);

/* Flags of an open file as the report has them: "rdonly,direct". */
int put_flags(struct buf *out, const json_t *flags);

/* How much of a perf event of that name there was: clocks are in ns. */
struct text format_event(const char *name, const json_t *value);
/* Waits for locks of the kernel, those of files with them; "-" when not known. */
struct text lock_wait(const json_t *sched);
/* Those that took most CPUs, of a list in that order: "by b 9, c 5, d 3, 2 more 3". */
int put_preemptors(struct buf *out, const json_t *by);
/* How often what failed: "ENOENT 12, EIO 1". */
int put_errnos(struct buf *out, const json_t *errnos);

/* "write", of a job "randread: read", and from the second test of a script on "1: write". */
void result_name(const json_t *result, char *name, size_t size);

/* "1234 samples at 99 Hz: 12.5 s on CPUs, 61 % in the kernel", of a target's profile. */
int put_profile(struct buf *out, const json_t *profile);
/* What is missing of a run's samples, in words; nothing when it is as good as none. */
int put_profile_gap(struct buf *out, const json_t *report);

/* "transfer=4KiB block=1MiB": a run's values of the axes of its matrix. */
int put_axes(struct buf *out, const json_t *axes);

/* Object members by name; NULL-safe. */
double number_in(const json_t *object, const char *key); /* NAN when absent */
const char *text_in(const json_t *object, const char *key); /* NULL when absent */

#endif
