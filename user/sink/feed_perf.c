// SPDX-License-Identifier: Apache-2.0
/* Events within a tick, from the totals of this one and the one before. */
#include <math.h>

#include "sink/feed_internal.h"
#include "sink/measure_rows.h"

bool state_perf_value(const struct state_perf *p, int64_t seq, double *ret)
{
	int64_t enabled = p->now.enabled_ns - p->before.enabled_ns;
	int64_t running = p->now.running_ns - p->before.running_ns;

	/* Without a counter it was not counted: that is not the same as none. */
	if (p->seq != seq || running <= 0)
		return false;
	*ret = (double)(p->now.value - p->before.value);
	if (running < enabled)
		*ret *= (double)enabled / (double)running;
	return true;
}

double state_perf_running(const struct state_perf *p)
{
	int64_t enabled = p->now.enabled_ns - p->before.enabled_ns;

	return enabled > 0 ? (double)(p->now.running_ns - p->before.running_ns) / (double)enabled
			   : 1;
}

int more_perf(struct feed *f, struct point *p, struct err *err)
{
	int n = sqlite3_column_count(f->row);
	int64_t event = sqlite3_column_int64(f->row, n - 1);
	const struct state_target *t = state_target(f, sqlite3_column_int64(f->row, n - 2));
	static const struct measure_column *value;
	double v;

	(void)err;
	if (!value)
		value = measure_column(&cbpf_perf, "value");
	if (t && t->perf && event >= 0 && event < STATE_EVENTS &&
	    state_perf_value(&t->perf[event], f->tick.seq, &v))
		point_int(p, value, value->name, llround(v));
	return 0;
}
