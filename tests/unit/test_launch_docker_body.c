// SPDX-License-Identifier: Apache-2.0
/* The JSON that containers are made from. */
#include "launch/docker_body.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "launch/docker_mount.h"
#include "plan/plan.h"
#include "spec/spec.h"
#include "unit.h"

static const struct {
	const char *label;
	const char *container; /* YAML, flow style, beside the image */
	bool whole; /* argv is {"a", "b"}, and all of the command */
	const char *top, *host; /* what comes beside what always comes; host NULL: refused */
} cases[] = {
	{ "nothing asked for", "", false, "", "" },
	{ "a command leaves the entrypoint alone", "command: [a, b]", false,
	  "\"Cmd\": [\"a\", \"b\"]", "" },
	{ "an entrypoint of one's own", "entrypoint: [e], command: [a, b]", false,
	  "\"Entrypoint\": [\"e\"], \"Cmd\": [\"a\", \"b\"]", "" },
	{ "a whole command takes the entrypoint's place", "", true,
	  "\"Entrypoint\": [\"a\"], \"Cmd\": [\"b\"]", "" },
	{ "a wrapper gets the whole command", "entrypoint: [time]", true,
	  "\"Entrypoint\": [\"time\"], \"Cmd\": [\"a\", \"b\"]", "" },
	{ "who and where", "working_dir: /w, user: \"1:2\", hostname: h", false,
	  "\"WorkingDir\": \"/w\", \"User\": \"1:2\", \"Hostname\": \"h\"", "" },
	{ "limits",
	  "cpus: \"0\", cpu_limit: 1.5, memory: 1MiB, memory_swap: 2MiB, pids: 9, "
	  "shm_size: 1k",
	  false, "",
	  "\"CpusetCpus\": \"0\", \"NanoCpus\": 1500000000, \"Memory\": 1048576, "
	  "\"MemorySwap\": 2097152, \"PidsLimit\": 9, \"ShmSize\": 1024" },
	{ "I/O limits name the disk",
	  "io: {read_iops: 1, write_iops: 2, read_bps: 3, write_bps: 4, weight: 500}", false, "",
	  "\"BlkioWeight\": 500, "
	  "\"BlkioDeviceReadIOps\": [{\"Path\": \"/dev/d\", \"Rate\": 1}], "
	  "\"BlkioDeviceWriteIOps\": [{\"Path\": \"/dev/d\", \"Rate\": 2}], "
	  "\"BlkioDeviceReadBps\": [{\"Path\": \"/dev/d\", \"Rate\": 3}], "
	  "\"BlkioDeviceWriteBps\": [{\"Path\": \"/dev/d\", \"Rate\": 4}]" },
	{ "capabilities", "cap_add: [SYS_ADMIN], cap_drop: [ALL], privileged: true", false, "",
	  "\"CapAdd\": [\"SYS_ADMIN\"], \"CapDrop\": [\"ALL\"], \"Privileged\": true" },
	{ "no network", "network_mode: none", false, "", "\"NetworkMode\": \"none\"" },
	{ "a network of the run, with an address",
	  "networks: {n: {ip: 10.1.0.2, aliases: [x]}, m: {}}", false,
	  "\"NetworkingConfig\": {\"EndpointsConfig\": {\"cbpf-id-n\": {\"Aliases\": [\"x\", "
	  "\"c\"], \"IPAMConfig\": {\"IPv4Address\": \"10.1.0.2\"}}}}",
	  "\"NetworkMode\": \"cbpf-id-n\"" },
};

static const struct {
	const char *label, *value;
	const char *want; /* NULL: refused */
} ulimits[] = {
	{ "one number is both", "1024", "\"Soft\": 1024, \"Hard\": 1024" },
	{ "two numbers", "1:2", "\"Soft\": 1, \"Hard\": 2" },
	{ "no limit", "unlimited", "\"Soft\": -1, \"Hard\": -1" },
	{ "no hard limit", "5:unlimited", "\"Soft\": 5, \"Hard\": -1" },
	{ "no number", "many", NULL },
	{ "something after the number", "1x", NULL },
	{ "three numbers", "1:2:3", NULL },
	{ "an empty part", "1:", NULL },
	{ "a negative number", "-5", NULL },
};

struct fixture {
	struct spec *spec;
	struct plan plan;
	struct str_list argv;
};

static void open_fixture(struct fixture *x, const char *container)
{
	struct buf text = BUF_INIT(4096), messages = BUF_INIT(4096);

	*x = (struct fixture){ 0 };
	buf_printf(&text,
		   "name: s\nnetworks: {n: {subnet: 10.1.0.0/24}, m: {}}\n"
		   "containers: {c: {image: i%s%s}}\n",
		   *container ? ", " : "", container);
	if (spec_parse("spec", buf_str(&text), text.len, NULL, &messages, &x->spec))
		fail_msg("%s", buf_str(&messages));
	x->plan.spec = x->spec;
	strcpy(x->plan.id, "id");
	assert_int_equal(str_list_add(&x->argv, "a"), 0);
	assert_int_equal(str_list_add(&x->argv, "b"), 0);
	buf_fini(&text);
	buf_fini(&messages);
}

static void close_fixture(struct fixture *x)
{
	spec_free(x->spec);
	str_list_fini(&x->argv);
}

static int make(const struct fixture *x, bool argv, bool whole, json_t **ret, struct err *err)
{
	return docker_body(&(struct docker_body){ .plan = &x->plan,
						  .c = x->spec->containers.v,
						  .argv = argv ? &x->argv : NULL,
						  .whole_command = whole,
						  .io_node = "/dev/d" },
			   ret, err);
}

static void check(json_t *body, const char *top, const char *host, const char *limits)
{
	struct buf text = BUF_INIT(8192);
	json_t *want;

	buf_printf(&text,
		   "{\"Image\": \"i\", \"Env\": [], \"Labels\": {}%s%s, \"HostConfig\": "
		   "{\"Mounts\": [], \"Ulimits\": [%s]%s%s}}",
		   *top ? ", " : "", top, limits, *host ? ", " : "", host);
	want = json_loads(buf_str(&text), 0, NULL);
	assert_non_null(want);
	if (!json_equal(body, want))
		fail_msg("%s\nis not\n%s", json_dumps(body, JSON_SORT_KEYS),
			 json_dumps(want, JSON_SORT_KEYS));
	json_decref(want);
	json_decref(body);
	buf_fini(&text);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture x;
		struct err err = { 0 };
		json_t *body;

		print_message("%s\n", cases[i].label);
		open_fixture(&x, cases[i].container);
		assert_int_equal(make(&x, cases[i].whole || strstr(cases[i].container, "command"),
				      cases[i].whole, &body, &err),
				 0);
		check(body, cases[i].top, cases[i].host, "");
		close_fixture(&x);
	}
}

static void test_ulimits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ulimits); i++) {
		struct spec_container *c;
		struct fixture x;
		struct err err = { 0 };
		char want[128];
		json_t *body;
		int rc;

		open_fixture(&x, "");
		c = x.spec->containers.v;
		assert_int_equal(str_map_set(&c->ulimits, "nofile", ulimits[i].value), 0);
		rc = make(&x, false, false, &body, &err);
		print_message("%s: %s\n", ulimits[i].label, err.text);
		assert_int_equal(rc, ulimits[i].want ? 0 : -EINVAL);
		if (!rc) {
			snprintf(want, sizeof(want), "{\"Name\": \"nofile\", %s}", ulimits[i].want);
			check(body, "", "", want);
		}
		close_fixture(&x);
	}
}

static void test_everything_else(void **state)
{
	static struct docker_mount mounts[] = {
		{ MOUNT_BIND, "/src", "/a", true },
		{ MOUNT_VOLUME, "vol", "/b", false },
		{ MOUNT_TMPFS, "", "/c", false },
	};
	struct str_map env = { 0 }, labels = { 0 };
	struct docker_body b = { .mounts = mounts, .n_mounts = 3, .log_driver = "json-file" };
	struct fixture x;
	struct err err = { 0 };
	json_t *body, *want;

	(void)state;
	open_fixture(&x, "env: {A: \"1\", B: two words}, labels: {mine: x}");
	assert_int_equal(str_map_set(&env, "A", "2"), 0);
	assert_int_equal(str_map_set(&labels, "cbpf.run", "id"), 0);
	b.plan = &x.plan;
	b.c = x.spec->containers.v;
	b.env = &env;
	b.labels = &labels;
	assert_int_equal(docker_body(&b, &body, &err), 0);
	want = json_loads("{\"Image\": \"i\", \"Env\": [\"B=two words\", \"A=2\"], "
			  "\"Labels\": {\"mine\": \"x\", \"cbpf.run\": \"id\"}, \"HostConfig\": {"
			  "\"LogConfig\": {\"Type\": \"json-file\"}, \"Ulimits\": [], \"Mounts\": ["
			  "{\"Type\": \"bind\", \"Source\": \"/src\", \"Target\": \"/a\", "
			  "\"ReadOnly\": true},"
			  "{\"Type\": \"volume\", \"Source\": \"vol\", \"Target\": \"/b\", "
			  "\"ReadOnly\": false},"
			  "{\"Type\": \"tmpfs\", \"Target\": \"/c\", \"ReadOnly\": false}]}}",
			  0, NULL);
	assert_non_null(want);
	assert_true(json_equal(body, want));
	json_decref(body);
	json_decref(want);
	/* Text that JSON cannot carry is refused, not cut. */
	assert_int_equal(str_map_set(&env, "A", "\xff"), 0);
	assert_int_equal(docker_body(&b, &body, &err), -EINVAL);
	assert_non_null(strstr(err.text, "UTF-8"));
	str_map_fini(&env);
	str_map_fini(&labels);
	close_fixture(&x);
}

static void test_network_names(void **state)
{
	struct fixture x;
	char name[64];

	(void)state;
	open_fixture(&x, "");
	docker_body_network(&x.plan, "n", name, sizeof(name));
	assert_string_equal(name, "cbpf-id-n");
	docker_body_network(&x.plan, "theirs", name, sizeof(name));
	assert_string_equal(name, "theirs");
	close_fixture(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_ulimits),
		cmocka_unit_test(test_everything_else),
		cmocka_unit_test(test_network_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
