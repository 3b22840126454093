// SPDX-License-Identifier: Apache-2.0
/* How files are used: sizes, order, syncing, sharing, metadata. Thresholds (D) are Drishti's. */
#include <math.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define NSEC 1e9
#define MIB (1024.0 * 1024)

static const char *const moving[] = { "read", "write" };

static bool has_vfs(struct judging *j)
{
	if (json_object_get(j->target, "vfs"))
		return true;
	not_judged(j, "the collector vfs");
	return false;
}

static const json_t *vfs_op(const struct judging *j, const char *op)
{
	return json_object_get(json_object_get(j->target, "vfs"), op);
}

/* Time of all calls but faults. */
static double all_calls_ns(const struct judging *j)
{
	double sum = 0;
	const char *op;
	json_t *o;

	json_object_foreach((json_t *)json_object_get(j->target, "vfs"), op, o) {
		double ns = number_at(o, "latency_ns.sum");

		if (!isnan(ns))
			sum += ns;
	}
	return sum;
}

static void judge_fsync_bound(struct judging *j)
{
	double ns = number_at(vfs_op(j, "fsync"), "latency_ns.sum"), all;

	if (!has_vfs(j) || isnan(ns))
		return;
	all = all_calls_ns(j);
	if (ns / all <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("fsync_s", ns / NSEC, "all_s", all / NSEC, "calls",
		      number_at(vfs_op(j, "fsync"), "calls"), NULL),
	      "SELECT op, sum(ios), sum(sum) FROM histogram WHERE layer = 'vfs' AND target = ?1 "
	      "GROUP BY op",
	      "fsync took %.3g s, %.0f %% of the time of all its file system calls", ns / NSEC,
	      ns / all * 100);
}

const struct finding_rule rule_fsync_bound = {
	.id = "fsync-bound",
	.severity = "info",
	.title = "time goes to fsync",
	.why = "Durability is what is measured: the device's flushes and the journal.",
	.advice = "intended? IOR's -Y syncs after each write, and twice with POSIX; -e once at the "
		  "end",
	.thresholds = { { "ratio", 0.3, "ratio", "fsync / all calls, above which it is told" } },
	.judge = judge_fsync_bound,
};

/* Calls of less than a MiB, by Darshan's size classes. */
static double small_calls(const json_t *op, double *ret_all)
{
	static const char *const small[] = { "0_100", "100_1K", "1K_10K", "10K_100K", "100K_1M" };
	const json_t *sizes = value_at(op, "size_bytes.darshan");
	double n = 0;

	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		double of = number_at(sizes, small[i]);

		n += isnan(of) ? 0 : of;
	}
	*ret_all = number_at(op, "size_bytes.count");
	return n;
}

static void judge_small_io(struct judging *j)
{
	if (!has_vfs(j))
		return;
	for (size_t i = 0; i < 2; i++) {
		double all, small = small_calls(vfs_op(j, moving[i]), &all);

		if (!(all > 0) || small <= j->at[1] || small / all <= j->at[0])
			continue;
		found(j, CONFIDENCE_HIGH,
		      with_text(numbers("small", small, "calls", all, "p50_bytes",
					number_at(vfs_op(j, moving[i]), "size_bytes.p50"), NULL),
				"op", moving[i]),
		      "SELECT op, sum(count), max(p50) FROM histogram WHERE layer = 'vfs_size' AND "
		      "target = ?1 GROUP BY op",
		      "%.0f of %.0f %ss (%.0f %%) moved less than 1 MiB", small, all, moving[i],
		      small / all * 100);
	}
}

const struct finding_rule rule_small_io = {
	.id = "small-io",
	.severity = "info",
	.title = "requests are small",
	.why = "Each call costs its overhead, and many small ones bound bandwidth.",
	.advice = "intended? Otherwise a larger transfer size (transfer, -t)",
	.thresholds = { { "ratio", 0.1, "ratio", "below 1 MiB / all (D), above which it is told" },
			{ "calls", 1000, "calls", "below 1 MiB (D), more of which are told" } },
	.judge = judge_small_io,
};

#define BLOCK 4096

static void judge_misaligned(struct judging *j)
{
	const json_t *r;
	size_t i;

	if (!ran_ior(j->target, NULL))
		return;
	json_array_foreach(json_object_get(j->target, "results"), i, r) {
		double transfer = number_at(r, "xfer_kib") * 1024;
		double block = number_at(r, "block_kib") * 1024;

		if (isnan(transfer) ||
		    (fmod(transfer, BLOCK) == 0 && (isnan(block) || fmod(block, BLOCK) == 0)))
			continue;
		found(j, CONFIDENCE_HIGH,
		      numbers("transfer_bytes", transfer, "block_bytes", block, NULL),
		      "SELECT op, xfer_kib, block_kib FROM result WHERE target = ?1",
		      "transfers of %.0f bytes in blocks of %.0f bytes do not begin and end where "
		      "pages do",
		      transfer, block);
		return; /* one example says it */
	}
}

const struct finding_rule rule_misaligned = {
	.id = "misaligned",
	.severity = "info",
	.title = "requests are misaligned",
	.why = "Pages are read to be written in part, and ranks share pages.",
	.advice =
		"intended (IO500 hard)? Otherwise a transfer and block size that are multiples of "
		"4096",
	.judge = judge_misaligned,
};

/* Ranks that each go through a file in order meet on the device in no order. */
static bool only_interleaved(const json_t *target)
{
	const char *command = command_of(target);
	double tasks = tasks_of(target);

	return ran_ior(target, NULL) && command && tasks > 1 &&
	       !has_option(command, "randomOffset");
}

static void judge_random(struct judging *j)
{
	if (!text_at(j->report, "backends.block")) {
		not_judged(j, "the collector block");
		return;
	}
	if (only_interleaved(workload_of(j)))
		return;
	for (size_t i = 0; i < 2; i++) {
		double ios = over_devices(j->target, moving[i], "ios");
		double behind = over_devices(j->target, moving[i], "consecutive") +
				over_devices(j->target, moving[i], "forward");
		double back = over_devices(j->target, moving[i], "backward");

		if (!(ios > 0) || isnan(back) || back <= j->at[1] ||
		    back / (behind + back) <= j->at[0])
			continue;
		found(j, CONFIDENCE_MEDIUM,
		      with_text(numbers("backward", back, "ios", ios, NULL), "op", moving[i]),
		      "SELECT op, sum(consecutive), sum(forward), sum(backward) FROM block WHERE "
		      "target = ?1 GROUP BY op",
		      "%.0f of %.0f %s requests (%.0f %%) began before the end of the one before",
		      back, ios, moving[i], back / (behind + back) * 100);
	}
}

const struct finding_rule rule_random = {
	.id = "random",
	.severity = "info",
	.title = "access is random",
	.why = "Readahead and merging do not help it, and disks that turn must seek.",
	.advice = "intended (-z)? Several programs on one device look random to it as well",
	.thresholds = { { "ratio", 0.2, "ratio", "backwards / all (D), above which it is told" },
			{ "requests", 1000, "requests", "backwards (D), more of which are told" } },
	.judge = judge_random,
};

static void judge_metadata(struct judging *j)
{
	double open = number_at(vfs_op(j, "open"), "latency_ns.sum");
	double close = number_at(vfs_op(j, "close"), "latency_ns.sum"), all, some;

	if (!has_vfs(j))
		return;
	some = (isnan(open) ? 0 : open) + (isnan(close) ? 0 : close);
	all = all_calls_ns(j);
	if (all < j->at[1] * NSEC || some / all <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("open_s", open / NSEC, "close_s", close / NSEC, "all_s", all / NSEC, NULL),
	      "SELECT op, sum(ios), sum(sum) FROM histogram WHERE layer = 'vfs' AND target = ?1 "
	      "GROUP BY op",
	      "opening and closing files took %.3g s, %.0f %% of the time of its calls",
	      some / NSEC, some / all * 100);
}

const struct finding_rule rule_metadata = {
	.id = "metadata",
	.severity = "info",
	.title = "it is heavy on metadata",
	.why = "Names and inodes are what is measured, not data.",
	.advice = "fewer and larger files; mdtest measures metadata for itself",
	.thresholds = { { "ratio", 0.2, "ratio",
			  "open and close / all calls, above which it is "
			  "told" },
			{ "seconds", 0.1, "s", "of all calls, from which it is judged" } },
	.judge = judge_metadata,
};

static void judge_shared_file(struct judging *j)
{
	const char *command = command_of(j->target);
	double waited = over_hosts(j, "sched.inode_lock_sum_ns");
	double writing = over_hosts(j, "vfs.write.latency_ns.sum");

	if (!ran_ior(j->target, "write") || has_option(command, "filePerProc"))
		return;
	if (isnan(waited) || isnan(writing)) {
		not_judged(j, "the collectors sched and vfs");
		return;
	}
	if (!(writing > 0) || waited / writing <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("inode_lock_s", waited / NSEC, "writing_s", writing / NSEC, NULL),
	      "SELECT op, sum(inode_ns), sum(ns) FROM call_time WHERE " ROWS_OF_HOSTS
	      " GROUP BY op",
	      "its tasks waited %.3g s for the lock of a file that others had, %.0f %% of the time "
	      "of their writes",
	      waited / NSEC, waited / writing * 100);
}

const struct finding_rule rule_shared_file = {
	.id = "shared-file",
	.severity = "warning",
	.title = "ranks contend for one file",
	.why = "Most file systems let one write to a file at a time.",
	.advice = "a file for each rank (file_per_process: true, -F), collective I/O, or O_DIRECT "
		  "where the file system lets those write at once",
	.thresholds = { { "ratio", 0.1, "ratio", "waiting / writing, above which it is told" } },
	.judge = judge_shared_file,
};

/* Another target that wrote the same file, if there is one. */
static const char *also_wrote(const struct judging *j, const json_t *file)
{
	const json_t *t, *f;
	size_t i, k;

	json_array_foreach(json_object_get(j->report, "targets"), i, t) {
		if (t == j->target)
			continue;
		json_array_foreach(json_object_get(t, "files"), k, f) {
			if (json_equal(json_object_get(f, "dev"), json_object_get(file, "dev")) &&
			    json_equal(json_object_get(f, "inode"),
				       json_object_get(file, "inode")) &&
			    json_equal(json_object_get(f, "generation"),
				       json_object_get(file, "generation")) &&
			    number_at(f, "write_bytes") > 0)
				return text_at(t, "name");
		}
	}
	return NULL;
}

static void judge_shared_inode(struct judging *j)
{
	const json_t *files = json_object_get(j->target, "files"), *f;
	size_t i;

	if (!files) {
		not_judged(j, "which files were used (collectors.vfs.files)");
		return;
	}
	json_array_foreach(files, i, f) {
		const char *other = number_at(f, "write_bytes") > 0 ? also_wrote(j, f) : NULL;

		if (!other)
			continue;
		found(j, CONFIDENCE_HIGH,
		      with_text(with_text(numbers("write_bytes", number_at(f, "write_bytes"), NULL),
					  "path", text_at(f, "path")),
				"other", other),
		      "SELECT target, path, write_bytes FROM file WHERE write_bytes > 0",
		      "%s was written by %s as well: who is charged for its writeback is whoever "
		      "dirtied most of it lately",
		      text_at(f, "path") ? text_at(f, "path") : "a file", other);
		return; /* one example says it */
	}
}

const struct finding_rule rule_shared_inode = {
	.id = "shared-inode",
	.severity = "warning",
	.title = "several targets dirty one file",
	.why = "The kernel charges the writeback of a file to one cgroup at a time.",
	.advice = "a file for each (-F)",
	.judge = judge_shared_inode,
};
