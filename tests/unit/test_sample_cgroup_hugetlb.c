// SPDX-License-Identifier: Apache-2.0
/* Huge pages of directories that play cgroups. */
#include "sample/cgroup_hugetlb.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "sample/frame.h"
#include "scratch.h"

#define ABSENT UINT64_MAX

static _Alignas(uint64_t) char scratch[4096];

static const struct {
	const char *label;
	bool v1;
	struct {
		const char *name, *text;
	} files[9];
	int sizes;
	uint64_t bytes, limit, events;
} cases[] = {
	{ "without the controller",
	  false,
	  { { "memory.current", "1\n" } },
	  0,
	  ABSENT,
	  ABSENT,
	  ABSENT },
	{ "one size",
	  false,
	  { { "hugetlb.2MB.current", "2097152\n" },
	    { "hugetlb.2MB.max", "4194304\n" },
	    { "hugetlb.2MB.events", "max 3\n" } },
	  1,
	  2097152,
	  4194304,
	  3 },
	{ "reservations and the rest are another matter",
	  false,
	  { { "hugetlb.2MB.current", "1\n" },
	    { "hugetlb.2MB.max", "2\n" },
	    { "hugetlb.2MB.events", "max 3\n" },
	    { "hugetlb.2MB.rsvd.current", "10\n" },
	    { "hugetlb.2MB.rsvd.max", "10\n" },
	    { "hugetlb.2MB.events.local", "max 10\n" },
	    { "hugetlb.2MB.numa_stat", "total=0 N0=0\n" } },
	  1,
	  1,
	  2,
	  3 },
	{ "two sizes are added",
	  false,
	  { { "hugetlb.2MB.current", "1\n" },
	    { "hugetlb.2MB.max", "2\n" },
	    { "hugetlb.2MB.events", "max 3\n" },
	    { "hugetlb.1GB.current", "10\n" },
	    { "hugetlb.1GB.max", "20\n" },
	    { "hugetlb.1GB.events", "max 30\n" } },
	  2,
	  11,
	  22,
	  33 },
	{ "without a limit in one of them there is none",
	  false,
	  { { "hugetlb.64KB.current", "1\n" },
	    { "hugetlb.64KB.max", "max\n" },
	    { "hugetlb.2MB.current", "10\n" },
	    { "hugetlb.2MB.max", "20\n" } },
	  2,
	  11,
	  ABSENT,
	  ABSENT },
	{ "nor is a part of the usage all of it",
	  false,
	  { { "hugetlb.64KB.current", "1\n" }, { "hugetlb.2MB.current", "x\n" } },
	  2,
	  ABSENT,
	  ABSENT,
	  ABSENT },
	{ "negative, cut, too large",
	  false,
	  { { "hugetlb.2MB.current", "-1\n" },
	    { "hugetlb.2MB.max", "99999999999999999999\n" },
	    { "hugetlb.2MB.events", "max 3" } },
	  1,
	  ABSENT,
	  ABSENT,
	  ABSENT },
	{ "a sum that overflows",
	  false,
	  { { "hugetlb.2MB.current", "18446744073709551615\n" }, { "hugetlb.1GB.current", "1\n" } },
	  2,
	  ABSENT,
	  ABSENT,
	  ABSENT },
	{ "v1",
	  true,
	  { { "hugetlb.2MB.usage_in_bytes", "1\n" },
	    { "hugetlb.2MB.limit_in_bytes", "2\n" },
	    { "hugetlb.2MB.failcnt", "3\n" },
	    { "hugetlb.2MB.max_usage_in_bytes", "10\n" },
	    { "hugetlb.2MB.rsvd.usage_in_bytes", "10\n" } },
	  1,
	  1,
	  2,
	  3 },
	{ "v1 without a limit",
	  true,
	  { { "hugetlb.2MB.usage_in_bytes", "1\n" },
	    { "hugetlb.2MB.limit_in_bytes", "9223372036854771712\n" } },
	  1,
	  1,
	  ABSENT,
	  ABSENT },
	{ "names that kernels do not have",
	  false,
	  { { "hugetlb..current", "1\n" },
	    { "hugetlb.current", "1\n" },
	    { "hugetlb.2MB.currents", "1\n" } },
	  0,
	  ABSENT,
	  ABSENT,
	  ABSENT },
};

static uint64_t get(const struct frame_row *row, enum metric m)
{
	return frame_has(row, m) ? row->value[m] : ABSENT;
}

static void files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };
		struct hugetlb h = { 0 };
		char dir[64];

		scratch_make(dir);
		for (size_t k = 0; k < ARRAY_SIZE(cases[i].files) && cases[i].files[k].name; k++)
			scratch_write(dir, cases[i].files[k].name, cases[i].files[k].text);
		if (hugetlb_open(dir, cases[i].v1, scratch, sizeof(scratch), &h) != cases[i].sizes)
			fail_msg("%s: %zu sizes", cases[i].label, h.n);
		hugetlb_read(&h, cases[i].v1, scratch, sizeof(scratch), &row);
		if (get(&row, METRIC_hugetlb_bytes) != cases[i].bytes ||
		    get(&row, METRIC_hugetlb_limit_bytes) != cases[i].limit ||
		    get(&row, METRIC_hugetlb_events_max) != cases[i].events)
			fail_msg("%s", cases[i].label);
		hugetlb_close(&h);
		hugetlb_close(&h);
		fs_remove_tree(dir);
	}
}

/* In a directory that takes several reads: as many as there are places for, and one more. */
static void many(void **state)
{
	struct frame_row row = { 0 };
	struct hugetlb h = { 0 };
	char dir[64], name[64];

	(void)state;
	scratch_make(dir);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "a.child.group.%d.current", i);
		scratch_write(dir, name, "1\n");
	}
	for (int i = 0; i < HUGETLB_SIZES; i++) {
		snprintf(name, sizeof(name), "hugetlb.%dMB.current", 1 << i);
		scratch_write(dir, name, "1\n");
	}
	assert_int_equal(hugetlb_open(dir, false, scratch, sizeof(scratch), &h), HUGETLB_SIZES);
	hugetlb_read(&h, false, scratch, sizeof(scratch), &row);
	assert_int_equal(row.value[METRIC_hugetlb_bytes], HUGETLB_SIZES);
	hugetlb_close(&h);
	scratch_write(dir, "hugetlb.16GB.current", "1\n");
	assert_int_equal(hugetlb_open(dir, false, scratch, sizeof(scratch), &h), -E2BIG);
	fs_remove_tree(dir);
	assert_int_equal(hugetlb_open(dir, false, scratch, sizeof(scratch), &h), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
