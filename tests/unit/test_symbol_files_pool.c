// SPDX-License-Identifier: Apache-2.0
/* Threads of which some do not come back. */
#include "symbol/files_pool.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

static atomic_int done[4], refused[4]; /* of each target */

/* What is asked of file 1 never ends. */
static void work(void *arg, const struct ask *a, int is_refused)
{
	(void)arg;
	if (is_refused) {
		atomic_fetch_add(&refused[a->target], 1);
		return;
	}
	while (a->file == 1)
		pause();
	atomic_fetch_add(&done[a->target], 1);
}

static void put(struct pool *p, uint32_t target, uint32_t file, int n)
{
	const struct ask a = { .kind = ASK_OPEN, .target = target, .file = file };

	for (int i = 0; i < n; i++)
		assert_int_equal(pool_put(p, &a), 0);
}

/* Tended as the helper does, until @n are done: for as long as it takes on any machine. */
static bool comes_to(struct pool *p, const atomic_int *count, int n)
{
	uint64_t end_ns = clock_mono_ns() + 60 * NSEC_PER_SEC;

	while (atomic_load(count) < n && clock_mono_ns() < end_ns) {
		int ms = pool_tend(p);

		usleep(ms < 0 ? 1000 : ms * 1000);
	}
	return atomic_load(count) == n;
}

static void others_do_not_wait_for_who_never_ends(void **state)
{
	struct pool *p;

	(void)state;
	assert_int_equal(pool_open(4, work, NULL, &p), 0);
	assert_int_equal(pool_tend(p), -1);
	put(p, 0, 0, 100);
	assert_true(comes_to(p, &done[0], 100));
	/* More of one target than there are threads at all. */
	put(p, 1, 1, 40);
	put(p, 2, 0, 10);
	assert_true(comes_to(p, &done[2], 10));
	assert_true(comes_to(p, &refused[1], 37)); /* but for those that three threads have */
	assert_int_equal(atomic_load(&done[1]), 0);
	put(p, 3, 1, 1);
	put(p, 3, 0, 5);
	assert_true(comes_to(p, &done[3], 5));
	assert_int_equal(atomic_load(&refused[3]), 0); /* one is no reason */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_do_not_wait_for_who_never_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
