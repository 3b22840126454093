// SPDX-License-Identifier: Apache-2.0
/* Lines, words and numbers of tools' output. */
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

size_t parse_words(char *line, char **words, size_t max)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " \t", &save); w && n < max; w = strtok_r(NULL, " \t", &save))
		words[n++] = w;
	return n;
}

double parse_number(const char *word)
{
	char *end;
	double v = strtod(word, &end);

	return end == word || *end != '\0' || !isfinite(v) ? NAN : v;
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
