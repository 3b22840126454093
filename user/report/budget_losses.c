// SPDX-License-Identifier: Apache-2.0
/* What time budgets do not have, among the losses of the report. */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "report/budget_parts.h"
#include "report/format.h"
#include "report/internal.h"

bool budget_bytes_differ(const json_t *phase)
{
	double tool = number_in(phase, "tool_bytes");

	return fabs(number_in(phase, "seen_bytes") - tool) > tool / 100;
}

bool budget_is_derived(const json_t *budget)
{
	const json_t *first = json_array_get(json_object_get(budget, "phases"), 0);
	const char *bounds = text_in(first, "bounds");

	return bounds && !strcmp(bounds, "derived");
}

static void add_bytes(struct building *b, const char *name, const json_t *budget)
{
	const json_t *worst = NULL;
	double most = 0;
	json_int_t n = 0;
	json_t *p;
	size_t i;

	json_array_foreach(json_object_get(budget, "phases"), i, p) {
		double by = fabs(number_in(p, "seen_bytes") / number_in(p, "tool_bytes") - 1);

		if (!budget_bytes_differ(p))
			continue;
		n++;
		if (!worst || by > most) {
			most = by;
			worst = p;
		}
	}
	if (n)
		put_loss(b, "budget.bytes", n,
			 json_sprintf(
				 "%s: phases whose bytes are not what the tool tells, by more than "
				 "1 %%; most in %s %lld, where %s were seen of %s",
				 name, text_in(worst, "op"),
				 (long long)number_in(worst, "iteration"),
				 format_size(json_object_get(worst, "seen_bytes")).s,
				 format_size(json_object_get(worst, "tool_bytes")).s));
}

static void add_uring(struct building *b, const char *name, const json_t *vfs)
{
	static const char *const ops[] = { "uring_read", "uring_write", "uring_other", NULL };
	json_int_t calls = 0;

	for (const char *const *op = ops; *op; op++)
		calls += json_integer_value(json_object_get(json_object_get(vfs, *op), "calls"));
	if (calls)
		put_loss(b, "budget.io_uring", calls,
			 json_sprintf("%s: requests of io_uring: who waits for them does so in "
				      "io_uring_enter, whose time is in no budget",
				      name));
}

/* Of what they wait for is not known where nobody looked. */
static void add_block(struct building *b, const char *name, const json_t *budget)
{
	if (json_integer_value(json_object_get(budget, "io_ns")))
		put_loss(b, "budget.block", 1,
			 json_sprintf(
				 "%s: block I/O was not watched: its waits for I/O are not split "
				 "into the queue and the device",
				 name));
}

int build_budget_losses(struct building *b)
{
	json_t *target;
	size_t i;

	if (!has_column(b, "call_time", "journal_ns") ||
	    !query_int(b, "SELECT EXISTS (SELECT 1 FROM call_time)", 0))
		return b->err->code;
	json_array_foreach(json_object_get(b->report, "targets"), i, target) {
		const json_t *budget = json_object_get(target, "budget");
		const char *name = text_in(target, "name"),
			   *absent = text_in(budget, "phases_absent");

		if (!name)
			name = "?";
		add_block(b, name, budget);
		add_bytes(b, name, budget);
		add_uring(b, name, json_object_get(target, "vfs"));
		if (absent)
			put_loss(b, "budget.phases", 1,
				 json_sprintf(
					 "%s: the time of the tool's phases is not told from here "
					 "on: %s",
					 name, absent));
	}
	return b->err->code;
}
