// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/net/dev. */
#include "host/netdev.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Receive: bytes packets errs drop fifo frame compressed multicast; transmit: bytes packets ... */
enum field { RX_BYTES, RX_PACKETS, TX_BYTES = 8, TX_PACKETS, FIELDS };

static bool numbers(const char *at, const char *end, uint64_t v[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		char *stop;

		at += strspn(at, " ");
		if (at >= end || !isdigit((unsigned char)*at))
			return false;
		errno = 0;
		v[i] = strtoull(at, &stop, 10);
		if (errno)
			return false;
		at = stop;
	}
	return true;
}

int netdev_parse(const char *text, struct netdev_totals *ret)
{
	struct netdev_totals sum = { 0 };
	const char *line = text, *end;
	int headers = 0;

	for (; *line; line = end + 1) {
		const char *colon, *name = line + strspn(line, " ");
		uint64_t v[FIELDS];

		end = strchr(line, '\n');
		if (!end)
			return -EBADMSG;
		if (memchr(line, '|', end - line)) {
			headers++;
			continue;
		}
		/* Names may hold colons (aliases): the last one ends the name. */
		colon = memrchr(line, ':', end - line);
		if (!headers || !colon || !numbers(colon + 1, end, v))
			return -EBADMSG;
		if (colon - name == 2 && !strncmp(name, "lo", 2))
			continue;
		sum.rx_bytes += v[RX_BYTES];
		sum.rx_packets += v[RX_PACKETS];
		sum.tx_bytes += v[TX_BYTES];
		sum.tx_packets += v[TX_PACKETS];
	}
	if (!headers)
		return -EBADMSG;
	*ret = sum;
	return 0;
}

int netdev_shared_with(pid_t pid)
{
	struct stat mine, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	if (stat(path, &its) || stat("/proc/self/ns/net", &mine))
		return -errno;
	return its.st_ino == mine.st_ino && its.st_dev == mine.st_dev;
}

int netdev_open(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/net/dev", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
