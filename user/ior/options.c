// SPDX-License-Identifier: Apache-2.0
/* Command-line parsing: letters, long names and -O directives through one table. */
#include "ior/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/units.h"

#define BY_LETTER "-%c (%s)"

static const struct ior_row *find_letter(char letter)
{
	for (const struct ior_row *row = ior_rows; row->name; row++)
		if (row->letter == letter)
			return row;
	return NULL;
}

static const struct ior_row *find_name(const char *name, size_t len)
{
	for (const struct ior_row *row = ior_rows; row->name; row++)
		if (strlen(row->name) == len && !strncasecmp(row->name, name, len))
			return row;
	return NULL;
}

static bool takes_value(const struct ior_row *row)
{
	return row->kind != ROW_FLAG && row->kind != ROW_COUNT && row->kind != ROW_REFUSED;
}

static int set_int(const struct ior_row *row, int64_t *field, const char *text, struct err *err)
{
	long long v;
	char *end;

	errno = 0;
	v = strtoll(text, &end, 0);
	if (end == text || *end != '\0' || isspace((unsigned char)text[0]))
		return err_say(err, -EINVAL, "expected a whole number, got '%s'", text);
	if (errno || v < row->min || v > row->max)
		return err_say(err, -ERANGE, "expected %lld to %lld, got '%s'", (long long)row->min,
			       (long long)row->max, text);
	*field = v;
	return 0;
}

static int set_choice(const struct ior_row *row, int64_t *field, const char *text, struct err *err)
{
	char all[128] = "";

	for (int i = 0; row->choices[i]; i++) {
		bool initial = row->letter == 'l' && text[1] == '\0' &&
			       tolower((unsigned char)text[0]) == row->choices[i][0];

		if (initial || !strcasecmp(text, row->choices[i])) {
			*field = i;
			return 0;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "",
			 row->choices[i]);
	}
	return err_say(err, -EINVAL, "expected one of %s, got '%s'%s", all, text,
		       row->letter == 'a' ? " (cbpf-ior has no other backend)" : "");
}

static int set_text(char **field, const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (text[0] == '\0') {
		free(copy);
		return err_say(err, -EINVAL, "expected a value, got an empty one");
	}
	if (!copy)
		return err_set(err, -ENOMEM, "copying '%s'", text);
	free(*field);
	*field = copy;
	return 0;
}

/* @text NULL: a flag given without a value. */
static int set(const struct ior_row *row, struct ior_options *o, const char *text, struct err *err)
{
	void *field = (char *)o + row->offset;
	int64_t *n = field;

	switch (row->kind) {
	case ROW_FLAG:
		if (text)
			return set_int(row, n, text, err);
		*n = 1;
		return 0;
	case ROW_COUNT:
		if (text)
			return set_int(row, n, text, err);
		if (*n < row->max)
			(*n)++;
		return 0;
	case ROW_INT: return set_int(row, n, text, err);
	case ROW_SIZE:
		if (units_parse_size(text, field) || *(uint64_t *)field > INT64_MAX)
			return err_say(err, -EINVAL,
				       "expected a size such as 4096, 4k or 1g, got '%s'", text);
		return 0;
	case ROW_CHOICE: return set_choice(row, n, text, err);
	case ROW_TEXT: return set_text(field, text, err);
	case ROW_REFUSED:
	case ROW_REFUSED_ARG: break;
	}
	return err_say(err, -ENOTSUP, "is not supported by cbpf-ior");
}

/* "name=value" or "name", from --name, from -O or as its own argument. */
static int set_named(struct ior_options *o, const char *text, const char *prefix, struct err *err)
{
	size_t len = strcspn(text, "=");
	const struct ior_row *row = find_name(text, len);
	const char *value = text[len] == '=' ? text + len + 1 : NULL;

	if (!row)
		return err_say(err, -EINVAL, "unknown %s%.*s; -h lists the options", prefix,
			       (int)len, text);
	if (ior_row_refused(row))
		return err_say(err, -ENOTSUP, "option %s%s is not supported by cbpf-ior", prefix,
			       row->name);
	if (!value && takes_value(row))
		return err_say(err, -EINVAL, "option %s%s needs a value", prefix, row->name);
	if (set(row, o, value, err))
		return err_wrap(err, "option %s%s", prefix, row->name);
	return 0;
}

static int set_directives(struct ior_options *o, const char *list, struct err *err)
{
	cleanup_free char *copy = strdup(list);
	char *at = copy, *one;

	if (!copy)
		return err_set(err, -ENOMEM, "copying -O");
	while ((one = strsep(&at, ","))) {
		int rc;

		if (one[0] == '\0')
			continue;
		if (!strchr(one, '='))
			return err_say(err, -EINVAL, "option -O expects name=value, got '%s'", one);
		rc = set_named(o, one, "-O ", err);
		if (rc)
			return rc;
	}
	return 0;
}

/* Long options take their value after '=' or as the next argument. */
static int parse_long(struct ior_options *o, int argc, char *const argv[], int *i, struct err *err)
{
	const char *text = argv[*i] + 2;
	const struct ior_row *row = find_name(text, strcspn(text, "="));
	cleanup_free char *joined = NULL;

	if (!strcmp(text, "help"))
		text = "showHelp";
	if (!row || ior_row_refused(row) || strchr(text, '=') || !takes_value(row) ||
	    *i + 1 >= argc)
		return set_named(o, text, "--", err);
	if (asprintf(&joined, "%s=%s", text, argv[++*i]) < 0) {
		joined = NULL;
		return err_set(err, -ENOMEM, "copying --%s", text);
	}
	return set_named(o, joined, "--", err);
}

/* "-wrF", "-t1m", "-t 1m", "-t=1m". */
static int parse_letters(struct ior_options *o, int argc, char *const argv[], int *i,
			 struct err *err)
{
	for (const char *at = argv[*i] + 1; *at; at++) {
		const struct ior_row *row = find_letter(*at);
		const char *value;

		if (!row && *at != 'O')
			return err_say(err, -EINVAL, "unknown option -%c; -h lists the options",
				       *at);
		if (row && ior_row_refused(row))
			return err_say(err, -ENOTSUP,
				       "option " BY_LETTER " is not supported by cbpf-ior", *at,
				       row->name);
		if (row && !takes_value(row)) {
			(void)set(row, o, NULL, err); /* a flag without value cannot fail */
			continue;
		}
		value = at[1] == '=' ? at + 2 : at + 1;
		if (at[1] == '\0')
			value = *i + 1 < argc ? argv[++*i] : NULL;
		if (!value)
			return err_say(err, -EINVAL, "option -%c needs a value", *at);
		if (*at == 'O')
			return set_directives(o, value, err);
		if (set(row, o, value, err))
			return err_wrap(err, "option " BY_LETTER, *at, row->name);
		return 0;
	}
	return 0;
}

int ior_options_parse(struct ior_options *ret, int argc, char *const argv[], struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	for (const struct ior_row *row = ior_rows; row->name; row++)
		if (row->preset && set(row, ret, row->preset, err))
			return err_wrap(err, "preset of %s", row->name);

	for (int i = 1; i < argc; i++) {
		int rc;

		if (argv[i][0] != '-' || argv[i][1] == '\0')
			return err_say(err, -EINVAL,
				       "unexpected argument '%s'; -h lists the options", argv[i]);
		rc = argv[i][1] == '-' ? parse_long(ret, argc, argv, &i, err)
				       : parse_letters(ret, argc, argv, &i, err);
		if (rc)
			return rc;
	}
	return 0;
}

void ior_options_fini(struct ior_options *o)
{
	for (const struct ior_row *row = ior_rows; row->name; row++) {
		char **field = (char **)((char *)o + row->offset);

		if (row->kind != ROW_TEXT)
			continue;
		free(*field);
		*field = NULL;
	}
}
