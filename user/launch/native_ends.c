// SPDX-License-Identifier: Apache-2.0
/* An epoll over pidfds. */
#include "launch/native_ends.h"

#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

int native_ends_open(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

int native_ends_add(int *ends, pid_t pid)
{
	struct epoll_event in = { .events = EPOLLIN };
	int fd;

	if (*ends < 0)
		return -1;
	fd = pidfd_open(pid, 0);
	if (fd >= 0 && !epoll_ctl(*ends, EPOLL_CTL_ADD, fd, &in))
		return fd;
	native_ends_drop(&fd);
	native_ends_drop(ends);
	return -1;
}

void native_ends_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
