// SPDX-License-Identifier: Apache-2.0
/* A curl multi handle that only its own thread touches; others leave wishes and wake it. */
#include "engine/stream.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/call.h"
#include "engine/engine.h"

#define POLL_MS 1000
#define REGISTER_TIMEOUT_MS 5000

enum stream_state { STREAM_NEW, STREAM_RUNNING, STREAM_DONE };

struct engine_stream {
	struct engine_streams *all; /* borrowed */
	struct engine_stream *next;
	struct http_transfer transfer;
	struct http_call call;
	struct http_reply reply;
	char path[CALL_PATH_MAX];
	struct demux demux;
	demux_sink sink;
	void *arg;
	/* Under the lock of @all: */
	enum stream_state state;
	bool answered; /* the status line has come */
	bool unwanted;
	uint64_t done_ns;
	int rc; /* once done, with @err */
	struct err err;
};

struct engine_streams {
	struct engine *e; /* borrowed */
	CURLM *multi;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct engine_stream *first;
	bool quit;
};

/* All below run in the thread, with the lock held. */

static void end_stream(struct engine_stream *s, int rc)
{
	curl_multi_remove_handle(s->all->multi, s->transfer.easy);
	s->rc = rc;
	s->done_ns = clock_mono_ns();
	s->state = STREAM_DONE;
	pthread_cond_broadcast(&s->all->changed);
}

static void obey_wishes(struct engine_streams *all)
{
	for (struct engine_stream *s = all->first; s; s = s->next) {
		if (s->state == STREAM_NEW) {
			s->state = STREAM_RUNNING;
			if (curl_multi_add_handle(all->multi, s->transfer.easy) != CURLM_OK)
				end_stream(s, err_set(&s->err, -ENOMEM, "stream of the engine"));
		}
		if (s->state == STREAM_RUNNING && s->unwanted)
			end_stream(s, err_say(&s->err, -ECANCELED, "given up"));
	}
}

static void take_ended(struct engine_streams *all)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(all->multi, &left))) {
		for (struct engine_stream *s = all->first; s; s = s->next) {
			if (s->transfer.easy != m->easy_handle || m->msg != CURLMSG_DONE)
				continue;
			end_stream(s, http_transfer_result(&s->transfer, m->data.result, &s->err));
			break;
		}
	}
}

static void *run(void *arg)
{
	struct engine_streams *all = arg;
	int running;

	pthread_mutex_lock(&all->lock);
	while (!all->quit) {
		obey_wishes(all);
		pthread_mutex_unlock(&all->lock);
		curl_multi_perform(all->multi, &running);
		pthread_mutex_lock(&all->lock);
		take_ended(all);
		if (all->quit)
			break;
		pthread_mutex_unlock(&all->lock);
		curl_multi_poll(all->multi, NULL, 0, POLL_MS, NULL);
		pthread_mutex_lock(&all->lock);
	}
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

int engine_streams_open(struct engine *e, struct engine_streams **ret, struct err *err)
{
	struct engine_streams *all = calloc(1, sizeof(*all));
	pthread_condattr_t attr;
	sigset_t every, before;
	int rc;

	if (!all)
		return err_set(err, -ENOMEM, "streams of the %s engine", e->server.product);
	all->e = e;
	all->multi = curl_multi_init();
	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&all->changed, &attr);
	pthread_condattr_destroy(&attr);
	/* Signals are the business of the thread that knows what to do with them. */
	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	rc = all->multi ? -pthread_create(&all->thread, NULL, run, all) : -ENOMEM;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		if (all->multi)
			curl_multi_cleanup(all->multi);
		pthread_cond_destroy(&all->changed);
		pthread_mutex_destroy(&all->lock);
		free(all);
		return err_set(err, rc, "streams of the %s engine", e->server.product);
	}
	*ret = all;
	return 0;
}

void engine_streams_close(struct engine_streams *all)
{
	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->quit = true;
	pthread_mutex_unlock(&all->lock);
	curl_multi_wakeup(all->multi);
	pthread_join(all->thread, NULL);
	curl_multi_cleanup(all->multi);
	pthread_cond_destroy(&all->changed);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/*
 * The empty line after the headers: from here on the engine has taken note. A
 * refusal is no answer, its words are still to come.
 */
static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct engine_stream *s = arg;
	long status = 0;

	curl_easy_getinfo(s->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	if (size * n == 2 && !memcmp(data, "\r\n", 2) && status < 300) {
		pthread_mutex_lock(&s->all->lock);
		s->answered = true;
		pthread_cond_broadcast(&s->all->changed);
		pthread_mutex_unlock(&s->all->lock);
	}
	return size * n;
}

static int on_log_data(void *arg, const char *data, size_t len)
{
	struct engine_stream *s = arg;

	return demux_feed(&s->demux, data, len, s->sink, s->arg);
}

static int open_stream(struct engine_streams *all, const char *id, const char *rest,
		       const char *method, struct engine_stream *s, struct err *err)
{
	char before[64];
	int rc;

	snprintf(before, sizeof(before), "%s/containers/", all->e->prefix);
	rc = call_path(s->path, before, id, rest, err);
	if (rc)
		return rc;
	s->all = all;
	s->call.method = method;
	s->call.path = s->path;
	rc = http_transfer_init(&s->transfer, &all->e->server, &s->call, &s->reply, err);
	if (rc) {
		http_transfer_fini(&s->transfer);
		return rc;
	}
	curl_easy_setopt(s->transfer.easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(s->transfer.easy, CURLOPT_HEADERDATA, s);
	pthread_mutex_lock(&all->lock);
	s->next = all->first;
	all->first = s;
	pthread_mutex_unlock(&all->lock);
	curl_multi_wakeup(all->multi);
	return 0;
}

static struct timespec deadline(uint64_t timeout_ms)
{
	uint64_t at = clock_mono_ns() + timeout_ms * NSEC_PER_MSEC;

	return (struct timespec){ (time_t)(at / NSEC_PER_SEC), (long)(at % NSEC_PER_SEC) };
}

/* Until it is done or, unless @to_end, answered; the lock is held. */
static void await(struct engine_stream *s, bool to_end, uint64_t timeout_ms)
{
	struct timespec at = deadline(timeout_ms);

	while (s->state != STREAM_DONE && (to_end || !s->answered))
		if (pthread_cond_timedwait(&s->all->changed, &s->all->lock, &at))
			return;
}

int engine_wait_open(struct engine_streams *all, const char *id, struct engine_stream **ret,
		     struct err *err)
{
	struct engine_stream *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "waiting for container '%.160s'", id);
	rc = open_stream(all, id, "/wait?condition=next-exit", "POST", s, err);
	if (rc) {
		free(s);
		return rc;
	}
	pthread_mutex_lock(&all->lock);
	await(s, false, REGISTER_TIMEOUT_MS);
	if (s->state == STREAM_DONE && s->rc) {
		*err = s->err;
		rc = err_wrap(err, "waiting for container '%.160s'", id);
	}
	pthread_mutex_unlock(&all->lock);
	if (rc)
		engine_stream_close(s);
	else
		*ret = s;
	return rc;
}

int engine_wait_poll(struct engine_stream *s, int *ret_code, uint64_t *ret_ns)
{
	json_t *json, *code;
	int rc;

	pthread_mutex_lock(&s->all->lock);
	rc = s->state != STREAM_DONE ? 1 : s->rc;
	pthread_mutex_unlock(&s->all->lock);
	if (rc)
		return rc;
	json = json_loadb(buf_str(&s->reply.body), s->reply.body.len, 0, NULL);
	code = json_object_get(json, "StatusCode");
	if (json_is_integer(code)) {
		*ret_code = (int)json_integer_value(code);
		*ret_ns = s->done_ns;
	} else {
		rc = -EPROTO;
	}
	json_decref(json);
	return rc;
}

int engine_logs_open(struct engine_streams *all, const char *id, bool tty, demux_sink sink,
		     void *arg, struct engine_stream **ret, struct err *err)
{
	struct engine_stream *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(err, -ENOMEM, "logs of container '%.160s'", id);
	s->sink = sink;
	s->arg = arg;
	s->demux.raw = tty;
	s->call.data = on_log_data;
	s->call.data_arg = s;
	rc = open_stream(all, id, "/logs?follow=1&stdout=1&stderr=1&tail=all", "GET", s, err);
	if (rc)
		free(s);
	else
		*ret = s;
	return rc;
}

int engine_stream_finish(struct engine_stream *s, uint64_t timeout_ms, struct err *err)
{
	int rc;

	pthread_mutex_lock(&s->all->lock);
	await(s, true, timeout_ms);
	if (s->state == STREAM_DONE) {
		rc = s->rc;
		*err = s->err;
	} else {
		rc = err_set(err, -ETIMEDOUT, "stream of the %s engine", s->all->e->server.product);
	}
	pthread_mutex_unlock(&s->all->lock);
	return rc;
}

void engine_stream_close(struct engine_stream *s)
{
	struct engine_stream **at;

	if (!s)
		return;
	pthread_mutex_lock(&s->all->lock);
	s->unwanted = true;
	curl_multi_wakeup(s->all->multi);
	while (s->state != STREAM_DONE)
		pthread_cond_wait(&s->all->changed, &s->all->lock);
	for (at = &s->all->first; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	pthread_mutex_unlock(&s->all->lock);
	http_transfer_fini(&s->transfer);
	http_reply_fini(&s->reply);
	free(s);
}
