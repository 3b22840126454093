// SPDX-License-Identifier: Apache-2.0
/* The cgroup collector against directories that play cgroups of v1, hybrid and v2 hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/target.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "scratch.h"

#define PSI(n) "some avg10=0.00 avg60=0.00 avg300=0.00 total=" n "\n"

struct file {
	const char *name, *text;
};

static const struct file v2_files[] = {
	{ "cpu.stat", "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 1\nnr_throttled 2\n"
		      "throttled_usec 3\n" },
	{ "memory.current", "100\n" },
	{ "memory.max", "max\n" },
	{ "memory.peak", "200\n" },
	{ "memory.swap.current", "0\n" },
	{ "memory.stat",
	  "anon 1\nfile 2\nkernel 9\nfile_mapped 9\nfile_dirty 3\nfile_writeback 4\n" },
	{ "memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 0\n" },
	{ "pids.current", "5\n" },
	{ "io.stat", "254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n"
		     "7:0 rbytes=9 wbytes=9 rios=9 wios=9 dbytes=9 dios=9\n" },
	{ "cpu.pressure", PSI("7") },
	{ "memory.pressure", PSI("8") },
	{ "io.pressure", PSI("9") "full avg10=0.00 avg60=0.00 avg300=0.00 total=10\n" },
};

static const struct file v1_files[] = {
	{ "cpuacct/cpuacct.usage", "10000\n" },
	{ "cpuacct/cpuacct.usage_user", "6000\n" },
	{ "cpuacct/cpuacct.usage_sys", "4000\n" },
	{ "cpu/cpu.stat", "nr_periods 1\nnr_throttled 2\nthrottled_time 3000\n" },
	{ "memory/memory.usage_in_bytes", "100\n" },
	{ "memory/memory.limit_in_bytes", "9223372036854771712\n" },
	{ "memory/memory.max_usage_in_bytes", "200\n" },
	{ "memory/memory.stat", "cache 9\nrss 9\nswap 9\ndirty 9\nwriteback 9\ntotal_cache 2\n"
				"total_rss 1\ntotal_dirty 3\ntotal_writeback 4\ntotal_swap 0\n" },
	{ "memory/memory.failcnt", "2\n" },
	{ "memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n" },
	{ "pids/pids.current", "5\n" },
	{ "blkio/blkio.throttle.io_service_bytes_recursive",
	  "254:0 Read 1\n254:0 Write 2\n254:0 Discard 5\n7:0 Read 9\nTotal 17\n" },
	{ "blkio/blkio.throttle.io_serviced_recursive",
	  "254:0 Read 3\n254:0 Write 4\n254:0 Discard 6\nTotal 13\n" },
};

struct value {
	enum metric metric;
	uint64_t value;
};

/* The same on v1 and v2. */
static const struct value both[] = {
	{ METRIC_cpu_usage_ns, 10000 },	      { METRIC_cpu_user_ns, 6000 },
	{ METRIC_cpu_system_ns, 4000 },	      { METRIC_cpu_nr_periods, 1 },
	{ METRIC_cpu_nr_throttled, 2 },	      { METRIC_cpu_throttled_ns, 3000 },
	{ METRIC_memory_bytes, 100 },	      { METRIC_memory_peak_bytes, 200 },
	{ METRIC_memory_anon_bytes, 1 },      { METRIC_memory_file_bytes, 2 },
	{ METRIC_memory_dirty_bytes, 3 },     { METRIC_memory_writeback_bytes, 4 },
	{ METRIC_memory_swap_bytes, 0 },      { METRIC_memory_events_max, 2 },
	{ METRIC_memory_events_oom_kill, 4 }, { METRIC_pids_current, 5 },
	{ METRIC_io_read_bytes, 1 },	      { METRIC_io_write_bytes, 2 },
	{ METRIC_io_discard_bytes, 5 },	      { METRIC_io_read_ops, 3 },
	{ METRIC_io_write_ops, 4 },	      { METRIC_io_discard_ops, 6 },
};
static const struct value only_v2[] = {
	{ METRIC_memory_events_high, 1 },
	{ METRIC_memory_events_oom, 3 },
};
static const struct value psi[] = {
	{ METRIC_cpu_some_ns, 7000 },
	{ METRIC_memory_some_ns, 8000 },
	{ METRIC_io_some_ns, 9000 },
	{ METRIC_io_full_ns, 10000 },
};

static char dir[64];
static struct target target;
static struct target_set set = { &target, 1 };
static struct losses losses = LOSSES_INIT;
static struct frame frame;
static void *collector;

static int setup(void **state)
{
	struct collector_env env = { .targets = &set, .losses = &losses };
	struct err err = { 0 };

	(void)state;
	scratch_make(dir);
	memset(&target, 0, sizeof(target));
	losses.n = 0;
	if (frame_init(&frame, 1, 0, &err))
		return -1;
	return collector_cgroup.open(&env, &collector, &err);
}

static int teardown(void **state)
{
	(void)state;
	collector_cgroup.close(collector);
	frame_fini(&frame);
	fs_remove_tree(dir);
	return 0;
}

static void make_v2(void)
{
	char name[128];

	for (size_t i = 0; i < ARRAY_SIZE(v2_files); i++) {
		snprintf(name, sizeof(name), "v2/%s", v2_files[i].name);
		scratch_write(dir, name, v2_files[i].text);
	}
	sprintf(target.cg.v2, "%s/v2", dir);
}

static void make_v1(void)
{
	static const char *const names[CG_NCTRL] = { "cpu",    "cpuacct", "cpuset",
						     "memory", "blkio",	  "pids" };

	for (size_t i = 0; i < ARRAY_SIZE(v1_files); i++)
		scratch_write(dir, v1_files[i].name, v1_files[i].text);
	for (size_t c = 0; c < CG_NCTRL; c++)
		sprintf(target.cg.v1[c], "%s/%s", dir, names[c]);
}

static const struct frame_row *sweep(void)
{
	frame_reset(&frame);
	collector_cgroup.read(collector, &frame);
	return frame.n_rows ? frame.rows : NULL;
}

static void expect(const struct frame_row *row, const struct value *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = metric_descs[v[i].metric].name;

		if (!frame_has(row, v[i].metric))
			fail_msg("%s is absent", name);
		if (row->value[v[i].metric] != v[i].value)
			fail_msg("%s is %llu", name, (unsigned long long)row->value[v[i].metric]);
	}
}

static size_t n_present(const struct frame_row *row)
{
	size_t n = 0;

	for (int m = 0; m < METRIC_COUNT; m++)
		n += frame_has(row, m);
	return n;
}

static bool lost(const char *what)
{
	for (size_t i = 0; i < losses.n; i++)
		if (!strcmp(losses.v[i].what, what))
			return true;
	return false;
}

static void nothing_before_a_target_is_published(void **state)
{
	(void)state;
	make_v2();
	assert_null(sweep());
	atomic_store(&target.published, true);
	assert_non_null(sweep());
}

static void all_of_v2(void **state)
{
	const struct frame_row *row;

	(void)state;
	make_v2();
	atomic_store(&target.published, true);
	row = sweep();
	assert_int_equal(row->owner, 0);
	expect(row, both, ARRAY_SIZE(both));
	expect(row, only_v2, ARRAY_SIZE(only_v2));
	expect(row, psi, ARRAY_SIZE(psi));
	/* "max" is no limit, not a number. */
	assert_false(frame_has(row, METRIC_memory_limit_bytes));
	assert_int_equal(n_present(row), ARRAY_SIZE(both) + ARRAY_SIZE(only_v2) + ARRAY_SIZE(psi));
}

static void all_of_v1(void **state)
{
	const struct frame_row *row;

	(void)state;
	make_v1();
	atomic_store(&target.published, true);
	row = sweep();
	expect(row, both, ARRAY_SIZE(both));
	assert_int_equal(n_present(row), ARRAY_SIZE(both));
	/* No v2 hierarchy: no pressure, and that is said. */
	assert_true(lost("cpu.pressure") && lost("memory.pressure") && lost("io.pressure"));
}

static void hybrid_takes_each_controller_where_it_is(void **state)
{
	const struct frame_row *row;

	(void)state;
	make_v2();
	make_v1();
	target.cg.v1[CG_PIDS][0] = '\0';
	scratch_write(dir, "v2/pids.current", "77\n");
	scratch_write(dir, "v2/memory.current", "666\n");
	scratch_write(dir, "memory/memory.limit_in_bytes", "4096\n");
	atomic_store(&target.published, true);
	row = sweep();
	expect(row, psi, ARRAY_SIZE(psi));
	expect(row, (struct value[]){ { METRIC_pids_current, 77 } }, 1);
	expect(row, (struct value[]){ { METRIC_memory_bytes, 100 } }, 1);
	expect(row, (struct value[]){ { METRIC_memory_limit_bytes, 4096 } }, 1);
	assert_false(frame_has(row, METRIC_memory_events_high));
}

static void older_v1_kernels_have_no_recursive_files(void **state)
{
	(void)state;
	make_v1();
	scratch_write(dir, "blkio/blkio.throttle.io_service_bytes", "254:0 Read 33\nTotal 33\n");
	assert_int_equal(unlink(strcat(strcpy((char[128]){ 0 }, dir),
				       "/blkio/blkio.throttle.io_service_bytes_recursive")),
			 0);
	atomic_store(&target.published, true);
	expect(sweep(), (struct value[]){ { METRIC_io_read_bytes, 33 } }, 1);
}

static void values_follow_the_files(void **state)
{
	(void)state;
	make_v2();
	atomic_store(&target.published, true);
	sweep();
	scratch_write(dir, "v2/memory.current", "101\n");
	expect(sweep(), (struct value[]){ { METRIC_memory_bytes, 101 } }, 1);
	/* Garbage and half a file are gaps; the rest stays. */
	scratch_write(dir, "v2/memory.current", "10x1\n");
	scratch_write(dir, "v2/io.stat", "254:0 rbytes=1 wbytes=2 rios=3");
	assert_false(frame_has(sweep(), METRIC_memory_bytes));
	assert_false(frame_has(sweep(), METRIC_io_read_bytes));
	assert_true(frame_has(sweep(), METRIC_pids_current));
}

static void a_file_that_is_not_there_is_a_loss(void **state)
{
	const struct frame_row *row;

	(void)state;
	scratch_write(dir, "v2/cpu.stat", "usage_usec 1\n");
	sprintf(target.cg.v2, "%s/v2", dir);
	atomic_store(&target.published, true);
	row = sweep();
	assert_int_equal(n_present(row), 1);
	assert_true(lost("memory.current") && lost("io.stat") && lost("cpu.pressure"));
	assert_false(lost("cpu.stat"));
	/* Told once, not per tick. */
	sweep();
	for (size_t i = 0; i < losses.n; i++)
		assert_int_equal(losses.v[i].count, 1);
}

static void a_cgroup_that_is_gone_is_a_gap(void **state)
{
	(void)state;
	sprintf(target.cg.v2, "%s/never", dir);
	atomic_store(&target.gone, true);
	atomic_store(&target.published, true);
	assert_null(sweep());
	assert_false(lost("memory.current"));
}

static void uncounted_v1_io_is_told_at_the_end(void **state)
{
	const char *what = "blkio.throttle.io_service_bytes_recursive";

	(void)state;
	make_v1();
	scratch_write(dir, "blkio/blkio.throttle.io_service_bytes_recursive", "Total 0\n");
	scratch_write(dir, "blkio/blkio.throttle.io_serviced_recursive", "Total 0\n");
	atomic_store(&target.published, true);
	assert_false(frame_has(sweep(), METRIC_io_read_bytes));
	assert_false(lost(what));
	frame.last = true;
	sweep();
	assert_true(lost(what));
}

static void the_hosts_network_is_not_the_targets(void **state)
{
	const struct frame_row *row;

	(void)state;
	make_v2();
	target.pid = getpid();
	atomic_store(&target.published, true);
	row = sweep();
	assert_false(frame_has(row, METRIC_net_rx_bytes));
	assert_true(lost("network"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(nothing_before_a_target_is_published),
		CASE(all_of_v2),
		CASE(all_of_v1),
		CASE(hybrid_takes_each_controller_where_it_is),
		CASE(older_v1_kernels_have_no_recursive_files),
		CASE(values_follow_the_files),
		CASE(a_file_that_is_not_there_is_a_loss),
		CASE(a_cgroup_that_is_gone_is_a_gap),
		CASE(uncounted_v1_io_is_told_at_the_end),
		CASE(the_hosts_network_is_not_the_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
