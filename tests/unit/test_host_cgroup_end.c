// SPDX-License-Identifier: Apache-2.0
/* Killing what cgroup.procs lists, children included. No root. */
#include "host/cgroup.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"

static char dir[64];
static struct cgroup_ref ref;

static int setup(void **state)
{
	char path[256];

	(void)state;
	strcpy(dir, "/tmp/cbpf-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/child/grandchild", dir);
	ref = (struct cgroup_ref){ 0 };
	snprintf(ref.v1[CG_PIDS], CGROUP_PATH, "%s", dir);
	return fs_mkdirs(path, 0700);
}

static int teardown(void **state)
{
	(void)state;
	return access(dir, F_OK) ? 0 : fs_remove_tree(dir);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

/* A process plays the kernel: it empties the list of the processes that were killed. */
static void test_kill(void **state)
{
	char path[256], text[32];
	pid_t pid = sleeper();
	pid_t kernel;
	int status;

	(void)state;
	snprintf(path, sizeof(path), "%s/child/grandchild/cgroup.procs", dir);
	snprintf(text, sizeof(text), "%d\n", pid);
	assert_int_equal(fs_create_at(-1, path, text, strlen(text)), 0);
	kernel = fork();
	if (kernel == 0) {
		while (!kill(pid, 0))
			usleep(1000);
		_exit(fs_create_at(-1, path, "", 0) ? 1 : 0);
	}
	/* Reap the victim as soon as it dies, so that the kernel's player sees it go. */
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(cgroup_kill(&ref), 0);
	signal(SIGCHLD, SIG_DFL);
	(void)waitpid(kernel, &status, 0);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(fs_remove_tree(path), 0);
	assert_int_equal(cgroup_remove(&ref), 0);
	assert_int_not_equal(access(dir, F_OK), 0);
}

static void test_gone(void **state)
{
	struct cgroup_ref none = { 0 };

	(void)state;
	snprintf(none.v2, CGROUP_PATH, "%s/never", dir);
	assert_int_equal(cgroup_kill(&none), 0);
	assert_int_equal(cgroup_remove(&none), 0);
	assert_int_equal(cgroup_kill(&ref), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
