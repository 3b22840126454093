/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's resctrl file system: where it is, what it can do, and a control group's schemata. */
#ifndef CBPF_HOST_RESCTRL_H
#define CBPF_HOST_RESCTRL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/resctrl_text.h"

struct err;

#define RESCTRL_ROOT "/sys/fs/resctrl"
#define RESCTRL_PATH 512
#define RESCTRL_NAME 256
#define RESCTRL_MAX_DOMAINS 64
#define RESCTRL_SCHEMATA (16 * 1024) /* bytes: L2 has a domain per core */

enum resctrl_event { RESCTRL_OCCUPANCY, RESCTRL_TOTAL, RESCTRL_LOCAL, RESCTRL_EVENTS };
extern const char *const resctrl_event_files[RESCTRL_EVENTS]; /* in mon_data/mon_L3_NN */

struct resctrl_domain {
	uint32_t id; /* of the L3 cache */
	uint64_t cache_bytes; /* its size; 0: not known */
};

struct resctrl {
	char root[RESCTRL_PATH];
	bool mounted; /* by us: undone at the end, unless others have begun to use it */
	bool has[RESCTRL_EVENTS];
	uint64_t rmids; /* groups at most; 0: not known */
	bool allocates; /* there are schemata */
	struct resctrl_rules rules;
	size_t n_domains; /* L3 caches, by id */
	struct resctrl_domain domains[RESCTRL_MAX_DOMAINS];
};

/*
 * Look at the file system at @root. NULL is where the kernel has it, RESCTRL_ROOT, and
 * mounts it there when it is known and not mounted. Fails when it cannot monitor L3 caches.
 */
int resctrl_open(const char *root, struct resctrl *ret, struct err *err);
void resctrl_close(struct resctrl *r);

/* The same without mounting or words: 0 when @root (relative to @dirfd) can monitor. */
int resctrl_look(int dirfd, const char *root, struct resctrl *ret, const char **ret_why);

/* info/last_cmd_status of what just failed, without "ok"; "" when there is nothing to tell. */
void resctrl_last_status(const struct resctrl *r, char *text, size_t size);

/* The control group that task @tid is in: "" is the default one, also of a task that is gone. */
int resctrl_class_of(const struct resctrl *r, pid_t tid, char class[RESCTRL_NAME], struct err *err);

/* Path of a control group's directory, or of a file in it. -ENAMETOOLONG. */
int resctrl_class_path(const struct resctrl *r, const char *class, const char *file, char *path,
		       size_t size);

#endif
