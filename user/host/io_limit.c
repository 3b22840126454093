// SPDX-License-Identifier: Apache-2.0
/* From io.max and blkio.throttle.* to limits per device. */
#include "host/io_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"

#define TEXT_MAX 8192

static struct io_limit *limit_of(struct io_limits *io, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < io->n; i++)
		if (io->v[i].major == major && io->v[i].minor == minor)
			return &io->v[i];
	if (io->n == IO_LIMITS_MAX) {
		io->more = true;
		return NULL;
	}
	io->v[io->n] = (struct io_limit){ .major = major, .minor = minor };
	return &io->v[io->n++];
}

static void keep_least(uint64_t *limit, uint64_t value)
{
	if (value && (!*limit || value < *limit))
		*limit = value;
}

/* A whole number and nothing else; 0: it is none, "max" say. */
static uint64_t number_of(const char *text)
{
	char *end;
	uint64_t value;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	return *end || errno ? 0 : value;
}

/* The device that a line begins with; the rest of the line is its value. */
static bool device_of(char *line, uint32_t *ret_major, uint32_t *ret_minor, char **ret_rest)
{
	int at = 0;

	if (sscanf(line, "%" SCNu32 ":%" SCNu32 " %n", ret_major, ret_minor, &at) != 2 || !at)
		return false;
	*ret_rest = line + at;
	return true;
}

void io_limits_parse_v2(const char *text, struct io_limits *io)
{
	static const char *const names[IO_LIMIT_KINDS] = {
		[IO_LIMIT_READ_BPS] = "rbps=",
		[IO_LIMIT_WRITE_BPS] = "wbps=",
		[IO_LIMIT_READ_IOPS] = "riops=",
		[IO_LIMIT_WRITE_IOPS] = "wiops=",
	};
	cleanup_free char *copy = strdup(text);
	char *lines = copy, *line, *rest, *word;
	uint32_t major, minor;

	while ((line = strsep(&lines, "\n"))) {
		struct io_limit *limit;

		if (!device_of(line, &major, &minor, &rest))
			continue;
		limit = limit_of(io, major, minor);
		while (limit && (word = strsep(&rest, " ")))
			for (size_t k = 0; k < IO_LIMIT_KINDS; k++)
				if (!strncmp(word, names[k], strlen(names[k])))
					keep_least(&limit->at_most[k],
						   number_of(word + strlen(names[k])));
	}
}

void io_limits_parse_v1(const char *text, enum io_limit_kind kind, struct io_limits *io)
{
	cleanup_free char *copy = strdup(text);
	char *lines = copy, *line, *rest;
	uint32_t major, minor;

	while ((line = strsep(&lines, "\n"))) {
		struct io_limit *limit =
			device_of(line, &major, &minor, &rest) ? limit_of(io, major, minor) : NULL;

		if (limit)
			keep_least(&limit->at_most[kind], number_of(rest));
	}
}

static int read_v1(const char *dir, struct io_limits *io)
{
	static const char *const files[IO_LIMIT_KINDS] = {
		[IO_LIMIT_READ_BPS] = "blkio.throttle.read_bps_device",
		[IO_LIMIT_WRITE_BPS] = "blkio.throttle.write_bps_device",
		[IO_LIMIT_READ_IOPS] = "blkio.throttle.read_iops_device",
		[IO_LIMIT_WRITE_IOPS] = "blkio.throttle.write_iops_device",
	};
	int rc = 0;

	for (size_t k = 0; !rc && k < IO_LIMIT_KINDS; k++) {
		cleanup_free char *path = fs_join(dir, files[k]);
		char text[TEXT_MAX];

		rc = path ? fs_read_at(AT_FDCWD, path, text, sizeof(text)) : -ENOMEM;
		if (!rc)
			io_limits_parse_v1(text, k, io);
	}
	return rc;
}

/* @dir and all above it, up to and without the mount point @top, whose cgroup has no limits. */
static int read_v2(const char *top, const char *dir, struct io_limits *io)
{
	char at[CGROUP_PATH];
	bool any = false;

	snprintf(at, sizeof(at), "%s", dir);
	while (strlen(at) > strlen(top)) {
		cleanup_free char *path = fs_join(at, "io.max");
		char text[TEXT_MAX], *slash = strrchr(at, '/');

		if (!path)
			return -ENOMEM;
		if (!fs_read_at(AT_FDCWD, path, text, sizeof(text))) {
			io_limits_parse_v2(text, io);
			any = true;
		}
		if (!slash)
			break;
		*slash = '\0';
	}
	return any ? 0 : -ENOENT;
}

int io_limits_read(const struct cgroup_layout *l, const struct cgroup_ref *ref,
		   struct io_limits *ret)
{
	*ret = (struct io_limits){ .v2 = l->io_on_v2 };
	if (l->io_on_v2)
		return ref->v2[0] ? read_v2(l->v2, ref->v2, ret) : -ENOENT;
	return ref->v1[CG_BLKIO][0] ? read_v1(ref->v1[CG_BLKIO], ret) : -ENOENT;
}
