// SPDX-License-Identifier: Apache-2.0
/* Held, let go, dropped; and every failure before the exec told in words. No root. */
#include "launch/native_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/fs.h"

static char out[64];

static int setup(void **state)
{
	(void)state;
	strcpy(out, "/tmp/cbpf-test-XXXXXX");
	close(mkstemp(out));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(out);
}

static struct native_exec exec_of(const char *command)
{
	struct native_exec x = { 0 };

	str_list_add(&x.env, "PATH=/usr/bin:/bin");
	str_list_add(&x.env, "GREETING=hello");
	if (command) {
		str_list_add(&x.argv, "sh");
		str_list_add(&x.argv, "-c");
		str_list_add(&x.argv, command);
	}
	return x;
}

/* Runs it to its end: the status of the shell, or the failure to start it. */
static int run(const struct native_exec *x, struct err *err)
{
	cleanup_close int fd = open(out, O_WRONLY | O_TRUNC | O_APPEND | O_CLOEXEC);
	struct native_child child;
	int status, rc = native_child_fork(x, fd, 0, &child, err);

	if (!rc)
		rc = native_child_go(&child, x, err);
	if (rc)
		return rc;
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	return native_exit_code(status);
}

static void test_run(void **state)
{
	static const struct {
		const char *label, *command, *output;
		int code;
	} cases[] = {
		{ "output and errors go to the log", "echo a; echo b >&2", "a\nb", 0 },
		{ "an exit status is itself", "exit 7", "", 7 },
		{ "a signal is 128 + N", "kill -9 $$", "", 137 },
		{ "stdin is empty", "cat; echo done", "done", 0 },
		{ "the environment is the given one", "echo $GREETING ${HOME-none}", "hello none",
		  0 },
		{ "it leads its own session and group",
		  "set -- $(cat /proc/$$/stat); [ $5 = $1 ] && [ $6 = $1 ] && echo own", "own", 0 },
		{ "no signal is blocked or ignored",
		  "exec grep -cE 'Sig(Blk|Ign):.0*$' /proc/self/status", "2", 0 },
		{ "no descriptor but the three is open",
		  "for i in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$i ] || echo $i; done", "", 0 },
		{ "nor more of them allowed than cbpf itself was", "ulimit -Sn", "200", 0 },
	};
	struct rlimit files;
	sigset_t set;
	int many[220];

	(void)state;
	/* Things of the parent that must not be inherited. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = 200;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	fd_limit_raise(100);
	/* More than the child may have. */
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(many[i] >= 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct native_exec x = exec_of(cases[i].command);
		struct err err = { 0 };
		char text[256];

		print_message("%s\n", cases[i].label);
		assert_int_equal(run(&x, &err), cases[i].code);
		assert_int_equal(fs_read_at(AT_FDCWD, out, text, sizeof(text)), 0);
		assert_string_equal(text, cases[i].output);
		native_exec_fini(&x);
	}
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		close(many[i]);
}

static void test_settings(void **state)
{
	struct native_exec x = exec_of("pwd; ulimit -n; grep Cpus_allowed_list /proc/$$/status");
	struct native_limit limit = { .name = "nofile", .resource = RLIMIT_NOFILE };
	struct err err = { 0 };
	cpu_set_t mine;
	int first = 0;
	char text[256], want[64];

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	while (!CPU_ISSET(first, &mine))
		first++;
	CPU_ZERO(&x.cpus);
	CPU_SET(first, &x.cpus);
	x.has_cpus = true;
	x.dir = strdup("/proc");
	limit.value.rlim_cur = limit.value.rlim_max = 100;
	x.limits = &limit;
	x.n_limits = 1;
	assert_int_equal(run(&x, &err), 0);
	assert_int_equal(fs_read_at(AT_FDCWD, out, text, sizeof(text)), 0);
	snprintf(want, sizeof(want), "/proc\n100\nCpus_allowed_list:\t%d", first);
	assert_string_equal(text, want);
	x.limits = NULL;
	x.n_limits = 0;
	native_exec_fini(&x);
}

static void test_failures(void **state)
{
	struct native_exec x = exec_of(NULL);
	struct err err = { 0 };

	(void)state;
	str_list_add(&x.argv, "no-such-program");
	assert_int_equal(run(&x, &err), -ENOENT);
	assert_string_equal(err.text, "the program \"no-such-program\" is not on PATH");
	native_exec_fini(&x);

	x = exec_of(NULL);
	str_list_add(&x.argv, "/etc/passwd");
	assert_int_equal(run(&x, &err), -EACCES);
	assert_non_null(strstr(err.text, "cannot run the program \"/etc/passwd\""));
	native_exec_fini(&x);

	x = exec_of("true");
	x.dir = strdup("/no/such/dir");
	assert_int_equal(run(&x, &err), -ENOENT);
	assert_non_null(strstr(err.text, "the working directory /no/such/dir"));
	native_exec_fini(&x);

	x = exec_of("true");
	x.n_limits = 1;
	x.limits = calloc(1, sizeof(*x.limits));
	x.limits[0] = (struct native_limit){ strdup("nofile"), RLIMIT_NOFILE, { 2, 1 } };
	assert_int_equal(run(&x, &err), -EINVAL);
	assert_non_null(strstr(err.text, "the ulimit nofile"));
	native_exec_fini(&x);
}

static void test_held_and_dropped(void **state)
{
	struct native_exec x = exec_of("echo ran");
	struct native_child child;
	struct err err = { 0 };
	char text[64];

	(void)state;
	assert_int_equal(native_child_fork(&x, -1, 0, &child, &err), 0);
	assert_int_equal(kill(child.pid, 0), 0);
	native_child_drop(&child);
	assert_int_equal(kill(child.pid, 0), -1);
	assert_int_equal(fs_read_at(AT_FDCWD, out, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_true(native_child_fork(&x, -1, 1 << 30, &child, &err) < 0);
	native_exec_fini(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_held_and_dropped, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
