/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of time budgets share: a run of two targets whose rows they write. */
#ifndef CBPF_TESTS_BUDGET_CASE_H
#define CBPF_TESTS_BUDGET_CASE_H

#include <jansson.h>
#include <sqlite3.h>

#include "base/err.h"
#include "fake_run.h"
#include "report/budget_parts.h"
#include "report/internal.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

static inline void sql(const char *text)
{
	char *words = NULL;

	if (sqlite3_exec(store_db(run.store), text, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s: %s", text, words);
}

/* Ticks 0 to 3 of 100 ms each, the first at 1000 s. */
static inline int setup(void **state)
{
	(void)state;
	fake_run_begin(&run, "victim");
	sql("DELETE FROM histogram; DELETE FROM result; DELETE FROM tick");
	sql("INSERT INTO tick VALUES (0, 1000000, 1000000, 1000000, 0), (1, 2000000, 2000000, "
	    "2000000, 0), (2, 3000000, 3000000, 3000000, 0), (3, 4000000, 4000000, 4000000, 1)");
	err = (struct err){ 0 };
	b = (struct building){ .store = run.store, .err = &err };
	b.report = json_pack("{s:[{s:i, s:s}, {s:i}]}", "targets", "id", 0, "attribution", "exact",
			     "id", 1);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	json_decref(b.report);
	fake_run_end(&run, "ok");
	fake_run_fini(&run);
	return 0;
}

static inline json_t *budget(size_t target)
{
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), target),
			       "budget");
}

static inline json_int_t ns(const json_t *of, const char *key)
{
	return json_integer_value(json_object_get(of, key));
}

static inline void assert_adds_up(const json_t *of)
{
	json_int_t sum = 0;

	for (const struct budget_part *p = budget_parts; p->key; p++) {
		assert_true(ns(of, p->key) >= 0);
		sum += ns(of, p->key);
	}
	assert_int_equal(sum, ns(of, "total_ns"));
}

#endif
