// SPDX-License-Identifier: Apache-2.0
/* Whose disks and CPUs are prepared for a target, on a runtime that knows where files are. No root. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "launch/launch_state.h"
#include "plan/plan.h"
#include "unit.h"

static int nothing(const struct launch_config *config, struct target_set *set, void **ret_state,
		   struct err *err)
{
	(void)config, (void)err;
	*ret_state = set;
	return 0;
}

static int done(void *state, size_t i, struct err *err)
{
	(void)state, (void)i, (void)err;
	return 0;
}

static void no_more(void *state)
{
	(void)state;
}

/* Of a workload one that is called as its file; of all others none. */
static int places(void *state, size_t i, struct str_list *ret, struct err *err)
{
	const struct target_set *set = state;
	const char *file = set->v[i].plan->c->workload.ior.file;

	if (!file)
		return err_say(err, -ENODEV, "in memory");
	assert_int_equal(str_list_add(ret, file), 0);
	return 0;
}

static const struct runtime runtime = { .name = "fake",
					.open = nothing,
					.create = done,
					.start = done,
					.poll = done,
					.remove = done,
					.places = places,
					.close = no_more };

#define HOSTS                                                                                      \
	"{h: {image: i, command: [x], cpus: '0-1'}, g: {image: i, command: [x], cpus: '3'},"       \
	" f: {image: i, command: [x]},"
#define W(before, hosts)                                                                           \
	HOSTS " w: {image: i, cpus: '7', before: {" before                                         \
	      "}, workload: {ior: {file: /proc, " hosts "}}}}"

static const struct {
	const char *why, *containers;
	const char *words; /* of the failure; NULL: none */
	const char *cpus; /* that are looked at; "" all */
	size_t places;
	const char *loss; /* NULL: none */
} cases[] = {
	{ "without hosts it is the target's own", W("settle: 1s", ""), NULL, "7", 1, NULL },
	{ "else those of the hosts", W("settle: 1s", "hosts: ['h:2', g]"), NULL, "0-1,3", 1, NULL },
	{ "of which one may use all", W("settle: 1s", "hosts: [h, f]"), NULL, "", 1, NULL },
	{ "what is prepared nowhere is told", W("settle: 1s", "hosts: [h, far]"), NULL, "", 1,
	  "w: nothing was prepared on far, which is no container of the run" },
	{ "what cannot be trimmed is refused", W("trim: true", "hosts: [h]"), "/proc", "0-1", 1,
	  NULL },
	{ "and what nobody knows where it is",
	  "{w: {image: i, before: {trim: true}, command: [x]}}",
	  "container w: before: trim: no file system of this host is behind any of its files", "",
	  0, NULL },
};

static void who_is_prepared_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct losses losses = LOSSES_INIT;
		struct buf messages = BUF_INIT(1 << 16);
		char dir[] = "/tmp/cbpf-unit-XXXXXX", text[1024];
		struct launch_config config = { .run_dir = dir, .losses = &losses };
		struct launcher *l = NULL;
		struct spec *spec = NULL;
		struct plan *plan = NULL;
		struct err err = { 0 };
		int rc;

		print_message("%s\n", cases[i].why);
		assert_non_null(mkdtemp(dir));
		snprintf(text, sizeof(text), "name: t\nruntime: docker\ncontainers: %s\n",
			 cases[i].containers);
		if (spec_parse("t.yml", text, strlen(text), NULL, &messages, &spec))
			fail_msg("%s", buf_str(&messages));
		assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
		config.plan = plan;
		rc = launch_open_with(&config, &runtime, &l, &err);
		if (!cases[i].words)
			assert_int_equal(rc, 0);
		else if (rc >= 0 || !strstr(err.text, cases[i].words))
			fail_msg("%d: %s", rc, err.text);
		if (l) {
			const struct launch_item *w = &l->items[l->set.n - 1];

			assert_string_equal(w->cpus, cases[i].cpus);
			assert_int_equal(w->places.n, cases[i].places);
			assert_int_equal(launch_close(l, &err), 0);
		}
		assert_int_equal(losses.n, cases[i].loss ? 1 : 0);
		if (cases[i].loss)
			assert_string_equal(losses.v[0].reason, cases[i].loss);
		plan_free(plan);
		spec_free(spec);
		buf_fini(&messages);
		assert_int_equal(fs_remove_tree(dir), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_is_prepared_for) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
