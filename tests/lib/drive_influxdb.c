// SPDX-License-Identifier: Apache-2.0
/*
 * Made-up points through the InfluxDB sink, for integration tests.
 *
 *   drive_influxdb [KEY=VALUE]... < POINTS	send, flush at the end
 *   drive_influxdb count=N [KEY=VALUE]...	the same with N points of its own
 *   drive_influxdb encode=N			encode N points, send nothing: ns of CPU time per point
 *   drive_influxdb print=N			N points as line protocol
 *
 * Keys are those of a spec, and retry_ms, stop_ms (set *stop so long after the beginning).
 * A point is a line of JSON, {"m": NAME, "time": NS, "tags": {}, "fields": {}}, in which
 * {"real": "nan"} is a value, too; "flush" is a line as well. Prints what happened.
 */
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_point.h"
#include "sink/influxdb.h"
#include "sink/line.h"
#include "sink/sink.h"

#define MADE_FIELDS 24
#define MADE_TIME 1700000000000000000

static struct err err;
static struct losses losses = LOSSES_INIT;
static atomic_bool stop;

struct drive {
	struct influxdb_config config;
	uint64_t count, encode, print, stop_ms;
};

static const struct {
	const char *name;
	size_t offset;
	enum { TEXT, NUMBER, FLAG } kind;
	uint64_t unit;
} keys[] = {
#define CONFIG(field) offsetof(struct drive, config.field)
	{ "url", CONFIG(url), TEXT, 0 },
	{ "token", CONFIG(token), TEXT, 0 },
	{ "org", CONFIG(org), TEXT, 0 },
	{ "bucket", CONFIG(bucket), TEXT, 0 },
	{ "database", CONFIG(database), TEXT, 0 },
	{ "user", CONFIG(user), TEXT, 0 },
	{ "password", CONFIG(password), TEXT, 0 },
	{ "retention_policy", CONFIG(retention_policy), TEXT, 0 },
	{ "token_file", CONFIG(token_file), TEXT, 0 },
	{ "password_file", CONFIG(password_file), TEXT, 0 },
	{ "ca_file", CONFIG(ca_file), TEXT, 0 },
	{ "insecure", CONFIG(insecure), FLAG, 0 },
	{ "gzip", CONFIG(gzip), FLAG, 0 },
	{ "batch_lines", CONFIG(batch_lines), NUMBER, 1 },
	{ "batch_bytes", CONFIG(batch_bytes), NUMBER, 1 },
	{ "timeout_ms", CONFIG(timeout_ns), NUMBER, NSEC_PER_MSEC },
	{ "retry_ms", CONFIG(retry_for_ns), NUMBER, NSEC_PER_MSEC },
	{ "count", offsetof(struct drive, count), NUMBER, 1 },
	{ "encode", offsetof(struct drive, encode), NUMBER, 1 },
	{ "print", offsetof(struct drive, print), NUMBER, 1 },
	{ "stop_ms", offsetof(struct drive, stop_ms), NUMBER, 1 },
};

static int read_key(struct drive *d, const char *text)
{
	size_t n = strcspn(text, "=");
	const char *value = text[n] ? text + n + 1 : "";

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *field = (char *)d + keys[i].offset;

		if (strncmp(keys[i].name, text, n) != 0 || keys[i].name[n])
			continue;
		switch (keys[i].kind) {
		case TEXT: *(const char **)field = value; break;
		case NUMBER: *(uint64_t *)field = strtoull(value, NULL, 10) * keys[i].unit; break;
		default: *(bool *)field = !strcmp(value, "true");
		}
		return 0;
	}
	fprintf(stderr, "drive_influxdb: what is '%s'?\n", text);
	return -1;
}

static void take_field(struct fake_point *f, const char *name, const json_t *value)
{
	const char *real = json_string_value(json_object_get(value, "real"));

	if (real)
		fake_point_real(f, name, strtod(real, NULL));
	else if (json_is_integer(value))
		fake_point_int(f, name, json_integer_value(value));
	else if (json_is_real(value))
		fake_point_real(f, name, json_real_value(value));
	else if (json_is_boolean(value))
		fake_point_bool(f, name, json_is_true(value));
	else
		fake_point_text(f, name, json_string_value(value));
}

static int put_json(struct sink *s, const char *line)
{
	static struct fake_point f;
	json_t *root = json_loads(line, 0, NULL), *value;
	const char *name;
	int rc;

	if (!json_is_object(root)) {
		fprintf(stderr, "drive_influxdb: no point: %s", line);
		json_decref(root);
		return -1;
	}
	fake_point_init(&f, json_string_value(json_object_get(root, "m")),
			json_integer_value(json_object_get(root, "time")));
	json_object_foreach(json_object_get(root, "tags"), name, value)
		fake_point_tag(&f, name, json_string_value(value));
	json_object_foreach(json_object_get(root, "fields"), name, value)
		take_field(&f, name, value);
	rc = s->ops->put(s, &f.p, &err);
	json_decref(root);
	return rc;
}

/* Like a point of a target and device in a tick: some tags, many fields. */
static void make_point(struct fake_point *f, uint64_t i)
{
	static char names[MADE_FIELDS][16];
	for (int k = 0; !*names[MADE_FIELDS - 1] && k < MADE_FIELDS; k++)
		snprintf(names[k], sizeof(names[k]), "field_%d", k);
	fake_point_init(f, "cbpf_made", MADE_TIME + (int64_t)i * 1000000);
	fake_point_tag(f, "benchmark_id", "20261126T210111-quickstart-7eb0");
	fake_point_tag(f, "host", "a host, or another");
	fake_point_tag(f, "target", i % 2 ? "victim" : "neighbour=1");
	fake_point_tag(f, "device", "vda");
	fake_point_int(f, "number", (int64_t)i);
	for (uint64_t k = 0; k < MADE_FIELDS; k++)
		if (k % 4)
			fake_point_int(f, names[k], (int64_t)(i * 7919 * (k + 1) % 100000007));
		else
			fake_point_real(f, names[k], (double)(i % 1000) / (double)(k + 3));
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

/* Points are made before, as a feed would have them. */
static int encode(uint64_t n)
{
	enum { MADE = 64 };
	static struct fake_point made[MADE];
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	uint64_t bytes = 0, begin;

	for (uint64_t i = 0; i < MADE; i++)
		make_point(&made[i], i * 977);
	begin = cpu_ns();
	for (uint64_t i = 0; i < n; i++) {
		if (line_append(&made[i % MADE].p, &out, &told))
			return 1;
		bytes += out.len;
		buf_reset(&out);
	}
	printf("%" PRIu64 " ns, %" PRIu64 " bytes\n", (cpu_ns() - begin) / n, bytes / n);
	buf_fini(&out);
	return 0;
}

static int print(uint64_t n)
{
	static struct fake_point f;
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;

	for (uint64_t i = 0; i < n; i++) {
		make_point(&f, i);
		if (line_append(&f.p, &out, &told))
			return 1;
		fwrite(out.data, 1, out.len, stdout);
		buf_reset(&out);
	}
	buf_fini(&out);
	return 0;
}

static int read_points(struct sink *s)
{
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	while (!rc && getline(&line, &size, stdin) > 0) {
		if (strcmp(line, "flush\n") != 0) {
			rc = put_json(s, line);
			continue;
		}
		rc = s->ops->flush(s, &err);
		if (!rc)
			printf("flushed\n");
	}
	free(line);
	return rc;
}

static int make_points(struct sink *s, uint64_t n)
{
	static struct fake_point f;
	int rc = 0;

	for (uint64_t i = 0; i < n && !rc; i++) {
		make_point(&f, i);
		rc = s->ops->put(s, &f.p, &err);
	}
	return rc;
}

static void *stop_later(void *arg)
{
	const struct drive *d = arg;

	(void)clock_sleep_until(clock_mono_ns() + d->stop_ms * NSEC_PER_MSEC);
	atomic_store(&stop, true);
	return NULL;
}

static int run(struct drive *d)
{
	struct sink *s = NULL;
	pthread_t thread;
	int rc = influxdb_open(&d->config, &losses, &stop, &s, &err);

	if (rc) {
		printf("open: %s: %s\n", strerrorname_np(-rc), err.text);
		return 1;
	}
	printf("where: %s\n", s->where);
	if (d->stop_ms && pthread_create(&thread, NULL, stop_later, d))
		return 1;
	rc = d->count ? make_points(s, d->count) : read_points(s);
	if (!rc)
		rc = s->ops->flush(s, &err);
	if (rc)
		printf("failed: %s: %s\n", strerrorname_np(-rc), err.text);
	else
		printf("flushed\n");
	for (size_t i = 0; i < losses.n; i++)
		printf("lost: %" PRIu64 " %s: %s\n", losses.v[i].count, losses.v[i].what,
		       losses.v[i].reason);
	if (d->stop_ms)
		pthread_join(thread, NULL);
	sink_close(s);
	return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct drive d = { .config = { .gzip = true,
				       .batch_lines = 5000,
				       .batch_bytes = 1 << 20,
				       .timeout_ns = 10 * NSEC_PER_SEC,
				       .retry_for_ns = 20 * NSEC_PER_SEC } };

	for (int i = 1; i < argc; i++)
		if (read_key(&d, argv[i]))
			return 2;
	if (d.encode)
		return encode(d.encode);
	if (d.print)
		return print(d.print);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return run(&d);
}
