// SPDX-License-Identifier: Apache-2.0
/* Reads runs one after the other, keeping only their numbers. */
#include "cmd/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "cmd/command.h"
#include "cmd/sides.h"
#include "report/compare.h"
#include "report/report.h"
#include "report/series.h"
#include "store/store.h"

#define TEXT_MAX (64 << 20)

/* Ids begin with the time. */
static const char *id_of(const char *dir)
{
	const char *slash = strrchr(dir, '/');

	return slash ? slash + 1 : dir;
}

static int by_id(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = strcmp(id_of(x), id_of(y));

	return order ? order : strcmp(x, y);
}

struct past {
	struct series *series;
	json_t *runs; /* {"id", "name", "started", "version", "spec_sha256", "hostname"} */
	struct compare_options options;
};

static int add_report(struct past *p, const char *dir, const json_t *report, struct err *err)
{
	static const char *const keys[] = { "id", "name", "started", "version", "spec_sha256" };
	const char *status = json_string_value(json_object_get(report, "status"));
	json_t *run, *hostname;

	if (!status || strcmp(status, "ok") != 0) {
		fail(EXIT_OK, "%s is left out: its status is %s", dir, status ? status : "unknown");
		return 0;
	}
	hostname = json_object_get(json_object_get(report, "host"), "hostname");
	run = json_object();
	if (hostname && json_object_set(run, "hostname", hostname))
		return err_set(err, -ENOMEM, "reading a history");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_object_get(report, keys[i]) &&
		    json_object_set(run, keys[i], json_object_get(report, keys[i])))
			return err_set(err, -ENOMEM, "reading a history");
	if (json_array_append_new(p->runs, run) ||
	    series_add(p->series, report, json_array_size(p->runs) - 1, &p->options))
		return err_set(err, -ENOMEM, "reading a history");
	return 0;
}

static void add_run(struct past *p, const char *dir)
{
	struct err err = { 0 };
	json_t *report = NULL;
	struct store *s;

	if (store_open(".", dir, &s, NULL, &err)) {
		fail(EXIT_OK, "%s", err.text);
		return;
	}
	if (report_build(s, &report, &err) || add_report(p, dir, report, &err))
		fail(EXIT_OK, "%s", err.text);
	json_decref(report);
	store_close(s);
}

static int print(const struct past *p, const struct report_style *style)
{
	cleanup_buf struct buf text = BUF_INIT(TEXT_MAX);
	struct err err = { 0 };
	json_t *all = NULL;
	int rc = report_history_json(p->series, p->runs, &all, &err);

	if (rc)
		return fail(EXIT_WORKLOAD, "%s", err.text);
	if (style) {
		rc = report_history_text(all, style, &text);
		fputs(buf_str(&text), stdout);
	} else {
		rc = json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
		putchar('\n');
	}
	json_decref(all);
	return rc ? fail(EXIT_WORKLOAD, "writing a history failed") : EXIT_OK;
}

static int find(const char *store_dir, int argc, char **args, struct sides *ret)
{
	char *const all[] = { (char *)store_dir }; /* never written to */
	struct err err = { 0 };

	if (!argc)
		return find(store_dir, 1, (char **)all, ret);
	for (int i = 0; i < argc; i++)
		if (sides_add(ret, store_dir, args[i], false, &err))
			return fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_WORKLOAD, "%s",
				    err.text);
	qsort(ret->dirs.v, ret->dirs.n, sizeof(*ret->dirs.v), by_id);
	return EXIT_OK;
}

int history_print(const char *store_dir, int argc, char **args, const struct str_list *metrics,
		  const struct report_style *style)
{
	struct past p = { .series = series_open(),
			  .runs = json_array(),
			  .options = { .metrics = metrics } };
	struct sides sides = { 0 };
	int status = p.series && p.runs ? find(store_dir, argc, args, &sides)
					: fail(EXIT_WORKLOAD, "out of memory");

	for (size_t i = 0; status == EXIT_OK && i < sides.dirs.n; i++)
		if (!i || strcmp(sides.dirs.v[i], sides.dirs.v[i - 1]) != 0)
			add_run(&p, sides.dirs.v[i]);
	if (status == EXIT_OK && series_runs(p.series) < 2)
		status = fail(EXIT_USAGE,
			      "a history takes two runs or more that ended well, there "
			      "are %zu",
			      series_runs(p.series));
	if (status == EXIT_OK)
		status = print(&p, style);
	sides_fini(&sides);
	series_close(p.series);
	json_decref(p.runs);
	return status;
}
