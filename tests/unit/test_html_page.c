// SPDX-License-Identifier: Apache-2.0
/* The page of a run: the template with data that can be read, whatever is in it. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_building.h"
#include "fake_full.h"
#include "fake_report.h"
#include "html/html.h"
#include "html/parts.h"
#include "report/report.h"
#include "unit.h"

static const char hostile[] = "</script><script>alert(1)</script><!--<script>";

static struct fake_run run;
static struct err err;
static json_t *report;

static void begin(uint64_t ticks, const char *sql)
{
	if (!html_available()) {
		print_message("built without the page (WEB=0)\n");
		skip();
	}
	fake_full_begin(&run, ticks);
	fake_full_end(&run);
	if (sql)
		fake_sql(&run, "%s", sql);
	err = (struct err){ 0 };
	if (report_build(run.store, &report, &err))
		fail_msg("%s", err.text);
}

static void end(void)
{
	json_decref(report);
	fake_run_fini(&run);
}

/* The data of @page, parsed. */
static json_t *data_of(const struct buf *page)
{
	static const char begins[] = "id=\"data\">";
	const char *from = strstr(buf_str(page), begins), *to;
	json_error_t error;
	json_t *data;

	assert_non_null(from);
	from += strlen(begins);
	to = strstr(from, "</script>");
	assert_non_null(to);
	data = json_loadb(from, to - from, 0, &error);
	if (!data)
		fail_msg("%s at %d", error.text, error.position);
	return data;
}

static void the_report_and_its_series(void **state)
{
	cleanup_buf struct buf page = BUF_INIT(HTML_MAX);
	json_t *data, *own;

	(void)state;
	begin(12, NULL);
	if (html_page(run.store, report, &page, &err))
		fail_msg("%s", err.text);
	data = data_of(&page);
	own = fake_at(data, "report");
	assert_true(json_equal(fake_at(own, "targets.0.results"),
			       fake_at(report, "targets.0.results")));
	assert_true(json_equal(json_object_get(own, "events"), json_object_get(report, "events")));
	assert_non_null(strstr(json_string_value(fake_at(data, "spec")), "name: demo"));
	assert_int_equal(json_integer_value(fake_at(data, "axis.ticks")), 12);
	assert_int_equal(json_integer_value(fake_at(data, "axis.per")), 1);
	assert_int_equal(json_array_size(fake_at(data, "axis.end_s")), 12);
	assert_true(json_array_size(fake_at(data, "lines")) > 10);
	assert_true(json_array_size(fake_at(data, "latency")) > 2);
	assert_true(json_array_size(fake_at(data, "flames")) > 0);
	json_decref(data);
	end();
}

static void names_end_nothing(void **state)
{
	cleanup_buf struct buf page = BUF_INIT(HTML_MAX);
	const char *at;
	int ends = 0;
	json_t *data;

	(void)state;
	begin(4, NULL);
	fake_sql(&run, "UPDATE target SET name = '%s' WHERE id = 0", hostile);
	fake_sql(&run, "UPDATE run SET spec = '%s', name = '%s'", hostile, hostile);
	fake_sql(&run, "UPDATE device SET name = '%s', label = '%s'", hostile, hostile);
	json_decref(report);
	assert_int_equal(report_build(run.store, &report, &err), 0);
	assert_int_equal(html_page(run.store, report, &page, &err), 0);
	for (at = buf_str(&page); (at = strstr(at, "</script>")); at++)
		ends++;
	assert_int_equal(ends, 2); /* of the data and of the program, as in every page */
	data = data_of(&page);
	assert_string_equal(json_string_value(fake_at(data, "spec")), hostile);
	assert_string_equal(json_string_value(fake_at(data, "report.targets.0.name")), hostile);
	json_decref(data);
	end();
}

static void long_runs_have_fewer_points_than_ticks(void **state)
{
	cleanup_buf struct buf page = BUF_INIT(HTML_MAX);
	json_t *data;

	(void)state;
	begin(4000, NULL);
	assert_int_equal(html_page(run.store, report, &page, &err), 0);
	data = data_of(&page);
	assert_int_equal(json_integer_value(fake_at(data, "axis.ticks")), 4000);
	assert_int_equal(json_integer_value(fake_at(data, "axis.per")), 3);
	assert_int_equal(json_array_size(fake_at(data, "axis.end_s")), 1334);
	assert_int_equal(json_integer_value(fake_at(data, "axis.bins_per_column")), 7);
	json_decref(data);
	end();
}

static void runs_without_ticks(void **state)
{
	cleanup_buf struct buf page = BUF_INIT(HTML_MAX);
	json_t *data;

	(void)state;
	begin(1, "DELETE FROM sample; DELETE FROM histogram; DELETE FROM share; DELETE FROM rdt; "
		 "DELETE FROM tick");
	if (html_page(run.store, report, &page, &err))
		fail_msg("%s", err.text);
	data = data_of(&page);
	assert_int_equal(json_array_size(fake_at(data, "axis.end_s")), 0);
	assert_int_equal(json_array_size(fake_at(data, "lines")), 0);
	json_decref(data);
	end();
}

static void what_has_no_room_is_told(void **state)
{
	cleanup_buf struct buf page = BUF_INIT(1 << 20);

	(void)state;
	begin(4, NULL);
	page.max = 100 << 10;
	assert_int_equal(html_page(run.store, report, &page, &err), -EMSGSIZE);
	assert_non_null(strstr(err.text, "more than"));
	end();
}

static void without_a_page_it_says_so(void **state)
{
	cleanup_buf struct buf page = BUF_INIT(1 << 20);
	json_t *nothing = json_object();

	(void)state;
	if (html_available()) {
		print_message("this build has the page\n");
		json_decref(nothing);
		skip();
	}
	assert_int_equal(html_page(NULL, nothing, &page, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "WEB=0"));
	json_decref(nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_and_its_series),
		cmocka_unit_test(names_end_nothing),
		cmocka_unit_test(long_runs_have_fewer_points_than_ticks),
		cmocka_unit_test(runs_without_ticks),
		cmocka_unit_test(what_has_no_room_is_told),
		cmocka_unit_test(without_a_page_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
