// SPDX-License-Identifier: Apache-2.0
/* JUnit XML, letter by letter. */
#include "report/junit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "json_case.h"

#define BEGIN "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
#define END "</testsuites>\n"

static const struct {
	const char *why, *reports, *xml;
} runs[] = {
	{ "no run", "[]", BEGIN END },
	{ "a run without thresholds",
	  "[{'id':'i','name':'n','status':'ok','started':'2026-01-02T03:04:05Z','duration_s':1.5}]",
	  BEGIN "  <testsuite name=\"i\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "
		"time=\"1.500\" timestamp=\"2026-01-02T03:04:05Z\">\n"
		"    <testcase classname=\"n\" name=\"run\"/>\n  </testsuite>\n" END },
	{ "one that failed, and thresholds",
	  "[{'id':'i','name':'n','status':'failed','expect':[{'expr':'a.b < 1','actual':0.5,'ok':"
	  "true},"
	  "{'expr':'a.c > 2','actual':1,'ok':false},{'expr':'a.d > 2','actual':null,'ok':false}]}]",
	  BEGIN "  <testsuite name=\"i\" tests=\"4\" failures=\"3\" errors=\"0\" skipped=\"0\">\n"
		"    <testcase classname=\"n\" name=\"run\">\n"
		"      <failure message=\"failed\"/>\n    </testcase>\n"
		"    <testcase classname=\"n\" name=\"a.b &lt; 1\"/>\n"
		"    <testcase classname=\"n\" name=\"a.c &gt; 2\">\n"
		"      <failure message=\"it was 1\"/>\n    </testcase>\n"
		"    <testcase classname=\"n\" name=\"a.d &gt; 2\">\n"
		"      <failure message=\"there is no such value\"/>\n    </testcase>\n"
		"  </testsuite>\n" END },
	{ "in its unit, and as it was compared",
	  "[{'id':'i','status':'ok','expect':[{'expr':'a.block.read.p99 < "
	  "5ms','actual':5100000.0,'ok':false},{'expr':'a.block.read.bytes > 4KiB','actual':2048.0,"
	  "'ok':false},{'expr':'a.block.read.p50 < 5ms','actual':600.0,'ok':true}]}]",
	  BEGIN "  <testsuite name=\"i\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\">\n"
		"    <testcase classname=\"cbpf\" name=\"run\"/>\n"
		"    <testcase classname=\"cbpf\" name=\"a.block.read.p99 &lt; 5ms\">\n"
		"      <failure message=\"it was 5.10 ms, 5100000\"/>\n    </testcase>\n"
		"    <testcase classname=\"cbpf\" name=\"a.block.read.bytes &gt; 4KiB\">\n"
		"      <failure message=\"it was 2.0 KiB, 2048\"/>\n    </testcase>\n"
		"    <testcase classname=\"cbpf\" name=\"a.block.read.p50 &lt; 5ms\"/>\n"
		"  </testsuite>\n" END },
	{ "what XML cannot hold", "[{'id':'<&\\u0001\\t\\\">','name':'n','status':'ok'}]",
	  BEGIN "  <testsuite name=\"&lt;&amp;?&#9;&quot;&gt;\" tests=\"1\" failures=\"0\" "
		"errors=\"0\" skipped=\"0\">\n"
		"    <testcase classname=\"n\" name=\"run\"/>\n  </testsuite>\n" END },
	{ "two runs", "[{'id':'a','status':'ok'},{'id':'b'}]",
	  BEGIN "  <testsuite name=\"a\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
		"    <testcase classname=\"cbpf\" name=\"run\"/>\n  </testsuite>\n"
		"  <testsuite name=\"b\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n"
		"    <testcase classname=\"cbpf\" name=\"run\">\n"
		"      <failure message=\"unknown\"/>\n    </testcase>\n  </testsuite>\n" END },
};

static void of_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		cleanup_buf struct buf xml = BUF_INIT(1 << 16);
		json_t *reports = json_case(runs[i].reports);

		assert_int_equal(junit_runs(reports, &xml), 0);
		if (strcmp(buf_str(&xml), runs[i].xml) != 0)
			fail_msg("%s:\n%s", runs[i].why, buf_str(&xml));
		json_decref(reports);
	}
}

static void of_a_comparison(void **state)
{
	json_t *comparison = json_case(
		"{'runs':[{'id':'base','side':0},{'id':'x','side':1},{'id':'y','side':1}],"
		"'thresholds':[{'expr':'e','side':1,'crossed':true,'text':'2: much'},"
		"{'expr':'f','side':1,'crossed':false,'text':'2: little'}]}");
	cleanup_buf struct buf xml = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(junit_comparison(comparison, &xml), 0);
	assert_string_equal(buf_str(&xml),
			    BEGIN "  <testsuite name=\"cbpf compare with base\" tests=\"2\" "
				  "failures=\"1\" errors=\"0\" skipped=\"0\">\n"
				  "    <testcase classname=\"x\" name=\"e\">\n"
				  "      <failure message=\"2: much\"/>\n    </testcase>\n"
				  "    <testcase classname=\"x\" name=\"f\"/>\n"
				  "  </testsuite>\n" END);
	json_decref(comparison);
}

static void into_a_file(void **state)
{
	char path[] = "/tmp/test-junit-XXXXXX", text[4096];
	json_t *reports = json_case(runs[1].reports);
	struct err err = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(junit_write_runs(path, reports, &err), 0);
	assert_int_equal(fs_read_at(AT_FDCWD, path, text, sizeof(text)), 0);
	assert_memory_equal(text, runs[1].xml, strlen(runs[1].xml) - 1);
	unlink(path);
	assert_true(junit_write_runs("/nonexistent/x", reports, &err) < 0);
	assert_non_null(strstr(err.text, "writing /nonexistent/x"));
	json_decref(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_runs),
		cmocka_unit_test(of_a_comparison),
		cmocka_unit_test(into_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
