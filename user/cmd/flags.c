// SPDX-License-Identifier: Apache-2.0
/* Option rows as command-line flags, through getopt_long(). */
#include "cmd/flags.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum { VAL_HELP = 'h', VAL_ROW = 256, VAL_NO = 512 };

struct flag_table {
	struct option longs[2 * FLAGS_MAX + 2]; /* rows, --no- twins, help, end */
	char no_names[FLAGS_MAX][64];
	char letters[3 * FLAGS_MAX + 4];
	size_t n;
};

bool flag_is_switch(const struct option_row *row)
{
	return row->type == OPTION_BOOL;
}

bool flag_has_no(const struct option_row *row)
{
	return flag_is_switch(row) && row->preset && !strcmp(row->preset, "true");
}

const char *flag_metavar(const struct option_row *row)
{
	if (flag_is_switch(row))
		return NULL;
	if (row->metavar)
		return row->metavar;
	switch (row->type) {
	case OPTION_TRI: return "WHEN";
	case OPTION_INT: return "N";
	case OPTION_SIZE: return "SIZE";
	case OPTION_DURATION: return "DURATION";
	case OPTION_REAL: return "NUMBER";
	case OPTION_CPUS: return "CPUS";
	case OPTION_STRMAP: return "KEY=VALUE";
	default: return "TEXT";
	}
}

static void add_long(struct flag_table *t, size_t *at, const char *name, int has_arg, int val)
{
	t->longs[(*at)++] = (struct option){ .name = name, .has_arg = has_arg, .val = val };
}

static int table_make(struct flag_table *t, const struct option_row *rows, struct err *err)
{
	size_t at = 0;
	char *letter = t->letters;

	memset(t, 0, sizeof(*t));
	*letter++ = ':'; /* tell a missing value from an unknown flag */
	*letter++ = 'h';
	for (const struct option_row *row = rows; row && row->name; row++, t->n++) {
		bool plain = flag_is_switch(row);

		if (t->n == FLAGS_MAX)
			return err_say(err, -E2BIG, "more than %d options", FLAGS_MAX);
		add_long(t, &at, row->name, plain ? no_argument : required_argument,
			 VAL_ROW + (int)t->n);
		if (flag_has_no(row)) {
			snprintf(t->no_names[t->n], sizeof(t->no_names[0]), "no-%s", row->name);
			add_long(t, &at, t->no_names[t->n], no_argument, VAL_NO + (int)t->n);
		}
		if (row->letter) {
			*letter++ = row->letter;
			if (!plain)
				*letter++ = ':';
		}
	}
	add_long(t, &at, "help", no_argument, VAL_HELP);
	return 0;
}

/* The row a value of getopt_long() stands for. */
static const struct option_row *row_of(const struct flag_table *t, const struct option_row *rows,
				       int val)
{
	if (val >= VAL_NO && (size_t)(val - VAL_NO) < t->n)
		return &rows[val - VAL_NO];
	if (val >= VAL_ROW && (size_t)(val - VAL_ROW) < t->n)
		return &rows[val - VAL_ROW];
	for (size_t i = 0; val && i < t->n; i++)
		if (rows[i].letter == val)
			return &rows[i];
	return NULL;
}

static int set_value(const struct option_row *row, void *config, const char *text, struct err *err)
{
	if (option_set(row, config, text, err))
		return err_wrap(err, "--%s", row->name);
	return 0;
}

static int set_switch(const struct option_row *row, void *config, bool on)
{
	*(enum flag *)((char *)config + row->offset) = on ? FLAG_ON : FLAG_OFF;
	return 0;
}

/* What getopt_long() answered with '?': unknown, ambiguous, or a value where none goes. */
static int refuse(const struct flag_table *t, const struct option_row *rows, const char *word,
		  struct err *err)
{
	const struct option_row *row = row_of(t, rows, optopt);
	char name[64];
	const char *near = NULL;

	if (row || optopt == VAL_HELP)
		return err_say(err, -EINVAL, "--%s takes no value", row ? row->name : "help");
	if (optopt)
		return err_say(err, -EINVAL, "unknown option '-%c'", optopt);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	for (size_t i = 0, hits = 0; name[0] && t->longs[i].name; i++)
		if (!strncmp(t->longs[i].name, name, strlen(name)) && ++hits == 2)
			return err_say(err, -EINVAL, "option '--%s' could mean several", name);
	near = rows ? option_nearest(rows, name) : NULL;
	if (near)
		return err_say(err, -EINVAL, "unknown option '--%s'; did you mean '--%s'?", name,
			       near);
	return err_say(err, -EINVAL, "unknown option '--%s'", name);
}

static int check_required(const struct option_row *rows, const bool *seen, struct err *err)
{
	for (size_t i = 0; rows && rows[i].name; i++)
		if (rows[i].required && !seen[i])
			return err_say(err, -EINVAL, "--%s %s is needed", rows[i].name,
				       flag_metavar(&rows[i]));
	return 0;
}

enum flags_result flags_parse(const struct option_row *rows, void *config, int argc, char **argv,
			      int *ret_first, struct err *err)
{
	bool seen[FLAGS_MAX] = { false };
	struct flag_table t;
	int val;

	if (table_make(&t, rows, err))
		return FLAGS_BAD;
	opterr = 0;
	optind = 0; /* start over, whatever was parsed before */
	while ((val = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
		const struct option_row *row = row_of(&t, rows, val);
		int rc;

		if (val == VAL_HELP)
			return FLAGS_HELP;
		if (val == ':') {
			row = row_of(&t, rows, optopt);
			err_say(err, -EINVAL, "--%s needs a value: --%s %s", row->name, row->name,
				flag_metavar(row));
			return FLAGS_BAD;
		}
		if (val == '?') {
			refuse(&t, rows, argv[optind - 1], err);
			return FLAGS_BAD;
		}
		seen[row - rows] = true;
		rc = flag_is_switch(row) ? set_switch(row, config, val < VAL_NO)
					 : set_value(row, config, optarg, err);
		if (rc)
			return FLAGS_BAD;
	}
	if (check_required(rows, seen, err))
		return FLAGS_BAD;
	*ret_first = optind;
	return FLAGS_OK;
}
