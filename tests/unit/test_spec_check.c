// SPDX-License-Identifier: Apache-2.0
/* What only the whole of a spec can tell. */
#include "spec/load.h"

#include "spec_case.h"

/* A container that can have networks, up to its keys, which go on in line 5. */
#define SPEC_NET "runtime: docker\ncontainers:\n  a:\n    image: i\n"

static const struct spec_case cases[] = {
	{ "something to do before", SPEC_A "    before: {sync: true, settle: 1s}\n", "" },
	{ "nothing to do before", SPEC_A "    before: {sync: false}\n",
	  "f:5:20: before: nothing is asked for: give sync, drop_caches, trim, settle or "
	  "governor\n" },
	{ "what is dirty stays in the cache", SPEC_A "    before: {drop_caches: true}\n",
	  "f:5:27: warning: before: drop_caches leaves dirty pages in the cache: give sync too\n" },
	{ "keys of before", SPEC_A "    before: {sync: true, drop_cache: true}\n",
	  "f:5:26: unknown key 'drop_cache'; did you mean 'drop_caches'?\n" },
	{ "containers are needed", "runtime: native\n",
	  "f:1:1: needs at least one container under 'containers:'\n" },
	{ "no containers are not enough", "containers: {}\n",
	  "f:1:13: needs at least one container under 'containers:'\n" },
	{ "a container of an engine needs an image", "containers:\n  a: {command: [x]}\n",
	  "f:2:3: container 'a' needs an image with runtime: docker\n" },
	{ "an empty image is none", "runtime: podman\ncontainers:\n  a: {image: ''}\n",
	  "f:3:14: container 'a' needs an image with runtime: podman\n" },
	{ "an image of the wrong type is told once", "containers:\n  a: {image: [x]}\n",
	  "f:2:14: image: expected a value, got a list\n" },
	{ "an image's own command will do", "containers:\n  a: {image: i}\n", "" },
	{ "a native container may have an image", SPEC_A "    image: i\n", "" },
	{ "a native container needs something to run",
	  "runtime: native\ncontainers:\n  a: {image: i}\n",
	  "f:3:3: container 'a' needs a command or a workload with runtime: native\n" },
	{ "plain processes have neither privileges nor namespaces of their own",
	  SPEC_A "    cap_add: [SYS_ADMIN]\n    cap_drop: ALL\n    privileged: true\n"
		 "    shm_size: 1g\n    hostname: h\n    network_mode: none\n",
	  "f:5:14: cap_add: a plain process cannot have that; remove it or use runtime: docker\n"
	  "f:6:15: cap_drop: a plain process cannot have that; remove it or use runtime: docker\n"
	  "f:7:17: privileged: a plain process cannot have that; remove it or use runtime: docker\n"
	  "f:8:15: shm_size: a plain process cannot have that; remove it or use runtime: docker\n"
	  "f:9:15: hostname: a plain process cannot have that; remove it or use runtime: docker\n"
	  "f:10:19: network_mode: a plain process cannot have that; remove it or use runtime: "
	  "docker\n" },
	{ "plain processes join no networks", SPEC_A "    networks: [n]\nnetworks: [n]\n",
	  "f:5:16: networks: a plain process cannot have that; remove it or use runtime: "
	  "docker\n" },
	{ "what plain processes have anyway may be said",
	  SPEC_A "    network_mode: host\n    privileged: false\n", "" },
	{ "a command and a workload are one too many", SPEC_A "    workload: {ior: {}}\n",
	  "f:4:14: container 'a' has a command and a workload; give one of both\n" },
	{ "what runs already is attached to with a runtime of its own",
	  "runtime: docker\ncontainers:\n  a: {image: i, attach: x}\n",
	  "f:3:14: image: what is attached to stays as it is; remove it\n"
	  "f:3:25: attach: needs runtime: attach, which starts no containers\n" },
	{ "and with nothing else",
	  "runtime: attach\ncontainers:\n  a: {attach: x}\n  b: {attach: /y, stop: 1s}\n", "" },
	{ "a command beside it is a container of its own",
	  "runtime: attach\ncontainers:\n  a: {attach: x}\n  b: {command: [y]}\n", "" },
	{ "what is attached to is not changed",
	  "runtime: attach\ncontainers:\n  a:\n    attach: x\n    command: [y]\n    cpus: \"0\"\n  "
	  "  memory: 1g\n",
	  "f:5:14: command: what is attached to stays as it is; remove it\n"
	  "f:6:11: cpus: what is attached to stays as it is; remove it\n"
	  "f:7:13: memory: what is attached to stays as it is; remove it\n" },
	{ "it needs something", "runtime: attach\ncontainers:\n  a: {}\n",
	  "f:3:3: container 'a' needs a command, something to attach to or a workload with "
	  "runtime: "
	  "attach\n" },
	{ "keys of ssh need a container", SPEC_A "    ssh: true\n",
	  "f:5:10: ssh: a plain process cannot have that; remove it or use runtime: docker\n" },
	{ "and a network", SPEC_NET "    ssh: true\n    network_mode: none\n",
	  "f:5:10: ssh: with network_mode: none nobody can reach it\n" },
	{ "and a user who has a number", SPEC_NET "    ssh: true\n    user: joe\n",
	  "f:6:11: ssh: give the user 'joe' as a number, to whom the keys belong\n" },
	{ "root is one", SPEC_NET "    ssh: true\n    user: root\n", "" },
	{ "a banner is that of a port", SPEC_NET "    ready: {command: [x], banner: SSH-}\n",
	  "f:5:35: ready: banner needs port beside it\n" },
	{ "container names have a form", "runtime: native\ncontainers:\n  a/b: {command: [x]}\n",
	  "f:3:3: the container name 'a/b' may hold letters, digits, '_', '.' and '-' and begins "
	  "with a letter or digit\n" },
	{ "container names do not begin with a dash",
	  "runtime: native\ncontainers:\n  -b: {command: [x]}\n",
	  "f:3:3: the container name '-b' may hold letters, digits, '_', '.' and '-' and begins "
	  "with a letter or digit\n" },
	{ "the run's name has the same form", SPEC_A "name: a b\n",
	  "f:5:7: the name 'a b' may hold letters, digits, '_', '.' and '-' and begins with a "
	  "letter or digit\n" },
	{ "the run's name fits into its id",
	  SPEC_A "name: a123456789012345678901234567890123456789012345678901234567890123\n",
	  "f:5:7: name: at most 63 characters\n" },
	{ "a duration of zero is refused", SPEC_A "duration: 0\n",
	  "f:5:11: duration must be above zero\n" },
	{ "an interval below 10ms is refused", SPEC_A "interval: 9ms\n",
	  "f:5:11: interval: expected 10ms to 60s\n" },
	{ "an interval of 10ms is accepted", SPEC_A "interval: 10ms\n", "" },
	{ "an interval of 60s is accepted", SPEC_A "interval: 60s\n", "" },
	{ "an interval above 60s is refused", SPEC_A "interval: 61s\n",
	  "f:5:11: interval: expected 10ms to 60s\n" },
	{ "stop is after start", SPEC_A "    start: 2s\n    stop: 2s\n",
	  "f:6:11: stop must be after start\n" },
	{ "start is within the run", SPEC_A "    start: 2s\nduration: 2s\n",
	  "f:5:12: start is not before the run's duration is over: it would never start\n" },
	{ "ready is one of two", SPEC_A "    ready:\n      command: x\n      port: 1\n",
	  "f:7:13: ready: give a command or a port, not both\n" },
	{ "ready does not spin", SPEC_A "    ready: {port: 1, interval: 0}\n",
	  "f:5:32: ready: interval must be above zero\n" },
	{ "no limit of zero", SPEC_A "    memory: 0\n    io: {read_bps: 0}\n",
	  "f:5:13: a limit of zero; leave the key out for no limit\n"
	  "f:6:20: a limit of zero; leave the key out for no limit\n" },
	{ "a CPU limit is above zero", SPEC_A "    cpu_limit: 0\n",
	  "f:5:16: cpu_limit must be above zero\n" },
	{ "a swap limit needs a memory limit", SPEC_A "    memory_swap: 1g\n",
	  "f:5:18: memory_swap needs memory beside it\n" },
	{ "a swap limit contains the memory limit", SPEC_A "    memory: 2g\n    memory_swap: 1g\n",
	  "f:6:18: memory_swap counts memory and swap together: it cannot be below memory\n" },
	{ "volumes have a form",
	  SPEC_A "    volumes: [v, 'v:v', 'v:/v:x', ':/v', 'v:/v:ro', '/a:/b']\n",
	  "f:5:15: volumes: expected SOURCE:/PATH or SOURCE:/PATH:ro, got 'v'\n"
	  "f:5:18: volumes: expected SOURCE:/PATH or SOURCE:/PATH:ro, got 'v:v'\n"
	  "f:5:25: volumes: expected SOURCE:/PATH or SOURCE:/PATH:ro, got 'v:/v:x'\n"
	  "f:5:35: volumes: expected SOURCE:/PATH or SOURCE:/PATH:ro, got ':/v'\n" },
	{ "ulimits have a form",
	  SPEC_A "    ulimits: {nofile: 1:2, core: unlimited, nproc: 5, stack: 1:x}\n",
	  "f:5:62: ulimits: expected a number, soft:hard or unlimited for stack, got '1:x'\n" },
	{ "cbpf's labels are its own", SPEC_A "    labels: {cbpf.run: x, mine: y}\n",
	  "f:5:24: labels: those that begin with 'cbpf.' are cbpf's own\n" },
	{ "variables have a name", SPEC_A "    env: {'': x, A=B: y, C: z}\n",
	  "f:5:15: env: '' cannot be the name of a variable\n"
	  "f:5:23: env: 'A=B' cannot be the name of a variable\n" },
	{ "networks must exist", SPEC_NET "    networks: [clutser]\nnetworks: [cluster]\n",
	  "f:5:16: unknown network 'clutser'; did you mean 'cluster'?\n" },
	{ "addresses have a form", SPEC_NET "    networks:\n      n: {ip: 1.2.3}\nnetworks: [n]\n",
	  "f:6:15: ip: expected an address such as 172.21.0.2, got '1.2.3'\n" },
	{ "IPv6 addresses work",
	  SPEC_NET "    networks:\n      n: {ip: 'fd00::2'}\nnetworks: [n]\n", "" },
	{ "subnets have a form",
	  SPEC_NET
	  "networks: {a: {subnet: 10.0.0.0}, b: {subnet: 10.0.0.0/33}, c: {subnet: 'fd00::/64'}}\n",
	  "f:5:24: subnet: expected a range such as 172.21.0.0/24, got '10.0.0.0'\n"
	  "f:5:47: subnet: expected a range such as 172.21.0.0/24, got '10.0.0.0/33'\n" },
	{ "a network mode excludes networks",
	  SPEC_NET "    network_mode: host\n    networks: [n]\nnetworks: [n]\n",
	  "f:5:19: network_mode: host leaves no room for networks; give one of both\n" },
	{ "influxdb needs a url", SPEC_A "sinks: {influxdb: {bucket: b}}\n",
	  "f:1:1: influxdb: needs a url, or INFLUXDB_HOST in the environment\n" },
	{ "a query could be a token",
	  SPEC_A "sinks: {influxdb: {url: 'http://h:8086/?token=hush', bucket: b}}\n",
	  "f:5:25: influxdb: url: it has a query; say that by keys of the spec\n" },
	{ "nor is it one of no scheme, or a fragment",
	  SPEC_A "sinks: {influxdb: {url: 'h:8086/#hush', bucket: b}}\n",
	  "f:5:25: influxdb: url: it has a query; say that by keys of the spec\n" },
	{ "an unclosed '${' quotes no secret",
	  SPEC_A "sinks: {influxdb: {url: 'http://me:${hush', bucket: b, password: 'p${hush'}}\n",
	  "f:5:25: url: '${' without its '}'\nf:5:66: password: '${' without its '}'\n" },
	{ "nor of the environment of a container",
	  "runtime: native\ncontainers: {a: {command: x, env: {API_TOKEN: 'p${hush'}}}\n",
	  "f:2:47: API_TOKEN: '${' without its '}'\n" },
	{ "influxdb needs a bucket or a database", SPEC_A "sinks: {influxdb: {url: u}}\n",
	  "f:5:25: influxdb: needs a bucket (2, 3) or a database (1, 3), or INFLUXDB_BUCKET in the "
	  "environment\n" },
	{ "a password that ends the host would be stored",
	  SPEC_A "sinks: {influxdb: {url: 'http://me:p/ss@h:8086', bucket: b}}\n",
	  "f:5:25: influxdb: url: an '@' behind the host; in a user or password write '/' as %2F, "
	  "'?' as %3F and '#' as %23, or use password_file\n" },
	{ "one that is escaped is fine",
	  SPEC_A "sinks: {influxdb: {url: 'http://me:p%2Fss@h:8086/x', bucket: b}}\n", "" },
	{ "influxdb takes one of both",
	  SPEC_A "sinks: {influxdb: {url: u, bucket: b, database: d}}\n",
	  "f:5:36: influxdb: give a bucket (2, 3) or a database (1, 3), not both\n" },
	{ "what belongs to a bucket does not go with a database",
	  SPEC_A "sinks: {influxdb: {url: u, database: d, org: o}}\n",
	  "f:5:46: influxdb: an org goes with a bucket; a database has none\n" },
	{ "nor the other way round",
	  SPEC_A "sinks: {influxdb: {url: u, bucket: b, retention_policy: r}}\n",
	  "f:5:57: influxdb: a retention_policy goes with a database; of a bucket it is part: "
	  "DATABASE/POLICY\n" },
	{ "a secret is given or in a file",
	  SPEC_A "sinks: {influxdb: {url: u, bucket: b, token: x, token_file: f}}\n",
	  "f:5:61: influxdb: give token or token_file, not both\n" },
	{ "of a spec that was stored, the secret is in the file only",
	  SPEC_A "sinks: {influxdb: {url: u, bucket: b, token: '***', token_file: f}}\n", "" },
	{ "batches have a size", SPEC_A "sinks: {influxdb: {url: u, bucket: b, batch_bytes: 0}}\n",
	  "f:5:52: influxdb: batch_bytes: expected 1 to 64MiB\n" },
	{ "requests have time", SPEC_A "sinks: {influxdb: {url: u, bucket: b, timeout: 0s}}\n",
	  "f:5:48: influxdb: timeout must be above zero\n" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	spec_case_run_all(cases);
}

static void the_environment_may_say_where_influxdb_is(void **state)
{
	struct spec *spec;

	(void)state;
	setenv("INFLUXDB_HOST", "http://h:8086", 1);
	setenv("INFLUXDB_BUCKET", "b", 1);
	spec = spec_case_valid(SPEC_A "sinks: {influxdb: {}}\n");
	assert_int_equal(spec->sinks.influxdb.given, FLAG_ON);
	assert_null(spec->sinks.influxdb.url);
	assert_int_equal(spec->sinks.influxdb.batch_lines, 5000);
	assert_int_equal(spec->sinks.influxdb.gzip, FLAG_ON);
	spec_free(spec);
	unsetenv("INFLUXDB_HOST");
	unsetenv("INFLUXDB_BUCKET");
}

static void containers_are_bounded(void **state)
{
	struct buf yaml = BUF_INIT(1 << 20), messages = BUF_INIT(1 << 20);

	(void)state;
	buf_puts(&yaml, "runtime: native\ncontainers:\n");
	for (int i = 0; i < 257; i++)
		buf_printf(&yaml, "  c%d: {command: [x]}\n", i);
	assert_null(spec_case_parse(buf_str(&yaml), NULL, &messages));
	assert_string_equal(buf_str(&messages), "f:3:3: more than 256 containers\n");
	buf_fini(&yaml);
	buf_fini(&messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(the_environment_may_say_where_influxdb_is),
		cmocka_unit_test(containers_are_bounded),
	};

	unsetenv("INFLUXDB_HOST");
	unsetenv("INFLUXDB_BUCKET");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
