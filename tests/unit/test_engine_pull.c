// SPDX-License-Identifier: Apache-2.0
/* Progress lines of a pull, cut at every byte. */
#include "engine/pull.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

#define DOWN(id, done, total)                                                                      \
	"{\"status\":\"Downloading\",\"progressDetail\":{\"current\":" #done ",\"total\":" #total  \
	"},\"id\":\"" id "\"}\r\n"

static const struct {
	const char *label, *text;
	uint64_t done, total;
	const char *error;
} cases[] = {
	{ "nothing", "", 0, 0, "" },
	{ "two layers add up", DOWN("a", 10, 100) DOWN("b", 5, 50) DOWN("a", 60, 100), 65, 150,
	  "" },
	{ "a finished layer is whole",
	  DOWN("a", 10, 100) "{\"status\":\"Download complete\","
			     "\"id\":\"a\"}\n",
	  100, 100, "" },
	{ "unpacking does not count",
	  DOWN("a", 100, 100) "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":1,"
			      "\"total\":100},\"id\":\"a\"}\n",
	  100, 100, "" },
	{ "lines without a layer are passed over", "{\"status\":\"Pulling from x\"}\n", 0, 0, "" },
	{ "what is no JSON is passed over", "hello\n" DOWN("a", 1, 2), 1, 2, "" },
	{ "negative numbers are passed over", DOWN("a", -1, 5), 0, 0, "" },
	{ "the first error is kept", "{\"error\":\"denied\"}\n{\"error\":\"later\"}\n", 0, 0,
	  "denied" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);

		print_message("%s\n", cases[i].label);
		for (size_t step = 1; step <= len + 1; step++) {
			struct pull p;
			uint64_t done, total;

			pull_init(&p);
			for (size_t at = 0; at < len; at += step)
				assert_int_equal(pull_feed(&p, cases[i].text + at,
							   len - at < step ? len - at : step),
						 0);
			pull_totals(&p, &done, &total);
			assert_int_equal(done, cases[i].done);
			assert_int_equal(total, cases[i].total);
			assert_string_equal(p.error, cases[i].error);
			pull_fini(&p);
		}
	}
}

static void test_endless_line(void **state)
{
	char text[1024];
	struct pull p;
	int rc = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	pull_init(&p);
	for (size_t i = 0; i < 2 * PULL_LINE_MAX / sizeof(text) && !rc; i++)
		rc = pull_feed(&p, text, sizeof(text));
	assert_int_equal(rc, -EMSGSIZE);
	pull_fini(&p);
}

static void test_many_layers(void **state)
{
	struct pull p;
	char line[128];
	uint64_t done, total;

	(void)state;
	pull_init(&p);
	for (int i = 0; i < PULL_LAYERS + 10; i++) {
		snprintf(line, sizeof(line),
			 "{\"status\":\"Downloading\",\"id\":\"l%d\",\"progressDetail\":"
			 "{\"current\":1,\"total\":2}}\n",
			 i);
		assert_int_equal(pull_feed(&p, line, strlen(line)), 0);
	}
	pull_totals(&p, &done, &total);
	assert_int_equal(done, PULL_LAYERS);
	pull_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_many_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
