// SPDX-License-Identifier: Apache-2.0
/* Rules that look at what several targets did. */
#include <string.h>

#include "base/err.h"
#include "finding/finding.h"
#include "unit.h"

static bool has(const json_t *array, const char *id)
{
	json_t *o;
	size_t i;

	json_array_foreach(array, i, o)
		if (!strcmp(json_string_value(json_object_get(o, "id")), id))
			return true;
	return false;
}

static json_t *load(const char *quoted)
{
	char text[4096];
	json_t *o;

	snprintf(text, sizeof(text), "%s", quoted);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	return o;
}

static json_t *findings_of(const char *quoted)
{
	json_t *report = load(quoted), *findings, *not_judged;
	struct err err = { 0 };

	assert_int_equal(findings_judge(report, NULL, &findings, &not_judged, &err), 0);
	json_decref(not_judged);
	json_decref(report);
	return findings;
}

static void test_several_targets(void **state)
{
	json_t *f;

	(void)state;
	f = findings_of(
		"{'backends': {'block': 'tp_btf'}, 'targets': ["
		"{'name': 'victim', 'kind': 'container', 'block': {'vda': {'read': {'ios': "
		"500}}}, 'sharing': {'vda': {'share_ns': 50}}},"
		"{'name': 'other', 'kind': 'container', 'sharing': {'vda': {'share_ns': 40}}},"
		"{'name': 'host', 'kind': 'host', 'sharing': {'vda': {'share_ns': 10}}},"
		"{'name': 'unattributed', 'kind': 'unattributed', 'sharing': {'vda': "
		"{'share_ns': 900}}}]}");
	assert_true(has(f, "noisy-neighbour"));
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_array_get(f, 0), "evidence"), "most")),
			    "other");
	json_decref(f);
	f = findings_of("{'targets': [{'name': 'a', 'kind': 'container', 'files': [{'dev': '8:1', "
			"'inode': 3, 'generation': 1, 'path': '/x', 'write_bytes': 9}]}, {'name': "
			"'b', 'kind': 'container', 'files': [{'dev': '8:1', 'inode': 3, "
			"'generation': 1, 'write_bytes': 9}]}]}");
	assert_true(has(f, "shared-inode"));
	json_decref(f);
	/* A later file with the same number is another one. */
	f = findings_of("{'targets': [{'name': 'a', 'kind': 'container', 'files': [{'dev': '8:1', "
			"'inode': 3, 'generation': 1, 'write_bytes': 9}]}, {'name': 'b', 'kind': "
			"'container', 'files': [{'dev': '8:1', 'inode': 3, 'generation': 2, "
			"'write_bytes': 9}]}]}");
	assert_false(has(f, "shared-inode"));
	json_decref(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
