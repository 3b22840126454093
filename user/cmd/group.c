// SPDX-License-Identifier: Apache-2.0
/* Finding and adding up the runs of a group. */
#include "cmd/group.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "report/group.h"
#include "report/report.h"
#include "store/store.h"

#define TEXT_MAX (64 << 20)

static char *group_of(struct store *s)
{
	sqlite3_stmt *row = NULL;
	char *group = NULL;

	if (sqlite3_prepare_v2(store_db(s), "SELECT coalesce(run_group, id) FROM run", -1, &row,
			       NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0))
		group = strdup((const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return group;
}

/* The directory that a run's directory is in. */
static char *parent_of(const char *dir)
{
	cleanup_free char *whole = realpath(dir, NULL);
	char *slash = whole ? strrchr(whole, '/') : NULL;

	return slash ? strndup(whole, slash == whole ? 1 : (size_t)(slash - whole)) : NULL;
}

/* The group that @run belongs to, and the store where it is. */
static int find_group(const char *store_dir, const char *run, char **ret_group, char **ret_store)
{
	cleanup_free char *dir = NULL;
	struct err err = { 0 };
	struct store *s;
	int rc = store_open(store_dir, run, &s, &dir, &err);

	if (rc == -ENOENT && run && !strchr(run, '/')) {
		/* The run that a group is called after may never have begun. */
		*ret_group = strdup(run);
		*ret_store = strdup(store_dir);
	} else if (rc) {
		return fail(EXIT_USAGE, "%s", err.text);
	} else {
		*ret_group = group_of(s);
		*ret_store = parent_of(dir);
		store_close(s);
	}
	return *ret_group && *ret_store ? EXIT_OK
					: fail(EXIT_WORKLOAD, "cannot read the run's group");
}

/* 1: it was one of the group; a run that cannot be read is told. */
static int add_run(struct report_group *g, const char *store_dir, const char *id, const char *group)
{
	cleanup_free char *dir = fs_join(store_dir, id), *its = NULL;
	struct err err = { 0 };
	json_t *report = NULL;
	struct store *s;
	int rc;

	if (!dir || store_open(store_dir, dir, &s, NULL, &err)) {
		fail(EXIT_OK, "%s", dir ? err.text : "out of memory");
		return 0;
	}
	its = group_of(s);
	if (!its || strcmp(its, group) != 0) {
		store_close(s);
		return 0;
	}
	rc = report_build(s, &report, &err);
	if (!rc)
		rc = report_group_add(g, report, &err);
	if (rc)
		fail(EXIT_OK, "%s", err.text);
	json_decref(report);
	store_close(s);
	return !rc;
}

int group_build(const char *store_dir, const char *run, json_t **ret)
{
	cleanup_free char *group = NULL, *store = NULL;
	int status = find_group(store_dir, run, &group, &store);
	struct report_group *g = report_group_open();
	struct str_list ids = { 0 };
	struct err err = { 0 };
	int n = 0;

	if (status == EXIT_OK && !g)
		status = fail(EXIT_WORKLOAD, "out of memory");
	if (status == EXIT_OK && store_list(store, &ids, &err))
		status = fail(EXIT_USAGE, "%s", err.text);
	/* Ids sort by time, and none of the group is older than what it is called after. */
	for (size_t i = 0; status == EXIT_OK && i < ids.n; i++)
		if (strncmp(ids.v[i], group, strlen("20261121T101500")) >= 0)
			n += add_run(g, store, ids.v[i], group);
	if (status == EXIT_OK && !n)
		status = fail(EXIT_USAGE, "no run of a group called %s in %s", group, store);
	if (status == EXIT_OK && report_group_json(g, ret, &err))
		status = fail(EXIT_WORKLOAD, "%s", err.text);
	str_list_fini(&ids);
	report_group_close(g);
	return status;
}

int group_print(const char *store_dir, const char *run, const struct report_style *style)
{
	cleanup_buf struct buf text = BUF_INIT(TEXT_MAX);
	json_t *group = NULL;
	int status = group_build(store_dir, run, &group);

	if (status != EXIT_OK)
		return status;
	if (report_group_text(group, style, &text))
		status = fail(EXIT_WORKLOAD, "writing the table of a group failed");
	else
		fputs(buf_str(&text), stdout);
	json_decref(group);
	return status;
}
