/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule by name; rules.c has them in order. */
#ifndef CBPF_FINDING_RULES_H
#define CBPF_FINDING_RULES_H

#include "finding/finding.h"

extern const struct finding_rule rule_cache_reads, rule_reorder_noop, rule_not_persisted,
	rule_copy_up, rule_writable_layer, rule_tmpfs, rule_odirect_align, rule_odirect_lost,
	rule_compressible, rule_wb_unowned;
extern const struct finding_rule rule_too_short, rule_few_reps, rule_warming, rule_stonewall,
	rule_straggler, rule_imbalance;
extern const struct finding_rule rule_cpu_throttled, rule_memory_reclaim, rule_dirty_throttled,
	rule_io_pressure, rule_oversubscribed, rule_cma, rule_shm;
extern const struct finding_rule rule_noisy_neighbour, rule_queue_wait, rule_saturated,
	rule_starved, rule_split;
extern const struct finding_rule rule_fsync_bound, rule_small_io, rule_misaligned, rule_random,
	rule_metadata, rule_shared_file, rule_shared_inode;
extern const struct finding_rule rule_io_throttled, rule_limit_idle;
extern const struct finding_rule rule_disk_full, rule_corruption, rule_profiler_cost, rule_rmid,
	rule_llc;

#endif
