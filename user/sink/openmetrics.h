/* SPDX-License-Identifier: Apache-2.0 */
/* A run that lasts, to be scraped by Prometheus or whatever reads OpenMetrics. */
#ifndef CBPF_SINK_OPENMETRICS_H
#define CBPF_SINK_OPENMETRICS_H

#include <stdatomic.h>
#include <stddef.h>

struct err;
struct losses;
struct sink;

#define OPENMETRICS_MAX_SERIES 20000

struct openmetrics_config {
	/* "9464", ":9464", "127.0.0.1:9464", "[::1]:9464", "0.0.0.0:9464"; port 0: any free one. */
	const char *address;
	const char *id; /* the run's, for cbpf_run_info; NULL: it is not told */
	size_t max_series; /* 0: OPENMETRICS_MAX_SERIES */
};

/*
 * Listens at once, at /metrics, until it is closed; the sink keeps what it is told in memory
 * and answers from there, in a thread of its own. Put never waits for a client. Strings of
 * @config are copied; @losses and @stop are borrowed. -EINVAL: the address is none;
 * -EADDRINUSE and the like: nobody can listen there.
 */
int openmetrics_open(const struct openmetrics_config *config, struct losses *losses,
		     const atomic_bool *stop, struct sink **ret, struct err *err);

#endif
