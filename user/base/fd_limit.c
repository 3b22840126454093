// SPDX-License-Identifier: Apache-2.0
/* The soft limit of descriptors, raised and put back. */
#include "base/fd_limit.h"

#include <stdbool.h>
#include <sys/resource.h>

static struct rlimit before;
static bool raised;

void fd_limit_raise(size_t more)
{
	struct rlimit now, then;

	if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_cur == RLIM_INFINITY)
		return;
	then = now;
	if (__builtin_add_overflow(now.rlim_cur, more, &then.rlim_cur) ||
	    then.rlim_cur > now.rlim_max)
		then.rlim_cur = now.rlim_max;
	if (then.rlim_cur == now.rlim_cur || setrlimit(RLIMIT_NOFILE, &then))
		return;
	if (!raised)
		before = now;
	raised = true;
}

void fd_limit_restore(void)
{
	if (raised)
		(void)setrlimit(RLIMIT_NOFILE, &before); /* lower than what is: allowed to all */
}
