// SPDX-License-Identifier: Apache-2.0
/* YAML as JSON: each kind of node, and what is refused. */
#include "spec/tree.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "spec_case.h"

static const struct {
	const char *yaml, *want; /* NULL: refused */
	const char *why;
} cases[] = {
	{ "a: 1\nb: x y\n", "{\"a\":\"1\",\"b\":\"x y\"}", "scalars are texts" },
	{ "a: 1.50\nb: 'true'\n", "{\"a\":\"1.50\",\"b\":\"true\"}", "as they are written" },
	{ "a:\nb: ~\nc: ''\n", "{\"a\":null,\"b\":null,\"c\":\"\"}", "nothing is null" },
	{ "a: {b: [1, {c: d}, []]}\n", "{\"a\":{\"b\":[\"1\",{\"c\":\"d\"},[]]}}", "nested" },
	{ "b: 1\na: 2\n", "{\"b\":\"1\",\"a\":\"2\"}", "in the order of the text" },
	{ "x: &x {k: 1, l: 2}\ny: {<<: *x, l: 3}\nz: *x\n",
	  "{\"x\":{\"k\":\"1\",\"l\":\"2\"},\"y\":{\"l\":\"3\",\"k\":\"1\"},"
	  "\"z\":{\"k\":\"1\",\"l\":\"2\"}}",
	  "aliases and merge keys" },
	{ "ä: \"中\\n\"\n", "{\"ä\":\"中\\n\"}", "any language" },
	{ "hello\n", "\"hello\"", "no mapping" },
	{ "", NULL, "empty" },
	{ "a: [\n", NULL, "no YAML" },
	{ "a: 1\n---\nb: 1\n", NULL, "two documents" },
	{ "a: 1\na: 2\n", NULL, "a key that stands twice" },
	{ "[a]: 1\n", NULL, "a list as key" },
	{ "a: \"x\\0y\"\n", NULL, "a text with an end in it" },
	{ "a: \xff\n", NULL, "no UTF-8" },
	{ "&a [*a]\n", NULL, "a list that holds itself" },
	{ "a: &a {b: *a}\n", NULL, "a mapping that does" },
};

static void trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *tree = spec_tree(cases[i].yaml, strlen(cases[i].yaml));
		cleanup_free char *got =
			tree ? json_dumps(tree, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

		if (!got != !cases[i].want || (got && strcmp(got, cases[i].want)))
			fail_msg("%s: %s", cases[i].why, got ? got : "refused");
		json_decref(tree);
	}
}

/* Ten levels of ten aliases each. */
static void aliases_cannot_explode(void **state)
{
	cleanup_buf struct buf yaml = BUF_INIT(65536);

	(void)state;
	buf_puts(&yaml, "x-0: &l0 {a: 1}\n");
	for (int level = 1; level <= 10; level++) {
		buf_printf(&yaml, "x-%d: &l%d [", level, level);
		for (int i = 0; i < 10; i++)
			buf_printf(&yaml, "%s*l%d", i ? ", " : "", level - 1);
		buf_puts(&yaml, "]\n");
	}
	assert_int_equal(yaml.failed, 0);
	assert_null(spec_tree(buf_str(&yaml), yaml.len));
}

/* What a run stores is such a text. */
static void a_printed_spec(void **state)
{
	cleanup_buf struct buf text = BUF_INIT(65536);
	struct spec *spec = spec_case_valid(SPEC_A);
	json_t *tree, *command;

	(void)state;
	assert_int_equal(spec_print(spec, &text), 0);
	tree = spec_tree(buf_str(&text), text.len);
	assert_non_null(tree);
	assert_string_equal(json_string_value(json_object_get(tree, "runtime")), "native");
	command = json_object_get(json_object_get(json_object_get(tree, "containers"), "a"),
				  "command");
	assert_string_equal(json_string_value(json_array_get(command, 0)), "x");
	json_decref(tree);
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees),
		cmocka_unit_test(aliases_cannot_explode),
		cmocka_unit_test(a_printed_spec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
