/* SPDX-License-Identifier: Apache-2.0 */
/* A backend in memory that counts, fails and corrupts on demand. */
#ifndef CBPF_TESTS_IOR_FAKE_H
#define CBPF_TESTS_IOR_FAKE_H

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "ior/backend.h"

#define FAKE_BYTES 4096

struct fake {
	uint8_t data[FAKE_BYTES];
	int opens, writes, reads, syncs, closes;
	int fail_open, fail_at; /* the n-th transfer fails with -EIO; 0: none */
	bool fail_sync, fail_close;
	int flip_at; /* the n-th read has a wrong byte; 0: none */
};

static struct fake fake;

static inline int fake_open(const struct open_request *req, void **ret, struct err *err)
{
	(void)req;
	fake.opens++;
	if (fake.fail_open)
		return err_say(err, -ENOENT, "fake open");
	*ret = &fake;
	return 0;
}

static inline int fake_write(void *file, const void *data, size_t len, uint64_t at, struct err *err)
{
	(void)file;
	if (++fake.writes == fake.fail_at)
		return err_say(err, -EIO, "fake write");
	if (at + len <= FAKE_BYTES)
		memcpy(fake.data + at, data, len);
	return 0;
}

static inline int fake_read(void *file, void *data, size_t len, uint64_t at, struct err *err)
{
	(void)file;
	if (++fake.reads == fake.fail_at)
		return err_say(err, -EIO, "fake read");
	if (at + len <= FAKE_BYTES)
		memcpy(data, fake.data + at, len);
	if (fake.reads == fake.flip_at)
		((uint8_t *)data)[3] ^= 1;
	return 0;
}

static inline int fake_sync(void *file, struct err *err)
{
	(void)file;
	fake.syncs++;
	return fake.fail_sync ? err_say(err, -EIO, "fake sync") : 0;
}

static inline int fake_close(void *file, struct err *err)
{
	if (!file)
		return 0;
	fake.closes++;
	return fake.fail_close ? err_say(err, -EIO, "fake close") : 0;
}

static const struct backend backend_fake = {
	.name = "FAKE",
	.open = fake_open,
	.write = fake_write,
	.read = fake_read,
	.sync = fake_sync,
	.close = fake_close,
};

#endif
