// SPDX-License-Identifier: Apache-2.0
/* Requests that were left behind are counted once; those under way are not. */
#include "probe/settle.h"

#include <string.h>

#include "base/cleanup.h"
#include "scratch.h"
#include "unit.h"

#define IDLE_DEV 1
#define BUSY_DEV 2

static struct block_start starts[5];
static struct block_desc descs[2];
static struct block_disk disks[BLOCK_MAX_DISKS];

static bool is_idle(void *arg, uint32_t dev)
{
	(void)arg;
	return dev == IDLE_DEV;
}

static uint64_t settle(void)
{
	return settle_starts(&(struct settle){ .starts = starts,
					       .n_starts = ARRAY_SIZE(starts),
					       .descs = descs,
					       .disks = disks,
					       .n_rows = ARRAY_SIZE(descs),
					       .before_ns = 1000,
					       .idle = is_idle });
}

static const struct {
	const char *sentence;
	uint64_t issued_ns;
	uint32_t row, left;
	uint64_t n; /* counted */
	uint16_t flags;
} cases[] = {
	{ "issued long ago on an idle device: it has completed", 10, 1, 4096, 1, 0 },
	{ "issued just now: it may still be under way", 1000, 1, 4096, 0, 0 },
	{ "on a device that is busy: it may still be under way", 10, 2, 4096, 0, 0 },
	{ "not issued: nothing to count", 0, 1, 4096, 0, 0 },
	{ "its completion was seen: its row was taken away", 10, 0, 0, 0, 0 },
	{ "a row that does not exist is left alone", 10, 3, 4096, 0, 0 },
	{ "of one that completed in part, only the rest is left", 10, 1, 512, 1, 0 },
	{ "one without bytes is counted all the same", 10, 1, 0, 1, 0 },
	{ "a flush or passthrough is not shown while it lasts", 10, 1, 0, 0, BLOCK_START_HIDDEN },
	{ "requeued, it waits", 10, 1, 4096, 0, BLOCK_START_BACK },
	{ "its data is done, its flush may not be", 10, 1, 0, 0, BLOCK_START_DATA_DONE },
	{ "what else is known of it does not matter", 10, 1, 4096, 1,
	  BLOCK_START_OWN | BLOCK_START_FORWARD },
};

static void test_settle(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		memset(starts, 0, sizeof(starts));
		memset(descs, 0, sizeof(descs));
		descs[0].key.dev = IDLE_DEV;
		descs[1].key.dev = BUSY_DEV;
		starts[4] = (struct block_start){
			.rq = 7,
			.start_ns = 5,
			.last_issue_ns = cases[i].issued_ns,
			.row = cases[i].row,
			.size = 4096,
			.left = cases[i].left,
			.flags = cases[i].flags,
		};

		assert_int_equal(settle_any(starts, ARRAY_SIZE(starts), 1000) && cases[i].row == 1,
				 cases[i].n);
		assert_int_equal(settle(), cases[i].n);
		assert_int_equal(descs[0].rare.missed_ios, cases[i].n);
		assert_int_equal(descs[0].rare.missed_bytes, cases[i].n * cases[i].left);
		assert_int_equal(descs[1].rare.missed_ios, 0);
		/* Whoever takes the row away counts; what was not counted keeps it. */
		assert_int_equal(starts[4].row, cases[i].n ? 0 : cases[i].row);
		/* Never twice. */
		assert_int_equal(settle(), 0);
		assert_int_equal(descs[0].rare.missed_ios, cases[i].n);
	}
}

/* The request is begun and issued anew while we look: the kernel has counted the life before. */
static bool lives_again(void *arg, uint32_t dev)
{
	(void)dev;
	((struct block_start *)arg)->last_issue_ns = 2000;
	return true;
}

static void a_new_life_is_not_counted(void **state)
{
	struct block_start start = { .rq = 7, .last_issue_ns = 10, .row = 1, .left = 4096 };

	(void)state;
	memset(descs, 0, sizeof(descs));
	assert_int_equal(settle_starts(&(struct settle){ .starts = &start,
							 .n_starts = 1,
							 .descs = descs,
							 .n_rows = ARRAY_SIZE(descs),
							 .before_ns = 1000,
							 .idle = lives_again,
							 .arg = &start }),
			 0);
	assert_int_equal(descs[0].rare.missed_ios, 0);
	assert_int_equal(start.row, 1);
	assert_int_equal(start.last_issue_ns, 2000);
}

static void a_device_that_is_gone_is_not_idle(void **state)
{
	(void)state;
	assert_false(settle_is_idle(NULL, 4095u << 20 | 1));
}

static void idle_is_what_the_statistics_say(void **state)
{
	static const struct {
		const char *sentence, *iostats, *inflight;
		bool idle;
	} looks[] = {
		{ "nothing in flight", "1\n", "       0        0\n", true },
		{ "a read is", "1\n", "       1        0\n", false },
		{ "a write is", "1\n", "       0        7\n", false },
		{ "no statistics are kept", "0\n", "       0        0\n", false },
		{ "an odd answer", "1\n", "idle\n", false },
	};
	char sys[64];

	(void)state;
	scratch_make(sys);
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		scratch_write(sys, "dev/block/8:16/queue/iostats", looks[i].iostats);
		scratch_write(sys, "dev/block/8:16/inflight", looks[i].inflight);
		if (settle_is_idle(sys, 8u << 20 | 16) != looks[i].idle)
			fail_msg("%s", looks[i].sentence);
	}
	assert_int_equal(fs_remove_tree(sys), 0);
}

/* It is in the device no more, once; one that was never in there does not leave it. */
static void it_leaves_its_device(void **state)
{
	(void)state;
	for (int in = 0; in <= 1; in++) {
		memset(starts, 0, sizeof(starts));
		memset(descs, 0, sizeof(descs));
		memset(disks, 0, sizeof(disks));
		descs[0].key.dev = IDLE_DEV;
		starts[1] = (struct block_start){
			.rq = 7,
			.start_ns = 5,
			.last_issue_ns = 10,
			.row = 1,
			.disk = 3,
			.sharer = 5,
			.flags = in ? BLOCK_START_IN_DEVICE | BLOCK_START_OWN : BLOCK_START_OWN,
		};
		assert_int_equal(settle(), 1);
		assert_int_equal(settle(), 0);
		assert_int_equal(disks[3].late, in);
		assert_int_equal(disks[3].late_by[5], -in);
		assert_int_equal(starts[1].flags, BLOCK_START_OWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_leaves_its_device),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(a_new_life_is_not_counted),
		cmocka_unit_test(a_device_that_is_gone_is_not_idle),
		cmocka_unit_test(idle_is_what_the_statistics_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
