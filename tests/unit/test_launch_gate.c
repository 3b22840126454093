// SPDX-License-Identifier: Apache-2.0
/* Phases of a script wait at their gates. Real shells, no root. */
#include "launch/gate.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "plan/plan.h"
#include "scratch.h"
#include "unit.h"

static char dir[64];

/* The script of a write and a read by @program, which is given the words of IOR. */
static pid_t start(const char *program)
{
	struct spec_ior ior = { .write = FLAG_UNSET,
				.read = FLAG_UNSET,
				.verify_write = FLAG_UNSET,
				.verify_read = FLAG_UNSET,
				.repetitions = 1 };
	struct plan_ior how = { .binary = program };
	struct str_list argv = { 0 };
	struct err err = { 0 };
	pid_t pid;

	for (uint64_t *n = &ior.transfer; n <= &ior.ranks; n++)
		*n = OPTION_UNSET;
	ior.stonewall_s = ior.delay_s = OPTION_UNSET;
	assert_int_equal(gates_make(dir, 2, &err), 0);
	assert_int_equal(gates_script(&ior, &how, dir, dir, &argv, &err), 0);
	pid = fork();
	if (!pid) {
		(void)!freopen("/dev/null", "w", stderr);
		execv(argv.v[0], argv.v);
		_exit(126);
	}
	str_list_fini(&argv);
	return pid;
}

/* It comes to gate @k sooner or later. */
static int wait_at(size_t k)
{
	int fd;

	while ((fd = gate_try(dir, k)) == -EAGAIN)
		clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
	assert_true(fd >= 0);
	return fd;
}

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	gates_remove(dir, 2);
	return rmdir(dir); /* nothing else is left */
}

static void nobody_waits_at_first(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(gates_make(dir, 2, &err), 0);
	assert_int_equal(gate_try(dir, 0), -EAGAIN);
	assert_int_equal(gate_try(dir, 2), -ENOENT);
	assert_int_equal(gates_make(dir, 1, &err), -EEXIST);
	assert_int_equal(gates_make("/proc/no", 1, &err), -ENOENT);
}

static void phases_go_one_by_one(void **state)
{
	pid_t pid = start("true");
	int fd = wait_at(0);

	(void)state;
	assert_int_equal(gate_try(dir, 1), -EAGAIN);
	gate_say(fd, "go");
	fd = wait_at(1);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	gate_say(fd, "go");
	assert_int_equal(status_of(pid), 0);
}

static void the_first_failure_ends_it(void **state)
{
	pid_t pid = start("false");

	(void)state;
	gate_say(wait_at(0), "go");
	assert_int_equal(status_of(pid), 1);
	assert_int_equal(gate_try(dir, 1), -EAGAIN);
}

static void it_can_be_told_to_stop_at_a_gate(void **state)
{
	pid_t pid = start("true");

	(void)state;
	gate_say(wait_at(0), "go");
	gate_say(wait_at(1), "stop");
	assert_int_equal(status_of(pid), 143);
}

static void who_is_gone_is_not_waited_for(void **state)
{
	pid_t pid = start("true");
	int fd = wait_at(0);

	(void)state;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	gate_say(fd, "go"); /* SIGPIPE would end this test */
}

static void a_signal_reaches_the_program(void **state)
{
	char script[128];
	pid_t pid;

	(void)state;
	/* Says that it runs by making a file, and ends with 7 when told to. */
	scratch_write(dir, "program",
		      "#!/bin/sh\ntrap 'exit 7' TERM\n: > \"${0%/*}/runs\"\nwhile :; do sleep "
		      "0.01; done\n");
	snprintf(script, sizeof(script), "%s/program", dir);
	assert_int_equal(chmod(script, 0755), 0);
	pid = start(script);
	gate_say(wait_at(0), "go");
	snprintf(script, sizeof(script), "%s/runs", dir);
	while (access(script, F_OK))
		clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
	kill(pid, SIGTERM);
	assert_int_equal(status_of(pid), 7);
	unlink(script);
	snprintf(script, sizeof(script), "%s/program", dir);
	unlink(script);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_waits_at_first),	     TEST(phases_go_one_by_one),
		TEST(the_first_failure_ends_it),     TEST(it_can_be_told_to_stop_at_a_gate),
		TEST(who_is_gone_is_not_waited_for), TEST(a_signal_reaches_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
