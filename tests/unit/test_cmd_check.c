// SPDX-License-Identifier: Apache-2.0
/* What `cbpf check` prints, whatever this host can do. */
#include <jansson.h>

#include "cmd/dispatch.h"
#include "commands.h"
#include "run/preflight.h"

static const struct command *const all[] = { &command_check, NULL };

static int run(const char *flag, char *out, size_t size)
{
	char *argv[] = { (char *)"cbpf", (char *)"check", (char *)flag, NULL };
	struct capture c;
	int status;

	capture_begin(&c, STDOUT_FILENO);
	status = dispatch(all, flag ? 3 : 2, argv);
	capture_end(&c, out, size);
	return status;
}

static void test_text(void **state)
{
	static char out[65536];
	int status = run(NULL, out, sizeof(out));

	(void)state;
	assert_true(status == EXIT_OK || status == EXIT_HOST);
	for (const struct preflight_group *g = preflight_groups; g->title; g++)
		for (const struct feature *f = g->rows; f->id; f++)
			if (!strstr(out, f->title))
				fail_msg("no line about %s", f->id);
	assert_null(strchr(out, '\033')); /* no colour where nobody sees it */
	assert_non_null(strstr(out, status ? "lacks something" : "can run the default"));
}

static void test_json(void **state)
{
	static char out[65536];
	int status = run("--format=json", out, sizeof(out));
	json_t *list = json_loads(out, 0, NULL), *o;
	int missing = 0;
	size_t i;

	(void)state;
	assert_true(json_is_array(list));
	json_array_foreach(list, i, o) {
		const char *s = json_string_value(json_object_get(o, "status"));

		assert_non_null(json_string_value(json_object_get(o, "id")));
		assert_non_null(s);
		assert_true(!strcmp(s, "yes") || !strcmp(s, "no") || !strcmp(s, "degraded"));
		assert_true(strlen(json_string_value(json_object_get(o, "why"))) > 0);
		if (!strcmp(s, "no") && json_is_true(json_object_get(o, "needed")))
			missing++;
	}
	assert_int_equal(status, missing ? EXIT_HOST : EXIT_OK);
	json_decref(list);
}

static void test_usage(void **state)
{
	char out[256];

	(void)state;
	assert_int_equal(run("surplus", out, sizeof(out)), EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
