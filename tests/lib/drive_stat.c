// SPDX-License-Identifier: Apache-2.0
/*
 * Statistics for a test in another language. Each line of stdin is a name and numbers, where a list
 * of numbers has its length before it; each line of stdout has the answers, with all their digits.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "stat/bootstrap.h"
#include "stat/describe.h"
#include "stat/distance.h"
#include "stat/rank.h"
#include "stat/series.h"
#include "stat/student.h"
#include "stat/warm_up.h"

#define VALUES_MAX 4096

struct list {
	double v[VALUES_MAX];
	size_t n;
};

static double number(char **text)
{
	char *end;
	double v = strtod(*text, &end);

	if (end == *text) {
		fprintf(stderr, "drive_stat: a number is missing\n");
		exit(2);
	}
	*text = end;
	return v;
}

static void read_list(char **text, struct list *l)
{
	l->n = (size_t)number(text);
	if (l->n > VALUES_MAX)
		exit(2);
	for (size_t i = 0; i < l->n; i++)
		l->v[i] = number(text);
}

static void put(double v)
{
	printf("%.17g ", v);
}

static struct list a, b;

static void describe(char *text)
{
	struct stat_summary s;

	read_list(&text, &a);
	if (stat_describe(a.v, a.n, &s))
		exit(1);
	put(s.mean);
	put(s.median);
	put(s.stddev);
	put(s.ci_low);
	put(s.ci_high);
}

static void outliers(char *text)
{
	bool marks[VALUES_MAX];

	read_list(&text, &a);
	put(stat_outliers(a.v, a.n, marks));
	for (size_t i = 0; i < a.n; i++)
		put(marks[i]);
}

static void student(char *text)
{
	double v = number(&text);

	put(stat_student_cdf(v, number(&text)));
}

static void student_quantile(char *text)
{
	double v = number(&text);

	put(stat_student_quantile(v, number(&text)));
}

static void rank_test(char *text, __typeof__(stat_mann_whitney) *test)
{
	struct stat_rank_test t;

	read_list(&text, &a);
	read_list(&text, &b);
	if (test(a.v, a.n, b.v, b.n, &t))
		exit(1);
	put(t.u);
	put(t.p);
	put(t.p_least);
	put(t.delta);
}

static void rank(char *text)
{
	rank_test(text, stat_mann_whitney);
}

static void rank_normal(char *text)
{
	rank_test(text, stat_mann_whitney_normal);
}

static void hedges(char *text)
{
	read_list(&text, &a);
	read_list(&text, &b);
	put(stat_hedges_g(a.v, a.n, b.v, b.n));
}

static void holm(char *text)
{
	read_list(&text, &a);
	if (stat_holm(a.v, a.n, b.v) < 0)
		exit(1);
	for (size_t i = 0; i < a.n; i++)
		put(b.v[i]);
}

static void bootstrap(char *text)
{
	struct stat_interval i;

	read_list(&text, &a);
	read_list(&text, &b);
	if (stat_bootstrap(a.v, a.n, b.v, b.n, STAT_CONFIDENCE, 1, &i))
		exit(1);
	put(i.difference);
	put(i.low);
	put(i.high);
	put(i.ratio_low);
	put(i.ratio_high);
}

static void distance(char *text)
{
	struct hist ha = { 0 }, hb = { 0 };

	read_list(&text, &a);
	read_list(&text, &b);
	for (size_t i = 0; i < a.n; i++)
		hist_add(&ha, (uint64_t)a.v[i]);
	for (size_t i = 0; i < b.n; i++)
		hist_add(&hb, (uint64_t)b.v[i]);
	put(stat_hist_ks(&ha, &hb));
	put(stat_hist_wasserstein(&ha, &hb));
}

static void put_warm_up(struct stat_warm_up found)
{
	put(found.settled);
	put((double)found.n);
}

static void warm_up(char *text)
{
	read_list(&text, &a);
	put_warm_up(stat_warm_up(a.v, a.n));
}

static void repeated(char *text)
{
	read_list(&text, &a);
	put_warm_up(stat_warm_up_repeated(a.v, a.n, true));
}

/* Places only. */
static void changes(char *text)
{
	struct stat_change c[32];
	int n;

	read_list(&text, &a);
	n = stat_changes(a.v, a.n, 0.01, 1, c, ARRAY_SIZE(c));
	for (int i = 0; i < n; i++)
		put((double)c[i].at);
}

static const struct {
	const char *name;
	void (*call)(char *text);
} functions[] = {
	{ "describe", describe },   { "outliers", outliers },
	{ "student", student },	    { "rank", rank },
	{ "hedges", hedges },	    { "student_quantile", student_quantile },
	{ "holm", holm },	    { "warm_up", warm_up },
	{ "repeated", repeated },   { "rank_normal", rank_normal },
	{ "bootstrap", bootstrap }, { "distance", distance },
	{ "changes", changes },
};

int main(void)
{
	cleanup_free char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		char *text = line + strcspn(line, " \n");
		size_t i = 0, len = (size_t)(text - line);

		while (i < ARRAY_SIZE(functions) && (strncmp(functions[i].name, line, len) != 0 ||
						     functions[i].name[len] != '\0'))
			i++;
		if (i == ARRAY_SIZE(functions)) {
			fprintf(stderr, "drive_stat: no '%.*s'\n", (int)len, line);
			return 2;
		}
		functions[i].call(text);
		putchar('\n');
	}
	return 0;
}
