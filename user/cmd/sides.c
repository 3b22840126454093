// SPDX-License-Identifier: Apache-2.0
/* Runs, repetitions and stores as sides of a comparison. */
#include "cmd/sides.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/store.h"

#define STAMP strlen("20261121T101500") /* that ids begin with */

static int add_dir(struct sides *s, const char *dir, struct err *err)
{
	size_t *side = reallocarray(s->side, s->dirs.n + 1, sizeof(*side));

	if (side)
		s->side = side;
	if (!side || str_list_add(&s->dirs, dir))
		return err_set(err, -ENOMEM, "cannot compare %s", dir);
	side[s->dirs.n - 1] = s->n;
	return 0;
}

/* What runs of one combination have in common, such as "GROUP {"transfer":"4k"}"; NULL: none. */
static char *kin_of(struct store *s)
{
	static const char sql[] = "SELECT coalesce(run_group, id) || ' ' || coalesce(axes, '') "
				  "FROM run";
	sqlite3_stmt *row = NULL;
	char *kin = NULL;

	/* Databases of before there were groups have no such columns. */
	if (sqlite3_prepare_v2(store_db(s), sql, -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0))
		kin = strdup((const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return kin;
}

static bool is_kin(const char *dir, const char *kin)
{
	cleanup_free char *its = NULL;
	struct store *s;
	struct err err;

	/* Who cannot be read cannot be counted, either; the run that was asked for can. */
	if (store_open(".", dir, &s, NULL, &err))
		return false;
	its = kin_of(s);
	store_close(s);
	return its && !strcmp(its, kin);
}

static int add_repetitions(struct sides *s, const char *dir, const char *kin, struct err *err)
{
	cleanup_free char *whole = realpath(dir, NULL), *store = NULL;
	char *slash = whole ? strrchr(whole, '/') : NULL;
	struct str_list ids = { 0 };
	int rc;

	if (!slash)
		return add_dir(s, dir, err);
	store = strndup(whole, slash == whole ? 1 : (size_t)(slash - whole));
	if (!store)
		return err_set(err, -ENOMEM, "cannot compare %s", dir);
	rc = store_list(store, &ids, err);
	/* Ids sort by time, and none of a group is older than what it is called after. */
	for (size_t i = 0; !rc && i < ids.n; i++) {
		cleanup_free char *other = fs_join(store, ids.v[i]);
		bool self = !strcmp(ids.v[i], slash + 1);

		if (!other)
			rc = err_set(err, -ENOMEM, "cannot compare %s", dir);
		else if (self || (strncmp(ids.v[i], kin, STAMP) >= 0 && is_kin(other, kin)))
			rc = add_dir(s, other, err);
	}
	str_list_fini(&ids);
	return rc;
}

static int add_all_of(struct sides *s, const char *store, const struct str_list *ids,
		      struct err *err)
{
	for (size_t i = 0; i < ids->n; i++) {
		cleanup_free char *dir = fs_join(store, ids->v[i]);
		int rc = dir ? add_dir(s, dir, err)
			     : err_set(err, -ENOMEM, "cannot compare %s", store);

		if (rc)
			return rc;
	}
	return 0;
}

static int add_run(struct sides *s, const char *store_dir, const char *run, bool alone,
		   struct err *err)
{
	cleanup_free char *dir = NULL, *kin = NULL;
	struct str_list ids = { 0 };
	struct store *store;
	struct err ignored;
	int rc = store_open(store_dir, run, &store, &dir, err);

	if (rc) { /* unless it is a store */
		if (!store_list(run, &ids, &ignored) && ids.n)
			rc = add_all_of(s, run, &ids, err);
		str_list_fini(&ids);
		return rc;
	}
	kin = kin_of(store);
	store_close(store);
	return alone || !kin ? add_dir(s, dir, err) : add_repetitions(s, dir, kin, err);
}

/* Each of those between commas. */
static int add_runs(struct sides *s, const char *store_dir, const char *arg, bool alone,
		    struct err *err)
{
	cleanup_free char *parts = strdup(arg);
	char *rest = parts, *part;
	int rc = parts ? 0 : err_set(err, -ENOMEM, "cannot compare %s", arg);

	while (!rc && rest && (part = strsep(&rest, ",")))
		rc = *part ? add_run(s, store_dir, part, alone, err)
			   : err_say(err, -EINVAL, "'%s' has an empty part", arg);
	return rc;
}

/* A run that several parts of one side mean is one run. */
static void drop_doubles(struct sides *s, size_t from)
{
	size_t n = from;

	for (size_t i = from; i < s->dirs.n; i++) {
		bool seen = false;

		for (size_t k = from; k < n; k++)
			seen |= !strcmp(s->dirs.v[k], s->dirs.v[i]);
		if (seen)
			free(s->dirs.v[i]);
		else
			s->dirs.v[n++] = s->dirs.v[i];
	}
	s->dirs.n = n;
}

int sides_add(struct sides *s, const char *store_dir, const char *arg, bool alone, struct err *err)
{
	size_t from = s->dirs.n;
	/* Several that are named are meant to be these. */
	int rc = strchr(arg, ',') ? add_runs(s, store_dir, arg, true, err)
				  : add_run(s, store_dir, arg, alone, err);

	if (rc)
		return rc;
	drop_doubles(s, from);
	s->n++;
	return 0;
}

bool sides_overlap(const struct sides *s)
{
	for (size_t i = 0; i < s->dirs.n; i++)
		for (size_t k = i + 1; k < s->dirs.n; k++)
			if (s->side[i] != s->side[k] && s->dirs.n > s->n &&
			    !strcmp(s->dirs.v[i], s->dirs.v[k]))
				return true;
	return false;
}

void sides_fini(struct sides *s)
{
	str_list_fini(&s->dirs);
	free(s->side);
	*s = (struct sides){ 0 };
}
