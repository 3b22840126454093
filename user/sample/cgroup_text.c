// SPDX-License-Identifier: Apache-2.0
/* Scanners over the text of cgroup files. */
#include "sample/cgroup_text.h"

#include "sample/cgroup_scan.h"
#include "sample/frame.h"

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
	for (const char *line = text; *line; line = scan_next_line(line)) {
		size_t len = strcspn(line, " \n");

		for (size_t i = 0; i < n_keys; i++) {
			const char *at = line + len;
			uint64_t v;

			if (keys[i].len != len || memcmp(line, keys[i].key, len) || *at++ != ' ')
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
	for (const char *line = text; *line; line = scan_next_line(line)) {
		const char *end = line + strcspn(line, "\n"), *total = strstr(line, " total=");
		bool is_some = !strncmp(line, "some ", 5);
		enum metric metric = is_some ? some : full;
		uint64_t us;

		if ((!is_some && strncmp(line, "full ", 5) != 0) || metric == METRIC_COUNT)
			continue;
		if (!total || total > end || *end == '\0')
			continue;
		total += strlen(" total=");
		if (scan_word_u64(&total, &us) && !__builtin_mul_overflow(us, 1000, &us))
			frame_put(row, metric, us);
	}
}

void cgroup_text_quota(const char *text, enum metric quota, enum metric period,
		       struct frame_row *row)
{
	bool limited = !scan_prefix(&text, "max ");
	uint64_t q = 0, p;

	if (limited && (!scan_u64(&text, &q) || *text++ != ' '))
		return;
	if (!scan_u64(&text, &p) || *text != '\n' || __builtin_mul_overflow(p, 1000, &p) ||
	    __builtin_mul_overflow(q, 1000, &q))
		return;
	frame_put(row, period, p);
	if (limited)
		frame_put(row, quota, q);
}

bool cgroup_text_list(const char *text, uint64_t *ret)
{
	uint64_t n = 0, first, last, next = 0;

	while (*text != '\n') {
		if (!scan_u64(&text, &first) || first < next)
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!scan_u64(&text, &last) || last < first)
				return false;
		}
		/* No kernel has as many; and so nothing below overflows. */
		if (last > UINT32_MAX)
			return false;
		n += last - first + 1;
		next = last + 1;
		if (*text == ',' && text[1] != '\n')
			text++;
		else if (*text != '\n')
			return false;
	}
	if (text[1])
		return false;
	*ret = n;
	return true;
}
