/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sinks of a run, each with a thread that reads what is committed and sends it on. None of
 * them can hold up a sweep; at the end each is waited for as long as its spec says.
 */
#ifndef CBPF_RUN_SINKS_H
#define CBPF_RUN_SINKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct losses;
struct progress;
struct sinks;
struct spec_sinks;
struct store;

struct sinks_config {
	const struct spec_sinks *spec; /* borrowed, as all below */
	const char *run_dir, *id;
	struct store *store; /* of the run being written: keeps the cursors */
	struct losses *losses;
	struct progress *progress; /* touched only within the calls below */
};

/*
 * Open what the spec asks for and begin to send. What can be known to be wrong, such as an
 * address in use, is an error; a server that does not answer is not: it may come.
 * *ret is NULL when the spec asks for none.
 */
int sinks_open(const struct sinks_config *config, struct sinks **ret, struct err *err);
/* Tell the user what happened to them since the last call. Takes NULL, as all below. */
void sinks_tell(struct sinks *s);
/*
 * The run is stored: send what is left of it, and wait for that no longer than each sink's
 * patience, and not at all once *@at_once. What a sink then lacks is a loss, and is told.
 */
void sinks_finish(struct sinks *s, const atomic_bool *at_once);
/* CPU time of the processes that write files for them, ns. */
uint64_t sinks_cpu_ns(const struct sinks *s);
void sinks_close(struct sinks *s);

#endif
