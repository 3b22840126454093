// SPDX-License-Identifier: Apache-2.0
/* Presets, scalar parsing and release of option tables. */
#include "base/option.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/strlist.h"
#include "base/units.h"

static void *field_of(const struct option_row *row, void *config)
{
	return (char *)config + row->offset;
}

static void mark_unset(const struct option_row *row, void *config)
{
	void *field = field_of(row, config);

	switch (row->type) {
	case OPTION_BOOL: *(enum flag *)field = FLAG_UNSET; break;
	case OPTION_INT:
	case OPTION_SIZE:
	case OPTION_DURATION: *(uint64_t *)field = OPTION_UNSET; break;
	case OPTION_REAL: *(double *)field = NAN; break;
	default: /* zeroed memory is unset */ break;
	}
}

int option_presets(const struct option_row *rows, void *config)
{
	for (const struct option_row *row = rows; row->name; row++) {
		struct err err;
		int rc = 0;

		mark_unset(row, config);
		if (row->type == OPTION_SECTION)
			rc = option_presets(row->rows, field_of(row, config));
		else if (row->preset)
			rc = option_set(row, config, row->preset, &err);
		if (rc)
			return rc;
	}
	return 0;
}

static bool parse_bool(const char *text, bool *ret)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "false", "no", "off" };

	for (size_t i = 0; i < 3; i++) {
		if (!strcasecmp(text, yes[i]) || !strcasecmp(text, no[i])) {
			*ret = !strcasecmp(text, yes[i]);
			return true;
		}
	}
	return false;
}

static int set_int(const struct option_row *row, uint64_t *field, const char *text, struct err *err)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno)
		return err_say(err, -EINVAL, "expected a whole number, got '%s'", text);
	if (v < row->min || (row->max && v > row->max)) {
		if (row->max)
			return err_say(err, -ERANGE, "expected %llu to %llu, got '%s'",
				       (unsigned long long)row->min, (unsigned long long)row->max,
				       text);
		return err_say(err, -ERANGE, "expected at least %llu, got '%s'",
			       (unsigned long long)row->min, text);
	}
	*field = v;
	return 0;
}

static int set_real(double *field, const char *text, struct err *err)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(v))
		return err_say(err, -EINVAL, "expected a number, got '%s'", text);
	*field = v;
	return 0;
}

static int set_string(char **field, const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (!copy)
		return err_set(err, -ENOMEM, "copying a value");
	free(*field);
	*field = copy;
	return 0;
}

static int find_choice(const struct option_row *row, const char *text, int *ret, struct err *err)
{
	char all[256] = "";

	for (int i = 0; row->choices[i]; i++) {
		if (!strcmp(text, row->choices[i])) {
			*ret = i;
			return 0;
		}
		strncat(all, i ? ", " : "", sizeof(all) - strlen(all) - 1);
		strncat(all, row->choices[i], sizeof(all) - strlen(all) - 1);
	}
	return err_say(err, -EINVAL, "expected %s%s, got '%s'", row->choices[1] ? "one of " : "",
		       all, text);
}

static int set_bool(const struct option_row *row, void *field, const char *text, struct err *err)
{
	bool v;

	if (row->type == OPTION_TRI && !strcasecmp(text, "auto")) {
		*(enum tri *)field = TRI_AUTO;
		return 0;
	}
	if (!parse_bool(text, &v))
		return err_say(err, -EINVAL, "expected %s, got '%s'",
			       row->type == OPTION_TRI ? "true, auto or false" : "true or false",
			       text);
	if (row->type == OPTION_TRI)
		*(enum tri *)field = v ? TRI_ON : TRI_OFF;
	else
		*(enum flag *)field = v ? FLAG_ON : FLAG_OFF;
	return 0;
}

int option_set(const struct option_row *row, void *config, const char *text, struct err *err)
{
	void *field = field_of(row, config);
	cpu_set_t cpus;
	int choice;

	switch (row->type) {
	case OPTION_BOOL:
	case OPTION_TRI: return set_bool(row, field, text, err);
	case OPTION_INT: return set_int(row, field, text, err);
	case OPTION_SIZE:
		if (units_parse_size(text, field))
			return err_say(err, -EINVAL,
				       "expected a size such as 4096, 4KiB or 1g, got '%s'", text);
		return 0;
	case OPTION_DURATION:
		if (units_parse_duration(text, field))
			return err_say(err, -EINVAL,
				       "expected a duration such as 100ms, 10s or 5m, got '%s'",
				       text);
		return 0;
	case OPTION_REAL: return set_real(field, text, err);
	case OPTION_STRING:
		if (row->choices && find_choice(row, text, &choice, err))
			return err->code;
		return set_string(field, text, err);
	case OPTION_CPUS:
		if (units_parse_cpus(text, &cpus))
			return err_say(err, -EINVAL,
				       "expected a CPU list such as 0,2,4-7, got '%s'", text);
		return set_string(field, text, err);
	case OPTION_ENUM: return find_choice(row, text, field, err);
	case OPTION_STRINGS:
		if (str_list_add(field, text))
			return err_set(err, -ENOMEM, "copying a value");
		return 0;
	case OPTION_STRMAP:
		return err_say(err, -EINVAL, "expected a mapping of names to values, got '%s'",
			       text);
	case OPTION_SECTION:
	case OPTION_SECTIONS:
	case OPTION_MATRIX: return err_say(err, -EINVAL, "expected a mapping, got '%s'", text);
	}
	return err_say(err, -EINVAL, "option of unknown type");
}

const struct option_row *option_find(const struct option_row *rows, const char *name)
{
	for (; rows->name; rows++)
		if (!strcmp(rows->name, name))
			return rows;
	return NULL;
}

/* Levenshtein distance, with one row of the matrix; names longer than it are "far". */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[64];

	if (la > 63 || lb > 63)
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[lb];
}

const char *option_nearest(const struct option_row *rows, const char *name)
{
	size_t limit = strlen(name) / 3 > 2 ? strlen(name) / 3 : 2;
	const char *best = NULL;

	for (; rows->name; rows++) {
		size_t d = distance(name, rows->name);

		/* Not a single letter in common is no misspelling. */
		if (d <= limit && d < strlen(rows->name) && d < strlen(name)) {
			best = rows->name;
			limit = d ? d - 1 : 0;
		}
	}
	return best;
}

void option_fini(const struct option_row *rows, void *config)
{
	for (const struct option_row *row = rows; row->name; row++) {
		void *field = field_of(row, config);
		struct section_list *list = field;

		switch (row->type) {
		case OPTION_STRING:
		case OPTION_CPUS:
			free(*(char **)field);
			*(char **)field = NULL;
			break;
		case OPTION_STRINGS: str_list_fini(field); break;
		case OPTION_STRMAP:
		case OPTION_MATRIX: str_map_fini(field); break;
		case OPTION_SECTION: option_fini(row->rows, field); break;
		case OPTION_SECTIONS:
			for (size_t i = 0; i < list->n; i++) {
				char *one = (char *)list->v + i * row->size;

				option_fini(row->rows, one);
				free(*(char **)one);
			}
			free(list->v);
			*list = (struct section_list){ 0 };
			break;
		default: break;
		}
	}
}
