/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of one run, for its containers among themselves: made, packed, forgotten. */
#ifndef CBPF_LAUNCH_SSH_KEYS_H
#define CBPF_LAUNCH_SSH_KEYS_H

#include <stdbool.h>
#include <sys/types.h>

struct buf;
struct err;

/* Text as ssh-keygen writes it; owned. The private ones are secrets: in no log, in no file of a run. */
struct ssh_keys {
	char *user, *user_pub;
	char *host, *host_pub; /* one for all hosts of the run */
};

/*
 * By ssh-keygen(1), in a directory that is private, in memory where there is such, and gone
 * on return. -ENOENT with words when there is no ssh-keygen. What killed ones left is removed first.
 */
int ssh_keys_make(struct ssh_keys *ret, struct err *err);
/*
 * Remove such directories of this user whose maker is gone, or with @dry_run only tell: a line
 * of @report each, which may be NULL.
 */
int ssh_keys_sweep(bool dry_run, struct buf *report, struct err *err);
/* Wipes them, too. */
void ssh_keys_fini(struct ssh_keys *k);

/*
 * What a container needs below its root, as a tar archive: PLAN_SSH_DIR, with files of @uid
 * and @gid, who ssh and sshd run as.
 */
int ssh_keys_pack(const struct ssh_keys *k, uid_t uid, gid_t gid, struct buf *tar, struct err *err);

#endif
