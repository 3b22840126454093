// SPDX-License-Identifier: Apache-2.0
/* How CPUs share banks; mapping itself is seen in tests of each probe on a kernel. */
#include "probe/map.h"

#include "unit.h"

static void banks_are_a_power_of_two(void **state)
{
	static const struct {
		const char *why;
		size_t n_cpus;
		unsigned int max, banks;
	} cases[] = {
		{ "one CPU needs one", 1, 8, 1 },
		{ "a bank for each CPU", 2, 8, 2 },
		{ "three CPUs: the next power", 3, 8, 4 },
		{ "as many as there may be", 8, 8, 8 },
		{ "more CPUs share", 9, 8, 8 },
		{ "many more CPUs share", 4096, 8, 8 },
		{ "a limit that is no power is not exceeded", 64, 6, 4 },
		{ "all in one", 64, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (probe_banks(cases[i].n_cpus, cases[i].max) != cases[i].banks)
			fail_msg("%s: %u", cases[i].why,
				 probe_banks(cases[i].n_cpus, cases[i].max));
}

static void nothing_is_unmapped(void **state)
{
	(void)state;
	probe_map_unmap(NULL, NULL);
}

static void a_live_counter_is_read(void **state)
{
	__u64 counter = 1ull << 40;

	(void)state;
	assert_int_equal(probe_live(&counter), 1ull << 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(banks_are_a_power_of_two),
		cmocka_unit_test(nothing_is_unmapped),
		cmocka_unit_test(a_live_counter_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
