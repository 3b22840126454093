// SPDX-License-Identifier: Apache-2.0
/* Lines, words and numbers of tools' output. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch/parse_tool.h"

bool parse_line(const char **at, const char *end, char *line, size_t size)
{
	const char *stop;
	size_t len;

	if (*at >= end)
		return false;
	stop = memchr(*at, '\n', end - *at);
	if (!stop)
		stop = end;
	len = stop - *at;
	if (len && (*at)[len - 1] == '\r')
		len--;
	if (len >= size)
		len = size - 1;
	memcpy(line, *at, len);
	line[len] = '\0';
	*at = stop < end ? stop + 1 : end;
	return true;
}

bool parse_whole_lines(const char *text, size_t len)
{
	return len && text[len - 1] == '\n';
}

size_t parse_words(char *line, char **words, size_t max)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " \t", &save); w && n < max; w = strtok_r(NULL, " \t", &save))
		words[n++] = w;
	return n;
}

size_t parse_commas(char *line, char **words, size_t max)
{
	size_t n = 0;

	for (char *w = strsep(&line, ","); w && n < max; w = strsep(&line, ",")) {
		char *end = w + strlen(w);

		while (isspace((unsigned char)*w))
			w++;
		while (end > w && isspace((unsigned char)end[-1]))
			*--end = '\0';
		words[n++] = w;
	}
	return n;
}

double parse_number(const char *word)
{
	char *end;
	double v = strtod(word, &end);

	return end == word || *end != '\0' || !isfinite(v) ? NAN : v;
}

double parse_rounding(const char *word)
{
	const char *dot = strchr(word, '.'), *exponent = strpbrk(word, "eE");
	size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;

	return 0.5 * pow(10, (exponent ? strtod(exponent + 1, NULL) : 0) - (double)digits);
}

int parse_int(double v)
{
	return v >= 0 && v <= 1e9 ? (int)v : -1;
}

void parse_fail(struct result_set *set, const char *message)
{
	if (set->status != RESULT_OK)
		return;
	set->status = RESULT_FAILED;
	snprintf(set->message, sizeof(set->message), "%s", message);
}

void parse_ior_binary(struct result_set *set)
{
	strcpy(set->tool, "ior");
	strcpy(set->binary, strstr(set->version, "+cbpf") ? "cbpf-ior" : "ior");
}

double parse_json_number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

void parse_json_text(const json_t *o, const char *key, char *text, size_t size)
{
	const char *s = json_string_value(json_object_get(o, key));

	snprintf(text, size, "%s", s ? s : "");
}
