// SPDX-License-Identifier: Apache-2.0
/* What `cbpf record` refuses before it looks at anything. Whole recordings are integration tests. */
#include "run_command.h"
#include "scratch.h"

static const struct run_case cases[] = {
	{ "nothing to record", { NULL }, EXIT_USAGE, "", "nothing to record: name a --container" },
	{ "a time alone", { "--duration", "1s" }, EXIT_USAGE, "", "nothing to record" },
	{ "a cgroup that is no path",
	  { "--cgroup", "docker/x" },
	  EXIT_USAGE,
	  "",
	  "--cgroup docker/x: expected a path that begins with /" },
	{ "an interval that is too short",
	  { "--interval", "1ms", "--cgroup", "/" },
	  EXIT_USAGE,
	  "",
	  "interval: expected 10ms to 60s" },
	{ "a key that is not known",
	  { "--set", "colectors.block=false", "--cgroup", "/" },
	  EXIT_USAGE,
	  "",
	  "unknown key 'colectors'" },
	{ "a name that is none",
	  { "--name", "a b", "--cgroup", "/" },
	  EXIT_USAGE,
	  "",
	  "the name 'a b'" },
	{ "a key that cannot be of what runs",
	  { "--set", "containers.target.memory=1g", "--cgroup", "/" },
	  EXIT_USAGE,
	  "",
	  "memory: what is attached to stays as it is" },
	{ "a flag that is nearly one", { "--containr", "x" }, EXIT_USAGE, "", "--container" },
	{ "no engine to ask for a label", { "--label", "a=b" }, EXIT_HOST, "", "/no/docker.sock" },
	{ "nor for a project", { "--compose-project", "p" }, EXIT_HOST, "", "/no/podman.sock" },
};

static void test_cases(void **state)
{
	(void)state;
	setenv("DOCKER_HOST", "unix:///no/docker.sock", 1);
	setenv("CONTAINER_HOST", "unix:///no/podman.sock", 1);
	run_cases(&command_record, cases, sizeof(cases) / sizeof(cases[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
