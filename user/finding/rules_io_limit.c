// SPDX-License-Identifier: Apache-2.0
/* Limits of block I/O: those that were reached, and those that did not hold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define MIB (1024.0 * 1024)
#define ABOVE 1.2 /* of a limit: it does not hold */
#define ENOUGH_BYTES (4 * MIB) /* written, below which nothing is said */

/* Of one limit of a device: what it is, and what was reached of it. */
struct kind {
	const char *key, *reached, *unit;
	bool bytes;
};

static const struct kind kinds[] = {
	{ "read_bps", "read_bps_reached", "MiB/s read", true },
	{ "write_bps", "write_bps_reached", "MiB/s written", true },
	{ "read_iops", "read_iops_reached", "reads/s", false },
	{ "write_iops", "write_iops_reached", "writes/s", false },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

#define LIMIT_ROWS                                                                                 \
	"SELECT d.name, l.* FROM io_limit l LEFT JOIN device d ON d.dev = l.device WHERE "         \
	"l.target = ?1"

static double shown(const struct kind *k, double rate)
{
	return k->bytes ? rate / MIB : rate;
}

static void tell_reached(struct judging *j, const json_t *limit, const struct kind *k)
{
	double at_most = number_at(limit, k->key), rate = number_at(limit, k->reached);
	const char *device = text_at(limit, "device");

	if (isnan(at_most) || isnan(rate) || rate < at_most * (1 - j->at[0]) ||
	    rate > at_most * ABOVE)
		return;
	found(j, CONFIDENCE_HIGH,
	      with_text(with_text(numbers("limit", at_most, "reached", rate, NULL), "kind", k->key),
			"device", device),
	      LIMIT_ROWS, "it reached %.4g of the %.4g %s that its limit on %s allows",
	      shown(k, rate), shown(k, at_most), k->unit, device);
}

bool io_limit_reached(const json_t *target, double distance)
{
	const json_t *limit;
	size_t i;

	json_array_foreach(json_object_get(target, "io_limits"), i, limit)
		for (size_t k = 0; k < KINDS; k++)
			if (number_at(limit, kinds[k].reached) >=
			    number_at(limit, kinds[k].key) * (1 - distance))
				return true;
	return false;
}

static bool has_block(struct judging *j)
{
	if (text_at(j->report, "backends.block"))
		return true;
	not_judged(j, "the collector block");
	return false;
}

static void judge_io_throttled(struct judging *j)
{
	const json_t *limit, *limits = json_object_get(j->target, "io_limits");
	size_t i;

	if (!json_array_size(limits) || !has_block(j))
		return;
	json_array_foreach(limits, i, limit)
		for (size_t k = 0; k < KINDS; k++)
			tell_reached(j, limit, &kinds[k]);
}

const struct finding_rule rule_io_throttled = {
	.id = "io-throttled",
	.severity = "warning",
	.title = "a limit of its I/O was reached",
	.why = "The limit is measured, not the device.",
	.advice = "raise the limit (io:, docker update --device-write-bps), or leave it out",
	.thresholds = { { "distance", 0.05, "ratio",
			  "from the limit, within which the rate has reached it" } },
	.judge = judge_io_throttled,
};

/* Bytes that it wrote to file systems on disks; NAN: nobody looked. */
static double written_to_disks(const json_t *target)
{
	const json_t *m;
	double sum = 0;
	size_t i;

	if (!json_object_get(target, "vfs"))
		return NAN;
	json_array_foreach(json_object_get(target, "vfs_mounts"), i, m) {
		const char *fs = text_at(m, "fs");
		double bytes = number_at(m, "ops.write.bytes");

		if (!isnan(bytes) && fs && strcmp(fs, "tmpfs") != 0)
			sum += bytes;
	}
	return sum;
}

/* Version 1 knows a write's cgroup only where the writer itself hands it to the device. */
static void judge_buffered(struct judging *j, const json_t *limit)
{
	double bps = number_at(limit, "write_bps"), iops = number_at(limit, "write_iops");
	double written = written_to_disks(j->target);
	double own = over_devices(j->target, "write", "bytes");

	if (number_at(limit, "version") != 1 || (isnan(bps) && isnan(iops)))
		return;
	if (isnan(written)) {
		not_judged(j, "the collector vfs");
		return;
	}
	own = isnan(own) ? 0 : own;
	if (written < ENOUGH_BYTES || own >= written * j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      with_text(numbers("written_bytes", written, "own_device_bytes", own, "write_bps", bps,
				"write_iops", iops, NULL),
			"device", text_at(limit, "device")),
	      LIMIT_ROWS,
	      "of %.4g MiB that it wrote, %.4g MiB were written to devices in its name: cgroup v1 "
	      "does "
	      "not limit what the kernel writes back later",
	      written / MIB, own / MIB);
}

static void judge_exceeded(struct judging *j, const json_t *limit)
{
	const char *device = text_at(limit, "device");

	for (size_t k = 0; k < KINDS; k++) {
		double at_most = number_at(limit, kinds[k].key);
		double rate = number_at(limit, kinds[k].reached);

		if (isnan(at_most) || isnan(rate) || rate <= at_most * ABOVE)
			continue;
		found(j, CONFIDENCE_MEDIUM,
		      with_text(with_text(numbers("limit", at_most, "reached", rate, NULL), "kind",
					  kinds[k].key),
				"device", device),
		      LIMIT_ROWS, "it had %.4g %s on %s, where its limit is %.4g",
		      shown(&kinds[k], rate), kinds[k].unit, device, shown(&kinds[k], at_most));
	}
}

static void judge_limit_idle(struct judging *j)
{
	const json_t *limit, *limits = json_object_get(j->target, "io_limits");
	size_t i;

	if (!json_array_size(limits) || !has_block(j))
		return;
	json_array_foreach(limits, i, limit) {
		judge_buffered(j, limit);
		judge_exceeded(j, limit);
	}
}

const struct finding_rule rule_limit_idle = {
	.id = "limit-idle",
	.severity = "warning",
	.title = "a limit of its I/O did not apply",
	.why = "It is not held back as the spec says, and others are not protected from it.",
	.advice = "use cgroup v2 (a host booted with systemd.unified_cgroup_hierarchy=1), or "
		  "O_DIRECT",
	.thresholds = { { "own", 0.5, "ratio",
			  "of what it wrote, written in its name, below which the limit is "
			  "idle" } },
	.judge = judge_limit_idle,
};
