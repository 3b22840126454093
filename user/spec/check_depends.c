// SPDX-License-Identifier: Apache-2.0
/* depends_on and hosts: every name is known and no container waits for itself. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "spec/load.h"
#include "spec/spec.h"

static size_t index_of(const struct spec *spec, const char *name)
{
	const struct spec_container *c = spec->containers.v;
	size_t i = 0;

	while (i < spec->containers.n && strcmp(c[i].name, name) != 0)
		i++;
	return i;
}

/*
 * What container @c waits for, one after the other: what it depends on, and the hosts of its workload.
 * The place of number @k, or n where that is none; @ret_edge is how the spec calls it, NULL at the end.
 */
static size_t waits_for(const struct spec *spec, const struct spec_container *c, size_t k,
			const char **ret_edge)
{
	const struct spec_container *all = spec->containers.v;
	const struct str_list *hosts = &c->workload.ior.hosts;
	size_t n = spec->containers.n, at;

	*ret_edge = NULL;
	if (k < c->depends_on.n) {
		*ret_edge = c->depends_on.v[k];
		return index_of(spec, *ret_edge);
	}
	k -= c->depends_on.n;
	if (c->workload.has_ior != FLAG_ON || k >= hosts->n)
		return n;
	*ret_edge = hosts->v[k];
	at = spec_host(spec, *ret_edge);
	return at < n && spec_is_host(spec, &all[at]) ? at : n;
}

/*
 * Walk from @start along unfinished dependencies, the first of each container;
 * every unfinished container has one, so after n steps the walk is in a cycle.
 */
static void tell_cycle(const struct spec *spec, const bool *done, size_t start, struct diag *diag)
{
	const struct spec_container *c = spec->containers.v;
	cleanup_buf struct buf path = BUF_INIT(512);
	size_t at = start, n = spec->containers.n, first = n;
	const char *edge = NULL;
	bool hosts = false;

	for (size_t step = 0; step <= 2 * n; step++) {
		const char *name;
		size_t next = n;

		for (size_t k = 0; next == n; k++) {
			size_t j = waits_for(spec, &c[at], k, &name);

			if (!name)
				break;
			if (j < n && !done[j]) {
				next = j;
				edge = name;
				hosts |= step >= n && k >= c[at].depends_on.n;
			}
		}
		if (first == n && step >= n)
			first = at;
		if (first < n)
			(void)buf_printf(&path, "%s -> ", c[at].name); /* may be cut */
		at = next;
		if (at == first)
			break;
	}
	diag_error(diag, diag_find(diag, edge, &c[first]),
		   hosts ? "depends_on and hosts go in a circle: %s%s"
			 : "depends_on goes in a circle: %s%s",
		   buf_str(&path), c[first].name);
}

static bool is_ready(const struct spec *spec, const struct spec_container *c, const bool *done)
{
	const char *edge;

	for (size_t k = 0;; k++) {
		size_t j = waits_for(spec, c, k, &edge);

		if (!edge)
			return true;
		if (j < spec->containers.n && !done[j])
			return false;
	}
}

/* It may be another machine that ranks can be started on. With `launcher` it is told otherwise. */
static void check_hosts(const struct spec *spec, const struct spec_container *c, struct diag *diag)
{
	const struct str_list *hosts = &c->workload.ior.hosts;
	bool engine = spec->runtime == RUNTIME_DOCKER || spec->runtime == RUNTIME_PODMAN;

	if (!engine || c->workload.has_ior != FLAG_ON || c->workload.ior.launcher)
		return;
	for (size_t i = 0; i < hosts->n; i++)
		if (spec_host(spec, hosts->v[i]) == spec->containers.n)
			diag_warn(
				diag, diag_find(diag, hosts->v[i], c),
				"ior: hosts: '%s' is no container of this spec: nothing is seen of "
				"ranks there",
				hosts->v[i]);
}

void check_depends(const struct spec *spec, struct diag *diag)
{
	const struct spec_container *c = spec->containers.v;
	size_t n = spec->containers.n;
	cleanup_free bool *done = calloc(n + 1, sizeof(*done));
	bool more = true;

	if (!done) {
		diag_oom(diag);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < c[i].depends_on.n; j++) {
			const char *name = c[i].depends_on.v[j];

			if (index_of(spec, name) == n)
				check_unknown(diag, diag_find(diag, name, &c[i]), "container", name,
					      &spec->containers, sizeof(*c));
		}
		check_hosts(spec, &c[i], diag);
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			if (done[i] || !is_ready(spec, &c[i], done))
				continue;
			done[i] = true;
			more = true;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (!done[i]) {
			tell_cycle(spec, done, i, diag);
			break;
		}
	}
}
