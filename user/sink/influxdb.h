/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink that writes to InfluxDB 1, 2 or 3, or what understands one of their write endpoints.
 *
 *   database, with user or without           /write               InfluxDB 1
 *   bucket and org                           /api/v2/write        InfluxDB 2
 *   database and token                       /api/v3/write_lp     InfluxDB 3
 *   bucket                                   /api/v2/write        InfluxDB 1.8 and 3
 *
 * Absent keys come from INFLUXDB_HOST, _TOKEN, _ORG, _BUCKET, _USER and _PASSWORD; token and
 * password before that from their files, and from influxdb-token and influxdb-password in
 * $CREDENTIALS_DIRECTORY. Where only `database` is given, a user decides for InfluxDB 1, and
 * without one a token for 3.
 */
#ifndef CBPF_SINK_INFLUXDB_H
#define CBPF_SINK_INFLUXDB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct losses;
struct sink;

struct influxdb_config { /* borrowed until influxdb_open() returns */
	const char *url; /* may hold user:password@, which are taken out */
	const char *token, *org, *bucket;
	const char *database, *user, *password, *retention_policy;
	const char *token_file, *password_file;
	const char *ca_file; /* PEM; NULL: the system's */
	bool insecure; /* do not verify the server's certificate */
	bool gzip;
	bool histograms; /* wants_buckets of the sink */
	uint64_t batch_lines, batch_bytes; /* of one request, at most; but a line is sent whole */
	uint64_t timeout_ns; /* of one request */
	/* How long a request is tried again before -EAGAIN; 0: until *stop. */
	uint64_t retry_for_ns;
};

/*
 * Nothing is sent yet. @losses and @stop are borrowed until the sink is closed. Losses, told as
 * "sink.influxdb", are told when a flush has succeeded, so that points that are put again are not
 * counted again. Not to be used by two threads at once.
 */
int influxdb_open(const struct influxdb_config *config, struct losses *losses,
		  const atomic_bool *stop, struct sink **ret, struct err *err);

#endif
