// SPDX-License-Identifier: Apache-2.0
/* The sink that is scraped: points change a state, of which each scrape is a text. */
#include "sink/openmetrics.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "sink/openmetrics_parts.h"
#include "sink/sink.h"

struct openmetrics {
	struct sink sink;
	char *id; /* NULL: not told */
	struct om_server *server;
	pthread_mutex_t lock; /* of what follows; held for a put, or while a text is made */
	struct om_registry registry;
	uint64_t n_scrapes;
};

static int64_t own_rss_bytes(void)
{
	char text[128];
	long pages;

	if (fs_read_at(AT_FDCWD, "/proc/self/statm", text, sizeof(text)) ||
	    sscanf(text, "%*s %ld", &pages) != 1)
		return -1;
	return pages * sysconf(_SC_PAGESIZE);
}

static int64_t own_cpu_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		return -1;
	return t.tv_sec * (int64_t)NSEC_PER_SEC + t.tv_nsec;
}

/* In the thread of the server. */
static int on_scrape(void *data, enum om_format format, struct buf *body)
{
	struct openmetrics *o = data;
	struct om_health health = {
		.id = o->id,
		.now_ns = clock_wall_ns(),
		.cpu_ns = own_cpu_ns(),
		.rss_bytes = own_rss_bytes(),
	};
	int rc;

	pthread_mutex_lock(&o->lock);
	health.n_scrapes = ++o->n_scrapes;
	rc = om_render(&o->registry, &health, format, body);
	pthread_mutex_unlock(&o->lock);
	return rc;
}

static int openmetrics_put(struct sink *s, const struct point *p, struct err *err)
{
	struct openmetrics *o = (struct openmetrics *)s;
	int rc;

	pthread_mutex_lock(&o->lock);
	rc = om_registry_put(&o->registry, p);
	pthread_mutex_unlock(&o->lock);
	return rc ? err_set(err, rc, "cannot keep a point for %s", s->where) : 0;
}

/* What is put can be scraped at once. */
static int openmetrics_flush(struct sink *s, struct err *err)
{
	(void)s;
	(void)err;
	return 0;
}

static void openmetrics_close(struct sink *s)
{
	struct openmetrics *o = (struct openmetrics *)s;

	om_server_stop(o->server);
	om_registry_fini(&o->registry);
	pthread_mutex_destroy(&o->lock);
	free(o->id);
	free(s->where);
	free(o);
}

static const struct sink_ops openmetrics_ops = {
	.name = "openmetrics",
	.put = openmetrics_put,
	.flush = openmetrics_flush,
	.close = openmetrics_close,
};

static int start(struct openmetrics *o, struct om_address *at, struct err *err)
{
	char name[80];
	int rc = om_server_start(at, on_scrape, o, &o->server, err);

	if (rc)
		return rc;
	om_address_format(at, name, sizeof(name));
	if (asprintf(&o->sink.where, "openmetrics http://%s/metrics", name) < 0) {
		o->sink.where = NULL;
		return err_set(err, -ENOMEM, "cannot listen on %s", name);
	}
	return 0;
}

int openmetrics_open(const struct openmetrics_config *config, struct losses *losses,
		     const atomic_bool *stop, struct sink **ret, struct err *err)
{
	struct openmetrics *o;
	struct om_address at;
	int rc = om_address_parse(config->address, &at, err);

	if (rc)
		return rc;
	o = calloc(1, sizeof(*o));
	if (!o)
		return err_set(err, -ENOMEM, "cannot listen on %s", config->address);
	o->sink = (struct sink){
		.ops = &openmetrics_ops,
		.losses = losses,
		.stop = stop,
		.from_start = true,
		.wants_hists = true,
	};
	pthread_mutex_init(&o->lock, NULL);
	om_registry_init(&o->registry,
			 config->max_series ? config->max_series : OPENMETRICS_MAX_SERIES, losses);
	if (config->id && !(o->id = strdup(config->id)))
		rc = err_set(err, -ENOMEM, "cannot listen on %s", config->address);
	else
		rc = start(o, &at, err);
	if (rc) {
		openmetrics_close(&o->sink);
		return rc;
	}
	*ret = &o->sink;
	return 0;
}
