// SPDX-License-Identifier: Apache-2.0
/* The page of a comparison has all of it, and nothing that ends the data before its time. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "html/html.h"
#include "unit.h"

static void all_of_it(void **state)
{
	static const char begins[] = "id=\"data\">";
	cleanup_buf struct buf page = BUF_INIT(HTML_MAX);
	json_t *comparison = json_pack("{s:s, s:[{s:s}]}", "basis", "</script><!--", "metrics",
				       "path", "block.read.p99"),
	       *data;
	struct err err = { 0 };
	const char *from, *to;

	(void)state;
	if (!html_available()) {
		json_decref(comparison);
		print_message("built without the page (WEB=0)\n");
		skip();
	}
	assert_int_equal(html_compare_page(comparison, &page, &err), 0);
	from = strstr(buf_str(&page), begins) + strlen(begins);
	to = strstr(from, "</script>");
	data = json_loadb(from, to - from, 0, NULL);
	assert_non_null(data);
	assert_true(json_equal(json_object_get(data, "comparison"), comparison));
	json_decref(data);
	json_decref(comparison);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
