// SPDX-License-Identifier: Apache-2.0
/* Parsing and evaluation of threshold expressions. */
#include "base/expect.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/units.h"

static const char *const cmp_names[] = { "<", "<=", ">", ">=", "==", "!=" };

static int parse_value(const char *text, double *ret, enum expect_unit *ret_unit)
{
	uint64_t v;
	char *end;

	*ret_unit = EXPECT_NUMBER;
	*ret = strtod(text, &end);
	if (end != text && *end == '\0' && isfinite(*ret))
		return 0;
	*ret_unit = EXPECT_TIME;
	/* "m" is a minute here, as in every duration; sizes say MiB. */
	if (units_parse_duration(text, &v)) {
		*ret_unit = EXPECT_SIZE;
		if (units_parse_size(text, &v))
			return -EINVAL;
	}
	*ret = v;
	return 0;
}

/* "+10%", "-2.5 %". */
static int parse_relative(const char *text, double *ret)
{
	char *end;

	if (*text != '+' && *text != '-')
		return -EINVAL;
	*ret = strtod(text, &end);
	if (end == text || !isfinite(*ret))
		return -EINVAL;
	end += strspn(end, " \t");
	return strcmp(end, "%") ? -EINVAL : 0;
}

/* Operations of a tool have names of several words: "results.file creation.iops". */
static bool blanks_fit(const char *target_end)
{
	const char *path = target_end + 1, *at = path;

	if (strncmp(path, "results.", 8))
		return !strpbrk(path, " \t");
	for (; (at = strpbrk(at, " \t")); at++)
		if (*at != ' ' || strchr(" .", at[-1]) || strchr(" \t.", at[1]))
			return false;
	return true;
}

int expect_parse(const char *text, struct expect *ret, struct err *err)
{
	const char *op = text + strcspn(text, "<>=!"), *value, *dot;
	struct expect e = { 0 };
	size_t left = op - text, best = 0;
	char lhs[256];

	for (size_t i = 0; i < ARRAY_SIZE(cmp_names); i++) {
		size_t n = strlen(cmp_names[i]);

		if (!strncmp(op, cmp_names[i], n) && n > best) {
			best = n;
			e.cmp = i;
		}
	}
	if (!best)
		return err_say(
			err, -EINVAL,
			"expected TARGET.METRIC CMP VALUE with one of < <= > >= == !=, got '%s'",
			text);
	while (left && isspace((unsigned char)text[left - 1]))
		left--;
	if (left >= sizeof(lhs))
		return err_say(err, -EINVAL, "'%.40s...' is too long", text);
	memcpy(lhs, text, left);
	lhs[left] = '\0';
	dot = expect_target_end(lhs);
	if (!dot || dot == lhs || !dot[1] || strcspn(lhs, " \t") < (size_t)(dot - lhs) ||
	    !blanks_fit(dot) || (size_t)(dot - lhs) >= sizeof(e.target) ||
	    strlen(dot + 1) >= sizeof(e.path))
		return err_say(err, -EINVAL,
			       "expected TARGET.METRIC such as victim.block.read.p99 before '%s', "
			       "got '%s'",
			       cmp_names[e.cmp], lhs);
	memcpy(e.target, lhs, dot - lhs);
	strcpy(e.path, dot + 1);
	value = op + best;
	value += strspn(value, " \t");
	e.relative = strchr(value, '%') != NULL;
	if (e.relative && parse_relative(value, &e.value))
		return err_say(
			err, -EINVAL,
			"expected a change of the base such as +10%% or -10%% after '%s', got '%s'",
			cmp_names[e.cmp], value);
	if (!e.relative && parse_value(value, &e.value, &e.unit))
		return err_say(err, -EINVAL, "expected a number, 5ms or 4KiB after '%s', got '%s'",
			       cmp_names[e.cmp], value);
	*ret = e;
	return 0;
}

int expect_holds(const struct expect *e, double actual)
{
	switch (e->cmp) {
	case EXPECT_LT: return actual < e->value;
	case EXPECT_LE: return actual <= e->value;
	case EXPECT_GT: return actual > e->value;
	case EXPECT_GE: return actual >= e->value;
	case EXPECT_EQ: return actual == e->value;
	case EXPECT_NE: return actual != e->value;
	}
	return 0;
}

const char *expect_cmp_name(enum expect_cmp cmp)
{
	return cmp_names[cmp];
}
