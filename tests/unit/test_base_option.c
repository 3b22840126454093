// SPDX-License-Identifier: Apache-2.0
/* Option tables: presets, values, names. */
#include "base/option.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/strlist.h"
#include "unit.h"

struct inner {
	uint64_t number;
	char *text;
};

struct named {
	char *name;
	uint64_t number;
};

struct config {
	enum flag flag;
	enum tri tri;
	uint64_t integer, size, duration;
	double real;
	char *text, *cpus, *word;
	int choice;
	struct str_list list;
	struct str_map map;
	struct inner inner;
	struct section_list sections;
};

static const char *const choices[] = { "red", "green", NULL };
static const char *const only[] = { "one", NULL };

#define ROW(key, kind, of, field) .name = key, .type = kind, .offset = offsetof(struct of, field)
static const struct option_row inner_rows[] = {
	{ ROW("number", OPTION_INT, inner, number), .preset = "7" },
	{ ROW("text", OPTION_STRING, inner, text) },
	{ 0 },
};

static const struct option_row named_rows[] = {
	{ ROW("number", OPTION_INT, named, number), .preset = "9" },
	{ 0 },
};

static const struct option_row rows[] = {
	{ ROW("flag", OPTION_BOOL, config, flag) },
	{ ROW("tri", OPTION_TRI, config, tri), .preset = "auto" },
	{ ROW("integer", OPTION_INT, config, integer), .min = 2, .max = 10 },
	{ ROW("size", OPTION_SIZE, config, size), .preset = "4k" },
	{ ROW("duration", OPTION_DURATION, config, duration), .preset = "1s" },
	{ ROW("real", OPTION_REAL, config, real) },
	{ ROW("text", OPTION_STRING, config, text), .preset = "hello" },
	{ ROW("cpus", OPTION_CPUS, config, cpus) },
	{ ROW("word", OPTION_STRING, config, word), .choices = only },
	{ ROW("choice", OPTION_ENUM, config, choice), .preset = "green", .choices = choices },
	{ ROW("list", OPTION_STRINGS, config, list), .preset = "first" },
	{ ROW("map", OPTION_STRMAP, config, map) },
	{ ROW("inner", OPTION_SECTION, config, inner), .rows = inner_rows },
	{ ROW("sections", OPTION_SECTIONS, config, sections), .rows = named_rows,
	  .size = sizeof(struct named) },
	{ 0 },
};

static void presets_are_filled_in(void **state)
{
	struct config c = { 0 };

	(void)state;
	assert_int_equal(option_presets(rows, &c), 0);
	assert_int_equal(c.flag, FLAG_UNSET);
	assert_int_equal(c.tri, TRI_AUTO);
	assert_int_equal(c.integer, OPTION_UNSET);
	assert_int_equal(c.size, 4096);
	assert_int_equal(c.duration, 1000000000);
	assert_true(isnan(c.real));
	assert_string_equal(c.text, "hello");
	assert_null(c.cpus);
	assert_int_equal(c.choice, 1);
	assert_int_equal(c.list.n, 1);
	assert_int_equal(c.map.n, 0);
	assert_int_equal(c.inner.number, 7);
	assert_null(c.inner.text);
	assert_int_equal(c.sections.n, 0);
	option_fini(rows, &c);
	assert_null(c.text);
	assert_int_equal(c.list.n, 0);
}

static const struct {
	const char *label, *name, *text;
	const char *error; /* NULL: accepted */
} cases[] = {
	{ "true is a flag", "flag", "true", NULL },
	{ "on is a flag", "flag", "on", NULL },
	{ "NO is a flag", "flag", "NO", NULL },
	{ "1 is no flag", "flag", "1", "expected true or false, got '1'" },
	{ "auto is no flag", "flag", "auto", "expected true or false, got 'auto'" },
	{ "auto is one of three", "tri", "auto", NULL },
	{ "false is one of three", "tri", "false", NULL },
	{ "maybe is none of three", "tri", "maybe", "expected true, auto or false, got 'maybe'" },
	{ "the least number", "integer", "2", NULL },
	{ "the greatest number", "integer", "10", NULL },
	{ "below the least", "integer", "1", "expected 2 to 10, got '1'" },
	{ "above the greatest", "integer", "11", "expected 2 to 10, got '11'" },
	{ "no sign", "integer", "-3", "expected a whole number, got '-3'" },
	{ "no blank", "integer", " 3", "expected a whole number, got ' 3'" },
	{ "no fraction", "integer", "3.5", "expected a whole number, got '3.5'" },
	{ "no tail", "integer", "3x", "expected a whole number, got '3x'" },
	{ "not nothing", "integer", "", "expected a whole number, got ''" },
	{ "not more than 64 bits", "integer", "99999999999999999999",
	  "expected a whole number, got '99999999999999999999'" },
	{ "a size", "size", "1.5g", NULL },
	{ "no size", "size", "1KB", "expected a size such as 4096, 4KiB or 1g, got '1KB'" },
	{ "a duration", "duration", "250us", NULL },
	{ "no duration", "duration", "5", "expected a duration such as 100ms, 10s or 5m, got '5'" },
	{ "a number", "real", "-1.5e3", NULL },
	{ "no number", "real", "1,5", "expected a number, got '1,5'" },
	{ "not infinity", "real", "inf", "expected a number, got 'inf'" },
	{ "CPUs", "cpus", "0,2-3", NULL },
	{ "no CPUs", "cpus", "3-2", "expected a CPU list such as 0,2,4-7, got '3-2'" },
	{ "a choice", "choice", "red", NULL },
	{ "no choice", "choice", "blue", "expected one of red, green, got 'blue'" },
	{ "choices are exact", "choice", "Red", "expected one of red, green, got 'Red'" },
	{ "the only word", "word", "one", NULL },
	{ "not the only word", "word", "two", "expected one, got 'two'" },
	{ "an item", "list", "x", NULL },
	{ "a map is no text", "map", "x", "expected a mapping of names to values, got 'x'" },
	{ "a section is no text", "inner", "x", "expected a mapping, got 'x'" },
	{ "sections are no text", "sections", "x", "expected a mapping, got 'x'" },
};

static void values_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config c = { 0 };
		struct err err = { 0 };
		int rc;

		assert_int_equal(option_presets(rows, &c), 0);
		rc = option_set(option_find(rows, cases[i].name), &c, cases[i].text, &err);
		if ((rc == 0) != !cases[i].error)
			fail_msg("%s: rc %d %s", cases[i].label, rc, err.text);
		if (cases[i].error && strcmp(err.text, cases[i].error) != 0)
			fail_msg("%s: got %s", cases[i].label, err.text);
		option_fini(rows, &c);
	}
}

static void values_arrive(void **state)
{
	struct config c = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(option_presets(rows, &c), 0);
	assert_int_equal(option_set(&rows[0], &c, "yes", &err), 0);
	assert_int_equal(option_set(&rows[0], &c, "off", &err), 0);
	assert_int_equal(option_set(&rows[1], &c, "true", &err), 0);
	assert_int_equal(option_set(&rows[2], &c, "10", &err), 0);
	assert_int_equal(option_set(&rows[6], &c, "bye", &err), 0);
	assert_int_equal(option_set(&rows[9], &c, "red", &err), 0);
	assert_int_equal(option_set(&rows[10], &c, "second", &err), 0);
	assert_int_equal(c.flag, FLAG_OFF);
	assert_int_equal(c.tri, TRI_ON);
	assert_int_equal(c.integer, 10);
	assert_string_equal(c.text, "bye");
	assert_int_equal(c.choice, 0);
	assert_int_equal(c.list.n, 2);
	assert_string_equal(c.list.v[1], "second");
	option_fini(rows, &c);
}

static void sections_are_freed(void **state)
{
	struct config c = { 0 };
	struct named *one = calloc(1, sizeof(*one));

	(void)state;
	assert_non_null(one);
	one->name = strdup("a");
	c.sections = (struct section_list){ one, 1 };
	option_fini(rows, &c);
	assert_int_equal(c.sections.n, 0);
	assert_null(c.sections.v);
	option_fini(rows, &c);
}

static const struct {
	const char *label, *name, *nearest;
} names[] = {
	{ "two letters swapped", "integre", "integer" },
	{ "a letter missing", "inner", "inner" },
	{ "a letter too many", "duratioon", "duration" },
	{ "another letter", "sizo", "size" },
	{ "the nearest of several", "realy", "real" },
	{ "too far from all", "zzzzzzz", NULL },
	{ "a short word is not any other", "ab", NULL },
	{ "nothing", "", NULL },
	{ "too long to compare",
	  "integerintegerintegerintegerintegerintegerintegerintegerintegerinteger", NULL },
};

static void misspelt_names_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *nearest = option_nearest(rows, names[i].name);

		if (!nearest != !names[i].nearest ||
		    (nearest && strcmp(nearest, names[i].nearest) != 0))
			fail_msg("%s: got %s", names[i].label, nearest ? nearest : "nothing");
	}
	assert_ptr_equal(option_find(rows, "tri"), &rows[1]);
	assert_null(option_find(rows, "tr"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_are_filled_in),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(sections_are_freed),
		cmocka_unit_test(misspelt_names_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
