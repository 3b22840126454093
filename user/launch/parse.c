// SPDX-License-Identifier: Apache-2.0
/* Telling benchmark tools apart by what they print. */
#include "launch/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/result.h"
#include "launch/parse_tool.h"

struct format {
	const char *marks[2]; /* strings that the output holds, whatever stands around them */
	int (*parse)(const char *text, size_t len, struct result_set *ret, struct err *err);
};

/* The first match wins: IOR's text names itself, its JSON does not. */
static const struct format formats[] = {
	{ { "MPI Coordinated Test of Parallel I/O", NULL }, parse_ior_text },
	{ { "mdtest-", "was launched with" }, parse_mdtest_text },
	{ { "\"Command line\"", "\"tests\"" }, parse_ior_json },
	{ { "\"Version\"", "\"Began\"" }, parse_ior_json },
	{ { "\"fio version\"", NULL }, parse_fio_json },
	{ { "MD-Workbench total objects:", NULL }, parse_md_workbench },
	{ { " process max:", "op-max:" }, parse_md_workbench },
	{ { "access,bw(MiB/s)", NULL }, parse_ior_csv },
	{ { "access,rank,", NULL }, parse_ior_rank_csv },
	{ { "access,iter,begin_ns", NULL }, parse_ior_op_csv },
	{ { "time,runtime,tp", NULL }, parse_ior_op_csv },
};

static bool holds(const char *text, size_t len, const char *mark)
{
	return !mark || memmem(text, len, mark, strlen(mark));
}

/* Up to 4.0 the file of ranks has no header: "write,0,1.2e-02,1.1e-02,3.4e+08,3.5e+08". */
static bool is_rank_csv(const char *text, size_t len)
{
	const char *at = text;
	char line[1024], op[16];
	double v[4];
	int rank;

	return parse_line(&at, text + len, line, sizeof(line)) &&
	       sscanf(line, "%15[a-z],%d,%lf,%lf,%lf,%lf", op, &rank, &v[0], &v[1], &v[2], &v[3]) >=
		       5 &&
	       (!strcmp(op, "write") || !strcmp(op, "read"));
}

int parse_results(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct format *f = &formats[i];

		if (holds(text, len, f->marks[0]) && holds(text, len, f->marks[1]))
			return f->parse(text, len, ret, err);
	}
	if (is_rank_csv(text, len))
		return parse_ior_rank_csv(text, len, ret, err);
	return err_say(err, -EBADMSG, "this is not the output of IOR, mdtest, md-workbench or fio");
}

bool parse_found_corruption(const char *text, size_t len)
{
	return holds(text, len, PARSE_CORRUPT_WORDS);
}

void parse_say_corruption(const char *text, size_t len, char *message, size_t size)
{
	const char *at = memmem(text, len, PARSE_CORRUPT_WORDS, strlen(PARSE_CORRUPT_WORDS));
	int left = at ? (int)strnlen(at, text + len - at) : 0;

	for (int i = 0; i < left; i++)
		if (strchr(".\"\n", at[i]))
			left = i;
	if (at)
		snprintf(message, size, "IOR found i%.*s", left, at);
	else
		snprintf(message, size, "IOR found incorrect data");
}
