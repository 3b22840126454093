// SPDX-License-Identifier: Apache-2.0
/* Repetitions of a spec, by a stand-in for the run itself: what is printed, and how it all ends. */
#include "cmd/runs.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "commands.h"
#include "plan/plan.h"
#include "run/run.h"
#include "spec_case.h"

static const char
	*ends; /* of each repetition: o(k), t(hreshold), f(ailed), h(ost), i(nterrupted) */
static char seen[256]; /* "repetition:same group?" */

int run_once(const struct run_config *config, const struct plan *plan, struct run_outcome *ret,
	     struct err *err)
{
	static const char letters[] = "otfhi";
	static char group[sizeof(plan->group)];
	size_t at = strlen(seen);

	assert_string_equal(config->store_dir, "somewhere");
	*ret = (struct run_outcome){ .end = (enum run_end)(strchr(letters, *ends++) - letters) };
	if (plan->repetition == 0)
		strcpy(group, plan->group);
	snprintf(seen + at, sizeof(seen) - at, "%llu%s ", (unsigned long long)plan->repetition,
		 strcmp(group, plan->group) ? "!" : "");
	if (ret->end == RUN_HOST)
		return err_say(err, -EOPNOTSUPP, "no such thing here");
	ret->report = json_pack("{s:s}", "id", plan->id);
	return 0;
}

void run_outcome_fini(struct run_outcome *o)
{
	json_decref(o->report);
}

static const struct {
	const char *label, *ends, *seen;
	int status;
} cases[] = {
	{ "all well", "ooo", "0 1 2 ", EXIT_OK },
	{ "the worst counts", "oto", "0 1 2 ", EXIT_THRESHOLD },
	{ "a failure is worse than a threshold, and the rest is run", "fto", "0 1 2 ",
	  EXIT_WORKLOAD },
	{ "what the host lacks it will lack again", "hoo", "0 ", EXIT_HOST },
	{ "an interruption ends it", "oio", "0 1 ", EXIT_INTERRUPTED },
};

static void repetitions_add_up(void **state)
{
	const struct runs_options how = { .store = "somewhere", .json = FLAG_ON };
	struct spec *spec = spec_case_valid("name: n\nrepeat: 3\nruntime: native\n"
					    "containers: {a: {command: [x]}}\n");
	const struct spec_set specs = { .v = &spec, .n = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static char out[1 << 16], err[1 << 16];
		struct capture o, e;
		int status;

		ends = cases[i].ends;
		*seen = '\0';
		capture_begin(&o, STDOUT_FILENO);
		capture_begin(&e, STDERR_FILENO);
		status = runs_carry_out(&how, "the.yml", &specs);
		capture_end(&e, err, sizeof(err));
		capture_end(&o, out, sizeof(out));
		if (status != cases[i].status || strcmp(seen, cases[i].seen) != 0)
			fail_msg("%s: %d, %s", cases[i].label, status, seen);
		/* One line for each that has a report, and nothing else there. */
		assert_int_equal(!strstr(out, "\"id\""), *cases[i].ends == 'h');
		assert_int_equal(!strstr(err, "cbpf: no such thing here"), *cases[i].ends != 'h');
	}
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(repetitions_add_up) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
