// SPDX-License-Identifier: Apache-2.0
/* depends_on: every name is known and no container waits for itself. */
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
 * Walk from @start along unfinished dependencies, the first of each container;
 * every unfinished container has one, so after n steps the walk is in a cycle.
 */
static void tell_cycle(const struct spec *spec, const bool *done, size_t start, struct diag *diag)
{
	const struct spec_container *c = spec->containers.v;
	cleanup_buf struct buf path = BUF_INIT(512);
	size_t at = start, n = spec->containers.n, first = n;
	const char *edge = NULL;

	for (size_t step = 0; step <= 2 * n; step++) {
		size_t next = n;

		for (size_t i = 0; i < c[at].depends_on.n && next == n; i++) {
			size_t j = index_of(spec, c[at].depends_on.v[i]);

			if (j < n && !done[j]) {
				next = j;
				edge = c[at].depends_on.v[i];
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
	diag_error(diag, diag_find(diag, edge, &c[first]), "depends_on goes in a circle: %s%s",
		   buf_str(&path), c[first].name);
}

static bool is_ready(const struct spec *spec, const struct spec_container *c, const bool *done)
{
	for (size_t i = 0; i < c->depends_on.n; i++) {
		size_t j = index_of(spec, c->depends_on.v[i]);

		if (j < spec->containers.n && !done[j])
			return false;
	}
	return true;
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
