// SPDX-License-Identifier: Apache-2.0
/* Builds the report of a fake run and finds values in it. */
#include "fake_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fake_run.h"
#include "report/report.h"
#include "unit.h"

json_t *fake_report(const char *victim_name)
{
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;
	struct store *s;

	fake_run_make(&r, victim_name);
	s = fake_run_open(&r);
	if (report_build(s, &report, &err))
		fail_msg("%s", err.text);
	store_close(s);
	fake_run_fini(&r);
	json_object_set_new(report, "database", json_string("run.db"));
	return report;
}

json_t *fake_find(json_t *root, const char *path)
{
	char copy[256], *rest = copy, *part;

	snprintf(copy, sizeof(copy), "%s", path);
	while (root && (part = strsep(&rest, ".")))
		root = json_is_array(root) ? json_array_get(root, strtoul(part, NULL, 10))
					   : json_object_get(root, part);
	return root;
}

json_t *fake_at(json_t *root, const char *path)
{
	json_t *v = fake_find(root, path);

	if (!v)
		fail_msg("no %s", path);
	return v;
}
