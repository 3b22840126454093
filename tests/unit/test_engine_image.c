// SPDX-License-Identifier: Apache-2.0
/* Looking for images and pulling them. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

static void test_inspect(void **state)
{
	static const struct fake_exchange v[] = {
		{ "GET /v1.41/images/a%2Fb%3Atag/json", 200,
		  "{\"Id\": \"sha256:1\", \"Config\": {\"User\": \"1000\", \"Env\": [\"A=b\", "
		  "\"PATH=/x:/y\"]}}",
		  NULL, 0, 0 },
		{ "GET /v1.41/images/bare/json", 200, "{\"Id\": \"sha256:2\", \"Config\": null}",
		  NULL, 0, 0 },
		{ "GET /v1.41/images/none/json", 404, "{\"message\": \"No such image\"}", NULL, 0,
		  0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct engine_image image;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(engine_image_inspect(e, "a/b:tag", &image, &err), 0);
	assert_string_equal(image.id, "sha256:1");
	assert_string_equal(image.user, "1000");
	assert_string_equal(image.path, "/x:/y");
	assert_int_equal(engine_image_inspect(e, "bare", &image, &err), 0);
	assert_string_equal(image.user, "");
	assert_string_equal(image.path, "");
	assert_int_equal(engine_image_inspect(e, "none", &image, &err), -ENOENT);
	assert_non_null(strstr(err.text, "'none'"));
	engine_close(e);
	fake_engine_stop(f);
}

static const struct {
	const char *label, *image;
	struct fake_exchange x;
	int rc;
	const char *words;
} pulls[] = {
	{ "without a tag it is the latest",
	  "a/b",
	  { "POST /v1.41/images/create?fromImage=a%2Fb&tag=latest", 200,
	    "{\"status\":\"Downloading\",\"id\":\"l\",\"progressDetail\":{\"current\":3,"
	    "\"total\":4}}\n",
	    NULL, 0, 0 },
	  0,
	  "" },
	{ "a tag is kept",
	  "a/b:1",
	  { "POST /v1.41/images/create?fromImage=a%2Fb%3A1", 200, "{}\n", NULL, 0, 0 },
	  0,
	  "" },
	{ "a port is no tag",
	  "host:5000/b",
	  { "POST /v1.41/images/create?fromImage=host%3A5000%2Fb&tag=latest", 200, "{}\n", NULL, 0,
	    0 },
	  0,
	  "" },
	{ "a digest is kept",
	  "b@sha256:1",
	  { "POST /v1.41/images/create?fromImage=b%40sha256%3A1", 200, "{}\n", NULL, 0, 0 },
	  0,
	  "" },
	{ "refused at once",
	  "b:1",
	  { "POST /v1.41/images/create?fromImage=b%3A1", 404,
	    "{\"message\": \"pull access denied\"}", NULL, 0, 0 },
	  -ENOENT,
	  "pull access denied" },
	{ "failed while it went on, even without a line's end",
	  "b:1",
	  { "POST /v1.41/images/create?fromImage=b%3A1", 200,
	    "{\"status\":\"x\"}\n{\"error\":\"no space left\"}", NULL, 0, FAKE_BYTES },
	  -ENOENT,
	  "no space left" },
	{ "broken off",
	  "b:1",
	  { "POST /v1.41/images/create?fromImage=b%3A1", 200, "{}\n", NULL, 0, FAKE_CUT },
	  -EIO,
	  "pulling image 'b:1'" },
};

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
	uint64_t *sum = arg;

	*sum = done * 100 + total;
}

static void test_pull(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pulls); i++) {
		struct fake_engine *f = fake_engine_start("1.41", &pulls[i].x, 1);
		struct engine *e = fake_engine_open(f, NULL);
		struct err err = { 0 };
		uint64_t sum = 0;
		int rc = engine_image_pull(e, pulls[i].image, on_progress, &sum, &err);

		print_message("%s: %s\n", pulls[i].label, err.text);
		assert_int_equal(rc, pulls[i].rc);
		if (rc)
			assert_non_null(strstr(err.text, pulls[i].words));
		if (i == 0)
			assert_int_equal(sum, 304);
		engine_close(e);
		fake_engine_stop(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inspect),
		cmocka_unit_test(test_pull),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
