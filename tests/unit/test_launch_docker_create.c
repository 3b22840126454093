// SPDX-License-Identifier: Apache-2.0
/* Making containers: limits, warnings, networks. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_docker.h"
#include "unit.h"

#define CREATE "POST /v1.41/containers/create?name=" FAKE_RUN "a"

static const struct {
	const char *label, *container;
	int rc;
	const char *words, *loss;
	struct fake_exchange v[6];
} cases[] = {
	{ "a container", "", 0, NULL, NULL, { { CREATE, 201, "{\"Id\": \"1\"}", NULL, 0, 0 } } },
	{ "a warning is told and kept",
	  "",
	  0,
	  NULL,
	  "without swap",
	  { { CREATE, 201,
	      "{\"Id\": \"1\", \"Warnings\": [\"Memory limited without swap.\", null]}", NULL, 0,
	      0 } } },
	{ "a limit that is thrown away is no limit",
	  "",
	  -EOPNOTSUPP,
	  "Weight discarded",
	  NULL,
	  { { CREATE, 201, "{\"Id\": \"1\", \"Warnings\": [\"Weight discarded.\"]}", NULL, 0,
	      0 } } },
	{ "refused",
	  "",
	  -EIO,
	  "no space",
	  NULL,
	  { { CREATE, 500, "{\"message\": \"no space\"}", NULL, 0, 0 } } },
	{ "I/O limits on no disk",
	  "io: {device: /proc, read_iops: 5}",
	  -ENODEV,
	  "its I/O limits: '/proc' is on no block device",
	  NULL,
	  { { NULL, 0, NULL, NULL, 0, 0 } } },
	{ "I/O limits on the disk of a volume that is not to be seen",
	  "io: {read_iops: 5}, volumes: [\"tmpfs:/t\", \"vol:/v\"]",
	  -ENOENT,
	  "'/no/such/volume'",
	  NULL,
	  { { "GET /v1.41/volumes/vol", 200, "{\"Mountpoint\": \"/no/such/volume\"}", NULL, 0, 0 },
	    { "GET /v1.41/volumes/vol", 200, "{\"Mountpoint\": \"/no/such/volume\"}", NULL, 0,
	      0 } } },
	{ "more than one network",
	  "networks: {n: {}, m: {ip: 10.1.0.9}}",
	  0,
	  NULL,
	  NULL,
	  { { "POST /v1.41/networks/create", 201, "{}", NULL, 0, 0 },
	    { "POST /v1.41/networks/create", 201, "{}", NULL, 0, 0 },
	    { CREATE, 201, "{\"Id\": \"1\"}", NULL, 0, 0 },
	    { "POST /v1.41/networks/" FAKE_RUN "m/connect", 200, "",
	      "{\"Container\": \"" FAKE_RUN "a\", \"EndpointConfig\": {\"Aliases\": [\"a\"], "
	      "\"IPAMConfig\": {\"IPv4Address\": \"10.1.0.9\"}}}",
	      0, 0 },
	    { "DELETE /v1.41/networks/" FAKE_RUN "n", 204, NULL, NULL, 0, 0 },
	    { "DELETE /v1.41/networks/" FAKE_RUN "m", 204, NULL, NULL, 0, 0 } } },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_exchange v[8] = { FAKE_INFO, FAKE_IMAGE };
		bool networks = strstr(cases[i].container, "networks");
		struct fake_docker x;
		char yaml[512];
		size_t n = 2;
		int rc;

		for (size_t j = 0; j < 6 && cases[i].v[j].request; j++)
			v[n++] = cases[i].v[j];
		snprintf(yaml, sizeof(yaml), "%scontainers: {a: {image: img%s%s}}",
			 networks ? "networks: {n: {}, m: {subnet: 10.1.0.0/24}}\n" : "",
			 *cases[i].container ? ", " : "", cases[i].container);
		fake_docker_open(&x, yaml, v, n);
		assert_int_equal(x.rc, 0);
		rc = docker_create(x.d, 0, &x.err);
		print_message("%s: %s\n", cases[i].label, x.err.text);
		assert_int_equal(rc, cases[i].rc);
		if (rc)
			assert_non_null(strstr(x.err.text, cases[i].words));
		else
			assert_string_equal(x.set.v[0].container_id, "1");
		if (cases[i].loss) {
			assert_int_equal(x.losses.n, 1);
			assert_non_null(strstr(x.losses.v[0].reason, cases[i].loss));
			assert_non_null(strstr(buf_str(&x.notes), cases[i].loss));
		}
		fake_docker_close(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
