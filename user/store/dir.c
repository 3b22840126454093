// SPDX-License-Identifier: Apache-2.0
/* The directory of runs: making one, and finding one by what a user calls it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "store/internal.h"

#define NAMED_MAX 5 /* runs named in a message */

/* The words of errno come before the advice. */
static int no_place(struct err *err, int rc, const char *what, const char *path)
{
	return err_say(err, rc, "cannot make the %s %s: %s; %schoose another place with --store",
		       what, path, strerror(-rc), rc == -ENOSPC ? "free some space or " : "");
}

static int point_latest(const char *store_dir, const char *id, struct err *err)
{
	cleanup_free char *latest = fs_join(store_dir, "latest");
	cleanup_buf struct buf fresh = BUF_INIT(8192);
	int rc;

	if (!latest || buf_printf(&fresh, "%s/.latest.%d", store_dir, getpid()))
		return err_set(err, -ENOMEM, "cannot point latest at %s", id);
	(void)unlink(buf_str(&fresh)); /* of a killed process with our number */
	if (symlink(id, buf_str(&fresh)))
		return no_place(err, -errno, "link", latest);
	if (!rename(buf_str(&fresh), latest))
		return 0;
	rc = err_set(err, -errno, "cannot make the link %s", latest);
	(void)unlink(buf_str(&fresh)); /* the failure above is what matters */
	return rc;
}

static int make_inside(const char *dir, struct err *err)
{
	static const char *const names[] = { "logs", "results" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cleanup_free char *path = fs_join(dir, names[i]);

		if (!path)
			return err_set(err, -ENOMEM, "cannot make %s/%s", dir, names[i]);
		if (mkdir(path, 0755))
			return no_place(err, -errno, "directory", path);
	}
	return 0;
}

int store_make_dir(const char *store_dir, const char *id, char **ret_dir, struct err *err)
{
	cleanup_free char *dir = NULL;
	int rc;

	if (!*id || *id == '.' || strchr(id, '/') || !strcmp(id, "latest"))
		return err_say(err, -EINVAL, "'%s' cannot be the id of a run", id);
	rc = fs_mkdirs(store_dir, 0755);
	if (rc)
		return no_place(err, rc, "store", store_dir);
	dir = fs_join(store_dir, id);
	if (!dir)
		return err_set(err, -ENOMEM, "cannot make the run directory");
	if (mkdir(dir, 0755)) {
		rc = -errno;
		if (rc == -EEXIST)
			return err_say(err, rc, "there is a run called %s in %s already", id,
				       store_dir);
		return no_place(err, rc, "run directory", dir);
	}
	rc = make_inside(dir, err);
	if (!rc)
		rc = point_latest(store_dir, id, err);
	if (rc) {
		(void)fs_remove_tree(dir); /* the failure above is what matters */
		return rc;
	}
	*ret_dir = dir;
	dir = NULL;
	return 0;
}

static bool holds_run(const char *dir)
{
	cleanup_free char *db = fs_join(dir, "run.db");

	return db && !access(db, F_OK);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int store_list(const char *store_dir, struct str_list *ids, struct err *err)
{
	cleanup_closedir DIR *d = opendir(store_dir);
	struct dirent *e;

	if (!d)
		return err_set(err, -errno, "cannot read the store %s", store_dir);
	while ((e = readdir(d))) {
		cleanup_free char *dir = NULL;

		if (*e->d_name == '.' || !strcmp(e->d_name, "latest"))
			continue;
		dir = fs_join(store_dir, e->d_name);
		if (!dir)
			return err_set(err, -ENOMEM, "cannot read the store %s", store_dir);
		if (holds_run(dir) && str_list_add(ids, e->d_name))
			return err_set(err, -ENOMEM, "cannot read the store %s", store_dir);
	}
	if (ids->n)
		qsort(ids->v, ids->n, sizeof(*ids->v), by_text);
	return 0;
}

/* "a, b and 3 more", newest first; only those that start with @prefix. */
static void name_runs(const struct str_list *ids, const char *prefix, struct buf *out)
{
	size_t named = 0, more = 0;

	for (size_t i = ids->n; i-- > 0;) {
		if (strncmp(ids->v[i], prefix, strlen(prefix)))
			continue;
		if (named == NAMED_MAX)
			more++;
		else
			buf_printf(out, "%s%s", named++ ? ", " : "", ids->v[i]);
	}
	if (more)
		buf_printf(out, " and %zu more", more);
}

static int by_prefix(const char *store_dir, const char *run, char **ret_dir, struct err *err)
{
	cleanup_buf struct buf names = BUF_INIT(4096);
	struct str_list ids = { 0 };
	const char *found = NULL;
	size_t n = 0;
	int rc = store_list(store_dir, &ids, err);

	if (rc == -ENOENT)
		err_say(err, rc,
			"no run called %s: there is no store %s; `cbpf run` makes one, --store "
			"names another",
			run, store_dir);
	if (rc)
		goto out;
	for (size_t i = 0; i < ids.n && *run; i++) {
		if (strncmp(ids.v[i], run, strlen(run)))
			continue;
		found = ids.v[i];
		n++;
	}
	if (n == 1) {
		*ret_dir = fs_join(store_dir, found);
		rc = *ret_dir ? 0 : err_set(err, -ENOMEM, "cannot open run %s", run);
	} else if (n > 1) {
		name_runs(&ids, run, &names);
		rc = err_say(err, -ENOENT, "%zu runs in %s start with %s: %s", n, store_dir, run,
			     buf_str(&names));
	} else {
		name_runs(&ids, "", &names);
		rc = err_say(err, -ENOENT, "no run called %s in %s; runs there: %s", run, store_dir,
			     ids.n ? buf_str(&names) : "none");
	}
out:
	str_list_fini(&ids);
	return rc;
}

/* A directory of its own, or run.db in it. */
static char *by_path(const char *run)
{
	const char *base = strrchr(run, '/');
	char *dir = NULL;

	if (holds_run(run))
		return strdup(run);
	if (strcmp(base ? base + 1 : run, "run.db") || access(run, F_OK))
		return NULL;
	if (!base)
		return strdup(".");
	dir = strndup(run, base == run ? 1 : (size_t)(base - run));
	return dir;
}

static int resolve(const char *store_dir, const char *run, char **ret_dir, struct err *err)
{
	cleanup_free char *dir = NULL;

	if (strcmp(run, "latest")) {
		*ret_dir = by_path(run);
		if (*ret_dir)
			return 0;
	}
	if (*run && !strchr(run, '/')) {
		dir = fs_join(store_dir, run);
		if (dir && holds_run(dir)) {
			/* The link itself moves on with the next run. */
			*ret_dir = strcmp(run, "latest") ? strdup(dir) : realpath(dir, NULL);
			return *ret_dir ? 0 : err_set(err, -errno, "cannot open run %s", run);
		}
	} else if (*run) {
		return err_say(err, -ENOENT, "%s is no run's directory: there is no run.db in it",
			       run);
	}
	return by_prefix(store_dir, run, ret_dir, err);
}

static int open_run(const char *store_dir, const char *run, bool rw, struct store **ret,
		    char **ret_dir, struct err *err)
{
	cleanup_free char *dir = NULL;
	int rc =
		resolve(store_dir ? store_dir : STORE_DEFAULT_DIR, run ? run : "latest", &dir, err);

	if (!rc)
		rc = rw ? store_open_dir_rw(dir, ret, err) : store_open_dir(dir, ret, err);
	if (rc)
		return rc;
	if (ret_dir) {
		*ret_dir = dir;
		dir = NULL;
	}
	return 0;
}

int store_open(const char *store_dir, const char *run, struct store **ret, char **ret_dir,
	       struct err *err)
{
	return open_run(store_dir, run, false, ret, ret_dir, err);
}

int store_open_rw(const char *store_dir, const char *run, struct store **ret, char **ret_dir,
		  struct err *err)
{
	return open_run(store_dir, run, true, ret, ret_dir, err);
}
