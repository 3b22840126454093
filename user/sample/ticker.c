// SPDX-License-Identifier: Apache-2.0
/* The tick: an absolute timerfd, so that no error adds up. */
#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "sample/sampler.h"

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
}

int ticker_open(struct ticker *t, uint64_t interval_ns, struct err *err)
{
	struct itimerspec when;
	int fd;

	if (!interval_ns)
		return err_set(err, -EINVAL, "a tick every 0 ns");
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "timerfd_create");
	*t = (struct ticker){
		.fd = fd,
		.interval_ns = interval_ns,
		.first_ns = clock_mono_ns() + interval_ns,
	};
	when.it_value = timespec_of(t->first_ns);
	when.it_interval = timespec_of(interval_ns);
	if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL)) {
		int rc = err_set(err, -errno, "timerfd_settime");

		ticker_close(t);
		return rc;
	}
	return 0;
}

int ticker_wait(struct ticker *t, uint64_t *ret_due_ns)
{
	uint64_t passed;
	ssize_t n = read(t->fd, &passed, sizeof(passed));

	if (n < 0)
		return -errno;
	/* The newest tick is the one being handled; those before it were missed. */
	t->seq += passed;
	t->overruns += passed - 1;
	*ret_due_ns = t->first_ns + (t->seq - 1) * t->interval_ns;
	return 0;
}

void ticker_close(struct ticker *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}
