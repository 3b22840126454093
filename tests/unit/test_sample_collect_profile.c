// SPDX-License-Identifier: Apache-2.0
/* The profile collector over a probe that the test plays. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "launch/target.h"
#include "probe/profile.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "unit.h"

static char said[512];

static void say(const char *fmt, unsigned int a, int b, int c)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, fmt, a, b, c);
}

void profile_probe_root(struct profile_probe *p, uint32_t target, pid_t pid, bool contained)
{
	(void)p;
	say("root %u %d %d, ", target, pid, contained);
}

/* Not while others are read: that would tear apart what belongs together. */
void profile_probe_stop(struct profile_probe *p)
{
	(void)p;
	say("stop, ", 0, 0, 0);
}

static void roots_are_told_while_targets_live(void **state)
{
	struct target targets[3] = {
		{ .pid = 5, .container_id = "abc" },
		{ .pid = 6 },
		{ .pid = 7 },
	};
	struct target_set set = { targets, 3 };
	struct collector_env env = { .targets = &set };
	struct frame frame = { 0 };
	struct err err = { 0 };
	void *s;

	(void)state;
	assert_int_not_equal(collector_profile.open(&env, &s, &err), 0);
	env.profile = (struct profile_probe *)&env;
	assert_int_equal(collector_profile.open(&env, &s, &err), 0);
	atomic_store(&targets[0].published, true);
	atomic_store(&targets[2].published, true);
	collector_profile.read(s, &frame);
	assert_string_equal(said, "root 0 5 1, root 2 7 0, ");
	*said = '\0';
	atomic_store(&targets[0].gone, true);
	frame.last = true;
	collector_profile.read(s, &frame);
	assert_string_equal(said, "root 2 7 0, ");
	collector_profile.close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_told_while_targets_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
