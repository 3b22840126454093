// SPDX-License-Identifier: Apache-2.0
/*
 * Sampled stacks as a flame graph (Gregg, "The Flame Graph", CACM 59(6), 2016): what called is
 * below what was called, and as wide as it has samples. Inline SVG without a script.
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/stack.h"

#define WIDTH 992 /* of all samples, px */
#define ROW 18 /* height of a frame, px */
#define LETTER 6.7 /* width of one in a frame, px */
#define PAD 4 /* before a frame's text, px */
#define LEAST_COLUMNS 5 /* of a name that is cut; less tells nothing */
#define LEAST_PART 1000 /* what has less than this part of all samples is not drawn */
#define LARGER 4 /* so many times larger that part is when too much is left */

struct sample {
	const char *stack; /* borrowed */
	uint64_t n;
};

/* A frame that the last stack was in, and the samples left of it. */
struct layer {
	struct stack_frame frame; /* borrowed */
	uint64_t from;
};

/*
 * Stacks in the order of frames, one after the other, and the frames that are open: those
 * that the next stack does not share are complete, and drawn.
 */
struct flame {
	struct buf *out; /* NULL: only look how high it gets */
	uint64_t total; /* samples */
	uint64_t least_part; /* what has less of all samples is not drawn */
	size_t rows; /* that are drawn, the bottom one for all with them */
	struct layer *open;
	size_t n_open;
};

/* Where sample @at is, in 1/100 px: whole, so that widths add up. */
static int place(const struct flame *f, uint64_t at)
{
	return (int)floor((double)at / f->total * WIDTH * 100);
}

static const char *class_of(size_t level, const struct stack_frame *frame)
{
	if (level < 2 || stack_is_nameless(frame)) /* all, and the task */
		return "task";
	return stack_in_kernel(frame) ? "kernel" : "user";
}

static void put_label(struct flame *f, const struct stack_frame *frame, int from, int width, int y)
{
	double columns = (width / 100. - 2 * PAD) / LETTER;
	size_t fits = columns < 1 ? 0 : stack_fit(frame, (size_t)columns);

	if (!fits || (fits < frame->len && columns < LEAST_COLUMNS))
		return;
	buf_printf(f->out, "<text x=\"%.2f\" y=\"%d\">", from / 100. + PAD, y + ROW - 5);
	html_bytes(f->out, frame->name, fits);
	buf_puts(f->out, fits < frame->len ? "..</text>" : "</text>");
}

static void put_frame(struct flame *f, size_t level, const struct layer *layer, uint64_t end)
{
	uint64_t n = end - layer->from;
	int from = place(f, layer->from), width = place(f, end) - from;
	int y = (int)(f->rows - 1 - level) * ROW;

	buf_printf(f->out,
		   "<rect class=\"%s\" x=\"%d.%02d\" y=\"%d\" width=\"%d.%02d\" height=\"%d\">"
		   "<title>",
		   class_of(level, &layer->frame), from / 100, from % 100, y, width / 100,
		   width % 100, ROW - 1);
	html_bytes(f->out, layer->frame.name, layer->frame.len);
	buf_printf(f->out, ": %llu samples, %s</title></rect>", (unsigned long long)n,
		   format_ratio(n, f->total).s);
	put_label(f, &layer->frame, from, width, y);
	buf_puts(f->out, "\n");
}

/* All but the first @keep end before sample @end. What is too narrow has nothing wider upon it. */
static void close_frames(struct flame *f, size_t keep, uint64_t end)
{
	while (f->n_open > keep) {
		size_t level = f->n_open--;
		const struct layer *layer = &f->open[level - 1];

		if ((end - layer->from) * f->least_part < f->total)
			continue;
		if (f->out)
			put_frame(f, level, layer, end);
		else if (f->rows <= level)
			f->rows = level + 1;
	}
}

/* What @stack shares with the one before stays open. */
static void open_frames(struct flame *f, const char *stack, uint64_t begin)
{
	struct stack_frame frame;
	size_t level = 0;

	for (; stack_next(&stack, &frame); level++) {
		if (level < f->n_open) {
			if (!stack_compare_frames(&f->open[level].frame, &frame))
				continue;
			close_frames(f, level, begin);
		}
		f->open[f->n_open++] = (struct layer){ frame, begin };
	}
	close_frames(f, level, begin);
}

static void walk(struct flame *f, const struct sample *samples, size_t n)
{
	static const struct layer all = { { "all", 3 }, 0 };
	uint64_t at = 0;

	if (f->out)
		put_frame(f, 0, &all, f->total);
	for (size_t i = 0; i < n; i++) {
		open_frames(f, samples[i].stack, at);
		at += samples[i].n;
	}
	close_frames(f, 0, at);
}

static int by_frames(const void *a, const void *b)
{
	return stack_compare(((const struct sample *)a)->stack, ((const struct sample *)b)->stack);
}

/* Stacks into @samples, which has room, and in order; returns how many, and the depth of the deepest. */
static size_t read_stacks(struct flame *f, const json_t *stacks, struct sample *samples,
			  size_t *ret_depth)
{
	size_t i, n = 0;
	json_t *row;

	*ret_depth = 0;
	json_array_foreach(stacks, i, row) {
		const char *stack = text_in(row, "stack");
		json_int_t count = json_integer_value(json_object_get(row, "samples"));
		size_t depth;

		if (!stack || count <= 0)
			continue;
		samples[n++] = (struct sample){ stack, count };
		f->total += count;
		depth = stack_depth(stack);
		if (depth > *ret_depth)
			*ret_depth = depth;
	}
	qsort(samples, n, sizeof(*samples), by_frames);
	return n;
}

/* In at most @out->max bytes; else it fails. */
static void draw(struct flame *f, const struct sample *samples, size_t n, struct buf *out)
{
	f->rows = 1;
	f->out = NULL;
	walk(f, samples, n);
	buf_printf(out,
		   "<svg class=\"flame\" viewBox=\"0 0 %d %zu\" width=\"%d\" role=\"img\" "
		   "aria-label=\"flame graph of %llu samples\">\n",
		   WIDTH, f->rows * ROW, WIDTH, (unsigned long long)f->total);
	f->out = out;
	walk(f, samples, n);
	buf_puts(out, "</svg>\n");
}

/* With what is wide enough, which is more or less of it for there to be no more than @max bytes. */
static void draw_within(struct flame *f, const struct sample *samples, size_t n, size_t max,
			struct buf *out)
{
	cleanup_buf struct buf drawn = BUF_INIT(max);

	f->least_part = LEAST_PART;
	draw(f, samples, n, &drawn);
	while (drawn.failed == -EMSGSIZE && f->least_part > 1) {
		buf_reset(&drawn);
		f->least_part /= LARGER;
		f->least_part += !f->least_part;
		draw(f, samples, n, &drawn);
	}
	if (drawn.failed == -EMSGSIZE) {
		buf_puts(out, "<p>There are too many frames to be drawn.</p>\n");
		return;
	}
	if (drawn.failed)
		out->failed = out->failed ? out->failed : drawn.failed;
	if (f->least_part != LEAST_PART)
		buf_printf(out,
			   "<p>What is narrower than %s is left out, since there are so many "
			   "frames.</p>\n",
			   format_ratio(1, (double)f->least_part).s);
	buf_put(out, buf_str(&drawn), drawn.len);
}

static void put_flame(struct buf *out, const json_t *stacks, size_t max)
{
	cleanup_free struct sample *samples = calloc(json_array_size(stacks) + 1, sizeof(*samples));
	cleanup_free struct layer *open = NULL;
	struct flame f = { 0 };
	size_t n, depth;

	if (!samples)
		goto failed;
	n = read_stacks(&f, stacks, samples, &depth);
	open = calloc(depth + 1, sizeof(*open));
	if (!open)
		goto failed;
	f.open = open;
	if (f.total)
		draw_within(&f, samples, n, max, out);
	return;
failed:
	out->failed = out->failed ? out->failed : -ENOMEM;
}

static void put_functions(struct buf *out, const json_t *profile)
{
	static const char *const head[] = { "function",		  "itself", "of all",
					    "with what it calls", "of all", NULL };
	static const char *const keys[] = { "self", "total" };
	double samples = number_in(profile, "samples");
	json_t *function;
	size_t i;

	buf_puts(out, "<table>");
	html_head(out, head);
	json_array_foreach(json_object_get(profile, "functions"), i, function) {
		buf_puts(out, "<tr>");
		html_cell(out, 0, text_in(function, "name"));
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			html_cell(out, 1, format_count(json_object_get(function, keys[k])).s);
			html_cell(out, 1, format_ratio(number_in(function, keys[k]), samples).s);
		}
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

int html_profile(struct buf *out, const json_t *target, size_t flame_max)
{
	const json_t *profile = json_object_get(target, "profile");

	if (!profile)
		return out->failed;
	buf_puts(out, "<h3>profile</h3>\n<p>");
	put_profile(out, profile);
	buf_puts(out, "</p>\n");
	if (!json_array_size(json_object_get(profile, "stacks")))
		return out->failed;
	buf_puts(out, "<details open><summary>flame graph: what was called stands on what called "
		      "it, as wide as it has samples</summary>\n<p class=\"legend\">"
		      "<span class=\"user\">user space</span><span class=\"kernel\">kernel</span>"
		      "<span class=\"task\">task, or no name</span></p>\n");
	put_flame(out, json_object_get(profile, "stacks"), flame_max);
	buf_puts(out, "</details>\n");
	put_functions(out, profile);
	return out->failed;
}
