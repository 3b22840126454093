// SPDX-License-Identifier: Apache-2.0
/* As launch_open() does it, with names that do not change from run to run. */
#include "fake_docker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "scratch.h"
#include "spec/spec.h"
#include "unit.h"

static void on_note(void *arg, const char *target, const char *text)
{
	struct fake_docker *x = arg;

	buf_printf(&x->notes, "%s: %s\n", target ? target : "-", text);
}

static void make_targets(struct fake_docker *x)
{
	x->set.n = x->plan->n;
	x->set.v = calloc(x->set.n + 1, sizeof(*x->set.v));
	assert_non_null(x->set.v);
	for (size_t i = 0; i < x->set.n; i++) {
		struct target *t = &x->set.v[i];

		t->plan = &x->plan->v[i];
		t->exit_code = -1;
		snprintf(t->name, sizeof(t->name), "%s", t->plan->name);
		snprintf(t->log_path, sizeof(t->log_path), "%s/logs/%s.log", x->dir, t->name);
	}
}

void fake_docker_open(struct fake_docker *x, const char *yaml, const struct fake_exchange *v,
		      size_t n)
{
	struct launch_config config;
	struct buf messages = BUF_INIT(1 << 16);
	void *state = NULL;

	*x = (struct fake_docker){ .notes = BUF_INIT(1 << 16) };
	pthread_mutex_init(&x->losses.lock, NULL);
	scratch_make(x->dir);
	scratch_write(x->dir, "logs/here", "");
	scratch_write(x->dir, "results/here", "");
	if (spec_parse("spec", yaml, strlen(yaml), NULL, &messages, &x->spec))
		fail_msg("%s", buf_str(&messages));
	buf_fini(&messages);
	if (plan_make(x->spec, 0, 0, NULL, &x->plan, &x->err))
		fail_msg("%s", x->err.text);
	strcpy(x->plan->id, "run");
	make_targets(x);
	config = (struct launch_config){ .plan = x->plan,
					 .run_dir = x->dir,
					 .losses = &x->losses,
					 .note = on_note,
					 .note_arg = x };
	x->f = fake_engine_start("1.41", v, n);
	setenv("DOCKER_HOST", fake_engine_host(x->f), 1);
	x->rc = docker_open(&docker_product, &config, &x->set, &state, &x->err);
	x->d = state;
}

void fake_docker_close(struct fake_docker *x)
{
	docker_close(x->d);
	fake_engine_stop(x->f);
	free(x->set.v);
	plan_free(x->plan);
	spec_free(x->spec);
	buf_fini(&x->notes);
	pthread_mutex_destroy(&x->losses.lock);
	assert_int_equal(fs_remove_tree(x->dir), 0);
}
