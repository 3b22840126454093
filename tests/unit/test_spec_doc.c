// SPDX-License-Identifier: Apache-2.0
/* YAML as such: syntax, documents, duplicates, merge keys, bounds. */
#include "spec/doc.h"

#include "spec_case.h"

static const struct spec_case cases[] = {
	{ "an empty file is refused", "", "f:1:1: the file is empty\n" },
	{ "a file of comments is refused", "# nothing\n", "f:1:1: the file is empty\n" },
	{ "a scalar is no spec", "hello\n", "f:1:1: expected a mapping of keys, got a value\n" },
	{ "a list is no spec", "- a\n", "f:1:1: expected a mapping of keys, got a list\n" },
	{ "null is no spec", "--- ~\n", "f:1:5: expected a mapping of keys, got nothing\n" },
	{ "a document marker is fine", "---\n" SPEC_A "...\n", "" },
	{ "a second document is refused", SPEC_A "---\na: 1\n",
	  "f:5:1: a second document begins here; one file holds one spec\n" },
	{ "a syntax error has its place", "name: [a\nb: 1\n",
	  "f:2:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence "
	  "(line 1)\n" },
	{ "a tab as indentation is a syntax error", "containers:\n\ta: 1\n",
	  "f:2:1: not YAML: found character that cannot start any token while scanning for the "
	  "next token (line 2)\n" },
	{ "text that is not UTF-8 is refused", "name: \xff\n",
	  "f:1:1: not YAML: invalid leading UTF-8 octet at byte 6\n" },
	{ "an unknown alias is a syntax error", "name: *nobody\n",
	  "f:1:7: not YAML: found undefined alias\n" },
	{ "a duplicate key is refused", SPEC_A "runtime: native\n",
	  "f:5:1: duplicate key 'runtime'\n" },
	{ "a duplicate container is refused", SPEC_A "  a:\n    command: [y]\n",
	  "f:5:3: duplicate key 'a'\n" },
	{ "a key must be a name", SPEC_A "[x]: 1\n",
	  "f:5:1: expected a plain name as key, got a list\n" },
	{ "merge keys bring what is not there", "x-b: &b {command: [y]}\n" SPEC_A "  b: {<<: *b}\n",
	  "" },
	{ "a list of merge sources works",
	  "x-b: &b {command: [y]}\nx-c: &c {memory: 1g}\n" SPEC_A "  b: {<<: [*b, *c]}\n", "" },
	{ "two merge keys are refused",
	  "x-b: &b {command: [y]}\n" SPEC_A "  b:\n    <<: *b\n    <<: *b\n",
	  "f:8:5: duplicate key '<<'; merge several with a list: <<: [*a, *b]\n" },
	{ "a merge source must be a mapping", SPEC_A "    <<: 1\n",
	  "f:5:9: a merge key (<<) takes a mapping or a list of mappings, got a value\n" },
	{ "a quoted << is an ordinary key", SPEC_A "    \"<<\": 1\n", "f:5:5: unknown key '<<'\n" },
	{ "a mapping that merges itself ends", SPEC_A "  b: &b {<<: *b, command: [y]}\n",
	  "f:5:3: container 'b' needs a command or a workload with runtime: native\n"
	  "f:5:6: merge keys (<<) are nested more than 16 deep\n" },
	{ "an error in an alias is told once",
	  SPEC_A "    io: &io {weigth: 100}\n  b: {command: [y], io: *io}\n",
	  "f:5:14: unknown key 'weigth'; did you mean 'weight'?\n" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	spec_case_run_all(cases);
}

static void own_keys_win_over_merged_ones(void **state)
{
	struct spec *spec = spec_case_valid("x-p: &p {user: p, image: p}\n"
					    "x-q: &q {user: q, image: q, working_dir: /q}\n" SPEC_A
					    "    user: own\n    <<: [*p, *q]\n");
	const struct spec_container *c = spec->containers.v;

	(void)state;
	assert_string_equal(c->user, "own");
	assert_string_equal(c->image, "p");
	assert_string_equal(c->working_dir, "/q");
	spec_free(spec);
}

/* Ten levels of ten aliases each: ten billion values from one kilobyte. */
static void aliases_cannot_explode(void **state)
{
	struct buf yaml = BUF_INIT(65536), messages = BUF_INIT(65536);
	struct spec *spec;

	(void)state;
	buf_puts(&yaml, "x-0: &l0 {a: 1}\n");
	for (int level = 1; level <= 10; level++) {
		buf_printf(&yaml, "x-%d: &l%d {<<: [", level, level);
		for (int i = 0; i < 10; i++)
			buf_printf(&yaml, "%s*l%d", i ? ", " : "", level - 1);
		buf_puts(&yaml, "]}\n");
	}
	buf_puts(&yaml, SPEC_A "    labels: *l10\n");
	spec = spec_case_parse(buf_str(&yaml), NULL, &messages);
	assert_null(spec);
	assert_non_null(strstr(buf_str(&messages), "more than 100000 values"));
	buf_fini(&yaml);
	buf_fini(&messages);
}

static void keys_of_one_mapping_are_bounded(void **state)
{
	struct buf yaml = BUF_INIT(65536), messages = BUF_INIT(65536);

	(void)state;
	buf_puts(&yaml, SPEC_A "    labels:\n");
	for (int i = 0; i < 1025; i++)
		buf_printf(&yaml, "      k%d: v\n", i);
	assert_null(spec_case_parse(buf_str(&yaml), NULL, &messages));
	assert_string_equal(buf_str(&messages), "f:1030:7: more than 1024 keys\n");
	buf_fini(&yaml);
	buf_fini(&messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(own_keys_win_over_merged_ones),
		cmocka_unit_test(aliases_cannot_explode),
		cmocka_unit_test(keys_of_one_mapping_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
