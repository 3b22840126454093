/* SPDX-License-Identifier: Apache-2.0 */
/* Events as perf list names them, into what perf_event_open() takes; and opening them. */
#ifndef CBPF_HOST_PERF_EVENT_H
#define CBPF_HOST_PERF_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define PERF_EVENT_NAME 96

struct perf_event {
	char name[PERF_EVENT_NAME]; /* as it was asked for, or its name= term */
	uint32_t type;
	uint64_t config[3]; /* config, config1, config2 */
	bool exclude_user, exclude_kernel, exclude_hv, exclude_idle, exclude_host, exclude_guest;
};

#define PERF_EVENT_SYSFS "/sys/bus/event_source/devices"
#define PERF_EVENT_CPUINFO "/proc/cpuinfo"

/* Where a host tells what it has; the tests have files play it. */
struct perf_event_env {
	int pmus; /* descriptor of PERF_EVENT_SYSFS; -1: there is none */
	const char *cpuinfo; /* path, for the presets */
};

/*
 * @text: hardware ("cycles"), hardware cache ("L1-dcache-load-misses"), software ("task-clock"),
 * raw ("r1a8"), a PMU's terms ("cpu/event=0x3c,umask=0x0/"), a name that the "cpu" PMU
 * has in sysfs, or a preset of ours ("stalls_total"); each with modifiers (":u", ":k").
 * -EINVAL: not an event. -ENOENT: one that this host does not know. -EOPNOTSUPP: one that
 * cannot be counted for a task.
 */
int perf_event_parse(const struct perf_event_env *env, const char *text, struct perf_event *ret,
		     struct err *err);

/* Is it the kernel's own count of context switches, those in the kernel included? */
bool perf_event_is_switches(const struct perf_event *e);
/* Does it need a counter of the hardware? */
bool perf_event_is_hardware(const struct perf_event *e);

/*
 * A descriptor of the event, counting on @cpu: all tasks, or with @cgroup_fd >= 0 (a directory
 * of the hierarchy that has perf_event) those in that cgroup and below. Reading it
 * gives struct perf_count. -errno.
 */
int perf_event_open_cpu(const struct perf_event *e, int cpu, int cgroup_fd);

struct perf_count {
	uint64_t value, enabled_ns, running_ns;
};

/* What has been counted; 0 or -errno. */
int perf_event_read(int fd, struct perf_count *ret);

/* Did the kernel not open it for lack of a counter that could? */
bool perf_event_has_no_counter(const struct perf_event *e, int code);
/* What the kernel means when it does not open one, in words for people; static. */
const char *perf_event_why(const struct perf_event *e, int code);

#endif
