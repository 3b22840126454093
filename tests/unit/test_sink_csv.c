// SPDX-License-Identifier: Apache-2.0
/* Every table becomes a file with as many rows; odd text survives. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "fake_run.h"
#include "sink/csv.h"
#include "sink/writer.h"
#include "store/store.h"
#include "unit.h"

static const struct writer_limits no_limits;

static void read_csv(const char *dir, const char *table, struct buf *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.csv", dir, table);
	if (fs_slurp_at(AT_FDCWD, path, text))
		fail_msg("no %s", path);
}

/* Rows, the heading included; a line end within quotes is none. */
static size_t rows_in(const char *text)
{
	bool quoted = false;
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '"')
			quoted = !quoted;
		if (!quoted && *text == '\n')
			n++;
	}
	return n;
}

static const struct {
	const char *table;
	size_t rows;
} counts[] = {
	{ "run", 1 },	       { "target", 4 },
	{ "tick", 5 },	       { "metric", METRIC_COUNT },
	{ "sample", 6 },       { "device", 2 },
	{ "result", 4 },       { "histogram", 84 },
	{ "loss", 2 },	       { "expect", 2 },
	{ "finding", 0 },      { "device_sample", 10 },
	{ "event", 1 },	       { "cursor", 0 },
	{ "block", 18 },       { "block_error", 1 },
	{ "share", 15 },       { "interference", 12 },
	{ "device_depth", 6 }, { "profile", 8 },
	{ "profile_run", 1 },
};

static const struct {
	const char *table, *want, *why;
} lines[] = {
	{ "loss", "what,reason,count\r\n", "the heading names the columns" },
	{ "loss", "collector rdt,no resctrl on this host,1\r\n", "plain text is plain" },
	{ "target", "0,\"odd \"\"name\"\", with\nline\",container,", "quotes and lines" },
	{ "expect", "2,victim.block.discard.p99 < 5ms,,0\r\n", "NULL is empty" },
	{ "result", ",10.5,", "a real" },
};

static void tables_become_files(void **state)
{
	struct err err = { 0 };
	char dir[PATH_MAX];
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_run_make(&r, "odd \"name\", with\nline");
	s = fake_run_open(&r);
	snprintf(dir, sizeof(dir), "%s/a/csv", r.root);
	if (sink_csv(s, dir, &no_limits, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 24);

		read_csv(dir, counts[i].table, &text);
		if (rows_in(buf_str(&text)) != counts[i].rows + 1)
			fail_msg("%s has %zu rows", counts[i].table, rows_in(buf_str(&text)));
	}
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 24);

		read_csv(dir, lines[i].table, &text);
		if (!strstr(buf_str(&text), lines[i].want))
			fail_msg("%s: %s", lines[i].why, buf_str(&text));
	}
	store_close(s);
	fake_run_fini(&r);
}

static void no_place_is_told(void **state)
{
	struct err err = { 0 };
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_run_make(&r, NULL);
	s = fake_run_open(&r);
	assert_int_equal(sink_csv(s, "/dev/null/x", &no_limits, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "/dev/null/x"));
	store_close(s);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_become_files),
		cmocka_unit_test(no_place_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
