// SPDX-License-Identifier: Apache-2.0
/* Checks: privileges, by capability and not by user id. */
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "host/feature.h"

#define STATUS_MAX (64 * 1024) /* bytes of /proc/self/status */

/* Root without a capability was denied it by its container. */
static const char *cap_fix(void)
{
	return geteuid() ? "run as root (sudo)"
			 : "give it to the container or service that cbpf runs in (--privileged)";
}

static int effective(const struct feature_env *env, uint64_t *ret)
{
	cleanup_buf struct buf text = BUF_INIT(STATUS_MAX);
	const char *line;
	int rc = fs_slurp_at(env->root, "proc/self/status", &text);

	if (rc)
		return rc;
	line = strstr(buf_str(&text), "CapEff:");
	if (!line)
		return -EBADMSG;
	*ret = strtoull(line + strlen("CapEff:"), NULL, 16);
	return 0;
}

/* What goes without it; whether everything does. */
static const struct {
	int cap;
	const char *name, *use;
	int stand_in; /* another capability that includes it, or -1 */
	bool needed;
} caps[] = {
	{ CAP_BPF, "CAP_BPF", "loading BPF programs and maps", CAP_SYS_ADMIN, true },
	{ CAP_PERFMON, "CAP_PERFMON", "attaching to tracepoints and reading kernel memory",
	  CAP_SYS_ADMIN, true },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "making cgroups and mounting tracefs or resctrl", -1,
	  false },
	{ CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", "raising resource limits", -1, false },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "reading network counters of other users' processes",
	  -1, false },
	{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", "writing to other users' cgroups and sockets", -1,
	  false },
	{ CAP_KILL, "CAP_KILL", "ending workloads that run as another user", -1, false },
};

static void check_cap(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret)
{
	uint64_t have = 0;
	int rc = effective(env, &have), stand_in = caps[self->arg].stand_in;

	if (rc)
		feature_no(ret, NULL, "reading /proc/self/status: %s", strerror(-rc));
	else if (have >> caps[self->arg].cap & 1)
		feature_yes(ret, "for %s", caps[self->arg].use);
	else if (stand_in >= 0 && have >> stand_in & 1)
		feature_yes(ret, "included in CAP_SYS_ADMIN");
	else if (caps[self->arg].needed)
		feature_no(ret, cap_fix(), "not effective: no %s", caps[self->arg].use);
	else
		feature_degraded(ret, cap_fix(), "not effective: no %s", caps[self->arg].use);
}

static void check_user_namespace(const struct feature *self, const struct feature_env *env,
				 struct feature_result *ret)
{
	char text[256];
	unsigned long inside, outside, count;

	(void)self;
	if (fs_read_at(env->root, "proc/self/uid_map", text, sizeof(text)) ||
	    sscanf(text, "%lu %lu %lu", &inside, &outside, &count) != 3)
		feature_yes(ret, "this kernel has none");
	else if (inside == 0 && outside == 0 && count >= UINT32_MAX)
		feature_yes(ret, "the initial one");
	else
		feature_no(ret, "run outside of rootless containers and user namespaces",
			   "cbpf is in one of its own, where root cannot load BPF programs");
}

const struct feature features_caps[] = {
	{ "user-namespace", "user namespace", check_user_namespace, 0 },
	{ "cap-bpf", "CAP_BPF", check_cap, 0 },
	{ "cap-perfmon", "CAP_PERFMON", check_cap, 1 },
	{ "cap-sys-admin", "CAP_SYS_ADMIN", check_cap, 2 },
	{ "cap-sys-resource", "CAP_SYS_RESOURCE", check_cap, 3 },
	{ "cap-sys-ptrace", "CAP_SYS_PTRACE", check_cap, 4 },
	{ "cap-dac-override", "CAP_DAC_OVERRIDE", check_cap, 5 },
	{ "cap-kill", "CAP_KILL", check_cap, 6 },
	{ 0 },
};
