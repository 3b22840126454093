// SPDX-License-Identifier: Apache-2.0
/* HTTP for scrapes: one thread of libmicrohttpd, bounded clients, none of which is waited for. */
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "sink/openmetrics_parts.h"

#define CLIENTS_MAX 16u /* at once: each may hold the text of a scrape in memory */
#define IDLE_S 5u /* after which a client that neither sends nor reads is left */
#define CLIENT_BYTES (32u << 10) /* of a request */
#define BODY_MAX (64 << 20) /* bytes */

struct om_server {
	struct MHD_Daemon *daemon;
	om_scrape_fn *scrape;
	void *data;
};

static enum MHD_Result answer(struct MHD_Connection *c, unsigned int status, const char *type,
			      char *body, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!r) {
		free(body);
		return MHD_NO;
	}
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	(void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned int status, const char *words)
{
	char *body = strdup(words);

	return body ? answer(c, status, "text/plain; charset=utf-8", body, strlen(body)) : MHD_NO;
}

static enum MHD_Result answer_scrape(struct om_server *s, struct MHD_Connection *c)
{
	enum om_format format =
		om_accept(MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	cleanup_buf struct buf body = BUF_INIT(BODY_MAX);
	size_t len;
	char *text;

	if (s->scrape(s->data, format, &body))
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	len = body.len;
	text = buf_steal(&body);
	return text ? answer(c, MHD_HTTP_OK, om_content_type(format), text, len) : MHD_NO;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	static char begun;

	(void)version;
	(void)upload;
	/* The first call comes after the headers, the last one after the body, of which none is kept. */
	if (!*state || *upload_size) {
		*state = &begun;
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n");
	if (!strcmp(url, "/"))
		return say(c, MHD_HTTP_OK, "cbpf: metrics of a run are at /metrics\n");
	if (strcmp(url, "/metrics"))
		return say(c, MHD_HTTP_NOT_FOUND, "there is only /metrics\n");
	return answer_scrape(data, c);
}

static int listen_at(struct om_address *at, const char *name, int *ret_fd, struct err *err)
{
	int fd = socket(at->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int yes = 1;

	if (fd < 0)
		return err_set(err, -errno, "cannot listen on %s", name);
	/* Connections of a run before may still be in TIME_WAIT. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, &at->any, at->len) || listen(fd, CLIENTS_MAX) ||
	    getsockname(fd, &at->any, &at->len)) {
		int code = -errno;

		close(fd);
		if (code == -EADDRINUSE)
			return err_say(err, code,
				       "cannot listen on %s: another program, perhaps another run, "
				       "has this port; give another one",
				       name);
		return err_set(err, code, "cannot listen on %s", name);
	}
	*ret_fd = fd;
	return 0;
}

int om_server_start(struct om_address *at, om_scrape_fn *scrape, void *data, struct om_server **ret,
		    struct err *err)
{
	struct om_server *s = calloc(1, sizeof(*s));
	sigset_t all, before;
	char name[80];
	int fd = -1, rc;

	om_address_format(at, name, sizeof(name));
	rc = s ? listen_at(at, name, &fd, err) : err_set(err, -ENOMEM, "cannot listen on %s", name);
	if (rc) {
		free(s);
		return rc;
	}
	s->scrape = scrape;
	s->data = data;
	/* Signals are for the threads that wait for them: this one inherits that it takes none. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	s->daemon = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
				     on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
				     MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES,
				     MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!s->daemon) {
		close(fd);
		free(s);
		return err_say(err, -EIO, "cannot listen on %s: the server does not start", name);
	}
	*ret = s;
	return 0;
}

void om_server_stop(struct om_server *s)
{
	if (!s)
		return;
	MHD_stop_daemon(s->daemon);
	free(s);
}
