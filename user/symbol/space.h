/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file's code was mapped where, in each process and at any time: kept up from what the
 * kernel tells of forks, executed programs and mappings.
 */
#ifndef CBPF_SYMBOL_SPACE_H
#define CBPF_SYMBOL_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spaces;

/* In the order in which those of the same time are told. */
enum space_event_kind {
	SPACE_FORK, /* @tgid is new, with all that @parent has; or, if they are the same, a thread is */
	SPACE_EXEC, /* it becomes another program, with nothing mapped yet */
	SPACE_MAP,
	SPACE_SAMPLED, /* it was seen at work: from here on its mappings are kept */
	SPACE_EXIT, /* of one thread */
};

/* Which file, whatever is at its path: as the kernel tells it of the inode. */
struct space_file {
	uint32_t major, minor;
	uint64_t inode, generation; /* 0: unknown */
};

struct space_event {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	enum space_event_kind kind;
	uint32_t tgid;
	uint32_t parent; /* SPACE_FORK: a tgid */
	uint32_t target; /* SPACE_SAMPLED: whose it is */
	uint64_t start, end; /* SPACE_MAP: addresses, @end is the first beyond */
	uint64_t offset; /* SPACE_MAP: in the file, of @start */
	struct space_file file; /* SPACE_MAP */
	const char *path; /* SPACE_MAP: as the process sees it; copied */
};

/* One mapping of code. */
struct space_map {
	uint64_t start, end, offset;
	struct space_file file;
	const char *path; /* as long as the spaces */
	uint64_t since_ns;
};

/* What is done about processes; each may be NULL. */
struct space_calls {
	/*
	 * @tgid was seen at work, and began before us: feed its mappings, of time 0 if they may
	 * have been there from the beginning.
	 */
	void (*unknown)(void *arg, uint32_t tgid);
	/* A process that was seen at work has this code. */
	void (*file)(void *arg, uint32_t target, uint32_t tgid, const struct space_map *map);
	void *arg;
};

/* 0 or -ENOMEM. @calls is copied. */
int spaces_open(const struct space_calls *calls, struct spaces **ret);

/* The next in order of time. */
void spaces_feed(struct spaces *s, const struct space_event *e);

/* What was at @address in @tgid at that time. False: unknown. Fast, once all that was mapped was told. */
bool spaces_find(struct spaces *s, uint32_t tgid, uint64_t time_ns, uint64_t address,
		 struct space_map *ret);

/* Processes, or programs of them, that are kept; and what had no room: of these, or of mappings. */
size_t spaces_kept(const struct spaces *s);
uint64_t spaces_forgotten(const struct spaces *s);

void spaces_close(struct spaces *s); /* takes NULL */

#endif
