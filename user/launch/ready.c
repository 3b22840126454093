// SPDX-License-Identifier: Apache-2.0
/* Readiness by a command or by a port. */
#include "launch/ready.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "launch/runtime.h"
#include "plan/plan.h"

#define COMMAND_NS (2 * NSEC_PER_SEC)
#define PORT_NS (200 * NSEC_PER_MSEC)

/* @fd is connected, or will be: 0 when it is by then. */
static int finish_connect(int fd, uint64_t timeout_ns)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0, n;

	n = poll(&p, 1, timeout_ns / NSEC_PER_MSEC);
	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return -errno;
	return -error;
}

/* A connected socket, which does not block, or a negative errno. */
static int connect_within(const char *address, uint16_t port, uint64_t timeout_ns)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	const struct sockaddr *addr = (struct sockaddr *)&v4;
	socklen_t len = sizeof(v4);
	int fd, rc;

	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
		addr = (struct sockaddr *)&v6;
		len = sizeof(v6);
	} else if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
		return -EINVAL;
	}
	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	rc = connect(fd, addr, len) ? -errno : 0;
	if (rc == -EINPROGRESS)
		rc = finish_connect(fd, timeout_ns);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int ready_port(const char *address, uint16_t port, uint64_t timeout_ns)
{
	cleanup_close int fd = connect_within(address, port, timeout_ns);

	return fd < 0 ? fd : 0;
}

int ready_banner(const char *address, uint16_t port, const char *banner, uint64_t timeout_ns)
{
	cleanup_close int fd = connect_within(address, port, timeout_ns);
	uint64_t end_ns = clock_mono_ns() + timeout_ns;
	size_t got = 0, want = strlen(banner);
	char text[256];

	if (fd < 0 || want > sizeof(text))
		return fd < 0 ? fd : -EINVAL;
	while (got < want) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now_ns = clock_mono_ns();
		ssize_t n;

		if (now_ns >= end_ns)
			return -ETIMEDOUT;
		if (poll(&p, 1, (end_ns - now_ns) / NSEC_PER_MSEC + 1) < 0)
			return -errno;
		n = recv(fd, text + got, want - got, 0);
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n == 0)
			return -ECONNRESET; /* it ended before it said all */
		got += n > 0 ? (size_t)n : 0;
		if (memcmp(text, banner, got) != 0)
			return -EPROTO;
	}
	return 0;
}

static int check_command(const struct runtime *runtime, void *state, size_t i,
			 const struct spec_ready *r, struct err *err)
{
	uint64_t bound_ns = r->timeout_ns < COMMAND_NS ? r->timeout_ns : COMMAND_NS;
	int rc = runtime->exec(state, i, r->command.v, bound_ns, err);

	if (rc == 0 || rc == -EINTR || rc == -ENOTCONN)
		return rc;
	if (rc == -ETIMEDOUT)
		return err_say(err, -EAGAIN, "its readiness command \"%s\" took longer than %g s",
			       r->command.v[0], bound_ns / 1e9);
	if (rc > 0)
		return err_say(err, -EAGAIN, "its readiness command \"%s\" exits with status %d",
			       r->command.v[0], rc);
	err_wrap(err, "its readiness command cannot be run");
	return err->code = -EAGAIN;
}

int ready_check(const struct runtime *runtime, void *state, size_t i, const struct spec_ready *r,
		struct err *err)
{
	char address[64];
	int rc;

	if (r->command.n)
		return check_command(runtime, state, i, r, err);
	rc = runtime->address(state, i, address, sizeof(address));
	if (rc)
		return err_set(err, -EAGAIN, "it has no address to try port %d on", (int)r->port);
	rc = r->banner ? ready_banner(address, r->port, r->banner, PORT_NS)
		       : ready_port(address, r->port, PORT_NS);
	if (rc == -EINTR)
		return err_say(err, rc, "interrupted");
	if (rc == -EPROTO)
		return err_say(err, -EAGAIN, "what answers at %s:%d does not begin with \"%s\"",
			       address, (int)r->port, r->banner);
	return rc ? err_say(err, -EAGAIN, "%s:%d does not accept connections: %s", address,
			    (int)r->port, strerror(-rc))
		  : 0;
}
