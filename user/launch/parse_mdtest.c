// SPDX-License-Identifier: Apache-2.0
/* mdtest's table of rates. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/parse_tool.h"

/* What mdtest names in its table, by its first word. */
static bool names_rate(const char *word)
{
	static const char *const words[] = { "Directory", "File", "Tree" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* Of no time at all the rate is printed as "inf", and how it spreads as "-nan". */
static bool is_figure(const char *word)
{
	char *end;

	(void)strtod(word, &end);
	return end != word && !*end;
}

/*
 * "   File creation     45319.083  45319.083  45319.083  0.000": a name, then four
 * numbers, which are the last ones of seven where ranks are told apart.
 */
static int read_rate(struct result_set *set, char *line, bool in_table)
{
	char *words[PARSE_MAX_WORDS];
	size_t n = parse_words(line, words, PARSE_MAX_WORDS), name = 0;
	struct result *r;

	while (name < n && !is_figure(words[name]))
		name++;
	/* A line of words is none of rates, but for one that has lost them. */
	if (!name || (name == n && !in_table) ||
	    ((!in_table || name == n) && !names_rate(words[0])))
		return 0;
	if (!in_table || (n - name != 4 && n - name != 7)) {
		parse_fail(set, in_table ? "a row of the table of rates is cut short"
					 : "lines of the output are missing or out of order");
		return 0;
	}
	/* 3.x prints zeros for what it did not do. */
	if (parse_number(words[n - 4]) == 0 && parse_number(words[n - 2]) == 0)
		return 0;
	r = result_add(set);
	if (!r)
		return -ENOMEM;
	r->iops = parse_number(words[n - 2]); /* the mean of all iterations */
	for (size_t i = 0; i < name; i++) {
		size_t at = strlen(r->op);

		snprintf(r->op + at, sizeof(r->op) - at, "%s%s", i ? " " : "", words[i]);
	}
	r->op[0] = tolower((unsigned char)r->op[0]);
	if (isnan(parse_number(words[n - 4])) || isnan(parse_number(words[n - 3])) ||
	    isnan(r->iops))
		parse_fail(set, "a rate in the table of rates is no number");
	/* Of ops/sec, the mean lies between the others. */
	if (!(parse_number(words[n - 4]) >= r->iops && r->iops >= parse_number(words[n - 3])))
		parse_fail(set,
			   "the output contradicts itself: a mean is not between least and most");
	return 0;
}

/* "SUMMARY rate (in ops/sec): ...", in 1.9 "SUMMARY: (of 1 iterations)"; others are of times. */
static bool begins_rates(const char *line)
{
	return !strncmp(line, "SUMMARY rate", 12) || !strncmp(line, "SUMMARY: (", 10);
}

int parse_mdtest_text(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	const char *at = text, *end = text + len;
	bool in_table = false, in_times = false, launched_once = false, finished = false;
	char line[4096];
	int rc = 0, tasks = -1;

	*ret = (struct result_set){
		.status = RESULT_OK,
		.source = "text",
		.tool = "mdtest",
		.binary = "mdtest",
	};
	while (!rc && parse_line(&at, end, line, sizeof(line))) {
		char *launched = strstr(line, " was launched with ");

		if (!strncmp(line, "mdtest-", 7) && launched) {
			snprintf(ret->version, sizeof(ret->version), "%.*s",
				 (int)(launched - line - 7), line + 7);
			sscanf(launched, " was launched with %d", &tasks);
			launched_once = true;
		} else if (!strncmp(line, "Command line used: ", 19)) {
			snprintf(ret->command, sizeof(ret->command), "%.1023s", line + 19);
		} else if (!strncmp(line, "SUMMARY", 7)) {
			in_table = begins_rates(line) && launched_once;
			in_times = !begins_rates(line);
		} else if (!strncmp(line, "-- finished", 11)) {
			in_table = in_times = false;
			finished = true;
		} else if (!strncmp(line, "ERROR", 5)) {
			parse_fail(ret, line);
		} else if (!in_times) {
			rc = read_rate(ret, line, in_table && !finished);
		}
	}
	for (size_t i = 0; i < ret->n; i++)
		ret->v[i].tasks = tasks;
	if (parse_found_corruption(text, len) || memmem(text, len, "VERIFICATION ERROR", 18)) {
		ret->status = RESULT_CORRUPT;
		strcpy(ret->message, "mdtest found incorrect data");
	} else if (!finished)
		parse_fail(ret, "the output is cut short: mdtest did not print that it finished");
	else if (!ret->n)
		parse_fail(ret, "the output holds no table of rates");
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading mdtest's output");
	}
	return 0;
}
