// SPDX-License-Identifier: Apache-2.0
#include "fake_building.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "store/store.h"
#include "unit.h"

void fake_building_begin(struct building *b, struct fake_run *run, struct err *err)
{
	fake_run_begin(run, "victim");
	fake_run_tick(run, 0);
	fake_run_tick(run, 1);
	*err = (struct err){ 0 };
	*b = (struct building){ .store = run->store, .err = err };
	b->report = json_pack("{s:[{s:i}, {s:i}]}", "targets", "id", 0, "id", 1);
	assert_non_null(b->report);
}

void fake_building_end(struct building *b, struct fake_run *run)
{
	json_decref(b->report);
	fake_run_end(run, "ok");
	fake_run_fini(run);
}

void fake_sql(const struct fake_run *run, const char *fmt, ...)
{
	char text[4096], *words = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < sizeof(text));
	if (sqlite3_exec(store_db(run->store), text, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s: %s", text, words);
}
