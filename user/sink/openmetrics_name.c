// SPDX-License-Identifier: Apache-2.0
/* Columns as metric families: base units, suffixes and types as Prometheus names them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/openmetrics_parts.h"

#define SERVED "cbpf_" /* what begins so; the others are the same in other words */
#define HIST_BYTES "size" /* the one histogram that is not of times */

static const struct {
	const char *unit; /* of a column */
	const char *suffix; /* that its name may have for it */
	enum om_scale scale;
	const char *base; /* in OpenMetrics */
} units[] = {
	{ "ns", "_ns", OM_NANO, "seconds" },	       { "us", "_us", OM_MICRO, "seconds" },
	{ "ms", "_ms", OM_MILLI, "seconds" },	       { "s", "_s", OM_PLAIN, "seconds" },
	{ "bytes", "_bytes", OM_PLAIN, "bytes" },      { "1", "_ratio", OM_PLAIN, "ratio" },
	{ "%", "_percent", OM_PERCENT, "ratio" },      { "%", "_pct", OM_PERCENT, "ratio" },
	{ "1/100 %", "_bp", OM_BASIS_POINT, "ratio" },
};

static void cut_suffix(char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	if (len > n && !strcmp(name + len - n, suffix))
		name[len - n] = '\0';
}

static void append(struct om_family *f, const char *text)
{
	size_t len = strlen(f->name);

	snprintf(f->name + len, sizeof(f->name) - len, "%s", text);
}

/* What a name must not have in it becomes '_'. */
static void clean(char *name)
{
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			*name = '_';
}

static void set_unit(struct om_family *f, const char *unit)
{
	for (size_t i = 0; unit && i < ARRAY_SIZE(units); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		cut_suffix(f->name, units[i].suffix);
		f->scale = units[i].scale;
		f->unit = units[i].base;
	}
	if (!f->unit)
		return;
	cut_suffix(f->name, "_seconds");
	cut_suffix(f->name, "_bytes");
	cut_suffix(f->name, "_ratio");
	append(f, "_");
	append(f, f->unit);
}

/*
 * Quantiles tell which histograms a measurement has: "queue_p50_ns" is of "queue". Returns
 * the name's length; 0: the column is none of a median.
 */
static size_t hist_of(const struct measure_column *c)
{
	const char *at = c->kind == COLUMN_QUANTILE ? strstr(c->name, "_p50") : NULL;

	return at && (!at[4] || at[4] == '_') ? (size_t)(at - c->name) : 0;
}

/* Sum and count of a histogram are samples of its own: "queue_count", "queue_sum_ns". */
static bool hist_has(const struct measurement *m, const struct measure_column *c)
{
	for (const struct measure_column *q = m->columns; q->name; q++) {
		size_t len = hist_of(q);

		if (len && !strncmp(c->name, q->name, len) &&
		    (!strcmp(c->name + len, "_count") || !strncmp(c->name + len, "_sum", 4)))
			return true;
	}
	return false;
}

static bool clashes_with_hist(const struct measurement *m, const struct om_family *f)
{
	for (const struct measure_column *q = m->columns; q->name; q++) {
		struct om_family h;
		char name[64];

		if (!hist_of(q))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)hist_of(q), q->name);
		om_family_hist(m, name, &h);
		if (om_clash(&h, f))
			return true;
	}
	return false;
}

/* The name begins with the measurement's, and with @column; its unit and kind decide the end. */
static void name_column(const struct measurement *m, const struct measure_column *c,
			const char *column, struct om_family *f)
{
	/* These words at the end of a name say what kind of sample it is. */
	static const char *const reserved[] = { "_total",  "_count", "_sum",
						"_bucket", "_info",  "_created" };
	size_t len;

	*f = (struct om_family){ .type = c->kind == COLUMN_GAUGE ? OM_GAUGE : OM_COUNTER };
	snprintf(f->name, sizeof(f->name), "%s_%s", m->name, column);
	if (c->many) {
		cut_suffix(f->name, "*");
		f->label = "name";
	}
	len = strlen(f->name);
	while (len && f->name[len - 1] == '_')
		f->name[--len] = '\0';
	cut_suffix(f->name, "_total"); /* the unit comes before it */
	set_unit(f, c->unit);
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		cut_suffix(f->name, reserved[i]);
	clean(f->name);
}

int om_family(const struct measurement *m, const struct measure_column *c, struct om_family *ret)
{
	const char *word = strchr(m->name, '_');
	size_t len = word ? strlen(++word) : 0;

	if (c->kind == COLUMN_TAG || c->kind == COLUMN_FACT || c->kind == COLUMN_QUANTILE ||
	    c->type == TYPE_TEXT || hist_has(m, c))
		return -ENODATA;
	/* cbpf_sched's sched_slices is no cbpf_sched_sched_slices. */
	if (len && !strncmp(c->name, word, len) && c->name[len] == '_') {
		name_column(m, c, c->name + len + 1, ret);
		if (!clashes_with_hist(m, ret))
			return 0;
	}
	name_column(m, c, c->name, ret);
	return clashes_with_hist(m, ret) ? -ENODATA : 0;
}

bool om_has(const struct measurement *m)
{
	for (const struct measure_column *c = m->columns; c->name; c++)
		if (c->kind == COLUMN_TAG && !strcmp(c->name, "le"))
			return false;
	return !strncmp(m->name, SERVED, strlen(SERVED));
}

void om_family_hist(const struct measurement *m, const char *name, struct om_family *ret)
{
	struct om_family f = { .type = OM_HISTOGRAM };
	bool bytes = !strcmp(name, HIST_BYTES);

	snprintf(f.name, sizeof(f.name), "%s_%s", m->name, name);
	clean(f.name);
	set_unit(&f, bytes ? "bytes" : "ns");
	*ret = f;
}

static const char *const suffixes[][5] = {
	[OM_COUNTER] = { "", "_total", "_created", NULL },
	[OM_GAUGE] = { "", NULL },
	[OM_HISTOGRAM] = { "", "_bucket", "_count", "_sum", "_created" },
	[OM_INFO] = { "", "_info", NULL },
};

bool om_clash(const struct om_family *a, const struct om_family *b)
{
	for (size_t i = 0; i < 5 && suffixes[a->type][i]; i++) {
		for (size_t j = 0; j < 5 && suffixes[b->type][j]; j++) {
			char one[160], other[160];

			snprintf(one, sizeof(one), "%s%s", a->name, suffixes[a->type][i]);
			snprintf(other, sizeof(other), "%s%s", b->name, suffixes[b->type][j]);
			if (!strcmp(one, other))
				return true;
		}
	}
	return false;
}
