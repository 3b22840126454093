// SPDX-License-Identifier: Apache-2.0
/* libcurl by a multi handle, even for one transfer, since that notices *stop at once. */
#include "sink/post.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"

#define STEP_MS 50
#define CONNECT_TIMEOUT_MS 5000l

struct post {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	char *authorization; /* the whole header, a secret */
	z_stream z;
	bool gzip;
	unsigned char *packed;
	size_t packed_size;
	const atomic_bool *stop;
	struct buf body;
	struct post_answer *answer; /* of the request under way */
	char words[CURL_ERROR_SIZE];
};

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

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct post *p = arg;
	size_t len = size * n, room = POST_BODY_MAX - p->body.len;

	(void)buf_put(&p->body, data, len < room ? len : room); /* a body is for messages only */
	return len;
}

/* The value of @name when that is the header of this line; also of a later answer than a 1xx. */
static void take_header(const char *line, size_t len, const char *name, char *to, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return;
	for (n++; n < len && (line[n] == ' ' || line[n] == '\t');)
		n++;
	while (len > n && strchr("\r\n \t", line[len - 1]))
		len--;
	snprintf(to, size, "%.*s", (int)(len - n < size ? len - n : size), line + n);
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct post *p = arg;

	take_header(data, size * n, "Retry-After", p->answer->retry_after,
		    sizeof(p->answer->retry_after));
	return size * n;
}

/* A redirect may repeat what is secret. */
static void take_location(struct post *p)
{
	CURLU *u = curl_url();
	char *raw = NULL, *text = NULL;

	if (curl_easy_getinfo(p->easy, CURLINFO_REDIRECT_URL, &raw) == CURLE_OK && raw && u &&
	    curl_url_set(u, CURLUPART_URL, raw, 0) == CURLUE_OK) {
		curl_url_set(u, CURLUPART_USER, NULL, 0);
		curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(u, CURLUPART_QUERY, NULL, 0);
		curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
		if (curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK)
			snprintf(p->answer->location, sizeof(p->answer->location), "%s", text);
	}
	curl_free(text);
	curl_url_cleanup(u);
}

static int set_headers(struct post *p, const struct post_config *config)
{
	const char *const fixed[] = {
		"Content-Type: text/plain; charset=utf-8",
		"Expect:", /* and its wait for 100-continue */
		config->gzip ? "Content-Encoding: gzip" : NULL,
	};
	struct curl_slist *more;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		more = fixed[i] ? curl_slist_append(p->headers, fixed[i]) : p->headers;
		if (!more)
			return -ENOMEM;
		p->headers = more;
	}
	if (!config->authorization)
		return 0;
	if (asprintf(&p->authorization, "Authorization: %s", config->authorization) < 0) {
		p->authorization = NULL;
		return -ENOMEM;
	}
	more = curl_slist_append(p->headers, p->authorization);
	if (more)
		p->headers = more;
	return more ? 0 : -ENOMEM;
}

static int set_options(struct post *p, const struct post_config *config)
{
	long timeout_ms = (long)(config->timeout_ns / NSEC_PER_MSEC);
	CURL *c = p->easy;
	CURLcode rc = CURLE_OK;

#define SET(option, value) (rc = rc ? rc : curl_easy_setopt(c, option, value))
	SET(CURLOPT_URL, config->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_POST, 1l);
	SET(CURLOPT_HTTPHEADER, p->headers);
	SET(CURLOPT_USERAGENT, "cbpf/" CBPF_VERSION);
	SET(CURLOPT_NOSIGNAL, 1l);
	SET(CURLOPT_QUICK_EXIT, 1l); /* do not wait for a resolver that is given up */
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	SET(CURLOPT_TIMEOUT_MS, timeout_ms ? timeout_ms : 1l);
	SET(CURLOPT_TCP_KEEPALIVE, 1l);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, p);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, p);
	SET(CURLOPT_ERRORBUFFER, p->words);
	SET(CURLOPT_SSL_VERIFYPEER, config->insecure ? 0l : 1l);
	SET(CURLOPT_SSL_VERIFYHOST, config->insecure ? 0l : 2l);
	if (config->ca_file && *config->ca_file)
		SET(CURLOPT_CAINFO, config->ca_file);
#undef SET
	return rc == CURLE_OUT_OF_MEMORY ? -ENOMEM : rc ? -EINVAL : 0;
}

int post_open(const struct post_config *config, struct post **ret, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct post *p;
	int rc = -ENOMEM;

	if (config->ca_file && *config->ca_file && access(config->ca_file, R_OK))
		return err_set(err, -errno, "cannot read the certificates of ca_file %s",
			       config->ca_file);
	if (strncmp(config->url, "http://", 7) && strncmp(config->url, "https://", 8))
		return err_say(err, -EINVAL, "neither http:// nor https://");
	pthread_once(&once, init_curl);
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(err, -ENOMEM, "HTTP");
	p->body.max = POST_BODY_MAX;
	p->stop = config->stop;
	p->multi = curl_multi_init();
	p->easy = curl_easy_init();
	/* 15 bits of window, and 16 for a header of gzip. */
	if (config->gzip &&
	    deflateInit2(&p->z, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		p->gzip = true;
	if (p->multi && p->easy && p->gzip == config->gzip)
		rc = set_headers(p, config);
	if (!rc)
		rc = set_options(p, config);
	if (rc) {
		post_close(p);
		return err_set(err, rc, "HTTP");
	}
	*ret = p;
	return 0;
}

void post_close(struct post *p)
{
	if (!p)
		return;
	curl_easy_cleanup(p->easy);
	curl_multi_cleanup(p->multi);
	/* Copies that libcurl made are beyond reach. */
	secret_free(p->authorization);
	curl_slist_free_all(p->headers);
	if (p->gzip)
		deflateEnd(&p->z);
	free(p->packed);
	buf_fini(&p->body);
	free(p);
}

/* Sets the body of the next request; it is borrowed until that is over. */
static int set_body(struct post *p, const void *data, size_t len)
{
	size_t bound;

	if (p->gzip) {
		deflateReset(&p->z);
		bound = deflateBound(&p->z, len);
		if (bound > p->packed_size) {
			free(p->packed);
			p->packed = malloc(bound);
			p->packed_size = p->packed ? bound : 0;
		}
		if (!p->packed || len > UINT32_MAX || bound > UINT32_MAX)
			return -ENOMEM;
		p->z.next_in = (unsigned char *)(uintptr_t)data;
		p->z.avail_in = (unsigned int)len;
		p->z.next_out = p->packed;
		p->z.avail_out = (unsigned int)bound;
		if (deflate(&p->z, Z_FINISH) != Z_STREAM_END)
			return -EIO;
		data = p->packed;
		len = p->z.total_out;
	}
	curl_easy_setopt(p->easy, CURLOPT_POSTFIELDS, data);
	curl_easy_setopt(p->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	return 0;
}

static int drive(struct post *p, CURLcode *ret_code, struct err *err)
{
	int running = 1, left;

	for (;;) {
		CURLMcode mc;

		if (p->stop && atomic_load(p->stop))
			return err_say(err, -ECANCELED, "interrupted");
		mc = curl_multi_perform(p->multi, &running);
		if (mc == CURLM_OK && running)
			mc = curl_multi_poll(p->multi, NULL, 0, STEP_MS, NULL);
		if (mc != CURLM_OK)
			return err_say(err, mc == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EAGAIN, "%s",
				       curl_multi_strerror(mc));
		if (!running)
			break;
	}
	for (CURLMsg *m; (m = curl_multi_info_read(p->multi, &left));)
		if (m->msg == CURLMSG_DONE)
			*ret_code = m->data.result;
	return 0;
}

static int explain(const struct post *p, CURLcode code, struct err *err)
{
	const char *words = *p->words ? p->words : curl_easy_strerror(code);

	switch (code) {
	case CURLE_OK: return 0;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR: return err_say(err, -EACCES, "%s", words);
	case CURLE_OUT_OF_MEMORY: return err_set(err, -ENOMEM, "HTTP");
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN: return err_say(err, -EINVAL, "%s", words);
	default: return err_say(err, -EAGAIN, "%s", words);
	}
}

static int perform(struct post *p, struct err *err)
{
	CURLcode code = CURLE_FAILED_INIT;
	int rc;

	*p->words = '\0';
	if (curl_multi_add_handle(p->multi, p->easy) != CURLM_OK)
		return err_set(err, -ENOMEM, "HTTP");
	rc = drive(p, &code, err);
	if (!rc)
		rc = explain(p, code, err);
	if (!rc) {
		curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &p->answer->status);
		take_location(p);
	}
	curl_multi_remove_handle(p->multi, p->easy);
	return rc;
}

/*
 * TLS writes to a connection that the other side has closed raise SIGPIPE. It is kept from
 * this thread, and one that came meanwhile is taken away.
 */
int post_send(struct post *p, const void *data, size_t len, struct post_answer *ret,
	      struct err *err)
{
	static const struct timespec at_once;
	sigset_t sigpipe, before, pending;
	int rc = set_body(p, data, len);

	if (rc)
		return err_set(err, rc, "HTTP");
	*ret = (struct post_answer){ 0 };
	buf_reset(&p->body);
	p->body.failed = 0;
	p->answer = ret;
	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
	rc = perform(p, err);
	if (!sigismember(&pending, SIGPIPE))
		(void)sigtimedwait(&sigpipe, NULL, &at_once); /* usually there is none */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->answer = NULL;
	ret->body = p->body;
	return rc;
}
