// SPDX-License-Identifier: Apache-2.0
/* Threshold expressions. */
#include "base/expect.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "unit.h"

static const struct {
	const char *label, *text, *target, *path;
	enum expect_cmp cmp;
	double value;
	bool relative;
} good[] = {
	{ "a latency", "victim.block.read.p99 < 5ms", "victim", "block.read.p99", EXPECT_LT, 5e6,
	  false },
	{ "without blanks", "a.exit_code==0", "a", "exit_code", EXPECT_EQ, 0, false },
	{ "at most", "a.b.c <= 1.5", "a", "b.c", EXPECT_LE, 1.5, false },
	{ "at least a size", "a.b >= 4KiB", "a", "b", EXPECT_GE, 4096, false },
	{ "more than", "a.b > -1", "a", "b", EXPECT_GT, -1, false },
	{ "not", "a.b != 1e3", "a", "b", EXPECT_NE, 1000, false },
	{ "m is a minute", "a.b < 1m", "a", "b", EXPECT_LT, 60e9, false },
	{ "MiB is a size", "a.b < 1MiB", "a", "b", EXPECT_LT, 1048576, false },
	{ "names with dashes", "my-a_1.b < 1", "my-a_1", "b", EXPECT_LT, 1, false },
	{ "a tenth more than the base", "a.b > +10%", "a", "b", EXPECT_GT, 10, true },
	{ "less than it", "a.b < -2.5 %", "a", "b", EXPECT_LT, -2.5, true },
	{ "an operation of two words", "a.results.file creation.iops > 5", "a",
	  "results.file creation.iops", EXPECT_GT, 5, false },
	{ "and of one that compares", "a.results.benchmark read.p99_s < -5%", "a",
	  "results.benchmark read.p99_s", EXPECT_LT, -5, true },
	{ "a target with a dot", "a.b.block.read.p99 < 5ms", "a.b", "block.read.p99", EXPECT_LT,
	  5e6, false },
	{ "with two, and words", "a.b.c.results.tree removal.iops > 5", "a.b.c",
	  "results.tree removal.iops", EXPECT_GT, 5, false },
	{ "with a name that is a layer's", "a.block.block.read.p99 < 5ms", "a.block",
	  "block.read.p99", EXPECT_LT, 5e6, false },
	{ "of which every name is taken", "a.perf.vfs.read.calls > 1", "a.perf", "vfs.read.calls",
	  EXPECT_GT, 1, false },
	{ "an event with a dot", "a.perf.mem_inst.any > 1", "a", "perf.mem_inst.any", EXPECT_GT, 1,
	  false },
	{ "a target with a dot and a misspelt metric", "a.b.block.read.p95 < 5ms", "a.b",
	  "block.read.p95", EXPECT_LT, 5e6, false },
	{ "a sign alone is that of the value", "a.b > +10", "a", "b", EXPECT_GT, 10, false },
};

static const struct {
	const char *label, *text, *error;
} bad[] = {
	{ "no comparison", "a.b",
	  "expected TARGET.METRIC CMP VALUE with one of < <= > >= == !=, "
	  "got 'a.b'" },
	{ "nothing", "", "expected TARGET.METRIC CMP VALUE with one of < <= > >= == !=, got ''" },
	{ "one equals sign", "a.b = 1",
	  "expected TARGET.METRIC CMP VALUE with one of < <= > >= == !=, got 'a.b = 1'" },
	{ "no metric", "a < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a'" },
	{ "an empty target", ".b < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got '.b'" },
	{ "an empty metric", "a. < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a.'" },
	{ "a blank inside", "a b.c < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a b.c'" },
	{ "a blank in a target", "a b.results.write.iops < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a "
	  "b.results.write.iops'" },
	{ "a blank where no name has one", "a.block.re ad.p99 < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a.block.re "
	  "ad.p99'" },
	{ "a blank that ends a word of none", "a.results.write .iops < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a.results.write "
	  ".iops'" },
	{ "two blanks between words", "a.results.file  creation.iops < 1",
	  "expected TARGET.METRIC such as victim.block.read.p99 before '<', got 'a.results.file  "
	  "creation.iops'" },
	{ "no value", "a.b <", "expected a number, 5ms or 4KiB after '<', got ''" },
	{ "an unknown unit", "a.b <= 5 parsecs",
	  "expected a number, 5ms or 4KiB after '<=', got '5 parsecs'" },
	{ "percent of what", "a.b > 10%",
	  "expected a change of the base such as +10% or -10% after '>', got '10%'" },
	{ "percent of nothing", "a.b > +%",
	  "expected a change of the base such as +10% or -10% after '>', got '+%'" },
	{ "something behind it", "a.b > +10%x",
	  "expected a change of the base such as +10% or -10% after '>', got '+10%x'" },
	{ "an endless change", "a.b > +inf%",
	  "expected a change of the base such as +10% or -10% after '>', got '+inf%'" },
	{ "not a number", "a.b < nan", "expected a number, 5ms or 4KiB after '<', got 'nan'" },
};

static void good_ones_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err err = { 0 };
		struct expect e;

		if (expect_parse(good[i].text, &e, &err))
			fail_msg("%s: %s", good[i].label, err.text);
		if (strcmp(e.target, good[i].target) != 0 || strcmp(e.path, good[i].path) != 0 ||
		    e.cmp != good[i].cmp || e.value != good[i].value ||
		    e.relative != good[i].relative)
			fail_msg("%s: got %s . %s %s %g", good[i].label, e.target, e.path,
				 expect_cmp_name(e.cmp), e.value);
	}
}

static void bad_ones_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };
		struct expect e;

		assert_int_equal(expect_parse(bad[i].text, &e, &err), -EINVAL);
		if (strcmp(err.text, bad[i].error) != 0)
			fail_msg("%s: got %s", bad[i].label, err.text);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	char text[400];
	struct err err;
	struct expect e;

	(void)state;
	memset(text, 'a', sizeof(text));
	strcpy(text + 300, ".b < 1");
	assert_int_equal(expect_parse(text, &e, &err), -EINVAL);
	strcpy(text + 200, ".b < 1");
	assert_int_equal(expect_parse(text, &e, &err), -EINVAL);
}

static const struct {
	enum expect_cmp cmp;
	const char *name;
	int below, same, above; /* of 1, 2 and 3 against 2 */
} comparisons[] = {
	{ EXPECT_LT, "<", 1, 0, 0 },  { EXPECT_LE, "<=", 1, 1, 0 }, { EXPECT_GT, ">", 0, 0, 1 },
	{ EXPECT_GE, ">=", 0, 1, 1 }, { EXPECT_EQ, "==", 0, 1, 0 }, { EXPECT_NE, "!=", 1, 0, 1 },
};

static void comparisons_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
		struct expect e = { .cmp = comparisons[i].cmp, .value = 2 };

		assert_string_equal(expect_cmp_name(e.cmp), comparisons[i].name);
		assert_int_equal(expect_holds(&e, 1), comparisons[i].below);
		assert_int_equal(expect_holds(&e, 2), comparisons[i].same);
		assert_int_equal(expect_holds(&e, 3), comparisons[i].above);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_read),
		cmocka_unit_test(bad_ones_are_refused),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(comparisons_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
