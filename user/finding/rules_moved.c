// SPDX-License-Identifier: Apache-2.0
/* What is moved where no requests are seen. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "finding/judging.h"
#include "symbol/files_remote.h"

#define UNSEEN 0.1 /* of the bytes of an operation, from which devices tell nothing of it */

/* Is the file system on a device whose I/O the kernel counts, and the block layer has no requests of? */
static bool has_no_requests(const json_t *report, const json_t *mount, const char *op)
{
	const char *dev = text_at(mount, "dev");
	const json_t *d;
	char its[32];
	size_t i;

	json_array_foreach(json_object_get(report, "devices"), i, d) {
		json_int_t number = json_integer_value(json_object_get(d, "dev"));
		const json_t *moved = json_object_get(d, op);

		snprintf(its, sizeof(its), "%lld:%lld", number >> 20, number & 0xfffff);
		if (dev && !strcmp(dev, its))
			return number_at(moved, "bytes") == 0 &&
			       number_at(moved, "kernel_bytes") > 0;
	}
	return false;
}

/* A mount that much of @op went to, whose I/O is at no device that is seen; NULL: none. */
static const char *unseen(const struct judging *j, const char *op)
{
	const json_t *m;
	double all = 0, some = 0;
	const char *at = NULL;
	size_t i;

	json_array_foreach(json_object_get(j->target, "vfs_mounts"), i, m) {
		double bytes = number_at(json_object_get(json_object_get(m, "ops"), op), "bytes");
		const char *fs = text_at(m, "fs");

		if (isnan(bytes))
			continue;
		all += bytes;
		if (!(fs && remote_type(fs)) && !has_no_requests(j->report, m, op))
			continue;
		some += bytes;
		at = text_at(m, "mount") ? text_at(m, "mount") : fs;
	}
	return some > UNSEEN * all ? at : NULL;
}

bool is_unseen(struct judging *j, const char *op)
{
	const char *at = unseen(j, op);

	if (at)
		not_judged(j, "what moved behind %.128s: no requests of it are seen on this host",
			   at);
	return at != NULL;
}

double written_by_all(const json_t *report)
{
	const json_t *d;
	double sum = 0;
	size_t i;

	json_array_foreach(json_object_get(report, "devices"), i, d) {
		double bytes = number_at(d, "write.bytes");

		if (!isnan(bytes) && !json_is_true(json_object_get(d, "stacked")))
			sum += bytes;
	}
	return sum;
}
