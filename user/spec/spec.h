/* SPDX-License-Identifier: Apache-2.0 */
/* A spec as structs: what the user asked for, with presets filled in and nothing resolved. */
#ifndef CBPF_SPEC_SPEC_H
#define CBPF_SPEC_SPEC_H

#include <stdint.h>

#include "base/option.h"
#include "base/strlist.h"

struct buf;
struct err;

enum runtime_kind { RUNTIME_DOCKER, RUNTIME_PODMAN, RUNTIME_NATIVE, RUNTIME_ATTACH };

/* `ior:`. FLAG_UNSET, OPTION_UNSET, NAN and NULL stand for IOR's own default. */
struct spec_ior {
	char *api;
	char *file;
	uint64_t transfer, block; /* bytes */
	uint64_t segments, ranks, repetitions;
	enum flag write, read, verify_write, verify_read;
	enum flag file_per_process, collective, reorder, random;
	enum flag fsync, fsync_per_write, odirect, keep, wear_out, barriers, rank_details;
	uint64_t stonewall_s, delay_s;
	char *data; /* packet kind */
	struct str_list options; /* further arguments, as IOR takes them */
	char *binary; /* NULL: ior if the target has it, else cbpf-ior */
	struct str_list hosts;
	char *launcher; /* NULL: mpirun when ranks > 1 */
	struct str_list mpirun; /* further arguments of the launcher */
	struct str_map env;
};

struct spec_workload {
	enum flag has_ior; /* an `ior:` mapping was given */
	struct spec_ior ior;
};

struct spec_io {
	char *device; /* /dev/... or a path on the device; NULL: that of the first volume */
	uint64_t read_iops, write_iops, read_bps, write_bps; /* OPTION_UNSET: no limit */
	uint64_t weight;
};

struct spec_ready {
	struct str_list command; /* ready when it exits 0 inside the target */
	uint64_t port; /* ready when it accepts TCP connections */
	char *banner; /* ... and what it sends by itself begins with this; NULL: no matter */
	uint64_t timeout_ns;
	uint64_t interval_ns;
};

/* What is done to the host before a target's program runs; of IOR, before each write and read. */
struct spec_before {
	enum flag given;
	enum flag sync, drop_caches, trim;
	uint64_t
		settle_ns; /* at most, until its device is idle; OPTION_UNSET: it is not waited for */
	char *governor; /* that CPUs shall have, which is told if not; NULL: any */
};

struct spec_attachment { /* networks: {NAME: {ip: ...}} of a container */
	char *name;
	char *ip; /* static address, or NULL */
	struct str_list aliases;
};

struct spec_container {
	char *name;
	char *attach; /* what runs already: a container's name or id, or a cgroup's path; NULL */
	char *image;
	struct str_list command; /* empty: the image's own, or the workload's */
	struct str_list entrypoint;
	struct spec_workload workload;
	struct str_map env;
	char *cpus; /* CPU list: cpuset */
	double cpu_limit; /* CPUs' worth of time per second; NAN: no limit */
	uint64_t memory, memory_swap; /* bytes */
	uint64_t pids;
	struct spec_io io;
	struct str_list volumes; /* SRC:DEST[:ro]; SRC is a path, a name, or "tmpfs" */
	struct str_list cap_add, cap_drop;
	enum flag privileged;
	uint64_t shm_size;
	struct str_map ulimits; /* nofile: "1024" or "1024:2048" */
	char *working_dir;
	char *user;
	char *hostname;
	char *network_mode; /* none, host, or NULL */
	struct section_list networks; /* of struct spec_attachment */
	struct str_map labels;
	uint64_t start_ns; /* after the run's start; 0 preset */
	uint64_t stop_ns; /* OPTION_UNSET: when it exits by itself */
	struct str_list depends_on;
	struct spec_ready ready;
	struct spec_before before;
	enum flag service; /* ends when all others have */
	enum flag ssh; /* has the run's ssh keys; alone it is a service that runs sshd */
	uint64_t stop_grace_ns;
};

struct spec_network {
	char *name;
	char *subnet;
	char *driver;
};

enum perf_backend_choice { COUNT_AUTO, COUNT_BPF, COUNT_CGROUP };

struct spec_perf {
	enum tri mode;
	int backend; /* enum perf_backend_choice */
	struct str_list events;
};

enum block_clock_choice { CLOCK_AUTO, CLOCK_OWN, CLOCK_KERNEL };

struct spec_block {
	enum tri mode;
	int times; /* enum block_clock_choice */
	enum flag sharing;
};

enum vfs_backend_choice { VFS_AUTO, VFS_FENTRY, VFS_SYSCALLS, VFS_KPROBE };

struct spec_vfs {
	enum tri mode;
	int backend; /* enum vfs_backend_choice */
	uint64_t files; /* how many are told apart */
};

enum cache_backend_choice { CACHE_AUTO, CACHE_TP_BTF, CACHE_FENTRY, CACHE_KPROBE };

struct spec_pagecache {
	enum tri mode;
	int backend; /* enum cache_backend_choice */
};

struct spec_rdt {
	enum tri mode;
	char *root; /* of resctrl; NULL: /sys/fs/resctrl, mounted if need be */
};

struct spec_profile {
	enum tri mode;
	uint64_t frequency; /* samples per second and CPU */
};

struct spec_collectors {
	struct spec_block block; /* `block: true` is short for `block: {mode: true}` */
	struct spec_vfs vfs; /* `vfs: true` is short for `vfs: {mode: true}` */
	enum tri sched, cgroup;
	struct spec_pagecache
		pagecache; /* `pagecache: auto` is short for `pagecache: {mode: auto}` */
	struct spec_perf perf; /* `perf: auto` is short for `perf: {mode: auto}` */
	struct spec_rdt rdt; /* `rdt: auto` is short for `rdt: {mode: auto}` */
	struct spec_profile profile; /* `profile: auto` is short for `profile: {mode: auto}` */
};

struct spec_influxdb {
	enum flag given;
	char *url, *token, *org, *bucket;
	char *database, *user, *password, *retention_policy;
	char *token_file, *password_file, *ca_file;
	enum flag insecure, gzip, histograms;
	uint64_t batch_lines, batch_bytes;
	uint64_t timeout_ns; /* of one request */
	uint64_t flush_timeout_ns; /* of the wait at the end of a run */
};

struct spec_points { /* a file of points */
	enum flag given;
	char *path;
	enum flag histograms;
	uint64_t flush_timeout_ns; /* of the wait at the end of a run */
};

struct spec_csv {
	enum flag given;
	char *path;
	uint64_t flush_timeout_ns; /* as above */
};

struct spec_openmetrics {
	enum flag given;
	char *listen;
};

struct spec_sinks {
	struct spec_influxdb influxdb;
	struct spec_points jsonl, line;
	struct spec_csv csv;
	struct spec_openmetrics openmetrics;
};

struct spec {
	char *name;
	char *description;
	uint64_t duration_ns; /* upper bound */
	uint64_t interval_ns;
	uint64_t drain_ns; /* upper bound of the wait for dirty pages at the end */
	enum runtime_kind runtime;
	uint64_t repeat;
	/* The value of each axis of `matrix:` that this run has, as written; "-": the file's own. */
	struct str_map axes;
	struct spec_collectors collectors;
	char *scheduler; /* "observe" */
	struct spec_sinks sinks;
	struct section_list networks; /* of struct spec_network */
	struct section_list containers; /* of struct spec_container, in the file's order */
	struct str_map findings; /* RULE.THRESHOLD to a number; each is one that there is */
	struct str_list expect; /* each checked to parse by base/expect.h */
};

/* The table behind all of it; the JSON Schema and the man page come from here too. */
extern const struct option_row spec_rows[];

/*
 * Read and check the file. Every error found is appended to @messages as
 * "file:line:col: message\n" (warnings as "...: warning: message\n").
 * @set: KEY=VALUE overrides, KEY being dotted ("containers.a.memory"), or NULL.
 * 0 and a spec to free with spec_free(); -EINVAL when there were errors, or
 * what opening the file gave (also told in @messages).
 */
int spec_load(const char *path, const struct str_list *set, struct buf *messages,
	      struct spec **ret_spec);
/* The same for text in memory; @name stands for the file in messages. */
int spec_parse(const char *name, const char *text, size_t len, const struct str_list *set,
	       struct buf *messages, struct spec **ret_spec);
void spec_free(struct spec *spec);

/* The runs of a matrix: one spec for each combination, or the only one where there is no matrix. */
struct spec_set {
	struct spec **v; /* owned, with what they point at */
	size_t n;
};

#define SPEC_SET_MAX 1000 /* combinations */

/*
 * As spec_load() and spec_parse(), which give the first combination of a matrix. The first axis
 * of the file varies slowest. All combinations are checked: a message that not all of them have
 * ends with the axis values of the first that has it.
 */
int spec_load_all(const char *path, const struct str_list *set, struct buf *messages,
		  struct spec_set *ret);
int spec_parse_all(const char *name, const char *text, size_t len, const struct str_list *set,
		   struct buf *messages, struct spec_set *ret);
void spec_set_fini(struct spec_set *set);
/* "transfer=4KiB block=1MiB": the axis values of @spec; nothing when it has none. 0 or -errno. */
int spec_axes_text(const struct spec *spec, struct buf *out);

/*
 * The container that a host of mpirun means ("NAME", "NAME:SLOTS"): by name, host name,
 * alias or address. Its place in the file, or the number of containers.
 */
size_t spec_host(const struct spec *spec, const char *host);
/*
 * Do ranks of another container's workload run in @c, going by its `hosts:`? Other workloads are
 * none, and plain processes are in no host of their own.
 */
bool spec_is_host(const struct spec *spec, const struct spec_container *c);

/* The spec as YAML again, presets and expansions filled in, secrets as ***. */
int spec_print(const struct spec *spec, struct buf *out);

/* JSON Schema (draft 2020-12) of spec_rows. 0 or -errno. */
int spec_schema(struct buf *out);
/* Markdown tables of spec_rows, one per section. 0 or -errno. */
int spec_reference(struct buf *out);

const char *runtime_kind_name(enum runtime_kind kind);

#endif
