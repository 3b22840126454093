// SPDX-License-Identifier: Apache-2.0
/* What carries a label. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

#define FILTER "filters=%7B%22label%22%3A%5B%22k%22%5D%7D"

static const struct {
	const char *label;
	enum engine_kind kind;
	struct fake_exchange x;
	int rc;
	size_t n;
	const char *id, *name, *value; /* of the first */
} cases[] = {
	{ "containers have a list of names",
	  ENGINE_CONTAINERS,
	  { "GET /v1.41/containers/json?all=1&" FILTER, 200,
	    "[{\"Id\": \"1\", \"Names\": [\"/a\"], \"Labels\": {\"k\": \"v\"}}, {\"Id\": \"2\"}]",
	    NULL, 0, 0 },
	  0,
	  2,
	  "1",
	  "a",
	  "v" },
	{ "networks",
	  ENGINE_NETWORKS,
	  { "GET /v1.41/networks?" FILTER, 200,
	    "[{\"Id\": \"1\", \"Name\": \"n\", \"Labels\": {\"k\": \"\"}}]", NULL, 0, 0 },
	  0,
	  1,
	  "1",
	  "n",
	  "" },
	{ "volumes are one level down and known by name",
	  ENGINE_VOLUMES,
	  { "GET /v1.41/volumes?" FILTER, 200,
	    "{\"Volumes\": [{\"Name\": \"v\", \"Labels\": {\"k\": \"w\"}}], \"Warnings\": null}",
	    NULL, 0, 0 },
	  0,
	  1,
	  "v",
	  "v",
	  "w" },
	{ "no volumes at all are null",
	  ENGINE_VOLUMES,
	  { "GET /v1.41/volumes?" FILTER, 200, "{\"Volumes\": null}", NULL, 0, 0 },
	  0,
	  0,
	  NULL,
	  NULL,
	  NULL },
	{ "a failure names what was asked",
	  ENGINE_NETWORKS,
	  { "GET /v1.41/networks?" FILTER, 500, "{\"message\": \"no\"}", NULL, 0, 0 },
	  -EIO,
	  0,
	  NULL,
	  NULL,
	  NULL },
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_engine *f = fake_engine_start("1.41", &cases[i].x, 1);
		struct engine *e = fake_engine_open(f, NULL);
		struct engine_list list = { 0 };
		struct err err = { 0 };
		int rc = engine_list(e, cases[i].kind, "k", &list, &err);

		print_message("%s: %s\n", cases[i].label, err.text);
		assert_int_equal(rc, cases[i].rc);
		assert_int_equal(list.n, cases[i].n);
		if (list.n) {
			assert_string_equal(list.v[0].id, cases[i].id);
			assert_string_equal(list.v[0].name, cases[i].name);
			assert_string_equal(str_map_get(&list.v[0].labels, "k"), cases[i].value);
		}
		engine_list_fini(&list);
		engine_close(e);
		fake_engine_stop(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lists) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
