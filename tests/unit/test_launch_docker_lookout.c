// SPDX-License-Identifier: Apache-2.0
/* Whether a container's cgroup is known before its program begins. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "launch/docker.h"
#include "scratch.h"
#include "unit.h"

static const struct {
	const char *label;
	const char *comm; /* of who is in there; NULL: nobody */
	bool in_time;
	bool enough; /* what making() says */
	int making; /* how often it is called within three looks */
	bool held;
} cases[] = {
	{ "nobody yet", NULL, true, false, 3, false },
	{ "who makes it", "runc:[2:INIT]", true, true, 1, true },
	{ "who makes it, and could not be held", "runc:[2:INIT]", true, false, 3, false },
	{ "another who does", "crun", true, true, 1, true },
	{ "its program", "cbpf-ior", false, true, 0, false },
};

struct seen {
	int n, making;
	bool enough;
	uint64_t id;
};

static bool on_seen(void *arg, size_t i, const struct cgroup_ref *cg)
{
	struct seen *seen = arg;

	assert_int_equal(i, 0);
	seen->n++;
	seen->id = cg->default_id;
	return true;
}

static bool on_making(void *arg, size_t i, const struct cgroup_ref *cg)
{
	struct seen *seen = arg;

	assert_int_equal(i, 0);
	assert_int_equal(cg->default_id, seen->id);
	seen->making++;
	return seen->enough;
}

static void check(size_t at, const char *root)
{
	struct target target = { .container_id = "abc" };
	struct target_set set = { .v = &target, .n = 1 };
	struct seen seen = { .enough = cases[at].enough };
	struct docker d = { .product = &docker_product,
			    .set = &set,
			    .config = { .seen = on_seen, .making = on_making, .note_arg = &seen },
			    .info = { .cgroup_driver = "cgroupfs" },
			    .layout = { .io_on_v2 = true } };
	struct docker_lookout l;
	char dir[600], pids[32] = "";
	struct stat st;

	snprintf(d.layout.v2, sizeof(d.layout.v2), "%s/%zu", root, at);
	docker_look_begin(&l, &d, 0);
	docker_look(&l);
	if (!(!l.told && !seen.n))
		fail_msg("%s: nothing is there", cases[at].label);

	snprintf(dir, sizeof(dir), "%s%s", d.layout.v2, l.path);
	if (cases[at].comm) {
		assert_int_equal(prctl(PR_SET_NAME, cases[at].comm), 0);
		snprintf(pids, sizeof(pids), "%d\n", getpid());
	}
	scratch_write(dir, "cgroup.procs", pids);
	docker_look(&l);
	docker_look(&l);
	docker_look(&l);
	assert_int_equal(stat(dir, &st), 0);
	if (!(l.told && seen.n == 1 && seen.id == st.st_ino))
		fail_msg("%s: told once", cases[at].label);
	if (!(l.in_time == cases[at].in_time))
		fail_msg("%s: in time", cases[at].label);
	if (seen.making != cases[at].making || l.held != cases[at].held)
		fail_msg("%s: held %d, after %d times", cases[at].label, l.held, seen.making);
	assert_int_equal(l.best.default_id, st.st_ino);
}

static void test_lookout(void **state)
{
	char root[64];

	(void)state;
	scratch_make(root);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(i, root);
	(void)fs_remove_tree(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lookout) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
