// SPDX-License-Identifier: Apache-2.0
/* Where files are: on layers of an image, or in memory. */
#include <math.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define ENOUGH (1024.0 * 1024) /* bytes that were copied up, below which nothing is said */
#define PAGE 4096.0

static bool is_writable_layer(const json_t *mount)
{
	const char *at = text_at(mount, "mount");

	return at && !strcmp(at, "/") && is_fs(mount, "overlay");
}

static bool is_overlay(const json_t *mount)
{
	return is_fs(mount, "overlay");
}

/* Pages that were made dirty and are more than what it wrote: the kernel copied them. NAN: unknown. */
static double copied_bytes(const struct judging *j)
{
	double pages = over_hosts(j, "pagecache.dirtied_pages");
	double wrote = over_hosts(j, "vfs.write.bytes");

	wrote = isnan(wrote) ? 0 : wrote;
	return pages * PAGE > wrote || isnan(pages) ? pages * PAGE - wrote : 0;
}

static void judge_copy_up(struct judging *j)
{
	double on_overlay = share_over_hosts(j, "write", is_overlay), worst = 0, open_s = 0;
	double copied = copied_bytes(j);
	const json_t *r;
	size_t i;

	if (!ran_ior(j->target, "write"))
		return;
	if (isnan(on_overlay)) {
		not_judged(j, "which mounts were written to (collector vfs)");
		return;
	}
	if (on_overlay < 0.5)
		return;
	json_array_foreach(json_object_get(j->target, "results"), i, r) {
		double open = number_at(r, "open_s"), total = number_at(r, "total_s");

		if (open > 0 && total > 0 && open / total > worst) {
			worst = open / total;
			open_s = open;
		}
	}
	/* A phase that is over at once consists of opening, too. */
	if (worst <= j->at[0] || copied < ENOUGH)
		return;
	found(j, isnan(copied) ? CONFIDENCE_LOW : CONFIDENCE_HIGH,
	      numbers("open_s", open_s, "open_ratio", worst, "on_overlay_ratio", on_overlay,
		      "copied_bytes", copied, NULL),
	      "SELECT op, iteration, open_s, total_s FROM result WHERE target = ?1",
	      "opening files on an overlay took %.3g s, %.0f %% of a phase: files of a lower layer "
	      "are copied up when they are opened to be written",
	      open_s, worst * 100);
}

const struct finding_rule rule_copy_up = {
	.id = "copy-up",
	.severity = "warning",
	.title = "overlay copy-up is inside the timing",
	.why = "Copying a file of the image is counted as opening it.",
	.advice = "put the test files on a volume or a bind mount",
	.thresholds = { { "ratio", 0.5, "ratio",
			  "opening / whole phase, above which it is told" } },
	.judge = judge_copy_up,
};

static void judge_writable_layer(struct judging *j)
{
	double share = share_on(j->target, "write", is_writable_layer);

	if (!json_object_get(j->target, "vfs")) {
		not_judged(j, "which mounts were written to (collector vfs)");
		return;
	}
	if (isnan(share) || share <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH, numbers("ratio", share, NULL),
	      "SELECT m.at, m.fs, sum(h.bytes) FROM histogram h JOIN mount m ON m.id = h.device "
	      "WHERE h.layer = 'vfs' AND h.op = 'write' AND h.target = ?1 GROUP BY m.id",
	      "%.0f %% of what it wrote went to the container's own writable layer", share * 100);
}

const struct finding_rule rule_writable_layer = {
	.id = "writable-layer",
	.severity = "warning",
	.title = "files are on the container's writable layer",
	.why = "The storage driver of the engine is measured with the disk, and the files go with "
	       "the container.",
	.advice = "give the container a volume or a bind mount, and write there",
	.thresholds = { { "ratio", 0.1, "ratio",
			  "bytes written there / all, above which it is "
			  "told" } },
	.judge = judge_writable_layer,
};

static void judge_tmpfs(struct judging *j)
{
	double wrote = share_on(j->target, "write", is_tmpfs);
	double read = share_on(j->target, "read", is_tmpfs);
	double share = isnan(wrote) || read > wrote ? read : wrote;

	if (!json_object_get(j->target, "vfs")) {
		not_judged(j, "which mounts were used (collector vfs)");
		return;
	}
	if (isnan(share) || share <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH, numbers("ratio", share, NULL),
	      "SELECT m.at, h.op, sum(h.bytes) FROM histogram h JOIN mount m ON m.id = h.device "
	      "WHERE h.layer = 'vfs' AND m.fs = 'tmpfs' AND h.target = ?1 GROUP BY m.id, h.op",
	      "%.0f %% of what it moved was on tmpfs, which is memory", share * 100);
}

const struct finding_rule rule_tmpfs = {
	.id = "tmpfs",
	.severity = "warning",
	.title = "the target is memory",
	.why = "No storage is measured.",
	.advice = "use a path on a disk (df -T PATH tells)",
	.thresholds = { { "ratio", 0.5, "ratio", "bytes on tmpfs / all, above which it is told" } },
	.judge = judge_tmpfs,
};
