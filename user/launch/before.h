/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to the host before a target's program runs, or a phase of it: in a thread, as it takes time. */
#ifndef CBPF_LAUNCH_BEFORE_H
#define CBPF_LAUNCH_BEFORE_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct before;
struct err;
struct str_list;
struct spec_before;

/* Where the host's files are: "/proc" and "/sys", or what plays them in a test. */
struct before_place {
	const char *proc, *sys;
};

struct before_config {
	const struct spec_before *what; /* borrowed, as all here, until before_close() */
	const struct str_list *places; /* directories of the file systems that are used */
	bool elsewhere; /* files may be where none of @places is: in memory, or nobody knows where */
	const char *cpus; /* list of those that are used; NULL: all */
	const atomic_bool *cancel; /* ends the wait for idle devices; may be NULL */
	const atomic_bool *closing; /* the same, of before_close() itself; set by before_start() */
	struct before_place place;
};

/* One thing that was done or seen. */
struct before_line {
	char text[192];
	bool good; /* as it was asked for */
};

/*
 * Can this host do that? Tried without doing it: -EPERM, -EROFS, -EOPNOTSUPP, -ENODEV with words.
 * What can only be told (a governor that is another one) is no reason to refuse.
 */
int before_check(const struct before_config *config, struct err *err);

int before_start(const struct before_config *config, struct before **ret, struct err *err);
/* Is it over? Never blocks. */
bool before_done(const struct before *b);
/* What was done so far, in order: how many lines. They stay until before_close(). */
size_t before_lines(const struct before *b, const struct before_line **ret);
/* Once it is over: 0, or the failure that ended it. */
int before_result(const struct before *b, struct err *err);
/* Waits for what is under way, but not for idle devices. Takes NULL. */
void before_close(struct before *b);

#endif
