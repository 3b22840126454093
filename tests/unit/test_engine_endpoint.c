// SPDX-License-Identifier: Apache-2.0
/* Addresses of engines as users write them. */
#include "engine/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "unit.h"

static const struct {
	const char *label, *host, *certs, *verify;
	int rc;
	const char *base, *socket;
	bool tls, verified;
} cases[] = {
	{ "a unix socket", "unix:///var/run/docker.sock", NULL, NULL, 0, "http://localhost",
	  "/var/run/docker.sock", false, true },
	{ "TLS variables do not matter for a unix socket", "unix:///s", "/c", "1", 0,
	  "http://localhost", "/s", false, true },
	{ "a relative socket is refused", "unix://docker.sock", NULL, NULL, -EINVAL, 0, 0, 0, 0 },
	{ "plain TCP with a port", "tcp://10.0.0.1:4000", NULL, NULL, 0, "http://10.0.0.1:4000", "",
	  false, true },
	{ "plain TCP has a usual port", "tcp://engine", NULL, NULL, 0, "http://engine:2375", "",
	  false, true },
	{ "a slash at the end is fine", "tcp://engine/", NULL, NULL, 0, "http://engine:2375", "",
	  false, true },
	{ "IPv6 keeps its brackets", "tcp://[::1]", NULL, NULL, 0, "http://[::1]:2375", "", false,
	  true },
	{ "IPv6 with a port", "tcp://[::1]:99", NULL, NULL, 0, "http://[::1]:99", "", false, true },
	{ "verified TLS", "tcp://engine", NULL, "1", 0, "https://engine:2376", "", true, true },
	{ "an empty variable is an unset one", "tcp://engine", "", "", 0, "http://engine:2375", "",
	  false, true },
	{ "certificates without the wish to verify", "tcp://engine:1", "/c", NULL, 0,
	  "https://engine:1", "", true, false },
	{ "https says TLS by itself", "https://engine:1", NULL, NULL, 0, "https://engine:1", "",
	  true, true },
	{ "a path is refused", "tcp://engine:1/x", NULL, NULL, -EINVAL, 0, 0, 0, 0 },
	{ "no host is refused", "tcp://:2375", NULL, NULL, -EINVAL, 0, 0, 0, 0 },
	{ "nothing is refused", "tcp://", NULL, NULL, -EINVAL, 0, 0, 0, 0 },
	{ "ssh is refused", "ssh://host", NULL, NULL, -EINVAL, 0, 0, 0, 0 },
	{ "a bare path is refused", "/var/run/docker.sock", NULL, NULL, -EINVAL, 0, 0, 0, 0 },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct engine_endpoint ep;
		struct err err = { 0 };
		int rc = engine_endpoint_parse(cases[i].host, cases[i].certs, cases[i].verify,
					       "/home/u", &ep, &err);

		print_message("%s: %s\n", cases[i].label, err.text);
		assert_int_equal(rc, cases[i].rc);
		if (rc) {
			assert_non_null(strstr(err.text, cases[i].host));
			continue;
		}
		assert_string_equal(ep.base, cases[i].base);
		assert_string_equal(ep.socket, cases[i].socket);
		assert_string_equal(ep.shown, cases[i].host);
		assert_int_equal(ep.tls, cases[i].tls);
		assert_int_equal(ep.verify, cases[i].verified);
	}
}

static void test_files(void **state)
{
	struct engine_endpoint ep;
	struct err err;

	(void)state;
	assert_int_equal(engine_endpoint_parse("tcp://e", "/certs", "1", "/home/u", &ep, &err), 0);
	assert_string_equal(ep.ca, "/certs/ca.pem");
	assert_string_equal(ep.cert, "/certs/cert.pem");
	assert_string_equal(ep.key, "/certs/key.pem");
	assert_int_equal(engine_endpoint_parse("tcp://e", NULL, "1", "/home/u", &ep, &err), 0);
	assert_string_equal(ep.ca, "/home/u/.docker/ca.pem");
}

static void test_environment(void **state)
{
	struct engine_endpoint ep;
	struct err err;

	(void)state;
	unsetenv("DOCKER_HOST");
	unsetenv("CONTAINER_HOST");
	assert_int_equal(engine_endpoint_docker(&ep, &err), 0);
	assert_string_equal(ep.socket, "/var/run/docker.sock");
	assert_int_equal(engine_endpoint_podman(&ep, &err), 0);
	assert_string_equal(ep.socket, "/run/podman/podman.sock");
	setenv("DOCKER_HOST", "unix:///a", 1);
	setenv("CONTAINER_HOST", "unix:///b", 1);
	assert_int_equal(engine_endpoint_docker(&ep, &err), 0);
	assert_string_equal(ep.socket, "/a");
	assert_int_equal(engine_endpoint_podman(&ep, &err), 0);
	assert_string_equal(ep.socket, "/b");
}

static void test_too_long(void **state)
{
	char host[400] = "unix:///";
	struct engine_endpoint ep;
	struct err err;

	(void)state;
	memset(host + strlen(host), 'x', 150);
	assert_int_equal(engine_endpoint_parse(host, NULL, NULL, NULL, &ep, &err), -EINVAL);
	memset(host + 8, 'x', sizeof(host) - 9);
	assert_int_equal(engine_endpoint_parse(host, NULL, NULL, NULL, &ep, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
