// SPDX-License-Identifier: Apache-2.0
/* The JSON Schema has every key, and the committed copy is current. */
#include <fcntl.h>
#include <jansson.h>

#include "base/fs.h"
#include "spec/rows.h"
#include "spec_case.h"

static json_t *generate(void)
{
	struct buf out = BUF_INIT(1 << 20);
	json_t *schema;

	assert_int_equal(spec_schema(&out), 0);
	schema = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(schema);
	buf_fini(&out);
	return schema;
}

static void the_committed_file_is_current(void **state)
{
	struct buf out = BUF_INIT(1 << 20), file = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(spec_schema(&out), 0);
	assert_int_equal(fs_slurp_at(AT_FDCWD, "specs/cbpf.schema.json", &file), 0);
	if (strcmp(buf_str(&out), buf_str(&file)) != 0)
		fail_msg("specs/cbpf.schema.json is not what cbpf validate --schema prints");
	buf_fini(&out);
	buf_fini(&file);
}

/* The schema of a mapping within @schema, behind its short forms. */
static const json_t *mapping_in(const json_t *schema)
{
	const json_t *any = json_object_get(schema, "anyOf"), *below;
	size_t i;

	if (json_object_get(schema, "properties") ||
	    json_object_get(schema, "additionalProperties"))
		return schema;
	json_array_foreach(any, i, below)
		if (json_object_get(below, "additionalProperties"))
			return below;
	return NULL;
}

static void check_rows(const struct option_row *rows, const json_t *schema)
{
	assert_non_null(schema);
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
	for (; rows->name; rows++) {
		const json_t *one =
			json_object_get(json_object_get(schema, "properties"), rows->name);

		if (!one)
			fail_msg("no key %s", rows->name);
		assert_string_equal(json_string_value(json_object_get(one, "description")),
				    rows->help);
		assert_true(!rows->preset == !json_object_get(one, "default"));
		assert_true(rows->secret == json_is_true(json_object_get(one, "writeOnly")));
		if (rows->type == OPTION_SECTION)
			check_rows(rows->rows, mapping_in(one));
		if (rows->type == OPTION_SECTIONS)
			check_rows(rows->rows,
				   json_object_get(mapping_in(one), "additionalProperties"));
	}
}

static void every_row_is_there(void **state)
{
	json_t *schema = generate();

	(void)state;
	check_rows(spec_rows, schema);
	json_decref(schema);
}

static void references_have_their_target(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	json_t *schema = generate();
	static const char start[] = "\"$ref\": \"#/$defs/";
	const char *at;
	int n = 0;

	(void)state;
	assert_int_equal(spec_schema(&out), 0);
	for (at = buf_str(&out); (at = strstr(at, start)); n++) {
		char name[32] = "";

		at += strlen(start);
		memcpy(name, at, strcspn(at, "\""));
		if (!json_object_get(json_object_get(schema, "$defs"), name))
			fail_msg("no definition of %s", name);
	}
	assert_true(n > 50);
	json_decref(schema);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_committed_file_is_current),
		cmocka_unit_test(every_row_is_there),
		cmocka_unit_test(references_have_their_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
