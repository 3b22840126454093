// SPDX-License-Identifier: Apache-2.0
/* The rdt collector against directories that play resctrl. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/err.h"
#include "base/loss.h"
#include "host/resctrl_set.h"
#include "launch/target.h"
#include "resctrl_tree.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "unit.h"

#define ABSENT UINT64_MAX
#define GROUP "gold/mon_groups/cbpf.run.a"

static char dir[64];
static struct target target;
static struct target_set targets = { &target, 1 };
static struct losses losses = LOSSES_INIT;
static struct resctrl_set *set;
static struct frame frame;
static void *collector;

/* What a group's files say of both caches; NULL: as before. */
static void say(const char *occupancy, const char *total0, const char *total1)
{
	const struct {
		const char *name, *text;
	} files[] = {
		{ "mon_L3_00/llc_occupancy", occupancy }, { "mon_L3_01/llc_occupancy", occupancy },
		{ "mon_L3_00/mbm_total_bytes", total0 },  { "mon_L3_01/mbm_total_bytes", total1 },
		{ "mon_L3_00/mbm_local_bytes", total0 },  { "mon_L3_01/mbm_local_bytes", total1 }
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char name[256];

		snprintf(name, sizeof(name), GROUP "/mon_data/%s", files[i].name);
		if (files[i].text)
			scratch_write(dir, name, files[i].text);
	}
}

static int setup(void **state)
{
	struct collector_env env = { .targets = &targets, .losses = &losses };
	struct err err = { 0 };

	(void)state;
	scratch_make(dir);
	tree_make(dir, tree_intel, TREE_INTEL);
	scratch_write(dir, "gold/schemata", "    L3:0=f;1=ff\n    MB:0=  50;1= 100\n");
	memset(&target, 0, sizeof(target));
	strcpy(target.name, "a");
	losses.n = 0;
	say("4096\n", "100\n", "200\n");
	if (frame_init(&frame, 1, 0, &err) || resctrl_set_open(dir, 1, &set, &err))
		return -1;
	strcpy(set->v[0].group.class, "gold");
	snprintf(set->v[0].group.path, sizeof(set->v[0].group.path), "%s/" GROUP, dir);
	env.rdt = set;
	return collector_rdt.open(&env, &collector, &err);
}

static int teardown(void **state)
{
	struct err err = { 0 };

	(void)state;
	collector_rdt.close(collector);
	*set->v[0].group.path = '\0';
	resctrl_set_close(set, &err);
	frame_fini(&frame);
	return fs_remove_tree(dir);
}

static uint64_t sweep(enum metric m)
{
	frame_reset(&frame);
	collector_rdt.read(collector, &frame);
	return frame.n_rows && frame_has(frame.rows, m) ? frame.rows[0].value[m] : ABSENT;
}

static const struct loss *loss_of(const char *what)
{
	for (size_t i = 0; i < losses.n; i++)
		if (!strcmp(losses.v[i].what, what))
			return &losses.v[i];
	return NULL;
}

static void before_its_tasks_are_in_it(void **state)
{
	(void)state;
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), ABSENT);
	assert_int_equal(frame.n_rows, 0);
	assert_int_equal(frame.n_classes, 0);
	assert_int_equal(losses.n, 0);
}

static void caches_and_their_sum(void **state)
{
	(void)state;
	resctrl_set_ready(set, 0);
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 300);
	assert_int_equal(frame.rows[0].value[METRIC_rdt_mbm_local_bytes], 300);
	assert_int_equal(frame.rows[0].value[METRIC_rdt_llc_occupancy_bytes], 8192);
	assert_int_equal(frame.n_rdts, 2);
	assert_int_equal(frame.rdts[1].domain, 1);
	assert_int_equal(frame.rdts[1].bytes[RESCTRL_TOTAL], 200);
	assert_int_equal(frame.rdts[1].bytes[RESCTRL_OCCUPANCY], 4096);
	say("0\n", "150\n", "200\n");
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 350);
	assert_int_equal(frame.rows[0].value[METRIC_rdt_llc_occupancy_bytes], 0);
	assert_int_equal(losses.n, 0);
}

/* Each word for "no number", of one cache of two. */
static void no_number_is_no_value(void **state)
{
	static const char *const words[] = { "Unavailable\n", "Error\n", "Unassigned\n", "?\n" };

	(void)state;
	resctrl_set_ready(set, 0);
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 300);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		say(NULL, words[i], "250\n");
		assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), ABSENT);
		assert_int_equal(frame.rows[0].value[METRIC_rdt_llc_occupancy_bytes], 8192);
		assert_int_equal(frame.n_rdts, 2);
		assert_false(frame.rdts[0].has[RESCTRL_TOTAL]);
		assert_true(frame.rdts[0].has[RESCTRL_OCCUPANCY]);
		assert_int_equal(frame.rdts[1].bytes[RESCTRL_TOTAL], 250);
	}
	/* And what was moved meanwhile is counted when it can be read again. */
	say(NULL, "180\n", "250\n");
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 430);
	assert_int_equal(loss_of("rdt.values")->count, 1);
	assert_non_null(strstr(loss_of("rdt.values")->reason, "a: mbm_"));
	assert_non_null(strstr(loss_of("rdt.values")->reason, "Unavailable"));
	assert_int_equal(losses.n, 8); /* two files, four words */
}

static void nothing_that_can_be_read_is_no_row(void **state)
{
	(void)state;
	resctrl_set_ready(set, 0);
	say("Unavailable\n", "Unavailable\n", "Unavailable\n");
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), ABSENT);
	assert_int_equal(frame.n_rows, 0);
	assert_int_equal(frame.n_rdts, 0);
}

static void a_counter_that_begins_again(void **state)
{
	(void)state;
	resctrl_set_ready(set, 0);
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 300);
	say(NULL, "40\n", "200\n");
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 300);
	say(NULL, "45\n", "200\n");
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 305);
	assert_int_equal(loss_of("rdt.restarts")->count, 2); /* total and local */
	/* Up to the largest there is. */
	say(NULL, "18446744073709551000\n", "200\n");
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 18446744073709551000ull + 260);
}

static void a_class_is_told_when_it_changes(void **state)
{
	(void)state;
	resctrl_set_ready(set, 0);
	(void)sweep(METRIC_rdt_mbm_total_bytes);
	assert_int_equal(frame.n_classes, 1);
	assert_string_equal(frame.classes[0].class, "gold");
	assert_string_equal(frame.classes[0].group, "cbpf.run.a");
	assert_string_equal(frame.classes[0].schemata, "L3:0=f;1=ff\nMB:0=50;1=100");
	assert_int_equal(frame.n_allocs, 4);
	assert_string_equal(frame.allocs[1].resource, "L3");
	assert_int_equal(frame.allocs[1].domain, 1);
	assert_int_equal(frame.allocs[1].value, 0xff);
	assert_int_equal(frame.allocs[1].ways, 8);
	assert_int_equal(frame.allocs[2].value, 50);
	assert_int_equal(frame.allocs[2].ways, -1);
	(void)sweep(METRIC_rdt_mbm_total_bytes);
	assert_int_equal(frame.n_classes, 0);
	assert_int_equal(frame.n_allocs, 0);
	scratch_write(dir, "gold/schemata", "    L3:0=f;1=ff\n    L2:0=1;1=1\n    MB:0=10;1=10\n");
	(void)sweep(METRIC_rdt_mbm_total_bytes);
	assert_int_equal(frame.n_classes, 1);
	assert_string_equal(frame.classes[0].schemata, "L3:0=f;1=ff\nMB:0=10;1=10");
	assert_int_equal(frame.n_allocs, 4);
	assert_int_equal(losses.n, 0);
}

static void schemata_that_cannot_be(void **state)
{
	(void)state;
	scratch_write(dir, "gold/schemata", "L3:0=f0f;1=ff\nMB:0=7;1=x\n");
	resctrl_set_ready(set, 0);
	(void)sweep(METRIC_rdt_mbm_total_bytes);
	assert_int_equal(frame.n_allocs, 3);
	assert_non_null(strstr(frame.allocs[0].wrong, "not in a row"));
	assert_null(frame.allocs[1].wrong);
	assert_non_null(strstr(frame.allocs[2].wrong, "min_bandwidth"));
	assert_int_equal(losses.n, 3);
	assert_string_equal(losses.v[0].what, "rdt.schemata");
	assert_non_null(strstr(losses.v[2].reason, "not understood"));
}

static void schemata_that_are_too_long_are_cut(void **state)
{
	char text[4096] = "L3:";

	(void)state;
	for (int d = 0; d < 300; d++)
		sprintf(text + strlen(text), "%s%d=fffff", d ? ";" : "", d);
	scratch_write(dir, "gold/schemata", text);
	resctrl_set_ready(set, 0);
	(void)sweep(METRIC_rdt_mbm_total_bytes);
	assert_int_equal(strlen(frame.classes[0].schemata), FRAME_SCHEMATA - 1);
	assert_string_equal(frame.classes[0].schemata + FRAME_SCHEMATA - 4, "...");
	assert_int_equal(frame.n_allocs, 256); /* as many as a frame of one target has room for */
}

static void what_has_ended_is_read_once_more(void **state)
{
	(void)state;
	resctrl_set_ready(set, 0);
	(void)sweep(METRIC_rdt_mbm_total_bytes);
	say(NULL, "500\n", "500\n");
	atomic_store(&target.gone, true);
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), 1000);
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), ABSENT);
	assert_int_equal(losses.n, 0);
}

static void files_that_are_not_there(void **state)
{
	(void)state;
	snprintf(set->v[0].group.path, sizeof(set->v[0].group.path), "%s/gone/cbpf.run.a", dir);
	resctrl_set_ready(set, 0);
	assert_int_equal(sweep(METRIC_rdt_mbm_total_bytes), ABSENT);
	assert_int_equal(loss_of("rdt.files")->count, 2); /* of two caches */
	assert_int_equal(losses.n, 3);
	assert_int_equal(frame.n_classes, 1); /* what it may use is known all the same */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(before_its_tasks_are_in_it),
		TEST(caches_and_their_sum),
		TEST(no_number_is_no_value),
		TEST(nothing_that_can_be_read_is_no_row),
		TEST(a_counter_that_begins_again),
		TEST(a_class_is_told_when_it_changes),
		TEST(schemata_that_cannot_be),
		TEST(schemata_that_are_too_long_are_cut),
		TEST(what_has_ended_is_read_once_more),
		TEST(files_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
