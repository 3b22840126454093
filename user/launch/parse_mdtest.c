// SPDX-License-Identifier: Apache-2.0
/* mdtest's table of rates. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "launch/parse_tool.h"

/* "   File creation     45319.083  45319.083  45319.083  0.000": a name, then four numbers. */
static int read_rate(struct result_set *set, char *line)
{
	char *words[PARSE_MAX_WORDS];
	size_t n = parse_words(line, words, PARSE_MAX_WORDS);
	struct result *r;

	if (n < 6 || isnan(parse_number(words[n - 4])) || isnan(parse_number(words[n - 1])))
		return 0;
	r = result_add(set);
	if (!r)
		return -ENOMEM;
	r->iops = parse_number(words[n - 2]); /* the mean of all iterations */
	for (size_t i = 0; i < n - 4; i++) {
		size_t at = strlen(r->op);

		snprintf(r->op + at, sizeof(r->op) - at, "%s%s", i ? " " : "", words[i]);
	}
	r->op[0] = tolower((unsigned char)r->op[0]);
	return 0;
}

int parse_mdtest_text(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	const char *at = text, *end = text + len;
	bool in_table = false, finished = false;
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
		} else if (!strncmp(line, "Command line used: ", 19)) {
			snprintf(ret->command, sizeof(ret->command), "%.1023s", line + 19);
		} else if (!strncmp(line, "SUMMARY rate", 12)) {
			in_table = true;
		} else if (!strncmp(line, "SUMMARY", 7) || !strncmp(line, "-- finished", 11)) {
			in_table = false;
			finished |= line[0] == '-';
		} else if (in_table) {
			rc = read_rate(ret, line);
		}
	}
	for (size_t i = 0; i < ret->n; i++)
		ret->v[i].tasks = tasks;
	if (!finished)
		parse_fail(ret, "the output is cut short: mdtest did not print that it finished");
	else if (!ret->n)
		parse_fail(ret, "the output holds no table of rates");
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading mdtest's output");
	}
	return 0;
}
