// SPDX-License-Identifier: Apache-2.0
/* Making a cgroup in every hierarchy, and moving processes into it. */
#include "host/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "host/cgroup_limits.h"
#include "host/cgroup_text.h"

#define RETRIES 10

/* v2 controllers that limits and accounting want. */
static const struct {
	const char *name;
	enum cgroup_ctrl ctrl;
} wanted[] = {
	{ "io", CG_BLKIO },  { "memory", CG_MEMORY }, { "cpu", CG_CPU },
	{ "pids", CG_PIDS }, { "cpuset", CG_CPUSET },
};

/* Without io, block I/O is charged to an ancestor, so it is needed always. */
static bool is_needed(enum cgroup_ctrl ctrl, const struct cgroup_writes *writes)
{
	if (ctrl == CG_BLKIO)
		return true;
	for (size_t i = 0; i < writes->n; i++)
		if (writes->v[i].ctrl == ctrl)
			return true;
	return false;
}

static int enable_failed(const char *dir, const char *name, int rc, struct err *err)
{
	if (rc == -EBUSY)
		return err_say(err, rc,
			       "cannot enable the cgroup controller \"%s\" below %s: that cgroup "
			       "holds processes itself, and cgroup v2 allows controllers only for "
			       "children of a cgroup without processes; run cbpf where it sees the "
			       "host's cgroup root (docker run --cgroupns=host), or move those "
			       "processes into a cgroup of their own first",
			       name, dir);
	return err_set(err, rc, "cannot enable the cgroup controller \"%s\" below %s", name, dir);
}

/* Let the children of @dir have every wanted controller that @dir itself has. */
static int enable_controllers(const char *dir, const struct cgroup_writes *writes, struct err *err)
{
	cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char offered[256], on[256], text[32];
	int rc;

	if (fd < 0)
		return err_set(err, -errno, "cannot open %s", dir);
	rc = fs_read_at(fd, "cgroup.controllers", offered, sizeof(offered));
	if (!rc)
		rc = fs_read_at(fd, "cgroup.subtree_control", on, sizeof(on));
	if (rc)
		return err_set(err, rc, "cannot read the controllers of %s", dir);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (!cgroup_has_word(offered, wanted[i].name, " ") ||
		    cgroup_has_word(on, wanted[i].name, " "))
			continue;
		snprintf(text, sizeof(text), "+%s", wanted[i].name);
		rc = fs_write_at(fd, "cgroup.subtree_control", text);
		/* One that only accounts may stay off: its numbers are then absent. */
		if (rc && is_needed(wanted[i].ctrl, writes))
			return enable_failed(dir, wanted[i].name, rc, err);
	}
	return 0;
}

/* A v1 cpuset takes no process before it has CPUs and memory nodes. */
static int inherit_cpuset(const char *dir, const char *parent, struct err *err)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	char path[CGROUP_PATH + 32], text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int rc;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		rc = fs_read_at(AT_FDCWD, path, text, sizeof(text));
		if (!rc && *text)
			continue;
		snprintf(path, sizeof(path), "%s/%s", parent, files[i]);
		if (!rc)
			rc = fs_read_at(AT_FDCWD, path, text, sizeof(text));
		if (rc)
			return err_set(err, rc, "cannot read %s", path);
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		rc = fs_write_at(AT_FDCWD, path, text);
		if (rc)
			return err_set(err, rc, "cannot write \"%s\" to %s", text, path);
	}
	return 0;
}

/*
 * mkdir -p of @dir below @mount, preparing each level for its children. The
 * last level must be new, unless @shared says that a twin controller made it.
 */
static int make_dir(const char *mount, const char *dir, bool v2, bool cpuset, bool shared,
		    const struct cgroup_writes *writes, struct err *err)
{
	char part[CGROUP_PATH], parent[CGROUP_PATH];
	size_t at = strlen(mount);

	strcpy(parent, mount);
	while (dir[at] == '/') {
		size_t end = at + 1 + strcspn(dir + at + 1, "/");
		bool last = dir[end] == '\0';
		int rc;

		memcpy(part, dir, end);
		part[end] = '\0';
		rc = v2 ? enable_controllers(parent, writes, err) : 0;
		if (rc)
			return rc;
		if (mkdir(part, 0755) && (errno != EEXIST || (last && !shared)))
			return err_set(err, -errno, "cannot make the cgroup %s%s", part,
				       errno == EEXIST ? " (`cbpf clean` removes what a killed run "
							 "left)"
						       : "");
		rc = cpuset ? inherit_cpuset(part, parent, err) : 0;
		if (rc)
			return rc;
		strcpy(parent, part);
		at = end;
	}
	return 0;
}

static int apply(const struct cgroup_ref *ref, const struct cgroup_write *w, struct err *err)
{
	const char *dir = w->v2 ? ref->v2 : ref->v1[w->ctrl];
	const char *file = w->file, *text = w->text;
	char path[CGROUP_PATH + 64];
	int rc;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (access(path, F_OK) && w->or_file) {
		file = w->or_file;
		text = *w->or_text ? w->or_text : w->text;
		snprintf(path, sizeof(path), "%s/%s", dir, file);
	}
	rc = fs_write_at(AT_FDCWD, path, text);
	if (rc == -ENOENT)
		return err_say(err, -EOPNOTSUPP,
			       "the limit \"%s\" cannot be set: this kernel has no %s", w->what,
			       file);
	if (rc)
		return err_set(err, rc, "the limit \"%s\" cannot be set: writing \"%s\" to %s",
			       w->what, text, path);
	return 0;
}

/* The directory of the cgroup below one mount; false when the path is too long. */
static bool place(const char *mount, const char *parent, const char *name, char *ret)
{
	return !*mount || snprintf(ret, CGROUP_PATH, "%s%s/%s", mount, parent, name) < CGROUP_PATH;
}

/* Controllers mounted together share a directory. */
static bool is_twin(const struct cgroup_ref *ref, size_t c)
{
	for (size_t i = 0; i < c; i++)
		if (*ref->v1[c] && !strcmp(ref->v1[i], ref->v1[c]))
			return true;
	return false;
}

static int make_all(const struct cgroup_layout *l, const struct cgroup_ref *ref,
		    const struct cgroup_writes *writes, struct cgroup_ref *made, struct err *err)
{
	if (*ref->v2) {
		int rc = make_dir(l->v2, ref->v2, true, false, false, writes, err);

		if (rc)
			return rc;
		strcpy(made->v2, ref->v2);
	}
	for (size_t c = 0; c < CG_NCTRL; c++) {
		int rc;

		if (!*ref->v1[c])
			continue;
		rc = make_dir(l->v1[c], ref->v1[c], false, c == CG_CPUSET, is_twin(ref, c), writes,
			      err);
		if (rc)
			return rc;
		strcpy(made->v1[c], ref->v1[c]);
	}
	return 0;
}

int cgroup_create(const struct cgroup_layout *l, const char *parent, const char *name,
		  const struct cgroup_limits *limits, struct cgroup_ref *ret, struct err *err)
{
	struct cgroup_ref ref = { 0 }, made = { 0 };
	struct cgroup_writes writes;
	bool fits;
	int rc = cgroup_limits_writes(l, limits, &writes, err);

	if (rc)
		return rc;
	fits = place(l->v2, parent, name, ref.v2);
	for (size_t c = 0; c < CG_NCTRL; c++)
		fits = fits && place(l->v1[c], parent, name, ref.v1[c]);
	if (!fits)
		return err_say(err, -ENAMETOOLONG, "the cgroup path %s/%s is too long", parent,
			       name);
	for (int tries = 0;; tries++) {
		rc = make_all(l, &ref, &writes, &made, err);
		/* Another cbpf that ends removes the common parent while it is empty. */
		if (rc != -ENOENT || tries == RETRIES)
			break;
		(void)cgroup_remove(&made);
		made = (struct cgroup_ref){ 0 };
	}
	for (size_t i = 0; !rc && i < writes.n; i++)
		rc = apply(&ref, &writes.v[i], err);
	if (rc) {
		(void)cgroup_remove(&made); /* new and empty */
		cgroup_remove_parents(l, parent);
		return rc;
	}
	cgroup_ref_ids(l, &ref);
	*ret = ref;
	return 0;
}

int cgroup_enter(const struct cgroup_ref *ref, pid_t pid, struct err *err)
{
	char path[CGROUP_PATH + 16], text[16];

	snprintf(text, sizeof(text), "%d", pid);
	for (int c = -1; c < CG_NCTRL; c++) {
		const char *dir = c < 0 ? ref->v2 : ref->v1[c];
		int rc;

		if (!*dir || (c > 0 && is_twin(ref, c)))
			continue;
		snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
		rc = fs_write_at(AT_FDCWD, path, text);
		if (rc)
			return err_set(err, rc, "cannot move process %d into %s", pid, dir);
	}
	return 0;
}
