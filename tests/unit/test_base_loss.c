// SPDX-License-Identifier: Apache-2.0
/* The list of losses: adding, replacing, and what happens when it is full. */
#include "base/loss.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static void same_kind_adds_up(void **state)
{
	static struct losses l = LOSSES_INIT;

	(void)state;
	loss_add(&l, "ticks", 2, "writer was %s", "slow");
	loss_add(&l, "ticks", 3, "writer was slow");
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].count, 5);
	assert_string_equal(l.v[0].what, "ticks");
	assert_string_equal(l.v[0].reason, "writer was slow");
}

static void another_reason_is_another_loss(void **state)
{
	static struct losses l = LOSSES_INIT;

	(void)state;
	loss_add(&l, "ticks", 1, "writer was slow");
	loss_add(&l, "ticks", 1, "host was suspended");
	loss_add(&l, "rows", 1, "writer was slow");
	assert_int_equal(l.n, 3);
}

static void totals_replace(void **state)
{
	static struct losses l = LOSSES_INIT;

	(void)state;
	loss_set(&l, "block.start_missing", 0, "under way at attach");
	assert_int_equal(l.n, 0);
	loss_set(&l, "block.start_missing", 4, "under way at attach");
	loss_set(&l, "block.start_missing", 7, "under way at attach");
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].count, 7);
	loss_set(&l, "block.start_missing", 0, "under way at attach");
	assert_int_equal(l.v[0].count, 7);
}

static void long_words_are_cut_and_still_match(void **state)
{
	static struct losses l = LOSSES_INIT;
	char what[300], reason[600];

	(void)state;
	memset(what, 'w', sizeof(what) - 1);
	memset(reason, 'r', sizeof(reason) - 1);
	what[sizeof(what) - 1] = reason[sizeof(reason) - 1] = '\0';
	loss_add(&l, what, 1, "%s", reason);
	loss_add(&l, what, 1, "%s", reason);
	loss_set(&l, what, 9, reason);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].count, 9);
	assert_int_equal(strlen(l.v[0].what), sizeof(l.v[0].what) - 1);
}

static void what_does_not_fit_is_still_counted(void **state)
{
	static struct losses l = LOSSES_INIT;
	char what[32];

	(void)state;
	for (int i = 0; i < LOSS_MAX + 20; i++) {
		snprintf(what, sizeof(what), "kind %d", i);
		loss_add(&l, what, 1, "a reason");
	}
	assert_int_equal(l.n, LOSS_MAX);
	assert_string_equal(l.v[LOSS_MAX - 1].what, "other");
	assert_int_equal(l.v[LOSS_MAX - 1].count, 21);
	loss_add(&l, "kind 0", 1, "a reason");
	assert_int_equal(l.v[0].count, 2);
}

static void lists_are_moved(void **state)
{
	static struct losses to = LOSSES_INIT, from = LOSSES_INIT;

	(void)state;
	loss_add(&to, "a", 1, "of %d%%", 5);
	loss_add(&from, "a", 2, "of 5%%");
	loss_add(&from, "b", 3, "why");
	loss_move(&to, &from);
	loss_move(&to, &from); /* nothing is left */
	assert_int_equal(from.n, 0);
	assert_int_equal(to.n, 2);
	assert_int_equal(to.v[0].count, 3);
	assert_int_equal(to.v[1].count, 3);
	loss_forget(&to);
	assert_int_equal(to.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_kind_adds_up),
		cmocka_unit_test(another_reason_is_another_loss),
		cmocka_unit_test(totals_replace),
		cmocka_unit_test(long_words_are_cut_and_still_match),
		cmocka_unit_test(what_does_not_fit_is_still_counted),
		cmocka_unit_test(lists_are_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
