// SPDX-License-Identifier: Apache-2.0
/* A column for each type is enough: names are the values' own. */
#include "fake_point.h"

#include <stdlib.h>
#include <string.h>

static const struct measure_column columns[] = {
	[TYPE_INT] = { .name = "int", .kind = COLUMN_GAUGE, .type = TYPE_INT, .many = true },
	[TYPE_REAL] = { .name = "real", .kind = COLUMN_GAUGE, .type = TYPE_REAL, .many = true },
	[TYPE_TEXT] = { .name = "text", .kind = COLUMN_FACT, .type = TYPE_TEXT, .many = true },
	[TYPE_BOOL] = { .name = "bool", .kind = COLUMN_FACT, .type = TYPE_BOOL, .many = true },
};

void fake_point_init(struct fake_point *f, const char *measurement, int64_t time_ns)
{
	f->m = (struct measurement){ .name = measurement };
	f->p.measurement = &f->m;
	f->p.time_ns = time_ns;
	f->p.seq = 0;
	f->p.n_tags = f->p.n_fields = f->p.n_hists = 0;
}

static struct point_value *add(struct point_value *v, size_t *n, size_t max, const char *name,
			       enum column_type type)
{
	if (*n == max)
		abort();
	v[*n] = (struct point_value){ .column = &columns[type], .name = name };
	return &v[(*n)++];
}

static struct point_value *field(struct fake_point *f, const char *name, enum column_type type)
{
	return add(f->p.fields, &f->p.n_fields, POINT_FIELDS, name, type);
}

void fake_point_tag(struct fake_point *f, const char *name, const char *text)
{
	add(f->p.tags, &f->p.n_tags, POINT_TAGS, name, TYPE_TEXT)->text = text;
}

void fake_point_int(struct fake_point *f, const char *name, int64_t value)
{
	field(f, name, TYPE_INT)->i = value;
}

void fake_point_real(struct fake_point *f, const char *name, double value)
{
	field(f, name, TYPE_REAL)->real = value;
}

void fake_point_text(struct fake_point *f, const char *name, const char *value)
{
	field(f, name, TYPE_TEXT)->text = value;
}

void fake_point_bool(struct fake_point *f, const char *name, bool value)
{
	field(f, name, TYPE_BOOL)->yes = value;
}
