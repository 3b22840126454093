// SPDX-License-Identifier: Apache-2.0
/* Unknown names and circles of depends_on. */
#include "spec/load.h"

#include "spec_case.h"

#define C(name, after) "  " name ": {command: [x], depends_on: " after "}\n"
#define ENGINE "runtime: docker\ncontainers:\n"
#define HEAD "runtime: native\ncontainers:\n"

static const struct spec_case cases[] = {
	{ "a chain is fine", HEAD C("a", "[b]") C("b", "[c]") C("c", "[]"), "" },
	{ "a diamond is fine", HEAD C("a", "[b, c]") C("b", "[d]") C("c", "d") C("d", "[]"), "" },
	{ "an unknown name is told", HEAD C("a", "[zzzzz]"),
	  "f:3:34: unknown container 'zzzzz'\n" },
	{ "a misspelt name is told with the nearest", HEAD C("server", "[]") C("b", "[sevrer]"),
	  "f:4:34: unknown container 'sevrer'; did you mean 'server'?\n" },
	{ "a container that waits for itself", HEAD C("a", "[a]"),
	  "f:3:34: depends_on goes in a circle: a -> a\n" },
	{ "two that wait for each other", HEAD C("a", "[b]") C("b", "[a]"),
	  "f:4:34: depends_on goes in a circle: a -> b -> a\n" },
	{ "only the circle is shown",
	  HEAD C("x", "[a]") C("a", "[c]") C("b", "[]") C("c", "[b, a]"),
	  "f:4:34: depends_on goes in a circle: c -> a -> c\n" },
	{ "a workload waits for its hosts",
	  ENGINE "  w: {image: i, workload: {ior: {hosts: [d]}}}\n"
		 "  d: {image: i, depends_on: [w], command: [x]}\n",
	  "f:4:30: depends_on and hosts go in a circle: w -> d -> w\n" },
	{ "but not for another workload",
	  ENGINE "  w: {image: i, workload: {ior: {hosts: [d]}}}\n"
		 "  d: {image: i, depends_on: [w], workload: {ior: {}}}\n",
	  "" },
	{ "a host that is no container may be another machine",
	  ENGINE "  w: {image: i, workload: {ior: {hosts: [\"far:4\", 10.0.0.1]}}}\n",
	  "f:3:42: warning: ior: hosts: 'far:4' is no container of this spec: nothing is seen of "
	  "ranks there\n"
	  "f:3:51: warning: ior: hosts: '10.0.0.1' is no container of this spec: nothing is seen "
	  "of "
	  "ranks there\n" },
	{ "an unknown name is no circle", HEAD C("a", "[b, zzzzz]") C("b", "[]"),
	  "f:3:37: unknown container 'zzzzz'\n" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	spec_case_run_all(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
