// SPDX-License-Identifier: Apache-2.0
/* What IOR was asked for, by all ways in which it can be. */
#include <math.h>

#include "base/cleanup.h"
#include "finding/judging.h"
#include "unit.h"

static const struct {
	const char *command, *name;
	bool has;
	double number; /* NAN: there is none */
	const char *why;
} options[] = {
	{ "ior -C -D 30 -w", "reorderTasks", true, 1, "a switch" },
	{ "ior -wCr", "reorderTasks", true, 1, "among other switches" },
	{ "ior --reorderTasks", "reorderTasks", true, 1, "by its name" },
	{ "ior --reordertasks=1 -w", "reorderTasks", true, 1, "in other letters" },
	{ "ior --reorderTasks=0", "reorderTasks", false, 0, "switched off" },
	{ "ior -O summaryFile=x,reorderTasks=1", "reorderTasks", true, 1, "as a directive" },
	{ "ior -wOreorderTasks=1 -r", "reorderTasks", true, 1, "as one at its letter" },
	{ "ior -C -O reorderTasks=0", "reorderTasks", false, 0, "the last counts" },
	{ "ior -O reorderTasksRandom=1", "reorderTasks", false, NAN, "another that begins so" },
	{ "ior -O xreorderTasks=1", "reorderTasks", false, NAN, "another that ends so" },
	{ "ior -O reorderTasks", "reorderTasks", true, 1, "no value, taken for 1" },
	{ "ior -o -C -r", "reorderTasks", false, NAN, "the value of another" },
	{ "ior -oC -r", "reorderTasks", false, NAN, "the same at its letter" },
	{ "ior -o /tmp/-C -r", "reorderTasks", false, NAN, "part of a path" },
	{ "-C", "reorderTasks", false, NAN, "the program's own name" },
	{ "ior  -w  -C", "reorderTasks", true, 1, "blanks" },
	{ "", "reorderTasks", false, NAN, "nothing" },
	{ "ior - -- -C", "reorderTasks", true, 1, "lines that are none" },
	{ "ior -D 30 -w", "deadlineForStonewalling", true, 30, "with a value behind it" },
	{ "ior -D30", "deadlineForStonewalling", true, 30, "at it" },
	{ "ior -wD=30", "deadlineForStonewalling", true, 30, "as an assignment" },
	{ "ior -w -D", "deadlineForStonewalling", true, NAN, "and none" },
	{ "ior -Dx -D 5", "deadlineForStonewalling", true, 5, "and the last of two" },
	{ "ior --deadlineForStonewalling 7 -w", "deadlineForStonewalling", true, 7, "long" },
	{ "ior -O deadlineForStonewalling=9", "deadlineForStonewalling", true, 9, "a directive" },
	{ "ior --posix.odirect", "posix.odirect", true, 1, "it has no letter" },
	{ "ior --posix.odirect -w", "posix.odirect", true, 1, "what is behind it is an option" },
	{ "ior -l random", "dataPacketType", true, NAN, "a word" },
};

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		double number = option_number(options[i].command, options[i].name);

		if (has_option(options[i].command, options[i].name) != options[i].has)
			fail_msg("%s: %s in '%s'", options[i].why, options[i].name,
				 options[i].command);
		if (isnan(number) != isnan(options[i].number) ||
		    (!isnan(number) && number != options[i].number))
			fail_msg("%s: %s of '%s' is %g", options[i].why, options[i].name,
				 options[i].command, number);
	}
	assert_false(has_option(NULL, "fsync"));
	assert_true(isnan(option_number(NULL, "fsync")));
}

static const struct {
	const char *tool, *command;
	bool direct;
} tools[] = {
	{ "ior", "ior -B -w", true },
	{ "ior", "ior -O useO_DIRECT=1", true },
	{ "ior", "ior --posix.odirect", true },
	{ "ior", "ior -O useO_DIRECT=0", false },
	{ "ior", "ior -b 1m", false },
	{ "fio", "fio --direct=1 --rw=read", true },
	{ "fio", "fio --direct=0", false },
	{ "mdtest", "mdtest -B", false }, /* no barriers */
	{ "mdtest", "mdtest --posix.odirect", true },
};

static void test_direct(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		json_t *t = json_pack("{s:[{s:s, s:s}]}", "results", "tool", tools[i].tool,
				      "command", tools[i].command);

		if (is_direct(t) != tools[i].direct)
			fail_msg("%s", tools[i].command);
		json_decref(t);
	}
	assert_false(is_direct(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_direct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
