// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a spec's containers without any measurement and tells what became of them, for
 * integration tests of runtimes.
 *
 *   drive_runtime docker|podman|native run SPEC RUN_DIR [COMMAND]
 *   drive_runtime docker|podman|native clean [--dry-run]
 *
 * COMMAND is run by /bin/sh once all targets have started, with the ids and cgroup
 * directories of each in its environment: ID_<name>, PID_<name>, V2_<name>, MEMORY_<name>...
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/runtime.h"
#include "plan/plan.h"
#include "spec/spec.h"

static atomic_bool cancel;

static void on_signal(int signo)
{
	(void)signo;
	atomic_store(&cancel, true);
}

static void on_note(void *arg, const char *target, const char *text)
{
	(void)arg;
	fprintf(stderr, "note %s: %s\n", target ? target : "-", text);
}

static void put_env(const char *what, const char *name, const char *value)
{
	char key[128];

	snprintf(key, sizeof(key), "%s_%s", what, name);
	for (char *c = key; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	setenv(key, value, 1);
}

/* As system(), which ignores SIGINT until it returns. */
static int shell(const char *command)
{
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)command, NULL };
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ))
		return -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int run_command(const struct target_set *set, const char *command)
{
	char text[32];

	for (size_t i = 0; i < set->n; i++) {
		const struct target *t = &set->v[i];

		put_env("ID", t->name, t->container_id);
		snprintf(text, sizeof(text), "%d", (int)t->pid);
		put_env("PID", t->name, text);
		put_env("V2", t->name, t->cg.v2);
		put_env("CPU", t->name, t->cg.v1[CG_CPU]);
		put_env("CPUSET", t->name, t->cg.v1[CG_CPUSET]);
		put_env("MEMORY", t->name, t->cg.v1[CG_MEMORY]);
		put_env("BLKIO", t->name, t->cg.v1[CG_BLKIO]);
		put_env("PIDS", t->name, t->cg.v1[CG_PIDS]);
	}
	return shell(command);
}

static bool all_started(const struct target_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].state == TARGET_WAITING || set->v[i].state == TARGET_STARTING)
			return false;
	return true;
}

static bool on_seen(void *arg, size_t i, const struct cgroup_ref *cg)
{
	(void)arg;
	(void)i;
	return cg->default_id != 0;
}

static void tell(const struct target_set *set, struct losses *losses)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct target *t = &set->v[i];

		printf("%s state=%s exit=%d ids=%s%s order=%s seen=%s binary=%s summary=%s "
		       "failure=%s\n",
		       t->name, t->state == TARGET_EXITED ? "exited" : "failed", t->exit_code,
		       t->cg.io_id ? "io" : "-", t->cg.default_id ? "+default" : "",
		       t->end_ns >= t->start_ns ? "ok" : "wrong", t->late ? "late" : "in_time",
		       t->binary, t->summary_path, t->failure);
	}
	for (size_t i = 0; i < losses->n; i++)
		printf("loss %s: %s\n", losses->v[i].what, losses->v[i].reason);
}

static int drive(struct launcher *l, const char *command, struct err *err)
{
	int rc = 0;

	while (!rc && !launch_done(l) && !atomic_load(&cancel)) {
		rc = launch_step(l, clock_mono_ns(), err);
		if (!rc && command && all_started(launch_targets(l))) {
			if (run_command(launch_targets(l), command))
				printf("command failed\n");
			fflush(stdout);
			command = NULL;
		}
		launch_wait(l, clock_mono_ns() + 100 * NSEC_PER_MSEC);
	}
	if (!launch_done(l)) {
		struct err ignored;

		(void)launch_stop(l, true, &ignored);
	}
	return rc;
}

static int run(const struct runtime *runtime, char **argv)
{
	struct losses losses = LOSSES_INIT;
	struct buf messages = BUF_INIT(1 << 20);
	struct launch_config config = { .run_dir = argv[1],
					.losses = &losses,
					.note = on_note,
					.seen = on_seen,
					.cancel = &cancel };
	struct spec *spec = NULL;
	struct plan *plan = NULL;
	struct launcher *l = NULL;
	struct err err = { 0 };
	int rc = spec_load(argv[0], NULL, &messages, &spec);

	if (rc) {
		fputs(buf_str(&messages), stderr);
		return 2;
	}
	rc = plan_make(spec, clock_wall_ns(), 0, NULL, &plan, &err);
	config.plan = plan;
	if (!rc)
		rc = launch_open_with(&config, runtime, &l, &err);
	if (!rc) {
		rc = drive(l, argv[2], &err);
		tell(launch_targets(l), &losses);
	}
	if (rc)
		printf("error %d: %s\n", rc, err.text);
	if (launch_close(l, &err))
		printf("close: %s\n", err.text);
	plan_free(plan);
	spec_free(spec);
	buf_fini(&messages);
	return rc ? 1 : 0;
}

static int clean(const struct runtime *runtime, bool dry_run)
{
	struct buf report = BUF_INIT(1 << 20);
	struct err err;
	int rc = runtime->clean(dry_run, &report, &err);

	fputs(buf_str(&report), stdout);
	if (rc)
		printf("error %d: %s\n", rc, err.text);
	buf_fini(&report);
	return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct runtime *const all[] = { &runtime_docker, &runtime_podman,
						     &runtime_native };
	const struct runtime *runtime = NULL;

	if (argc < 3)
		return 2;
	/* What it makes belongs to a living cbpf. */
	prctl(PR_SET_NAME, "cbpf");
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(argv[1], all[i]->name))
			runtime = all[i];
	if (!runtime)
		return 2;
	if (!strcmp(argv[2], "clean"))
		return clean(runtime, argc > 3);
	return argc < 5 ? 2 : run(runtime, argv + 3);
}
