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
#include "cgroup_files.h"
#include "launch/target.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "scratch.h"

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
	static const char *const names[CG_NCTRL] = { "cpu",   "cpuacct", "cpuset", "memory",
						     "blkio", "pids",	 "hugetlb" };

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

#define LACKS                                                                                      \
	"not in the target's cgroup, as the kernel lacks them or their controller is not enabled " \
	"there: "

static const char *reason(const char *what)
{
	for (size_t i = 0; i < losses.n; i++)
		if (!strcmp(losses.v[i].what, what))
			return losses.v[i].reason;
	return "no such loss";
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
	assert_false(frame_has(row, METRIC_memory_min_bytes));
	assert_int_equal(n_present(row), ARRAY_SIZE(both) + ARRAY_SIZE(only_v2) + ARRAY_SIZE(psi));
	assert_false(lost("cgroup.files"));
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
	assert_string_equal(reason("cgroup.files"), LACKS "irq.pressure");
}

static void no_limit_of_v1(void **state)
{
	const struct frame_row *row;

	(void)state;
	make_v1();
	scratch_write(dir, "cpu/cpu.cfs_quota_us", "-1\n");
	scratch_write(dir, "pids/pids.max", "max\n");
	atomic_store(&target.published, true);
	row = sweep();
	assert_false(frame_has(row, METRIC_cpu_quota_ns));
	assert_true(frame_has(row, METRIC_cpu_period_ns));
	assert_false(frame_has(row, METRIC_pids_limit));
}

/* Debian 11's kernel, 5.10, has fewer files and keys, and older names of some. */
static void an_older_kernel(void **state)
{
	static const char *const newer[] = { "memory.peak", "memory.zswap.current", "pids.peak",
					     "irq.pressure" };
	const struct frame_row *row;
	char path[128];

	(void)state;
	make_v2();
	for (size_t i = 0; i < ARRAY_SIZE(newer); i++) {
		snprintf(path, sizeof(path), "%s/v2/%s", dir, newer[i]);
		assert_int_equal(unlink(path), 0);
	}
	scratch_write(dir, "v2/cpu.stat", "usage_usec 10\nuser_usec 6\nsystem_usec 4\n");
	scratch_write(dir, "v2/memory.stat",
		      "anon 1\nworkingset_refault 31\nworkingset_activate 32\n"
		      "workingset_restore 33\n");
	atomic_store(&target.published, true);
	row = sweep();
	expect(row,
	       (struct value[]){ { METRIC_memory_refault_file, 31 },
				 { METRIC_memory_activate_file, 32 },
				 { METRIC_memory_restore_file, 33 } },
	       3);
	assert_false(frame_has(row, METRIC_memory_refault_anon));
	assert_false(frame_has(row, METRIC_cpu_nr_bursts));
	assert_false(frame_has(row, METRIC_cpu_nice_ns));
	/* One loss for all that is missing in the normal course; memory.peak was told before. */
	assert_string_equal(reason("cgroup.files"), LACKS "memory.zswap, pids.peak, irq.pressure");
	assert_true(lost("memory.peak"));
	assert_int_equal(losses.n, 3); /* and the network */
}

/* However many targets and sweeps. */
static void what_is_lacking_is_one_loss(void **state)
{
	(void)state;
	scratch_write(dir, "v2/cpu.stat", "usage_usec 1\n");
	sprintf(target.cg.v2, "%s/v2", dir);
	atomic_store(&target.published, true);
	sweep();
	sweep();
	assert_string_equal(
		reason("cgroup.files"),
		LACKS "cpu.max, memory.high/low/min, memory.swap.max/events, "
		      "memory.zswap, pids.max/events, pids.peak, irq.pressure, cpuset, hugetlb");
	assert_false(lost("memory.high") || lost("pids.max") || lost("cpuset.cpus.effective"));
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

/* The text is put when it is new, not in each tick. */
static void lists_of_cpus_are_told_when_they_change(void **state)
{
	(void)state;
	make_v2();
	atomic_store(&target.published, true);
	sweep();
	assert_int_equal(frame.n_cpusets, 1);
	assert_int_equal(frame.cpusets[0].owner, 0);
	assert_string_equal(frame.cpusets[0].cpus, "0-2,5");
	assert_string_equal(frame.cpusets[0].mems, "0");
	sweep();
	assert_int_equal(frame.n_cpusets, 0);
	scratch_write(dir, "v2/cpuset.cpus.effective", "7\n");
	expect(sweep(), (struct value[]){ { METRIC_cpuset_cpus, 1 } }, 1);
	assert_int_equal(frame.n_cpusets, 1);
	assert_string_equal(frame.cpusets[0].cpus, "7");
	assert_string_equal(frame.cpusets[0].mems, "0");
	/* Garbage is no list, and no change. */
	scratch_write(dir, "v2/cpuset.cpus.effective", "7,");
	assert_false(frame_has(sweep(), METRIC_cpuset_cpus));
	assert_int_equal(frame.n_cpusets, 0);
}

static void a_long_list_is_cut(void **state)
{
	char text[4096] = "";
	size_t at = 0;

	(void)state;
	make_v2();
	for (int cpu = 0; cpu < 600; cpu += 2)
		at += snprintf(text + at, sizeof(text) - at, "%s%d", cpu ? "," : "", cpu);
	snprintf(text + at, sizeof(text) - at, "\n");
	scratch_write(dir, "v2/cpuset.cpus.effective", text);
	atomic_store(&target.published, true);
	expect(sweep(), (struct value[]){ { METRIC_cpuset_cpus, 300 } }, 1);
	at = strlen(frame.cpusets[0].cpus);
	assert_int_equal(at, FRAME_LIST - 1);
	assert_memory_equal(frame.cpusets[0].cpus, text, at - 3);
	assert_string_equal(frame.cpusets[0].cpus + at - 3, "...");
	sweep();
	assert_int_equal(frame.n_cpusets, 0);
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
	/* All of its life is, which is told at the end. */
	assert_false(lost("cgroup.gone"));
	frame.last = true;
	sweep();
	assert_non_null(strstr(reason("cgroup.gone"), "shorter interval"));
	sweep();
	assert_int_equal(losses.v[0].count, 1);
}

static void a_cgroup_that_was_seen_and_is_gone_is_no_loss(void **state)
{
	(void)state;
	make_v2();
	atomic_store(&target.published, true);
	assert_non_null(sweep());
	atomic_store(&target.gone, true);
	frame.last = true;
	sweep();
	assert_false(lost("cgroup.gone"));
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
		CASE(no_limit_of_v1),
		CASE(an_older_kernel),
		CASE(what_is_lacking_is_one_loss),
		CASE(hybrid_takes_each_controller_where_it_is),
		CASE(lists_of_cpus_are_told_when_they_change),
		CASE(a_long_list_is_cut),
		CASE(older_v1_kernels_have_no_recursive_files),
		CASE(values_follow_the_files),
		CASE(a_file_that_is_not_there_is_a_loss),
		CASE(a_cgroup_that_is_gone_is_a_gap),
		CASE(a_cgroup_that_was_seen_and_is_gone_is_no_loss),
		CASE(uncounted_v1_io_is_told_at_the_end),
		CASE(the_hosts_network_is_not_the_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
