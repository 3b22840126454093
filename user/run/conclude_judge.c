// SPDX-License-Identifier: Apache-2.0
/* Verdicts on a run: `expect:` and rules, stored so that later reports show them too. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "plan/plan.h"
#include "report/report.h"
#include "run/session.h"
#include "store/store.h"

static int put_verdicts(struct session *s, const json_t *verdicts, struct err *err)
{
	json_t *v;
	size_t i;

	json_array_foreach(verdicts, i, v) {
		const json_t *actual = json_object_get(v, "actual");
		int rc = store_put_expect(s->store, json_string_value(json_object_get(v, "expr")),
					  json_is_number(actual) ? json_number_value(actual) : NAN,
					  json_is_true(json_object_get(v, "ok")), err);

		if (rc)
			return rc;
	}
	return 0;
}

/* What the rules conclude, for those who read the database. */
static int put_findings(struct session *s, const json_t *report, struct err *err)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(report, "findings"), i, f) {
		cleanup_free char *evidence =
			json_dumps(json_object_get(f, "evidence"), JSON_COMPACT);
		int rc = store_put_finding(s->store, json_string_value(json_object_get(f, "id")),
					   json_string_value(json_object_get(f, "severity")),
					   json_string_value(json_object_get(f, "target")),
					   json_string_value(json_object_get(f, "text")),
					   json_string_value(json_object_get(f, "advice")),
					   evidence, err);

		if (rc)
			return rc;
	}
	return 0;
}

int session_judge(struct session *s, bool *ret_ok, struct err *err)
{
	const struct str_list *expect = &s->plan->spec->expect;
	json_t *report = NULL, *verdicts = NULL;
	int rc = report_build(s->store, &report, err);

	*ret_ok = true;
	if (!rc && expect->n)
		rc = report_expect(report, expect, &verdicts, ret_ok, err);
	if (!rc && verdicts)
		rc = put_verdicts(s, verdicts, err);
	if (!rc)
		rc = put_findings(s, report, err);
	json_decref(verdicts);
	json_decref(report);
	return rc;
}
