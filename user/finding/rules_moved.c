// SPDX-License-Identifier: Apache-2.0
/* What is moved where no requests are seen. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "finding/judging.h"
#include "symbol/files_remote.h"

#define MIB (1024.0 * 1024)
#define UNSEEN 0.1 /* of the bytes of an operation, from which devices tell nothing of it */
#define CALLED 0.5 /* of what a tool moved, by calls that are seen: with less it has other ways */

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
	const json_t *t, *m;
	double all = 0, some = 0;
	const char *where = NULL;
	size_t i;

	for (size_t at = 0; (t = next_host(j, &at));) {
		json_array_foreach(json_object_get(t, "vfs_mounts"), i, m) {
			const json_t *moved = json_object_get(json_object_get(m, "ops"), op);
			double bytes = number_at(moved, "bytes");
			const char *fs = text_at(m, "fs");

			if (isnan(bytes))
				continue;
			all += bytes;
			if (!(fs && remote_type(fs)) && !has_no_requests(j->report, m, op))
				continue;
			some += bytes;
			where = text_at(m, "mount") ? text_at(m, "mount") : fs;
		}
	}
	return some > UNSEEN * all ? where : NULL;
}

/* Bytes of @op by calls, requests of io_uring and copies; NAN: nobody looked. */
static double called(const struct judging *j, const char *op)
{
	static const char *const ways[] = { "", "uring_" };
	double sum = over_hosts(j, "vfs.copy.bytes");
	char path[64];

	if (!text_at(j->report, "backends.vfs") && !any_host_has(j, "vfs"))
		return NAN;
	sum = isnan(sum) ? 0 : sum;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		double bytes;

		snprintf(path, sizeof(path), "vfs.%s%s.bytes", ways[i], op);
		bytes = over_hosts(j, path);
		sum += isnan(bytes) ? 0 : bytes;
	}
	return sum;
}

bool is_by_other_means(struct judging *j, const char *op)
{
	char path[64];
	double own, calls = called(j, op);

	snprintf(path, sizeof(path), "application.%s.bytes", op);
	own = number_at(j->target, path);
	if (isnan(own) || isnan(calls) || calls >= CALLED * own)
		return false;
	not_judged(j, "the tool's own way to %s (calls that are seen moved %.3g of %.3g MiB)", op,
		   calls / MIB, own / MIB);
	return true;
}

bool is_unseen(struct judging *j, const char *op)
{
	const char *where;

	if (is_by_other_means(j, op))
		return true;
	where = unseen(j, op);
	if (where)
		not_judged(j, "what moved behind %.128s: no requests of it are seen on this host",
			   where);
	return where != NULL;
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
