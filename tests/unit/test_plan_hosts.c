// SPDX-License-Identifier: Apache-2.0
/* What follows for the plan from which containers hosts of mpirun are. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "plan/plan.h"
#include "spec_case.h"

#define NODES                                                                                      \
	"networks: {n: {subnet: 10.0.0.0/24}}\ncontainers:\n"                                      \
	"  a: {image: i, ssh: true, hostname: b, networks: {n: {ip: 10.0.0.2}}}\n"                 \
	"  b: {image: i, ssh: true, networks: {n: {ip: 10.0.0.3, aliases: [x, y]}}}\n"             \
	"  c: {image: i, ssh: true, hostname: deep, networks: {n: {ip: \"fd00::3\"}}}\n"

static const struct {
	const char *label, *yaml, *order; /* NAME:after+after */
} orders[] = {
	{ "hosts are ready before, named or not",
	  "  w: {image: i, workload: {ior: {hosts: [c, a]}}}\n", "a: b: c: w:ca" },
	{ "one that is named twice is one, and others are none",
	  "  w: {image: i, depends_on: [a], workload: {ior: {hosts: [\"a:2\", 10.0.0.2, far]}}}\n",
	  "a: b: c: w:a" },
	{ "a workload among its own hosts does not wait for itself",
	  "  w: {image: i, ssh: true, workload: {ior: {hosts: [w, b]}}}\n", "a: b: c: w:b" },
	{ "what they run is their own matter",
	  "  w: {image: i, workload: {ior: {hosts: [d, e]}}}\n"
	  "  d: {image: i, ssh: true, command: [x]}\n"
	  "  e: {image: i}\n",
	  "a: b: c: d: e: w:de" },
	{ "but not another workload",
	  "  w: {image: i, workload: {ior: {hosts: [v]}}}\n"
	  "  v: {image: i, workload: {ior: {hosts: [w]}}}\n",
	  "a: b: c: w: v:" },
};

static void hosts_are_waited_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct buf yaml = BUF_INIT(4096), order = BUF_INIT(256);
		struct plan *plan = NULL;
		struct err err = { 0 };
		struct spec *spec;

		buf_printf(&yaml, "name: n\n" NODES "%s", orders[i].yaml);
		spec = spec_case_valid(buf_str(&yaml));
		if (plan_make(spec, 1, 0, NULL, &plan, &err))
			fail_msg("%s: %s", orders[i].label, err.text);
		for (size_t j = 0; j < plan->n; j++) {
			buf_printf(&order, "%s%s:", j ? " " : "", plan->v[j].name);
			for (size_t k = 0; k < plan->v[j].n_after; k++)
				buf_puts(&order, plan->v[plan->v[j].after[k]].name);
		}
		if (strcmp(buf_str(&order), orders[i].order) != 0)
			fail_msg("%s: got %s", orders[i].label, buf_str(&order));
		plan_free(plan);
		spec_free(spec);
		buf_fini(&yaml);
		buf_fini(&order);
	}
}

static void a_node_is_a_service_that_runs_sshd(void **state)
{
	struct spec *spec = spec_case_valid(
		"name: n\ncontainers:\n"
		"  node: {image: i, ssh: true}\n"
		"  slow: {image: i, ssh: true, service: false, ready: {port: 2222, timeout: 1m}}\n"
		"  daemon: {image: i, ssh: true, service: true, command: [d]}\n"
		"  w: {image: i, ssh: true, workload: {ior: {hosts: [node, elsewhere, w]}}}\n");
	struct plan *plan = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	assert_true(plan->v[0].sshd && plan->v[0].service);
	assert_string_equal(plan->v[0].argv.v[0], "/usr/sbin/sshd");
	assert_string_equal(plan->v[0].argv.v[4], "/etc/cbpf-ssh/sshd_config");
	assert_int_equal(plan->v[0].ready.port, 22);
	assert_string_equal(plan->v[0].ready.banner, "SSH-");
	assert_int_equal(plan->v[0].ready.timeout_ns, 30000000000ull);
	/* What the spec says stands. */
	assert_true(plan->v[1].sshd && !plan->v[1].service);
	assert_int_equal(plan->v[1].ready.port, 2222);
	assert_null(plan->v[1].ready.banner);
	assert_true(!plan->v[2].sshd && plan->v[2].service);
	assert_string_equal(plan->v[2].argv.v[0], "d");
	assert_true(!plan->v[3].sshd && !plan->v[3].service && plan->v[3].ssh_hosts);
	assert_int_equal(plan->v[3].hosts[0], 0);
	assert_int_equal(plan->v[3].hosts[1], SIZE_MAX);
	assert_int_equal(plan->v[3].hosts[2], 3);
	plan_free(plan);
	spec_free(spec);
}

/* What has ranks of others has no end of its own, and is ready when they can be started there. */
static void a_host_with_a_command_is_a_service(void **state)
{
	struct spec *spec = spec_case_valid(
		"name: n\ncontainers:\n"
		"  w: {image: i, ssh: true, workload: {ior: {hosts: [d, \"p:2\", own, v, slow]}}}\n"
		"  v: {image: i, workload: {ior: {hosts: [w]}}}\n"
		"  d: {image: i, ssh: true, command: [x]}\n"
		"  p: {image: i, command: [x]}\n"
		"  own: {image: i, ssh: true, command: [x], service: false, ready: {port: 2222}}\n"
		"  slow: {image: i, ssh: true, command: [x], ready: {command: [y]}}\n"
		"  other: {image: i, ssh: true, command: [x]}\n");
	static const struct {
		const char *name;
		bool service;
		uint64_t port;
	} want[] = {
		{ "d", true, 22 },
		{ "p", true, OPTION_UNSET },
		{ "own", false, 2222 },
		{ "slow", true, OPTION_UNSET },
		{ "w", false, OPTION_UNSET },
		{ "v", false, OPTION_UNSET },
		{ "other", false, OPTION_UNSET },
	};
	struct plan *plan = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		size_t at = 0;

		print_message("%s\n", want[i].name);
		while (strcmp(plan->v[at].name, want[i].name) != 0)
			at++;
		assert_int_equal(plan->v[at].service, want[i].service);
		assert_int_equal(plan->v[at].ready.port, want[i].port);
	}
	/* Each host is found where it is, also what is started later. */
	for (size_t i = 0; i < plan->n; i++)
		for (size_t h = 0; h < plan->v[i].c->workload.ior.hosts.n; h++) {
			const char *host = plan->v[i].c->workload.ior.hosts.v[h];

			assert_true(plan->v[i].hosts[h] < plan->n);
			assert_int_equal(strncmp(plan->v[plan->v[i].hosts[h]].name, host,
						 strcspn(host, ":")),
					 0);
		}
	plan_free(plan);
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_waited_for),
		cmocka_unit_test(a_node_is_a_service_that_runs_sshd),
		cmocka_unit_test(a_host_with_a_command_is_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
