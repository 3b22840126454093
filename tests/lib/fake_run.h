/* SPDX-License-Identifier: Apache-2.0 */
/* A run whose numbers are all known: written through the store as a real one is. */
#ifndef CBPF_TESTS_FAKE_RUN_H
#define CBPF_TESTS_FAKE_RUN_H

#include <limits.h>
#include <stdint.h>

#include "store/store.h"

enum fake_owner { FAKE_VICTIM, FAKE_NEIGHBOUR, FAKE_UNATTRIBUTED, FAKE_CRON, FAKE_OWNERS };

#define FAKE_ID "20260102T030405-demo-00aa"
#define FAKE_VDA (253u << 20)
#define FAKE_LOOP (7u << 20)
#define FAKE_TICKS 5 /* 0 is the baseline, 4 the last sweep; requests complete in 1 to 3 */
#define FAKE_BUSY_TICKS 3
#define FAKE_INTERVAL_NS 100000000ull
#define FAKE_MONO_NS 1000000000000ull
#define FAKE_WALL_NS 1767323045000000000ll /* since the epoch, at FAKE_MONO_NS */
/* What the kernel counted and no owner did. */
#define FAKE_RESIDUAL_BYTES 8192
#define FAKE_DISK_BUSY_NS 48000000ull /* of each device in each busy tick, as the probe saw it */

/* Who did what in each busy tick. */
struct fake_load {
	enum fake_owner owner;
	uint32_t dev;
	uint8_t op; /* read, write, flush */
	uint64_t ios, bytes_each, errors;
};
extern const struct fake_load fake_loads[];
extern const size_t fake_n_loads;

/* Of what a target did in each busy tick, what has no latency; of which load. */
struct fake_access {
	size_t load;
	uint64_t consecutive, forward, requeues, merges, splits, asked;
};
extern const struct fake_access fake_accesses[];
extern const size_t fake_n_accesses;

/* What requests of one lost to another on vda in each busy tick. */
struct fake_loss {
	enum fake_owner victim, aggressor;
	uint64_t ns;
};
extern const struct fake_loss fake_lost[];
extern const size_t fake_n_lost;

/* Time that an owner's requests were in a device within a busy tick, summed. */
uint64_t fake_depth_ns(enum fake_owner owner, uint32_t dev, uint64_t tick);
/* Its part of the busy time of that tick. */
uint64_t fake_share_ns(enum fake_owner owner, uint32_t dev, uint64_t tick);
extern const uint32_t fake_max_depth[FAKE_OWNERS]; /* on every device */

/* Stacks of both targets; all samples are told apart. */
extern const struct store_profile fake_profile;

/* Latency of request @i of a load within a tick, in a layer of times; queue + device = total. */
uint64_t fake_latency(size_t load, uint64_t tick, uint64_t i, enum hist_layer layer);

struct fake_run {
	char root[256]; /* temporary, below TMPDIR; the store is root/runs */
	char store_dir[264];
	char dir[PATH_MAX]; /* of the run */
	struct store *store; /* open for writing until fake_run_end() */
	struct frame frame;
	struct owner_table *owners;
};

/* A store with one run of two targets that has begun. Fails the test when it cannot. */
void fake_run_begin(struct fake_run *r, const char *victim_name);
void fake_run_tick(struct fake_run *r, uint64_t seq);
/* Results, losses, verdicts and the finish. */
void fake_run_end(struct fake_run *r, const char *status);
/* As the end does it: files and stacks. */
void fake_run_put_whole(struct fake_run *r);
/* All of it, closed. */
void fake_run_make(struct fake_run *r, const char *victim_name);
/* Open the one run for reading. */
struct store *fake_run_open(struct fake_run *r);
void fake_run_fini(struct fake_run *r); /* removes everything */

#endif
