// SPDX-License-Identifier: Apache-2.0
#include "fake_series.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_building.h"
#include "fake_full.h"
#include "report/report.h"
#include "unit.h"

json_t *fake_series(fake_series_fn *fn, uint64_t ticks, size_t most_bins, const char *sql)
{
	cleanup_buf struct buf out = BUF_INIT(1 << 24);
	struct err err = { 0 };
	struct building b = { .err = &err };
	struct axis axis = { .n = ticks, .begin_ns = FAKE_MONO_NS };
	struct owners o;
	struct fake_run run;
	json_error_t error;
	json_t *json;

	fake_full_begin(&run, ticks);
	fake_full_end(&run);
	if (sql)
		fake_sql(&run, "%s", sql);
	b.store = run.store;
	axis.seq = calloc(ticks, sizeof(*axis.seq));
	axis.at_ns = calloc(ticks, sizeof(*axis.at_ns));
	for (uint64_t i = 0; i < ticks; i++) {
		axis.seq[i] = i;
		axis.at_ns[i] = FAKE_MONO_NS + (i + 1) * 100000000;
	}
	axis_divide(&axis, most_bins, most_bins);
	if (report_build(run.store, &b.report, &err))
		fail_msg("%s", err.text);
	assert_int_equal(owners_load(&o, b.report), 0);
	buf_puts(&out, "{");
	if (fn(&b, &axis, &o, &out))
		fail_msg("%s", err.text);
	buf_puts(&out, "}");
	json = json_loads(buf_str(&out), 0, &error);
	if (!json)
		fail_msg("%s: %s", error.text, buf_str(&out));
	json_decref(b.report);
	owners_fini(&o);
	axis_fini(&axis);
	fake_run_fini(&run);
	return json;
}
