// SPDX-License-Identifier: Apache-2.0
/* Where a target's tasks spent their time on CPUs, by samples, in a terminal. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/stack.h"
#include "report/table.h"
#include "report/text_parts.h"

#define LINE_MAX_BYTES 8192
#define INDENT 12
#define FUNCTIONS_SHOWN 5
#define NAME_COLUMNS 56 /* of a function; some of C++ are longer than any line */
#define GAP_TOLD 0.01 /* of the expected samples: ticks at both ends do not matter */

int put_profile(struct buf *out, const json_t *profile)
{
	double samples = number_in(profile, "samples"),
	       unknown = number_in(profile, "unknown_samples");

	buf_printf(out, "%s samples at %s Hz", format_count(json_object_get(profile, "samples")).s,
		   format_count(json_object_get(profile, "frequency_hz")).s);
	if (!(samples > 0))
		return out->failed;
	buf_printf(out, ": %s", format_ns(json_object_get(profile, "cpu_ns")).s);
	if (number_in(profile, "error_pct") > 0)
		buf_printf(out, " +- %s", format_ratio(number_in(profile, "error_pct"), 100).s);
	buf_printf(out, " on CPUs, %s in the kernel",
		   format_ratio(number_in(profile, "kernel_samples"), samples).s);
	if (unknown > 0)
		buf_printf(out, ", %s where nothing has a name", format_ratio(unknown, samples).s);
	return out->failed;
}

/* "; most in memset 23 %, vfs_write_[k] 9 %" */
static void put_functions(struct buf *text, const json_t *profile)
{
	json_t *function;
	size_t i;

	json_array_foreach(json_object_get(profile, "functions"), i, function) {
		const char *name = text_in(function, "name");
		struct stack_frame f = { name, name ? strlen(name) : 0 };
		size_t fits = stack_fit(&f, NAME_COLUMNS);
		double self = number_in(function, "self");

		if (i == FUNCTIONS_SHOWN || !(self > 0))
			break;
		buf_printf(text, "%s%.*s%s %s", i ? ", " : "; most in ", (int)fits, f.name,
			   fits < f.len ? ".." : "",
			   format_ratio(self, number_in(profile, "samples")).s);
	}
}

int text_profile(const json_t *target, const struct report_style *style, struct buf *out)
{
	const json_t *profile = json_object_get(target, "profile");
	cleanup_buf struct buf text = BUF_INIT(LINE_MAX_BYTES);

	if (!profile)
		return out->failed;
	(void)put_profile(&text, profile); /* it fits */
	put_functions(&text, profile);
	buf_puts(out, "  profile   ");
	(void)text_wrap(out, style, INDENT, INDENT, buf_str(&text)); /* @out keeps the failure */
	return buf_puts(out, "\n");
}

int put_profile_gap(struct buf *out, const json_t *report)
{
	const json_t *run = json_object_get(report, "profile");
	double samples = number_in(run, "samples"), expected = number_in(run, "expected"),
	       lost = number_in(run, "lost");

	if (samples < expected * (1 - GAP_TOLD))
		buf_printf(
			out,
			"%s of the %s expected samples are missing: who had the CPUs then is not "
			"known",
			format_ratio(expected - samples, expected).s,
			format_count(json_object_get(run, "expected")).s);
	if (lost > 0)
		buf_printf(out, "%sstacks of targets that could not be kept: %s",
			   out->len ? "; " : "", format_count(json_object_get(run, "lost")).s);
	return out->failed;
}

int text_profile_gap(const json_t *report, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf text = BUF_INIT(LINE_MAX_BYTES);

	(void)put_profile_gap(&text, report); /* it fits */
	if (!text.len)
		return out->failed;
	text_toned(out, style, TONE_BOLD, "profile");
	buf_puts(out, " ");
	(void)text_wrap(out, style, 8, 2, buf_str(&text)); /* @out keeps the failure */
	return buf_puts(out, "\n\n");
}
