// SPDX-License-Identifier: Apache-2.0
/* Checks of thresholds: one that names no value would fail every run. */
#include <string.h>

#include "base/err.h"
#include "base/expect.h"
#include "spec/load.h"
#include "spec/spec.h"

void check_expect(const struct spec *spec, const char *text, struct diag *diag)
{
	const struct spec_container *c = spec->containers.v;
	struct diag_mark at = diag_find(diag, text, &spec->expect);
	struct expect e;
	struct err err;
	bool found;

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
	for (size_t i = 0; i < spec->containers.n; i++)
		found |= !strcmp(c[i].name, e.target);
	if (!found)
		check_unknown(diag, at, "target", e.target, &spec->containers, sizeof(*c));
	if (expect_check_path(e.path, &err) || expect_check_unit(&e, &err))
		diag_error(diag, at, "expect: %s", err.text);
}
