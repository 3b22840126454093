// SPDX-License-Identifier: Apache-2.0
/* Single facts: what a file may hold, and what is no fact. */
#include "host/facts.h"

#include "scratch.h"
#include "unit.h"

static char dir[64];

static const struct {
	const char *text;
	enum fact_kind kind;
	const char *want; /* as JSON; NULL: no fact */
	const char *why;
} cases[] = {
	{ "performance\n", FACT_TEXT, "\"performance\"", "a line" },
	{ "QEMU HARDDISK   \n", FACT_TEXT, "\"QEMU HARDDISK\"", "padding is no part of it" },
	{ "one\ntwo\n", FACT_TEXT, "\"one\"", "the first of more lines" },
	{ "\n", FACT_TEXT, NULL, "an empty line" },
	{ "", FACT_TEXT, NULL, "nothing" },
	{ "\xff\xfe\n", FACT_TEXT, NULL, "no text" },
	{ "128\n", FACT_NUMBER, "128", "a number" },
	{ "-1\n", FACT_NUMBER, "-1", "below zero" },
	{ "9223372036854775807", FACT_NUMBER, "9223372036854775807", "the largest" },
	{ "18446744073709551615\n", FACT_NUMBER, NULL, "larger than can be told" },
	{ "12 kB\n", FACT_NUMBER, NULL, "a number and more" },
	{ "max\n", FACT_NUMBER, NULL, "no number" },
	{ "\n", FACT_NUMBER, NULL, "no number at all" },
	{ "1\n", FACT_FLAG, "true", "set" },
	{ "0\n", FACT_FLAG, "false", "not set" },
	{ "Y\n", FACT_FLAG, "true", "set, as of a module" },
	{ "N\n", FACT_FLAG, "false", "not set, as of a module" },
	{ "2\n", FACT_FLAG, NULL, "neither" },
	{ "none [mq-deadline] bfq\n", FACT_CHOICE, "\"mq-deadline\"", "the one in use" },
	{ "[none]\n", FACT_CHOICE, "\"none\"", "the only one" },
	{ "none\n", FACT_CHOICE, NULL, "none in use" },
	{ "a [b\n", FACT_CHOICE, NULL, "cut" },
	{ "] [\n", FACT_CHOICE, NULL, "in the wrong order" },
};

static void a_file_is_a_fact_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *v;
		char *text;

		scratch_write(dir, "fact", cases[i].text);
		v = fact_read(dir, "fact", cases[i].kind);
		text = v ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
		if (!text != !cases[i].want || (text && strcmp(text, cases[i].want)))
			fail_msg("%s: %s", cases[i].why, text ? text : "no fact");
		free(text);
		json_decref(v);
	}
	assert_null(fact_read(dir, "absent", FACT_TEXT));
	assert_null(fact_read("/proc/self", "fd", FACT_TEXT));
}

static void what_is_absent_is_left_out(void **state)
{
	static const struct fact facts[] = {
		{ "first", "a/b", FACT_NUMBER },
		{ "second", "a/none", FACT_NUMBER },
	};
	json_t *to = json_object();

	(void)state;
	scratch_write(dir, "a/b", "7\n");
	facts_read(to, dir, facts, 2);
	assert_int_equal(json_object_size(to), 1);
	assert_int_equal(json_integer_value(json_object_get(to, "first")), 7);
	json_decref(to);
}

static void names_are_in_the_order_of_numbers(void **state)
{
	char(*names)[64];
	size_t n;

	(void)state;
	scratch_write(dir, "cpus/cpu10/x", "");
	scratch_write(dir, "cpus/cpu9/x", "");
	scratch_write(dir, "cpus/cpufreq/x", "");
	scratch_write(dir, "cpus/cpu/x", "");
	assert_int_equal(facts_list("/nowhere", "", &names, &n), 0);
	assert_int_equal(n, 0);
	facts_list(dir, "cpu", &names, &n);
	assert_int_equal(n, 0);
	free(names);
	char cpus[128];

	snprintf(cpus, sizeof(cpus), "%s/cpus", dir);
	facts_list(cpus, "cpu", &names, &n);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "cpu9");
	assert_string_equal(names[1], "cpu10");
	free(names);
	facts_list(cpus, "", &names, &n);
	assert_int_equal(n, 4);
	free(names);
}

/* This machine has at least these, and an empty one has none. */
static void all_of_them_are_there(void **state)
{
	json_t *host = json_object();

	(void)state;
	assert_int_equal(facts_put_all(&(struct facts_place){ "/sys", "/proc" }, host), 0);
	assert_true(json_integer_value(json_object_get(json_object_get(host, "memory"),
						       "total_bytes")) > 1 << 20);
	assert_true(json_array_size(json_object_get(host, "mounts")) > 0);
	assert_true(json_is_object(json_object_get(host, "cpu")));
	assert_true(json_is_array(json_object_get(host, "disks")));
	assert_true(json_is_array(json_object_get(host, "nodes")));
	assert_int_equal(facts_put_all(&(struct facts_place){ "/nowhere", "/nowhere" }, host), 0);
	assert_int_equal(json_object_size(json_object_get(host, "cpu")), 0);
	assert_int_equal(json_object_size(json_object_get(host, "memory")), 0);
	assert_int_equal(json_array_size(json_object_get(host, "mounts")), 0);
	json_decref(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_a_fact_or_none),
		cmocka_unit_test(what_is_absent_is_left_out),
		cmocka_unit_test(names_are_in_the_order_of_numbers),
		cmocka_unit_test(all_of_them_are_there),
	};
	int failed;

	scratch_make(dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fs_remove_tree(dir);
	return failed;
}
