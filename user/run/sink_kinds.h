/* SPDX-License-Identifier: Apache-2.0 */
/* The sinks that a spec can ask for, each as one row: whether it does, and how it is opened. */
#ifndef CBPF_RUN_SINK_KINDS_H
#define CBPF_RUN_SINK_KINDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct losses;
struct sink;
struct spec_csv;
struct spec_sinks;
struct store;
struct writer_limits;

struct sink_opening {
	const struct spec_sinks *spec; /* borrowed, as all below */
	const char *run_dir, *id; /* of the run */
	struct losses *losses;
	const atomic_bool *stop;
	uint64_t retry_for_ns; /* how long one that cannot be reached is tried; 0: until *stop */
};

struct sink_kind {
	const char *name; /* key below `sinks:` */
	bool (*wanted)(const struct spec_sinks *spec);
	int (*open)(const struct sink_opening *how, struct sink **ret, struct err *err);
	/* How long the end of a run waits for it; NULL of those that are live_only. */
	uint64_t (*patience_ns)(const struct spec_sinks *spec);
	bool live_only; /* of use only while a run lasts: nothing to export to */
};

/* Every kind of those that take points; ends with NULL. */
extern const struct sink_kind *const sink_kinds[];

/* The kind of this name, or NULL. */
const struct sink_kind *sink_kind_find(const char *name);

/*
 * The tables of a run as CSV, below the directory that @spec names, in one called @id, or in
 * the run's own directory, as sink_csv().
 */
int sink_csv_of_spec(const struct spec_csv *spec, const char *run_dir, const char *id,
		     struct store *reader, const struct writer_limits *limits, struct err *err);

#endif
