// SPDX-License-Identifier: Apache-2.0
/* Requests that were left behind are counted once; those under way are not. */
#include "probe/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define IDLE_DEV 1
#define BUSY_DEV 2

static struct block_start_set starts[2];
static struct block_slot slots[2];
static struct block_desc descs[2] = { { .key.dev = IDLE_DEV }, { .key.dev = BUSY_DEV } };

static bool is_idle(void *arg, uint32_t dev)
{
	(void)arg;
	return dev == IDLE_DEV;
}

static uint64_t settle(void)
{
	return settle_starts(&(struct settle){ .starts = starts,
					       .n_starts = ARRAY_SIZE(starts),
					       .slots = slots,
					       .descs = descs,
					       .n_slots = ARRAY_SIZE(slots),
					       .before_ns = 1000,
					       .idle = is_idle });
}

static const struct {
	const char *sentence;
	uint64_t issued_ns;
	uint32_t slot, bytes;
	uint64_t n; /* counted */
} cases[] = {
	{ "issued long ago on an idle device: it has completed", 10, 1, 4096, 1 },
	{ "issued just now: it may still be under way", 1000, 1, 4096, 0 },
	{ "on a device that is busy: it may still be under way", 10, 2, 4096, 0 },
	{ "not issued: nothing to count", 0, 1, 4096, 0 },
	{ "a flush, which has no slot", 10, 0, 0, 0 },
	{ "a slot that does not exist is left alone", 10, 3, 4096, 0 },
};

static void test_settle(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		memset(starts, 0, sizeof(starts));
		memset(slots, 0, sizeof(slots));
		starts[1].rq[3] = 7;
		starts[1].way[3].last_issue_ns = cases[i].issued_ns;
		starts[1].pending[3] = (struct block_pending){ cases[i].slot, cases[i].bytes };

		assert_int_equal(settle(), cases[i].n);
		assert_int_equal(slots[0].ios + slots[1].ios, cases[i].n);
		assert_int_equal(slots[0].bytes + slots[1].bytes, cases[i].n * cases[i].bytes);
		/* Never twice. */
		assert_int_equal(settle(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_settle) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
