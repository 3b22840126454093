// SPDX-License-Identifier: Apache-2.0
/* What of other runs is removed, and what stays. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_engine.h"
#include "launch/docker.h"
#include "unit.h"

#define FILTER "filters=%7B%22label%22%3A%5B%22cbpf.run%22%5D%7D"

static char started[32];

static const struct {
	const char *label;
	const char *comm; /* of this process */
	const char *pid; /* "" is this one */
	const char *began; /* "" is when this one did; NULL: no such label */
	bool removed;
} cases[] = {
	{ "its process lives", "cbpf", "", "", false },
	{ "its process lives and did not say since when", "cbpf", "", NULL, false },
	{ "another process has its pid", "bash", "", "", true },
	{ "another cbpf has its pid", "cbpf", "", "12", true },
	{ "its process is gone", "cbpf", "4194999", NULL, true },
	{ "its pid is none", "cbpf", "x", NULL, true },
};

static void make_labels(size_t i, char *text, size_t size)
{
	char began[64] = "";

	if (cases[i].began)
		snprintf(began, sizeof(began), ", \"cbpf.started\": \"%s\"",
			 *cases[i].began ? cases[i].began : started);
	snprintf(text, size,
		 "[{\"Id\": \"1\", \"Names\": [\"/n\"], \"Labels\": {\"cbpf.run\": \"r\", "
		 "\"cbpf.pid\": \"%s\"%s}}]",
		 cases[i].pid, began);
	if (!*cases[i].pid)
		snprintf(text, size,
			 "[{\"Id\": \"1\", \"Names\": [\"/n\"], \"Labels\": {\"cbpf.run\": "
			 "\"r\", \"cbpf.pid\": \"%d\"%s}}]",
			 getpid(), began);
}

static void clean(size_t i, bool dry_run)
{
	char labels[512];
	struct fake_exchange v[4] = {
		{ "GET /v1.41/containers/json?all=1&" FILTER, 200, labels, NULL, 0, 0 },
		{ "GET /v1.41/networks?" FILTER, 200, "[]", NULL, 0, 0 },
		{ "GET /v1.41/volumes?" FILTER, 200, "{\"Volumes\": null}", NULL, 0, 0 },
		{ "DELETE /v1.41/containers/1?force=1&v=1", 204, NULL, NULL, 0, 0 },
	};
	struct buf report = BUF_INIT(1000);
	struct fake_engine *f;
	struct err err = { 0 };

	make_labels(i, labels, sizeof(labels));
	f = fake_engine_start("1.41", v, cases[i].removed && !dry_run ? 4 : 3);
	setenv("DOCKER_HOST", fake_engine_host(f), 1);
	prctl(PR_SET_NAME, cases[i].comm);
	assert_int_equal(docker_clean(&docker_product, dry_run, &report, &err), 0);
	assert_string_equal(buf_str(&report), !cases[i].removed ? ""
					      : dry_run ? "would remove container n of run r\n"
							: "removed container n of run r\n");
	buf_fini(&report);
	fake_engine_stop(f);
}

static void test_cases(void **state)
{
	(void)state;
	assert_int_equal(docker_process_started(getpid(), started, sizeof(started)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].label);
		clean(i, true);
		clean(i, false);
	}
}

static void test_kinds(void **state)
{
	static const struct fake_exchange v[] = {
		{ "GET /v1.41/containers/json?all=1&" FILTER, 200, "[]", NULL, 0, 0 },
		{ "GET /v1.41/networks?" FILTER, 200,
		  "[{\"Id\": \"7\", \"Name\": \"n\", \"Labels\": {\"cbpf.run\": \"r\"}}]", NULL, 0,
		  0 },
		{ "DELETE /v1.41/networks/7", 204, NULL, NULL, 0, 0 },
		{ "GET /v1.41/volumes?" FILTER, 200,
		  "{\"Volumes\": [{\"Name\": \"v\", \"Labels\": {\"cbpf.run\": \"r\"}}]}", NULL, 0,
		  0 },
		{ "DELETE /v1.41/volumes/v?force=1", 409, "{\"message\": \"in use\"}", NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct buf report = BUF_INIT(1000);
	struct err err = { 0 };

	(void)state;
	setenv("DOCKER_HOST", fake_engine_host(f), 1);
	assert_int_equal(docker_clean(&docker_product, false, &report, &err), -EEXIST);
	assert_string_equal(buf_str(&report), "removed network n of run r\n");
	assert_non_null(strstr(err.text, "removing volume 'v': in use"));
	buf_fini(&report);
	fake_engine_stop(f);
}

static void test_no_engine(void **state)
{
	struct buf report = BUF_INIT(1000);
	struct err err = { 0 };

	(void)state;
	setenv("DOCKER_HOST", "unix:///no/such/socket", 1);
	assert_int_equal(docker_clean(&docker_product, false, &report, &err), -ENOTCONN);
	buf_fini(&report);
}

static void test_started(void **state)
{
	char text[32];

	(void)state;
	/* A name that looks like fields. */
	prctl(PR_SET_NAME, "a) S 1 2 3");
	assert_int_equal(docker_process_started(getpid(), text, sizeof(text)), 0);
	assert_string_equal(text, started);
	assert_int_equal(docker_process_started(4194999, text, sizeof(text)), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_no_engine),
		cmocka_unit_test(test_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
