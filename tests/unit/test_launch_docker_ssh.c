// SPDX-License-Identifier: Apache-2.0
/* Who gets keys, as whom, and by which command an sshd runs. Needs ssh-keygen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_docker.h"
#include "unit.h"

#define CREATE "POST /v1.41/containers/create?name=" FAKE_RUN "a"
#define AT "/v1.41/containers/" FAKE_RUN "a/archive?path="
#define MADE                                                                                       \
	{                                                                                          \
		CREATE, 201, "{\"Id\": \"1\"}", NULL, 0, 0                                         \
	}
#define SSHD                                                                                       \
	{                                                                                          \
		"HEAD " AT "%2Fusr%2Fsbin%2Fsshd", 200, NULL, NULL, 0, 0                           \
	}
#define PUT                                                                                        \
	{                                                                                          \
		"PUT " AT "%2F", 200, NULL, NULL, 0, 0                                             \
	}

static const struct {
	const char *label, *container;
	int rc;
	const char *words;
	struct fake_exchange v[6];
} cases[] = {
	{ "a node runs sshd, whatever the image's entrypoint",
	  "ssh: true, user: \"7:8\"",
	  0,
	  NULL,
	  { { CREATE, 201, "{\"Id\": \"1\"}", NULL, 0, 0 }, SSHD, PUT } },
	{ "a command has the keys, and its image no sshd",
	  "ssh: true, user: \"7\", command: [x]",
	  0,
	  NULL,
	  { MADE, PUT } },
	{ "whose they are without `user:` the image says",
	  "ssh: true",
	  0,
	  NULL,
	  { MADE, SSHD, FAKE_IMAGE, PUT } },
	{ "an image whose user has a name only",
	  "ssh: true, command: [x]",
	  -EINVAL,
	  "ssh: image 'img' runs as 'joe': say as whom by number with `user:`",
	  { MADE,
	    { "GET /v1.41/images/img/json", 200, "{\"Id\": \"1\", \"Config\": {\"User\": \"joe\"}}",
	      NULL, 0, 0 } } },
	{ "an image without sshd",
	  "ssh: true",
	  -ENOENT,
	  "image 'img' has no /usr/sbin/sshd",
	  { MADE, { "HEAD " AT "%2Fusr%2Fsbin%2Fsshd", 404, NULL, NULL, 0, 0 } } },
	{ "an engine that does not take them",
	  "ssh: true, user: root, command: [x]",
	  -EACCES,
	  "putting files into container '" FAKE_RUN "a'",
	  { MADE, { "PUT " AT "%2F", 403, "{\"message\": \"read-only\"}", NULL, 0, 0 } } },
	{ "nobody asks: no keys are made", "", 0, NULL, { MADE } },
};

static void who_gets_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_exchange v[8] = { FAKE_INFO, FAKE_IMAGE };
		struct fake_docker x;
		char yaml[256];
		size_t n = 2;
		int rc;

		print_message("%s\n", cases[i].label);
		for (size_t j = 0; j < 6 && cases[i].v[j].request; j++)
			v[n++] = cases[i].v[j];
		snprintf(yaml, sizeof(yaml), "containers: {a: {image: img%s%s}}",
			 *cases[i].container ? ", " : "", cases[i].container);
		fake_docker_open(&x, yaml, v, n);
		if (x.rc == -ENOENT && strstr(x.err.text, "ssh-keygen"))
			skip();
		assert_int_equal(x.rc, 0);
		assert_int_equal(!x.d->keys.user, !strstr(yaml, "ssh"));
		rc = docker_create(x.d, 0, &x.err);
		assert_int_equal(rc, cases[i].rc);
		if (rc)
			assert_non_null(strstr(x.err.text, cases[i].words));
		fake_docker_close(&x);
	}
}

static void launchers_are_told_how_to_reach_hosts(void **state)
{
	struct spec_container c = { .ssh = FLAG_ON };
	struct str_map env = { 0 };

	(void)state;
	assert_int_equal(str_map_set(&c.env, "PRTE_MCA_plm_ssh_agent", "mine"), 0);
	assert_int_equal(str_map_set(&env, "HYDRA_LAUNCHER_EXEC", "mine"), 0);
	assert_int_equal(docker_ssh_env(&c, &env), 0);
	assert_string_equal(str_map_get(&env, "OMPI_MCA_plm_rsh_agent"), "/etc/cbpf-ssh/ssh");
	assert_null(str_map_get(&env, "PRTE_MCA_plm_ssh_agent"));
	assert_string_equal(str_map_get(&env, "HYDRA_LAUNCHER_EXEC"), "mine");
	str_map_fini(&env);
	c.ssh = FLAG_UNSET;
	assert_int_equal(docker_ssh_env(&c, &env), 0);
	assert_int_equal(env.n, 0);
	str_map_fini(&c.env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_gets_keys),
		cmocka_unit_test(launchers_are_told_how_to_reach_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
