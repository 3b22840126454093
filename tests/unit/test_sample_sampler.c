// SPDX-License-Identifier: Apache-2.0
/* Sweeps: order of collectors, clean failure to open, and no allocation. */
#include "sample/sampler.h"

#include <errno.h>
#include <linux/types.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "fake_block.h"
#include "launch/target.h"
#include "probe/perf.h"
#include "sample/owner.h"
#include "scratch.h"
#include "unit.h"

/* glibc's own names for the allocator: what the wrappers below hand on to. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static _Thread_local int allocations;

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	allocations++;
	return __libc_realloc(p, size);
}

size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows)
{
	*ret_rows = p->rows;
	return p->n_rows;
}

void block_probe_losses(struct block_probe *p, struct losses *l)
{
	(void)p;
	loss_set(l, "block.start_missing", 3, "requests that were under way before");
}

size_t perf_probe_events(const struct perf_probe *p)
{
	(void)p;
	return 0;
}

int cgroup_path_of_id(const struct cgroup_layout *l, bool io, uint64_t id, char *path, size_t size)
{
	(void)l;
	(void)io;
	(void)id;
	snprintf(path, size, "/other");
	return 0;
}

static char order[16];
static struct owner_table owners;
static struct losses losses = LOSSES_INIT;
static struct cgroup_layout layout = { .v2 = "/nowhere", .io_on_v2 = true };

static int note(const char *what)
{
	strcat(order, what);
	return 0;
}

static int a_open(const struct collector_env *env, void **ret, struct err *err)
{
	(void)env;
	(void)err;
	*ret = order;
	return note("A");
}

static void a_read(void *state, struct frame *f)
{
	assert_ptr_equal(state, order);
	assert_int_equal(f->n_rows, 0);
	note("a");
}

static void a_close(void *state)
{
	(void)state;
	note(".");
}

static int b_open(const struct collector_env *env, void **ret, struct err *err)
{
	(void)env;
	(void)ret;
	note("B");
	return err_say(err, -ENODEV, "b is not here");
}

static void c_read(void *state, struct frame *f)
{
	(void)state;
	(void)f;
	note("c");
}

static const struct collector a = { .open = a_open, .read = a_read, .close = a_close };
static const struct collector b = { .open = b_open };
static const struct collector c = { .open = a_open, .read = c_read, .close = a_close };

static void collectors_in_their_order(void **state)
{
	struct target_set set = { &(struct target){ .name = "load" }, 1 };
	struct collector_env env = { .targets = &set, .owners = &owners };
	struct err err = { 0 };
	struct sampler *s;
	struct frame f;

	(void)state;
	order[0] = '\0';
	atomic_store(&owners.n, 0);
	assert_int_equal(
		sampler_open(&env, (const struct collector *const[]){ &a, &c, NULL }, &s, &err), 0);
	/* The owner table was filled. */
	assert_int_equal(owners.n, 1 + OWNER_REASONS);
	assert_int_equal(sampler_frame_init(s, &f, &err), 0);
	assert_int_equal(f.max_rows, 1);
	f.seq = 9;
	f.n_rows = 1;
	sampler_sweep(s, &f);
	assert_int_equal(f.seq, 9);
	assert_true(f.begin_ns > 0 && f.end_ns >= f.begin_ns);
	sampler_close(s);
	sampler_close(NULL);
	assert_string_equal(order, "AAac..");
	frame_fini(&f);
}

static void a_collector_that_fails_undoes_those_before(void **state)
{
	struct target_set set = { NULL, 0 };
	struct collector_env env = { .targets = &set, .owners = &owners };
	struct err err = { 0 };
	struct sampler *s = NULL;

	(void)state;
	order[0] = '\0';
	assert_int_equal(sampler_open(&env, (const struct collector *const[]){ &a, &b, NULL }, &s,
				      &err),
			 -ENODEV);
	assert_null(s);
	assert_string_equal(order, "AB.");
	assert_string_equal(err.text, "b is not here");
}

/* A row of cgroup @id, who is in the device too. */
static void add_row(struct fake_block *f, uint64_t id)
{
	size_t at = f->probe.n_rows;

	fake_block_add(f,
		       &(struct block_key){ id, 8 << 20, BLOCK_READ,
					    id ? BLOCK_WHY_OWNED : BLOCK_WHY_NO_CGROUP },
		       "");
	f->disks[0].dev = 8 << 20;
	f->disks[0].sharer[at].tag = id ? id : BLOCK_NOBODY(BLOCK_WHY_NO_CGROUP);
	f->disks[0].n_sharers = at + 1;
}

static void a_sweep_does_not_allocate(void **state)
{
	static struct fake_block block;
	static const struct collector *const which[] = { &collector_block, &collector_cgroup,
							 &collector_device, NULL };
	static struct target targets[2];
	struct target_set set = { targets, 2 };
	struct collector_env env = { .targets = &set,
				     .cgroups = &layout,
				     .owners = &owners,
				     .block = &block.probe,
				     .losses = &losses };
	struct err err = { 0 };
	struct sampler *s;
	struct frame f;
	char dir[64];

	(void)state;
	scratch_make(dir);
	scratch_write(dir, "cpu.stat", "usage_usec 1\n");
	scratch_write(dir, "io.stat", "254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n");
	fake_block_init(&block);
	strcpy(targets[0].name, "one");
	strcpy(targets[0].cg.v2, dir);
	targets[0].cg.io_id = 10;
	atomic_store(&targets[0].published, true);
	strcpy(targets[1].name, "late");
	atomic_store(&owners.n, 0);
	assert_int_equal(sampler_open(&env, which, &s, &err), 0);
	assert_int_equal(sampler_frame_init(s, &f, &err), 0);
	for (int i = 0; i < 40; i++) {
		/* Rows appear and count, a target is published, the last sweep flushes. */
		if (i % 10 == 0)
			add_row(&block, 10 * block.probe.n_rows);
		for (size_t k = 0; k < block.probe.n_rows; k++) {
			fake_block_io(&block, k, i % FAKE_BLOCK_BANKS, 4096, 1000 * i, i);
			block.rare[k].merges++;
			block.status[k][i % BLOCK_STATUSES]++;
			block.disks[0].depth_ns += 10;
			block.disks[0].sharer[k].depth_ns += 10;
			block.disks[0].sharer[k].share += 10 << BLOCK_SHARE_SHIFT;
			block.crosses[0].ns[k][0]++;
		}
		if (i == 20)
			atomic_store(&targets[1].published, true);
		f.last = i == 39;
		allocations = 0;
		sampler_sweep(s, &f);
		assert_int_equal(allocations, 0);
	}
	assert_true(f.n_hists >= 3 * LAYER_BLOCKS);
	assert_true(f.n_blocks >= 3 && f.n_errors >= 3);
	assert_true(f.n_shares >= 3 && f.n_crosses >= 2 && f.n_depths == 1);
	assert_true(f.n_rows == 1);
	sampler_close(s);
	frame_fini(&f);
	fs_remove_tree(dir);
}

static void the_counter_counts(void **state)
{
	(void)state;
	allocations = 0;
	free(malloc(1));
	assert_true(allocations > 0);
}

static void too_many_targets_are_refused(void **state)
{
	struct target_set set = { NULL, OWNER_MAX };
	struct collector_env env = { .targets = &set, .owners = &owners };
	struct err err = { 0 };
	struct sampler *s = NULL;

	(void)state;
	assert_int_equal(sampler_open(&env, (const struct collector *const[]){ NULL }, &s, &err),
			 -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collectors_in_their_order),
		cmocka_unit_test(a_collector_that_fails_undoes_those_before),
		cmocka_unit_test(a_sweep_does_not_allocate),
		cmocka_unit_test(the_counter_counts),
		cmocka_unit_test(too_many_targets_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
