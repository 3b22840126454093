// SPDX-License-Identifier: Apache-2.0
/*
 * Between fork and exec. cbpf has threads, so the child calls only what is
 * async-signal-safe: everything is looked up before, and told afterwards.
 */
#include "launch/native_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"

#define MOUNTS_MAX 64

enum stage {
	STAGE_SESSION,
	STAGE_CPUS,
	STAGE_NAMESPACE,
	STAGE_SOURCE,
	STAGE_MOUNT,
	STAGE_LIMIT,
	STAGE_OUTPUT,
	STAGE_USER,
	STAGE_DIR,
	STAGE_EXEC,
};

/* What the child writes when it fails; one write to a pipe is whole. */
struct failure {
	enum stage stage;
	size_t index; /* of the mount or limit */
	int code; /* errno */
};

void native_exec_fini(struct native_exec *x)
{
	str_list_fini(&x->argv);
	str_list_fini(&x->env);
	free(x->dir);
	free(x->groups);
	for (size_t i = 0; i < x->n_limits; i++)
		free(x->limits[i].name);
	free(x->limits);
	for (size_t i = 0; i < x->n_mounts; i++) {
		free(x->mounts[i].source);
		free(x->mounts[i].dest);
	}
	free(x->mounts);
	*x = (struct native_exec){ 0 };
}

int native_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

__attribute__((noreturn)) static void child_fail(int fd, enum stage stage, size_t index)
{
	struct failure f = { .stage = stage, .index = index, .code = errno };

	(void)!write(fd, &f, sizeof(f)); /* the parent may be gone */
	_exit(127);
}

static void reset_signals(void)
{
	/* The kernel's own structure, all zero: SIG_DFL without flags. */
	static const unsigned long preset[8];
	sigset_t none;

	/* Not sigaction(): it refuses the two that libc uses, which may be ignored all the same. */
	for (int sig = 1; sig < NSIG; sig++)
		(void)syscall(SYS_rt_sigaction, sig, preset, NULL,
			      NSIG / 8); /* fails for SIGKILL */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* @tree: a detached copy of the source, or -1 for a tmpfs. */
static int mount_one(const struct native_mount *m, int tree)
{
	if (!m->source)
		return mount("tmpfs", m->dest, "tmpfs", MS_NOSUID | MS_NODEV, NULL);
	if (move_mount(tree, "", AT_FDCWD, m->dest, MOVE_MOUNT_F_EMPTY_PATH))
		return -1;
	if (!m->read_only)
		return 0;
	return mount(NULL, m->dest, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
}

/*
 * Where / is a directory that no mount begins at (a chroot), propagation cannot
 * be switched off there. A private copy of the tree takes the place of /proc,
 * where a mount always begins, and becomes the root.
 */
static int copy_of_root(void)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };
	cleanup_close int tree =
		open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	char cwd[PATH_MAX];

	if (tree < 0 || !getcwd(cwd, sizeof(cwd)))
		return -1;
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) ||
	    mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) ||
	    move_mount(tree, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH))
		return -1;
	return fchdir(tree) || chroot(".") || chdir(cwd) ? -1 : 0;
}

/* Mounts of its own: nothing that is done to them is seen outside. */
static int own_mounts(void)
{
	if (unshare(CLONE_NEWNS))
		return -1;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	return errno == EINVAL ? copy_of_root() : -1;
}

/* Sources are taken first, so that one mount cannot hide the source of the next. */
static void child_mounts(const struct native_exec *x, int error_fd)
{
	int trees[MOUNTS_MAX];

	if (!x->n_mounts)
		return;
	if (own_mounts())
		child_fail(error_fd, STAGE_NAMESPACE, 0);
	for (size_t i = 0; i < x->n_mounts; i++) {
		trees[i] = -1;
		if (!x->mounts[i].source)
			continue;
		trees[i] = open_tree(AT_FDCWD, x->mounts[i].source,
				     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		if (trees[i] < 0)
			child_fail(error_fd, STAGE_SOURCE, i);
	}
	for (size_t i = 0; i < x->n_mounts; i++)
		if (mount_one(&x->mounts[i], trees[i]))
			child_fail(error_fd, STAGE_MOUNT, i);
}

static int child_output(int out_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return -1;
	if (out_fd < 0)
		out_fd = null;
	return dup2(out_fd, STDOUT_FILENO) < 0 || dup2(out_fd, STDERR_FILENO) < 0 ? -1 : 0;
}

static int child_user(const struct native_exec *x)
{
	if (!x->has_user)
		return 0;
	return setgroups(x->n_groups, x->groups) || setgid(x->gid) || setuid(x->uid) ? -1 : 0;
}

__attribute__((noreturn)) static void child_main(const struct native_exec *x, int out_fd,
						 int join_fd, int go_fd, int error_fd, pid_t parent)
{
	ssize_t n;
	char go;

	do
		n = read(go_fd, &go, 1);
	while (n < 0 && errno == EINTR);
	/* Nothing to read means that the parent has died or changed its mind. */
	if (n != 1)
		_exit(127);
	reset_signals();
	if (setsid() < 0)
		child_fail(error_fd, STAGE_SESSION, 0);
	if (x->has_cpus && sched_setaffinity(0, sizeof(x->cpus), &x->cpus))
		child_fail(error_fd, STAGE_CPUS, 0);
	if (join_fd >= 0 && setns(join_fd, CLONE_NEWNS))
		child_fail(error_fd, STAGE_NAMESPACE, 0);
	if (join_fd < 0)
		child_mounts(x, error_fd);
	/* Before the limits: what cbpf has open is open here, too, and may be more than they allow. */
	if (child_output(out_fd))
		child_fail(error_fd, STAGE_OUTPUT, 0);
	fd_limit_restore();
	for (size_t i = 0; i < x->n_limits; i++)
		if (setrlimit(x->limits[i].resource, &x->limits[i].value))
			child_fail(error_fd, STAGE_LIMIT, i);
	if (child_user(x))
		child_fail(error_fd, STAGE_USER, 0);
	if (x->dir && chdir(x->dir))
		child_fail(error_fd, STAGE_DIR, 0);
	/* After the change of user, which would clear it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(127);
	/* Neither what cbpf itself was given to inherit; error_fd reports until the exec. */
	(void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC); /* 5.11 */
	environ = x->env.v; /* whose PATH is searched */
	execvp(x->argv.v[0], x->argv.v);
	child_fail(error_fd, STAGE_EXEC, 0);
}

static int join_fd_of(pid_t pid, struct err *err)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, -errno, "cannot open %s", path);
}

int native_child_fork(const struct native_exec *x, int out_fd, pid_t join_pid,
		      struct native_child *ret, struct err *err)
{
	cleanup_close int join_fd = join_pid ? join_fd_of(join_pid, err) : -1;
	int go[2], error[2];
	pid_t pid, parent = getpid();

	if (join_pid && join_fd < 0)
		return join_fd;
	if (x->n_mounts > MOUNTS_MAX)
		return err_say(err, -E2BIG, "more than %d volumes", MOUNTS_MAX);
	if (pipe2(go, O_CLOEXEC))
		return err_set(err, -errno, "cannot make a pipe");
	if (pipe2(error, O_CLOEXEC)) {
		int rc = -errno;

		close(go[0]);
		close(go[1]);
		return err_set(err, rc, "cannot make a pipe");
	}
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		close(error[0]);
		child_main(x, out_fd, join_fd, go[0], error[1], parent);
	}
	close(go[0]);
	close(error[1]);
	if (pid < 0) {
		int rc = -errno;

		close(go[1]);
		close(error[0]);
		return err_set(err, rc, "cannot start a process");
	}
	*ret = (struct native_child){ .pid = pid, .go_fd = go[1], .error_fd = error[0] };
	return 0;
}

static int tell(const struct failure *f, const struct native_exec *x, struct err *err)
{
	const struct native_mount *m = &x->mounts[f->index];
	int code = -f->code;

	switch (f->stage) {
	case STAGE_SESSION: return err_set(err, code, "cannot start a session");
	case STAGE_CPUS: return err_set(err, code, "cannot be bound to its cpus");
	case STAGE_NAMESPACE:
		return err_set(err, code,
			       "cannot have its own mounts for its volumes, which need root");
	case STAGE_SOURCE: return err_set(err, code, "cannot open the volume %s", m->source);
	case STAGE_MOUNT:
		return err_set(err, code, "cannot mount the volume %s on %s",
			       m->source ? m->source : "tmpfs", m->dest);
	case STAGE_LIMIT:
		return err_set(err, code, "cannot set the ulimit %s%s", x->limits[f->index].name,
			       code == -EPERM ? " (raising one needs CAP_SYS_RESOURCE)" : "");
	case STAGE_OUTPUT: return err_set(err, code, "cannot redirect its output");
	case STAGE_USER:
		return err_set(err, code, "cannot become user %u, group %u", x->uid, x->gid);
	case STAGE_DIR: return err_set(err, code, "cannot use the working directory %s", x->dir);
	case STAGE_EXEC: break;
	}
	if (code == -ENOENT && !strchr(x->argv.v[0], '/'))
		return err_say(err, code, "the program \"%s\" is not on PATH", x->argv.v[0]);
	return err_set(err, code, "cannot run the program \"%s\"", x->argv.v[0]);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int native_child_go(struct native_child *child, const struct native_exec *x, struct err *err)
{
	struct failure f;
	ssize_t n;

	(void)!write(child->go_fd, "", 1); /* a dead child shows at the next read */
	close(child->go_fd);
	do
		n = read(child->error_fd, &f, sizeof(f));
	while (n < 0 && errno == EINTR);
	close(child->error_fd);
	if (n != sizeof(f))
		return 0; /* closed by exec */
	reap(child->pid);
	return tell(&f, x, err);
}

void native_child_drop(struct native_child *child)
{
	close(child->go_fd);
	close(child->error_fd);
	reap(child->pid);
}
