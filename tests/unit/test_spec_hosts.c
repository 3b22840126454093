// SPDX-License-Identifier: Apache-2.0
/* Hosts of mpirun as containers of a spec. */
#include <stdio.h>

#include "base/cleanup.h"
#include "spec_case.h"

#define NODES                                                                                      \
	"networks: {n: {subnet: 10.0.0.0/24}}\ncontainers:\n"                                      \
	"  a: {image: i, ssh: true, hostname: b, networks: {n: {ip: 10.0.0.2}}}\n"                 \
	"  b: {image: i, ssh: true, networks: {n: {ip: 10.0.0.3, aliases: [x, y]}}}\n"             \
	"  c: {image: i, ssh: true, hostname: deep, networks: {n: {ip: \"fd00::3\"}}}\n"

static const struct {
	const char *label, *host;
	size_t place;
} hosts[] = {
	{ "a name", "a", 0 },
	{ "with slots", "a:4", 0 },
	{ "a name is stronger than another's host name", "b", 1 },
	{ "a host name", "deep:2", 2 },
	{ "an alias", "y", 1 },
	{ "an address", "10.0.0.3", 1 },
	{ "an address with slots", "10.0.0.2:16", 0 },
	{ "an address of version 6", "fd00::3", 2 },
	{ "the start of a name", "dee", 3 },
	{ "another host", "node17", 3 },
	{ "nothing", "", 3 },
};

static void hosts_are_containers(void **state)
{
	struct spec *spec = spec_case_valid("name: n\n" NODES);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (spec_host(spec, hosts[i].host) != hosts[i].place)
			fail_msg("%s: %zu", hosts[i].label, spec_host(spec, hosts[i].host));
	spec_free(spec);
}

/* Ranks run in what a workload names, whatever that runs, but not in another workload. */
static void who_is_a_host(void **state)
{
	static const struct {
		const char *runtime;
		bool host[6]; /* a b c w v d */
	} cases[] = {
		{ "docker", { true, false, false, false, false, true } },
		{ "podman", { true, false, false, false, false, true } },
		{ "native", { false } },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct buf yaml = BUF_INIT(4096);
		struct spec *spec;

		if (!strcmp(cases[k].runtime, "native"))
			buf_puts(&yaml, "name: n\nruntime: native\ncontainers:\n"
					"  a: {command: [x]}\n  b: {command: [x]}\n"
					"  c: {command: [x]}\n");
		else
			buf_printf(&yaml, "name: n\nruntime: %s\n" NODES, cases[k].runtime);
		buf_printf(&yaml,
			   "  w: {%s workload: {ior: {hosts: [v, w, \"a:2\", d]}}}\n"
			   "  v: {%s workload: {ior: {}}}\n  d: {%s command: [x]}\n",
			   k < 2 ? "image: i," : "", k < 2 ? "image: i," : "",
			   k < 2 ? "image: i," : "");
		spec = spec_case_valid(buf_str(&yaml));
		for (size_t i = 0; i < 6; i++) {
			const struct spec_container *c = spec->containers.v;

			print_message("%s: %s\n", cases[k].runtime, c[i].name);
			assert_int_equal(spec_is_host(spec, &c[i]), cases[k].host[i]);
		}
		spec_free(spec);
		buf_fini(&yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_containers),
		cmocka_unit_test(who_is_a_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
