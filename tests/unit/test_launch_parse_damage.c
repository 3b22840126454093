// SPDX-License-Identifier: Apache-2.0
/* What damage does to real outputs: never a crash, and never a number that was not printed for it. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/result.h"
#include "fake_random.h"
#include "launch/parse.h"
#include "unit.h"

static const char *const files[] = {
	"ior/text-write-read-fpp.txt",
	"ior/text-verbose.txt",
	"ior/text-stonewall.txt",
	"ior/text-incorrect-data.txt",
	"ior/rankcsv.out",
	"ior/summary.json",
	"ior/summary-4.0.json",
	"ior/summary.csv",
	"ior/ranks.csv",
	"ior/calls.csv",
	"ior/mdtest.txt",
	"fio/mixed.json",
	"fio/with-text.txt",
	"fio/verify.json",
};

#define MAX_LINES 1024

struct sample {
	struct buf text;
	struct result_set whole; /* undamaged */
	const char *lines[MAX_LINES];
	size_t lengths[MAX_LINES]; /* with the line feed */
	size_t n;
};

static void sample_init(struct sample *s, const char *file)
{
	struct err err;
	char path[256];
	const char *at, *end;

	*s = (struct sample){ .text = BUF_INIT(1 << 20) };
	snprintf(path, sizeof(path), "tests/data/%s", file);
	assert_int_equal(fs_slurp_at(AT_FDCWD, path, &s->text), 0);
	assert_int_equal(parse_results(s->text.data, s->text.len, &s->whole, &err), 0);
	assert_true(s->whole.n > 0);
	end = s->text.data + s->text.len;
	for (at = s->text.data; at < end; s->n++) {
		const char *feed = memchr(at, '\n', end - at);

		assert_true(s->n < MAX_LINES);
		s->lines[s->n] = at;
		s->lengths[s->n] = (feed ? feed + 1 : end) - at;
		at += s->lengths[s->n];
	}
}

static void sample_fini(struct sample *s)
{
	result_set_fini(&s->whole);
	buf_fini(&s->text);
}

static bool same(double a, double b)
{
	return isnan(a) || a == b;
}

/* Is it a row of @set, each number the same or absent? */
static bool is_row_of(const struct result *r, const struct result_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct result *o = &set->v[i];

		if (!strcmp(r->op, o->op) && (!*r->job || !strcmp(r->job, o->job)) &&
		    r->rank == o->rank && (r->iteration == o->iteration || r->iteration < 0) &&
		    (r->tasks == o->tasks || r->tasks < 0) && same(r->bytes, o->bytes) &&
		    same(r->bw_mib_s, o->bw_mib_s) && same(r->iops, o->iops) &&
		    same(r->latency_s, o->latency_s) && same(r->total_s, o->total_s) &&
		    same(r->p99_s, o->p99_s))
			return true;
	}
	return false;
}

/* Parses a copy of exactly that size, so that reading past its end shows under ASan. */
static enum result_status check(const struct sample *s, const char *text, size_t len,
				size_t *ret_rows)
{
	cleanup_free char *copy = malloc(len + 1);
	enum result_status status = RESULT_FAILED;
	struct result_set set;
	struct err err;

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	*ret_rows = 0;
	if (parse_results(copy, len, &set, &err)) {
		assert_true(err.text[0]);
		return status;
	}
	status = set.status;
	*ret_rows = set.n;
	assert_int_equal(status != RESULT_OK, set.message[0] != '\0');
	for (size_t i = 0; status == RESULT_OK && i < set.n; i++)
		if (!is_row_of(&set.v[i], &s->whole))
			fail_msg("said to be ok, row %zu (%s %d) is another's:\n%s", i, set.v[i].op,
				 set.v[i].iteration, copy);
	result_set_fini(&set);
	return status;
}

/* Whatever is cut off the end, it is never "ok" with fewer rows; files of rows end anywhere. */
static void test_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct sample s;
		size_t rows, good = 0;

		print_message("%s\n", files[i]);
		sample_init(&s, files[i]);
		for (size_t len = 0; len <= s.text.len; len++) {
			if (check(&s, s.text.data, len, &rows) != RESULT_OK)
				continue;
			good++;
			if (!strstr(files[i], ".csv"))
				assert_int_equal(rows, s.whole.n);
		}
		assert_int_equal(good > 0, s.whole.status == RESULT_OK);
		sample_fini(&s);
	}
}

static void join(const struct sample *s, const size_t *order, size_t n, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < n; i++)
		buf_put(out, s->lines[order[i]], s->lengths[order[i]]);
	assert_int_equal(out->failed, 0);
}

/* All lines in random order, and two of them in the place of each other. */
static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 20);
		size_t order[MAX_LINES], rows;
		struct sample s;

		sample_init(&s, files[i]);
		for (int round = 0; round < 300; round++) {
			for (size_t k = 0; k < s.n; k++)
				order[k] = k;
			for (size_t k = s.n; k > 1; k--) {
				size_t at = random_u64() % k, other = order[at];

				order[at] = order[k - 1];
				order[k - 1] = other;
				/* Half of the rounds swap two lines only. */
				if (round % 2)
					break;
			}
			join(&s, order, s.n, &text);
			check(&s, text.data, text.len, &rows);
		}
		sample_fini(&s);
	}
}

/* A line that is missing takes rows or numbers with it, but changes none. */
static void test_missing_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 20);
		size_t order[MAX_LINES], rows;
		struct sample s;

		sample_init(&s, files[i]);
		for (size_t gone = 0; gone < s.n; gone++) {
			size_t n = 0;

			for (size_t k = 0; k < s.n; k++)
				if (k != gone)
					order[n++] = k;
			join(&s, order, n, &text);
			check(&s, text.data, text.len, &rows);
		}
		sample_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_missing_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
