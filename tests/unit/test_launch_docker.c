// SPDX-License-Identifier: Apache-2.0
/* The rest of what a runtime has to do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_docker.h"
#include "unit.h"

#define AT "/v1.41/containers/" FAKE_RUN "a/"
#define DELETE "DELETE /v1.41/containers/" FAKE_RUN "a?force=1&v=1"

static const struct fake_exchange made = {
	"POST /v1.41/containers/create?name=" FAKE_RUN "a", 201, "{\"Id\": \"1\"}", NULL, 0, 0
};

static void test_verbs(void **state)
{
	const struct fake_exchange v[] = {
		FAKE_INFO,
		FAKE_IMAGE,
		made,
		{ "POST " AT "kill?signal=SIGTERM", 204, NULL, NULL, 0, 0 },
		{ "POST " AT "kill?signal=SIGKILL", 204, NULL, NULL, 0, 0 },
		{ "POST " AT "exec", 201, "{\"Id\": \"x\"}", NULL, 0, 0 },
		{ "POST /v1.41/exec/x/start", 200, "", NULL, 0, 0 },
		{ "GET /v1.41/exec/x/json", 200, "{\"ExitCode\": 9}", NULL, 0, 0 },
		{ "POST " AT "exec", 201, "{\"Id\": \"y\"}", NULL, 0, 0 },
		{ "POST /v1.41/exec/y/start", 200, "", NULL, 0, FAKE_SILENT },
		/* Pid 1 is not inside the container: it must survive. */
		{ "GET /v1.41/exec/y/json", 200, "{\"Running\": true, \"Pid\": 1}", NULL, 0, 0 },
		{ "GET " AT "json", 200,
		  "{\"NetworkSettings\": {\"Networks\": {\"n\": {\"IPAddress\": \"10.0.0.2\"}}}}",
		  NULL, 0, 0 },
		{ DELETE, 500, "{\"message\": \"busy\"}", NULL, 0, 0 },
		{ DELETE, 204, NULL, NULL, 0, 0 },
	};
	const struct runtime *r = &runtime_docker;
	char *const argv[] = { (char *)"true", NULL };
	struct fake_docker x;
	char text[64];

	(void)state;
	FAKE_DOCKER_OPEN(&x, "containers: {a: {image: img}}", v);
	assert_int_equal(x.rc, 0);
	/* There is nothing to remove yet. */
	assert_int_equal(r->remove(x.d, 0, &x.err), 0);
	assert_int_equal(r->create(x.d, 0, &x.err), 0);
	assert_int_equal(r->signal(x.d, 0, false, &x.err), 0);
	assert_int_equal(r->signal(x.d, 0, true, &x.err), 0);
	assert_int_equal(r->exec(x.d, 0, argv, 5000000000, &x.err), 9);
	assert_int_equal(r->exec(x.d, 0, argv, 50000000, &x.err), -ETIMEDOUT);
	assert_int_equal(r->address(x.d, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "10.0.0.2");
	assert_int_equal(r->remove(x.d, 0, &x.err), -EIO);
	assert_int_equal(r->remove(x.d, 0, &x.err), 0);
	assert_int_equal(r->remove(x.d, 0, &x.err), 0);
	fake_docker_close(&x);
}

static void test_host_network(void **state)
{
	static const struct fake_exchange v[] = { FAKE_INFO, FAKE_IMAGE };
	struct fake_docker x;
	char text[64];

	(void)state;
	FAKE_DOCKER_OPEN(&x, "containers: {a: {image: img, network_mode: host}}", v);
	assert_int_equal(x.rc, 0);
	assert_int_equal(runtime_docker.address(x.d, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "127.0.0.1");
	fake_docker_close(&x);
}

static void test_left_over(void **state)
{
	static const struct fake_exchange v[] = {
		FAKE_INFO,
		FAKE_IMAGE,
		{ "POST /v1.41/networks/create", 201, "{}", NULL, 0, 0 },
		{ "DELETE /v1.41/networks/" FAKE_RUN "n", 403,
		  "{\"message\": \"has active endpoints\"}", NULL, 0, 0 },
	};
	struct fake_docker x;

	(void)state;
	FAKE_DOCKER_OPEN(&x, "networks: {n: {}}\ncontainers: {a: {image: img}}", v);
	assert_int_equal(x.rc, 0);
	docker_close(x.d);
	x.d = NULL;
	assert_int_equal(x.losses.n, 1);
	assert_non_null(strstr(x.losses.v[0].reason, "has active endpoints; try: cbpf clean"));
	fake_docker_close(&x);
}

static void test_products(void **state)
{
	struct buf report = BUF_INIT(100);
	struct err err;

	(void)state;
	setenv("CONTAINER_HOST", "unix:///no/such/podman", 1);
	setenv("DOCKER_HOST", "unix:///no/such/docker", 1);
	assert_int_equal(runtime_podman.clean(true, &report, &err), -ENOTCONN);
	assert_non_null(strstr(err.text, "Podman engine at unix:///no/such/podman"));
	assert_non_null(strstr(err.text, "systemctl start podman.socket"));
	assert_int_equal(runtime_docker.clean(true, &report, &err), -ENOTCONN);
	assert_non_null(strstr(err.text, "systemctl start docker"));
	assert_string_equal(runtime_podman.name, "podman");
	assert_string_equal(runtime_docker.name, "docker");
	runtime_docker.close(NULL);
	buf_fini(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_host_network),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_products),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
