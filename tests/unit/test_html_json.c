// SPDX-License-Identifier: Apache-2.0
/* JSON within HTML: the same values, and nothing that a parser of HTML would see. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "html/parts.h"
#include "unit.h"

static const struct {
	const char *text, *want, *why;
} texts[] = {
	{ "", "\"\"", "empty" },
	{ "a b", "\"a b\"", "plain" },
	{ "</script>", "\"\\u003c/script\\u003e\"", "the end of the element" },
	{ "<!--<script>", "\"\\u003c!--\\u003cscript\\u003e\"", "what changes how it ends" },
	{ "&lt;", "\"\\u0026lt;\"", "an entity" },
	{ "\"\\", "\"\\u0022\\u005c\"", "what ends a string" },
	{ "a\n\x01\x7f", "\"a\\u000a\\u0001\\u007f\"", "control characters" },
	{ "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\"\\u2028\\u2029\xe2\x80\xaa\"",
	  "ends of lines of JavaScript, and not what is beside them" },
	{ "\xc3\xa4\xe6\xbc\xa2", "\"\xc3\xa4\xe6\xbc\xa2\"", "UTF-8 passes" },
};

static void text_is_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_buf struct buf out = BUF_INIT(1024);
		json_t *back;

		assert_int_equal(html_json_text(&out, texts[i].text), 0);
		if (strcmp(buf_str(&out), texts[i].want))
			fail_msg("%s: %s", texts[i].why, buf_str(&out));
		back = json_loads(buf_str(&out), JSON_DECODE_ANY, NULL);
		assert_string_equal(json_string_value(back), texts[i].text);
		json_decref(back);
	}
}

static void values_come_back(void **state)
{
	json_t *v = json_loads("{\"a\": [1, -2.5, 0.1, 1e300, true, false, null, \"<b>\"], "
			       "\"</script>\": {\"x\": 9007199254740993}, \"e\": {}, \"l\": []}",
			       0, NULL);
	cleanup_buf struct buf out = BUF_INIT(4096);
	json_t *back;

	(void)state;
	json_array_append_new(json_object_get(v, "a"), json_real(1 / 3.0));
	assert_int_equal(html_json(&out, v, NULL, 0), 0);
	assert_null(strpbrk(buf_str(&out), "<>&"));
	back = json_loads(buf_str(&out), 0, NULL);
	assert_true(json_equal(v, back));
	json_decref(back);
	json_decref(v);
}

static void cuts_are_of_what_is_below(void **state)
{
	static const struct html_cut cuts[] = { { "phases", "buckets" }, { "profile", "stacks" } };
	json_t *v =
		json_loads("{\"buckets\": 1, \"phases\": [{\"x\": {\"buckets\": 2, \"p50\": 3}, "
			   "\"stacks\": 4}], \"profile\": {\"stacks\": 5, \"buckets\": 6}, "
			   "\"stacks\": 7}",
			   JSON_DECODE_ANY, NULL);
	cleanup_buf struct buf out = BUF_INIT(4096);

	(void)state;
	assert_int_equal(html_json(&out, v, cuts, ARRAY_SIZE(cuts)), 0);
	assert_string_equal(buf_str(&out),
			    "{\"buckets\":1,\"phases\":[{\"x\":{\"p50\":3},\"stacks\":4}],"
			    "\"profile\":{\"buckets\":6},\"stacks\":7}");
	json_decref(v);
}

static void numbers_are_short(void **state)
{
	const double v[] = { 0, 1, -1.5, 123456789, NAN, INFINITY, 1.0 / 3, 1e-9 };
	cleanup_buf struct buf out = BUF_INIT(4096);

	(void)state;
	assert_int_equal(html_json_numbers(&out, v, ARRAY_SIZE(v)), 0);
	assert_string_equal(buf_str(&out), "[0,1,-1.5,1.2346e+08,null,null,0.33333,1e-09]");
	buf_reset(&out);
	assert_int_equal(html_json_numbers(&out, v, 0), 0);
	assert_string_equal(buf_str(&out), "[]");
}

static void what_does_not_fit_is_told(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(4);
	json_t *v = json_pack("{s:s}", "key", "value");

	(void)state;
	assert_int_not_equal(html_json(&out, v, NULL, 0), 0);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_text),
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(cuts_are_of_what_is_below),
		cmocka_unit_test(numbers_are_short),
		cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
