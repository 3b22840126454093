// SPDX-License-Identifier: Apache-2.0
/* Columns as metric families: base units, suffixes and types as Prometheus names them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/openmetrics_parts.h"

#define HIST_BYTES "size" /* the one histogram that is not of times */

static const struct {
	const char *unit; /* of a column */
	const char *suffix; /* that its name may have for it */
	enum om_scale scale;
	const char *base; /* in OpenMetrics */
} units[] = {
	{ "ns", "_ns", OM_NANO, "seconds" },	  { "us", "_us", OM_MICRO, "seconds" },
	{ "ms", "_ms", OM_MILLI, "seconds" },	  { "s", "_s", OM_PLAIN, "seconds" },
	{ "bytes", "_bytes", OM_PLAIN, "bytes" }, { "1", "_ratio", OM_PLAIN, "ratio" },
	{ "%", "_percent", OM_PERCENT, "ratio" }, { "%", "_pct", OM_PERCENT, "ratio" },
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

/* A measurement has the histogram "queue" when it has quantiles of it: "queue_p99". */
static bool has_hist(const struct measurement *m, const char *name, size_t len)
{
	for (const struct measure_column *c = m->columns; c->name; c++)
		if (c->kind == COLUMN_QUANTILE && !strncmp(c->name, name, len) &&
		    c->name[len] == '_')
			return true;
	return false;
}

/* Sum and count of a histogram are its own samples. */
static bool hist_has(const struct measurement *m, const struct measure_column *c,
		     const struct om_family *f)
{
	static const char *const names[] = { "queue", "device", "total", HIST_BYTES, "latency" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct om_family h;

		if (strncmp(c->name, names[i], strlen(names[i])) ||
		    !has_hist(m, names[i], strlen(names[i])))
			continue;
		om_family_hist(m, names[i], &h);
		if (om_clash(&h, f))
			return true;
	}
	return false;
}

int om_family(const struct measurement *m, const struct measure_column *c, struct om_family *ret)
{
	/* These words at the end of a name say what kind of sample it is. */
	static const char *const reserved[] = { "_total",  "_count", "_sum",
						"_bucket", "_info",  "_created" };
	struct om_family f = { 0 };
	size_t len;

	if (c->kind == COLUMN_TAG || c->kind == COLUMN_FACT || c->kind == COLUMN_QUANTILE ||
	    c->type == TYPE_TEXT)
		return -ENODATA;
	f.type = c->kind == COLUMN_GAUGE ? OM_GAUGE : OM_COUNTER;
	snprintf(f.name, sizeof(f.name), "%s_%s", m->name, c->name);
	if (c->many) {
		cut_suffix(f.name, "*");
		f.label = "name";
	}
	len = strlen(f.name);
	while (len && f.name[len - 1] == '_')
		f.name[--len] = '\0';
	cut_suffix(f.name, "_total"); /* the unit comes before it */
	set_unit(&f, c->unit);
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		cut_suffix(f.name, reserved[i]);
	clean(f.name);
	if (hist_has(m, c, &f))
		return -ENODATA;
	*ret = f;
	return 0;
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
