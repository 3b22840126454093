// SPDX-License-Identifier: Apache-2.0
/* POSIX.1-1988's ustar: a header of 512 bytes before each file, all in octal text. */
#include "launch/tar.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define BLOCK 512

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char linkname[100], magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8];
	char prefix[155], pad[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

#define PUT_OCTAL(field, value)                                                                    \
	snprintf(field, sizeof(field), "%0*lo", (int)sizeof(field) - 1, (unsigned long)(value))

/* The sum of all bytes, its own counted as blanks. */
static void put_checksum(struct header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	unsigned int sum = 0;

	memset(h->checksum, ' ', sizeof(h->checksum));
	for (size_t i = 0; i < sizeof(*h); i++)
		sum += bytes[i];
	snprintf(h->checksum, sizeof(h->checksum), "%06o", sum);
}

static int pad(struct buf *tar, size_t len)
{
	static const char zeros[BLOCK];

	return len % BLOCK ? buf_put(tar, zeros, BLOCK - len % BLOCK) : 0;
}

int tar_add(struct buf *tar, const struct tar_entry *e)
{
	struct header h = { .magic = "ustar", .version = { '0', '0' } };
	size_t len = strlen(e->path);
	int rc;

	if (!len || len >= sizeof(h.name))
		return len ? -ENAMETOOLONG : -EINVAL;
	memcpy(h.name, e->path, len);
	h.type = e->path[len - 1] == '/' ? '5' : '0';
	PUT_OCTAL(h.mode, e->mode & 07777);
	PUT_OCTAL(h.uid, e->uid & 07777777);
	PUT_OCTAL(h.gid, e->gid & 07777777);
	PUT_OCTAL(h.size, e->len);
	PUT_OCTAL(h.mtime, 0);
	put_checksum(&h);
	rc = buf_put(tar, &h, sizeof(h));
	if (!rc && e->len)
		rc = buf_put(tar, e->data, e->len);
	return rc ? rc : pad(tar, e->len);
}

int tar_end(struct buf *tar)
{
	static const char zeros[2 * BLOCK];

	return buf_put(tar, zeros, sizeof(zeros));
}
