// SPDX-License-Identifier: Apache-2.0
/* What stands on stderr while a run lasts, in each mode. */
#include "run/progress.h"

#include "base/clock.h"
#include "commands.h"
#include "launch/target.h"
#include "run/live.h"

static const struct {
	const char *label;
	enum progress_mode mode;
	const char *said, *warned, *phase; /* words; NULL: nothing at all */
} cases[] = {
	{ "quiet shows warnings only", PROGRESS_QUIET, NULL, "cbpf: a: too late\n", NULL },
	{ "lines for logs", PROGRESS_LINES, "s  a: started\n", "cbpf: a: too late\n",
	  "measuring (at most 1.00 s)" },
	{ "a screen", PROGRESS_SCREEN, "s  a: started\n", "cbpf: a: too late\n",
	  "measuring (at most 1.00 s)" },
};

static void expect(const char *label, const char *text, const char *words)
{
	if (words ? !strstr(text, words) : text[0] != '\0')
		fail_msg("%s: '%s'", label, text);
}

static void test_modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct progress p = { .mode = cases[i].mode, .begin_ns = clock_mono_ns() };
		char text[1024];
		struct capture c;

		capture_begin(&c, STDERR_FILENO);
		progress_say(&p, "a", "%s", "started");
		capture_end(&c, text, sizeof(text));
		expect(cases[i].label, text, cases[i].said);

		capture_begin(&c, STDERR_FILENO);
		progress_warn(&p, "a", "too %s", "late");
		capture_end(&c, text, sizeof(text));
		expect(cases[i].label, text, cases[i].warned);

		capture_begin(&c, STDERR_FILENO);
		progress_phase(&p, "measuring", NSEC_PER_SEC);
		progress_refresh(&p, NULL, NULL);
		capture_end(&c, text, sizeof(text));
		expect(cases[i].label, text, cases[i].phase);

		/* The bound is the phase's own: none of the one before stays. */
		capture_begin(&c, STDERR_FILENO);
		progress_phase(&p, "stopping", 0);
		progress_refresh(&p, NULL, NULL);
		capture_end(&c, text, sizeof(text));
		expect(cases[i].label, text, cases[i].phase ? "stopping" : NULL);
		assert_null(strstr(text, "at most"));
	}
}

/* Rates are since the refresh before, and a screen is redrawn in place. */
static void test_targets(void **state)
{
	struct target one = { .name = "victim", .state = TARGET_READY };
	struct target_set set = { .v = &one, .n = 1 };
	struct progress p = { .mode = PROGRESS_SCREEN, .phase = "running" };
	struct live live;
	char text[1024];
	struct capture c;

	(void)state;
	assert_int_equal(live_init(&live, 1), 0);
	p.begin_ns = clock_mono_ns() - 20 * NSEC_PER_SEC;
	p.shown_ns = clock_mono_ns() - 10 * NSEC_PER_SEC;
	live.v[0].ios = 1000;
	capture_begin(&c, STDERR_FILENO);
	progress_refresh(&p, &live, &set);
	capture_end(&c, text, sizeof(text));
	expect("the target's state", text, "victim               running");
	expect("no latency yet", text, "p99 -\n");
	assert_int_equal(p.drawn, 2);

	capture_begin(&c, STDERR_FILENO);
	progress_refresh(&p, &live, &set);
	capture_end(&c, text, sizeof(text));
	expect("too early for another", text, NULL);

	capture_begin(&c, STDERR_FILENO);
	progress_end(&p);
	capture_end(&c, text, sizeof(text));
	expect("the block is taken away", text, "\033[2A\033[J");
	assert_int_equal(p.drawn, 0);
	live_fini(&live);
}

static void test_init(void **state)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	struct progress quiet, lines;

	(void)state;
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO); /* no terminal */
	progress_init(&quiet, true);
	progress_init(&lines, false);
	dup2(saved, STDERR_FILENO);
	close(saved);
	(void)fclose(file);
	assert_int_equal(quiet.mode, PROGRESS_QUIET);
	assert_int_equal(lines.mode, PROGRESS_LINES);
	assert_false(lines.colour);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
