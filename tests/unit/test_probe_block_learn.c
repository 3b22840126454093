// SPDX-License-Identifier: Apache-2.0
/* When the kernel's times are trusted; what that changes is seen in tests/integration/sharing.bats. */
#include <string.h>

#include "base/cleanup.h"
#include "block.skel.h"
#include "probe/block_internal.h"
#include "unit.h"

static struct block_slot slot;
static struct block_cpu cpu;
static struct block_row row = { .banks = &slot, .n_banks = 1 };
static struct block_disk disks[BLOCK_MAX_DISKS];
static struct block_start starts[BLOCK_STARTS];
static struct block_probe probe;

/* As after opening with @shares, with nothing attached: that is the kernel's. */
static void open_probe(bool shares)
{
	memset(&slot, 0, sizeof(slot));
	memset(&cpu, 0, sizeof(cpu));
	memset(disks, 0, sizeof(disks));
	memset(starts, 0, sizeof(starts));
	probe = (struct block_probe){
		.times = BLOCK_TIMES_LEARN,
		.now = BLOCK_TIMES_OWN,
		.shares = shares,
		.skel = block_bpf__open(),
		.n_banks = 1,
		.rows = &row,
		.n_rows = 1,
		.cpus = &cpu,
		.n_cpus = 1,
		.disks = disks,
		.starts = starts,
	};
	assert_non_null(probe.skel);
}

/* @n requests, each @queue_ns of @total_ns in queues; then what the probe makes of them. */
static bool learn(unsigned int n, uint64_t queue_ns, uint64_t total_ns)
{
	slot.ios += n;
	slot.hists.of[BLOCK_QUEUE].sum += n * queue_ns;
	slot.hists.of[BLOCK_TOTAL].sum += n * total_ns;
	return block_probe_learn(&probe);
}

static void trust_is_earned_and_lost(void **state)
{
	static const struct {
		const char *sentence;
		__u64 *objection;
		uint64_t queue_ns;
	} cases[] = {
		{ "a start that was another's", &cpu.shared_starts, 0 },
		{ "a start that was early, or none", &cpu.early_starts, 0 },
		{ "long queues", NULL, 200 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		open_probe(true);
		for (unsigned int wanted = 5; wanted <= 20; wanted *= 2) {
			for (unsigned int k = 1; k < wanted; k++)
				assert_false(learn(300, 50, 1000));
			assert_true(learn(300, 50, 1000));
			assert_int_equal(block_probe_times(&probe), BLOCK_TIMES_ISSUE);
			assert_false(learn(300, 50, 1000));
			if (cases[i].objection)
				++*cases[i].objection;
			assert_true(learn(300, cases[i].queue_ns ?: 50, 1000));
			assert_int_equal(block_probe_times(&probe), BLOCK_TIMES_OWN);
			/* And then it takes twice as long. */
		}
		block_bpf__destroy(probe.skel);
	}
}

static void few_requests_prove_nothing(void **state)
{
	(void)state;
	open_probe(true);
	for (int i = 0; i < 9; i++)
		assert_false(learn(100, 0, 1000));
	assert_true(learn(100, 0, 1000)); /* a thousand */
	block_bpf__destroy(probe.skel);
}

static void one_objection_begins_anew(void **state)
{
	(void)state;
	open_probe(true);
	for (int i = 0; i < 4; i++)
		assert_false(learn(1000, 0, 1000));
	cpu.shared_starts++;
	assert_false(learn(1000, 0, 1000));
	for (int i = 0; i < 4; i++)
		assert_false(learn(1000, 0, 1000));
	assert_true(learn(1000, 0, 1000));
	block_bpf__destroy(probe.skel);
}

static void one_early_start_in_a_thousand_may_be(void **state)
{
	(void)state;
	open_probe(true);
	for (int i = 0; i < 4; i++) {
		cpu.early_starts++;
		assert_false(learn(1000, 0, 1000));
	}
	cpu.early_starts++;
	assert_false(learn(999, 0, 1000)); /* one too many: anew */
	for (int i = 0; i < 4; i++) {
		cpu.early_starts += 2;
		assert_false(learn(2000, 0, 1000));
	}
	assert_true(learn(1000, 0, 1000));
	block_bpf__destroy(probe.skel);
}

/* All of the kernel's times, once what began with ours has ended; for good. */
static void without_shares_all_of_them_are_used(void **state)
{
	(void)state;
	for (int early = 0; early <= 1; early++) {
		open_probe(false);
		disks[0] = (struct block_disk){ .dev = 1, .clock_requests = 100 };
		disks[0].clock_early = early;
		for (int i = 0; i < 4; i++)
			assert_false(learn(1000, 0, 1000));
		starts[9] = (struct block_start){ .rq = 7, .last_issue_ns = 5 };
		assert_true(learn(1000, 0, 1000));
		assert_int_equal(block_probe_times(&probe),
				 early ? BLOCK_TIMES_ISSUE : BLOCK_TIMES_KERNEL);
		if (!early) {
			assert_int_equal(probe.skel->bss->clock_used, BLOCK_CLOCK_DRAINING);
			assert_false(learn(1000, 0, 1000));
			assert_int_equal(probe.skel->bss->clock_used, BLOCK_CLOCK_DRAINING);
			starts[9].rq = 0;
			assert_false(learn(1000, 900, 1000));
			assert_int_equal(probe.skel->bss->clock_used, BLOCK_CLOCK_KERNEL);
			cpu.shared_starts++;
			assert_false(learn(1000, 900, 1000));
			assert_int_equal(block_probe_times(&probe), BLOCK_TIMES_KERNEL);
		}
		block_bpf__destroy(probe.skel);
	}
}

static void only_who_learns_changes(void **state)
{
	static const enum block_times fixed[] = { BLOCK_TIMES_OWN, BLOCK_TIMES_ISSUE,
						  BLOCK_TIMES_KERNEL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		struct block_probe p = { .times = fixed[i], .now = fixed[i] };

		assert_false(block_probe_learn(&p));
		assert_int_equal(block_probe_times(&p), fixed[i]);
	}
}

static void each_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(block_times_names[BLOCK_TIMES_OWN], "own");
	assert_string_equal(block_times_names[BLOCK_TIMES_ISSUE], "own issue");
	assert_string_equal(block_times_names[BLOCK_TIMES_KERNEL], "kernel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_who_learns_changes),
		cmocka_unit_test(each_has_a_name),
		cmocka_unit_test(trust_is_earned_and_lost),
		cmocka_unit_test(few_requests_prove_nothing),
		cmocka_unit_test(one_objection_begins_anew),
		cmocka_unit_test(one_early_start_in_a_thousand_may_be),
		cmocka_unit_test(without_shares_all_of_them_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
