// SPDX-License-Identifier: Apache-2.0
/* Ranks are found by the environment of real processes, in cgroups that are plain directories. */
#include "launch/ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/target.h"
#include "plan/plan.h"
#include "spec_case.h"

#define SPEC                                                                                       \
	"name: n\ncontainers:\n"                                                                   \
	"  h: {image: i, ssh: true}\n"                                                             \
	"  other: {image: i, ssh: true}\n"                                                         \
	"  w: {image: i, ssh: true, workload: {ior: {hosts: [h, other], ranks: 3}}}\n"             \
	"  alone: {image: i, workload: {ior: {ranks: 4}}}\n"

enum { H, OTHER, W, ALONE, TARGETS };

static struct spec *spec;
static struct plan *plan;
static struct target targets[TARGETS];
static const struct target_set set = { targets, TARGETS };
static char root[] = "/tmp/cbpf-test-XXXXXX";

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(root));
	spec = spec_case_valid(SPEC);
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	for (size_t i = 0; i < TARGETS; i++) {
		struct target *t = &targets[i];

		snprintf(t->name, sizeof(t->name), "%s", plan->v[i].name);
		snprintf(t->cg.v2, sizeof(t->cg.v2), "%s/%s", root, t->name);
		assert_int_equal(fs_mkdirs(t->cg.v2, 0755), 0);
		t->plan = &plan->v[i];
		atomic_store(&t->published, true);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan_free(plan);
	spec_free(spec);
	return fs_remove_tree(root);
}

/* A process in a target's cgroup, with @env and nothing else. */
static pid_t begin(size_t target, char *const env[])
{
	char *const argv[] = { (char *)"sleep", (char *)"60", NULL };
	char path[CGROUP_PATH + 16], text[32];
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, "/bin/sleep", NULL, NULL, argv, env), 0);
	snprintf(path, sizeof(path), "%s/cgroup.procs", targets[target].cg.v2);
	snprintf(text, sizeof(text), "999999999\n%d\n", pid);
	assert_int_equal(fs_create_at(AT_FDCWD, path, text, strlen(text)), 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const struct {
	const char *label;
	char *env[4];
	size_t target;
	int workload, rank; /* -1: it is none */
} cases[] = {
	{ "Open MPI's", { "CBPF_WORKLOAD=w", "OMPI_COMM_WORLD_RANK=2" }, H, W, 2 },
	{ "MPICH's", { "PMI_RANK=0", "CBPF_WORKLOAD=w" }, OTHER, W, 0 },
	{ "Slurm's", { "CBPF_WORKLOAD=w", "SLURM_PROCID=1" }, W, W, 1 },
	{ "Open MPI's own goes first",
	  { "SLURM_PROCID=7", "PMIX_RANK=8", "OMPI_COMM_WORLD_RANK=1", "CBPF_WORKLOAD=w" },
	  H,
	  W,
	  1 },
	{ "without a workload", { "OMPI_COMM_WORLD_RANK=2" }, H, -1, -1 },
	{ "of a workload that is none of ours", { "CBPF_WORKLOAD=x", "PMI_RANK=2" }, H, -1, -1 },
	{ "without a rank: mpirun itself", { "CBPF_WORKLOAD=w" }, W, -1, -1 },
	{ "a rank that is no number", { "CBPF_WORKLOAD=w", "PMI_RANK=-1" }, H, -1, -1 },
	{ "a rank with a tail", { "CBPF_WORKLOAD=w", "PMI_RANK=1x" }, H, -1, -1 },
};

static void ranks_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *env[5] = { cases[i].env[0], cases[i].env[1], cases[i].env[2],
				 cases[i].env[3] };
		pid_t pid = begin(cases[i].target, env);
		struct ranks r;

		print_message("%s\n", cases[i].label);
		assert_int_equal(ranks_init(&r, plan), 0);
		assert_int_equal(r.wanted, 3);
		/* The program may have to begin first: until then it has the environment of this test. */
		for (int tries = 0; tries < 200 && !r.n && cases[i].rank >= 0; tries++) {
			ranks_look(&r, &set, tries * 1000000000ull);
			usleep(5000);
		}
		if (cases[i].rank < 0) {
			usleep(50000);
			ranks_look(&r, &set, 1);
		}
		assert_int_equal(r.n, cases[i].rank >= 0);
		if (r.n) {
			assert_int_equal(r.v[0].workload, cases[i].workload);
			assert_int_equal(r.v[0].host, cases[i].target);
			assert_int_equal(r.v[0].rank, cases[i].rank);
		}
		ranks_look(&r, &set, UINT64_MAX);
		assert_int_equal(r.n, cases[i].rank >= 0); /* seen again it is the same */
		end(pid);
		ranks_fini(&r);
	}
}

static void looks_are_few_and_only_where_something_runs(void **state)
{
	char *env[] = { "CBPF_WORKLOAD=w", "PMI_RANK=0", NULL };
	pid_t pid = begin(H, env);
	struct ranks r;

	(void)state;
	usleep(50000);
	assert_int_equal(ranks_init(&r, plan), 0);
	r.next_ns = 10;
	ranks_look(&r, &set, 9);
	assert_int_equal(r.n, 0);
	atomic_store(&targets[H].gone, true);
	ranks_look(&r, &set, 10);
	assert_int_equal(r.n, 0);
	assert_true(r.next_ns > 10);
	atomic_store(&targets[H].gone, false);
	r.wanted = 0;
	ranks_look(&r, &set, UINT64_MAX);
	assert_int_equal(r.n, 0);
	end(pid);
	ranks_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_are_found),
		cmocka_unit_test(looks_are_few_and_only_where_something_runs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
