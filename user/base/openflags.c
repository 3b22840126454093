// SPDX-License-Identifier: Apache-2.0
/* Flags of open files as bits that are the same on every machine, and their names. */
#include "base/openflags.h"

#include <fcntl.h>

#include "base/cleanup.h"

#define MODES 3

/* In a database: only add at the end. The first are ways to open, not flags. */
static const struct {
	const char *name;
	uint32_t flag; /* all of it has to be there */
	uint32_t beside; /* and none of this, which has it too */
} known[] = {
	{ "rdonly", 0, 0 },
	{ "wronly", 0, 0 },
	{ "rdwr", 0, 0 },
	{ "append", O_APPEND, 0 },
	{ "nonblock", O_NONBLOCK, 0 },
	/* O_SYNC has O_DSYNC; who tells flags of several opens leaves it out there. */
	{ "dsync", O_DSYNC, 0 },
	{ "sync", O_SYNC & ~O_DSYNC, 0 },
	{ "direct", O_DIRECT, 0 },
	{ "noatime", O_NOATIME, 0 },
	{ "directory", O_DIRECTORY, O_TMPFILE & ~O_DIRECTORY },
	{ "tmpfile", O_TMPFILE, 0 },
	{ "path", O_PATH, 0 },
};

uint32_t openflags_bits(uint32_t flags, uint32_t modes)
{
	uint32_t bits = modes & ((1u << MODES) - 1);

	for (size_t i = MODES; i < ARRAY_SIZE(known); i++)
		if ((flags & known[i].flag) == known[i].flag && !(flags & known[i].beside))
			bits |= 1u << i;
	return bits;
}

const char *openflags_name(size_t i)
{
	return i < ARRAY_SIZE(known) ? known[i].name : NULL;
}
