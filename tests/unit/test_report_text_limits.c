// SPDX-License-Identifier: Apache-2.0
/* Limits of block I/O, and what was reached. */
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
	{ "none", "{}", "" },
	{ "one, and what was reached",
	  "{'io_limits': [{'device': 'vda', 'write_bps': 8388608, 'write_bps_reached': 8200000.5, "
	  "'read_bps_reached': 5}]}",
	  "  io limit  vda write 8.0 MiB/s (reached 7.8 MiB/s)\n" },
	{ "several, on two devices",
	  "{'io_limits': [{'device': 'vda', 'read_bps': 1048576, 'write_iops': 500, "
	  "'write_iops_reached': 12.25}, {'device': '8:16', 'read_iops': 100}]}",
	  "  io limit  vda read 1.0 MiB/s, write 500 IOPS (reached 12.2 IOPS), 8:16 read\n"
	  "            100 IOPS\n" },
	{ "a device without any is not named", "{'io_limits': [{'device': 'vda'}]}", "" },
};

static void as_text(void **state)
{
	const struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_INIT(1 << 16);
		json_t *target = json_case(rows[i].target);

		assert_int_equal(text_limits(target, &style, &out), 0);
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
