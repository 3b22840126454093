// SPDX-License-Identifier: Apache-2.0
/* Values of every type, their short forms, and what is said about wrong ones. */
#include "spec/load.h"

#include <math.h>
#include <stdio.h>

#include "spec_case.h"

static const struct spec_case cases[] = {
	{ "the smallest spec is valid", SPEC_A, "" },
	{ "a misspelt key is told with the nearest", SPEC_A "    imge: b\n",
	  "f:5:5: unknown key 'imge'; did you mean 'image'?\n" },
	{ "a key far from all is told alone", SPEC_A "    zzzzzz: b\n",
	  "f:5:5: unknown key 'zzzzzz'\n" },
	{ "x- keys are allowed at the top", SPEC_A "x-note: [any, {thing: 1}]\n", "" },
	{ "x- keys are not allowed below", SPEC_A "    x-note: 1\n",
	  "f:5:5: unknown key 'x-note'\n" },
	{ "a mapping is no duration", SPEC_A "interval: {a: 1}\n",
	  "f:5:11: interval: expected a duration, got a mapping\n" },
	{ "a list is no size", SPEC_A "    memory: [1g]\n",
	  "f:5:13: memory: expected a size, got a list\n" },
	{ "nothing is no text", SPEC_A "    user:\n",
	  "f:5:10: user: expected a value, got nothing\n" },
	{ "an empty text is a text", SPEC_A "    user: ''\n", "" },
	{ "a scalar is no section", SPEC_A "    io: fast\n",
	  "f:5:9: io: expected a mapping, got a value\n" },
	{ "a list of mappings is no list of names", SPEC_A "    networks: [{a: 1}]\n",
	  "f:5:16: networks: expected a list of names, got a mapping\n" },
	{ "containers are no list", "runtime: native\ncontainers: [a, b]\n",
	  "f:2:13: containers: expected a mapping of names, got a list\n" },
	{ "a container is a mapping", "runtime: native\ncontainers: {a: dd}\n",
	  "f:2:14: container 'a' needs a command or a workload with runtime: native\n"
	  "f:2:17: a: expected a mapping, got a value\n" },
	{ "a wrong duration says what is right", SPEC_A "interval: 100\n",
	  "f:5:11: interval: expected a duration such as 100ms, 10s or 5m, got '100'\n" },
	{ "a wrong size says what is right", SPEC_A "    memory: 1KB\n",
	  "f:5:13: memory: expected a size such as 4096, 4KiB or 1g, got '1KB'\n" },
	{ "a wrong CPU list says what is right", SPEC_A "    cpus: 4-2\n",
	  "f:5:11: cpus: expected a CPU list such as 0,2,4-7, got '4-2'\n" },
	{ "a wrong number says what is right", SPEC_A "    pids: many\n",
	  "f:5:11: pids: expected a whole number, got 'many'\n" },
	{ "a wrong choice names all", "runtime: lxc\ncontainers: {a: {image: i}}\n",
	  "f:1:10: runtime: expected one of docker, podman, native, attach, got 'lxc'\n" },
	{ "a wrong flag says what is right", SPEC_A "    privileged: maybe\n",
	  "f:5:17: privileged: expected true or false, got 'maybe'\n" },
	{ "a wrong collector mode says what is right", SPEC_A "collectors: {block: 1}\n",
	  "f:5:21: mode: expected true, auto or false, got '1'\n" },
	{ "so it does in a section", SPEC_A "collectors: {block: {mode: 1}}\n",
	  "f:5:28: mode: expected true, auto or false, got '1'\n" },
	{ "a list is no collector mode", SPEC_A "collectors: {block: [auto]}\n",
	  "f:5:21: block: expected a mapping, got a list\n" },
	{ "only known clocks", SPEC_A "collectors: {block: {times: mine}}\n",
	  "f:5:29: times: expected one of auto, own, kernel, got 'mine'\n" },
	{ "sharing is a flag, and not left to the host",
	  SPEC_A "collectors: {block: {sharing: auto}}\n",
	  "f:5:31: sharing: expected true or false, got 'auto'\n" },
	{ "a misspelt key of the block collector is told with the nearest",
	  SPEC_A "collectors: {block: {sharin: false}}\n",
	  "f:5:22: unknown key 'sharin'; did you mean 'sharing'?\n" },
	{ "every wrong value of the block collector is told",
	  SPEC_A "collectors: {block: {mode: maybe, times: 1, sharing: []}}\n",
	  "f:5:28: mode: expected true, auto or false, got 'maybe'\n"
	  "f:5:42: times: expected one of auto, own, kernel, got '1'\n"
	  "f:5:54: sharing: expected true or false, got a list\n" },
	{ "only known schedulers", SPEC_A "scheduler: cfs\n",
	  "f:5:12: use: expected observe, got 'cfs'\n" },
	{ "a port has a range", SPEC_A "    ready: {port: 70000}\n",
	  "f:5:19: port: expected 1 to 65535, got '70000'\n" },
	{ "a NUL byte is refused", SPEC_A "    user: \"a\\0b\"\n",
	  "f:5:11: user: a value cannot hold a NUL byte\n" },
	{ "an unset variable has its place", SPEC_A "    user: \"${CBPF_NONE}\"\n",
	  "f:5:11: user: the environment variable CBPF_NONE is not set; set it, or write "
	  "${CBPF_NONE:-default}\n" },
	{ "a variable's value must be UTF-8", SPEC_A "    user: ${CBPF_LATIN}\n",
	  "f:5:11: user: the expanded value is not UTF-8\n" },
	{ "env wants values", SPEC_A "    env: {A: }\n",
	  "f:5:14: A: expected a value (\"\" for an empty one), got nothing\n" },
	{ "env is no scalar", SPEC_A "    env: A=1\n",
	  "f:5:10: env: expected a mapping of names to values, got a value\n" },
	{ "env items are assignments", SPEC_A "    env: [A]\n",
	  "f:5:11: env: expected NAME=VALUE, got 'A'\n" },
	{ "env items have a name", SPEC_A "    env: [=A]\n",
	  "f:5:11: env: expected NAME=VALUE, got '=A'\n" },
	{ "env names are unique", SPEC_A "    env: [A=1, A=2]\n",
	  "f:5:16: env: 'A' is given twice\n" },
	{ "network names are unique", SPEC_A "networks: [n, n]\n",
	  "f:5:15: networks: 'n' is given twice\n" },
	{ "every error is told, in the file's order",
	  "runtim: native\ninterval: 5\ncontainers:\n  a:\n    memory: lots\n    imagee: x\n",
	  "f:1:1: unknown key 'runtim'; did you mean 'runtime'?\n"
	  "f:2:11: interval: expected a duration such as 100ms, 10s or 5m, got '5'\n"
	  "f:4:3: container 'a' needs an image with runtime: docker\n"
	  "f:5:13: memory: expected a size such as 4096, 4KiB or 1g, got 'lots'\n"
	  "f:6:5: unknown key 'imagee'; did you mean 'image'?\n" },
	{ "a key of the other dialect says so, and nothing else",
	  "# old\nbenchmark:\n  name: x\nfoo: bar\n",
	  "f:2:1: 'benchmark:' makes this a container-bench file, which this version does not "
	  "read yet; write it with 'containers:' (see specs/README.md)\n" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	spec_case_run_all(cases);
}

static void presets_are_filled_in(void **state)
{
	struct spec *spec = spec_case_valid("containers: {a: {image: i}}\n");
	const struct spec_container *c = spec->containers.v;

	(void)state;
	assert_string_equal(spec->name, "f");
	assert_null(spec->description);
	assert_int_equal(spec->runtime, RUNTIME_DOCKER);
	assert_int_equal(spec->duration_ns, 600000000000);
	assert_int_equal(spec->interval_ns, 100000000);
	assert_int_equal(spec->drain_ns, 30000000000);
	assert_int_equal(spec->repeat, 1);
	assert_string_equal(spec->scheduler, "observe");
	assert_int_equal(spec->collectors.block.mode, TRI_ON);
	assert_int_equal(spec->collectors.block.times, CLOCK_AUTO);
	assert_int_equal(spec->collectors.block.sharing, FLAG_ON);
	assert_int_equal(spec->collectors.cgroup, TRI_ON);
	assert_int_equal(spec->collectors.vfs.mode, TRI_AUTO);
	assert_int_equal(spec->collectors.pagecache.mode, TRI_AUTO);
	assert_int_equal(spec->collectors.sched, TRI_AUTO);
	assert_int_equal(spec->collectors.perf.mode, TRI_AUTO);
	assert_int_equal(spec->collectors.rdt.mode, TRI_AUTO);
	assert_int_not_equal(spec->sinks.influxdb.given, FLAG_ON);
	assert_int_not_equal(c->workload.has_ior, FLAG_ON);
	assert_true(isnan(c->cpu_limit));
	assert_int_equal(c->memory, OPTION_UNSET);
	assert_int_equal(c->start_ns, 0);
	assert_int_equal(c->stop_ns, OPTION_UNSET);
	assert_int_equal(c->stop_grace_ns, 10000000000);
	assert_int_equal(c->ready.timeout_ns, 30000000000);
	assert_int_equal(c->ready.interval_ns, 100000000);
	assert_int_equal(c->ready.port, OPTION_UNSET);
	assert_int_equal(c->privileged, FLAG_UNSET);
	assert_int_equal(c->workload.ior.write, FLAG_UNSET);
	spec_free(spec);
}

static void values_arrive(void **state)
{
	struct spec *spec = spec_case_valid(
		"name: \"n\"\nruntime: podman\ncollectors: {perf: {mode: on, events: [a, b]}, vfs: "
		"false}\n"
		"networks: {n: {subnet: 10.0.0.0/8}, m: }\n"
		"containers:\n  b:\n    image: 'i:1'\n    cpus: 0,2-3\n    cpu_limit: 1.5\n"
		"    memory: 1.5g\n    start: 1s\n    stop: 2m\n    privileged: yes\n"
		"    io: {device: /dev/x, read_iops: 7, write_bps: 1m}\n"
		"    networks: {n: {ip: 10.0.0.2, aliases: [x, y]}}\n    volumes: v:/v\n"
		"  a:\n    image: i\n    networks: [m, n]\n    ulimits: {nofile: 1024}\n");
	const struct spec_container *c = spec->containers.v;
	const struct spec_attachment *net = c[0].networks.v;

	(void)state;
	assert_string_equal(spec->name, "n");
	assert_int_equal(spec->runtime, RUNTIME_PODMAN);
	assert_int_equal(spec->collectors.perf.mode, TRI_ON);
	assert_int_equal(spec->collectors.perf.events.n, 2);
	assert_int_equal(spec->collectors.vfs.mode, TRI_OFF);
	assert_int_equal(spec->networks.n, 2);
	assert_int_equal(spec->containers.n, 2);
	assert_string_equal(c[0].name, "b");
	assert_string_equal(c[1].name, "a");
	assert_string_equal(c[0].image, "i:1");
	assert_string_equal(c[0].cpus, "0,2-3");
	assert_true(c[0].cpu_limit == 1.5);
	assert_int_equal(c[0].memory, 3ull << 29);
	assert_int_equal(c[0].start_ns, 1000000000);
	assert_int_equal(c[0].stop_ns, 120000000000);
	assert_int_equal(c[0].privileged, FLAG_ON);
	assert_string_equal(c[0].io.device, "/dev/x");
	assert_int_equal(c[0].io.read_iops, 7);
	assert_int_equal(c[0].io.write_iops, OPTION_UNSET);
	assert_int_equal(c[0].io.write_bps, 1 << 20);
	assert_int_equal(c[0].networks.n, 1);
	assert_string_equal(net->name, "n");
	assert_string_equal(net->ip, "10.0.0.2");
	assert_int_equal(net->aliases.n, 2);
	assert_int_equal(c[0].volumes.n, 1);
	assert_string_equal(c[0].volumes.v[0], "v:/v");
	assert_int_equal(c[1].networks.n, 2);
	assert_string_equal(str_map_get(&c[1].ulimits, "nofile"), "1024");
	spec_free(spec);
}

static void short_forms_mean_the_long_ones(void **state)
{
	struct spec *spec =
		spec_case_valid("runtime: native\ncollectors: {perf: false}\n"
				"scheduler: {use: observe}\n"
				"containers:\n  a: {command: 'x | y', env: [A=1, B=]}\n"
				"  b: {command: [x, y], env: {A: 1, B: ''}}\n"
				"  c: {workload: {ior: }}\n"
				"  d: {command: x, entrypoint: e, ready: {command: z}}\n");
	const struct spec_container *c = spec->containers.v;

	(void)state;
	assert_int_equal(spec->collectors.perf.mode, TRI_OFF);
	assert_string_equal(spec->scheduler, "observe");
	assert_int_equal(c[0].command.n, 3);
	assert_string_equal(c[0].command.v[0], "/bin/sh");
	assert_string_equal(c[0].command.v[1], "-c");
	assert_string_equal(c[0].command.v[2], "x | y");
	assert_int_equal(c[1].command.n, 2);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(str_map_get(&c[i].env, "A"), "1");
		assert_string_equal(str_map_get(&c[i].env, "B"), "");
	}
	assert_int_equal(c[2].workload.has_ior, FLAG_ON);
	assert_int_equal(c[3].entrypoint.n, 1);
	assert_int_equal(c[3].ready.command.n, 3);
	spec_free(spec);
}

static const struct {
	const char *block;
	enum tri mode;
	enum block_clock_choice times;
	enum flag sharing;
	const char *sentence;
} blocks[] = {
	{ "true", TRI_ON, CLOCK_AUTO, FLAG_ON, "a mode alone: the rest is as preset" },
	{ "auto", TRI_AUTO, CLOCK_AUTO, FLAG_ON, "if this host can" },
	{ "false", TRI_OFF, CLOCK_AUTO, FLAG_ON, "off" },
	{ "{}", TRI_ON, CLOCK_AUTO, FLAG_ON, "an empty section changes nothing" },
	{ "{mode: false}", TRI_OFF, CLOCK_AUTO, FLAG_ON, "the same as false" },
	{ "{mode: auto, times: kernel, sharing: false}", TRI_AUTO, CLOCK_KERNEL, FLAG_OFF,
	  "all of it" },
	{ "{times: own}", TRI_ON, CLOCK_OWN, FLAG_ON, "one of them: the others are as preset" },
	{ "{sharing: no}", TRI_ON, CLOCK_AUTO, FLAG_OFF, "as YAML says it, too" },
};

static void the_block_collector_has_two_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		char yaml[256];
		struct spec *spec;

		snprintf(yaml, sizeof(yaml), SPEC_A "collectors: {block: %s}\n", blocks[i].block);
		print_message("%s\n", blocks[i].sentence);
		spec = spec_case_valid(yaml);
		assert_int_equal(spec->collectors.block.mode, blocks[i].mode);
		assert_int_equal(spec->collectors.block.times, blocks[i].times);
		assert_int_equal(spec->collectors.block.sharing, blocks[i].sharing);
		spec_free(spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(presets_are_filled_in),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(short_forms_mean_the_long_ones),
		cmocka_unit_test(the_block_collector_has_two_forms),
	};

	unsetenv("CBPF_NONE");
	setenv("CBPF_LATIN", "caf\xe9", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
