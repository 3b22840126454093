// SPDX-License-Identifier: Apache-2.0
/* Bandwidth, IOPS and latency out of ranks' times; statistics over repetitions. */
#include "ior/row.h"

#include <math.h>

#include "ior/options.h"
#include "ior/phase.h"
#include "unit.h"

#define MS 1000000ull
#define MIB (1ull << 20)

/* Two ranks that move 4 transfers of 1 MiB each; the second is late and slow. */
static const struct rank_result two[] = {
	{ .t_ns = { 1000 * MS, 1001 * MS, 1001 * MS, 1005 * MS, 1005 * MS, 1006 * MS },
	  .bytes = 4 * MIB,
	  .transfers = 4,
	  .stonewall_ns = 3 * MS,
	  .stonewall_transfers = 3 },
	{ .t_ns = { 1002 * MS, 1003 * MS, 1003 * MS, 1011 * MS, 1011 * MS, 1020 * MS },
	  .bytes = 4 * MIB,
	  .transfers = 4,
	  .stonewall_ns = 4 * MS,
	  .stonewall_transfers = 1 },
};

static void near(double got, double expected, const char *why)
{
	if (fabs(got - expected) > 1e-9 * fabs(expected) + 1e-12)
		fail_msg("%s: got %.12g, expected %.12g", why, got, expected);
}

static void test_ranks_become_a_row(void **state)
{
	struct ior_options o = { .transfer_bytes = MIB };
	struct row row = { .access = "write" };

	(void)state;
	row_fill(&row, &o, two, 2);
	assert_int_equal(row.bytes, 8 * MIB);
	assert_int_equal(row.begin_ns, 1000 * MS);
	assert_int_equal(row.end_ns, 1020 * MS);
	near(row.open_s, 0.003, "first open to last opened");
	near(row.wrrd_s, 0.010, "first start to last done");
	near(row.close_s, 0.015, "first close to last closed");
	near(row.total_s, 0.020, "first open to last closed");
	near(row.bw_mib, 8 / 0.020, "bytes by open to close");
	near(row.iops, 8 / 0.010, "transfers by transfer time alone");
	near(row.latency_s, 0.001, "mean of the quickest rank");
	assert_false(row.has_stonewall);
}

static void test_wear_out(void **state)
{
	struct ior_options o = { .transfer_bytes = MIB, .deadline_s = 1, .wear_out = 1 };
	struct row row = { .access = "write" };

	(void)state;
	row_fill(&row, &o, two, 2);
	assert_true(row.has_stonewall);
	near(row.stonewall_s, 0.004, "slowest rank");
	near(row.stonewall_mib, 2, "mean per rank");
	near(row.stonewall_min_mib, 1, "least");
	assert_int_equal(row.stonewall_min, 1);
	assert_int_equal(row.stonewall_max, 3);
}

static void test_nothing_moved(void **state)
{
	struct ior_options o = { .transfer_bytes = MIB };
	struct rank_result none = { .t_ns = { 5, 5, 5, 5, 5, 5 } };
	struct row row = { .access = "read" };

	(void)state;
	row_fill(&row, &o, &none, 1);
	near(row.bw_mib, 0, "no bytes in no time");
	near(row.iops, 0, "no transfers in no time");
	near(row.latency_s, 0, "no transfers");
}

/* The numbers of a real IOR run: tests/data/ior/rankcsv.out. */
static void test_statistics_as_ior(void **state)
{
	const struct row rows[] = {
		{ .access = "write", .bw_mib = 1988.53, .total_s = 0.008046, .bytes = 16 * MIB },
		{ .access = "read", .bw_mib = 2208.69, .total_s = 0.007244, .bytes = 16 * MIB },
		{ .access = "write", .bw_mib = 2440.50, .total_s = 0.006556, .bytes = 16 * MIB },
		{ .access = "read", .bw_mib = 1708.82, .total_s = 0.009363, .bytes = 16 * MIB },
	};
	struct row_summary s;

	(void)state;
	assert_true(row_summarize(&s, rows, 4, "write", MIB));
	near(s.bw.max, 2440.50, "max");
	near(s.bw.min, 1988.53, "min");
	near(s.bw.mean, 2214.515, "mean");
	near(s.bw.sd, 225.985, "population standard deviation");
	near(s.ops.max, 2440.50, "operations follow the bandwidth");
	near(s.mean_s, 0.007301, "mean time");
	near(s.bytes, 16 * MIB, "bytes");
	assert_true(row_summarize(&s, rows, 4, "read", 65536));
	near(s.ops.max, 2208.69 * 16, "operations count transfers");
	assert_false(row_summarize(&s, rows, 1, "read", MIB));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranks_become_a_row),
		cmocka_unit_test(test_wear_out),
		cmocka_unit_test(test_nothing_moved),
		cmocka_unit_test(test_statistics_as_ior),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
