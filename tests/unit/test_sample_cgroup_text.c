// SPDX-License-Identifier: Apache-2.0
/* Scanners of cgroup files: what each kernel prints, what is cut, what is garbage. */
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

static void u64(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t want;
	} cases[] = {
		{ "a number and its newline", "4096\n", 4096 },
		{ "zero is a value", "0\n", 0 },
		{ "no newline is fine", "12", 12 },
		{ "no limit is absent", "max\n", ABSENT },
		{ "an empty file is absent", "", ABSENT },
		{ "a sign is garbage", "-1\n", ABSENT },
		{ "blanks in front are garbage", " 1\n", ABSENT },
		{ "text behind is garbage", "1 2\n", ABSENT },
		{ "too large is absent", "18446744073709551616\n", ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = ABSENT;
		bool ok = cgroup_text_u64(cases[i].text, &v);

		if (ok != (cases[i].want != ABSENT) || v != cases[i].want)
			fail_msg("%s: %llu", cases[i].label, (unsigned long long)v);
	}
}

static uint64_t get(const struct frame_row *row, enum metric m)
{
	return frame_has(row, m) ? row->value[m] : ABSENT;
}

static void flat(void **state)
{
	static const struct text_key keys[] = {
		{ "usage_usec", METRIC_cpu_usage_ns, 1000 },
		{ "high", METRIC_memory_events_high, 1 },
	};
	static const struct {
		const char *label, *text;
		uint64_t usage, high;
	} cases[] = {
		{ "both keys, one scaled", "usage_usec 5\nhigh 7\n", 5000, 7 },
		{ "other keys are passed over", "x 1\nhigh 7\ny 2\n", ABSENT, 7 },
		{ "a longer key is another key", "high_water 9\nusage_usecs 1\n", ABSENT, ABSENT },
		{ "a cut last line is no value", "high 7\nusage_usec 12", ABSENT, 7 },
		{ "a word instead of a number", "high max\nusage_usec 1\n", 1000, ABSENT },
		{ "a product that overflows", "usage_usec 18446744073709551615\n", ABSENT, ABSENT },
		{ "nothing", "", ABSENT, ABSENT },
		{ "empty lines", "\n\nhigh 1\n\n", ABSENT, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_flat(cases[i].text, keys, ARRAY_SIZE(keys), &row);
		if (get(&row, METRIC_cpu_usage_ns) != cases[i].usage ||
		    get(&row, METRIC_memory_events_high) != cases[i].high)
			fail_msg("%s", cases[i].label);
	}
}

static void pressure(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t some, full;
	} cases[] = {
		{ "both lines, in ns",
		  "some avg10=0.00 avg60=0.10 avg300=0.00 total=12\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n",
		  12000, 3000 },
		{ "older kernels have no full line for the CPU",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 0, ABSENT },
		{ "a cut line is no value",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=1",
		  12000, ABSENT },
		{ "a line without a total does not take the next line's",
		  "some avg10=0.00\nfull avg10=0.00 total=1\n", ABSENT, 1000 },
		{ "garbage", "somewhat total=1\n", ABSENT, ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_pressure(cases[i].text, METRIC_io_some_ns, METRIC_io_full_ns, &row);
		if (get(&row, METRIC_io_some_ns) != cases[i].some ||
		    get(&row, METRIC_io_full_ns) != cases[i].full)
			fail_msg("%s", cases[i].label);
	}
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
		{ "keys of io.cost and io.latency are passed over",
		  "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7 depth=max\n", 1,
		  2, 5, 3, 4, 6 },
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
		cmocka_unit_test(u64),	   cmocka_unit_test(flat),  cmocka_unit_test(pressure),
		cmocka_unit_test(io_stat), cmocka_unit_test(blkio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
