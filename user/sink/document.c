// SPDX-License-Identifier: Apache-2.0
/* Writing the document of measurements. */
#include "sink/document.h"

#include "base/buf.h"
#include "sink/measure.h"

static const char head[] =
	"# Measurements\n"
	"\n"
	"What a run tells InfluxDB and other sinks, made by `cbpf help --measurements` from the\n"
	"program's own tables. A value that could not be measured is absent, never 0.\n"
	"\n"
	"Every point has the tags `benchmark_id`, the id of the run, and `host`. The time of a "
	"point of\n"
	"a tick is when the tick's sweep ended, of one at the end of a run when the run did, in ns "
	"since\n"
	"the epoch. Points are made from the run's database alone, so telling them again changes\n"
	"nothing: the same tags and time are the same point.\n"
	"\n"
	"| kind of field | is |\n"
	"|---|---|\n"
	"| tick | what happened since the tick before: add ticks up |\n"
	"| total | a counter that only grows while what it counts for is there: take differences "
	"|\n"
	"| gauge | a state at the time |\n"
	"| quantile | of the values of the tick alone: never to be averaged or added |\n"
	"| fact | told once, or words |\n"
	"\n"
	"Integers are signed, of 64 bits. A `*` stands for a part of a name that is not known "
	"before a\n"
	"run. Layers of `cbpf_block`, and devices that are stacked and those below them, tell of "
	"the\n"
	"same requests: they are not to be added up.\n"
	"\n"
	"Of container-bench's names these are left out: `benchmark_probes` and "
	"`benchmark_allocation`,\n"
	"since cbpf has no prober and no allocator, and what `benchmark_meta` and\n"
	"`benchmark_container_meta` say of these and of quality of service; `priority`, which no "
	"spec has;\n"
	"`benchmark_finished` as a tag: it is a field of `benchmark_meta`, since it is not known "
	"while a\n"
	"run lasts and would make a second series of the same points. Files that were used most "
	"and\n"
	"sampled stacks have no measurement either: each would be a series of its own. They are in "
	"the\n"
	"run's database, its report, and its tables as CSV.\n";

static const char *const kinds[] = {
	[COLUMN_TAG] = "tag",	  [COLUMN_TICK] = "tick",	  [COLUMN_TOTAL] = "total",
	[COLUMN_GAUGE] = "gauge", [COLUMN_QUANTILE] = "quantile", [COLUMN_FACT] = "fact",
};
static const char *const types[] = {
	[TYPE_INT] = "integer",
	[TYPE_REAL] = "float",
	[TYPE_TEXT] = "string",
	[TYPE_BOOL] = "boolean",
};

/* A bar ends a cell. */
static void put_cell(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_printf(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void put_measurement(struct buf *out, const struct measurement *m)
{
	buf_printf(out,
		   "\n### %s\n\n%s.%s\n\n| name | kind | type | unit | meaning "
		   "|\n|---|---|---|---|---|\n",
		   m->name, m->help, m->buckets ? " Only where buckets are asked for." : "");
	for (const struct measure_column *c = m->columns; c->name; c++) {
		buf_printf(out, "| `%s` | %s | %s | ", c->name, kinds[c->kind],
			   c->kind == COLUMN_TAG ? "" : types[c->type]);
		put_cell(out, c->unit ? c->unit : "");
		buf_puts(out, " | ");
		put_cell(out, c->help);
		buf_puts(out, " |\n");
	}
}

int measure_document(struct buf *out)
{
	static const char *const titles[] = {
		[MEASURE_TICK] = "\n## In each tick\n", [MEASURE_END] = "\n## At the end of a run\n"
	};

	buf_puts(out, head);
	for (int when = MEASURE_TICK; when <= MEASURE_END; when++) {
		buf_puts(out, titles[when]);
		for (const struct measurement *const *m = measurements; *m; m++)
			if ((int)(*m)->when == when)
				put_measurement(out, *m);
	}
	return out->failed;
}
