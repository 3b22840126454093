// SPDX-License-Identifier: Apache-2.0
/* Scanners over the text of cgroup files. */
#include "sample/cgroup_text.h"

#include <ctype.h>
#include <string.h>

#include "sample/frame.h"

/* A run of digits at *@at, which is moved behind it. False when there is none or it overflows. */
static bool scan_u64(const char **at, uint64_t *ret)
{
	const char *p = *at;
	uint64_t v = 0;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	*at = p;
	*ret = v;
	return true;
}

/* Digits that end where a word ends. */
static bool scan_word_u64(const char **at, uint64_t *ret)
{
	return scan_u64(at, ret) && (**at == '\0' || isspace((unsigned char)**at));
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

/* Moves *@at behind @word when it stands there as a prefix. */
static bool skip_prefix(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n))
		return false;
	*at += n;
	return true;
}

bool cgroup_text_u64(const char *text, uint64_t *ret)
{
	uint64_t v;

	if (!scan_u64(&text, &v))
		return false;
	if (*text == '\n')
		text++;
	if (*text)
		return false;
	*ret = v;
	return true;
}

void cgroup_text_flat(const char *text, const struct text_key *keys, size_t n_keys,
		      struct frame_row *row)
{
	for (const char *line = text; *line; line = next_line(line)) {
		for (size_t i = 0; i < n_keys; i++) {
			const char *at = line;
			uint64_t v;

			if (!skip_prefix(&at, keys[i].key) || *at++ != ' ')
				continue;
			/* A line without its end may be a number without its end. */
			if (scan_u64(&at, &v) && *at == '\n' &&
			    !__builtin_mul_overflow(v, keys[i].scale, &v))
				frame_put(row, keys[i].metric, v);
			break;
		}
	}
}

void cgroup_text_pressure(const char *text, enum metric some, enum metric full,
			  struct frame_row *row)
{
	for (const char *line = text; *line; line = next_line(line)) {
		const char *end = line + strcspn(line, "\n"), *total = strstr(line, " total=");
		bool is_some = !strncmp(line, "some ", 5);
		uint64_t us;

		if (!is_some && strncmp(line, "full ", 5) != 0)
			continue;
		if (!total || total > end || *end == '\0')
			continue;
		total += strlen(" total=");
		if (scan_word_u64(&total, &us) && !__builtin_mul_overflow(us, 1000, &us))
			frame_put(row, is_some ? some : full, us);
	}
}

static bool scan_device(const char **at, uint32_t *ret_major, uint32_t *ret_minor)
{
	const char *p = *at;
	uint64_t maj, min;

	if (!scan_u64(&p, &maj) || *p++ != ':' || !scan_u64(&p, &min) || maj > UINT32_MAX ||
	    min > UINT32_MAX || (*p && !isspace((unsigned char)*p)))
		return false;
	*at = p;
	*ret_major = maj;
	*ret_minor = min;
	return true;
}

static const struct {
	const char *key;
	enum metric metric;
} io_keys[] = {
	{ "rbytes=", METRIC_io_read_bytes },	{ "wbytes=", METRIC_io_write_bytes },
	{ "dbytes=", METRIC_io_discard_bytes }, { "rios=", METRIC_io_read_ops },
	{ "wios=", METRIC_io_write_ops },	{ "dios=", METRIC_io_discard_ops },
};
#define N_IO_KEYS (sizeof(io_keys) / sizeof(io_keys[0]))

void cgroup_text_io_stat(const char *text, device_is_stacked_fn stacked, void *arg,
			 struct frame_row *row)
{
	uint64_t sum[N_IO_KEYS] = { 0 }, v;
	bool counts = false; /* the device named last is known and not stacked */
	const char *at = text;

	for (;;) {
		uint32_t maj, min;

		at += strspn(at, " \t\n");
		if (!*at)
			break;
		if (scan_device(&at, &maj, &min)) {
			counts = !stacked(arg, maj, min);
			continue;
		}
		/* "(unknown)" names a device too, one that is counted elsewhere. */
		if (*at == '(')
			counts = false;
		for (size_t i = 0; i < N_IO_KEYS; i++) {
			const char *value = at;

			if (!skip_prefix(&value, io_keys[i].key))
				continue;
			/* Half a file has half the totals: rather none. */
			if (!scan_word_u64(&value, &v) || *value == '\0')
				return;
			if (counts)
				sum[i] += v;
			break;
		}
		at += strcspn(at, " \t\n");
	}
	for (size_t i = 0; i < N_IO_KEYS; i++)
		frame_put(row, io_keys[i].metric, sum[i]);
}

void cgroup_text_blkio(const char *text, device_is_stacked_fn stacked, void *arg, enum metric read,
		       enum metric write, enum metric discard, struct frame_row *row)
{
	static const char *const ops[] = { " Read ", " Write ", " Discard " };
	const enum metric metrics[] = { read, write, discard };
	uint64_t sum[3] = { 0 };
	bool seen[3] = { false };

	for (const char *line = text; *line; line = next_line(line)) {
		const char *at = line;
		uint32_t maj, min;

		if (!scan_device(&at, &maj, &min))
			continue;
		for (size_t i = 0; i < 3; i++) {
			const char *value = at;
			uint64_t v;

			if (!skip_prefix(&value, ops[i]))
				continue;
			if (!scan_u64(&value, &v) || *value != '\n')
				return;
			seen[i] = true;
			if (!stacked(arg, maj, min))
				sum[i] += v;
		}
	}
	for (size_t i = 0; i < 3; i++)
		if (seen[i])
			frame_put(row, metrics[i], sum[i]);
}
