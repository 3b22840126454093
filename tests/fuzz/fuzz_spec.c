// SPDX-License-Identifier: Apache-2.0
/*
 * Any text as a spec: no crash, every refusal has a message, and what is valid
 * survives being printed and read again, also as a mere tree. Behind a line that begins with "--set "
 * at the start of the text, the rest of that line is an override.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strlist.h"
#include "spec/spec.h"
#include "spec/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct spec *spec)
{
	struct buf first = BUF_INIT(16 << 20), second = BUF_INIT(16 << 20);
	struct buf messages = BUF_INIT(1 << 20);
	struct spec *again = NULL;
	json_t *tree;

	if (spec_print(spec, &first) == 0) {
		if (spec_parse("again", buf_str(&first), first.len, NULL, &messages, &again) ||
		    spec_print(again, &second) || strcmp(buf_str(&first), buf_str(&second)) != 0)
			abort();
		spec_free(again);
		tree = spec_tree(buf_str(&first), first.len);
		if (!tree)
			abort();
		json_decref(tree);
	}
	buf_fini(&first);
	buf_fini(&second);
	buf_fini(&messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char marker[] = "--set ";
	struct buf messages = BUF_INIT(1 << 20);
	struct str_list set = { 0 };
	struct spec *spec = NULL;
	const char *text = (const char *)data;
	const char *eol = size ? memchr(text, '\n', size) : NULL;
	int rc;

	if (eol && size >= strlen(marker) && !memcmp(text, marker, strlen(marker))) {
		char *value = strndup(text + strlen(marker), eol - text - strlen(marker));

		if (!value || str_list_add(&set, value))
			abort();
		free(value);
		size -= eol + 1 - text;
		text = eol + 1;
	}
	json_decref(spec_tree(text, size));
	rc = spec_parse("fuzz", text, size, &set, &messages, &spec);
	if (rc && !messages.len)
		abort();
	if (!rc) {
		check_round_trip(spec);
		spec_free(spec);
	}
	str_list_fini(&set);
	buf_fini(&messages);
	return 0;
}
