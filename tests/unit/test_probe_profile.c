// SPDX-License-Identifier: Apache-2.0
/* The profile probe without a kernel that helps; what it finds is seen in tests/integration/profile.bats. */
#include "probe/profile.h"

#include <string.h>

#include "probe/profile_internal.h"
#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	profile_probe_close(NULL);
	profile_folded_free(NULL, 0);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct profile_key), 24); /* hashed whole: nothing between fields */
	assert_int_equal(sizeof(struct profile_cpu), 64); /* a cache line of its own */
	assert_int_equal(sizeof(struct profile_target), 64);
	assert_int_equal(sizeof(struct profile_news), 16);
	assert_int_equal(sizeof(struct profile_stack), 40 + 8 * (PROFILE_KERNEL + PROFILE_USER));
}

static void totals_are_of_all_cpus(void **state)
{
	const struct profile_cpu cpus[3] = { { .samples = 10, .idle = 4, .others = 3 },
					     { .samples = 0 },
					     { .samples = 7, .idle = 7 } };
	const struct profile_target targets[2] = { { .lost = 1 }, { .lost = 4 } };
	/* Two of three are online, for 1.5 s. */
	struct profile_probe p = { .n_cpus = 3,
				   .n_online = 2,
				   .config = { .frequency = 100 },
				   .cpus = cpus,
				   .targets = targets,
				   .n_targets = 2,
				   .begin_ns = 1000000000,
				   .end_ns = 2500000000 };
	struct profile_totals t;

	(void)state;
	profile_probe_totals(&p, &t);
	assert_int_equal(t.samples, 17);
	assert_int_equal(t.idle, 11);
	assert_int_equal(t.others, 3);
	assert_int_equal(t.lost, 5);
	assert_int_equal(t.expected, 300);
	assert_int_equal(profile_probe_frequency(&p), 100);
}

static void there_is_room_for_what_can_be_sampled(void **state)
{
	static const struct {
		const char *label;
		unsigned int frequency;
		uint64_t seconds;
		size_t n_targets, cpus;
		uint64_t memory_gib;
		size_t least, most;
	} cases[] = {
		{ "all samples, and those of the end", 99, 10, 1, 2, 16, 70 * 99 * 2, 70 * 99 * 2 },
		{ "of each of some", 99, 10, 4, 2, 16, 70 * 99 * 2, 70 * 99 * 2 },
		{ "in a long run what memory there is for it", 99, 6000, 1, 2, 64, 65536, 65536 },
		{ "each has its part of that", 99, 6000, 256, 2, 64, 256, 256 },
		{ "of little memory a part", 99, 6000, 1, 2, 4, 20000, 26000 },
		{ "but as much in any case", 99, 6000, 16, 2, 1, 1024, 1024 },
		{ "when it is not known how long", 99, 0, 2, 2, 64, 32768, 32768 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct profile_config config = { cases[i].frequency,
						       cases[i].seconds * 1000000000 };
		size_t each = profile_stacks_each(&config, cases[i].n_targets, cases[i].cpus,
						  cases[i].memory_gib << 30);

		if (each < cases[i].least || each > cases[i].most)
			fail_msg("%s: %zu", cases[i].label, each);
	}
}

static void cpus_that_came_later_are_told(void **state)
{
	cpu_set_t then, now;

	(void)state;
	CPU_ZERO(&then);
	CPU_ZERO(&now);
	CPU_SET(0, &then);
	CPU_SET(3, &then);
	CPU_SET(0, &now);
	assert_int_equal(profile_cpus_new(&then, &now), 0);
	CPU_SET(2, &now);
	CPU_SET(1000, &now);
	assert_int_equal(profile_cpus_new(&then, &now), 2);
}

static void what_is_missing_has_its_reason(void **state)
{
	static const struct {
		unsigned int frequency;
		uint64_t rate;
		bool limited;
		const char *what;
	} rows[] = {
		{ 99, 100000, false, "the usual" },
		{ 997, 997, false, "just as many as may be" },
		{ 997, 996, true, "one more" },
		{ 99, 0, false, "nobody knows" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = profile_missing_why(rows[i].frequency, rows[i].rate);

		if (!strstr(why, "max_sample_rate") == rows[i].limited)
			fail_msg("%s: %s", rows[i].what, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(totals_are_of_all_cpus),
		cmocka_unit_test(there_is_room_for_what_can_be_sampled),
		cmocka_unit_test(cpus_that_came_later_are_told),
		cmocka_unit_test(what_is_missing_has_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
