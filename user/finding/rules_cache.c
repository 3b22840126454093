// SPDX-License-Identifier: Apache-2.0
/* The page cache and what lies between a program and its disk. */
#include <math.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define MIB (1024.0 * 1024)
#define ENOUGH (16 * MIB) /* bytes below which a share of them says nothing */
#define PAGE 4096.0
#define FROM_DEVICES 0.5 /* of what was read, from which memory did not serve it */
#define LOST 0.5 /* of the bytes, from which O_DIRECT is lost */

#define MOVED                                                                                      \
	"SELECT layer, op, sum(bytes) FROM histogram WHERE " ROWS_OF_HOSTS " AND (layer = "        \
	"'vfs' OR layer = 'block_total' AND device NOT IN (SELECT dev FROM device WHERE "          \
	"stacked)) GROUP BY layer, op"

/* What the application moved: its own word, or what the file system calls say. NAN: unknown. */
static double application(const json_t *target, const char *op)
{
	char path[64];
	double own;

	snprintf(path, sizeof(path), "application.%s.bytes", op);
	own = number_at(target, path);
	if (!isnan(own))
		return own;
	snprintf(path, sizeof(path), "vfs.%s.bytes", op);
	return number_at(target, path);
}

/* Those of its ranks, wherever they ran. */
static double on_devices(const struct judging *j, const char *op)
{
	char path[64];
	double moved;

	if (!text_at(j->report, "backends.block"))
		return NAN;
	snprintf(path, sizeof(path), "block_total.%s.bytes", op);
	moved = over_hosts(j, path);
	return isnan(moved) ? 0 : moved; /* looked at, and nothing seen */
}

static void judge_cache_reads(struct judging *j)
{
	double app = application(j->target, "read"), disk = on_devices(j, "read");

	if (isnan(app) || isnan(disk)) {
		not_judged(j, isnan(disk) ? "the collector block"
					  : "what the tool or its calls read (collector vfs)");
		return;
	}
	/* What devices did is programs that were loaded, where the rest of it is not seen. */
	if (app < ENOUGH || share_over_hosts(j, "read", is_tmpfs) > 0.5 || is_unseen(j, "read") ||
	    disk >= j->at[0] * app)
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("application_read_bytes", app, "device_read_bytes", disk, NULL), MOVED,
	      "%.0f MiB were read, and devices moved %.0f MiB of them (%.1f %%): the rest "
	      "came from memory",
	      app / MIB, disk / MIB, disk / app * 100);
}

const struct finding_rule rule_cache_reads = {
	.id = "cache-reads",
	.severity = "warning",
	.title = "reads came from the page cache",
	.why = "The read bandwidth is that of memory, not of storage.",
	.advice =
		"drop caches before reading (before: {drop_caches: true}), use O_DIRECT (odirect: "
		"true), or read a file larger than the memory of the host",
	.thresholds = { { "ratio", 0.1, "ratio",
			  "read by devices / read by the application, below "
			  "which it is told" } },
	.judge = judge_cache_reads,
};

static bool is_reordered(const char *command)
{
	return has_option(command, "reorderTasks") || has_option(command, "reorderTasksConstant") ||
	       has_option(command, "reorderTasksRandom");
}

static void judge_reorder_noop(struct judging *j)
{
	const char *command = command_of(j->target);
	double tasks;

	if (!ran_ior(j->target, "read"))
		return;
	if (!command) {
		not_judged(j, "how IOR was called");
		return;
	}
	tasks = tasks_of(j->target);
	if (!is_reordered(command) || is_direct(j->target) || tasks < 2)
		return;
	/* What devices moved was in nobody's memory. */
	if (is_by_other_means(j, "read") ||
	    on_devices(j, "read") >= FROM_DEVICES * application(j->target, "read"))
		return;
	found(j, CONFIDENCE_HIGH, with_text(numbers("tasks", tasks, NULL), "command", command),
	      NULL,
	      "IOR was asked to have each rank read what another wrote, and all %.0f ranks share "
	      "the page cache of one host",
	      tasks);
}

const struct finding_rule rule_reorder_noop = {
	.id = "reorder-noop",
	.severity = "warning",
	.title = "reordering (-C, -Z) had no effect",
	.why = "It is to avoid reading what is still in the memory of who wrote it; containers of "
	       "a host share that memory.",
	.advice = "run the reads on another host, drop caches before them, or use O_DIRECT",
	.judge = judge_reorder_noop,
};

static void judge_not_persisted(struct judging *j)
{
	const char *command = command_of(j->target);
	double written = application(j->target, "write"), dirty = 0, most = NAN;
	const json_t *r;
	size_t i;

	if (!ran_ior(j->target, "write"))
		return;
	if (has_option(command, "fsync") || has_option(command, "fsyncPerWrite") ||
	    is_direct(j->target))
		return;
	if (ranks_elsewhere(j->target)) {
		not_judged(j, "the dirty memory of its ranks, which ran in other containers");
		return;
	}
	json_array_foreach(json_object_get(j->target, "results"), i, r) {
		double left = number_at(r, "dirty_at_end_bytes"), bytes = number_at(r, "bytes");

		if (!text_at(r, "op") || strcmp(text_at(r, "op"), "write") || isnan(left) ||
		    !(bytes > 0))
			continue;
		if (isnan(most) || left / bytes > most) {
			most = left / bytes;
			dirty = left;
			written = bytes;
		}
	}
	if (isnan(most)) {
		not_judged(j, "dirty memory at the end of writing (collector cgroup, and phases "
			      "of some ticks)");
		return;
	}
	if (most <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH, numbers("written_bytes", written, "dirty_bytes", dirty, NULL),
	      "SELECT seq, memory_dirty_bytes, memory_writeback_bytes FROM sample WHERE target = "
	      "?1",
	      "when IOR stopped its clock, %.0f MiB of the %.0f MiB that it wrote (%.0f %%) were "
	      "not on the device yet",
	      dirty / MIB, written / MIB, most * 100);
}

const struct finding_rule rule_not_persisted = {
	.id = "not-persisted",
	.severity = "warning",
	.title = "writes were not on the device when timing stopped",
	.why = "The write bandwidth is partly that of memory.",
	.advice = "let IOR call fsync before it stops its clock (fsync: true, -e)",
	.thresholds = { { "ratio", 0.1, "ratio",
			  "dirty / written when a phase ended, above which "
			  "it is told" } },
	.judge = judge_not_persisted,
};

/* A tool that asks for the alignment first, as cbpf-ior does, says it in words. NULL: none did. */
static const char *refusal(const json_t *target)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r) {
		const char *message = text_at(r, "message");

		if (message && strstr(message, "O_DIRECT") && strstr(message, "multiple of"))
			return message;
	}
	return NULL;
}

static void judge_odirect_align(struct judging *j)
{
	const char *refused = refusal(j->target);
	double reads = over_hosts(j, "vfs.read.errnos.EINVAL");
	double writes = over_hosts(j, "vfs.write.errnos.EINVAL");

	if (refused) {
		found(j, CONFIDENCE_HIGH, with_text(json_object(), "message", refused),
		      "SELECT op, status, message FROM result WHERE target = ?1", "%s", refused);
		return;
	}
	if (!is_direct(j->target))
		return;
	if (!any_host_has(j, "vfs")) {
		not_judged(j, "which calls failed (collector vfs)");
		return;
	}
	if (!(reads > 0) && !(writes > 0))
		return;
	reads = isnan(reads) ? 0 : reads;
	writes = isnan(writes) ? 0 : writes;
	found(j, CONFIDENCE_HIGH, numbers("reads", reads, "writes", writes, NULL),
	      "SELECT op, errno, count FROM vfs_error WHERE " ROWS_OF_HOSTS,
	      "%.0f reads and writes with O_DIRECT failed with EINVAL", reads + writes);
}

const struct finding_rule rule_odirect_align = {
	.id = "odirect-align",
	.severity = "error",
	.title = "O_DIRECT is misaligned",
	.why = "Such calls fail, and what was to be measured did not happen.",
	.advice = "choose a transfer size that is a multiple of what statx() tells as "
		  "stx_dio_offset_align, mostly 512 or 4096",
	.judge = judge_odirect_align,
};

/* Bytes that went through its page cache; NAN: nobody looked. */
static double cached_bytes(const struct judging *j)
{
	return (over_hosts(j, "pagecache.accessed_pages") +
		over_hosts(j, "pagecache.dirtied_pages")) *
	       PAGE;
}

static void judge_odirect_lost(struct judging *j)
{
	double moved = application(j->target, "write"), read = application(j->target, "read");
	double cached = cached_bytes(j);

	moved = (isnan(moved) ? 0 : moved) + (isnan(read) ? 0 : read);
	if (!is_direct(j->target) || moved < ENOUGH)
		return;
	if (isnan(cached)) {
		not_judged(j, "the collector pagecache");
		return;
	}
	if (cached < j->at[0] * moved)
		return;
	found(j, CONFIDENCE_HIGH, numbers("moved_bytes", moved, "cached_bytes", cached, NULL),
	      "SELECT target, max(pagecache_accessed), max(pagecache_dirtied) FROM sample "
	      "WHERE " ROWS_OF_HOSTS " GROUP BY target",
	      "%.0f MiB went through the page cache although O_DIRECT was asked for (%.0f MiB were "
	      "moved)",
	      cached / MIB, moved / MIB);
}

const struct finding_rule rule_odirect_lost = {
	.id = "odirect-lost",
	.severity = "warning",
	.title = "O_DIRECT was asked for, and the page cache was used",
	.why = "The file system took the flag and did not mean it: memory is measured.",
	.advice = "use another file system, or none in user space (FUSE) between",
	.thresholds = { { "ratio", LOST, "ratio",
			  "bytes through the cache / all, from which it is "
			  "told" } },
	.judge = judge_odirect_lost,
};

static void judge_compressible(struct judging *j)
{
	const char *command = command_of(j->target);
	double app = application(j->target, "write"), disk = on_devices(j, "write");

	if (!ran_ior(j->target, "write") || !command || has_option(command, "dataPacketType") ||
	    !(is_direct(j->target) || has_option(command, "fsync")) || app < ENOUGH)
		return;
	if (isnan(disk)) {
		not_judged(j, "the collector block");
		return;
	}
	/* What others wrote for it is not told as its own. */
	if (!is_direct(j->target) && any_host_has(j, "writeback"))
		disk = written_by_all(j->report);
	if (share_over_hosts(j, "write", is_tmpfs) > 0.5 || is_unseen(j, "write") ||
	    disk >= j->at[0] * app)
		return;
	/* O_DIRECT that was lost has a rule of its own. */
	if (is_direct(j->target) && cached_bytes(j) >= LOST * app)
		return;
	found(j, CONFIDENCE_MEDIUM,
	      numbers("application_write_bytes", app, "device_write_bytes", disk, NULL), MOVED,
	      "%.0f MiB were written and made durable, and devices got %.0f MiB (%.0f %%)",
	      app / MIB, disk / MIB, disk / app * 100);
}

const struct finding_rule rule_compressible = {
	.id = "compressible",
	.severity = "info",
	.title = "the data seems to be compressed or deduplicated on its way",
	.why = "IOR's default data is very regular: storage that compresses looks faster than it "
	       "is.",
	.advice = "use data that does not compress (data: random, -l random)",
	.thresholds = { { "ratio", 0.5, "ratio",
			  "device / application bytes, below which it is "
			  "told" } },
	.judge = judge_compressible,
};

/* Bytes of files on disks that the run's own containers made dirty, at most; NAN: nobody looked. */
static double dirtied(const struct judging *j)
{
	const json_t *t;
	double sum = NAN;
	size_t i;

	json_array_foreach(json_object_get(j->report, "targets"), i, t) {
		double pages = number_at(t, "pagecache.dirtied_pages");

		if (!text_at(t, "kind") || (strcmp(text_at(t, "kind"), "container") &&
					    strcmp(text_at(t, "kind"), "workload")))
			continue;
		if (isnan(pages))
			return NAN;
		sum = (isnan(sum) ? 0 : sum) + pages * PAGE;
	}
	return sum;
}

static void judge_wb_unowned(struct judging *j)
{
	double unowned = 0, own = dirtied(j);
	const json_t *t;
	size_t i;

	if (!text_at(j->report, "backends.block")) {
		not_judged(j, "the collector block");
		return;
	}
	json_array_foreach(json_object_get(j->report, "targets"), i, t) {
		const char *name = text_at(t, "name");
		double bytes = over_devices(t, "write", "bytes");

		if (name && !strcmp(name, "unattributed (writeback)") && !isnan(bytes))
			unowned += bytes;
	}
	/* Other programs' writes are nobody's as well. */
	if (unowned < j->at[0] || own < j->at[0])
		return;
	found(j, isnan(own) ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
	      numbers("bytes", unowned, "dirtied_bytes", own, NULL),
	      "SELECT t.name, sum(h.bytes) FROM histogram h JOIN target t ON t.id = h.target WHERE "
	      "h.layer = 'block_total' AND h.op = 'write' GROUP BY t.id",
	      "%.0f MiB of dirty pages were written back for nobody: the kernel does not keep who "
	      "dirtied them",
	      unowned / MIB);
}

const struct finding_rule rule_wb_unowned = {
	.id = "wb-unowned",
	.severity = "info",
	.title = "writeback is not attributed",
	.why = "Buffered writes of a container are nobody's on the device, and limits on it do not "
	       "hold them back.",
	.advice = "use cgroup v2 with the io and memory controllers and a file system with cgroup "
		  "writeback (ext4, xfs, btrfs), or O_DIRECT",
	.scope = FINDING_RUN,
	.thresholds = { { "bytes", ENOUGH, "bytes", "from which it is told" } },
	.judge = judge_wb_unowned,
};
