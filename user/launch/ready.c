// SPDX-License-Identifier: Apache-2.0
/* Readiness by a command or by a port. */
#include "launch/ready.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "launch/runtime.h"
#include "plan/plan.h"

#define COMMAND_NS (2 * NSEC_PER_SEC)
#define PORT_NS (200 * NSEC_PER_MSEC)

static int connect_within(const struct sockaddr *addr, socklen_t len, uint64_t timeout_ns)
{
	cleanup_close int fd =
		socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0, n;
	socklen_t size = sizeof(error);

	if (fd < 0)
		return -errno;
	if (!connect(fd, addr, len))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	n = poll(&p, 1, timeout_ns / NSEC_PER_MSEC);
	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return -errno;
	return -error;
}

int ready_port(const char *address, uint16_t port, uint64_t timeout_ns)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return connect_within((struct sockaddr *)&v4, sizeof(v4), timeout_ns);
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		return connect_within((struct sockaddr *)&v6, sizeof(v6), timeout_ns);
	return -EINVAL;
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
	rc = ready_port(address, r->port, PORT_NS);
	if (rc == -EINTR)
		return err_say(err, rc, "interrupted");
	return rc ? err_say(err, -EAGAIN, "%s:%d does not accept connections: %s", address,
			    (int)r->port, strerror(-rc))
		  : 0;
}
