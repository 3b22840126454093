// SPDX-License-Identifier: Apache-2.0
/* What each answer of each version means; and waits. */
#include "sink/influxdb_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "unit.h"

#define NOW_NS (1445412480ull * NSEC_PER_SEC) /* Wed, 21 Oct 2015 07:28:00 GMT */
#define V3_LINE(n, why)                                                                            \
	"{\"error\":\"partial write of line protocol occurred\",\"data\":[{\"original_line\":"     \
	"\"m v=hush 1\",\"line_number\":" #n ",\"error_message\":\"" why "\"}]}"

static const struct {
	const char *label;
	long status;
	const char *retry_after, *body;
	size_t lines;
	struct influxdb_verdict want;
} cases[] = {
	{ "written", 204, NULL, "", 9, { INFLUXDB_TAKEN, 0, 0, 0, "" } },
	{ "200 is as good", 200, NULL, "", 9, { INFLUXDB_TAKEN, 0, 0, 0, "" } },
	{ "200 that complains is not",
	  200,
	  NULL,
	  "{\"error\":\"partial write: x dropped=2\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "x" } },
	{ "200 with other words is",
	  200,
	  NULL,
	  "{\"results\":[{}]}",
	  9,
	  { INFLUXDB_TAKEN, 0, 0, 0, "" } },

	{ "1: one line cannot be read; the others are written",
	  400,
	  NULL,
	  "{\"error\":\"partial write: unable to parse 'hush': missing fields dropped=0\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "missing fields" } },
	{ "1: none can be read; a line may hold anything",
	  400,
	  NULL,
	  "{\"error\":\"unable to parse 'hu': sh': bad timestamp\\nunable to parse 'hush\\nhush': "
	  "invalid number\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "invalid number" } },
	{ "1: a line that speaks of databases is a line all the same",
	  400,
	  NULL,
	  "{\"error\":\"unable to parse 'database not found': missing fields\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "missing fields" } },
	{ "1: of another type than before",
	  400,
	  NULL,
	  "{\"error\":\"partial write: field type conflict: input field \\\"v\\\" on measurement "
	  "\\\"bucket not found\\\" is type string, already exists as type integer dropped=1\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0,
	    "field type conflict: input field \"v\" on measurement \"bucket not found\" is type "
	    "string, already exists as type integer" } },
	{ "1: types conflict within a batch",
	  400,
	  NULL,
	  "{\"error\":\"field type conflict\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "field type conflict" } },
	{ "1: too old, all of them",
	  400,
	  NULL,
	  "{\"error\":\"partial write: points beyond retention policy dropped=9\"}",
	  9,
	  { INFLUXDB_ALL_BAD, 0, 0, 0, "points beyond retention policy" } },
	{ "1: too old, some of them",
	  400,
	  NULL,
	  "{\"error\":\"partial write: points beyond retention policy dropped=8\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "points beyond retention policy" } },
	{ "1: no such database",
	  404,
	  NULL,
	  "{\"error\":\"database not found: \\\"d\\\"\"}",
	  9,
	  { INFLUXDB_NEVER, -ENOENT, 0, 0, "database not found: \"d\"" } },
	{ "1: no such retention policy, which is called its own failure",
	  500,
	  NULL,
	  "{\"error\":\"retention policy not found: r\"}",
	  9,
	  { INFLUXDB_NEVER, -ENOENT, 0, 0, "retention policy not found: r" } },
	{ "1: no database was given",
	  400,
	  NULL,
	  "{\"error\":\"database is required\"}",
	  9,
	  { INFLUXDB_NEVER, -EINVAL, 0, 0, "database is required" } },
	{ "1: a wrong password",
	  401,
	  NULL,
	  "{\"error\":\"authorization failed\"}",
	  9,
	  { INFLUXDB_NEVER, -EACCES, 0, 0, "authorization failed" } },
	{ "1: a user who may not",
	  403,
	  NULL,
	  "{\"error\":\"\\\"u\\\" user is not authorized to write to database \\\"d\\\"\"}",
	  9,
	  { INFLUXDB_NEVER, -EPERM, 0, 0,
	    "\"u\" user is not authorized to write to database \"d\"" } },
	{ "1: the disk is full",
	  500,
	  NULL,
	  "{\"error\":\"engine: error writing WAL entry: write x: no space left on device\"}",
	  9,
	  { INFLUXDB_AGAIN, 0, 0, 0,
	    "engine: error writing WAL entry: write x: no space left on device" } },
	{ "1: the body was cut on its way",
	  400,
	  NULL,
	  "{\"error\":\"unexpected EOF\"}",
	  9,
	  { INFLUXDB_AGAIN, 0, 0, 0, "unexpected EOF" } },
	{ "1: it cannot unpack",
	  400,
	  NULL,
	  "{\"error\":\"gzip: invalid header\"}",
	  9,
	  { INFLUXDB_NEVER, -EINVAL, 0, 0, "gzip: invalid header" } },
	{ "1: the list of bad lines was too long to be kept",
	  400,
	  NULL,
	  "{\"error\":\"unable to parse 'hush': missing fields\\nunab",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "" } },

	{ "2: a line cannot be read",
	  400,
	  NULL,
	  "{\"code\":\"invalid\",\"message\":\"unable to parse 'hush': missing fields\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "missing fields" } },
	{ "2: the line has a number",
	  400,
	  NULL,
	  "{\"code\":\"invalid\",\"line\":2,\"message\":\"no data written, errors encountered\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 2, "no data written, errors encountered" } },
	{ "2: a partial write is 422",
	  422,
	  NULL,
	  "{\"code\":\"unprocessable entity\",\"message\":\"failure writing points to database: "
	  "partial write: points beyond retention policy dropped=9\"}",
	  9,
	  { INFLUXDB_ALL_BAD, 0, 0, 0, "points beyond retention policy" } },
	{ "2: a wrong token",
	  401,
	  NULL,
	  "{\"code\":\"unauthorized\",\"message\":\"unauthorized access\"}",
	  9,
	  { INFLUXDB_NEVER, -EACCES, 0, 0, "unauthorized access" } },
	{ "2: a token for reading",
	  403,
	  NULL,
	  "{\"code\":\"forbidden\",\"message\":\"insufficient permissions for write\"}",
	  9,
	  { INFLUXDB_NEVER, -EPERM, 0, 0, "insufficient permissions for write" } },
	{ "2: no such bucket",
	  404,
	  NULL,
	  "{\"code\":\"not found\",\"message\":\"bucket \\\"b\\\" not found\"}",
	  9,
	  { INFLUXDB_NEVER, -ENOENT, 0, 0, "bucket \"b\" not found" } },
	{ "2: no organisation was given",
	  400,
	  NULL,
	  "{\"code\":\"invalid\",\"message\":\"Please provide either orgID, org or "
	  "organization name\"}",
	  9,
	  { INFLUXDB_NEVER, -EINVAL, 0, 0,
	    "Please provide either orgID, org or organization name" } },
	{ "2: too much at once",
	  413,
	  NULL,
	  "{\"code\":\"request too large\",\"message\":\"unable to read data: points batch is too "
	  "large\"}",
	  9,
	  { INFLUXDB_TOO_LARGE, 0, 0, 0, "unable to read data: points batch is too large" } },
	{ "cloud: over quota, come back in a while",
	  429,
	  "30",
	  "",
	  9,
	  { INFLUXDB_AGAIN, 0, 30 * NSEC_PER_SEC, 0, "" } },
	{ "not now, come back at a time",
	  503,
	  "Wed, 21 Oct 2015 07:28:05 GMT",
	  "",
	  9,
	  { INFLUXDB_AGAIN, 0, 5 * NSEC_PER_SEC, 0, "" } },
	{ "not now",
	  503,
	  NULL,
	  "{\"code\":\"unavailable\",\"message\":\"service unavailable\"}",
	  9,
	  { INFLUXDB_AGAIN, 0, 0, 0, "service unavailable" } },

	{ "3: a line is refused, and named",
	  400,
	  NULL,
	  V3_LINE(2, "No fields were provided"),
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 2, "No fields were provided" } },
	{ "3: a number that cannot be is none",
	  400,
	  NULL,
	  V3_LINE(10, "why"),
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "why" } },
	{ "3: nor is this one",
	  400,
	  NULL,
	  V3_LINE(-1, "why"),
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "why" } },
	{ "3: all of it refused for a line",
	  400,
	  NULL,
	  "{\"error\":\"parsing failed for write_lp endpoint\",\"data\":{\"original_line\":\"x\","
	  "\"line_number\":3,\"error_message\":\"why\"}}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 3, "why" } },
	{ "3: a name that no database can have",
	  400,
	  NULL,
	  "{\"error\":\"db name did not start with a number or letter\",\"data\":null}",
	  9,
	  { INFLUXDB_NEVER, -EINVAL, 0, 0, "db name did not start with a number or letter" } },
	{ "3: no room for another database",
	  422,
	  NULL,
	  "{\"error\":\"Update to schema would exceed number of databases limit of 5\"}",
	  9,
	  { INFLUXDB_NEVER, -EINVAL, 0, 0,
	    "Update to schema would exceed number of databases limit of 5" } },

	{ "no such page",
	  404,
	  NULL,
	  "404 page not found\n",
	  9,
	  { INFLUXDB_NEVER, -ENOENT, 0, 0, "404 page not found" } },
	{ "a page of HTML has no words",
	  502,
	  NULL,
	  " <html><body>Bad Gateway</body>",
	  9,
	  { INFLUXDB_AGAIN, 0, 0, 0, "" } },
	{ "moved", 301, NULL, "<a href=x>", 9, { INFLUXDB_NEVER, -EINVAL, 0, 0, "" } },
	{ "plain HTTP to TLS",
	  400,
	  NULL,
	  "Client sent an HTTP request to an HTTPS server.\n",
	  9,
	  { INFLUXDB_NEVER, -EINVAL, 0, 0, "Client sent an HTTP request to an HTTPS server." } },
	{ "not this way", 405, NULL, "", 9, { INFLUXDB_NEVER, -EINVAL, 0, 0, "" } },
	{ "too slow", 408, NULL, "", 9, { INFLUXDB_AGAIN, 0, 0, 0, "" } },
	{ "400 without a word may be a line",
	  400,
	  NULL,
	  "",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "" } },
	{ "words may be of any form",
	  400,
	  NULL,
	  "{\"error\":[1],\"message\":{},\"data\":[2]}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "" } },
	{ "JSON that is no object", 400, NULL, "[\"a\"]", 9, { INFLUXDB_BAD_LINE, 0, 0, 0, "" } },
	{ "one reason is enough",
	  400,
	  NULL,
	  "{\"error\":\"partial write: field type conflict: a\\nfield type conflict: b "
	  "dropped=2\"}",
	  9,
	  { INFLUXDB_BAD_LINE, 0, 0, 0, "field type conflict: a" } },
	{ "controls are not sent to a terminal",
	  500,
	  NULL,
	  "a\x1b[31mb\xff",
	  9,
	  { INFLUXDB_AGAIN, 0, 0, 0, "a [31mb?" } },
	{ "words alone do not lose what was written",
	  204,
	  NULL,
	  "database not found",
	  9,
	  { INFLUXDB_TAKEN, 0, 0, 0, "database not found" } },
};

static void each_answer_has_one_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct influxdb_answer a = { cases[i].status, cases[i].retry_after, cases[i].body,
					     strlen(cases[i].body) };
		const struct influxdb_verdict *want = &cases[i].want;
		struct influxdb_verdict v;

		influxdb_judge(&a, cases[i].lines, NOW_NS, &v);
		if (v.act != want->act || v.code != want->code || v.wait_ns != want->wait_ns ||
		    v.line != want->line || strcmp(v.words, want->words) != 0)
			fail_msg("%s: %d %d %llu %zu '%s'", cases[i].label, v.act, v.code,
				 (unsigned long long)v.wait_ns, v.line, v.words);
	}
}

static void words_are_bounded(void **state)
{
	size_t len = 100000;
	char *body = malloc(len);
	struct influxdb_answer a = { 500, NULL, body, len };
	struct influxdb_verdict v;

	(void)state;
	memset(body, 'x', len);
	memcpy(body + 254, "\xc3\xa9", 2);
	influxdb_judge(&a, 1, NOW_NS, &v);
	assert_int_equal(strlen(v.words), sizeof(v.words) - 1);
	assert_int_equal(v.words[254], '?');
	free(body);
}

static const struct {
	const char *label, *value;
	uint64_t want_s;
} waits[] = {
	{ "none", NULL, 0 },
	{ "empty", "", 0 },
	{ "seconds", "120", 120 },
	{ "none at all", "0", 0 },
	{ "a date", "Wed, 21 Oct 2015 07:30:00 GMT", 120 },
	{ "a date of the old form", "Wednesday, 21-Oct-15 07:30:00 GMT", 120 },
	{ "now", "Wed, 21 Oct 2015 07:28:00 GMT", 0 },
	{ "past", "Wed, 21 Oct 2015 07:27:00 GMT", 0 },
	{ "neither", "soon", 0 },
	{ "negative", "-5", 0 },
	{ "a year is a day", "31536000", 24 * 3600 },
	{ "beyond all numbers", "99999999999999999999999999", 24 * 3600 },
	{ "a date in a century", "Wed, 21 Oct 2115 07:28:00 GMT", 24 * 3600 },
};

static void retry_after_has_two_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		if (influxdb_retry_after_ns(waits[i].value, NOW_NS) !=
		    waits[i].want_s * NSEC_PER_SEC)
			fail_msg("%s", waits[i].label);
}

static void backoff_doubles_up_to_its_limit(void **state)
{
	static const struct {
		unsigned int attempt;
		uint64_t limit_ms;
	} limits[] = { { 0, 100 },   { 1, 200 },    { 2, 400 },	   { 8, 25600 },
		       { 9, 30000 }, { 63, 30000 }, { ~0u, 30000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint64_t limit = limits[i].limit_ms * NSEC_PER_MSEC;

		assert_int_equal(influxdb_backoff_ns(limits[i].attempt, 0), 0);
		assert_int_equal(influxdb_backoff_ns(limits[i].attempt, limit), limit);
		assert_int_equal(influxdb_backoff_ns(limits[i].attempt, limit + 1), 0);
		assert_true(influxdb_backoff_ns(limits[i].attempt, UINT64_MAX) <= limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_has_one_meaning),
		cmocka_unit_test(words_are_bounded),
		cmocka_unit_test(retry_after_has_two_forms),
		cmocka_unit_test(backoff_doubles_up_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
