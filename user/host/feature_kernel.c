// SPDX-License-Identifier: Apache-2.0
/* Checks: the kernel, its type information, lockdown, file systems, limits and clocks. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "host/feature.h"

#define YEAR_2024_NS (1704067200ull * NSEC_PER_SEC)

static void check_kernel(const struct feature *self, const struct feature_env *env,
			 struct feature_result *ret)
{
	struct utsname u;

	(void)self, (void)env;
	uname(&u); /* cannot fail with a valid pointer */
	feature_yes(ret, "%s %s on %s", u.sysname, u.release, u.machine);
}

static void check_btf(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret)
{
	(void)self;
	if (faccessat(env->root, "sys/kernel/btf/vmlinux", R_OK, 0) == 0)
		feature_yes(ret, "/sys/kernel/btf/vmlinux");
	else
		feature_no(ret, "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y",
			   "/sys/kernel/btf/vmlinux: %s", strerror(errno));
}

static void check_lockdown(const struct feature *self, const struct feature_env *env,
			   struct feature_result *ret)
{
	char text[128];

	(void)self;
	if (fs_read_at(env->root, "sys/kernel/security/lockdown", text, sizeof(text)))
		feature_yes(ret, "this kernel is not locked down");
	else if (strstr(text, "[confidentiality]"))
		feature_no(ret, "boot without lockdown=confidentiality",
			   "lockdown is in confidentiality mode, which keeps BPF from reading "
			   "kernel memory");
	else
		feature_yes(ret, "lockdown: %s",
			    strstr(text, "[integrity]") ? "integrity, which allows tracing"
							: "none");
}

static void check_mount(const struct feature *self, const struct feature_env *env,
			struct feature_result *ret)
{
	static const struct {
		const char *type, *fix;
	} mounts[] = {
		{ "tracefs", "mount -t tracefs nodev /sys/kernel/tracing" },
		{ "bpf", "mount -t bpf bpf /sys/fs/bpf" },
	};
	const char *type = mounts[self->arg].type;
	char path[256];

	if (feature_mounted(env, type, path, sizeof(path)))
		feature_yes(ret, "mounted on /%s", path);
	else if (feature_has_fs(env, type))
		feature_degraded(ret, mounts[self->arg].fix, "known to the kernel but not mounted");
	else
		feature_no(ret, NULL, "the kernel has no %s", type);
}

static void check_memlock(const struct feature *self, const struct feature_env *env,
			  struct feature_result *ret)
{
	struct rlimit now, all = { RLIM_INFINITY, RLIM_INFINITY };

	(void)self, (void)env;
	if (getrlimit(RLIMIT_MEMLOCK, &now)) {
		feature_degraded(ret, NULL, "reading the limit: %s", strerror(errno));
	} else if (now.rlim_cur == RLIM_INFINITY) {
		feature_yes(ret, "unlimited");
	} else if (setrlimit(RLIMIT_MEMLOCK, &all)) {
		feature_degraded(ret, "ulimit -l unlimited",
				 "%llu KiB and cannot be raised (kernels that charge BPF memory to "
				 "cgroups do not mind)",
				 (unsigned long long)now.rlim_cur / 1024);
	} else {
		(void)setrlimit(RLIMIT_MEMLOCK, &now); /* put back what was there */
		feature_yes(ret, "%llu KiB, and can be raised",
			    (unsigned long long)now.rlim_cur / 1024);
	}
}

static void check_bpf_stats(const struct feature *self, const struct feature_env *env,
			    struct feature_result *ret)
{
	char text[16];
	cleanup_close int fd = -1;

	(void)self;
	if (!fs_read_at(env->root, "proc/sys/kernel/bpf_stats_enabled", text, sizeof(text)) &&
	    !strcmp(text, "1")) {
		feature_yes(ret, "on for the whole system");
		return;
	}
	fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (fd >= 0)
		feature_yes(ret, "can be had while a run lasts");
	else
		feature_degraded(ret, "sysctl kernel.bpf_stats_enabled=1",
				 "what probes cost cannot be measured: %s", strerror(errno));
}

/* Clock sources that are read without leaving the CPU for a slow device. */
static bool fast_source(const char *name)
{
	static const char *const fast[] = {
		"tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page",
		"xen", "timebase",  "riscv_clocksource"
	};

	for (size_t i = 0; i < ARRAY_SIZE(fast); i++)
		if (!strcmp(name, fast[i]))
			return true;
	return false;
}

static void check_clock_source(const struct feature *self, const struct feature_env *env,
			       struct feature_result *ret)
{
	char name[64];
	int rc = fs_read_at(env->root,
			    "sys/devices/system/clocksource/clocksource0/current_clocksource", name,
			    sizeof(name));

	(void)self;
	if (rc)
		feature_degraded(ret, NULL, "the clock source is unknown: %s", strerror(-rc));
	else if (fast_source(name))
		feature_yes(ret, "%s", name);
	else
		feature_degraded(ret, "boot with clocksource=tsc where the CPU's is sound",
				 "%s is slow to read and makes every time stamp dearer", name);
}

static void check_wall_clock(const struct feature *self, const struct feature_env *env,
			     struct feature_result *ret)
{
	uint64_t mono = clock_mono_ns(), wall = clock_wall_ns();
	struct timex state = { 0 };
	char text[32];

	(void)self, (void)env;
	clock_rfc3339(wall, text, sizeof(text));
	if (wall < YEAR_2024_NS || wall < mono)
		feature_degraded(ret, "set the clock: timedatectl set-ntp true",
				 "it says %s, which cannot be", text);
	else if (adjtimex(&state) == TIME_ERROR)
		feature_degraded(ret, "timedatectl set-ntp true",
				 "not synchronised: times cannot be compared with other hosts'");
	else
		feature_yes(ret, "synchronised within %ld us", state.maxerror);
}

enum { MOUNT_TRACEFS, MOUNT_BPF };

const struct feature features_kernel[] = {
	{ "kernel", "kernel", check_kernel, 0 },
	{ "btf", "type information (BTF)", check_btf, 0 },
	{ "lockdown", "lockdown", check_lockdown, 0 },
	{ "tracefs", "tracefs", check_mount, MOUNT_TRACEFS },
	{ "bpffs", "bpffs", check_mount, MOUNT_BPF },
	{ "memlock", "locked memory", check_memlock, 0 },
	{ "bpf-stats", "cost of BPF programs", check_bpf_stats, 0 },
	{ "clock-source", "clock source", check_clock_source, 0 },
	{ "wall-clock", "wall clock", check_wall_clock, 0 },
	{ 0 },
};
