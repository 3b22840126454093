// SPDX-License-Identifier: Apache-2.0
/* What a target's tasks waited for, and what they found in the page cache, in a terminal. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

static void put_line(struct buf *out, const struct report_style *style, const struct buf *line)
{
	if (!line->len)
		return;
	buf_puts(out, "            ");
	text_wrap(out, style, 12, 12, line->data);
	buf_puts(out, "\n");
}

/* Where its tasks' time went: on CPUs, for one, or waiting. */
static void put_sched(const json_t *sched, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf by = BUF_INIT(4096), off = BUF_INIT(1024);
	const json_t *runq = json_object_get(sched, "runq_ns");

	if (!json_object_get(sched, "oncpu_ns"))
		return;
	buf_printf(out, "  sched     %s on CPUs, %s queued",
		   format_ns(json_object_get(sched, "oncpu_ns")).s,
		   format_ns(json_object_get(sched, "runq_sum_ns")).s);
	if (runq)
		buf_printf(out, " (p99 %s)", format_ns(json_object_get(runq, "p99")).s);
	buf_printf(out, ", preempted %lld times\n",
		   (long long)json_integer_value(json_object_get(sched, "preempted")));
	(void)put_preemptors(&by, json_object_get(sched, "preempted_by")); /* as many as fit */
	put_line(out, style, &by);
	buf_printf(&off, "off CPUs %s for I/O, %s for locks",
		   format_ns(json_object_get(sched, "io_wait_sum_ns")).s, lock_wait(sched).s);
	if (number_in(sched, "inode_lock_sum_ns") > 0)
		buf_printf(&off, " (%s of files)",
			   format_ns(json_object_get(sched, "inode_lock_sum_ns")).s);
	buf_printf(&off, ", %s otherwise blocked",
		   format_ns(json_object_get(sched, "blocked_sum_ns")).s);
	if (json_object_get(sched, "sleep_sum_ns"))
		buf_printf(&off, ", %s asleep",
			   format_ns(json_object_get(sched, "sleep_sum_ns")).s);
	put_line(out, style, &off);
	if (number_in(sched, "journal_sum_ns") > 0)
		buf_printf(out, "            waited %s for the journal\n",
			   format_ns(json_object_get(sched, "journal_sum_ns")).s);
	if (number_in(sched, "throttle_sum_ns") > 0)
		buf_printf(out, "            paused %s for dirtying pages too fast\n",
			   format_ns(json_object_get(sched, "throttle_sum_ns")).s);
}

/* What its reads found in the page cache, and what became of what was fetched. */
static void put_pagecache(const json_t *cache, struct buf *out)
{
	const json_t *ratio = json_object_get(cache, "hit_ratio");
	const json_t *mapped = json_object_get(cache, "fault_hit_ratio");

	if (!json_object_get(cache, "accessed_pages"))
		return;
	buf_printf(out, "  cache     %s pages read",
		   format_count(json_object_get(cache, "accessed_pages")).s);
	if (ratio)
		buf_printf(out, ", %s hits", format_ratio(json_number_value(ratio), 1).s);
	if (number_in(cache, "readahead_pages") > 0)
		buf_printf(out, ", %s read ahead (%s used)",
			   format_count(json_object_get(cache, "readahead_pages")).s,
			   format_ratio(number_in(cache, "readahead_used_pages"),
					number_in(cache, "readahead_pages"))
				   .s);
	buf_printf(out, ", %s dirtied\n", format_count(json_object_get(cache, "dirtied_pages")).s);
	if (number_in(cache, "faults") > 0 || number_in(cache, "written_pages") > 0 ||
	    number_in(cache, "evicted_pages") > 0) {
		buf_printf(out, "            %s faults of mapped files",
			   format_count(json_object_get(cache, "faults")).s);
		if (mapped)
			buf_printf(out, " (%s hits)", format_ratio(json_number_value(mapped), 1).s);
		buf_printf(out, ", %s pages written back, %s evicted\n",
			   format_count(json_object_get(cache, "written_pages")).s,
			   format_count(json_object_get(cache, "evicted_pages")).s);
	}
}

int text_tasks(const json_t *target, const struct report_style *style, struct buf *out)
{
	put_sched(json_object_get(target, "sched"), style, out);
	put_pagecache(json_object_get(target, "pagecache"), out);
	return out->failed;
}
