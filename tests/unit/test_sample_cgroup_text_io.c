// SPDX-License-Identifier: Apache-2.0
/* Scanners of io.stat and v1's blkio files: devices, stacked or not, cost and latency. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "sample/cgroup_text.h"
#include "sample/frame.h"

#define ABSENT UINT64_MAX

static uint64_t get(const struct frame_row *row, enum metric m)
{
	return frame_has(row, m) ? row->value[m] : ABSENT;
}

/* In these tests devices 7:* and 253:* are built on others. */
static bool stacked(void *arg, uint32_t major, uint32_t minor)
{
	(void)arg;
	(void)minor;
	return major == 7 || major == 253;
}

static void io_stat(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t rbytes, wbytes, dbytes, rios, wios, dios;
	} cases[] = {
		{ "one disk", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n", 1, 2, 5, 3,
		  4, 6 },
		{ "two disks are added, dm and loop above them are not",
		  "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n"
		  "253:0 rbytes=100 wbytes=100 rios=100 wios=100 dbytes=100 dios=100\n"
		  "259:1 rbytes=10 wbytes=20 rios=30 wios=40 dbytes=50 dios=60\n"
		  "7:3 rbytes=100 wbytes=100 rios=100 wios=100 dbytes=100 dios=100\n",
		  11, 22, 55, 33, 44, 66 },
		{ "devices without counters share a line with the next one",
		  "7:7 7:6 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n", 1, 2, 0, 3, 4,
		  0 },
		{ "hidden paths of a multipath device are counted at its head",
		  "(unknown) rbytes=9 wbytes=9 rios=9 wios=9 dbytes=9 dios=9\n"
		  "259:1 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n",
		  1, 2, 0, 3, 4, 0 },
		{ "keys of nobody are passed over",
		  "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.new=7 x=max y\n", 1, 2,
		  5, 3, 4, 6 },
		{ "keys of io.cost and io.latency do not matter",
		  "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=-7 depth=max\n",
		  1, 2, 5, 3, 4, 6 },
		{ "a cut in them is a cut all the same",
		  "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7", ABSENT,
		  ABSENT, ABSENT, ABSENT, ABSENT, ABSENT },
		{ "the same device twice is added",
		  "8:0 rbytes=1 wbytes=2 rios=3 wios=4\n8:0 rbytes=1\n", 2, 2, 0, 3, 4, 0 },
		{ "a total that overflows is absent, the others stay",
		  "8:0 rbytes=18446744073709551615 wbytes=2\n8:16 rbytes=1 wbytes=1\n", ABSENT, 3,
		  0, 0, 0, 0 },
		{ "a negative total is garbage", "8:0 rbytes=-1\n", ABSENT, ABSENT, ABSENT, ABSENT,
		  ABSENT, ABSENT },
		{ "an empty file is no I/O", "", 0, 0, 0, 0, 0, 0 },
		{ "a device that is still being set up has done nothing", "252:0 ", 0, 0, 0, 0, 0,
		  0 },
		{ "a cut file has no totals", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5",
		  ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT },
		{ "garbage has no totals", "8:0 rbytes=x\n", ABSENT, ABSENT, ABSENT, ABSENT, ABSENT,
		  ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_io_stat(cases[i].text, stacked, NULL, &row);
		if (get(&row, METRIC_io_read_bytes) != cases[i].rbytes ||
		    get(&row, METRIC_io_write_bytes) != cases[i].wbytes ||
		    get(&row, METRIC_io_discard_bytes) != cases[i].dbytes ||
		    get(&row, METRIC_io_read_ops) != cases[i].rios ||
		    get(&row, METRIC_io_write_ops) != cases[i].wios ||
		    get(&row, METRIC_io_discard_ops) != cases[i].dios)
			fail_msg("%s", cases[i].label);
	}
}

static void cost_and_latency(void **state)
{
#define DISK "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"
#define OTHER "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"
#define STACKED "7:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"
	static const struct {
		const char *label, *text;
		enum metric metric;
		uint64_t want;
	} cases[] = {
		{ "without the controllers all is absent", DISK "\n", METRIC_io_cost_usage_ns,
		  ABSENT },
		{ "microseconds of the device's time, made ns", DISK " cost.usage=7\n",
		  METRIC_io_cost_usage_ns, 7000 },
		{ "zero is a value", DISK " cost.usage=0\n", METRIC_io_cost_usage_ns, 0 },
		{ "without the kernel's debug option no more than that", DISK " cost.usage=7\n",
		  METRIC_io_cost_wait_ns, ABSENT },
		{ "with it: wait", DISK " cost.usage=7 cost.wait=8 cost.indebt=9 cost.indelay=10\n",
		  METRIC_io_cost_wait_ns, 8000 },
		{ "debt", DISK " cost.usage=7 cost.wait=8 cost.indebt=9 cost.indelay=10\n",
		  METRIC_io_cost_indebt_ns, 9000 },
		{ "delay", DISK " cost.usage=7 cost.wait=8 cost.indebt=9 cost.indelay=10\n",
		  METRIC_io_cost_indelay_ns, 10000 },
		{ "of the root alone, in percent", DISK " cost.vrate=100.05 cost.usage=7\n",
		  METRIC_io_cost_vrate_bp, 10005 },
		{ "the slowest device's", DISK " cost.vrate=150.00\n" OTHER " cost.vrate=75.50\n",
		  METRIC_io_cost_vrate_bp, 7550 },
		{ "percent without decimals is garbage", DISK " cost.vrate=100\n",
		  METRIC_io_cost_vrate_bp, ABSENT },
		{ "and with one", DISK " cost.vrate=100.5\n", METRIC_io_cost_vrate_bp, ABSENT },
		{ "or three", DISK " cost.vrate=100.505\n", METRIC_io_cost_vrate_bp, ABSENT },
		{ "totals of two devices", DISK " cost.usage=7\n" OTHER " cost.usage=3\n",
		  METRIC_io_cost_usage_ns, 10000 },
		{ "a stacked one is not added", DISK " cost.usage=7\n" STACKED " cost.usage=3\n",
		  METRIC_io_cost_usage_ns, 7000 },
		{ "a device without it has none", DISK " cost.usage=7\n" OTHER "\n",
		  METRIC_io_cost_usage_ns, 7000 },
		{ "negative", DISK " cost.usage=-7\n", METRIC_io_cost_usage_ns, ABSENT },
		{ "negative in one of two: half a total is none",
		  DISK " cost.usage=7\n" OTHER " cost.usage=-7\n", METRIC_io_cost_usage_ns,
		  ABSENT },
		{ "too large in ns", DISK " cost.usage=18446744073709551615\n",
		  METRIC_io_cost_usage_ns, ABSENT },
		{ "a rotating disk's mean", DISK " depth=16 avg_lat=250 win=100\n",
		  METRIC_io_latency_avg_ns, 250000 },
		{ "window, in ms", DISK " depth=16 avg_lat=250 win=100\n",
		  METRIC_io_latency_window_ns, 100000000 },
		{ "depth", DISK " depth=16 avg_lat=250 win=100\n", METRIC_io_latency_depth, 16 },
		{ "no limit of depth is absent", DISK " depth=max avg_lat=250 win=100\n",
		  METRIC_io_latency_depth, ABSENT },
		{ "what follows it is not", DISK " depth=max avg_lat=250 win=100\n",
		  METRIC_io_latency_avg_ns, 250000 },
		{ "the tightest depth",
		  DISK " depth=16 avg_lat=1 win=1\n" OTHER " depth=4 avg_lat=1 win=1\n",
		  METRIC_io_latency_depth, 4 },
		{ "and where the other has no limit",
		  DISK " depth=16 avg_lat=1 win=1\n" OTHER " depth=max avg_lat=1 win=1\n",
		  METRIC_io_latency_depth, 16 },
		{ "the worst mean",
		  DISK " depth=max avg_lat=3 win=1\n" OTHER " depth=max avg_lat=2 win=1\n",
		  METRIC_io_latency_avg_ns, 3000 },
		{ "other disks: requests that missed the target",
		  DISK " missed=3 total=40 depth=max\n", METRIC_io_latency_missed, 3 },
		{ "of all", DISK " missed=3 total=40 depth=max\n", METRIC_io_latency_total, 40 },
		{ "one user of the delay", DISK " use_delay=1 delay_nsec=500\n",
		  METRIC_io_delayed_devices, 1 },
		{ "two users are one device", DISK " use_delay=2 delay_nsec=500\n",
		  METRIC_io_delayed_devices, 1 },
		{ "blk-iocost says -1", DISK " use_delay=-1 delay_nsec=500 cost.usage=7\n",
		  METRIC_io_delayed_devices, 1 },
		{ "two devices",
		  DISK " use_delay=-1 delay_nsec=5\n" OTHER " use_delay=1 delay_nsec=7\n",
		  METRIC_io_delayed_devices, 2 },
		{ "the longer delay",
		  DISK " use_delay=-1 delay_nsec=5\n" OTHER " use_delay=1 delay_nsec=7\n",
		  METRIC_io_delay_ns, 7 },
		{ "not delayed any more", DISK " use_delay=0 delay_nsec=0\n",
		  METRIC_io_delayed_devices, 0 },
		{ "a sign alone", DISK " use_delay=- delay_nsec=5\n", METRIC_io_delayed_devices,
		  ABSENT },
		{ "cut", DISK " use_delay=-1 delay_ns", METRIC_io_delayed_devices, 1 },
		{ "cut in a number", DISK " use_delay=-1 delay_nsec=5", METRIC_io_delayed_devices,
		  ABSENT },
		{ "cut behind max", DISK " cost.usage=1 depth=max", METRIC_io_cost_usage_ns,
		  ABSENT },
		{ "kernels before 5.15: devices in a row",
		  "7:0 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7\n",
		  METRIC_io_cost_usage_ns, 7000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_io_stat(cases[i].text, stacked, NULL, &row);
		if (get(&row, cases[i].metric) != cases[i].want)
			fail_msg("%s: %llu", cases[i].label,
				 (unsigned long long)get(&row, cases[i].metric));
	}
}

static void blkio(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t read, write, discard;
	} cases[] = {
		{ "one disk; sync, async and totals are passed over",
		  "8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Async 0\n8:0 Discard 4\n8:0 Total 7\n"
		  "Total 7\n",
		  1, 2, 4 },
		{ "older kernels have no discards", "8:0 Read 1\n8:0 Write 2\nTotal 3\n", 1, 2,
		  ABSENT },
		{ "a loop device is counted at its backing disk",
		  "7:0 Read 10\n7:0 Write 20\n8:0 Read 1\n8:0 Write 2\nTotal 33\n", 1, 2, ABSENT },
		{ "only the loop device: the disk below has none of it", "7:0 Read 10\nTotal 10\n",
		  0, ABSENT, ABSENT },
		{ "two disks are added", "8:0 Read 1\n259:0 Read 5\nTotal 6\n", 6, ABSENT, ABSENT },
		{ "no device at all: the kernel does not count", "Total 0\n", ABSENT, ABSENT,
		  ABSENT },
		{ "unknown devices are passed over", "(unknown) Read 5\nTotal 5\n", ABSENT, ABSENT,
		  ABSENT },
		{ "a cut file has no totals", "8:0 Read 1\n8:0 Write 2", ABSENT, ABSENT, ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_blkio(cases[i].text, stacked, NULL, METRIC_io_read_bytes,
				  METRIC_io_write_bytes, METRIC_io_discard_bytes, &row);
		if (get(&row, METRIC_io_read_bytes) != cases[i].read ||
		    get(&row, METRIC_io_write_bytes) != cases[i].write ||
		    get(&row, METRIC_io_discard_bytes) != cases[i].discard)
			fail_msg("%s", cases[i].label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(io_stat),
		cmocka_unit_test(cost_and_latency),
		cmocka_unit_test(blkio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
