// SPDX-License-Identifier: Apache-2.0
/* What this process has cost so far. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/fs.h"
#include "sample/sampler.h"

static uint64_t timeval_ns(const struct timeval *tv)
{
	return tv->tv_sec * NSEC_PER_SEC + tv->tv_usec * NSEC_PER_USEC;
}

void self_cost_read(struct self_cost *ret)
{
	char text[4096];
	const char *hwm = NULL;
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	ret->cpu_ns = timeval_ns(&ru.ru_utime) + timeval_ns(&ru.ru_stime);
	/* ru_maxrss remembers what ran here before exec: VmHWM is this program's own. */
	if (!fs_read_at(AT_FDCWD, "/proc/self/status", text, sizeof(text)))
		hwm = strstr(text, "\nVmHWM:");
	ret->rss_max_bytes = 1024ull * (hwm ? strtoull(hwm + strlen("\nVmHWM:"), NULL, 10)
					    : (unsigned long long)ru.ru_maxrss);
}
