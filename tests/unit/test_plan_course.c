// SPDX-License-Identifier: Apache-2.0
/* The order of runs, and what is left of them. */
#include "plan/course.h"

#include <stdio.h>

#include "spec_case.h"

#define S 1000000000ull

static void course_of(struct course *c, struct spec_set *all, const char *yaml)
{
	struct buf messages = BUF_INIT(65536);

	if (spec_parse_all("f", yaml, strlen(yaml), NULL, &messages, all))
		fail_msg("%s", buf_str(&messages));
	assert_int_equal(course_init(c, all), 0);
	buf_fini(&messages);
}

static void end(struct course *c, struct spec_set *all)
{
	course_fini(c);
	spec_set_fini(all);
}

static const struct {
	const char *label, *yaml, *give_up, *want; /* "RUN/RUNS interval round; " */
} orders[] = {
	{ "one run", SPEC_A, "", "1/1 100 0; " },
	{ "repetitions", SPEC_A "repeat: 3\n", "", "1/3 100 0; 2/3 100 1; 3/3 100 2; " },
	{ "all have their first run before any has its second",
	  SPEC_A "repeat: 2\nmatrix: {interval: [10ms, 20ms]}\n", "",
	  "1/4 10 0; 2/4 20 0; 3/4 10 1; 4/4 20 1; " },
	{ "one that is given up has no more",
	  SPEC_A "repeat: 3\nmatrix: {interval: [10ms, 20ms]}\n", "1/",
	  "1/6 10 0; 4/6 20 0; 5/6 20 1; 6/6 20 2; " },
	{ "the number of repetitions may be an axis",
	  SPEC_A "matrix: {repeat: [1, 3], interval: [10ms]}\n", "",
	  "1/4 10 0; 2/4 10 0; 3/4 10 1; 4/4 10 2; " },
};

static void runs_have_an_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct buf got = BUF_INIT(4096);
		struct spec_set all = { 0 };
		struct course c;

		course_of(&c, &all, orders[i].yaml);
		while (course_next(&c)) {
			char run[32];

			snprintf(run, sizeof(run), "%d/", (int)c.run);
			buf_printf(&got, "%s%d %d %d; ", run, (int)c.runs,
				   (int)(course_spec(&c)->interval_ns / 1000000), (int)c.round);
			if (!strcmp(run, orders[i].give_up))
				course_give_up(&c);
		}
		if (strcmp(buf_str(&got), orders[i].want) != 0)
			fail_msg("%s: got %s", orders[i].label, buf_str(&got));
		end(&c, &all);
		buf_fini(&got);
	}
}

/* The first takes 1 s and the second 3 s. */
static void what_is_left_is_estimated(void **state)
{
	static const uint64_t spent[] = { 1 * S, 3 * S, 2 * S, 3 * S, 3 * S, 3 * S };
	/* Before each: two others may take what one did; then each takes what it took. */
	static const uint64_t want[] = { 0, 5 * S, 8 * S, 7500000000ull, 4500000000ull, 3 * S };
	struct spec_set all = { 0 };
	uint64_t left;
	struct course c;
	size_t i = 0;

	(void)state;
	course_of(&c, &all, SPEC_A "repeat: 3\nmatrix: {interval: [10ms, 20ms]}\n");
	while (course_next(&c)) {
		bool known = course_left(&c, &left);

		assert_true(known == (i > 0));
		if (known && left != want[i])
			fail_msg("run %zu: %f s", i, left / 1e9);
		course_done(&c, spent[i++]);
	}
	assert_int_equal(i, 6);
	end(&c, &all);
}

static void what_is_given_up_takes_no_time(void **state)
{
	struct spec_set all = { 0 };
	struct course c;
	uint64_t left;

	(void)state;
	course_of(&c, &all, SPEC_A "repeat: 3\nmatrix: {interval: [10ms, 20ms]}\n");
	assert_true(course_next(&c));
	course_done(&c, S);
	course_give_up(&c);
	assert_true(course_next(&c));
	assert_true(course_left(&c, &left));
	assert_int_equal(left, 3 * S);
	end(&c, &all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_have_an_order),
		cmocka_unit_test(what_is_left_is_estimated),
		cmocka_unit_test(what_is_given_up_takes_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
