// SPDX-License-Identifier: Apache-2.0
/*
 * The bodies of all versions: {"error": ...} of InfluxDB 1 and 3, {"code", "message"} of 2, and
 * {"error", "data": [{"line_number", "error_message", "original_line"}]} of 3.
 */
#include "sink/influxdb_answer.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"

#define RETRY_AFTER_MAX_S (24 * 3600)
#define BACKOFF_MIN_NS (100 * NSEC_PER_MSEC)
#define BACKOFF_MAX_NS (30 * NSEC_PER_SEC)

struct said {
	bool error; /* the body says that something went wrong */
	bool about_lines; /* by its form, before any of its words */
	size_t line, dropped;
	char *text; /* owned; NULL: out of memory, or none */
};

uint64_t influxdb_retry_after_ns(const char *value, uint64_t now_ns)
{
	uint64_t seconds;
	time_t at;
	char *end;

	if (!value || !*value)
		return 0;
	if (value[strspn(value, "0123456789")] == '\0') {
		seconds = strtoull(value, &end, 10);
	} else {
		at = curl_getdate(value, NULL);
		if (at < 0 || (uint64_t)at <= now_ns / NSEC_PER_SEC)
			return 0;
		seconds = (uint64_t)at - now_ns / NSEC_PER_SEC;
	}
	return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * NSEC_PER_SEC;
}

uint64_t influxdb_backoff_ns(unsigned int attempt, uint64_t random)
{
	uint64_t limit = attempt < 9 ? BACKOFF_MIN_NS << attempt : BACKOFF_MAX_NS;

	if (limit > BACKOFF_MAX_NS)
		limit = BACKOFF_MAX_NS;
	return random % (limit + 1);
}

static void set_text(struct said *said, const char *text, size_t len)
{
	free(said->text);
	said->text = strndup(text, len);
}

/* A page of HTML has no words for us, nor has JSON of which the end is missing. */
static void read_plain(const char *body, size_t len, struct said *said)
{
	while (len && strchr(" \t\r\n", *body)) {
		body++;
		len--;
	}
	if (len && *body == '{')
		said->about_lines = memmem(body, len, "unable to parse", 15) ||
				    memmem(body, len, "partial write", 13);
	else if (len && *body != '<')
		set_text(said, body, len);
}

static void read_line_error(const json_t *one, struct said *said)
{
	const char *why = json_string_value(json_object_get(one, "error_message"));
	json_int_t line = json_integer_value(json_object_get(one, "line_number"));

	if (!why && line <= 0)
		return;
	said->about_lines = true;
	said->line = line > 0 ? (size_t)line : 0;
	if (why)
		set_text(said, why, strlen(why));
}

static void read_json(const json_t *root, struct said *said)
{
	const char *error = json_string_value(json_object_get(root, "error"));
	const char *message = json_string_value(json_object_get(root, "message"));
	const json_t *data = json_object_get(root, "data");
	json_int_t line = json_integer_value(json_object_get(root, "line"));

	said->error = error || message;
	if (line > 0) {
		said->line = (size_t)line;
		said->about_lines = true;
	}
	if (said->error)
		set_text(said, message ? message : error, strlen(message ? message : error));
	read_line_error(json_is_array(data) ? json_array_get(data, 0) : data, said);
}

static char *last(char *text, const char *part)
{
	char *at = NULL;

	for (char *next = text; (next = strstr(next, part)); next++)
		at = next;
	return at;
}

/* "unable to parse 'LINE': why", perhaps several of them: a line may hold anything. */
static void leave_lines_out(struct said *said)
{
	static const char end[] = "': ";
	char *why;

	if (!strstr(said->text, "unable to parse '"))
		return;
	said->about_lines = true;
	why = last(said->text, end);
	if (why)
		memmove(said->text, why + strlen(end), strlen(why + strlen(end)) + 1);
	else
		*said->text = '\0';
}

/* "partial write: why dropped=N" */
static void read_partial(struct said *said)
{
	static const char partial[] = "partial write: ", dropped[] = " dropped=";
	char *at = strstr(said->text, partial);

	if (!at)
		return;
	said->about_lines = true;
	memmove(said->text, at + strlen(partial), strlen(at + strlen(partial)) + 1);
	at = last(said->text, dropped);
	if (at) {
		said->dropped = strtoull(at + strlen(dropped), NULL, 10);
		*at = '\0';
	}
}

static void read_body(const struct influxdb_answer *a, struct said *said)
{
	json_t *root = a->len ? json_loadb(a->body, a->len, 0, NULL) : NULL;

	*said = (struct said){ 0 };
	if (json_is_object(root))
		read_json(root, said);
	else if (!root && a->len)
		read_plain(a->body, a->len, said);
	json_decref(root);
	if (!said->text)
		return;
	read_partial(said);
	leave_lines_out(said);
	said->text[strcspn(said->text, "\r\n")] = '\0'; /* one reason is enough */
	utf8_clean(said->text);
}

/* Status 400 and its like, for reasons that have nothing to do with lines. */
static bool is_about_all(const char *text)
{
	static const struct {
		const char *one, *other;
	} words[] = {
		{ "database", "not found" },
		{ "database", "required" },
		{ "database", "invalid" },
		{ "databases", "limit" },
		{ "db name", "" },
		{ "retention policy", "not found" },
		{ "bucket", "not found" },
		{ "bucket", "required" },
		{ "bucket", "invalid" },
		{ "organization", "" },
		{ "provide either org", "" },
		{ "precision", "" },
		{ "gzip", "" },
		{ "content-encoding", "" },
		{ "content encoding", "" },
		{ "query parameter", "" },
		{ "query string", "" },
		{ "consistency", "" },
		{ "authorization", "" },
		{ "to an https server", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(text, words[i].one) && strcasestr(text, words[i].other))
			return true;
	return false;
}

static int code_of(long status)
{
	switch (status) {
	case 401: return -EACCES;
	case 403: return -EPERM;
	case 404: return -ENOENT;
	default: return -EINVAL;
	}
}

static enum influxdb_act judge_lines(const struct said *said, const char *text, size_t lines)
{
	if (!said->about_lines && is_about_all(text))
		return INFLUXDB_NEVER;
	/* The body got lost on its way: InfluxDB 1 says so with 400. */
	if (!said->about_lines && !strcasecmp(text, "unexpected EOF"))
		return INFLUXDB_AGAIN;
	return said->dropped && said->dropped == lines ? INFLUXDB_ALL_BAD : INFLUXDB_BAD_LINE;
}

static enum influxdb_act judge(long status, const struct said *said, const char *text, size_t lines)
{
	switch (status) {
	case 400:
	case 422: return judge_lines(said, text, lines);
	case 413: return INFLUXDB_TOO_LARGE;
	case 408:
	case 425:
	case 429: return INFLUXDB_AGAIN;
	default: break;
	}
	if (status >= 200 && status < 300)
		return said->error ? judge_lines(said, text, lines) : INFLUXDB_TAKEN;
	/* InfluxDB 1 takes a wrong name for its own failure. */
	if (status >= 500 && strstr(text, "retention policy not found"))
		return INFLUXDB_NEVER;
	return status >= 500 ? INFLUXDB_AGAIN : INFLUXDB_NEVER;
}

void influxdb_judge(const struct influxdb_answer *a, size_t lines, uint64_t now_ns,
		    struct influxdb_verdict *ret)
{
	const char *text;
	struct said said;

	read_body(a, &said);
	text = said.text ? said.text : "";
	*ret = (struct influxdb_verdict){ .act = judge(a->status, &said, text, lines) };
	snprintf(ret->words, sizeof(ret->words), "%s", text);
	utf8_clean(ret->words); /* what was cut within a character */
	if (ret->act == INFLUXDB_AGAIN)
		ret->wait_ns = influxdb_retry_after_ns(a->retry_after, now_ns);
	if (ret->act == INFLUXDB_BAD_LINE && said.line <= lines)
		ret->line = said.line;
	if (ret->act == INFLUXDB_NEVER)
		ret->code = is_about_all(text) && strcasestr(text, "not found")
				    ? -ENOENT
				    : code_of(a->status);
	free(said.text);
}
