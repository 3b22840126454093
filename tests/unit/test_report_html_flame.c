// SPDX-License-Identifier: Apache-2.0
/* Flame graphs: frames where they belong, as wide as they have samples, deaf to what names say. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/html_parts.h"
#include "unit.h"

#define OUT_MAX (1 << 24)
#define ROW 18
#define ALL 99200 /* width of all samples, 1/100 px */

static size_t flame_max = OUT_MAX;

struct stack {
	const char *stack;
	int samples;
};

/* The page's part for these stacks. */
static void draw(const struct stack *stacks, size_t n, struct buf *out)
{
	json_t *target = json_object(), *profile = json_object(), *array = json_array();
	int samples = 0;

	for (size_t i = 0; i < n; i++) {
		samples += stacks[i].samples;
		json_array_append_new(array, json_pack("{s:s, s:i}", "stack", stacks[i].stack,
						       "samples", stacks[i].samples));
	}
	json_object_set_new(profile, "frequency_hz", json_integer(99));
	json_object_set_new(profile, "samples", json_integer(samples));
	json_object_set_new(profile, "stacks", array);
	json_object_set_new(target, "profile", profile);
	assert_int_equal(html_profile(out, target, flame_max), 0);
	json_decref(target);
}

struct rect { /* in 1/100 px, and the row from above */
	int x, width, row;
};

/* Each <rect> of the picture; returns how many. */
static size_t rects_of(const char *html, struct rect *ret, size_t max)
{
	const char *at = html;
	size_t n = 0;

	while ((at = strstr(at, "<rect "))) {
		int x, x_part, y, width, width_part, height;

		assert_true(n < max);
		assert_int_equal(sscanf(strchr(at, '=') + 1,
					"\"%*[a-z]\" x=\"%d.%2d\" y=\"%d\" width=\"%d.%2d\" "
					"height=\"%d\"",
					&x, &x_part, &y, &width, &width_part, &height),
				 6);
		assert_int_equal(y % ROW, 0);
		assert_int_equal(height, ROW - 1);
		ret[n++] = (struct rect){ x * 100 + x_part, width * 100 + width_part, y / ROW };
		at++;
	}
	return n;
}

/* Every frame stands on one that holds it, and none on another's place. */
static void check_rows(const struct rect *v, size_t n)
{
	int bottom = 0;

	for (size_t i = 0; i < n; i++)
		bottom = v[i].row > bottom ? v[i].row : bottom;
	for (size_t i = 0; i < n; i++) {
		size_t below = 0;
		int on_it = 0;

		for (size_t k = 0; k < n; k++) {
			if (v[k].row == v[i].row + 1 && v[k].x <= v[i].x &&
			    v[i].x + v[i].width <= v[k].x + v[k].width)
				below++;
			if (v[k].row == v[i].row - 1 && v[i].x <= v[k].x &&
			    v[k].x + v[k].width <= v[i].x + v[i].width)
				on_it += v[k].width;
			if (k != i && v[k].row == v[i].row && v[k].x < v[i].x + v[i].width &&
			    v[i].x < v[k].x + v[k].width)
				fail_msg("row %d: one at %d and one at %d", v[i].row, v[i].x,
					 v[k].x);
		}
		assert_true(on_it <= v[i].width);
		assert_int_equal(below, v[i].row == bottom ? 0 : 1);
		if (v[i].row == bottom)
			assert_true(v[i].x == 0 && v[i].width == ALL);
	}
}

/* Tags that are opened are closed, in order; attributes are quoted. Enough of XML for what we write. */
static void check_tags(const char *html)
{
	char open[64][16];
	size_t depth = 0;

	for (const char *at = html; (at = strchr(at, '<')); at++) {
		bool closes = at[1] == '/', alone;
		const char *end = at + 1 + closes;
		char name[16] = "";

		sscanf(end, "%15[a-z0-9]", name);
		assert_true(*name);
		for (bool quoted = false; *end && (quoted || *end != '>'); end++) {
			assert_true(*end != '<');
			quoted ^= *end == '"';
		}
		assert_true(*end == '>');
		alone = end[-1] == '/';
		if (closes) {
			assert_true(depth > 0);
			assert_string_equal(open[--depth], name);
		} else if (!alone) {
			assert_true(depth < 64);
			strcpy(open[depth++], name);
		}
		at = end;
	}
	assert_int_equal(depth, 0);
}

static const struct stack known[] = {
	{ "sh;main;read;vfs_read_[k]", 50 },
	{ "sh;main;f", 10 },
	{ "sh;main;f;g", 30 },
	{ "sh;[unknown]", 10 },
};

static const struct {
	const char *want, *why;
} pieces[] = {
	{ "<p>100 samples at 99 Hz", "how many" },
	{ "viewBox=\"0 0 992 90\" width=\"992\" role=\"img\" "
	  "aria-label=\"flame graph of 100 samples\">",
	  "a row for all, and as many as the deepest stack has" },
	{ "<rect class=\"task\" x=\"0.00\" y=\"72\" width=\"992.00\" height=\"17\"><title>all: 100 "
	  "samples, 100 %</title></rect><text x=\"4.00\" y=\"85\">all</text>",
	  "all at the bottom" },
	{ "<rect class=\"task\" x=\"0.00\" y=\"54\" width=\"992.00\" height=\"17\"><title>sh: 100 ",
	  "the task upon it" },
	{ "<rect class=\"task\" x=\"0.00\" y=\"36\" width=\"99.20\" height=\"17\">"
	  "<title>[unknown]: 10 samples, 10 %</title></rect><text x=\"4.00\" "
	  "y=\"49\">[unknown]</text>",
	  "by name: brackets before letters" },
	{ "<rect class=\"user\" x=\"99.20\" y=\"36\" width=\"892.80\" height=\"17\">"
	  "<title>main: 90 samples, 90 %</title>",
	  "what several stacks share is one" },
	{ "<rect class=\"user\" x=\"99.20\" y=\"18\" width=\"396.80\" height=\"17\">"
	  "<title>f: 40 samples, 40 %</title></rect>",
	  "its own samples and those of what it calls" },
	{ "<rect class=\"user\" x=\"198.40\" y=\"0\" width=\"297.60\" height=\"17\">"
	  "<title>g: 30 samples, 30 %</title>",
	  "its own are on the left of what it calls" },
	{ "<rect class=\"kernel\" x=\"496.00\" y=\"0\" width=\"496.00\" height=\"17\">"
	  "<title>vfs_read_[k]: 50 samples, 50 %</title></rect><text x=\"500.00\" "
	  "y=\"13\">vfs_read_[k]</text>",
	  "the kernel's" },
};

static void frames_are_where_they_belong(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(OUT_MAX);
	struct rect rects[64];

	(void)state;
	draw(known, ARRAY_SIZE(known), &out);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		if (!strstr(buf_str(&out), pieces[i].want))
			fail_msg("%s: %s", pieces[i].why, buf_str(&out));
	assert_int_equal(rects_of(buf_str(&out), rects, 64), 8);
	check_tags(buf_str(&out));
}

/* Stacks of any names, depths and numbers, some too few to be seen. */
static void widths_add_up(void **state)
{
	static struct stack stacks[400];
	static char text[400][512];
	static struct rect rects[8192];
	cleanup_buf struct buf out = BUF_INIT(OUT_MAX);
	size_t n;

	(void)state;
	srandom(20260102);
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		long depth = random() % 30;

		strcpy(text[i], "sh");
		for (long d = 0; d < depth; d++)
			snprintf(text[i] + strlen(text[i]), sizeof(text[i]) - strlen(text[i]),
				 ";f%ld.%s", random() % 3, random() % 2 ? "a" : "b_[k]");
		stacks[i].stack = text[i];
		stacks[i].samples = random() % 4 ? 1 + (int)(random() % 3) : 333;
	}
	draw(stacks, ARRAY_SIZE(stacks), &out);
	n = rects_of(buf_str(&out), rects, ARRAY_SIZE(rects));
	assert_true(n > 100);
	check_rows(rects, n);
	check_tags(buf_str(&out));
	/* what is drawn is at least a thousandth: 0.99 px, and less by the cut to 1/100 */
	for (size_t i = 0; i < n; i++)
		assert_true(rects[i].width >= ALL / 1000 - 1);
}

static void what_is_too_narrow_is_not_drawn(void **state)
{
	static const struct stack stacks[] = {
		{ "sh;a;b;c;d", 1 },
		{ "sh;a;e", 1 },
		{ "sh;f", 1998 },
	};
	cleanup_buf struct buf out = BUF_INIT(OUT_MAX);
	struct rect rects[8];

	(void)state;
	draw(stacks, ARRAY_SIZE(stacks), &out);
	/* all, sh, a with its two of 2000, f; and the height is that of these */
	assert_int_equal(rects_of(buf_str(&out), rects, 8), 4);
	assert_non_null(strstr(buf_str(&out), "viewBox=\"0 0 992 54\""));
	assert_non_null(strstr(buf_str(&out), "<title>a: 2 samples, 0.1 %</title>"));
}

static const struct {
	struct stack stacks[3];
	const char *want, *never, *why;
} odd[] = {
	{ { { "sh;<script>alert('\"1&2\"')</script>", 1 } },
	  "&lt;script&gt;alert(&#39;&quot;1&amp;2&quot;&#39;)&lt;/script&gt;: 1",
	  "<script",
	  "a name that is a tag" },
	{ { { "sh;\"><img src=x onerror=y>", 1 } },
	  "&gt;&lt;img",
	  "<img",
	  "one that ends a quote" },
	{ { { "sh;a\x1b\x01", 1 } }, "a??", "\x1b", "control characters" },
	{ { { "", 3 }, { "sh", 1 } }, "all: 4 samples", "nan", "no stack at all" },
	{ { { ";;sh;;main;", 3 }, { "sh;main", 1 } }, "main: 4 samples", "nan", "empty frames" },
	{ { { "sh;main", 0 } }, "<p>0 samples", "<svg", "nothing to draw" },
	{ { { "sh;a", 1 }, { "sh;a", 2 } }, "<title>a: 3 samples", "<title>a: 1", "told twice" },
	{ { { "sh;a;x", 1 }, { "sh;a.b;x", 1 }, { "sh;a", 1 } },
	  "<title>a: 2 samples",
	  "<title>a: 1",
	  "a name that begins as another" },
	{ { { "sh;an_extraordinarily_long_name", 1 }, { "sh;b", 9 } },
	  ">an_extraord..</text>",
	  "y=\"13\">an_extraordi",
	  "a name that does not fit" },
	{ { { "sh;four", 40 }, { "sh;b", 960 } },
	  "y=\"13\">four</text>",
	  "..</text>",
	  "a short name in a narrow frame" },
	{ { { "sh;fives", 40 }, { "sh;b", 960 } },
	  "<title>fives: 40",
	  "y=\"13\">fi",
	  "a cut one needs more room" },
	{ { { "sh;gr\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbcn", 1 },
	    { "sh;b", 9 } },
	  ">gr\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc..</text>",
	  "\xc3..",
	  "no character is cut" },
};

static void odd_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		cleanup_buf struct buf out = BUF_INIT(OUT_MAX);
		struct rect rects[16];
		size_t n = 0;

		while (n < 3 && odd[i].stacks[n].stack)
			n++;
		draw(odd[i].stacks, n, &out);
		if (!strstr(buf_str(&out), odd[i].want) || strstr(buf_str(&out), odd[i].never))
			fail_msg("%s: %s", odd[i].why, buf_str(&out));
		check_tags(buf_str(&out));
		check_rows(rects, rects_of(buf_str(&out), rects, 16));
	}
}

static const struct {
	const char *target, *want, *never, *why;
} parts[] = {
	{ "{}", "", "<", "nobody looked" },
	{ "{\"profile\": {\"frequency_hz\": 99, \"samples\": 0, \"functions\": [], \"stacks\": "
	  "[]}}",
	  "<h3>profile</h3>\n<p>0 samples at 99 Hz</p>", "<table", "never found on a CPU" },
	{ "{\"profile\": {\"samples\": 4, \"functions\": [{\"name\": \"f<int>\", \"self\": 1, "
	  "\"total\": 3}], \"stacks\": [{\"stack\": \"sh\", \"samples\": 4}]}}",
	  "<td>f&lt;int&gt;</td><td class=\"n\">1</td><td class=\"n\">25 %</td>"
	  "<td class=\"n\">3</td><td class=\"n\">75 %</td></tr>",
	  "nan", "functions, with what they call" },
	{ "{\"profile\": {\"samples\": \"x\", \"functions\": [3], \"stacks\": [3, {\"stack\": "
	  "3}]}}",
	  "<h3>profile</h3>", "nan", "what is no profile" },
};

static void beside_the_picture(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		json_t *target = json_loads(parts[i].target, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(OUT_MAX);

		assert_non_null(target);
		assert_int_equal(html_profile(&out, target, flame_max), 0);
		if (!strstr(buf_str(&out), parts[i].want) || strstr(buf_str(&out), parts[i].never))
			fail_msg("%s: %s", parts[i].why, buf_str(&out));
		check_tags(buf_str(&out));
		json_decref(target);
	}
}

/* Of more frames than there is room for those are drawn that are wide. */
static void what_is_too_much_is_told(void **state)
{
	enum { N = 30, DEEP = 60 };
	struct stack stacks[N * N];
	char *texts[N * N];
	struct rect rects[8192];
	size_t n, before = 8192;

	(void)state;
	for (int i = 0; i < N * N; i++) {
		size_t at = 0;

		texts[i] = malloc(64 * DEEP);
		at += sprintf(texts[i], "task;f%d", i / N);
		for (int k = 0; k < DEEP; k++)
			at += sprintf(texts[i] + at, ";f%d_%d", i, k);
		stacks[i] = (struct stack){ texts[i], 1 + i % 2 };
	}
	for (flame_max = 1 << 20; flame_max >= 4096; flame_max /= 16) {
		cleanup_buf struct buf out = BUF_INIT(OUT_MAX);

		draw(stacks, N * N, &out);
		assert_true(out.len < flame_max + 65536); /* with what is beside it */
		check_tags(buf_str(&out));
		n = rects_of(buf_str(&out), rects, 8192);
		assert_true(n > 0 && n <= before);
		before = n;
		assert_non_null(strstr(buf_str(&out), "is left out, since there are so many"));
		assert_non_null(strstr(buf_str(&out), "<table>"));
	}
	flame_max = 64;
	{
		cleanup_buf struct buf out = BUF_INIT(OUT_MAX);

		draw(stacks, N * N, &out);
		assert_non_null(strstr(buf_str(&out), "too many frames to be drawn"));
		assert_null(strstr(buf_str(&out), "<svg"));
	}
	flame_max = OUT_MAX;
	for (int i = 0; i < N * N; i++)
		free(texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_where_they_belong),
		cmocka_unit_test(widths_add_up),
		cmocka_unit_test(what_is_too_narrow_is_not_drawn),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(beside_the_picture),
		cmocka_unit_test(what_is_too_much_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
