// SPDX-License-Identifier: Apache-2.0
/* Stacks of the page: the largest first, and what has no room told. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "html/parts.h"
#include "unit.h"

#define STACKS                                                                                     \
	"{\"targets\": [{\"id\": 0, \"profile\": {\"stacks\": [{\"stack\": \"a;b<\", "             \
	"\"samples\": "                                                                            \
	"5}, {\"stack\": \"a;c\", \"samples\": 2}, {\"stack\": \"d\", \"samples\": 1}]}}, "        \
	"{\"id\": 1}, {\"id\": 2, \"profile\": {\"stacks\": []}}]}"

static const struct {
	size_t most;
	const char *want, *why;
} cases[] = {
	{ 4096,
	  "\"flames\":[{\"target\":0,\"stacks\":[[\"a;b\\u003c\",5],[\"a;c\",2],[\"d\",1]],"
	  "\"left_out\":{\"stacks\":0,\"samples\":0}},\n{\"target\":2,\"stacks\":[],"
	  "\"left_out\":{\"stacks\":0,\"samples\":0}}]",
	  "all" },
	{ 78,
	  "\"flames\":[{\"target\":0,\"stacks\":[[\"a;b\\u003c\",5]],\"left_out\":{\"stacks\":2,"
	  "\"samples\":3}},\n{\"target\":2,\"stacks\":[],\"left_out\":{\"stacks\":0,"
	  "\"samples\":0}}]",
	  "half of 78 bytes each" },
};

static void as_many_as_fit(void **state)
{
	json_t *report = json_loads(STACKS, 0, NULL), *none = json_object();
	cleanup_buf struct buf empty = BUF_INIT(1024);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_INIT(4096);

		assert_int_equal(html_flames(report, cases[i].most, &out), 0);
		if (strcmp(buf_str(&out), cases[i].want))
			fail_msg("%s: %s", cases[i].why, buf_str(&out));
	}
	assert_int_equal(html_flames(none, 10, &empty), 0);
	assert_string_equal(buf_str(&empty), "\"flames\":[]");
	json_decref(report);
	json_decref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
