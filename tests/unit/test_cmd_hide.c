// SPDX-License-Identifier: Apache-2.0
/* What may be a secret is gone from the arguments, and is in their copy. */
#include "cmd/hide.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static const struct {
	const char *before, *arg, *shown, *why;
} cases[] = {
	{ "--set", "sinks.influxdb.token=geheim", "sinks.influxdb.token=***", "a token" },
	{ "--set", "sinks.influxdb.token=x", "sinks.influxdb.token=*", "a short one" },
	{ "--set", "sinks={influxdb: {token: geheim}}", "sinks=***", "within others" },
	{ "run", "--set=sinks.influxdb.url=http://u:p@h", "--set=sinks.influxdb.url=***",
	  "as one word" },
	{ "--set", "containers.a.env.DB_PASSWORD=geheim", "containers.a.env.DB_PASSWORD=***",
	  "of a target" },
	{ "--set", "matrix.sinks.influxdb.url={a: http://u:p@h}", "matrix.sinks.influxdb.url=***",
	  "values of an axis" },
	{ "--set", "matrix.url={a: http://u:p@h}", "matrix.url=***", "by its short name" },
	{ "--set", "matrix.API_KEY={a: geheim}", "matrix.API_KEY=***", "of a target, too" },
	{ "--set", "matrix.interval=[50ms]", "matrix.interval=[50ms]", "what is none of an axis" },
	{ "--set", "interval=50ms", "interval=50ms", "what is none" },
	{ "--set", "sinks", "sinks", "no value" },
	{ "--json", "sinks.influxdb.token=x", "sinks.influxdb.token=x", "of another option" },
};

static void test_hidden(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[] = "cbpf", before[16], arg[64], spec[] = "spec.yml";
		char *argv[] = { name, before, arg, spec, NULL }, **copy;

		snprintf(before, sizeof(before), "%s", cases[i].before);
		snprintf(arg, sizeof(arg), "%s", cases[i].arg);
		copy = hide_secrets(4, argv);
		if (strcmp(arg, cases[i].shown))
			fail_msg("%s: shows '%s'", cases[i].why, arg);
		assert_string_equal(copy[2], cases[i].arg);
		assert_string_equal(copy[1], before);
		assert_string_equal(copy[3], spec);
		assert_null(copy[4]);
		/* Nothing of it is left behind what is shown, either. */
		for (size_t k = strlen(arg); k < strlen(cases[i].arg); k++)
			assert_int_equal(arg[k], 0);
		hide_free(copy);
	}
}

/* What follows is another program's. */
static void test_others(void **state)
{
	char name[] = "cbpf", end[] = "--", option[] = "--set", arg[] = "sinks.x=y";
	char *argv[] = { name, end, option, arg, NULL }, **copy = hide_secrets(4, argv);

	(void)state;
	assert_non_null(copy);
	assert_string_equal(arg, "sinks.x=y");
	hide_free(copy);
	hide_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
