// SPDX-License-Identifier: Apache-2.0
/*
 * Lines gather in one buffer and are sent when it is full, or at a flush. A batch that is refused
 * for some of its lines, or for its size, is cut until each part is taken or is one line. Sending
 * a line twice is harmless: it is the same point.
 */
#include "sink/influxdb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "sink/influxdb_answer.h"
#include "sink/influxdb_place.h"
#include "sink/line.h"
#include "sink/point.h"
#include "sink/post.h"
#include "sink/sink.h"

#define LOSS "sink.influxdb"
/* The longest line there can be: all of its texts escaped. */
#define LINE_MAX_BYTES ((size_t)POINT_FIELDS * 3 * LINE_TEXT_MAX)
#define MAX_REASONS 16
/* Lines that are refused one by one, while none was ever taken, before it is the server's fault. */
#define MAX_REFUSED 32
/* What a batch is not cut below for later batches; cutting each is cheaper than very small ones. */
#define MIN_BYTES 16384
#define STEP_NS (50 * NSEC_PER_MSEC)

struct reason {
	char text[224];
	uint64_t count;
};

struct range {
	size_t from, to; /* lines */
};

struct influxdb {
	struct sink sink;
	struct influxdb_place place;
	struct post *post;
	uint64_t retry_for_ns;
	/* Since its last answer, over all flushes: sink.not_before_ns is told by them. */
	unsigned int attempts;
	char why[256]; /* the last one failed */
	size_t max_lines, max_bytes;
	struct buf text; /* lines that were not sent */
	size_t n, *begin; /* and where each begins; begin[n] is the end */
	struct range *ranges; /* of a batch, still to be sent: max_lines + 1 */
	size_t n_ranges;
	uint64_t accepted, refused_alone;
	bool too_large; /* some part of this batch was */
	size_t taken_bytes; /* of its largest part that was taken */
	/* Losses since the last flush. */
	struct reason reasons[MAX_REASONS];
	size_t n_reasons;
};

static void note(struct influxdb *s, uint64_t count, const char *text)
{
	struct reason *r = s->reasons;
	size_t i = 0;

	while (i < s->n_reasons && strcmp(r[i].text, text) != 0)
		i++;
	if (i == s->n_reasons) {
		/* A server can be refused in as many ways as there are names: losses are few. */
		if (i == MAX_REASONS)
			i--;
		else
			s->n_reasons++;
		snprintf(r[i].text, sizeof(r[i].text), "%s",
			 i == MAX_REASONS - 1 ? "refused for further reasons" : text);
	}
	r[i].count += count;
}

static void forget(struct influxdb *s)
{
	buf_reset(&s->text);
	s->text.failed = 0;
	s->n = s->n_ranges = s->taken_bytes = 0;
	s->too_large = false;
	s->begin[0] = 0;
	memset(s->reasons, 0, sizeof(s->reasons));
	s->n_reasons = 0;
}

static void refuse(struct influxdb *s, size_t count, const struct influxdb_verdict *v)
{
	char text[224];

	snprintf(text, sizeof(text), "refused by the server: %.190s",
		 *v->words ? v->words : "it did not say why");
	note(s, count, text);
}

static bool stopped(const struct influxdb *s)
{
	return s->sink.stop && atomic_load(s->sink.stop);
}

/* Wait until it may be asked. -ECANCELED; or -EAGAIN, at once, when that is after @until (0: never). */
static int wait_for_it(struct influxdb *s, uint64_t until, struct err *err)
{
	uint64_t now = clock_mono_ns(), end = s->sink.not_before_ns;

	if (now >= end)
		return 0;
	if (until && end > until)
		return err_say(err, -EAGAIN, "%s: given up for now, after %u attempts: %s",
			       s->sink.where, s->attempts, s->why);
	while (now < end && !stopped(s)) {
		(void)clock_sleep_until(end - now < STEP_NS ? end : now + STEP_NS);
		now = clock_mono_ns();
	}
	return stopped(s) ? err_say(err, -ECANCELED, "%s: interrupted", s->sink.where) : 0;
}

static uint64_t random_number(void)
{
	uint64_t v;

	/* Without it the wait is as long as it can be, which is no harm. */
	return getrandom(&v, sizeof(v), GRND_NONBLOCK) == sizeof(v) ? v : UINT64_MAX;
}

static void put_off(struct influxdb *s, const struct influxdb_verdict *v, const struct err *err)
{
	unsigned int attempt = s->attempts++;

	s->sink.asked = v->wait_ns;
	/* What the server asked for, and a little, so that not all come at once. */
	s->sink.not_before_ns = clock_mono_ns() + v->wait_ns +
				influxdb_backoff_ns(v->wait_ns ? 0 : attempt, random_number());
	snprintf(s->why, sizeof(s->why), "%.255s", err->text);
}

static int explain_never(const struct influxdb *s, const struct post_answer *a,
			 const struct influxdb_verdict *v, struct err *err)
{
	const char *where = s->sink.where, *in = s->place.container;
	const char *words = *v->words ? v->words : "it did not say why";

	if (a->status >= 300 && a->status < 400)
		return err_say(err, v->code, "%s: redirected to %s; give that as the url", where,
			       *a->location ? a->location : "nowhere");
	switch (v->code) {
	case -EACCES:
		return err_say(err, v->code,
			       "%s: the server does not know who this is: %s; check %s", where,
			       words,
			       s->place.api == INFLUXDB_V1
				       ? "user and password (INFLUXDB_USER, INFLUXDB_PASSWORD)"
				       : "the token (token_file, INFLUXDB_TOKEN)");
	case -EPERM:
		return err_say(err, v->code,
			       "%s: not allowed to write: %s; let this %s write to %s", where,
			       words, s->place.api == INFLUXDB_V1 ? "user" : "token", in);
	case -ENOENT:
		if (strcasestr(words, "not found") && !strcasestr(words, "page not found") &&
		    strlen(words) > strlen("not found"))
			return err_say(err, v->code, "%s: %s; create it first: %s", where, words,
				       in);
		return err_say(err, v->code,
			       "%s: the server has no %s; database is for InfluxDB 1, bucket and "
			       "org for 2, database and token for 3; is the url right?",
			       where,
			       s->place.api == INFLUXDB_V1   ? "/write"
			       : s->place.api == INFLUXDB_V2 ? "/api/v2/write"
							     : "/api/v3/write_lp");
	default:
		return err_say(err, v->code,
			       "%s: the server refuses the request: HTTP status %ld, %s", where,
			       a->status, words);
	}
}

/* Ask once. 0 and a verdict, or as post_send(). */
static int ask(struct influxdb *s, const struct range *r, struct influxdb_verdict *v,
	       struct err *err)
{
	size_t begin = s->begin[r->from], len = s->begin[r->to] - begin;
	struct influxdb_answer answer;
	struct post_answer a;
	int rc = post_send(s->post, s->text.data + begin, len, &a, err);

	if (rc) {
		influxdb_place_hide(&s->place, err->text);
		return rc;
	}
	answer = (struct influxdb_answer){ a.status, a.retry_after, buf_str(&a.body), a.body.len };
	influxdb_judge(&answer, r->to - r->from, clock_wall_ns(), v);
	influxdb_place_hide(&s->place, v->words);
	if (v->act == INFLUXDB_NEVER)
		return explain_never(s, &a, v, err);
	if (v->act == INFLUXDB_AGAIN)
		return err_say(err, -EAGAIN, "HTTP status %ld, %s", a.status,
			       *v->words ? v->words : "it did not say why");
	return 0;
}

/* Of an answer @err tells all; of none, only why. */
static int explain_failure(const struct influxdb *s, int rc, const struct influxdb_verdict *v,
			   struct err *err)
{
	char words[256];

	if (v->act == INFLUXDB_NEVER)
		return rc;
	if (rc != -EACCES)
		return err_wrap(err, "%s", s->sink.where);
	snprintf(words, sizeof(words), "%.255s", err->text);
	return err_say(err, rc,
		       "%s: the server could not prove who it is: %s; ca_file names its authority, "
		       "insecure: true does without",
		       s->sink.where, words);
}

/* Ask until there is an answer that tells about these lines. */
static int insist(struct influxdb *s, const struct range *r, struct influxdb_verdict *v,
		  struct err *err)
{
	uint64_t until = s->retry_for_ns ? clock_mono_ns() + s->retry_for_ns : 0;
	int rc;

	for (;;) {
		rc = wait_for_it(s, until, err);
		if (rc)
			return rc;
		*v = (struct influxdb_verdict){ 0 };
		rc = ask(s, r, v, err);
		if (rc != -EAGAIN)
			break;
		put_off(s, v, err);
	}
	s->attempts = 0;
	s->sink.not_before_ns = 0;
	return rc ? explain_failure(s, rc, v, err) : 0;
}

static void push(struct influxdb *s, size_t from, size_t to)
{
	if (from < to)
		s->ranges[s->n_ranges++] = (struct range){ from, to };
}

/* Cut out the line that the server named, or halve; the first part is sent first. */
static void cut(struct influxdb *s, const struct range *r, size_t line)
{
	size_t middle = r->from + (r->to - r->from) / 2;

	if (!line) {
		push(s, middle, r->to);
		push(s, r->from, middle);
		return;
	}
	push(s, r->from + line, r->to);
	push(s, r->from + line - 1, r->from + line);
	push(s, r->from, r->from + line - 1);
}

/*
 * Many lines in a row were refused and none was taken: is it all of them? One of each part that
 * is left tells.
 */
static int probe(struct influxdb *s, const struct influxdb_verdict *refused, struct err *err)
{
	struct influxdb_verdict v;

	for (size_t i = 0; i < s->n_ranges; i++) {
		struct range one = { s->ranges[i].from, s->ranges[i].from + 1 };
		int rc = insist(s, &one, &v, err);

		if (rc)
			return rc;
		if (v.act == INFLUXDB_TAKEN) {
			s->accepted++;
			return 0;
		}
	}
	return err_say(err, -EINVAL, "%s: the server refuses every line: %s", s->sink.where,
		       *refused->words ? refused->words : "it did not say why");
}

static int refuse_one(struct influxdb *s, const struct influxdb_verdict *v, struct err *err)
{
	refuse(s, 1, v);
	return !s->accepted && ++s->refused_alone == MAX_REFUSED ? probe(s, v, err) : 0;
}

static int send_range(struct influxdb *s, const struct range *r, struct err *err)
{
	size_t lines = r->to - r->from, bytes = s->begin[r->to] - s->begin[r->from];
	struct influxdb_verdict v;
	int rc = insist(s, r, &v, err);

	if (rc)
		return rc;
	switch (v.act) {
	case INFLUXDB_TAKEN:
		s->accepted += lines;
		if (bytes > s->taken_bytes)
			s->taken_bytes = bytes;
		return 0;
	case INFLUXDB_ALL_BAD: refuse(s, lines, &v); return 0;
	case INFLUXDB_TOO_LARGE:
		s->too_large = true;
		if (lines > 1)
			cut(s, r, 0);
		else
			note(s, 1, "refused by the server: the line is too large for it");
		return 0;
	default:
		if (lines == 1)
			return refuse_one(s, &v, err);
		cut(s, r, v.line);
		return 0;
	}
}

/* The next batch need not find out again; but one long line says little of the others. */
static void learn_size(struct influxdb *s)
{
	size_t most = s->taken_bytes > MIN_BYTES ? s->taken_bytes : MIN_BYTES;

	if (s->too_large && most < s->max_bytes)
		s->max_bytes = most;
	s->too_large = false;
	s->taken_bytes = 0;
}

/* Send the first @n lines; those after them move to the front. On failure all are forgotten. */
static int send_lines(struct influxdb *s, size_t n, struct err *err)
{
	size_t sent = s->begin[n], left = s->text.len - sent;
	int rc = 0;

	push(s, 0, n);
	while (s->n_ranges && !rc) {
		struct range r = s->ranges[--s->n_ranges];

		rc = send_range(s, &r, err);
	}
	if (rc) {
		forget(s);
		return rc;
	}
	learn_size(s);
	if (left)
		memmove(s->text.data, s->text.data + sent, left);
	s->text.len = left;
	s->n -= n;
	for (size_t i = 0; i <= s->n; i++)
		s->begin[i] = s->begin[n + i] - sent;
	return 0;
}

static int put(struct sink *sink, const struct point *p, struct err *err)
{
	struct influxdb *s = (struct influxdb *)sink;
	struct line_note told;
	char text[224];
	int rc = line_append(p, &s->text, &told);

	if (told.left_out)
		note(s, told.left_out, "not finite (NaN or infinite): a field was left out");
	if (rc == -EINVAL) {
		snprintf(text, sizeof(text), "line protocol cannot say it: %.190s", told.why);
		note(s, 1, text);
		return 0;
	}
	if (rc) {
		forget(s);
		return err_set(err, rc, "%s", sink->where);
	}
	s->begin[++s->n] = s->text.len;
	if (s->text.len > s->max_bytes && s->n > 1)
		rc = send_lines(s, s->n - 1, err);
	if (!rc && (s->n == s->max_lines || s->text.len > s->max_bytes))
		rc = send_lines(s, s->n, err);
	return rc;
}

static int flush(struct sink *sink, struct err *err)
{
	struct influxdb *s = (struct influxdb *)sink;
	int rc = s->n ? send_lines(s, s->n, err) : 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < s->n_reasons; i++)
		loss_add(sink->losses, LOSS, s->reasons[i].count, "%s", s->reasons[i].text);
	forget(s);
	return 0;
}

static void close_sink(struct sink *sink)
{
	struct influxdb *s = (struct influxdb *)sink;

	post_close(s->post);
	influxdb_place_fini(&s->place);
	buf_fini(&s->text);
	free(s->begin);
	free(s->ranges);
	free(sink->where);
	free(s);
}

static const struct sink_ops ops = {
	.name = "influxdb",
	.put = put,
	.flush = flush,
	.close = close_sink,
};

static int prepare(struct influxdb *s, const struct influxdb_config *config, struct err *err)
{
	struct post_config post = { .ca_file = config->ca_file,
				    .insecure = config->insecure,
				    .gzip = config->gzip,
				    .timeout_ns = config->timeout_ns,
				    .stop = s->sink.stop };
	int rc = influxdb_place_init(&s->place, config, err);

	if (rc)
		return rc;
	s->max_lines = config->batch_lines ? config->batch_lines : 1;
	s->max_bytes = config->batch_bytes;
	s->retry_for_ns = config->retry_for_ns;
	s->text.max = s->max_bytes + LINE_MAX_BYTES;
	s->begin = calloc(s->max_lines + 1, sizeof(*s->begin));
	s->ranges = calloc(s->max_lines + 2, sizeof(*s->ranges));
	s->sink.where = strdup(s->place.where);
	if (!s->begin || !s->ranges || !s->sink.where)
		return err_set(err, -ENOMEM, "influxdb");
	post.url = s->place.url;
	post.authorization = s->place.authorization;
	return post_open(&post, &s->post, err) ? err_wrap(err, "influxdb") : 0;
}

int influxdb_open(const struct influxdb_config *config, struct losses *losses,
		  const atomic_bool *stop, struct sink **ret, struct err *err)
{
	struct influxdb *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "influxdb");
	s->sink = (struct sink){
		.ops = &ops, .losses = losses, .stop = stop, .wants_buckets = config->histograms
	};
	rc = prepare(s, config, err);
	if (rc) {
		close_sink(&s->sink);
		return rc;
	}
	*ret = &s->sink;
	return 0;
}
