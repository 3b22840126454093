// SPDX-License-Identifier: Apache-2.0
/* Checks: hardware counters and resource control. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "host/feature.h"
#include "host/resctrl.h"

#define CPUINFO_MAX (4 * 1024 * 1024) /* bytes; grows with the CPUs */

static void check_pmu(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.disabled = 1,
	};
	cleanup_close int fd =
		(int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	(void)self, (void)env;
	if (fd >= 0)
		feature_yes(ret, "cycles can be counted");
	else if (errno == EACCES || errno == EPERM)
		feature_no(ret, "sysctl kernel.perf_event_paranoid=1, or run as root",
			   "counting cycles: %s", strerror(errno));
	else
		feature_no(ret, "in a virtual machine, give the guest a virtual PMU",
			   "counting cycles: %s; software events work", strerror(errno));
}

/* Is @flag among the words of the first "flags" line of /proc/cpuinfo? */
static bool cpu_has(const struct feature_env *env, const char *flag)
{
	cleanup_buf struct buf text = BUF_INIT(CPUINFO_MAX);
	char *line, *word, *save = NULL;

	if (fs_slurp_at(env->root, "proc/cpuinfo", &text) || !text.data)
		return false;
	line = strstr(text.data, "\nflags");
	if (!line)
		return false;
	line++;
	line[strcspn(line, "\n")] = '\0';
	for (word = strtok_r(line, " \t:", &save); word; word = strtok_r(NULL, " \t:", &save))
		if (!strcmp(word, flag))
			return true;
	return false;
}

/* "llc_occupancy and mbm_total_bytes of 2 L3 caches, 176 RMIDs" */
static void describe_resctrl(const struct resctrl *r, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (int e = 0; e < RESCTRL_EVENTS; e++)
		if (r->has[e])
			len += snprintf(text + len, size - len, "%s%s", len ? ", " : "",
					resctrl_event_files[e]);
	len += snprintf(text + len, size - len, " of %zu L3 cache%s", r->n_domains,
			r->n_domains == 1 ? "" : "s");
	if (r->rmids)
		snprintf(text + len, size - len, ", %llu RMIDs", (unsigned long long)r->rmids);
}

static void check_resctrl(const struct feature *self, const struct feature_env *env,
			  struct feature_result *ret)
{
	struct resctrl resctrl;
	char path[128], what[160];
	const char *why;

	(void)self;
	if (feature_mounted(env, "resctrl", path, sizeof(path))) {
		if (resctrl_look(env->root, path, &resctrl, &why)) {
			feature_no(ret, NULL, "/%s: %s", path, why);
			return;
		}
		describe_resctrl(&resctrl, what, sizeof(what));
		feature_yes(ret, "mounted on /%s: %s", path, what);
	} else if (feature_has_fs(env, "resctrl")) {
		feature_degraded(ret, "mount -t resctrl resctrl " RESCTRL_ROOT,
				 "known to the kernel but not mounted: a run mounts it");
	} else if (cpu_has(env, "cqm") || cpu_has(env, "rdt_a")) {
		feature_no(ret, "boot a kernel built with CONFIG_X86_CPU_RESCTRL=y",
			   "the CPU has RDT but the kernel has no resctrl");
	} else {
		feature_no(ret, NULL, "neither this kernel nor this CPU shows RDT");
	}
}

const struct feature features_perf[] = {
	{ "pmu", "hardware counters", check_pmu, 0 },
	{ "resctrl", "resource control (RDT)", check_resctrl, 0 },
	{ 0 },
};
