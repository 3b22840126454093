// SPDX-License-Identifier: Apache-2.0
/* Every key of a spec: type, place, preset and help. */
#include "spec/rows.h"

#include <stddef.h>
#include <string.h>

#include "base/secret.h"
#include "spec/spec.h"

static const char *const runtimes[] = { "docker", "podman", "native", "attach", NULL };
static const char *const schedulers[] = { "observe", NULL };
static const char *const network_modes[] = { "none", "host", NULL };
static const char *const packets[] = { "offset", "incompressible", "timestamp", "random", NULL };

#define AT(field) .offset = offsetof(struct spec_ior, field)
const struct option_row spec_ior_rows[] = {
	{ "api", OPTION_STRING, AT(api),
	  .help = "backend, IOR's -a: POSIX, MPIIO or any other that the program has" },
	{ "file", OPTION_STRING, AT(file),
	  .help = "test file (-o); absent: a fresh name under the first volume, or in the working "
		  "directory" },
	{ "transfer", OPTION_SIZE, AT(transfer), .help = "bytes per call (-t)" },
	{ "block", OPTION_SIZE, AT(block),
	  .help = "contiguous bytes per rank and segment (-b), a multiple of transfer" },
	{ "segments", OPTION_INT, AT(segments), .min = 1, .help = "segments (-s)" },
	{ "ranks", OPTION_INT, AT(ranks), .min = 1, .max = 65536,
	  .help = "MPI processes; more than one are started by mpirun" },
	{ "repetitions", OPTION_INT, AT(repetitions), .min = 1, .help = "repetitions (-i)" },
	{ "write", OPTION_BOOL, AT(write), .help = "write (-w); absent with read: both" },
	{ "read", OPTION_BOOL, AT(read), .help = "read (-r)" },
	{ "verify_write", OPTION_BOOL, AT(verify_write),
	  .help = "read back and compare after writing (-W)" },
	{ "verify_read", OPTION_BOOL, AT(verify_read), .help = "compare what is read (-R)" },
	{ "file_per_process", OPTION_BOOL, AT(file_per_process), .help = "one file per rank (-F)" },
	{ "collective", OPTION_BOOL, AT(collective),
	  .help = "collective I/O (-c); needs api: MPIIO" },
	{ "reorder", OPTION_BOOL, AT(reorder),
	  .help = "read what a rank of the next node wrote (-C)" },
	{ "random", OPTION_BOOL, AT(random), .help = "random offsets within the file (-z)" },
	{ "fsync", OPTION_BOOL, AT(fsync), .help = "fsync before close (-e)" },
	{ "fsync_per_write", OPTION_BOOL, AT(fsync_per_write),
	  .help = "fsync after each write (-Y)" },
	{ "odirect", OPTION_BOOL, AT(odirect), .help = "O_DIRECT (--posix.odirect)" },
	{ "keep", OPTION_BOOL, AT(keep), .help = "keep the test file (-k)" },
	{ "wear_out", OPTION_BOOL, AT(wear_out),
	  .help = "after stonewall_s, let all ranks write what the fastest has (-O "
		  "stoneWallingWearOut=1)" },
	{ "barriers", OPTION_BOOL, AT(barriers),
	  .help = "barriers between open, write, read and close (-g)" },
	{ "rank_details", OPTION_BOOL, AT(rank_details),
	  .help = "what each rank did too (-O saveRankPerformanceDetailsCSV), from IOR 4.0 on" },
	{ "stonewall_s", OPTION_INT, AT(stonewall_s), .help = "seconds after which to stop (-D)" },
	{ "delay_s", OPTION_INT, AT(delay_s), .help = "seconds between repetitions (-d)" },
	{ "data", OPTION_STRING, AT(data), .choices = packets,
	  .help = "what the data looks like (-l)" },
	{ "options", OPTION_STRINGS, AT(options),
	  .help = "further arguments as IOR takes them, one per item" },
	{ "binary", OPTION_STRING, AT(binary),
	  .help = "program; absent: ior if the target has it, else cbpf-ior" },
	{ "hosts", OPTION_STRINGS, AT(hosts),
	  .help = "hosts for mpirun (--host), as NAME or NAME:RANKS; containers of the spec are "
		  "services, and waited for" },
	{ "launcher", OPTION_STRING, AT(launcher),
	  .help = "command line in place of mpirun and its arguments, such as 'srun -n 4'" },
	{ "mpirun", OPTION_STRINGS, AT(mpirun),
	  .help = "further arguments of the launcher, one per item" },
	{ "env", OPTION_STRMAP, AT(env), .help = "environment of this workload" },
	{ 0 },
};
#undef AT

const struct option_row spec_workload_rows[] = {
	{ "ior", OPTION_SECTION, offsetof(struct spec_workload, ior), .rows = spec_ior_rows,
	  .help = "an IOR run; absent keys are IOR's own defaults" },
	{ 0 },
};

#define AT(field) .offset = offsetof(struct spec_io, field)
static const struct option_row io_rows[] = {
	{ "device", OPTION_STRING, AT(device),
	  .help = "device, or a path on it; absent: that of the first volume" },
	{ "read_iops", OPTION_INT, AT(read_iops), .min = 1, .help = "reads per second at most" },
	{ "write_iops", OPTION_INT, AT(write_iops), .min = 1, .help = "writes per second at most" },
	{ "read_bps", OPTION_SIZE, AT(read_bps), .help = "bytes read per second at most" },
	{ "write_bps", OPTION_SIZE, AT(write_bps), .help = "bytes written per second at most" },
	{ "weight", OPTION_INT, AT(weight), .min = 10, .max = 1000,
	  .help = "share of the device under contention" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_ready, field)
static const struct option_row ready_rows[] = {
	{ "command", OPTION_STRINGS, AT(command), .shell = true,
	  .help = "ready when this exits 0 inside the container; a string is run by /bin/sh -c" },
	{ "port", OPTION_INT, AT(port), .min = 1, .max = 65535,
	  .help = "ready when this TCP port accepts connections" },
	{ "banner", OPTION_STRING, AT(banner),
	  .help = "... and what it sends by itself begins with this: SSH-" },
	{ "timeout", OPTION_DURATION, AT(timeout_ns), "30s", .help = "not ready by then: failed" },
	{ "interval", OPTION_DURATION, AT(interval_ns), "100ms", .help = "pause between attempts" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_before, field)
static const struct option_row before_rows[] = {
	{ "sync", OPTION_BOOL, AT(sync), .help = "write all dirty pages of the host" },
	{ "drop_caches", OPTION_BOOL, AT(drop_caches),
	  .help = "then drop the host's clean page cache, directory entries and inodes" },
	{ "trim", OPTION_BOOL, AT(trim),
	  .help = "then discard the free blocks of the file system that it uses" },
	{ "settle", OPTION_DURATION, AT(settle_ns),
	  .help = "then wait until the device of that is idle, at most so long" },
	{ "governor", OPTION_STRING, AT(governor),
	  .help = "that its CPUs shall have, such as performance: told if not, never changed" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_attachment, field)
static const struct option_row attachment_rows[] = {
	{ "ip", OPTION_STRING, AT(ip), .help = "static address" },
	{ "aliases", OPTION_STRINGS, AT(aliases), .help = "further host names on this network" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_container, field)
const struct option_row spec_container_rows[] = {
	{ "attach", OPTION_STRING, AT(attach),
	  .help = "with runtime: attach: a running container, by name or id, or a cgroup, as a "
		  "path "
		  "that begins with /" },
	{ "image", OPTION_STRING, AT(image), .help = "image; needed unless runtime: native" },
	{ "command", OPTION_STRINGS, AT(command), .shell = true,
	  .help = "what to run, a list; a string is run by /bin/sh -c; absent: the workload, or "
		  "the "
		  "image's own" },
	{ "entrypoint", OPTION_STRINGS, AT(entrypoint), .help = "in place of the image's own" },
	{ "workload", OPTION_SECTION, AT(workload), .rows = spec_workload_rows,
	  .help = "a benchmark that cbpf runs and whose results it reads" },
	{ "env", OPTION_STRMAP, AT(env), .help = "environment, a mapping or a list of NAME=VALUE" },
	{ "cpus", OPTION_CPUS, AT(cpus), .help = "CPUs it may use: 0,2,4-7" },
	{ "cpu_limit", OPTION_REAL, AT(cpu_limit), .help = "CPUs' worth of time at most: 1.5" },
	{ "memory", OPTION_SIZE, AT(memory), .help = "memory at most" },
	{ "memory_swap", OPTION_SIZE, AT(memory_swap), .help = "memory and swap together at most" },
	{ "pids", OPTION_INT, AT(pids), .min = 1, .help = "processes and threads at most" },
	{ "io", OPTION_SECTION, AT(io), .rows = io_rows, .help = "limits of block I/O" },
	{ "volumes", OPTION_STRINGS, AT(volumes),
	  .help = "SOURCE:PATH[:ro]; SOURCE is a path, a volume's name, or tmpfs; a volume that "
		  "the run "
		  "has to make is removed with it" },
	{ "cap_add", OPTION_STRINGS, AT(cap_add), .help = "capabilities to add" },
	{ "cap_drop", OPTION_STRINGS, AT(cap_drop), .help = "capabilities to drop" },
	{ "privileged", OPTION_BOOL, AT(privileged), .help = "all capabilities and devices" },
	{ "shm_size", OPTION_SIZE, AT(shm_size), .help = "size of /dev/shm" },
	{ "ulimits", OPTION_STRMAP, AT(ulimits),
	  .help = "limits by name: nofile: 1024, or soft and hard as 1024:2048" },
	{ "working_dir", OPTION_STRING, AT(working_dir), .help = "working directory" },
	{ "user", OPTION_STRING, AT(user), .help = "user or user:group, names or numbers" },
	{ "hostname", OPTION_STRING, AT(hostname), .help = "host name inside" },
	{ "network_mode", OPTION_STRING, AT(network_mode), .choices = network_modes,
	  .help = "no network, or the host's" },
	{ "networks", OPTION_SECTIONS, AT(networks), .rows = attachment_rows,
	  .size = sizeof(struct spec_attachment), .names = true,
	  .help = "networks to join, a list of names or a mapping" },
	{ "labels", OPTION_STRMAP, AT(labels), .help = "labels" },
	{ "start", OPTION_DURATION, AT(start_ns), "0s",
	  .help = "when to start, from the run's start" },
	{ "stop", OPTION_DURATION, AT(stop_ns),
	  .help = "when to stop, from the run's start; absent: when it exits by itself" },
	{ "depends_on", OPTION_STRINGS, AT(depends_on),
	  .help = "containers that must be ready before" },
	{ "ready", OPTION_SECTION, AT(ready), .rows = ready_rows,
	  .help = "when it counts as ready; absent: once started" },
	{ "before", OPTION_SECTION, AT(before), .rows = before_rows, .marked = true,
	  .help = "what is done to the host before it starts; with an IOR workload, before each "
		  "write and each read, which run one by one then" },
	{ "service", OPTION_BOOL, AT(service),
	  .help = "it serves others: ended when all that are no service have; when it ends before, "
		  "those that depend on it are ended and the run has failed; absent: true for what "
		  "ior: {hosts: ...} names" },
	{ "ssh", OPTION_BOOL, AT(ssh),
	  .help = "has ssh keys that are made for the run; without command and workload it is a "
		  "service that runs sshd, so that ior: {hosts: ...} can name it" },
	{ "stop_grace", OPTION_DURATION, AT(stop_grace_ns), "10s",
	  .help = "time between SIGTERM and SIGKILL" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_network, field)
static const struct option_row network_rows[] = {
	{ "subnet", OPTION_STRING, AT(subnet), .help = "address range: 172.21.0.0/24" },
	{ "driver", OPTION_STRING, AT(driver), .help = "network driver; absent: the engine's own" },
	{ 0 },
};
#undef AT

static const char *const perf_backends[] = { "auto", "bpf", "cgroup", NULL };

#define AT(field) .offset = offsetof(struct spec_perf, field)
static const struct option_row perf_rows[] = {
	{ "mode", OPTION_TRI, AT(mode), "auto", .help = "true, auto or false" },
	{ "events", OPTION_STRINGS, AT(events),
	  .help = "what to count, as perf list names it, or stalls_total and its like; absent: CPU "
		  "time, switches and faults, and of the hardware instructions, cycles, cache and "
		  "branch misses" },
	{ "backend", OPTION_ENUM, AT(backend), "auto", .choices = perf_backends,
	  .help = "who tells targets apart; bpf: the same few events for any number of targets; "
		  "cgroup: "
		  "the kernel, with events for each target; auto: the first of them that this host "
		  "can" },
	{ 0 },
};
#undef AT

static const char *const block_times[] = { "auto", "own", "kernel", NULL };

#define AT(field) .offset = offsetof(struct spec_block, field)
static const struct option_row block_rows[] = {
	{ "mode", OPTION_TRI, AT(mode), "true", .help = "true, auto or false" },
	{ "times", OPTION_ENUM, AT(times), "auto", .choices = block_times,
	  .help = "whose times: cbpf's own, which are exact and needed for sharing; the kernel's, "
		  "which cost less; auto: own, until without sharing the kernel's prove right" },
	{ "sharing", OPTION_BOOL, AT(sharing), "true",
	  .help = "queue depth, each owner's share of a device, and interference" },
	{ 0 },
};
#undef AT

static const char *const vfs_backends[] = { "auto", "fentry", "syscalls", "kprobe", NULL };

#define AT(field) .offset = offsetof(struct spec_vfs, field)
static const struct option_row vfs_rows[] = {
	{ "mode", OPTION_TRI, AT(mode), "auto", .help = "true, auto or false" },
	{ "backend", OPTION_ENUM, AT(backend), "auto", .choices = vfs_backends,
	  .help = "how calls are seen; auto: the best that loads" },
	{ "files", OPTION_INT, AT(files), "0", .min = 0, .max = 65536,
	  .help = "how many of the files that are used most are told apart; 0: none, as each call "
		  "costs more" },
	{ 0 },
};
#undef AT

static const char *const cache_backends[] = { "auto", "tp_btf", "fentry", "kprobe", NULL };

#define AT(field) .offset = offsetof(struct spec_pagecache, field)
static const struct option_row pagecache_rows[] = {
	{ "mode", OPTION_TRI, AT(mode), "auto", .help = "true, auto or false" },
	{ "backend", OPTION_ENUM, AT(backend), "auto", .choices = cache_backends,
	  .help = "what sees reads; auto: the first of the others that this host can" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_rdt, field)
static const struct option_row rdt_rows[] = {
	{ "mode", OPTION_TRI, AT(mode), "auto", .help = "true, auto or false" },
	{ "root", OPTION_STRING, AT(root),
	  .help = "where resctrl is mounted; absent: /sys/fs/resctrl, where it is mounted for the "
		  "run if it is not" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_profile, field)
const struct option_row spec_profile_rows[] = {
	{ "mode", OPTION_TRI, AT(mode), "false",
	  .help = "true, auto or false; auto where only the rest is given" },
	{ "frequency", OPTION_INT, AT(frequency), "99", .min = 1, .max = 10000,
	  .help = "samples per second and CPU" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec_collectors, field)
static const struct option_row collector_rows[] = {
	{ "block", OPTION_SECTION, AT(block), .rows = block_rows, .scalar = "mode",
	  .help = "block I/O by owner and device" },
	{ "vfs", OPTION_SECTION, AT(vfs), .rows = vfs_rows, .scalar = "mode",
	  .help = "file system calls by operation and mount" },
	{ "pagecache", OPTION_SECTION, AT(pagecache), .rows = pagecache_rows, .scalar = "mode",
	  .help = "page cache hits and dirty pages" },
	{ "sched", OPTION_TRI, AT(sched), "auto", .help = "time on and waiting for a CPU" },
	{ "perf", OPTION_SECTION, AT(perf), .rows = perf_rows, .scalar = "mode",
	  .help = "events of hardware and kernel that its tasks caused" },
	{ "profile", OPTION_SECTION, AT(profile), .rows = spec_profile_rows, .scalar = "mode",
	  .help = "what its tasks ran on CPUs, by samples of their stacks" },
	{ "cgroup", OPTION_TRI, AT(cgroup), "true", .help = "cgroup and network statistics" },
	{ "rdt", OPTION_SECTION, AT(rdt), .rows = rdt_rows, .scalar = "mode",
	  .help = "use of L3 caches and memory bandwidth (RDT)" },
	{ 0 },
};
#undef AT

/* The section is the one string of struct spec. */
static const struct option_row scheduler_rows[] = {
	{ "use", OPTION_STRING, 0, "observe", .choices = schedulers,
	  .help = "observe: watch and change nothing" },
	{ 0 },
};

#define AT(field) .offset = offsetof(struct spec_influxdb, field)
const struct option_row spec_influxdb_rows[] = {
	{ "url", OPTION_STRING, AT(url), .url = true,
	  .help = "address of the server: http://HOST:8086; absent: that of INFLUXDB_HOST" },
	{ "bucket", OPTION_STRING, AT(bucket),
	  .help = "bucket (2; 1.8 and 3 without org); absent, without a database: "
		  "INFLUXDB_BUCKET" },
	{ "org", OPTION_STRING, AT(org), .help = "organisation (2); absent: INFLUXDB_ORG" },
	{ "database", OPTION_STRING, AT(database),
	  .help = "database, in place of a bucket: of 1, or with a token and no user of 3" },
	{ "retention_policy", OPTION_STRING, AT(retention_policy),
	  .help = "retention policy (1); absent: the database's own" },
	{ "token", OPTION_STRING, AT(token), .secret = true,
	  .help = "API token (2, 3); absent: of token_file, the systemd credential influxdb-token, "
		  "or INFLUXDB_TOKEN" },
	{ "token_file", OPTION_STRING, AT(token_file), .help = "file that holds the token" },
	{ "user", OPTION_STRING, AT(user), .help = "user (1); absent: INFLUXDB_USER" },
	{ "password", OPTION_STRING, AT(password), .secret = true,
	  .help = "password (1); absent: of password_file, the systemd credential "
		  "influxdb-password, or INFLUXDB_PASSWORD" },
	{ "password_file", OPTION_STRING, AT(password_file),
	  .help = "file that holds the password" },
	{ "ca_file", OPTION_STRING, AT(ca_file),
	  .help = "certificates (PEM) that https:// is verified by; absent: the system's" },
	{ "insecure", OPTION_BOOL, AT(insecure), "false",
	  .help = "do not verify the server's certificate" },
	{ "gzip", OPTION_BOOL, AT(gzip), "true", .help = "send compressed" },
	{ "batch_lines", OPTION_INT, AT(batch_lines), "5000", .min = 1, .max = 1000000,
	  .help = "points in a request at most" },
	{ "batch_bytes", OPTION_SIZE, AT(batch_bytes), "1MiB",
	  .help = "size of a request at most, before it is compressed" },
	{ "timeout", OPTION_DURATION, AT(timeout_ns), "10s",
	  .help = "a request that takes longer is tried again" },
	{ "flush_timeout", OPTION_DURATION, AT(flush_timeout_ns), "30s",
	  .help = "how long a run waits at its end for the server; what is left then is for cbpf "
		  "export" },
	{ "histograms", OPTION_BOOL, AT(histograms), "false",
	  .help = "send every latency histogram in buckets, too, for heatmaps" },
	{ 0 },
};
#undef AT

#define FILE_TIMEOUT_HELP                                                                          \
	"how long a run waits at its end for the disk, or who reads a pipe; what is left then is " \
	"for cbpf export"

static const struct option_row points_rows[] = {
	{ "path", OPTION_STRING, offsetof(struct spec_points, path),
	  .help = "of the file, which is added to; absent: in the run's directory" },
	{ "histograms", OPTION_BOOL, offsetof(struct spec_points, histograms), "false",
	  .help = "the buckets of latencies and sizes as points, too" },
	{ "flush_timeout", OPTION_DURATION, offsetof(struct spec_points, flush_timeout_ns), "30s",
	  .help = FILE_TIMEOUT_HELP },
	{ 0 },
};

static const struct option_row csv_rows[] = {
	{ "path", OPTION_STRING, offsetof(struct spec_csv, path),
	  .help = "of a directory that gets one for each run; absent: csv in the run's" },
	{ "flush_timeout", OPTION_DURATION, offsetof(struct spec_csv, flush_timeout_ns), "30s",
	  .help = FILE_TIMEOUT_HELP },
	{ 0 },
};

static const struct option_row openmetrics_rows[] = {
	{ "listen", OPTION_STRING, offsetof(struct spec_openmetrics, listen), "127.0.0.1:9464",
	  .help = "address that serves /metrics while the run lasts" },
	{ 0 },
};

#define AT(field) .offset = offsetof(struct spec_sinks, field)
static const struct option_row sink_rows[] = {
	{ "influxdb", OPTION_SECTION, AT(influxdb), .rows = spec_influxdb_rows, .marked = true,
	  .help = "an InfluxDB server" },
	{ "jsonl", OPTION_SECTION, AT(jsonl), .rows = points_rows, .marked = true, .scalar = "path",
	  .help = "a file of JSON objects, one for each point" },
	{ "line", OPTION_SECTION, AT(line), .rows = points_rows, .marked = true, .scalar = "path",
	  .help = "a file of InfluxDB's line protocol" },
	{ "csv", OPTION_SECTION, AT(csv), .rows = csv_rows, .marked = true, .scalar = "path",
	  .help = "a CSV file for each table of the run's database, at its end" },
	{ "openmetrics", OPTION_SECTION, AT(openmetrics), .rows = openmetrics_rows, .marked = true,
	  .scalar = "listen", .help = "an endpoint for Prometheus while the run lasts" },
	{ 0 },
};
#undef AT

#define AT(field) .offset = offsetof(struct spec, field)
const struct option_row spec_rows[] = {
	{ "name", OPTION_STRING, AT(name), .help = "name of the run; absent: the file's name" },
	{ "description", OPTION_STRING, AT(description), .help = "what is measured and why" },
	{ "duration", OPTION_DURATION, AT(duration_ns), "10m",
	  .help = "upper bound; the run ends when its workloads have" },
	{ "interval", OPTION_DURATION, AT(interval_ns), "100ms",
	  .help = "time between samples, 10ms to 60s" },
	{ "drain", OPTION_DURATION, AT(drain_ns), "30s",
	  .help = "upper bound of the wait for dirty pages at the end" },
	{ "runtime", OPTION_ENUM, AT(runtime), "docker", .choices = runtimes,
	  .help = "who runs the containers; native: plain processes in a cgroup; attach: somebody "
		  "else, they are "
		  "only looked at (what has a command is a plain process)" },
	{ "repeat", OPTION_INT, AT(repeat), "1", .min = 1, .max = 1000,
	  .help = "repetitions of the whole run, for statistics" },
	{ "matrix", OPTION_MATRIX, AT(axes),
	  .help = "axes, each with its values: a run for every combination (see Matrix)" },
	{ "collectors", OPTION_SECTION, AT(collectors), .rows = collector_rows,
	  .help = "what to watch; true: required, auto: if this host can, false: off" },
	{ "scheduler", OPTION_SECTION, AT(scheduler), .rows = scheduler_rows, .scalar = "use",
	  .help = "who may act on the containers while they run" },
	{ "sinks", OPTION_SECTION, AT(sinks), .rows = sink_rows,
	  .help = "where to send the samples besides the local store" },
	{ "networks", OPTION_SECTIONS, AT(networks), .rows = network_rows,
	  .size = sizeof(struct spec_network), .names = true,
	  .help = "networks to create for the run, by name" },
	{ "containers", OPTION_SECTIONS, AT(containers), .rows = spec_container_rows,
	  .size = sizeof(struct spec_container), .required = true, .help = "what runs, by name" },
	{ "findings", OPTION_STRMAP, AT(findings),
	  .help = "thresholds of rules, by RULE.NAME: {cache-reads.ratio: 0.2}" },
	{ "expect", OPTION_STRINGS, AT(expect),
	  .help = "thresholds: victim.block.read.p99 < 5ms; a run that misses one exits 4" },
	{ 0 },
};
#undef AT

bool spec_is_secret(const char *key)
{
	const char *dot = strrchr(key, '.'), *last = dot ? dot + 1 : key;
	const struct option_row *row = option_find(spec_influxdb_rows, last);

	return secret_has_name(last) ||
	       (row && (row->secret || row->url) && (!dot || !strncmp(key, "sinks.", 6)));
}
