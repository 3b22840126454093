// SPDX-License-Identifier: Apache-2.0
/* What a target's tasks waited for, found in the page cache and made CPUs count, in the HTML report. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/html_parts.h"

static void put_row(struct buf *out, const char *what, const char *value)
{
	buf_puts(out, "<tr>");
	html_cell(out, 0, what);
	html_cell(out, 1, value);
	buf_puts(out, "</tr>\n");
}

enum shape { TIME, COUNT, RATIO };

/* A row for each that is known. */
struct row {
	const char *key, *what;
	enum shape shape;
};

static void put_rows(struct buf *out, const json_t *of, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(of, rows[i].key);

		if (!json_is_number(v))
			continue;
		put_row(out, rows[i].what,
			rows[i].shape == TIME	 ? format_ns(v).s
			: rows[i].shape == COUNT ? format_count(v).s
						 : format_ratio(json_number_value(v), 1).s);
	}
}

static void put_sched(struct buf *out, const json_t *sched)
{
	static const struct row rows[] = {
		{ "oncpu_ns", "on CPUs", TIME },
		{ "runq_sum_ns", "queued for one", TIME },
		{ "io_wait_sum_ns", "waited for I/O", TIME },
		{ "lock_wait_sum_ns", "waited for locks of the kernel", TIME },
		{ "inode_lock_sum_ns", "waited for the lock of the file itself", TIME },
		{ "journal_sum_ns", "waited for the journal", TIME },
		{ "throttle_sum_ns", "paused for dirtying pages too fast", TIME },
		{ "blocked_sum_ns", "blocked otherwise", TIME },
		{ "sleep_sum_ns", "asleep", TIME },
		{ "preempted", "preempted, times", COUNT },
	};
	cleanup_buf struct buf by = BUF_INIT(4096);

	if (!json_object_get(sched, "oncpu_ns"))
		return;
	buf_puts(out, "<h3>tasks</h3>\n<table>");
	put_rows(out, sched, rows, ARRAY_SIZE(rows));
	(void)put_preemptors(&by, json_object_get(sched, "preempted_by")); /* as many as fit */
	if (by.len)
		put_row(out, "", by.data);
	buf_puts(out, "</table>\n");
}

static void put_pagecache(struct buf *out, const json_t *cache)
{
	static const struct row rows[] = {
		{ "accessed_pages", "pages read", COUNT },
		{ "hit_ratio", "hits of reads", RATIO },
		{ "faults", "faults of mapped files", COUNT },
		{ "fault_hit_ratio", "hits of faults", RATIO },
		{ "readahead_pages", "pages read ahead", COUNT },
		{ "readahead_used_pages", "of these used", COUNT },
		{ "dirtied_pages", "pages dirtied", COUNT },
		{ "written_pages", "pages written back", COUNT },
		{ "evicted_pages", "pages evicted", COUNT },
	};

	if (!json_object_get(cache, "accessed_pages"))
		return;
	buf_puts(out, "<h3>page cache</h3>\n<table>");
	put_rows(out, cache, rows, ARRAY_SIZE(rows));
	buf_puts(out, "</table>\n");
}

/* Events, with the part of the time in which each had a counter, and what follows from them. */
static void put_perf(struct buf *out, const json_t *perf)
{
	static const char *const head[] = { "event", "counted", "of the time", NULL };
	const json_t *events = json_object_get(perf, "events");
	const char *name;
	json_t *v;

	if (!json_object_size(events))
		return;
	buf_puts(out, "<h3>events</h3>\n<table>");
	html_head(out, head);
	json_object_foreach((json_t *)events, name, v) {
		double running = number_in(v, "running_pct");

		buf_puts(out, "<tr>");
		html_cell(out, 0, name);
		html_cell(out, 1, format_event(name, json_object_get(perf, name)).s);
		html_cell(out, 1, format_ratio(running, 100).s);
		buf_puts(out, "</tr>\n");
	}
	json_object_foreach((json_t *)perf, name, v)
		if (json_is_number(v) && !json_object_get(events, name))
			put_row(out, name, format_real(v).s);
	buf_puts(out, "</table>\n");
}

int html_tasks(struct buf *out, const json_t *target)
{
	put_sched(out, json_object_get(target, "sched"));
	put_pagecache(out, json_object_get(target, "pagecache"));
	put_perf(out, json_object_get(target, "perf"));
	return out->failed;
}
