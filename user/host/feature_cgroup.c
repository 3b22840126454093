// SPDX-License-Identifier: Apache-2.0
/* Checks: cgroup hierarchies and what they can account for. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
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

/* --- is the io controller enabled down to where containers are? --- */

#define DEPTH_MAX 6
#define CONTAINER_ID_LEN 64 /* hexadecimal digits in the name of a container's cgroup */

struct search {
	char path[CGROUP_PATH]; /* of the cgroup being looked at, relative to the mount */
	size_t containers; /* seen so far */
	bool lacking; /* @path is a container without io, and the search is over */
};

static bool names_container(const char *name)
{
	size_t digits = 0;

	/* Podman's monitor is no container. */
	if (strstr(name, "conmon"))
		return false;
	for (; *name && digits < CONTAINER_ID_LEN; name++)
		digits = isxdigit((unsigned char)*name) ? digits + 1 : 0;
	return digits == CONTAINER_ID_LEN;
}

static bool has_io(int dirfd)
{
	char text[256];

	return !fs_read_at(dirfd, "cgroup.controllers", text, sizeof(text)) &&
	       cgroup_has_word(text, "io", " ");
}

/* Depth first below @dirfd, which is consumed. */
static void look_for_lack(struct search *s, int dirfd, int depth)
{
	cleanup_closedir DIR *d = fdopendir(dirfd);
	size_t len = strlen(s->path);
	struct dirent *e;

	if (!d)
		close(dirfd);
	while (d && !s->lacking && (e = readdir(d))) {
		int fd;

		if (e->d_type != DT_DIR || e->d_name[0] == '.' ||
		    len + 1 + strlen(e->d_name) >= sizeof(s->path))
			continue;
		fd = openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue; /* removed meanwhile */
		sprintf(s->path + len, "/%s", e->d_name);
		if (names_container(e->d_name)) {
			s->containers++;
			s->lacking = !has_io(fd);
			close(fd);
		} else if (depth) {
			look_for_lack(s, fd, depth - 1);
		} else {
			close(fd);
		}
		if (!s->lacking)
			s->path[len] = '\0';
	}
}

/* Who is charged for @path below @mount, and the command that enables io from there down. */
static void tell_lack(const struct feature_env *env, const char *mount, const char *path,
		      struct feature_result *ret)
{
	cleanup_buf struct buf fix = BUF_INIT(sizeof(ret->fix) - 1);
	const char *name = strrchr(path, '/');
	size_t charged = 0;

	buf_puts(&fix, "echo +io | tee");
	for (size_t end = 0; path + end <= name; end += 1 + strcspn(path + end + 1, "/")) {
		char dir[2 * CGROUP_PATH];
		int fd;

		snprintf(dir, sizeof(dir), "%s%.*s", mount + 1, (int)end, path);
		fd = openat(env->root, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && end && has_io(fd)) {
			charged = end;
			buf_reset(&fix);
			buf_puts(&fix, "echo +io | tee");
		}
		if (fd >= 0)
			close(fd);
		buf_printf(&fix, " /%s/cgroup.subtree_control", dir);
	}
	feature_degraded(ret, fix.failed ? NULL : buf_str(&fix),
			 "io is not enabled down to %.40s...: block I/O of such containers is "
			 "charged to %.*s, as that of everyone there",
			 name + 1, charged ? (int)charged : 1, charged ? path : "/");
}

static void check_io_depth(const struct feature *self, const struct feature_env *env,
			   struct feature_result *ret)
{
	struct search s = { 0 };
	struct cgroup_layout l;
	char path[CGROUP_PATH + 32], fix[CGROUP_PATH + 64], below[256] = "";
	int fd;

	(void)self;
	if (read_layout(env, &l)) {
		feature_no(ret, "mount -t cgroup2 none /sys/fs/cgroup", "no cgroup hierarchy");
		return;
	}
	if (!l.io_on_v2) {
		if (l.v1[CG_BLKIO][0])
			feature_yes(ret, "blkio of version 1: each container has a cgroup there");
		else
			feature_degraded(ret, "mount -t cgroup -o blkio none /sys/fs/cgroup/blkio",
					 "version 1 without blkio: no cgroup is charged");
		return;
	}
	if (!cgroup_has_word(l.v2_controllers, "io", " ")) {
		feature_degraded(ret, "boot without cgroup_disable=io",
				 "there is no io controller: no cgroup is charged");
		return;
	}
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", l.v2 + 1);
	(void)fs_read_at(env->root, path, below, sizeof(below)); /* not there: not enabled */
	fd = openat(env->root, l.v2 + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		look_for_lack(&s, fd, DEPTH_MAX);
	snprintf(fix, sizeof(fix), "echo +io > /%s", path);
	if (s.lacking)
		tell_lack(env, l.v2, s.path, ret);
	else if (!cgroup_has_word(below, "io", " "))
		feature_degraded(ret, fix,
				 "io is not enabled below %s: unless an engine enables it, as cbpf "
				 "does for plain processes, block I/O of containers is charged to "
				 "the root",
				 l.v2);
	else if (s.containers)
		feature_yes(ret, "enabled for each of %zu that run now", s.containers);
	else
		feature_yes(ret, "enabled below %s; no container runs now", l.v2);
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
	{ "cgroup-io", "io down to containers", check_io_depth, 0 },
	{ "cgroup.cpu", "cpu controller", check_controller, CG_CPU },
	{ "cgroup.cpuset", "cpuset controller", check_controller, CG_CPUSET },
	{ "cgroup.memory", "memory controller", check_controller, CG_MEMORY },
	{ "cgroup.pids", "pids controller", check_controller, CG_PIDS },
	{ "cgroup-create", "new cgroups", check_create, 0 },
	{ "pressure", "pressure (PSI)", check_pressure, 0 },
	{ 0 },
};
