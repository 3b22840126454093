// SPDX-License-Identifier: Apache-2.0
/* Any strings become one line or none; any bytes may come from a server. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "sink/influxdb_answer.h"
#include "sink/line.h"
#include "sink/point.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STRINGS 6

/* Strings of the input, which zero bytes end; further ones are empty. */
static void cut(char *text, size_t size, const char *ret[STRINGS])
{
	size_t at = 0;

	for (size_t i = 0; i < STRINGS; i++) {
		ret[i] = at < size ? text + at : "";
		at += at < size ? strlen(text + at) + 1 : 0;
	}
}

/* Newlines that no quotes hold: a reader of lines sees as many lines. */
static size_t count_lines(const char *text)
{
	bool quoted = false, fields = false;
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == ' ' && !quoted)
			fields = true;
		else if (*text == '"' && fields)
			quoted = !quoted;
		else if (*text == '\n' && !quoted)
			n++;
	}
	return quoted ? 0 : n;
}

static void encode(char *text, size_t size, struct buf *out)
{
	static const struct measure_column word = { .type = TYPE_TEXT },
					   real = { .type = TYPE_REAL };
	static struct point p;
	struct measurement m = { 0 };
	const char *s[STRINGS];
	struct line_note told;

	cut(text, size, s);
	m.name = s[0];
	p = (struct point){ .measurement = &m, .n_tags = 2, .n_fields = 2, .time_ns = 1 };
	p.tags[0] = (struct point_value){ .column = &word, .name = s[1], .text = s[2] };
	p.tags[1] = (struct point_value){ .column = &word, .name = "t", .text = s[3] };
	p.fields[0] = (struct point_value){ .column = &word, .name = s[4], .text = s[5] };
	p.fields[1] = (struct point_value){ .column = &real, .name = "r" };
	if (size >= sizeof(p.fields[1].real))
		memcpy(&p.fields[1].real, text, sizeof(p.fields[1].real));
	if (line_append(&p, out, &told)) {
		if (out->len || !*told.why || !utf8_valid(told.why) || strchr(told.why, '\n'))
			abort();
	} else if (!utf8_valid(out->data) || count_lines(out->data) != 1) {
		abort();
	}
}

static void judge(const uint8_t *data, size_t size, const char *text)
{
	static const long statuses[] = { 204, 400, 404, 413, 422, 429, 500 };
	struct influxdb_verdict v;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct influxdb_answer a = { statuses[i], text, (const char *)data, size };

		influxdb_judge(&a, 10, 1700000000000000000, &v);
		if (!utf8_valid(v.words) || strchr(v.words, '\n') || v.line > 10)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(1 << 20);
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	encode(text, size, &out);
	judge(data, size, text);
	free(text);
	buf_fini(&out);
	return 0;
}
