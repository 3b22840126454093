/* SPDX-License-Identifier: Apache-2.0 */
/* Where points go: which of InfluxDB's write endpoints, with what parameters, and as whom. */
#ifndef CBPF_SINK_INFLUXDB_PLACE_H
#define CBPF_SINK_INFLUXDB_PLACE_H

struct err;
struct influxdb_config;

enum influxdb_api {
	INFLUXDB_V1, /* /write; Basic, or Token where there is no password */
	INFLUXDB_V2, /* /api/v2/write; Token, which may be user:password (1.8) */
	INFLUXDB_V3, /* /api/v3/write_lp; Bearer */
};

struct influxdb_place {
	enum influxdb_api api;
	char *url; /* with the query; holds no secrets */
	char *where; /* as struct sink says; holds no secrets */
	char *container; /* "bucket 'b' of organisation 'o'", "database 'd'": for messages */
	char *authorization; /* value of the header, a secret; NULL: none */
	char *token, *user, *password; /* secrets, or NULL */
};

/*
 * What the spec leaves out, and its secrets when they are ***, comes from files, credentials
 * and variables, as influxdb.h says. 0; -EINVAL when that is not enough, or is contradictory.
 */
int influxdb_place_init(struct influxdb_place *place, const struct influxdb_config *config,
			struct err *err);
/* Put *** into @text where it repeats a secret. */
void influxdb_place_hide(const struct influxdb_place *place, char *text);
void influxdb_place_fini(struct influxdb_place *place);

#endif
