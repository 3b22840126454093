// SPDX-License-Identifier: Apache-2.0
/* Finding IOR and mpirun on this host. */
#include "launch/native_ior.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/gate.h"
#include "launch/native_child.h"
#include "launch/target.h"
#include "launch/workload.h"
#include "plan/plan.h"

int native_find(const struct native_exec *x, const char *name, char *path, size_t size)
{
	cleanup_free char *found = NULL;
	const char *path_var = NULL;

	if (strchr(name, '/')) {
		if (access(name, X_OK))
			return 0;
		return snprintf(path, size, "%s", name) < (int)size ? 1 : -ENAMETOOLONG;
	}
	for (size_t i = 0; i < x->env.n; i++)
		if (!strncmp(x->env.v[i], "PATH=", 5))
			path_var = x->env.v[i] + 5;
	found = fs_find_program(name, path_var);
	if (!found)
		return 0;
	return snprintf(path, size, "%s", found) < (int)size ? 1 : -ENAMETOOLONG;
}

/* cbpf-ior also lies beside cbpf, from where it is run in a build tree. */
static int find_ior(void *arg, const char *name, char *path, size_t size, struct err *err)
{
	char dir[PATH_MAX];
	int rc;

	if (!strcmp(name, "cbpf-ior") && !fs_program_dir(dir, sizeof(dir))) {
		if (snprintf(path, size, "%s/%s", dir, name) < (int)size && !access(path, X_OK))
			return 1;
	}
	rc = native_find(arg, name, path, size);
	return rc < 0 ? err_set(err, rc, "cannot look for %s", name) : rc;
}

static int find_mpirun(const struct native_exec *x, char *path, size_t size, struct err *err)
{
	int rc = native_find(x, "mpirun", path, size);

	if (rc > 0)
		return 0;
	return err_say(err, -ENOENT,
		       "more than one rank needs mpirun, which is not on PATH; install Open MPI "
		       "(`apt-get install openmpi-bin`)");
}

/*
 * A program that runs as another user must be able to write its summary. For
 * others it is not made: ext4 flushes a file that was cut to nothing when it is
 * closed, and that write would be the target's.
 */
static int make_summary(const struct native_exec *x, const char *path, struct err *err)
{
	int rc = 0;

	if (!x->has_user)
		return 0;
	rc = fs_create_at(AT_FDCWD, path, "", 0);
	if (!rc && chown(path, x->uid, x->gid))
		rc = -errno;
	return rc ? err_set(err, rc, "cannot make %s", path) : 0;
}

/* Phases that run one by one need gates, in a directory that the program can write to. */
static int make_gates(struct target *t, const char *run_dir, const struct native_exec *x,
		      struct err *err)
{
	int rc;

	t->phases = plan_ior_phases(&t->plan->c->workload.ior);
	if (snprintf(t->gate_dir, sizeof(t->gate_dir), "%s/work/.gates-%s", run_dir, t->name) >=
	    (int)sizeof(t->gate_dir))
		return err_set(err, -ENAMETOOLONG, "cannot use %s", run_dir);
	rc = fs_mkdirs(t->gate_dir, 0755);
	if (!rc && x->has_user && chown(t->gate_dir, x->uid, x->gid))
		rc = -errno;
	return rc ? err_set(err, rc, "cannot make %s", t->gate_dir)
		  : gates_make(t->gate_dir, t->phases, err);
}

/* And that of its ranks, if there is to be one. */
static int make_outputs(const struct target *t, const struct native_exec *x, const char *summary,
			struct err *err)
{
	char path[PATH_MAX];
	int rc = make_summary(x, summary, err);

	if (rc || t->plan->c->workload.ior.rank_details != FLAG_ON)
		return rc;
	rc = plan_ior_ranks(summary, path, sizeof(path));
	return rc ? err_set(err, rc, "cannot use %s", summary) : make_summary(x, path, err);
}

/* Its summary, or one for each of its phases. */
static int make_summaries(const struct target *t, const struct native_exec *x, struct err *err)
{
	char path[PATH_MAX];
	int rc = t->phases ? 0 : make_outputs(t, x, t->summary_path, err);

	for (size_t k = 0; !rc && k < t->phases; k++) {
		rc = plan_ior_summary(t->summary_path, k, path, sizeof(path));
		rc = rc ? err_set(err, rc, "cannot use %s", t->summary_path)
			: make_outputs(t, x, path, err);
	}
	return rc;
}

int native_ior_argv(struct target *t, const char *file, const char *run_dir, struct native_exec *x,
		    struct err *err)
{
	const struct spec_ior *ior = &t->plan->c->workload.ior;
	bool many = (ior->ranks != OPTION_UNSET && ior->ranks > 1) || ior->hosts.n || ior->mpirun.n;
	char binary[PATH_MAX], mpirun[PATH_MAX];
	struct plan_ior how = {
		.binary = binary,
		.default_file = file,
		.summary_file = t->summary_path,
		.as_root = x->has_user ? x->uid == 0 : geteuid() == 0,
	};
	int rc = workload_ior_binary(ior, find_ior, x, "on PATH or beside cbpf", binary,
				     sizeof(binary), err);

	if (!rc && many && !ior->launcher) {
		rc = find_mpirun(x, mpirun, sizeof(mpirun), err);
		how.mpirun = mpirun;
	}
	if (rc)
		return rc;
	if (snprintf(t->summary_path, sizeof(t->summary_path), "%s/results/%s.json", run_dir,
		     t->name) >= (int)sizeof(t->summary_path))
		return err_set(err, -ENAMETOOLONG, "cannot use %s", run_dir);
	rc = t->plan->c->before.given == FLAG_ON ? make_gates(t, run_dir, x, err) : 0;
	if (!rc)
		rc = make_summaries(t, x, err);
	if (!rc && t->phases)
		rc = gates_script(ior, &how, t->gate_dir, t->gate_dir, &x->argv, err);
	else if (!rc)
		rc = plan_ior_argv(ior, &how, &x->argv, err);
	if (!rc)
		workload_set_binary(t, binary);
	return rc;
}

/* Behind ".123", or @at. */
static const char *skip_number(const char *at)
{
	size_t digits = *at == '.' ? strspn(at + 1, "0123456789") : 0;

	return digits ? at + 1 + digits : at;
}

/* The file @name, or NAME.00000000 and so on of ranks; with @multi also NAME.0 and NAME.00000000.0. */
static bool is_data(const char *entry, const char *name, bool multi)
{
	size_t len = strlen(name);
	const char *end;

	if (strncmp(entry, name, len))
		return false;
	entry += len;
	end = skip_number(entry);
	if (multi)
		return !*skip_number(end);
	/* Another target may be called NAME.1. */
	return !*end && (end == entry || end - entry > 8);
}

void native_ior_remove(const char *file, const struct str_list *options)
{
	const char *slash = strrchr(file, '/');
	cleanup_free char *dir = slash ? strndup(file, slash - file) : NULL;
	cleanup_closedir DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *e;
	bool multi = false;

	for (size_t i = 0; i < options->n; i++)
		if (!strcmp(options->v[i], "-m") || strstr(options->v[i], "multiFile"))
			multi = true;
	while (d && (e = readdir(d)))
		if (is_data(e->d_name, slash + 1, multi))
			(void)unlinkat(dirfd(d), e->d_name, 0); /* a directory is not ours */
}
