// SPDX-License-Identifier: Apache-2.0
/* Checks of thresholds: one that names no value would fail every run. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/expect.h"
#include "spec/load.h"
#include "spec/spec.h"

/* What results IOR has is known, whichever of its outputs they are from. */
static void check_ior_op(const char *path, struct diag_mark at, struct diag *diag)
{
	static const struct option_row ops[] = { { .name = "write" },
						 { .name = "read" },
						 { .name = "remove" },
						 { .name = "call" },
						 { 0 } };
	char op[sizeof(((struct expect *)NULL)->path)];

	if (strncmp(path, "results.", strlen("results.")))
		return;
	path += strlen("results.");
	snprintf(op, sizeof(op), "%.*s", (int)strcspn(path, "."), path);
	if (!option_find(ops, op))
		check_unknown_name(diag, at, "operation of ior", op, option_nearest(ops, op));
}

void check_expect(const struct spec *spec, const char *text, struct diag *diag)
{
	const struct spec_container *c = spec->containers.v;
	struct diag_mark at = diag_find(diag, text, &spec->expect);
	struct expect e;
	struct err err;
	bool found, is_ior = false;

	if (expect_parse(text, &e, &err)) {
		diag_error(diag, at, "expect: %s", err.text);
		return;
	}
	if (e.relative)
		diag_error(diag, at,
			   "expect: %+g%% is of a base, which one run does not have: `cbpf compare "
			   "--fail-if` does",
			   e.value);
	found = !strcmp(e.target, "host") || !strcmp(e.target, "unattributed");
	for (size_t i = 0; i < spec->containers.n; i++) {
		bool is_it = !strcmp(c[i].name, e.target);

		found |= is_it;
		is_ior |= is_it && c[i].workload.has_ior == FLAG_ON;
	}
	if (!found)
		check_unknown(diag, at, "target", e.target, &spec->containers, sizeof(*c));
	if (expect_check_path(e.path, &err) || expect_check_unit(&e, &err))
		diag_error(diag, at, "expect: %s", err.text);
	else if (is_ior)
		check_ior_op(e.path, at, diag);
}
