// SPDX-License-Identifier: Apache-2.0
/* Checks: cgroup hierarchies and what they can account for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "host/cgroup.h"
#include "host/cgroup_text.h"
#include "host/feature.h"

#define MOUNTS_MAX (1024 * 1024) /* bytes of mountinfo */

/* The layout below the root of @env; controllers of v2 included. */
static int read_layout(const struct feature_env *env, struct cgroup_layout *l)
{
	cleanup_buf struct buf text = BUF_INIT(MOUNTS_MAX);
	char path[CGROUP_PATH + 32];
	int rc = fs_slurp_at(env->root, "proc/self/mountinfo", &text);

	if (!rc)
		rc = cgroup_layout_parse(buf_str(&text), l);
	if (rc)
		return rc;
	l->v2_controllers[0] = '\0';
	if (l->v2[0]) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", l->v2 + 1);
		(void)fs_read_at(env->root, path, l->v2_controllers, /* none: stays empty */
				 sizeof(l->v2_controllers));
	}
	return 0;
}

static void check_layout(const struct feature *self, const struct feature_env *env,
			 struct feature_result *ret)
{
	struct cgroup_layout l;
	int rc = read_layout(env, &l);

	(void)self;
	if (rc)
		feature_no(ret, "mount -t cgroup2 none /sys/fs/cgroup",
			   "no cgroup hierarchy is mounted: %s", strerror(-rc));
	else if (l.mode == CGROUP_V2)
		feature_yes(ret, "version 2 on %s", l.v2);
	else if (l.mode == CGROUP_HYBRID)
		feature_yes(ret, "hybrid: version 2 on %s beside version 1", l.v2);
	else
		feature_degraded(ret, "boot with systemd.unified_cgroup_hierarchy=1",
				 "version 1 only: no pressure, and tasks cannot be told apart by "
				 "cgroup id");
}

static void check_io(const struct feature *self, const struct feature_env *env,
		     struct feature_result *ret)
{
	struct cgroup_layout l;

	(void)self;
	if (read_layout(env, &l))
		feature_no(ret, "mount -t cgroup2 none /sys/fs/cgroup", "no cgroup hierarchy");
	else if (cgroup_has_word(l.v2_controllers, "io", " "))
		feature_yes(ret, "io controller of version 2: writeback has an owner too");
	else if (l.v1[CG_BLKIO][0])
		feature_degraded(ret, "boot with systemd.unified_cgroup_hierarchy=1",
				 "blkio of version 1: direct I/O has an owner, buffered writeback "
				 "is unattributed");
	else
		feature_no(ret, "boot without cgroup_disable=io",
			   "neither the io nor the blkio controller is there: block I/O has no "
			   "owner");
}

static void check_controller(const struct feature *self, const struct feature_env *env,
			     struct feature_result *ret)
{
	/* id: "cgroup.NAME" */
	const char *name = strchr(self->id, '.') + 1;
	struct cgroup_layout l;

	if (read_layout(env, &l))
		feature_no(ret, "mount -t cgroup2 none /sys/fs/cgroup", "no cgroup hierarchy");
	else if (cgroup_has_word(l.v2_controllers, name, " "))
		feature_yes(ret, "version 2");
	else if (l.v1[self->arg][0])
		feature_yes(ret, "version 1 on %s", l.v1[self->arg]);
	else
		feature_degraded(ret, "boot with cgroup_enable=NAME for the controller",
				 "neither version has it: limits and numbers of %s are absent",
				 name);
}

static void check_create(const struct feature *self, const struct feature_env *env,
			 struct feature_result *ret)
{
	struct cgroup_layout l;
	const char *where;

	(void)self;
	if (read_layout(env, &l)) {
		feature_no(ret, "mount -t cgroup2 none /sys/fs/cgroup", "no cgroup hierarchy");
		return;
	}
	where = l.v2[0] ? l.v2 : l.v1[CG_BLKIO];
	if (!where[0])
		feature_no(ret, NULL, "no hierarchy to make them in");
	else if (faccessat(env->root, where + 1, W_OK, AT_EACCESS) == 0)
		feature_yes(ret, "may be made in %s", where);
	else
		feature_no(ret,
			   errno == EROFS ? "run the container with --privileged or "
					    "--cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup:rw"
					  : "run as root (sudo)",
			   "writing to %s: %s", where, strerror(errno));
}

static void check_pressure(const struct feature *self, const struct feature_env *env,
			   struct feature_result *ret)
{
	char text[256];
	int rc = fs_read_at(env->root, "proc/pressure/io", text, sizeof(text));

	(void)self;
	if (!rc)
		feature_yes(ret, "/proc/pressure");
	else
		feature_degraded(ret, "boot with psi=1", "/proc/pressure/io: %s", strerror(-rc));
}

const struct feature features_cgroup[] = {
	{ "cgroup", "hierarchies", check_layout, 0 },
	{ "cgroup-owner", "owner of block I/O", check_io, 0 },
	{ "cgroup.cpu", "cpu controller", check_controller, CG_CPU },
	{ "cgroup.cpuset", "cpuset controller", check_controller, CG_CPUSET },
	{ "cgroup.memory", "memory controller", check_controller, CG_MEMORY },
	{ "cgroup.pids", "pids controller", check_controller, CG_PIDS },
	{ "cgroup-create", "new cgroups", check_create, 0 },
	{ "pressure", "pressure (PSI)", check_pressure, 0 },
	{ 0 },
};
