// SPDX-License-Identifier: Apache-2.0
/* Which probes a spec asks for, and what becomes of those that cannot be had. */
#include "run/task_probes.h"

#include <string.h>
#include <unistd.h>

#include "base/loss.h"
#include "spec/spec.h"
#include "unit.h"

static void what_is_off_is_not_opened(void **state)
{
	const struct spec_collectors asked = { .sched = TRI_OFF };
	struct losses losses = LOSSES_INIT;
	struct task_probes probes = { 0 };
	struct task_opening o;
	struct err err = { 0 };

	(void)state;
	task_probes_begin(&probes, &asked, 1, 1000000000, &o);
	assert_int_equal(task_probes_end(&o, &losses, &err), 0);
	assert_null(probes.targets);
	assert_null(probes.sched);
	assert_int_equal(losses.n, 0);
	task_probes_close(&probes);
}

static void what_cannot_be_had_is_a_loss_or_a_failure(void **state)
{
	static const enum tri modes[] = { TRI_AUTO, TRI_ON };

	(void)state;
	if (!geteuid() && seteuid(65534))
		skip();
	for (size_t i = 0; i < 2; i++) {
		const struct spec_collectors asked = { .sched = modes[i] };
		struct losses losses = LOSSES_INIT;
		struct task_probes probes = { 0 };
		struct task_opening o;
		struct err err = { 0 };
		int rc;

		task_probes_begin(&probes, &asked, 1, 1000000000, &o);
		rc = task_probes_end(&o, &losses, &err);
		assert_null(probes.sched);
		if (modes[i] == TRI_ON) {
			assert_true(rc < 0);
			assert_non_null(strstr(err.text, "collector sched"));
			assert_int_equal(losses.n, 0);
		} else {
			assert_int_equal(rc, 0);
			assert_int_equal(losses.n, 1);
		}
		task_probes_close(&probes);
	}
	if (!getuid())
		assert_int_equal(seteuid(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_off_is_not_opened),
		cmocka_unit_test(what_cannot_be_had_is_a_loss_or_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
