// SPDX-License-Identifier: Apache-2.0
/*
 * Any text as a threshold: no crash, every refusal has a message, and what is accepted can be told
 * again and means the same.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/expect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct expect *e)
{
	struct expect again;
	struct err err;
	char text[512];

	snprintf(text, sizeof(text), e->relative ? "%s.%s %s %+.17g%%" : "%s.%s %s %.17g",
		 e->target, e->path, expect_cmp_name(e->cmp), e->value);
	if (expect_parse(text, &again, &err) || strcmp(again.target, e->target) != 0 ||
	    strcmp(again.path, e->path) != 0 || again.cmp != e->cmp || again.value != e->value ||
	    again.relative != e->relative)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct expect e;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (expect_parse(text, &e, &err)) {
		if (!err.text[0])
			abort();
	} else {
		if (!isfinite(e.value) || !e.target[0] || !e.path[0])
			abort();
		check_again(&e);
		err.text[0] = '\0';
		if (expect_check_path(e.path, &err) && !err.text[0])
			abort();
		err.text[0] = '\0';
		if (expect_check_unit(&e, &err) && !err.text[0])
			abort();
	}
	free(text);
	return 0;
}
