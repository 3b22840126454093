// SPDX-License-Identifier: Apache-2.0
/* What IOR was asked for: by letters, long names and -O directives, as it reads its command line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "finding/judging.h"

#define VALUED "AabdDfGijJlMNoOQstTUX" /* letters that take a value, in any of its versions */

static const struct {
	const char *name;
	char letter;
} letters[] = {
	{ "reorderTasks", 'C' },
	{ "deadlineForStonewalling", 'D' },
	{ "fsync", 'e' },
	{ "filePerProc", 'F' },
	{ "dataPacketType", 'l' },
	{ "useO_DIRECT", 'B' },
	{ "fsyncPerWrite", 'Y' },
	{ "randomOffset", 'z' },
	{ "reorderTasksRandom", 'Z' },
};

/* The value of the last that was given. */
struct given {
	const char *text; /* within the command; NULL: not given */
	size_t len;
};

static const struct given is_set = { "1", 1 };

static char letter_of(const char *name)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (!strcmp(letters[i].name, name))
			return letters[i].letter;
	return '\0';
}

/* Length of the next word, to whose begin *@at is moved; 0: none is left. */
static size_t next_word(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

/* "NAME" or "NAME=VALUE": is it @name? */
static bool take_named(const char *at, size_t len, const char *name, struct given *ret)
{
	const char *equals = memchr(at, '=', len);
	size_t n = equals ? (size_t)(equals - at) : len;

	if (n != strlen(name) || strncasecmp(at, name, n) != 0)
		return false;
	*ret = equals ? (struct given){ equals + 1, len - n - 1 } : is_set;
	return true;
}

/* "NAME=VALUE,NAME=VALUE" */
static void take_directives(const char *at, size_t len, const char *name, struct given *ret)
{
	const char *end = at + len;

	while (at < end) {
		const char *comma = memchr(at, ',', end - at);

		take_named(at, (comma ? comma : end) - at, name, ret);
		at = comma ? comma + 1 : end;
	}
}

/* "-wrF", "-t1m", "-t 1m" or "-t=1m"; where the next word begins. */
static const char *take_letters(const char *at, size_t len, const char *name, struct given *ret)
{
	for (size_t i = 1; i < len; i++) {
		const char *value = at + i + 1;
		size_t n = len - i - 1;

		if (!strchr(VALUED, at[i])) {
			if (at[i] == letter_of(name))
				*ret = is_set;
			continue;
		}
		if (!n)
			n = next_word(&value);
		else if (*value == '=')
			value++, n--;
		if (at[i] == 'O')
			take_directives(value, n, name, ret);
		else if (at[i] == letter_of(name))
			*ret = (struct given){ value, n };
		return value + n;
	}
	return at + len;
}

/* "--NAME=VALUE", "--NAME VALUE" or "--NAME"; where the next word begins. */
static const char *take_long(const char *at, size_t len, const char *name, struct given *ret)
{
	const char *value = at + len;
	size_t n;

	if (!take_named(at + 2, len - 2, name, ret) || ret->text != is_set.text)
		return at + len;
	n = next_word(&value);
	if (!n || *value == '-')
		return at + len;
	*ret = (struct given){ value, n };
	return value + n;
}

static struct given given(const char *command, const char *name)
{
	struct given ret = { 0 };
	const char *at = command;
	size_t len = at ? next_word(&at) : 0;

	for (at = at ? at + len : ""; (len = next_word(&at));) {
		if (len > 2 && !strncmp(at, "--", 2))
			at = take_long(at, len, name, &ret);
		else if (*at == '-')
			at = take_letters(at, len, name, &ret);
		else
			at += len;
	}
	return ret;
}

bool has_option(const char *command, const char *name)
{
	struct given is = given(command, name);

	return is.text && !(is.len == 1 && *is.text == '0');
}

double option_number(const char *command, const char *name)
{
	struct given is = given(command, name);
	char *end;
	double value;

	if (!is.len)
		return NAN;
	value = strtod(is.text, &end);
	return end == is.text ? NAN : value;
}
