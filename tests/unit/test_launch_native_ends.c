// SPDX-License-Identifier: Apache-2.0
/* Ends are told as long as nobody has waited for them, and only when all can be. */
#include "launch/native_ends.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static bool readable(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1 && p.revents & POLLIN;
}

static pid_t child(void)
{
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	return pid;
}

static void an_end_is_told_until_it_is_waited_for(void **state)
{
	int ends = native_ends_open(), fd[2];
	pid_t pid[2] = { child(), child() };

	(void)state;
	assert_true(ends >= 0);
	for (int i = 0; i < 2; i++) {
		fd[i] = native_ends_add(&ends, pid[i]);
		assert_true(fd[i] >= 0);
	}
	assert_false(readable(ends, 0));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kill(pid[i], SIGKILL), 0);
		assert_true(readable(ends, 10000));
		assert_true(readable(ends, 0)); /* still */
		assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
		native_ends_drop(&fd[i]);
		assert_int_equal(fd[i], -1);
		assert_false(readable(ends, 0));
	}
	native_ends_drop(&ends);
	assert_int_equal(ends, -1);
}

static void what_would_not_tell_all_tells_nothing(void **state)
{
	int ends = native_ends_open();
	pid_t pid = child();

	(void)state;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(native_ends_add(&ends, pid), -1); /* there is no such process */
	assert_int_equal(ends, -1);
	assert_int_equal(native_ends_add(&ends, getpid()), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_is_told_until_it_is_waited_for),
		cmocka_unit_test(what_would_not_tell_all_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
