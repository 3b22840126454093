// SPDX-License-Identifier: Apache-2.0
/* Reading /proc/diskstats lines. */
#include "host/diskstats.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define SECTOR 512ull /* the unit of /proc/diskstats, whatever the device's */

/* After the name; kernels before 4.18 have no discards, before 5.5 no flushes. */
enum field {
	F_READ_IOS,
	F_READ_SECTORS = 2,
	F_WRITE_IOS = 4,
	F_WRITE_SECTORS = 6,
	F_BUSY_MS = 9,
	F_DISCARD_IOS = 11,
	F_DISCARD_SECTORS = 13,
	F_FLUSH_IOS = 15,
	F_COUNT = 17,
	F_MIN = 11,
};

static bool number(const char **at, uint64_t *ret)
{
	const char *p = *at + strspn(*at, " ");
	uint64_t v = 0;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	*at = p;
	*ret = v;
	return true;
}

int diskstats_next(const char **at, struct diskstats *ret)
{
	const char *p = *at, *end = p + strcspn(p, "\n");
	struct diskstats d = { 0 };
	uint64_t maj, min, v[F_COUNT] = { 0 };
	size_t len, n = 0;

	if (!*p)
		return -ENODATA;
	*at = *end ? end + 1 : end;
	if (!*end || !number(&p, &maj) || !number(&p, &min) || maj > UINT32_MAX || min > UINT32_MAX)
		return 0;
	p += strspn(p, " ");
	len = strcspn(p, " \n");
	if (!len || len >= sizeof(d.name))
		return 0;
	memcpy(d.name, p, len);
	p += len;
	while (n < F_COUNT && number(&p, &v[n]))
		n++;
	if (n < F_MIN)
		return 0;
	/* A hidden path of an NVMe namespace; several would share the number. */
	if (!maj && !min)
		return 0;
	d.major = maj;
	d.minor = min;
	d.read_ios = v[F_READ_IOS];
	d.read_bytes = v[F_READ_SECTORS] * SECTOR;
	d.write_ios = v[F_WRITE_IOS];
	d.write_bytes = v[F_WRITE_SECTORS] * SECTOR;
	d.busy_ns = v[F_BUSY_MS] * 1000000;
	d.discard_ios = v[F_DISCARD_IOS];
	d.discard_bytes = v[F_DISCARD_SECTORS] * SECTOR;
	d.flush_ios = v[F_FLUSH_IOS];
	*ret = d;
	return 1;
}
