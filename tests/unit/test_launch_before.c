// SPDX-License-Identifier: Apache-2.0
/* What is done to a host before a phase, on one made of files. No root. */
#include "launch/before.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "launch/before_action.h"
#include "plan/plan.h"
#include "scratch.h"
#include "unit.h"

static char root[64], proc[80], sys[80];

static int setup(void **state)
{
	(void)state;
	scratch_make(root);
	snprintf(proc, sizeof(proc), "%s/proc", root);
	snprintf(sys, sizeof(sys), "%s/sys", root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(root);
}

static struct spec_before nothing(void)
{
	return (struct spec_before){ .given = FLAG_ON,
				     .sync = FLAG_UNSET,
				     .drop_caches = FLAG_UNSET,
				     .trim = FLAG_UNSET,
				     .settle_ns = OPTION_UNSET };
}

static struct before_config config_of(const struct spec_before *what)
{
	static const struct str_list none;

	return (struct before_config){ .what = what, .places = &none, .place = { proc, sys } };
}

static void caches_are_dropped(void **state)
{
	struct spec_before what = nothing();
	struct before_config c = config_of(&what);
	struct before_line line;
	struct err err = { 0 };
	char text[32];

	(void)state;
	assert_int_equal(before_can_drop(&c, &err), -ENOENT);
	assert_non_null(strstr(err.text, "takes root"));
	assert_int_equal(before_drop_caches(&c, &line, &err), -ENOENT);
	scratch_write(root, "proc/sys/vm/drop_caches", "");
	assert_int_equal(before_can_drop(&c, &err), 0);
	assert_int_equal(before_drop_caches(&c, &line, &err), 0);
	assert_true(line.good);
	snprintf(text, sizeof(text), "%s", "");
	{
		char path[128];

		snprintf(path, sizeof(path), "%s/sys/vm/drop_caches", proc);
		assert_int_equal(fs_read_at(AT_FDCWD, path, text, sizeof(text)), 0);
	}
	assert_string_equal(text, "3");
}

static void what_cannot_be_trimmed_is_refused(void **state)
{
	struct spec_before what = nothing();
	struct before_config c = config_of(&what);
	char *v[] = { (char *)"/proc", NULL }; /* has no free blocks */
	struct str_list places = { v, 1 };
	struct err err = { 0 };

	(void)state;
	what.trim = FLAG_ON;
	assert_int_equal(before_check(&c, &err), -ENODEV);
	c.places = &places;
	assert_true(before_check(&c, &err) < 0);
	assert_non_null(strstr(err.text, "trim: "));
	assert_non_null(strstr(err.text, "/proc"));
	v[0] = (char *)"/no/such/place";
	assert_int_equal(before_check(&c, &err), -ENOENT);
	c.elsewhere = true;
	assert_int_equal(before_check(&c, &err), -ENODEV);
	assert_non_null(strstr(err.text, "behind all of its files"));
	what.trim = FLAG_OFF;
	assert_int_equal(before_check(&c, &err), 0);
}

static void governors_are_told(void **state)
{
	static const struct {
		const char *why, *cpu0, *cpu1, *cpus, *words;
		bool good;
	} cases[] = {
		{ "all have it", "performance\n", "performance\n", NULL, "as asked for", true },
		{ "one has another", "performance\n", "powersave\n", NULL,
		  "CPU 1 has powersave, not performance", false },
		{ "which is of no matter where it is not used", "performance\n", "powersave\n", "0",
		  "as asked for", true },
		{ "none is known", NULL, NULL, NULL, "not known", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_before what = nothing();
		struct before_config c = config_of(&what);
		struct before_line line;
		struct err err = { 0 };

		print_message("%s\n", cases[i].why);
		fs_remove_tree(sys);
		if (cases[i].cpu0)
			scratch_write(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
				      cases[i].cpu0);
		if (cases[i].cpu1)
			scratch_write(root, "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor",
				      cases[i].cpu1);
		what.governor = (char *)"performance";
		c.cpus = cases[i].cpus;
		assert_int_equal(before_governor(&c, &line, &err), 0);
		assert_non_null(strstr(line.text, cases[i].words));
		assert_int_equal(line.good, cases[i].good);
	}
}

/* /proc/diskstats of one device that was busy for so long. */
static void disk_was_busy(unsigned long ms)
{
	char text[128];

	snprintf(text, sizeof(text), "   8       0 sda 1 0 8 0 1 0 8 0 0 %lu 0\n", ms);
	scratch_write(root, "proc/diskstats", text);
}

static void an_idle_device_is_settled(void **state)
{
	struct spec_before what = nothing();
	struct before_config c = config_of(&what);
	struct before_line line;
	struct err err = { 0 };

	(void)state;
	what.settle_ns = 10 * NSEC_PER_SEC;
	assert_int_equal(before_settle(&c, &line, &err), 0);
	assert_false(line.good); /* without counters nothing is known */
	disk_was_busy(1000);
	assert_int_equal(before_settle(&c, &line, &err), 0);
	assert_true(line.good);
	assert_non_null(strstr(line.text, "all devices idle"));
}

static atomic_bool over;

static void *keep_busy(void *arg)
{
	unsigned long ms = 1000;

	(void)arg;
	while (!atomic_load(&over)) {
		char from[128], to[128], text[128];

		ms += 100;
		/* In one step, so that who reads it never finds half of it. */
		snprintf(text, sizeof(text), "   8       0 sda 1 0 8 0 1 0 8 0 0 %lu 0\n", ms);
		scratch_write(root, "proc/new", text);
		snprintf(from, sizeof(from), "%s/new", proc);
		snprintf(to, sizeof(to), "%s/diskstats", proc);
		(void)!rename(from, to);
		clock_sleep_until(clock_mono_ns() + 20 * NSEC_PER_MSEC);
	}
	return NULL;
}

static void a_busy_device_is_waited_for_until_the_bound(void **state)
{
	struct spec_before what = nothing();
	struct before_config c = config_of(&what);
	struct before_line line;
	struct before *b;
	struct err err = { 0 };
	pthread_t thread;

	(void)state;
	disk_was_busy(1000);
	atomic_store(&over, false);
	assert_int_equal(pthread_create(&thread, NULL, keep_busy, NULL), 0);
	what.settle_ns = NSEC_PER_SEC;
	/* The thread may get no CPU for a while. */
	for (int tries = 0; !tries || (line.good && tries < 5); tries++)
		assert_int_equal(before_settle(&c, &line, &err), 0);
	assert_false(line.good);
	assert_non_null(strstr(line.text, "not idle within 1"));
	/* Nor is it waited for when all of it is given up. */
	what.settle_ns = 3600 * NSEC_PER_SEC;
	assert_int_equal(before_start(&c, &b, &err), 0);
	assert_false(before_done(b));
	before_close(b);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}

static const struct before_line *wait_for(struct before *b, size_t *ret_n)
{
	const struct before_line *lines;

	while (!before_done(b))
		clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
	*ret_n = before_lines(b, &lines);
	return lines;
}

static void things_are_done_in_order(void **state)
{
	struct spec_before what = nothing();
	struct before_config c = config_of(&what);
	const struct before_line *lines;
	struct before *b;
	struct err err = { 0 };
	size_t n;

	(void)state;
	scratch_write(root, "proc/sys/vm/drop_caches", "");
	disk_was_busy(1000);
	what.sync = what.drop_caches = FLAG_ON;
	what.settle_ns = NSEC_PER_SEC;
	what.governor = (char *)"performance";
	assert_int_equal(before_start(&c, &b, &err), 0);
	lines = wait_for(b, &n);
	assert_int_equal(n, 4);
	assert_int_equal(strncmp(lines[0].text, "governor", 8), 0);
	assert_int_equal(strncmp(lines[1].text, "sync", 4), 0);
	assert_int_equal(strncmp(lines[2].text, "drop_caches", 11), 0);
	assert_int_equal(strncmp(lines[3].text, "settle", 6), 0);
	assert_int_equal(before_result(b, &err), 0);
	before_close(b);
	before_close(NULL);
}

static void the_first_failure_ends_them(void **state)
{
	struct spec_before what = nothing();
	struct before_config c = config_of(&what);
	const struct before_line *lines;
	struct before *b;
	struct err err = { 0 };
	size_t n;

	(void)state;
	what.sync = what.drop_caches = FLAG_ON;
	what.settle_ns = NSEC_PER_SEC;
	assert_int_equal(before_start(&c, &b, &err), 0);
	lines = wait_for(b, &n);
	assert_int_equal(n, 1);
	assert_int_equal(strncmp(lines[0].text, "sync", 4), 0);
	assert_int_equal(before_result(b, &err), -ENOENT);
	assert_non_null(strstr(err.text, "drop_caches"));
	before_close(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(caches_are_dropped),
		TEST(what_cannot_be_trimmed_is_refused),
		TEST(governors_are_told),
		TEST(an_idle_device_is_settled),
		TEST(a_busy_device_is_waited_for_until_the_bound),
		TEST(things_are_done_in_order),
		TEST(the_first_failure_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
