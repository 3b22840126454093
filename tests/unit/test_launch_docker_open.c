// SPDX-License-Identifier: Apache-2.0
/* What is made before the first container, and unmade when something is missing. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fake_docker.h"
#include "unit.h"

#define ONE "containers: {a: {image: img}}"
#define MISSING                                                                                    \
	{                                                                                          \
		.request = "GET /v1.41/images/img/json", .status = 404,                            \
		.answer = "{\"message\": \"No such image\"}"                                       \
	}
#define PULL "POST /v1.41/images/create?fromImage=img&tag=latest"

static const struct {
	const char *label, *yaml;
	int rc;
	const char *words, *note;
	struct fake_exchange v[8];
} cases[] = {
	{ "an image that is there", ONE, 0, NULL, NULL, { FAKE_INFO, FAKE_IMAGE } },
	{ "two containers of one image ask once",
	  "containers: {a: {image: img}, b: {image: img}}",
	  0,
	  NULL,
	  NULL,
	  { FAKE_INFO, FAKE_IMAGE } },
	{ "an image that is pulled",
	  ONE,
	  0,
	  NULL,
	  "-: pulling image img: 50 % of ",
	  { FAKE_INFO,
	    MISSING,
	    { PULL, 200,
	      "{\"status\":\"Downloading\",\"id\":\"l\",\"progressDetail\":{\"current\":500,"
	      "\"total\":1000}}\n",
	      NULL, 0, 0 },
	    FAKE_IMAGE } },
	{ "an image that is nowhere",
	  ONE,
	  -ENOENT,
	  "image 'img' is not on this host and could not be pulled (docker pull img",
	  NULL,
	  { FAKE_INFO, MISSING, { PULL, 404, "{\"message\": \"pull access denied\"}", 0, 0, 0 } } },
	{ "a network with what a name of it becomes",
	  ONE "\nnetworks: {n: {subnet: 10.1.0.0/24}}",
	  0,
	  NULL,
	  NULL,
	  { FAKE_INFO,
	    FAKE_IMAGE,
	    { "POST /v1.41/networks/create", 201, "{}", NULL, 0, 0 },
	    { "DELETE /v1.41/networks/" FAKE_RUN "n", 204, NULL, NULL, 0, 0 } } },
	{ "a network that cannot be made takes the one before with it",
	  ONE "\nnetworks: {n: {}, m: {}}",
	  -EACCES,
	  "creating network '" FAKE_RUN "m'",
	  NULL,
	  { FAKE_INFO,
	    FAKE_IMAGE,
	    { "POST /v1.41/networks/create", 201, "{}", NULL, 0, 0 },
	    { "POST /v1.41/networks/create", 403, "{\"message\": \"pool overlaps\"}", NULL, 0, 0 },
	    { "DELETE /v1.41/networks/" FAKE_RUN "n", 204, NULL, NULL, 0, 0 },
	    { "DELETE /v1.41/networks/" FAKE_RUN "m", 404, NULL, NULL, 0, 0 } } },
	{ "a volume of somebody's stays",
	  "containers: {a: {image: img, volumes: [\"data:/d\"]}}",
	  0,
	  NULL,
	  NULL,
	  { FAKE_INFO, FAKE_IMAGE, { "GET /v1.41/volumes/data", 200, "{}", NULL, 0, 0 } } },
	{ "a volume of ours goes",
	  "containers: {a: {image: img, volumes: [\"data:/d\"]}}",
	  0,
	  NULL,
	  NULL,
	  { FAKE_INFO,
	    FAKE_IMAGE,
	    { "GET /v1.41/volumes/data", 404, "{\"message\": \"no such volume\"}", NULL, 0, 0 },
	    { "POST /v1.41/volumes/create", 201, "{}", NULL, 0, 0 },
	    { "DELETE /v1.41/volumes/data?force=1", 204, NULL, NULL, 0, 0 } } },
	{ "a path that is not there",
	  "containers: {a: {image: img, volumes: [\"/no/such:/d\"]}}",
	  -ENOENT,
	  "container 'a': volume '/no/such:/d'",
	  NULL,
	  { FAKE_INFO, FAKE_IMAGE } },
	{ "an engine that does not tell about itself",
	  ONE,
	  -EIO,
	  "about itself: broken",
	  NULL,
	  { { "GET /v1.41/info", 500, "{\"message\": \"broken\"}", NULL, 0, 0 } } },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_docker x;
		size_t n = 0;

		while (n < ARRAY_SIZE(cases[i].v) && cases[i].v[n].request)
			n++;
		fake_docker_open(&x, cases[i].yaml, cases[i].v, n);
		print_message("%s: %s\n", cases[i].label, x.err.text);
		assert_int_equal(x.rc, cases[i].rc);
		if (cases[i].words)
			assert_non_null(strstr(x.err.text, cases[i].words));
		if (cases[i].note)
			assert_non_null(strstr(buf_str(&x.notes), cases[i].note));
		assert_true(x.rc || !strcmp(x.set.v[0].image, "img"));
		fake_docker_close(&x);
	}
}

static void test_results(void **state)
{
	static const struct fake_exchange v[] = { FAKE_INFO, FAKE_IMAGE };
	struct fake_docker x;
	struct stat st;

	(void)state;
	FAKE_DOCKER_OPEN(&x, "containers: {a: {image: img, workload: {ior: {}}}}", v);
	assert_int_equal(x.rc, 0);
	assert_int_equal(x.d->v[0].n_mounts, 1);
	assert_string_equal(x.d->v[0].mounts[0].target, DOCKER_RESULTS);
	/* Whatever user the container has may write there. */
	assert_int_equal(stat(x.d->v[0].mounts[0].source, &st), 0);
	assert_int_equal(st.st_mode & 07777, 01777);
	fake_docker_close(&x);
}

static void test_labels(void **state)
{
	static const struct fake_exchange v[] = { FAKE_INFO, FAKE_IMAGE };
	struct str_map labels = { 0 };
	struct fake_docker x;
	char pid[16], started[32];

	(void)state;
	FAKE_DOCKER_OPEN(&x, ONE, v);
	assert_int_equal(docker_labels(x.d, "a", &labels), 0);
	snprintf(pid, sizeof(pid), "%d", getpid());
	assert_int_equal(docker_process_started(getpid(), started, sizeof(started)), 0);
	assert_string_equal(str_map_get(&labels, "cbpf.run"), "run");
	assert_string_equal(str_map_get(&labels, "cbpf.pid"), pid);
	assert_string_equal(str_map_get(&labels, "cbpf.started"), started);
	assert_string_equal(str_map_get(&labels, "cbpf.target"), "a");
	str_map_fini(&labels);
	fake_docker_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
