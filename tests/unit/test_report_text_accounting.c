// SPDX-License-Identifier: Apache-2.0
/* The accounting identity as text. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fake_report.h"
#include "report/report.h"
#include "report/text_parts.h"
#include "unit.h"

static const struct {
	const char *want, *why;
} lines[] = {
	{ "    victim                      ", "the run's targets" },
	{ "    unattributed                        -          120.0 KiB\n", "nobody's I/O" },
	{ "    /system.slice/cron.service  240.0 KiB                  -\n", "bystanders" },
	{ "    residual                    0 B (0 %)  8.0 KiB (0.018 %)\n", "what is left" },
	{ "  loop0 (stacked on vda)      write\n",
	  "stacked devices stand alone, with their disks" },
};

static void of_a_run(void **state)
{
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(65536);
	json_t *report = fake_report(NULL);

	(void)state;
	assert_int_equal(text_accounting(report, &style, &out), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strstr(buf_str(&out), lines[i].want))
			fail_msg("%s: %s", lines[i].why, buf_str(&out));
	json_decref(report);
}

static void names_of_stacked_devices(void **state)
{
	static const struct {
		const char *device, *want, *why;
	} cases[] = {
		{ "'name': 'dm-0', 'kind': 'dm', 'label': 'vg-root (LVM)', 'stacked': true, "
		  "'leaves': ['sda', 'sdb']",
		  "  dm-0 vg-root (LVM) (stacked on sda, sdb)\n", "a volume has a name" },
		{ "'name': 'loop0', 'kind': 'loop', 'stacked': true", "  loop0 (stacked)\n",
		  "its disks are not known" },
		{ "'name': 'sda', 'kind': 'disk', 'stacked': false", "  sda\n", "a disk" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct report_style style = { .width = 80 };
		cleanup_buf struct buf out = BUF_INIT(65536);
		char text[256];
		json_t *report;

		snprintf(text, sizeof(text), "{'devices': [{%s}]}", cases[i].device);
		for (char *p = text; (p = strchr(p, '\'')); p++)
			*p = '"';
		report = json_loads(text, 0, NULL);
		assert_non_null(report);
		assert_int_equal(text_accounting(report, &style, &out), 0);
		if (!strstr(buf_str(&out), cases[i].want))
			fail_msg("%s: %s", cases[i].why, buf_str(&out));
		json_decref(report);
	}
}

/* Hundreds of cgroups may have touched a disk: the largest few are named. */
static void many_bystanders(void **state)
{
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(65536);
	json_t *owners = json_array(), *report;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/cg%d", i);
		json_array_append_new(owners, json_pack("{s:s, s:s, s:{s:i}}", "target", name,
							"kind", "cgroup", "read", "bytes",
							i == 7 ? 1 << 20 : 1024));
	}
	report = json_pack("{s:[{s:s, s:{s:i}, s:o}]}", "devices", "name", "sda", "read", "bytes",
			   5000000, "owners", owners);
	assert_int_equal(text_accounting(report, &style, &out), 0);
	assert_non_null(strstr(buf_str(&out), "    /cg7 "));
	assert_non_null(strstr(buf_str(&out), "    1996 more cgroups  1.9 MiB\n"));
	assert_non_null(strstr(buf_str(&out), "    /proc/diskstats          -\n"));
	json_decref(report);
}

static void none(void **state)
{
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(65536);
	json_t *report = json_pack("{s:[]}", "devices");

	(void)state;
	assert_int_equal(text_accounting(report, &style, &out), 0);
	assert_string_equal(buf_str(&out), "");
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_run),
		cmocka_unit_test(names_of_stacked_devices),
		cmocka_unit_test(many_bystanders),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
