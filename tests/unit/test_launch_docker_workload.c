// SPDX-License-Identifier: Apache-2.0
/* Which binary a container's workload gets. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_docker.h"
#include "unit.h"

#define CREATE "POST /v1.41/containers/create?name=" FAKE_RUN "a"
#define DELETE "DELETE /v1.41/containers/" FAKE_RUN "a?force=1&v=1"
#define HEAD "HEAD /v1.41/containers/" FAKE_RUN "a/archive?path="
#define MADE                                                                                       \
	{                                                                                          \
		.request = CREATE, .status = 201, .answer = "{\"Id\": \"1\"}"                      \
	}
#define HAS(path)                                                                                  \
	{                                                                                          \
		.request = HEAD path, .status = 200                                                \
	}
#define LACKS(path)                                                                                \
	{                                                                                          \
		.request = HEAD path, .status = 404                                                \
	}

static const struct {
	const char *label, *ior;
	int rc;
	const char *binary; /* or words */
	struct fake_exchange v[8];
} cases[] = {
	{ "cbpf-ior where there is no ior",
	  "{}",
	  0,
	  "cbpf-ior",
	  { MADE, LACKS("%2Fbin%2Fior"), LACKS("%2Fopt%2Fior"), HAS("%2Fbin%2Fcbpf-ior") } },
	{ "ior goes first, and the container is made anew for it",
	  "{}",
	  0,
	  "ior",
	  { MADE,
	    LACKS("%2Fbin%2Fior"),
	    HAS("%2Fopt%2Fior"),
	    { DELETE, 204, NULL, NULL, 0, 0 },
	    MADE } },
	{ "neither",
	  "{}",
	  -ENOENT,
	  "workload not found: neither ior nor cbpf-ior is in image 'img'",
	  { MADE, LACKS("%2Fbin%2Fior"), LACKS("%2Fopt%2Fior"), LACKS("%2Fbin%2Fcbpf-ior"),
	    LACKS("%2Fopt%2Fcbpf-ior") } },
	{ "a binary by name", "{binary: my-ior}", 0, "my-ior", { MADE, HAS("%2Fbin%2Fmy-ior") } },
	{ "a binary by path", "{binary: /x/my-ior}", 0, "my-ior", { MADE, HAS("%2Fx%2Fmy-ior") } },
	{ "a binary that is not there",
	  "{binary: /x/my-ior}",
	  -ENOENT,
	  "\"/x/my-ior\" is not in image",
	  { MADE, LACKS("%2Fx%2Fmy-ior") } },
	{ "ranks need a launcher",
	  "{binary: i, ranks: 2}",
	  0,
	  "i",
	  { MADE, HAS("%2Fbin%2Fi"), LACKS("%2Fbin%2Fmpirun"), HAS("%2Fopt%2Fmpirun") } },
	{ "a launcher that is not there",
	  "{binary: i, ranks: 2, launcher: srun -v}",
	  -ENOENT,
	  "ranks: 2 needs 'srun', which is not in image 'img'",
	  { MADE, HAS("%2Fbin%2Fi"), LACKS("%2Fbin%2Fsrun"), LACKS("%2Fopt%2Fsrun") } },
	{ "an engine that does not tell",
	  "{binary: i}",
	  -EIO,
	  "looking for /bin/i",
	  { MADE, { HEAD "%2Fbin%2Fi", 500, NULL, NULL, 0, 0 } } },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_exchange v[12] = { FAKE_INFO, FAKE_IMAGE, FAKE_IMAGE };
		struct fake_docker x;
		char yaml[512];
		size_t n = 3;
		int rc;

		for (size_t j = 0; j < 8 && cases[i].v[j].request; j++)
			v[n++] = cases[i].v[j];
		snprintf(yaml, sizeof(yaml), "containers: {a: {image: img, workload: {ior: %s}}}",
			 cases[i].ior);
		fake_docker_open(&x, yaml, v, n);
		assert_int_equal(x.rc, 0);
		rc = docker_create(x.d, 0, &x.err);
		print_message("%s: %s\n", cases[i].label, x.err.text);
		assert_int_equal(rc, cases[i].rc);
		if (rc) {
			assert_non_null(strstr(x.err.text, cases[i].binary));
		} else {
			assert_string_equal(x.set.v[0].binary, cases[i].binary);
			assert_non_null(strstr(x.set.v[0].summary_path, "/results/a.d/summary"));
		}
		fake_docker_close(&x);
	}
}

static void test_argv(void **state)
{
	static const struct {
		const char *label, *container, *user;
		const char *file; /* -o */
		bool root; /* --allow-run-as-root */
	} rows[] = {
		{ "the working directory", "", "", "cbpf-run-a", true },
		{ "the first volume", "volumes: [\"tmpfs:/t:ro\", \"tmpfs:/u\", \"tmpfs:/v\"]", "",
		  "/u/cbpf-run-a", true },
		{ "the image's user", "", "1000", "cbpf-run-a", false },
		{ "the user asked for", "user: \"0:0\"", "1000", "cbpf-run-a", true },
		{ "root by name", "user: root", "", "cbpf-run-a", true },
		{ "somebody else", "user: \"5\"", "", "cbpf-run-a", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const struct fake_exchange v[] = { FAKE_INFO, FAKE_IMAGE };
		struct engine_image image = { 0 };
		struct str_list argv = { 0 };
		struct fake_docker x;
		const char *file = NULL;
		bool root = false;
		char yaml[256];

		print_message("%s\n", rows[i].label);
		snprintf(yaml, sizeof(yaml),
			 "containers: {a: {image: img, workload: {ior: {ranks: 2}}%s%s}}",
			 *rows[i].container ? ", " : "", rows[i].container);
		FAKE_DOCKER_OPEN(&x, yaml, v);
		assert_int_equal(x.rc, 0);
		strcpy(image.user, rows[i].user);
		assert_int_equal(docker_workload_argv(x.d, 0, &image, "ior", &argv, &x.err), 0);
		for (size_t j = 0; j < argv.n; j++) {
			root |= !strcmp(argv.v[j], "--allow-run-as-root");
			if (!strcmp(argv.v[j], "-o"))
				file = argv.v[j + 1];
		}
		assert_string_equal(file, rows[i].file);
		assert_int_equal(root, rows[i].root);
		str_list_fini(&argv);
		fake_docker_close(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_argv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
