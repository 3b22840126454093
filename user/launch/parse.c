// SPDX-License-Identifier: Apache-2.0
/* Telling benchmark tools apart by what they print. */
#include "launch/parse.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/result.h"
#include "launch/parse_tool.h"

struct format {
	const char *marks[2]; /* strings that the output holds, whatever stands around them */
	int (*parse)(const char *text, size_t len, struct result_set *ret, struct err *err);
	const char *name; /* of a tool that is known but not read */
};

/* The first match wins: IOR's text names itself, its JSON does not. */
static const struct format formats[] = {
	{ { "MPI Coordinated Test of Parallel I/O", NULL }, parse_ior_text, NULL },
	{ { "mdtest-", "was launched with" }, parse_mdtest_text, NULL },
	{ { "\"Command line\"", "\"tests\"" }, parse_ior_json, NULL },
	{ { "\"Version\"", "\"Began\"" }, parse_ior_json, NULL },
	{ { "\"fio version\"", NULL }, NULL, "fio" },
	{ { "md-workbench", NULL }, NULL, "md-workbench" },
};

static bool holds(const char *text, size_t len, const char *mark)
{
	return !mark || memmem(text, len, mark, strlen(mark));
}

int parse_results(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct format *f = &formats[i];

		if (!holds(text, len, f->marks[0]) || !holds(text, len, f->marks[1]))
			continue;
		if (f->parse)
			return f->parse(text, len, ret, err);
		return err_say(err, -EBADMSG,
			       "this is the output of %s, which cbpf " CBPF_VERSION " cannot read",
			       f->name);
	}
	return err_say(err, -EBADMSG, "this is not the output of IOR or mdtest");
}

bool parse_found_corruption(const char *text, size_t len)
{
	return holds(text, len, "Incorrect data on");
}
