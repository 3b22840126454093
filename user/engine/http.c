// SPDX-License-Identifier: Apache-2.0
/* libcurl behind a small surface; a multi handle even for one call, to notice cancellation at once. */
#include "engine/http.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"

#define CONNECT_TIMEOUT_MS 5000l
#define STEP_MS 20
#define IDLE_STEP_MS 2

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	(void)arg;
	(void)purpose;
	return socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
}

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;
	struct http_reply *reply = t->reply;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply->status);
	if (reply->status >= 200 && reply->status < 300 && t->call->data) {
		t->sink_failed = t->call->data(t->call->data_arg, data, size * n);
		return t->sink_failed ? 0 : size * n;
	}
	/* What is cut off an error page is no loss; a cut answer is. */
	if (reply->status >= 300 && reply->body.len + size * n > HTTP_ERROR_MAX)
		return size * n;
	t->sink_failed = buf_put(&reply->body, data, size * n);
	return t->sink_failed ? 0 : size * n;
}

static void set_tls(CURL *c, const struct engine_endpoint *at)
{
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, at->verify ? 1l : 0l);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, at->verify ? 2l : 0l);
	if (*at->ca && at->verify)
		curl_easy_setopt(c, CURLOPT_CAINFO, at->ca);
	if (*at->cert) {
		curl_easy_setopt(c, CURLOPT_SSLCERT, at->cert);
		curl_easy_setopt(c, CURLOPT_SSLKEY, at->key);
	}
}

static void set_method(struct http_transfer *t)
{
	const struct http_call *call = t->call;

	if (!strcmp(call->method, "HEAD")) {
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1l);
		return;
	}
	if (!strcmp(call->method, "POST") || call->body) {
		const char *body = call->body ? call->body : "";

		curl_easy_setopt(t->easy, CURLOPT_POST, 1l);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)(call->body_len ? call->body_len : strlen(body)));
	}
	curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, call->method);
}

int http_transfer_init(struct http_transfer *t, const struct http_server *s,
		       const struct http_call *call, struct http_reply *reply, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct curl_slist *more;
	char url[8192], type[64];

	pthread_once(&once, init_curl);
	*t = (struct http_transfer){ .call = call, .server = s, .reply = reply };
	*reply = (struct http_reply){ .body = BUF_INIT(HTTP_BODY_MAX) };
	if (snprintf(url, sizeof(url), "%s%s", s->at.base, call->path) >= (int)sizeof(url))
		return err_set(err, -ENAMETOOLONG, "request to the %s engine", s->product);
	t->easy = curl_easy_init();
	/* Expect: and its wait for 100-continue are of no use on a local socket. */
	t->headers = curl_slist_append(NULL, "Expect:");
	snprintf(type, sizeof(type), "Content-Type: %s",
		 call->type ? call->type : "application/json");
	more = t->headers ? curl_slist_append(t->headers, type) : NULL;
	if (more && call->header)
		more = curl_slist_append(t->headers, call->header);
	if (!t->easy || !more)
		return err_set(err, -ENOMEM, "request to the %s engine", s->product);

	curl_easy_setopt(t->easy, CURLOPT_URL, url);
	if (*s->at.socket)
		curl_easy_setopt(t->easy, CURLOPT_UNIX_SOCKET_PATH, s->at.socket);
	if (s->at.tls)
		set_tls(t->easy, &s->at);
	/* Proxies of the environment are for the world outside. */
	curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1l);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->words);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "cbpf/" CBPF_VERSION);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	set_method(t);
	return 0;
}

void http_transfer_fini(struct http_transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	t->easy = NULL;
	t->headers = NULL;
}

/* Why a unix socket cannot be reached: curl does not tell on every version. */
static int socket_errno(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	memcpy(addr.sun_path, path, strlen(path));
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? errno : 0;
}

static int explain_connect(const struct http_transfer *t, struct err *err)
{
	const struct http_server *s = t->server;
	int no = *s->at.socket ? socket_errno(s->at.socket) : 0;

	if (no == EACCES || no == EPERM)
		return err_say(err, -EACCES,
			       "cannot reach the %s engine at %s: %s; run cbpf as root", s->product,
			       s->at.shown, strerror(no));
	return err_say(err, -ENOTCONN,
		       "cannot reach the %s engine at %s: %s; is it running? start it with: %s",
		       s->product, s->at.shown, no ? strerror(no) : t->words, s->hint);
}

static int explain_curl(const struct http_transfer *t, CURLcode code, struct err *err)
{
	const struct http_server *s = t->server;
	const char *words = *t->words ? t->words : curl_easy_strerror(code);

	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST: return explain_connect(t, err);
	case CURLE_OPERATION_TIMEDOUT:
		return err_say(err, -ETIMEDOUT, "the %s engine at %s did not answer in time: %s",
			       s->product, s->at.shown, words);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		return err_say(err, -EACCES,
			       "TLS with the %s engine at %s failed: %s; check DOCKER_CERT_PATH "
			       "and DOCKER_TLS_VERIFY",
			       s->product, s->at.shown, words);
	case CURLE_OUT_OF_MEMORY:
		return err_set(err, -ENOMEM, "request to the %s engine", s->product);
	case CURLE_WRITE_ERROR:
		if (t->sink_failed)
			return err_set(err, t->sink_failed, "answer of the %s engine at %s",
				       s->product, s->at.shown);
		/* fallthrough */
	default:
		return err_say(err, -EIO, "talking to the %s engine at %s failed: %s", s->product,
			       s->at.shown, words);
	}
}

static int errno_of_status(long status)
{
	switch (status) {
	case 400: return -EINVAL;
	case 401:
	case 403: return -EACCES;
	case 404: return -ENOENT;
	case 409: return -EEXIST;
	case 501: return -EOPNOTSUPP;
	default: return -EIO;
	}
}

/* Engines put their words into {"message": ...}; podman's into "cause" too. */
static int explain_status(const struct http_transfer *t, struct err *err)
{
	const struct buf *body = &t->reply->body;
	json_t *json = json_loadb(buf_str(body), body->len, 0, NULL);
	const char *message = json_string_value(json_object_get(json, "message"));
	int code = errno_of_status(t->reply->status);

	if (message && *message)
		err_say(err, code, "%s", message);
	else
		err_say(err, code, "the %s engine at %s answered HTTP status %ld",
			t->server->product, t->server->at.shown, t->reply->status);
	json_decref(json);
	return code;
}

int http_transfer_result(struct http_transfer *t, CURLcode code, struct err *err)
{
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->reply->status);
	if (code != CURLE_OK)
		return explain_curl(t, code, err);
	if ((t->reply->status >= 200 && t->reply->status < 300) || t->reply->status == 304)
		return 0;
	return explain_status(t, err);
}

static int drive(CURLM *multi, const struct http_transfer *t, CURLcode *ret_code, struct err *err)
{
	const struct http_call *call = t->call;
	const atomic_bool *cancel = call->cleanup ? NULL : t->server->cancel;
	int running = 1, left;

	for (;;) {
		CURLMcode mc;

		if (cancel && atomic_load(cancel))
			return err_say(err, -EINTR, "interrupted");
		mc = curl_multi_perform(multi, &running);
		if (mc == CURLM_OK && running)
			mc = curl_multi_poll(multi, NULL, 0, call->idle ? IDLE_STEP_MS : STEP_MS,
					     NULL);
		if (mc != CURLM_OK)
			return err_say(err, -EIO, "request to the %s engine: %s",
				       t->server->product, curl_multi_strerror(mc));
		if (!running)
			break;
		if (call->idle)
			call->idle(call->idle_arg);
	}
	for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));)
		if (m->msg == CURLMSG_DONE)
			*ret_code = m->data.result;
	return 0;
}

static int perform(const struct http_server *s, const struct http_call *call,
		   struct http_reply *reply, struct err *err)
{
	struct http_transfer t;
	CURLcode code = CURLE_FAILED_INIT;
	CURLM *multi = NULL;
	int rc = http_transfer_init(&t, s, call, reply, err);

	if (rc)
		goto out;
	multi = curl_multi_init();
	if (!multi || curl_multi_add_handle(multi, t.easy) != CURLM_OK) {
		rc = err_set(err, -ENOMEM, "request to the %s engine", s->product);
		goto out;
	}
	rc = drive(multi, &t, &code, err);
	curl_multi_remove_handle(multi, t.easy);
	if (!rc)
		rc = http_transfer_result(&t, code, err);
out:
	http_transfer_fini(&t);
	if (multi)
		curl_multi_cleanup(multi);
	return rc;
}

/*
 * TLS writes to a connection that the other side has closed raise SIGPIPE. It is
 * kept from this thread, and one that came meanwhile is taken away.
 */
int http_perform(const struct http_server *s, const struct http_call *call,
		 struct http_reply *reply, struct err *err)
{
	static const struct timespec at_once;
	sigset_t pipe, before, pending;
	int rc;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	rc = perform(s, call, reply, err);
	if (!sigismember(&pending, SIGPIPE))
		(void)sigtimedwait(&pipe, NULL, &at_once); /* usually there is none */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

void http_reply_fini(struct http_reply *reply)
{
	buf_fini(&reply->body);
}

int http_escape(struct buf *to, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			buf_put(to, text, 1);
		else
			buf_printf(to, "%%%02X", (unsigned char)*text);
	}
	return to->failed;
}
