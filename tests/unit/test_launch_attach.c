// SPDX-License-Identifier: Apache-2.0
/* Attaching to what runs, found by a fake engine or in this host's own hierarchies. No root. */
#include "launch/attach.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_engine.h"
#include "launch/attach_engine.h"
#include "launch/runtime.h"
#include "plan/plan.h"
#include "spec_case.h"

#define INFO                                                                                       \
	{                                                                                          \
		"GET /v1.41/info", 200, "{\"CgroupDriver\": \"cgroupfs\"}", NULL, 0, 0             \
	}
#define INSPECT "GET /v1.41/containers/box/json"

static struct spec *spec;
static struct plan *plan;
static struct target target;
static struct target_set set = { &target, 1 };

/* The runtime on a spec with the one container @yaml. */
static int open_runtime(const char *yaml, void **ret, struct err *err)
{
	static struct losses losses = LOSSES_INIT;
	struct launch_config config = { .run_dir = "/tmp", .losses = &losses };
	char text[256];
	int rc;

	snprintf(text, sizeof(text), "name: n\nruntime: attach\ncontainers: {t: %s}\n", yaml);
	spec = spec_case_valid(text);
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, err), 0);
	target = (struct target){ .plan = &plan->v[0], .exit_code = -1 };
	strcpy(target.name, "t");
	config.plan = plan;
	rc = runtime_attach.open(&config, &set, ret, err);
	return rc ? rc : runtime_attach.create(*ret, 0, err);
}

static void close_runtime(void *state)
{
	runtime_attach.close(state);
	plan_free(plan);
	spec_free(spec);
}

/* Any cgroup of this host below the root of a hierarchy. */
static bool any_cgroup(char *path, size_t size)
{
	struct cgroup_layout layout;
	struct err err;
	struct dirent *e;

	if (cgroup_layout_read(&layout, &err))
		return false;
	for (int c = -1; c < CG_NCTRL; c++) {
		const char *mount = c < 0 ? layout.v2 : layout.v1[c];
		cleanup_closedir DIR *d = *mount ? opendir(mount) : NULL;

		while (d && (e = readdir(d)))
			if (e->d_type == DT_DIR && e->d_name[0] != '.' && strlen(e->d_name) < 100) {
				snprintf(path, size, "/%s", e->d_name);
				return true;
			}
	}
	return false;
}

static void a_cgroup_is_let_go(void **state)
{
	char path[128], yaml[160];
	struct err err = { 0 };
	void *runtime = NULL;

	(void)state;
	if (!any_cgroup(path, sizeof(path)))
		skip();
	snprintf(yaml, sizeof(yaml), "{attach: '%s'}", path);
	if (open_runtime(yaml, &runtime, &err))
		fail_msg("%s", err.text);
	/* Known before it begins, so that the first sweep has it. */
	assert_true(target.attached && atomic_load(&target.published) && !target.start_ns);
	assert_int_equal(runtime_attach.start(runtime, 0, &err), 0);
	assert_true(target.start_ns && target.stopped);
	assert_int_equal(runtime_attach.poll(runtime, 0, &err), 1);
	assert_true(runtime_attach.exec(runtime, 0, NULL, 0, &err) < 0);
	assert_true(runtime_attach.address(runtime, 0, NULL, 0) < 0);
	/* There is no killing it. */
	assert_int_equal(runtime_attach.signal(runtime, 0, true, &err), 0);
	assert_int_equal(runtime_attach.poll(runtime, 0, &err), 0);
	assert_true(target.let_go);
	assert_int_equal(target.exit_code, -1);
	assert_int_equal(runtime_attach.remove(runtime, 0, &err), 0);
	assert_null(runtime_attach.engine(runtime));
	close_runtime(runtime);
}

static void a_cgroup_that_is_not_there(void **state)
{
	struct cgroup_layout layout;
	struct err err = { 0 };
	void *runtime = NULL;

	(void)state;
	if (cgroup_layout_read(&layout, &err))
		skip();
	assert_int_equal(open_runtime("{attach: /no/such/cgroup}", &runtime, &err), -ENOENT);
	assert_non_null(strstr(err.text, "there is no cgroup '/no/such/cgroup'"));
	close_runtime(runtime);
	runtime = NULL;
	assert_int_equal(open_runtime("{attach: /a/../..}", &runtime, &err), -EINVAL);
	assert_non_null(strstr(err.text, "has no .."));
	close_runtime(runtime);
}

static const struct {
	const char *label;
	int rc;
	const char *words;
	struct fake_exchange v[2];
} cases[] = {
	{ "one that has ended",
	  -ESRCH,
	  "container 'box' is not running",
	  { { INSPECT, 200, "{\"Id\": \"0123456789abcdef\", \"State\": {\"Running\": false}}", NULL,
	      0, 0 } } },
	{ "one that is not there",
	  -ENOENT,
	  "No such container: box",
	  { { INSPECT, 404, "{\"message\": \"No such container: box\"}", NULL, 0, 0 } } },
	{ "a pid that is somebody else's here, and no cgroup of its name",
	  -ENOENT,
	  "the cgroups of container 'box' are not to be seen here",
	  { { INSPECT, 200,
	      "{\"Id\": \"0123456789abcdef\", \"State\": {\"Running\": true, \"Pid\": 1}}", NULL, 0,
	      0 } } },
};

static void containers_that_cannot_be_attached_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fake_exchange v[] = { INFO, cases[i].v[0] };
		struct fake_engine *f = FAKE_START("1.41", v);
		struct err err = { 0 };
		void *runtime = NULL;
		json_t *engine;

		print_message("%s\n", cases[i].label);
		setenv("DOCKER_HOST", fake_engine_host(f), 1);
		assert_int_equal(open_runtime("{attach: box}", &runtime, &err), cases[i].rc);
		assert_non_null(strstr(err.text, cases[i].words));
		assert_false(atomic_load(&target.published));
		engine = runtime_attach.engine(runtime);
		assert_string_equal(json_string_value(json_object_get(engine, "name")), "Docker");
		json_decref(engine);
		close_runtime(runtime);
		fake_engine_stop(f);
	}
}

static void the_end_of_a_container_is_asked_for(void **state)
{
	static const struct fake_exchange v[] = {
		INFO,
		{ INSPECT, 200, "{\"State\": {\"Running\": true}}", NULL, 0, 0 },
		{ INSPECT, 200, "{\"State\": {\"Running\": false, \"ExitCode\": 7}}", NULL, 0, 0 },
		{ "GET /v1.41/containers/gone/json", 404, "{\"message\": \"no\"}", NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct attach_engine e = { 0 };
	struct err err = { 0 };
	int code;

	(void)state;
	setenv("DOCKER_HOST", fake_engine_host(f), 1);
	assert_int_equal(attach_engine_open(&e, NULL, &err), 0);
	/* Each time once, at once. */
	assert_int_equal(attach_engine_ended(&e, "box", &code), 1);
	assert_int_equal(attach_engine_ended(&e, "box", &code), 0);
	assert_int_equal(code, 7);
	assert_int_equal(attach_engine_ended(&e, "gone", &code), 0);
	assert_int_equal(code, -1);
	attach_engine_close(&e);
	attach_engine_close(&e);
	fake_engine_stop(f);
}

#define ENDING "cbpf-unit-ending"
#define INSPECT_ENDING "GET /v1.41/containers/" ENDING "/json"

/* While the engine has not yet seen the end, poll() comes back: others are looked at meanwhile. */
static void who_waits_for_the_engine_keeps_nobody(void **state)
{
	static const struct fake_exchange v[] = {
		INFO,
		{ INSPECT, 200, "{\"Id\": \"" ENDING "\", \"State\": {\"Running\": true}}", NULL, 0,
		  0 },
		{ INSPECT_ENDING, 200, "{\"State\": {\"Running\": true}}", NULL, 0, 0 },
		{ INSPECT_ENDING, 200, "{\"State\": {\"Running\": false, \"ExitCode\": 7}}", NULL,
		  0, 0 },
	};
	static const struct cgroup_limits none = CGROUP_LIMITS_NONE;
	struct fake_engine *f;
	struct cgroup_layout layout;
	struct cgroup_ref cg;
	struct err err = { 0 };
	void *runtime = NULL;
	uint64_t end_ns;
	int rc;

	(void)state;
	if (cgroup_layout_read(&layout, &err) ||
	    cgroup_create(&layout, "/docker", ENDING, &none, &cg, &err))
		skip(); /* it takes root */
	f = FAKE_START("1.41", v);
	setenv("DOCKER_HOST", fake_engine_host(f), 1);
	if (open_runtime("{attach: box}", &runtime, &err))
		fail_msg("%s", err.text);
	assert_int_equal(runtime_attach.start(runtime, 0, &err), 0);
	assert_int_equal(runtime_attach.poll(runtime, 0, &err), 1);
	assert_false(atomic_load(&target.gone));
	assert_int_equal(cgroup_remove(&cg), 0);
	/* Not yet ended for the engine, and not asked again at once. */
	assert_int_equal(runtime_attach.poll(runtime, 0, &err), 1);
	assert_true(atomic_load(&target.gone));
	end_ns = target.end_ns;
	assert_true(end_ns);
	while ((rc = runtime_attach.poll(runtime, 0, &err)) == 1)
		clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
	assert_int_equal(rc, 0);
	assert_int_equal(target.exit_code, 7);
	assert_true(target.end_ns == end_ns);
	close_runtime(runtime);
	fake_engine_stop(f);
	cgroup_remove_parents(&layout, "/docker");
}

#define LIST "GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22k%3Dv%22%5D%7D"

static void labels_name_what_runs(void **state)
{
	static const struct fake_exchange v[] = {
		INFO,
		{ LIST, 200,
		  "[{\"Id\": \"1\", \"Names\": [\"/one\"]}, {\"Id\": \"2\", \"Names\": "
		  "[\"/two\"]}, "
		  "{\"Id\": \"3\", \"Names\": [\"/three\"]}]",
		  NULL, 0, 0 },
		{ "GET /v1.41/containers/1/json", 200,
		  "{\"Id\": \"1\", \"State\": {\"Running\": true}}", NULL, 0, 0 },
		{ "GET /v1.41/containers/2/json", 200,
		  "{\"Id\": \"2\", \"State\": {\"Running\": false}}", NULL, 0, 0 },
		{ "GET /v1.41/containers/3/json", 404, "{\"message\": \"gone\"}", NULL, 0, 0 },
		INFO,
		{ LIST, 200, "[]", NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct str_map found = { 0 };
	struct err err = { 0 };

	(void)state;
	setenv("DOCKER_HOST", fake_engine_host(f), 1);
	if (attach_find("k=v", &found, &err))
		fail_msg("%s", err.text);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.v[0].key, "one");
	assert_string_equal(found.v[0].value, "1");
	assert_int_equal(attach_find("k=v", &found, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no running container has the label 'k=v'"));
	str_map_fini(&found);
	fake_engine_stop(f);
}

static void without_an_engine_both_are_told(void **state)
{
	struct attach_engine e = { 0 };
	struct err err = { 0 };

	(void)state;
	setenv("DOCKER_HOST", "unix:///no/docker.sock", 1);
	setenv("CONTAINER_HOST", "unix:///no/podman.sock", 1);
	assert_int_equal(attach_engine_open(&e, NULL, &err), -ENOTCONN);
	assert_non_null(strstr(err.text, "/no/docker.sock"));
	assert_non_null(strstr(err.text, "/no/podman.sock"));
	assert_null(attach_engine_json(&e));
	attach_engine_close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgroup_is_let_go),
		cmocka_unit_test(a_cgroup_that_is_not_there),
		cmocka_unit_test(containers_that_cannot_be_attached_to),
		cmocka_unit_test(the_end_of_a_container_is_asked_for),
		cmocka_unit_test(who_waits_for_the_engine_keeps_nobody),
		cmocka_unit_test(labels_name_what_runs),
		cmocka_unit_test(without_an_engine_both_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
