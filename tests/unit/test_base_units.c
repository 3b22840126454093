// SPDX-License-Identifier: Apache-2.0
/* Quantities as people write and read them. */
#include "base/units.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static const struct {
	const char *label, *text;
	int rc;
	uint64_t value;
} durations[] = {
	{ "nanoseconds", "10ns", 0, 10 },
	{ "microseconds", "250us", 0, 250000 },
	{ "milliseconds", "100ms", 0, 100000000 },
	{ "seconds", "10s", 0, 10000000000 },
	{ "a fraction", "1.5s", 0, 1500000000 },
	{ "minutes", "2m", 0, 120000000000 },
	{ "minutes, longer", "2min", 0, 120000000000 },
	{ "hours", "1h", 0, 3600000000000 },
	{ "capitals", "10S", 0, 10000000000 },
	{ "a blank before the unit", "10 s", 0, 10000000000 },
	{ "a bare zero", "0", 0, 0 },
	{ "zero with a unit", "0s", 0, 0 },
	{ "a number without unit", "10", -EINVAL, 0 },
	{ "nothing", "", -EINVAL, 0 },
	{ "a unit alone", "s", -EINVAL, 0 },
	{ "a sign", "-1s", -EINVAL, 0 },
	{ "a blank in front", " 1s", -EINVAL, 0 },
	{ "a blank behind", "1s ", -EINVAL, 0 },
	{ "hexadecimal", "0x10s", -EINVAL, 0 },
	{ "days", "1d", -EINVAL, 0 },
	{ "more than 64 bits", "99999999999h", -ERANGE, 0 },
	{ "a fraction of more than 64 bits", "99999999999.5h", -ERANGE, 0 },
};

static const struct {
	const char *label, *text;
	int rc;
	uint64_t value;
} sizes[] = {
	{ "bytes", "4096", 0, 4096 },
	{ "bytes with a unit", "512B", 0, 512 },
	{ "IOR's k", "4k", 0, 4096 },
	{ "IOR's m", "1m", 0, 1 << 20 },
	{ "IOR's g", "1g", 0, 1 << 30 },
	{ "IOR's t", "1t", 0, 1ull << 40 },
	{ "KiB", "4KiB", 0, 4096 },
	{ "GiB", "2GiB", 0, 2ull << 30 },
	{ "a fraction", "1.5g", 0, 3ull << 29 },
	{ "a blank before the unit", "1 MiB", 0, 1 << 20 },
	{ "zero", "0", 0, 0 },
	{ "every bit of a long number", "9007199254740993", 0, 9007199254740993 },
	{ "KB, on which people disagree", "4KB", -EINVAL, 0 },
	{ "a unit alone", "k", -EINVAL, 0 },
	{ "nothing", "", -EINVAL, 0 },
	{ "a sign", "-1", -EINVAL, 0 },
	{ "infinity", "inf", -EINVAL, 0 },
	{ "more than 64 bits", "17179869184g", -ERANGE, 0 },
};

static void durations_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		uint64_t v = 0;
		int rc = units_parse_duration(durations[i].text, &v);

		if (rc != durations[i].rc || v != durations[i].value)
			fail_msg("%s: rc %d, %llu", durations[i].label, rc, (unsigned long long)v);
	}
}

static void sizes_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t v = 0;
		int rc = units_parse_size(sizes[i].text, &v);

		if (rc != sizes[i].rc || v != sizes[i].value)
			fail_msg("%s: rc %d, %llu", sizes[i].label, rc, (unsigned long long)v);
	}
}

static const struct {
	const char *label, *text;
	int rc, count;
} cpus[] = {
	{ "one", "0", 0, 1 },
	{ "several", "0,2,4-7", 0, 6 },
	{ "a range of one", "3-3", 0, 1 },
	{ "the last", "1023", 0, 1 },
	{ "nothing", "", -EINVAL, 0 },
	{ "a reversed range", "7-4", -EINVAL, 0 },
	{ "the same twice", "1,1", -EINVAL, 0 },
	{ "the same within a range", "0-3,2", -EINVAL, 0 },
	{ "a comma behind", "1,", -EINVAL, 0 },
	{ "an open range", "1-", -EINVAL, 0 },
	{ "a blank", "1, 2", -EINVAL, 0 },
	{ "a sign", "-1", -EINVAL, 0 },
	{ "more CPUs than there can be", "1024", -ERANGE, 0 },
};

static void cpu_lists_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		cpu_set_t set;
		int rc;

		CPU_ZERO(&set);
		rc = units_parse_cpus(cpus[i].text, &set);
		if (rc != cpus[i].rc || CPU_COUNT(&set) != cpus[i].count)
			fail_msg("%s: rc %d, %d CPUs", cpus[i].label, rc, CPU_COUNT(&set));
	}
}

static const struct {
	const char *label;
	uint64_t ns;
	const char *text;
} formatted_durations[] = {
	{ "nothing", 0, "0 ns" },
	{ "nanoseconds are whole", 999, "999 ns" },
	{ "two digits behind", 1500, "1.50 us" },
	{ "one digit behind", 82040, "82.0 us" },
	{ "no digit behind", 820400, "820 us" },
	{ "milliseconds", 5000000, "5.00 ms" },
	{ "seconds", 1500000000, "1.50 s" },
	{ "minutes stay seconds", 600000000000, "600 s" },
};

static const struct {
	const char *label;
	double bytes;
	const char *text;
} formatted_sizes[] = {
	{ "nothing", 0, "0 B" },
	{ "bytes", 1023, "1023 B" },
	{ "KiB", 1024, "1.0 KiB" },
	{ "just below the next", 1023.99 * 1024, "1.0 MiB" },
	{ "MiB", 4 << 20, "4.0 MiB" },
	{ "GiB", 1.5 * (1 << 30), "1.5 GiB" },
	{ "PiB is the last", 0x1p61, "2048.0 PiB" },
};

static void quantities_are_printed(void **state)
{
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(formatted_durations) / sizeof(formatted_durations[0]); i++) {
		units_format_duration(formatted_durations[i].ns, text, sizeof(text));
		if (strcmp(text, formatted_durations[i].text) != 0)
			fail_msg("%s: got %s", formatted_durations[i].label, text);
	}
	for (size_t i = 0; i < sizeof(formatted_sizes) / sizeof(formatted_sizes[0]); i++) {
		units_format_size(formatted_sizes[i].bytes, text, sizeof(text));
		if (strcmp(text, formatted_sizes[i].text) != 0)
			fail_msg("%s: got %s", formatted_sizes[i].label, text);
	}
}

static void estimates_are_printed(void **state)
{
	static const struct {
		uint64_t s;
		const char *text, *label;
	} cases[] = {
		{ 0, "0 s", "nothing is left" },
		{ 99, "99 s", "seconds, while they are few" },
		{ 100, "2 min", "then minutes" },
		{ 5939, "99 min", "up to an hour and a half" },
		{ 12000, "3 h 20 min", "then hours" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		units_format_about(cases[i].s * 1000000000, text, sizeof(text));
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: got %s", cases[i].label, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read),	 cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(cpu_lists_are_read),	 cmocka_unit_test(quantities_are_printed),
		cmocka_unit_test(estimates_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
