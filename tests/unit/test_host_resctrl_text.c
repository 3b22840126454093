// SPDX-License-Identifier: Apache-2.0
/* What resctrl prints, and what no kernel ever has. */
#include "host/resctrl_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *label, *text;
	enum resctrl_value value;
	uint64_t number;
} values[] = {
	{ "a number", "16234000\n", RESCTRL_NUMBER, 16234000 },
	{ "zero is a value", "0\n", RESCTRL_NUMBER, 0 },
	{ "without a newline", "7", RESCTRL_NUMBER, 7 },
	{ "the largest", "18446744073709551615\n", RESCTRL_NUMBER, UINT64_MAX },
	{ "one more is none", "18446744073709551616\n", RESCTRL_MALFORMED, 0 },
	{ "the counter is not followed", "Unavailable\n", RESCTRL_UNAVAILABLE, 0 },
	{ "the hardware refused", "Error\n", RESCTRL_ERROR, 0 },
	{ "no counter is assigned", "Unassigned\n", RESCTRL_UNASSIGNED, 0 },
	{ "without a newline, in words", "Unavailable", RESCTRL_UNAVAILABLE, 0 },
	{ "a word that begins so", "Unavailable2\n", RESCTRL_MALFORMED, 0 },
	{ "a part of a word", "Unavail\n", RESCTRL_MALFORMED, 0 },
	{ "another case", "ERROR\n", RESCTRL_MALFORMED, 0 },
	{ "a word that is none of the file's", "number\n", RESCTRL_MALFORMED, 0 },
	{ "nothing", "", RESCTRL_MALFORMED, 0 },
	{ "an empty line", "\n", RESCTRL_MALFORMED, 0 },
	{ "a sign", "-1\n", RESCTRL_MALFORMED, 0 },
	{ "a fraction, as energy is told", "1.5\n", RESCTRL_MALFORMED, 0 },
	{ "hexadecimal", "0x10\n", RESCTRL_MALFORMED, 0 },
	{ "a blank before", " 1\n", RESCTRL_MALFORMED, 0 },
	{ "a word behind", "1 kB\n", RESCTRL_MALFORMED, 0 },
	{ "a second line", "1\n2\n", RESCTRL_MALFORMED, 0 },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		uint64_t got = 4711;
		enum resctrl_value value = resctrl_text_value(values[i].text, &got);

		if (value != values[i].value ||
		    got != (value == RESCTRL_NUMBER ? values[i].number : 4711))
			fail_msg("%s: %s, %llu", values[i].label, resctrl_value_names[value],
				 (unsigned long long)got);
	}
}

static const struct {
	const char *label, *name;
	bool is;
	uint32_t id;
} domains[] = {
	{ "the first cache", "mon_L3_00", true, 0 },
	{ "ids have gaps", "mon_L3_12", true, 12 },
	{ "more than two digits", "mon_L3_134", true, 134 },
	{ "a node of SNC is within a cache", "mon_sub_L3_00", false, 0 },
	{ "energy is of a package", "mon_PERF_PKG_00", false, 0 },
	{ "another level", "mon_L2_00", false, 0 },
	{ "no id", "mon_L3_", false, 0 },
	{ "something behind", "mon_L3_00x", false, 0 },
	{ "a sign", "mon_L3_-1", false, 0 },
	{ "too large", "mon_L3_4294967296", false, 0 },
	{ "nothing", "", false, 0 },
};

static void test_domains(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		uint32_t id = 0;
		bool is = resctrl_text_domain(domains[i].name, &id);

		if (is != domains[i].is || id != domains[i].id)
			fail_msg("%s: %d, %u", domains[i].label, is, id);
	}
}

static const struct {
	const char *label, *text;
	bool sizes;
	const char *seen; /* "RESOURCE DOMAIN=VALUE" in decimal, "!" for a line given up */
} schemata[] = {
	{ "two caches and bandwidth", "    L3:0=fffff;1=ff\n    MB:0=100;1= 50\n", false,
	  "L3 0=1048575, L3 1=255, MB 0=100, MB 1=50" },
	{ "CDP has two lines for a cache", "L3CODE:0=f0\nL3DATA:0=0f\n", false,
	  "L3CODE 0=240, L3DATA 0=15" },
	{ "L2, with its own CDP", "L2:0=ff\nL2CODE:1=1\nL2DATA:1=2\n", false,
	  "L2 0=255, L2CODE 1=1, L2DATA 1=2" },
	{ "AMD: ids with gaps, no percent", "MB:0=2048;4=2048\nSMBA:0=2048\n", false,
	  "MB 0=2048, MB 4=2048, SMBA 0=2048" },
	{ "the software controller without a limit", "MB:0=4294967295\n", false,
	  "MB 0=4294967295" },
	{ "padded to a width", "  MB:0=  10;1=   0\n", false, "MB 0=10, MB 1=0" },
	{ "masks padded with zeros", "L3:0=00ff\n", false, "L3 0=255" },
	{ "capital digits", "L3:0=FF\n", false, "L3 0=255" },
	{ "sizes are decimal", "L3:0=20971520\n", true, "L3 0=20971520" },
	{ "a size is not hexadecimal", "L3:0=ff\n", true, "!" },
	{ "without the last newline", "L3:0=f", false, "L3 0=15" },
	{ "a resource that is not known", "L4:0=f;1=f\nL3:0=1\n", false, "L3 0=1" },
	{ "a name that begins as one", "L3X:0=f\n", false, "" },
	{ "no domain is online", "L3:\nMB:0=10\n", false, "MB 0=10" },
	{ "empty lines", "\n\nL3:0=f\n\n", false, "L3 0=15" },
	{ "nothing", "", false, "" },
	{ "a group that is being locked", "L3:uninitialized\nMB:0=10\n", false, "!, MB 0=10" },
	{ "no colon", "L3\nMB:0=10\n", false, "!, MB 0=10" },
	{ "only a colon", ":0=f\n", false, "!" },
	{ "no value", "L3:0=\n", false, "!" },
	{ "no domain", "L3:=f\n", false, "!" },
	{ "no equals sign", "L3:0\n", false, "!" },
	{ "what was good before is kept", "L3:0=f;1=g;2=f\nMB:0=10\n", false,
	  "L3 0=15, !, MB 0=10" },
	{ "a separator at the end", "L3:0=f;\nMB:0=10\n", false, "L3 0=15, !, MB 0=10" },
	{ "another separator", "L3:0=f,1=f\n", false, "!" },
	{ "a prefix", "L3:0=0xf\n", false, "!" },
	{ "a negative mask", "L3:0=-1\n", false, "!" },
	{ "a mask of 64 bits", "L3:0=ffffffffffffffff\n", false, "L3 0=18446744073709551615" },
	{ "a mask of more", "L3:0=1ffffffffffffffff\n", false, "!" },
	{ "a domain of more than 32 bits", "L3:4294967296=f\n", false, "!" },
	{ "bandwidth in hexadecimal", "MB:0=a\n", false, "!" },
	{ "bandwidth with a unit", "MB:0=10%\n", false, "!" },
};

static void test_schemata(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(schemata); i++) {
		struct resctrl_scan scan;
		struct resctrl_alloc a;
		char seen[512] = "";
		int rc;

		resctrl_scan_begin(&scan, schemata[i].text, schemata[i].sizes);
		while ((rc = resctrl_scan_next(&scan, &a))) {
			size_t at = strlen(seen);

			if (rc < 0)
				sprintf(seen + at, "%s!", at ? ", " : "");
			else
				sprintf(seen + at, "%s%s %u=%llu", at ? ", " : "", a.resource,
					a.domain, (unsigned long long)a.value);
		}
		if (strcmp(seen, schemata[i].seen) != 0)
			fail_msg("%s: '%s'", schemata[i].label, seen);
		assert_int_equal(resctrl_scan_next(&scan, &a), 0); /* and stays there */
	}
}

static const struct resctrl_rules intel = { .l3 = { true, 0xfff, 1, false },
					    .l2 = { true, 0xff, 1, false },
					    .mba_known = true,
					    .mba_unit = MBA_PERCENT,
					    .mba_min = 10,
					    .mba_step = 10 };
static const struct resctrl_rules haswell = { .l3 = { true, 0xfffff, 2, false } };
static const struct resctrl_rules amd = { .l3 = { true, 0xffff, 0, true },
					  .mba_known = true,
					  .mba_unit = MBA_HARDWARE,
					  .mba_min = 1,
					  .mba_step = 1 };
static const struct resctrl_rules software = {
	.mba_known = true, .mba_unit = MBA_MIB_S, .mba_min = 10, .mba_step = 10
};
static const struct resctrl_rules unknown = { 0 };

static const struct {
	const char *label;
	const struct resctrl_rules *rules;
	const char *resource;
	uint64_t value;
	const char *words; /* NULL: it can be */
} rules[] = {
	{ "all of the cache", &intel, "L3", 0xfff, NULL },
	{ "one way", &intel, "L3", 0x800, NULL },
	{ "code and data have the cache's mask", &intel, "L3CODE", 0x1000, "does not have" },
	{ "a bit more than there are", &intel, "L3", 0x1fff, "does not have" },
	{ "all 64 bits", &intel, "L3", UINT64_MAX, "does not have" },
	{ "no bit", &intel, "L3", 0, "has no bit" },
	{ "two runs", &intel, "L3", 0xf0f, "not in a row" },
	{ "two runs where that is allowed", &amd, "L3", 0xf0f, NULL },
	{ "none where that is allowed", &amd, "L3", 0, NULL },
	{ "one bit where two are needed", &haswell, "L3", 1, "fewer bits" },
	{ "two bits where two are needed", &haswell, "L3", 3, NULL },
	{ "L2 has its own mask", &intel, "L2", 0x100, "does not have" },
	{ "of L2 nothing is known", &haswell, "L2", 0x100, NULL },
	{ "a step", &intel, "MB", 10, NULL },
	{ "the whole", &intel, "MB", 100, NULL },
	{ "less than the least", &intel, "MB", 5, "min_bandwidth" },
	{ "zero", &intel, "MB", 0, "min_bandwidth" },
	{ "between steps", &intel, "MB", 55, "bandwidth_gran" },
	{ "more than all", &intel, "MB", 110, "100 %" },
	{ "no percent", &amd, "MB", 2048, NULL },
	{ "MiB/s have no steps", &software, "MB", 5, NULL },
	{ "nothing is known", &unknown, "MB", 7, NULL },
	{ "nothing is known of masks", &unknown, "L3", 0, NULL },
	{ "slow memory has no rule", &amd, "SMBA", 0, NULL },
};

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct resctrl_alloc a = { .value = rules[i].value };
		const char *wrong;

		strcpy(a.resource, rules[i].resource);
		wrong = resctrl_alloc_wrong(rules[i].rules, &a);
		if (!wrong != !rules[i].words || (wrong && !strstr(wrong, rules[i].words)))
			fail_msg("%s: %s", rules[i].label, wrong ? wrong : "can be");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_schemata),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
