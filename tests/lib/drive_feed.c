// SPDX-License-Identifier: Apache-2.0
/*
 * Reads a run as a sink does. "print DIR" prints its points, their times as
 * of a made run; "count DIR [hists] [buckets]" how
 * many there are, how many a second of CPU time makes and how much memory that took; "make TICKS" makes a run of
 * that many ticks with something in every table, and prints its directory.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"
#include "fake_feed.h"
#include "fake_full.h"
#include "sink/feed.h"
#include "sink/point.h"
#include "store/store.h"

#define PIECE 1000 /* ticks */

struct seen {
	uint64_t points, fields;
	FILE *to; /* NULL: they are counted */
	int64_t epoch_ns; /* of printed times */
};

static int see(void *data, const struct point *p, struct err *err)
{
	struct seen *s = data;

	(void)err;
	s->points++;
	s->fields += p->n_fields;
	if (s->to)
		fake_point_print(s->to, p, s->epoch_ns);
	return 0;
}

static long rss_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int read_all(struct feed *f, struct seen *seen, struct err *err)
{
	int64_t last;
	long first_kib = 0;
	int rc = feed_last(f, &last, err);

	for (int64_t from = 0; !rc && from <= last; from += PIECE) {
		int64_t to = from + PIECE - 1;

		rc = feed_ticks(f, from, to < last ? to : last, see, seen, err);
		if (!first_kib)
			first_kib = rss_kib();
	}
	if (!seen->to)
		fprintf(stderr, "RSS %ld KiB after the first %d ticks, %ld KiB after all\n",
			first_kib, PIECE, rss_kib());
	return rc ? rc : feed_end(f, see, seen, err);
}

static int read_run(const char *dir, bool print, bool hists, bool buckets)
{
	struct feed_config config = { .hists = hists, .buckets = buckets };
	struct seen seen = { .to = print ? stdout : NULL, .epoch_ns = FAKE_WALL_NS };
	double took_s;
	struct feed *f = NULL;
	struct err err = { 0 };
	int rc = store_open(NULL, dir, &config.store, NULL, &err);

	if (!rc)
		rc = feed_open(&config, &f, &err);
	if (!rc)
		rc = read_all(f, &seen, &err);
	took_s = cpu_s();
	feed_close(f);
	store_close(config.store);
	if (rc)
		fprintf(stderr, "%s\n", err.text);
	else if (!print)
		printf("%" PRIu64 " points, %" PRIu64 " fields, CPU %.3f s: %.0f points/s, %.0f "
		       "fields/s\n",
		       seen.points, seen.fields, took_s, (double)seen.points / took_s,
		       (double)seen.fields / took_s);
	return rc ? 1 : 0;
}

static int make(uint64_t ticks)
{
	struct fake_run r;

	fake_full_make(&r, ticks);
	puts(r.dir);
	return 0;
}

static bool has(int argc, char **argv, const char *word)
{
	for (int i = 3; i < argc; i++)
		if (!strcmp(argv[i], word))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "make"))
		return make(strtoull(argv[2], NULL, 10));
	if (argc > 2)
		return read_run(argv[2], !strcmp(argv[1], "print"), has(argc, argv, "hists"),
				has(argc, argv, "buckets"));
	fprintf(stderr, "usage: drive_feed make TICKS | print DIR | count DIR [hists] [buckets]\n");
	return 2;
}
