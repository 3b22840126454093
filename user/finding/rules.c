// SPDX-License-Identifier: Apache-2.0
/* The table of all rules. */
#include "finding/rules.h"

const struct finding_rule *const finding_rules[] = {
	&rule_corruption,
	/* Is it storage that was measured? */
	&rule_cache_reads,
	&rule_not_persisted,
	&rule_tmpfs,
	&rule_writable_layer,
	&rule_copy_up,
	&rule_odirect_align,
	&rule_odirect_lost,
	&rule_compressible,
	&rule_reorder_noop,
	/* Can the numbers be trusted? */
	&rule_too_short,
	&rule_few_reps,
	&rule_warming,
	&rule_stonewall,
	&rule_straggler,
	&rule_imbalance,
	/* What held it back? */
	&rule_cpu_throttled,
	&rule_io_throttled,
	&rule_limit_idle,
	&rule_memory_reclaim,
	&rule_dirty_throttled,
	&rule_oversubscribed,
	&rule_noisy_neighbour,
	&rule_queue_wait,
	&rule_shared_file,
	&rule_shared_inode,
	&rule_llc,
	&rule_cma,
	&rule_shm,
	&rule_disk_full,
	&rule_io_pressure,
	&rule_saturated,
	&rule_starved,
	/* How did it use files? */
	&rule_fsync_bound,
	&rule_small_io,
	&rule_misaligned,
	&rule_random,
	&rule_metadata,
	&rule_split,
	/* What of the measurement itself? */
	&rule_wb_unowned,
	&rule_rmid,
	&rule_profiler_cost,
	NULL,
};
