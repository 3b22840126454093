// SPDX-License-Identifier: Apache-2.0
/* Names of events, those of a made-up PMU and CPU among them; and events of the kernel's own. */
#include "host/perf_event.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "scratch.h"
#include "unit.h"

#define SKYLAKE_SP                                                                                 \
	"processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"              \
	"model name\t: Intel(R) Xeon(R)\nflags\t\t: fpu\n\nprocessor\t: 1\n"
#define SAPPHIRE_RAPIDS "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
#define EPYC "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 85\n"

static char dir[64], cpuinfo[96];
static struct perf_event_env env;

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	snprintf(cpuinfo, sizeof(cpuinfo), "%s/cpuinfo", dir);
	scratch_write(dir, "cpuinfo", SKYLAKE_SP);
	scratch_write(dir, "pmus/cpu/type", "4\n");
	scratch_write(dir, "pmus/cpu/format/event", "config:0-7\n");
	scratch_write(dir, "pmus/cpu/format/umask", "config:8-15\n");
	scratch_write(dir, "pmus/cpu/format/edge", "config:18\n");
	scratch_write(dir, "pmus/cpu/format/cmask", "config:24-31\n");
	scratch_write(dir, "pmus/cpu/format/wide", "config:0-7,32-35\n");
	scratch_write(dir, "pmus/cpu/format/ldlat", "config1:0-15\n");
	scratch_write(dir, "pmus/cpu/format/all", "config2:0-63\n");
	scratch_write(dir, "pmus/cpu/format/odd", "configX:0-7\n");
	scratch_write(dir, "pmus/cpu/events/mem-loads", "event=0xcd,umask=0x1,ldlat=3\n");
	scratch_write(dir, "pmus/cpu/events/loop", "loop\n");
	scratch_write(dir, "pmus/cpu/events/chosen", "event=?\n");
	scratch_write(dir, "pmus/uncore_imc/type", "14\n");
	scratch_write(dir, "pmus/uncore_imc/cpumask", "0\n");
	scratch_write(dir, "pmus/uncore_imc/format/event", "config:0-7\n");
	snprintf(dir + strlen(dir), 8, "/pmus");
	env.pmus = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*strrchr(dir, '/') = '\0';
	env.cpuinfo = cpuinfo;
	return env.pmus < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(env.pmus);
	return fs_remove_tree(dir);
}

#define HW PERF_TYPE_HARDWARE
#define SW PERF_TYPE_SOFTWARE
#define CACHE PERF_TYPE_HW_CACHE
#define RAW PERF_TYPE_RAW

static const struct {
	const char *text;
	uint32_t type;
	uint64_t config, config1, config2;
	const char *why;
} good[] = {
	{ "cycles", HW, PERF_COUNT_HW_CPU_CYCLES, 0, 0, "the short form" },
	{ "cpu-cycles", HW, PERF_COUNT_HW_CPU_CYCLES, 0, 0, "and the long one" },
	{ "branches", HW, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 0, 0, "not the cache of branches" },
	{ "ref-cycles", HW, PERF_COUNT_HW_REF_CPU_CYCLES, 0, 0, "begins as raw ones do" },
	{ "stalled-cycles-backend", HW, PERF_COUNT_HW_STALLED_CYCLES_BACKEND, 0, 0, "hardware" },
	{ "task-clock", SW, PERF_COUNT_SW_TASK_CLOCK, 0, 0, "software" },
	{ "cs", SW, PERF_COUNT_SW_CONTEXT_SWITCHES, 0, 0, "software, short" },
	{ "cgroup-switches", SW, PERF_COUNT_SW_CGROUP_SWITCHES, 0, 0, "since Linux 5.13" },
	{ "L1-dcache-loads", CACHE, 0x00000, 0, 0, "cache" },
	{ "L1-dcache-load-misses", CACHE, 0x10000, 0, 0, "cache, misses" },
	{ "l1-DCACHE-Load-Misses", CACHE, 0x10000, 0, 0, "in any case" },
	{ "L1-icache-load-misses", CACHE, 0x10001, 0, 0, "instructions" },
	{ "LLC-store-misses", CACHE, 0x10102, 0, 0, "stores" },
	{ "LLC-misses-stores", CACHE, 0x10102, 0, 0, "the other way round" },
	{ "LLC", CACHE, 0x00002, 0, 0, "reads are meant" },
	{ "dTLB-prefetch-misses", CACHE, 0x10203, 0, 0, "prefetches" },
	{ "iTLB-load-misses", CACHE, 0x10004, 0, 0, "of instructions' TLB" },
	{ "branch-load-misses", CACHE, 0x10005, 0, 0, "the cache of branches" },
	{ "node-loads", CACHE, 0x00006, 0, 0, "memory of a node" },
	{ "L1-data-speculative-read-miss", CACHE, 0x10200, 0, 0, "names within names" },
	{ "r1a8", RAW, 0x1a8, 0, 0, "raw" },
	{ "rFFFFFFFFFFFFFFFF", RAW, ~0ull, 0, 0, "as large as can be" },
	{ "cpu/event=0x3c,umask=0/", 4, 0x3c, 0, 0, "terms" },
	{ "cpu/umask=0xff,event=60,edge/", 4, 0x4ff3c, 0, 0, "decimal, and a bit by its name" },
	{ "cpu/event=0xcd,ldlat=0xffff/", 4, 0xcd, 0xffff, 0, "config1" },
	{ "cpu/all=0xffffffffffffffff/", 4, 0, 0, ~0ull, "all bits of config2" },
	{ "cpu/wide=0xabc/", 4, 0xa000000bc, 0, 0, "bits in two places" },
	{ "cpu/config=0x1234,config1=5/", 4, 0x1234, 5, 0, "whole values" },
	{ "cpu/mem-loads/", 4, 0x1cd, 3, 0, "an event that the PMU has" },
	{ "cpu/mem-loads,ldlat=30/", 4, 0x1cd, 30, 0, "with a term changed" },
	{ "mem-loads", 4, 0x1cd, 3, 0, "by its bare name" },
	{ "stalls_total", 4, 0x40004a3, 0, 0, "presets, as container-bench has them" },
	{ "stalls_l3_miss", 4, 0x60006a3, 0, 0, "L3" },
	{ "stalls_l2_miss", 4, 0x50005a3, 0, 0, "L2" },
	{ "stalls_l1d_miss", 4, 0xc000ca3, 0, 0, "L1" },
	{ "stalls_mem_any", 4, 0x140014a3, 0, 0, "any memory" },
	{ "resource_stalls_sb", 4, 0x8a2, 0, 0, "store buffers" },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct perf_event e = { 0 };
		struct err err = { 0 };

		if (perf_event_parse(&env, good[i].text, &e, &err))
			fail_msg("%s (%s): %s", good[i].text, good[i].why, err.text);
		if (e.type != good[i].type || e.config[0] != good[i].config ||
		    e.config[1] != good[i].config1 || e.config[2] != good[i].config2)
			fail_msg("%s (%s): %u, %#llx, %#llx, %#llx", good[i].text, good[i].why,
				 e.type, (unsigned long long)e.config[0],
				 (unsigned long long)e.config[1], (unsigned long long)e.config[2]);
		assert_string_equal(e.name, good[i].text);
		assert_false(e.exclude_user || e.exclude_kernel || e.exclude_hv);
	}
}

static const struct {
	const char *text;
	int code;
	const char *words, *why;
} bad[] = {
	{ "", -EINVAL, "1 to", "nothing" },
	{ "instrutions", -EINVAL, "no event 'instrutions'", "a slip" },
	{ "instrutions:u", -EINVAL, "no event 'instrutions'", "the same, with a modifier" },
	{ "sched:sched_switch", -EINVAL,
	  "'sched:sched_switch': there is none, and tracepoints are not",
	  "perf list has these, too" },
	{ "L1-icache-stores", -EINVAL, "no event", "nobody stores there" },
	{ "L1-dcache-loads-stores", -EINVAL, "no event", "both" },
	{ "L1-dcache-loads-", -EINVAL, "no event", "an end that is missing" },
	{ "L1-dcacheloads", -EINVAL, "no event", "a '-' that is missing" },
	{ "LLC-misses-misses", -EINVAL, "no event", "twice" },
	{ "r", -EINVAL, "no event", "raw without a number" },
	{ "rxyz", -EINVAL, "no event", "raw with something else" },
	{ "r12345678901234567", -EINVAL, "no event", "17 digits" },
	{ "cycles:", 0, NULL, "no modifier is none" },
	{ "cycles:z", -EINVAL, "modifier 'z'", "no such modifier" },
	{ "cycles:pp", -EINVAL, "modifier 'p'", "precise is for sampling" },
	{ "cpu/event=0x3c", -EINVAL, "second '/'", "without an end" },
	{ "cpu//", -EINVAL, "not a term", "no terms" },
	{ "cpu/event=0x100/", -EINVAL, "0x100 is too large", "eight bits" },
	{ "cpu/edge=2/", -EINVAL, "too large", "one bit" },
	{ "cpu/wide=0x1000/", -EINVAL, "too large", "12 bits in two places" },
	{ "cpu/event=/", -EINVAL, "not a value", "no value" },
	{ "cpu/event=-1/", -EINVAL, "not a value", "negative" },
	{ "cpu/event=0xg/", -EINVAL, "not a value", "no number" },
	{ "cpu/event=0x1ffffffffffffffff/", -EINVAL, "not a value", "more than 64 bits" },
	{ "cpu/event=0x3c,/", -EINVAL, "not a term", "a comma too many" },
	{ "cpu/nothing=1/", -EINVAL, "no term 'nothing'", "no such term" },
	{ "cpu/nothing/", -EINVAL, "neither a term nor an event", "no such event" },
	{ "cpu/odd=1/", -EINVAL, "cannot be read: 'configX:0-7'", "a format of another kind" },
	{ "cpu/loop/", -EINVAL, "neither", "an event that names itself" },
	{ "cpu/chosen/", -EINVAL, "not a value", "one that wants a value" },
	{ "cpu/../../etc/passwd/", -EINVAL, "", "no way out of the directory" },
	{ "..cpu/event=1/", -EINVAL, "not the name of a PMU", "nor by the PMU" },
	{ "cpu/event=1/p", -EINVAL, "modifier 'p'", "modifiers behind the terms" },
	{ "gpu/event=1/", -ENOENT, "no PMU gpu", "a PMU that is not here" },
	{ "uncore_imc/event=1/", -EOPNOTSUPP, "not for a task", "one for all CPUs" },
	{ "resource_stalls_scoreboard", -ENOENT, "model does not", "not on this model" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct perf_event e = { .name = "untouched" };
		struct err err = { 0 };
		int rc = perf_event_parse(&env, bad[i].text, &e, &err);

		if (rc != bad[i].code || (rc && !strstr(err.text, bad[i].words)))
			fail_msg("%s (%s): %d, %s", bad[i].text, bad[i].why, rc, err.text);
		if (rc)
			assert_string_equal(e.name, "untouched");
	}
}

static void modifiers_exclude_the_rest(void **state)
{
	static const struct {
		const char *text;
		bool user, kernel, hv, idle, host, guest; /* excluded */
	} cases[] = {
		{ "cycles:u", false, true, true, false, false, false },
		{ "cycles:k", true, false, true, false, false, false },
		{ "cycles:uk", false, false, true, false, false, false },
		{ "cycles:I", false, false, false, true, false, false },
		{ "cycles:H", false, false, false, false, false, true },
		{ "cycles:G", false, false, false, false, true, false },
		{ "cycles:GH", false, false, false, false, false, false },
		{ "cpu/event=1/u", false, true, true, false, false, false },
		{ "cpu/event=1/:u", false, true, true, false, false, false },
		{ "L1-dcache-loads:k", true, false, true, false, false, false },
		{ "r1a8:u", false, true, true, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct perf_event e = { 0 };
		struct err err = { 0 };

		if (perf_event_parse(&env, cases[i].text, &e, &err))
			fail_msg("%s", err.text);
		if (e.exclude_user != cases[i].user || e.exclude_kernel != cases[i].kernel ||
		    e.exclude_hv != cases[i].hv || e.exclude_idle != cases[i].idle ||
		    e.exclude_host != cases[i].host || e.exclude_guest != cases[i].guest)
			fail_msg("%s", cases[i].text);
	}
}

static void a_term_gives_it_another_name(void **state)
{
	struct perf_event e = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(perf_event_parse(&env, "cpu/event=1,name=loads/", &e, &err), 0);
	assert_string_equal(e.name, "loads");
}

static void presets_are_those_of_the_model(void **state)
{
	struct perf_event e = { 0 };
	struct err err = { 0 };

	(void)state;
	scratch_write(dir, "cpuinfo", SAPPHIRE_RAPIDS);
	assert_int_equal(perf_event_parse(&env, "stalls_mem_any", &e, &err), 0);
	assert_int_equal(e.config[0], 0x50021a6);
	assert_int_equal(perf_event_parse(&env, "resource_stalls_scoreboard", &e, &err), 0);
	assert_int_equal(e.config[0], 0x2a2);
	scratch_write(dir, "cpuinfo", EPYC);
	assert_int_equal(perf_event_parse(&env, "stalls_total", &e, &err), -ENOENT);
	assert_non_null(strstr(err.text, "Intel"));
	scratch_write(dir, "cpuinfo", "");
	assert_int_equal(perf_event_parse(&env, "stalls_total", &e, &err), -ENOENT);
	scratch_write(dir, "cpuinfo", SKYLAKE_SP);
}

static void switches_are_known_when_all_are_counted(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = { { "context-switches", true },    { "cs", true },
		      { "context-switches:u", false }, { "context-switches:k", true },
		      { "cpu-migrations", false },     { "branch-instructions", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct perf_event e = { 0 };
		struct err err = { 0 };

		assert_int_equal(perf_event_parse(&env, cases[i].text, &e, &err), 0);
		if (perf_event_is_switches(&e) != cases[i].want)
			fail_msg("%s", cases[i].text);
	}
}

static void this_kernel_counts_its_own_events(void **state)
{
	struct perf_event e = { 0 };
	struct err err = { 0 };
	struct perf_count a, b;
	int fd;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(perf_event_parse(&env, "task-clock", &e, &err), 0);
	fd = perf_event_open_cpu(&e, 0, -1);
	assert_true(fd >= 0);
	assert_int_equal(perf_event_read(fd, &a), 0);
	assert_int_equal(perf_event_read(fd, &b), 0);
	assert_true(b.value > a.value && b.enabled_ns > a.enabled_ns);
	close(fd);
	assert_true(perf_event_open_cpu(&e, 1 << 20, -1) < 0);
}

static void why_says_what_to_do(void **state)
{
	const struct perf_event hw = { .type = HW }, sw = { .type = SW };

	(void)state;
	assert_non_null(strstr(perf_event_why(&hw, -ENOENT), "virtual PMU"));
	assert_null(strstr(perf_event_why(&sw, -ENOENT), "virtual PMU"));
	assert_non_null(strstr(perf_event_why(&sw, -EACCES), "root"));
	assert_non_null(strstr(perf_event_why(&sw, -EMFILE), "ulimit"));
	assert_true(perf_event_has_no_counter(&hw, -EOPNOTSUPP));
	assert_false(perf_event_has_no_counter(&hw, -EACCES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(modifiers_exclude_the_rest),
		cmocka_unit_test(a_term_gives_it_another_name),
		cmocka_unit_test(presets_are_those_of_the_model),
		cmocka_unit_test(switches_are_known_when_all_are_counted),
		cmocka_unit_test(this_kernel_counts_its_own_events),
		cmocka_unit_test(why_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
