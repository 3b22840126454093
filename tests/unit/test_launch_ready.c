// SPDX-License-Identifier: Apache-2.0
/* Readiness by port and by command. No root. */
#include "launch/ready.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "launch/runtime.h"
#include "plan/plan.h"

static int listener(int family, uint16_t *ret_port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_storage got;
	socklen_t len = sizeof(got);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 ||
	    bind(fd, family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		 family == AF_INET ? sizeof(v4) : sizeof(v6)) ||
	    listen(fd, 1) || getsockname(fd, (struct sockaddr *)&got, &len))
		return -1;
	*ret_port = ntohs(family == AF_INET ? ((struct sockaddr_in *)&got)->sin_port
					    : ((struct sockaddr_in6 *)&got)->sin6_port);
	return fd;
}

static void test_port(void **state)
{
	uint16_t port = 0;
	int fd = listener(AF_INET, &port);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ready_port("127.0.0.1", port, NSEC_PER_SEC), 0);
	close(fd);
	assert_int_equal(ready_port("127.0.0.1", port, NSEC_PER_SEC), -ECONNREFUSED);
	assert_int_equal(ready_port("localhost", port, NSEC_PER_SEC), -EINVAL);
	fd = listener(AF_INET6, &port);
	if (fd < 0)
		return; /* a host without IPv6 */
	assert_int_equal(ready_port("::1", port, NSEC_PER_SEC), 0);
	close(fd);
}

/* What a server sends at once, in pieces of a byte or as a whole; then it hangs, or ends. */
static void serve(int fd, const char *text, bool bytes, bool ends)
{
	int c = accept(fd, NULL, NULL);

	for (const char *at = text; *at; at += bytes ? 1 : strlen(at)) {
		if (write(c, at, bytes ? 1 : strlen(at)) < 0)
			break;
		usleep(bytes ? 1000 : 0);
	}
	if (!ends)
		pause();
	_exit(0);
}

static void test_banner(void **state)
{
	static const struct {
		const char *label, *text;
		bool bytes, ends;
		int rc;
	} cases[] = {
		{ "what is asked for", "SSH-2.0-x\r\n", false, false, 0 },
		{ "no more than that", "SSH-", false, true, 0 },
		{ "bit by bit", "SSH-2.0-x\r\n", true, false, 0 },
		{ "something else", "220 mail\r\n", false, false, -EPROTO },
		{ "something else, after a like beginning", "SSL", true, false, -EPROTO },
		{ "nothing: a port that is taken, and nobody behind it", "", false, false,
		  -ETIMEDOUT },
		{ "a beginning only", "SS", false, false, -ETIMEDOUT },
		{ "an end before all was said", "SS", false, true, -ECONNRESET },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint16_t port = 0;
		int fd = listener(AF_INET, &port);
		pid_t pid;

		print_message("%s\n", cases[i].label);
		assert_true(fd >= 0);
		pid = fork();
		if (!pid)
			serve(fd, cases[i].text, cases[i].bytes, cases[i].ends);
		assert_int_equal(ready_banner("127.0.0.1", port, "SSH-",
					      cases[i].rc == -ETIMEDOUT ? NSEC_PER_SEC / 5
									: 10 * NSEC_PER_SEC),
				 cases[i].rc);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(fd);
	}
	assert_int_equal(ready_banner("127.0.0.1", 1, "SSH-", NSEC_PER_SEC), -ECONNREFUSED);
	assert_int_equal(ready_banner("here", 1, "SSH-", NSEC_PER_SEC), -EINVAL);
}

static int exec_rc, address_rc;
static uint64_t exec_bound_ns;

static int fake_exec(void *state, size_t i, char *const argv[], uint64_t timeout_ns,
		     struct err *err)
{
	(void)state;
	(void)i;
	assert_string_equal(argv[0], "probe");
	exec_bound_ns = timeout_ns;
	return exec_rc < 0 ? err_set(err, exec_rc, "exec") : exec_rc;
}

static int fake_address(void *state, size_t i, char *text, size_t size)
{
	(void)state;
	(void)i;
	snprintf(text, size, "127.0.0.1");
	return address_rc;
}

static const struct runtime runtime = { .exec = fake_exec, .address = fake_address };

static void test_command(void **state)
{
	static const struct {
		const char *label;
		int exec_rc, rc;
		const char *words;
	} cases[] = {
		{ "status 0 is ready", 0, 0, "" },
		{ "another status is not", 3, -EAGAIN, "exits with status 3" },
		{ "too slow is not", -ETIMEDOUT, -EAGAIN, "took longer than 2 s" },
		{ "one that cannot be run is not", -ENOENT, -EAGAIN, "cannot be run" },
		{ "a lost engine is told", -ENOTCONN, -ENOTCONN, "exec" },
		{ "an interruption is told", -EINTR, -EINTR, "exec" },
	};
	char *argv[] = { "probe", NULL };
	const struct spec_ready r = { .command = { argv, 1 }, .timeout_ns = 30 * NSEC_PER_SEC };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		exec_rc = cases[i].exec_rc;
		assert_int_equal(ready_check(&runtime, NULL, 0, &r, &err), cases[i].rc);
		assert_non_null(strstr(err.text, cases[i].words));
		assert_int_equal(exec_bound_ns, 2 * NSEC_PER_SEC);
	}
}

static void test_address(void **state)
{
	struct spec_ready r = { .port = 1, .timeout_ns = NSEC_PER_SEC };
	struct err err = { 0 };
	uint16_t port = 0;
	int fd = listener(AF_INET, &port);

	(void)state;
	r.port = port;
	assert_int_equal(ready_check(&runtime, NULL, 0, &r, &err), 0);
	close(fd);
	assert_int_equal(ready_check(&runtime, NULL, 0, &r, &err), -EAGAIN);
	assert_non_null(strstr(err.text, "does not accept connections"));
	address_rc = -ENOENT;
	assert_int_equal(ready_check(&runtime, NULL, 0, &r, &err), -EAGAIN);
	assert_non_null(strstr(err.text, "no address"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_banner),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
