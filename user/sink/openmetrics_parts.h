/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the OpenMetrics endpoint share: names, numbers, state, text, server. */
#ifndef CBPF_SINK_OPENMETRICS_PARTS_H
#define CBPF_SINK_OPENMETRICS_PARTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink/measure.h"

struct buf;
struct err;
struct hist;
struct losses;
struct point;

/* --- names (openmetrics_name.c) --- */

enum om_type { OM_COUNTER, OM_GAUGE, OM_HISTOGRAM, OM_INFO };
enum om_scale { OM_PLAIN, OM_NANO, OM_MICRO, OM_MILLI, OM_PERCENT, OM_BASIS_POINT };

struct om_family {
	char name[128]; /* of the family: without _total */
	enum om_type type;
	enum om_scale scale; /* from the column's unit to @unit */
	const char *unit; /* seconds, bytes, ratio; NULL: none has been agreed on */
	const char *label; /* of a column that is many: says which one; else NULL */
};

/* Whether anything of it is served: what is cbpf's own, and no bucket of a histogram. */
bool om_has(const struct measurement *m);
/* -ENODATA: this column is not served (text, facts, quantiles, what a histogram has). */
int om_family(const struct measurement *m, const struct measure_column *c, struct om_family *ret);
/* Of the histogram called @name in points of @m. */
void om_family_hist(const struct measurement *m, const char *name, struct om_family *ret);
/* Whether some sample of both would have the same name. */
bool om_clash(const struct om_family *a, const struct om_family *b);

/* --- numbers (openmetrics_number.c) --- */

/*
 * The shortest text that reads back as @value, as OpenMetrics wants it of `le`: "1.023e-06",
 * "8191.0"; @plain: without the ".0".
 */
#define OM_NUMBER_MAX 48
void om_number(double value, bool plain, char *text);
/* An integer of 10^-@digits, exactly: 1500 of 9 digits is "0.0000015". */
void om_decimal(int64_t value, unsigned int digits, char *text);

/* --- state (openmetrics_registry.c): not thread-safe --- */

#define OM_HISTS 4 /* of a measurement */
#define OM_EDGES_MAX 32

struct om_value {
	bool present, real;
	union {
		int64_t i;
		double d;
	};
};

struct om_many { /* one of a column that is many */
	size_t column;
	char *text; /* which, escaped as a label's value is; owned */
	struct om_value value;
};

struct om_hist {
	uint64_t count, sum;
	uint64_t below[OM_EDGES_MAX]; /* values of at most om_edge() */
};

struct om_row { /* what is known of one set of tags */
	size_t measure;
	char *labels; /* a="b",c="d", escaped; owned */
	uint64_t hash;
	int64_t seq;
	size_t target; /* that may go while the run lasts; SIZE_MAX: none */
	struct om_value *values; /* one per column; owned */
	struct om_many *many; /* owned */
	size_t n_many;
	struct om_hist *hists[OM_HISTS]; /* owned; NULL: has none */
};

struct om_measure {
	const struct measurement *measurement;
	size_t n_columns, n_served;
	struct om_family *families; /* one per column; without a name: not served; owned */
	struct om_family hists[OM_HISTS];
	char hist_names[OM_HISTS][32];
	size_t n_hists;
	struct om_row **rows; /* in the order they came; owned */
	size_t n_rows, cap_rows;
};

struct om_target { /* a container or workload */
	char *id; /* owned */
	int64_t seq; /* tick that told of it last */
};

struct om_registry {
	struct losses *losses; /* borrowed */
	size_t max_series, n_series; /* histograms get three quarters of them at most */
	struct om_measure *measures; /* owned */
	size_t n_measures;
	struct om_target *targets; /* owned */
	size_t n_targets;
	struct om_row **table; /* by hash; owned */
	size_t n_table, cap_table;
	int64_t last_seq; /* -1: no tick yet */
	int64_t last_time_ns; /* of that tick, since the epoch */
	uint64_t n_ticks, n_points, n_refused;
};

void om_registry_init(struct om_registry *r, size_t max_series, struct losses *losses);
/* 0 or -ENOMEM. What it has no room for is told to the losses. */
int om_registry_put(struct om_registry *r, const struct point *p);
void om_registry_fini(struct om_registry *r);

/* The last value of bucket @i of histograms of this unit, in ns or bytes, and how many there are. */
uint64_t om_edge(const struct om_family *f, size_t i);
size_t om_edges(const struct om_family *f);

/* A label's value or a HELP text as it is between quotes; text that is no UTF-8 is mended. */
int om_escape(struct buf *b, const char *text, bool *ret_mended);

/* --- text (openmetrics_render.c) --- */

enum om_format { OM_OPENMETRICS, OM_CLASSIC };

/* Of cbpf itself, at the time of a scrape. */
struct om_health {
	const char *id; /* of the run; NULL: is not told */
	uint64_t now_ns; /* since the epoch */
	uint64_t n_scrapes;
	int64_t cpu_ns, rss_bytes; /* -1: unknown */
};

/* The text of a scrape, complete; 0 or the first failure of @out. */
int om_render(const struct om_registry *r, const struct om_health *h, enum om_format format,
	      struct buf *out);
const char *om_content_type(enum om_format format);

/* --- requests (openmetrics_request.c) --- */

struct om_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

/* -EINVAL with the words that say what would be right. No name is looked up but localhost. */
int om_address_parse(const char *text, struct om_address *ret, struct err *err);
/* "127.0.0.1:9464" */
void om_address_format(const struct om_address *a, char *text, size_t size);
/* What an Accept header asks for, which may be NULL: OpenMetrics, unless it likes the other more. */
enum om_format om_accept(const char *header);

/* --- server (openmetrics_server.c) --- */

struct om_server;

/* Called by the server's thread; 0 with the whole body in @body, or a negative errno. */
typedef int om_scrape_fn(void *data, enum om_format format, struct buf *body);

/*
 * Answers GET /metrics until it is stopped, which waits for no client. @at's port is the real
 * one afterwards.
 */
int om_server_start(struct om_address *at, om_scrape_fn *scrape, void *data, struct om_server **ret,
		    struct err *err);
void om_server_stop(struct om_server *s); /* takes NULL */

#endif
