// SPDX-License-Identifier: Apache-2.0
/* A page is whole around its data, or says why it is not there. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "html/html.h"
#include "html/parts.h"
#include "unit.h"

static void a_page_around_data(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(HTML_MAX), small = BUF_INIT(1000);
	struct err err = { 0 };
	size_t len;
	const char *page = html_template(&len), *mark = strstr(page, HTML_DATA_MARK);

	(void)state;
	if (!html_available()) {
		assert_int_equal(html_open(&out, &err), -ENOTSUP);
		assert_non_null(strstr(err.text, "WEB=0"));
		return;
	}
	assert_int_equal(html_open(&out, &err), 0);
	assert_int_equal(out.len, mark - page);
	buf_puts(&out, "{}");
	assert_int_equal(html_close(&out, &err), 0);
	assert_int_equal(out.len, len - strlen(HTML_DATA_MARK) + 2);
	assert_memory_equal(buf_str(&out), page, mark - page);
	assert_string_equal(buf_str(&out) + (mark - page) + 2, mark + strlen(HTML_DATA_MARK));
	/* What does not fit is told. */
	assert_int_equal(html_open(&small, &err), 0);
	assert_int_equal(html_close(&small, &err), -EMSGSIZE);
	assert_non_null(strstr(err.text, "MiB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_around_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
