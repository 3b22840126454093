// SPDX-License-Identifier: Apache-2.0
/* A process aside has nothing of ours, answers, and is left when it does not end. */
#include "base/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static int given = 41;

/* Its number and what it sees of our descriptors, until nobody asks. */
static void answer(void *arg)
{
	char byte;

	while (recv(ASIDE_SOCK, &byte, 1, 0) == 1) {
		int told[2] = { *(int *)arg + 1, 0 };

		for (int fd = ASIDE_SOCK + 1; fd < 64; fd++)
			told[1] += fcntl(fd, F_GETFD) >= 0;
		(void)send(ASIDE_SOCK, told, sizeof(told), MSG_NOSIGNAL);
	}
}

/* It was killed; one whose CPU is taken may be there for a moment longer. */
static void is_no_more(pid_t pid)
{
	for (int i = 0; i < 1000 && !kill(pid, 0); i++) {
		waitpid(pid, NULL, WNOHANG);
		usleep(10000);
	}
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void test_answers(void **state)
{
	int told[2], sock, fds[2];
	uint64_t cpu_ns = UINT64_MAX, rss = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(aside_start("aside-test", SOCK_SEQPACKET, answer, &given, &sock, &pid), 0);
	given = 7; /* it has the memory of then */
	assert_int_equal(send(sock, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(recv(sock, told, sizeof(told), 0), sizeof(told));
	assert_int_equal(told[0], 42);
	assert_int_equal(told[1], 0);
	/* What ends us does not end it. */
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(send(sock, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(recv(sock, told, sizeof(told), 0), sizeof(told));
	aside_cost(pid, &cpu_ns, &rss);
	assert_true(cpu_ns < UINT64_MAX);
	assert_true(rss > 0);
	aside_end(sock, pid);
	is_no_more(pid);
	close(fds[0]);
	close(fds[1]);
}

static void hang(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}

static void test_hangs(void **state)
{
	int sock;
	pid_t pid;

	(void)state;
	assert_int_equal(aside_start("aside-test", SOCK_STREAM, hang, NULL, &sock, &pid), 0);
	aside_end(sock, pid);
	is_no_more(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
