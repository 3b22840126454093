// SPDX-License-Identifier: Apache-2.0
/* CPUs of machines that are files. */
#include "base/cleanup.h"
#include "facts_case.h"

#define CPU "sys/devices/system/cpu/"

static void two_sockets_with_threads(void **state)
{
	struct facts_place at = facts_fake();
	static const char *const ids[][2] = {
		{ "0", "0" }, { "0", "0" }, { "1", "0" }, { "1", "0" }
	};
	char name[128];
	json_t *cpu;

	(void)state;
	scratch_write(facts_root, "proc/cpuinfo",
		      "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
		      "model name\t: Intel(R) Xeon(R): Platinum\nstepping\t: 8\n"
		      "microcode\t: 0x2b000603\nflags\t\t: fpu vme hypervisor\n\n"
		      "processor\t: 1\nvendor_id\t: Another\n");
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), CPU "cpu%d/topology/physical_package_id", i);
		scratch_write(facts_root, name, ids[i][0]);
		snprintf(name, sizeof(name), CPU "cpu%d/topology/core_id", i);
		scratch_write(facts_root, name, ids[i][1]);
		snprintf(name, sizeof(name), CPU "cpu%d/cpufreq/scaling_governor", i);
		scratch_write(facts_root, name, i == 3 ? "powersave\n" : "performance\n");
	}
	scratch_write(facts_root, CPU "cpu4/online", "0\n");
	scratch_write(facts_root, CPU "online", "0-3\n");
	scratch_write(facts_root, CPU "smt/control", "on\n");
	scratch_write(facts_root, CPU "smt/active", "1\n");
	scratch_write(facts_root, CPU "intel_pstate/no_turbo", "1\n");
	scratch_write(facts_root, CPU "cpufreq/boost", "1\n");
	scratch_write(facts_root, CPU "cpu0/cpufreq/scaling_driver", "intel_pstate\n");
	scratch_write(facts_root, CPU "cpu0/cpufreq/scaling_max_freq", "3800000\n");
	scratch_write(facts_root, CPU "cpu0/cache/index0/level", "1\n");
	scratch_write(facts_root, CPU "cpu0/cache/index0/type", "Data\n");
	scratch_write(facts_root, CPU "cpu0/cache/index0/size", "48K\n");
	scratch_write(facts_root, CPU "cpu0/cache/uevent", "");
	scratch_write(facts_root, CPU "vulnerabilities/meltdown", "Not affected\n");
	scratch_write(facts_root, CPU "vulnerabilities/retbleed", "Vulnerable\n");
	cpu = facts_cpu(&at);
	facts_are(facts_at(cpu, "vulnerabilities"),
		  "{'meltdown': 'Not affected', 'retbleed': 'Vulnerable'}");
	facts_are(facts_at(cpu, "caches"), "[{'level': 1, 'type': 'Data', 'size': '48K'}]");
	json_object_del(cpu, "vulnerabilities");
	json_object_del(cpu, "caches");
	facts_are(
		cpu,
		"{'vendor': 'GenuineIntel', 'family': '6', 'model': '143', "
		"'model_name': 'Intel(R) Xeon(R): Platinum', 'stepping': '8', "
		"'microcode': '0x2b000603', 'virtual': true, 'sockets': 2, 'cores': 2, "
		"'threads': 4, 'packages': [{'id': 0, 'first_cpus': '0'}, {'id': 1, 'first_cpus': "
		"'2'}],  'governors': ['performance', 'powersave'], 'online': '0-3', "
		"'smt': 'on', 'smt_active': true, 'frequency_driver': 'intel_pstate', "
		"'max_khz': 3800000, 'turbo': false}");
}

static void what_boosts_without_intel(void **state)
{
	struct facts_place at = facts_fake();

	(void)state;
	scratch_write(facts_root, CPU "cpufreq/boost", "1\n");
	scratch_write(facts_root, "proc/cpuinfo",
		      "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n");
	facts_are(facts_cpu(&at), "{'implementer': '0x41', 'part': '0xd0c', 'turbo': true}");
}

/* As many machines count: the second threads of all cores after the first of all. */
static void first_cpus_of_cores(void **state)
{
	struct facts_place at = facts_fake();
	static const int sockets[] = { 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1 },
			 cores[] = { 0, 1, 2, 0, 1, 8, 0, 1, 2, 0, 1 };
	char name[128], text[16];
	json_t *cpu;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
		snprintf(name, sizeof(name), CPU "cpu%zu/topology/physical_package_id", i);
		snprintf(text, sizeof(text), "%d", sockets[i]);
		scratch_write(facts_root, name, text);
		snprintf(name, sizeof(name), CPU "cpu%zu/topology/core_id", i);
		snprintf(text, sizeof(text), "%d", cores[i]);
		scratch_write(facts_root, name, text);
	}
	cpu = facts_cpu(&at);
	facts_are(facts_at(cpu, "packages"),
		  "[{'id': 0, 'first_cpus': '0-2,5'}, {'id': 1, 'first_cpus': '3-4'}]");
	json_decref(cpu);
}

static int setup(void **state)
{
	(void)state;
	scratch_make(facts_root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(facts_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_sockets_with_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(first_cpus_of_cores, setup, teardown),
		cmocka_unit_test_setup_teardown(what_boosts_without_intel, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
