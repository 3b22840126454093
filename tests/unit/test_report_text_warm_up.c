// SPDX-License-Identifier: Apache-2.0
/* What is said of warm-up: what was found, and of what nothing was. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "json_case.h"
#include "report/report.h"
#include "report/text_parts.h"
#include "unit.h"

static const struct {
	const char *why, *target, *want;
} rows[] = {
	{ "nobody looked", "{}", "" },
	{ "found in both",
	  "{'warm_up': [{'op': 'write', 'iteration': 0, 'throughput': {'settled': 'found', "
	  "'ticks': 98, 'warm_up_ticks': 14, 'until_s': 1.4, 'mean_bytes_per_s': 536870912, "
	  "'steady_mean_bytes_per_s': 671088640}, 'latency': {'settled': 'found', 'ticks': 98, "
	  "'warm_up_ticks': 3, 'until_s': 0.3, 'mean_ns': 2500000, 'steady_mean_ns': 2000000}}]}",
	  "  warm-up   write 0 throughput: first 1.40 s, 14 of 98 ticks; 512.0 MiB/s, 640.0\n"
	  "            MiB/s without it\n"
	  "            write 0 latency: first 300 ms, 3 of 98 ticks; 2.50 ms, 2.00 ms\n"
	  "            without it\n" },
	{ "found in one; the other is among the rest",
	  "{'warm_up': [{'op': 'write', 'iteration': 0, 'throughput': {'settled': 'none', 'ticks': "
	  "5}, 'latency': {'settled': 'found', 'ticks': 98, 'warm_up_ticks': 3, 'until_s': 0.3, "
	  "'mean_ns': 2500000, 'steady_mean_ns': 2000000}}, {'op': 'read', 'iteration': 0, "
	  "'throughput': {'settled': 'none', 'ticks': 5}, 'latency': {'settled': 'none', 'ticks': "
	  "5}}]}",
	  "  warm-up   write 0 latency: first 300 ms, 3 of 98 ticks; 2.50 ms, 2.00 ms\n"
	  "            without it\n"
	  "            none in write 0 throughput, read 0\n" },
	{ "each verdict",
	  "{'warm_up': [{'op': 'write', 'iteration': 0, 'throughput': {'settled': 'none', 'ticks': "
	  "5}, 'latency': {'settled': 'none', 'ticks': 5}}, {'op': 'read', 'iteration': 0, "
	  "'throughput': {'settled': 'too few', 'ticks': 5}, 'latency': {'settled': 'too few', "
	  "'ticks': 5}}, {'op': 'read', 'iteration': 1, 'throughput': {'settled': 'not settled', "
	  "'ticks': 5}, 'latency': {'settled': 'none', 'ticks': 5}}]}",
	  "  warm-up   not settled within half of read 1 throughput; none in write 0, read\n"
	  "            1 latency; too few ticks to say in read 0\n" },
	{ "of a whole run, and of the second test",
	  "{'warm_up': [{'op': 'write', 'throughput': {'settled': 'none', 'ticks': 5}, 'latency': "
	  "{'settled': 'none', 'ticks': 5}}, {'op': 'read', 'iteration': 0, 'test': 1, "
	  "'throughput': {'settled': 'none', 'ticks': 5}, 'latency': {'settled': 'none', 'ticks': "
	  "5}}]}",
	  "  warm-up   none in write, 1: read 0\n" },
	{ "many",
	  "{'warm_up': [{'op': 'write', 'iteration': 0, 'throughput': {'settled': 'too few', "
	  "'ticks': 5}, 'latency': {'settled': 'too few', 'ticks': 5}}, {'op': 'write', "
	  "'iteration': 1, 'throughput': {'settled': 'too few', 'ticks': 5}, 'latency': "
	  "{'settled': 'too few', 'ticks': 5}}, {'op': 'write', 'iteration': 2, 'throughput': "
	  "{'settled': 'too few', 'ticks': 5}, 'latency': {'settled': 'too few', 'ticks': 5}}, "
	  "{'op': 'write', 'iteration': 3, 'throughput': {'settled': 'too few', 'ticks': 5}, "
	  "'latency': {'settled': 'too few', 'ticks': 5}}, {'op': 'write', 'iteration': 4, "
	  "'throughput': {'settled': 'too few', 'ticks': 5}, 'latency': {'settled': 'too few', "
	  "'ticks': 5}}, {'op': 'write', 'iteration': 5, 'throughput': {'settled': 'too few', "
	  "'ticks': 5}, 'latency': {'settled': 'too few', 'ticks': 5}}, {'op': 'write', "
	  "'iteration': 6, 'throughput': {'settled': 'too few', 'ticks': 5}, 'latency': "
	  "{'settled': 'too few', 'ticks': 5}}, {'op': 'write', 'iteration': 7, 'throughput': "
	  "{'settled': 'too few', 'ticks': 5}, 'latency': {'settled': 'too few', 'ticks': 5}}, "
	  "{'op': 'write', 'iteration': 8, 'throughput': {'settled': 'too few', 'ticks': 5}, "
	  "'latency': {'settled': 'too few', 'ticks': 5}}, {'op': 'write', 'iteration': 9, "
	  "'throughput': {'settled': 'too few', 'ticks': 5}, 'latency': {'settled': 'too few', "
	  "'ticks': 5}}, {'op': 'write', 'iteration': 10, 'throughput': {'settled': 'too few', "
	  "'ticks': 5}, 'latency': {'settled': 'too few', 'ticks': 5}}]}",
	  "  warm-up   too few ticks to say in write 0, write 1, write 2, write 3, write 4,\n"
	  "            write 5, write 6, write 7, 3 more\n" },
};

static void as_text(void **state)
{
	const struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_INIT(1 << 16);
		json_t *target = json_case(rows[i].target);

		assert_int_equal(text_warm_up(target, &style, &out), 0);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("%s:\n%s", rows[i].why, buf_str(&out));
		json_decref(target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
