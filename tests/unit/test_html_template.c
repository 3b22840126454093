// SPDX-License-Identifier: Apache-2.0
/* The page in the program: whole, with one place for data, and nothing that it would fetch. */
#include <string.h>

#include "base/cleanup.h"
#include "html/html.h"
#include "html/parts.h"
#include "unit.h"

static size_t count(const char *page, const char *word)
{
	size_t n = 0;

	for (const char *at = page; (at = strstr(at, word)); at++)
		n++;
	return n;
}

static void it_is_whole_or_not_there(void **state)
{
	static const char *const once[] = { HTML_DATA_MARK, "</html>", "<title>",
					    "script-src 'sha256-", "id=\"data\"" };
	size_t len;
	const char *page = html_template(&len);

	(void)state;
	assert_int_equal(page[len], 0);
	assert_int_equal(strlen(page), len);
	assert_int_equal(html_available(), len > 0);
	if (!len) {
		print_message("built without the page (WEB=0): there is nothing to look at\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(once); i++)
		if (count(page, once[i]) != 1)
			fail_msg("%s: %zu times", once[i], count(page, once[i]));
	assert_int_equal(count(page, "default-src 'none'"), 1);
	/* The data, the program, and no more. */
	assert_int_equal(count(page, "</script>"), 2);
	assert_int_equal(count(page, "@import"), 0);
	assert_int_equal(count(page, "url(http"), 0);
	assert_int_equal(count(page, " src="), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
