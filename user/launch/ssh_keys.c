// SPDX-License-Identifier: Apache-2.0
/* Keys that are worth nothing outside of their run. */
#include "launch/ssh_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/tar.h"
#include "plan/plan.h"

#define NAME "cbpf-ssh-" /* of directories, with six letters behind it */
#define KEY_MAX 4096 /* bytes of a file; ed25519 takes 400 */

extern char **environ;

static const char config[] = "Host *\n"
			     "    IdentityFile " PLAN_SSH_DIR "/id\n"
			     "    IdentitiesOnly yes\n"
			     "    UserKnownHostsFile " PLAN_SSH_DIR "/known_hosts\n"
			     "    GlobalKnownHostsFile none\n"
			     "    StrictHostKeyChecking yes\n"
			     "    BatchMode yes\n"
			     "    ConnectTimeout 10\n"
			     "    LogLevel ERROR\n";

static const char sshd_config[] = "HostKey " PLAN_SSH_DIR "/host\n"
				  "AuthorizedKeysFile " PLAN_SSH_DIR "/authorized_keys\n"
				  "PasswordAuthentication no\n"
				  "KbdInteractiveAuthentication no\n"
				  "PermitRootLogin prohibit-password\n"
				  "UsePAM no\n"
				  "AllowTcpForwarding no\n"
				  "X11Forwarding no\n"
				  "MaxStartups 256\n"
				  "PidFile none\n";

/* An image's own configuration is left alone: what starts ranks calls this. */
static const char agent[] = "#!/bin/sh\nexec ssh -F " PLAN_SSH_DIR "/config \"$@\"\n";

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status ? -EIO : 0;
}

static int keygen(const char *path, struct err *err)
{
	char *const argv[] = { "ssh-keygen", "-q",   "-t", "ed25519",	 "-N", "",
			       "-C",	     "cbpf", "-f", (char *)path, NULL };
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int rc;

	if (posix_spawn_file_actions_init(&quiet))
		return err_set(err, -ENOMEM, "making ssh keys");
	rc = posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDWR, 0) ||
	     posix_spawn_file_actions_adddup2(&quiet, 0, 1) ||
	     posix_spawn_file_actions_adddup2(&quiet, 0, 2);
	rc = rc ? ENOMEM : posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&quiet);
	if (rc == ENOENT)
		return err_say(err, -ENOENT,
			       "making ssh keys: there is no ssh-keygen (apt-get install "
			       "openssh-client)");
	rc = rc ? -rc : wait_for(pid);
	return rc ? err_set(err, rc, "making ssh keys with ssh-keygen") : 0;
}

static int take(const char *dir, const char *name, char **ret, struct err *err)
{
	struct buf text = BUF_INIT(KEY_MAX);
	cleanup_free char *path = fs_join(dir, name);
	int rc = path ? fs_slurp_at(AT_FDCWD, path, &text) : -ENOMEM;

	if (!rc)
		*ret = buf_steal(&text);
	else
		buf_fini(&text);
	return rc || !*ret ? err_set(err, rc ? rc : -ENOMEM, "reading an ssh key") : 0;
}

static int make_in(const char *dir, struct ssh_keys *ret, struct err *err)
{
	cleanup_free char *user = fs_join(dir, "id"), *host = fs_join(dir, "host");
	int rc = user && host ? 0 : err_set(err, -ENOMEM, "making ssh keys");

	rc = rc ?: keygen(user, err);
	rc = rc ?: keygen(host, err);
	rc = rc ?: take(dir, "id", &ret->user, err);
	rc = rc ?: take(dir, "id.pub", &ret->user_pub, err);
	rc = rc ?: take(dir, "host", &ret->host, err);
	rc = rc ?: take(dir, "host.pub", &ret->host_pub, err);
	return rc;
}

/* A directory is its maker's as long as that holds a lock on it, which goes with the process. */
static int lock(const char *dir, int how)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, how)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd >= 0 ? fd : -errno;
}

/* Is it what ssh_keys_make() makes, and was it made by this user? Anybody may write to /tmp. */
static bool is_ours(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_uid == geteuid() && (st.st_mode & 07777) == 0700;
}

int ssh_keys_sweep(bool dry_run, struct buf *report, struct err *err)
{
	glob_t found = { 0 };
	int rc = 0;

	(void)glob("/dev/shm/" NAME "*", GLOB_NOSORT, NULL, &found);
	(void)glob("/tmp/" NAME "*", GLOB_NOSORT | GLOB_APPEND, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && !rc; i++) {
		const char *dir = found.gl_pathv[i];
		cleanup_close int fd = lock(dir, LOCK_EX | LOCK_NB);

		if (fd < 0 || !is_ours(fd))
			continue;
		rc = dry_run ? 0 : fs_remove_tree(dir);
		if (rc)
			err_set(err, rc, "removing ssh keys in %s", dir);
		else if (report)
			buf_printf(report, "%s ssh keys in %s\n",
				   dry_run ? "would remove" : "removed", dir);
	}
	globfree(&found);
	return rc;
}

/* Makes and locks one in @parent: its descriptor, and its path in @dir. */
static int make_dir(const char *parent, char *dir, size_t size)
{
	for (;;) {
		struct stat st;
		int fd;

		snprintf(dir, size, "%s/" NAME "XXXXXX", parent);
		if (!mkdtemp(dir))
			return -errno;
		fd = lock(dir, LOCK_EX);
		/* A sweep may have come before the lock. */
		if (fd >= 0 && !fstat(fd, &st) && st.st_nlink)
			return fd;
		if (fd >= 0)
			close(fd);
		else if (fd != -ENOENT)
			return fd;
	}
}

int ssh_keys_make(struct ssh_keys *ret, struct err *err)
{
	struct ssh_keys k = { 0 };
	struct err ignored;
	char dir[64];
	int rc, fd;

	(void)ssh_keys_sweep(false, NULL, &ignored); /* `cbpf clean` tells why it cannot */
	fd = make_dir("/dev/shm", dir, sizeof(dir));
	if (fd < 0)
		fd = make_dir("/tmp", dir, sizeof(dir));
	if (fd < 0)
		return err_set(err, fd, "making ssh keys in /tmp");
	rc = make_in(dir, &k, err);
	if (fs_remove_tree(dir) && !rc)
		rc = err_say(err, -EIO, "ssh keys are left in %s: remove it", dir);
	close(fd);
	if (rc)
		ssh_keys_fini(&k);
	else
		*ret = k;
	return rc;
}

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void ssh_keys_fini(struct ssh_keys *k)
{
	wipe(&k->user);
	wipe(&k->user_pub);
	wipe(&k->host);
	wipe(&k->host_pub);
}

int ssh_keys_pack(const struct ssh_keys *k, uid_t uid, gid_t gid, struct buf *tar, struct err *err)
{
	const char *dir = &PLAN_SSH_DIR[1]; /* relative to the root */
	cleanup_buf struct buf known = BUF_INIT(KEY_MAX + 16);
	const struct {
		const char *name, *text;
		mode_t mode;
	} files[] = {
		{ "id", k->user, 0600 },
		{ "host", k->host, 0600 },
		{ "authorized_keys", k->user_pub, 0644 },
		{ "known_hosts", NULL, 0644 },
		{ "config", config, 0644 },
		{ "sshd_config", sshd_config, 0644 },
		{ "ssh", agent, 0755 },
	};
	char path[100];
	int rc;

	buf_printf(&known, "* %s", k->host_pub);
	snprintf(path, sizeof(path), "%s/", dir);
	rc = tar_add(tar, &(struct tar_entry){ .path = path, .mode = 0755 });
	for (size_t i = 0; i < ARRAY_SIZE(files) && !rc; i++) {
		const char *text = files[i].text ? files[i].text : buf_str(&known);

		snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		rc = tar_add(tar, &(struct tar_entry){ path, files[i].mode, uid, gid, text,
						       strlen(text) });
	}
	/* Where sshd, as root, locks itself in until somebody has proved who he is. */
	if (!rc)
		rc = tar_add(tar, &(struct tar_entry){ .path = "run/sshd/", .mode = 0755 });
	rc = rc ? rc : tar_end(tar);
	rc = rc ? rc : known.failed;
	return rc ? err_set(err, rc, "packing ssh keys") : 0;
}
