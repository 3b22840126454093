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

/* What a format does not tell, and damage can therefore change unseen. */
enum {
	ENDS_ANYWHERE = 1, /* how many rows there are */
	IN_ORDER = 2, /* of which repetition a row is, but by its place */
	IS_ONE = 4, /* how many calls its one row is of */
};

static const struct {
	const char *name;
	unsigned int lacks;
} files[] = {
	{ "ior/text-3.2.txt", 0 },
	{ "ior/text-write-read-fpp.txt", 0 },
	{ "ior/text-verbose.txt", 0 },
	{ "ior/text-stonewall.txt", 0 },
	{ "ior/text-incorrect-data.txt", 0 },
	{ "ior/text-hard.txt", 0 },
	{ "ior/rankcsv.out", 0 },
	{ "ior/script.txt", 0 },
	{ "ior/summary.json", 0 },
	{ "ior/summary-4.0.json", 0 },
	{ "ior/script.json", 0 },
	{ "ior/summary.csv", ENDS_ANYWHERE },
	{ "ior/ranks.csv", ENDS_ANYWHERE },
	{ "ior/ranks-4.0.csv", ENDS_ANYWHERE | IN_ORDER },
	{ "ior/calls.csv", ENDS_ANYWHERE },
	{ "ior/calls-upstream.csv", ENDS_ANYWHERE | IS_ONE },
	{ "ior/mdtest.txt", 0 },
	{ "ior/md-workbench.txt", IN_ORDER },
	{ "fio/mixed.json", 0 },
	{ "fio/with-text.txt", 0 },
	{ "fio/nospace.json", 0 },
	{ "fio/verify.json", 0 },
};

#define MAX_LINES 1024

struct sample {
	unsigned int lacks;
	struct buf text;
	struct result_set whole; /* undamaged */
	const char *lines[MAX_LINES];
	size_t lengths[MAX_LINES]; /* with the line feed */
	size_t n;
};

static void sample_init(struct sample *s, size_t file)
{
	struct err err;
	char path[256];
	const char *at, *end;

	*s = (struct sample){ .lacks = files[file].lacks, .text = BUF_INIT(1 << 20) };
	snprintf(path, sizeof(path), "tests/data/%s", files[file].name);
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
	/* Sums of the same in another order are not the same to the last bit. */
	return isnan(a) || fabs(a - b) <= 1e-12 * fabs(b);
}

static const size_t numbers[] = {
	offsetof(struct result, bytes),	      offsetof(struct result, bw_mib_s),
	offsetof(struct result, iops),	      offsetof(struct result, latency_s),
	offsetof(struct result, block_kib),   offsetof(struct result, xfer_kib),
	offsetof(struct result, open_s),      offsetof(struct result, wrrd_s),
	offsetof(struct result, close_s),     offsetof(struct result, total_s),
	offsetof(struct result, begin_ns),    offsetof(struct result, end_ns),
	offsetof(struct result, calls),	      offsetof(struct result, errors),
	offsetof(struct result, min_s),	      offsetof(struct result, p50_s),
	offsetof(struct result, p90_s),	      offsetof(struct result, p99_s),
	offsetof(struct result, p999_s),      offsetof(struct result, max_s),
	offsetof(struct result, stonewall_s),
};

static double number(const struct result *r, size_t k)
{
	return *(const double *)((const char *)r + numbers[k]);
}

/* Is it a row of the whole output, each number the same or absent? */
static bool is_row_of(const struct result *r, const struct sample *s)
{
	for (size_t i = 0; i < s->whole.n; i++) {
		const struct result *o = &s->whole.v[i];

		size_t k = 0;

		/* What it says of the calls that are there has to agree with itself. */
		if (s->lacks & IS_ONE && r->calls < o->calls)
			return fabs(r->bytes / r->calls - o->bytes / o->calls) < 1 &&
			       fabs(r->bw_mib_s * r->wrrd_s * 0x1p20 - r->bytes) < 1;
		while (k < ARRAY_SIZE(numbers) && same(number(r, k), number(o, k)))
			k++;
		if (k == ARRAY_SIZE(numbers) && !strcmp(r->op, o->op) &&
		    (!*r->job || !strcmp(r->job, o->job)) && r->rank == o->rank &&
		    (r->test == o->test || r->test < 0) &&
		    (r->iteration == o->iteration || r->iteration < 0 || s->lacks & IN_ORDER) &&
		    (r->tasks == o->tasks || r->tasks < 0))
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
		if (!is_row_of(&set.v[i], s))
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

		print_message("%s\n", files[i].name);
		sample_init(&s, i);
		for (size_t len = 0; len <= s.text.len; len++) {
			if (check(&s, s.text.data, len, &rows) != RESULT_OK)
				continue;
			good++;
			if (!(s.lacks & ENDS_ANYWHERE))
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

		sample_init(&s, i);
		for (int round = 0; round < 2000; round++) {
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
			if (check(&s, text.data, text.len, &rows) == RESULT_OK)
				assert_int_equal(rows, s.whole.n);
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

		sample_init(&s, i);
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
