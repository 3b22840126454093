// SPDX-License-Identifier: Apache-2.0
/* Which container of a spec a host of mpirun is. */
#include <string.h>

#include "spec/spec.h"

static bool is_one(const char *name, const char *host, size_t len)
{
	return name && strlen(name) == len && !memcmp(name, host, len);
}

static bool is_on_network(const struct spec_container *c, const char *host, size_t len)
{
	const struct spec_attachment *a = c->networks.v;

	for (size_t i = 0; i < c->networks.n; i++) {
		if (is_one(a[i].ip, host, len))
			return true;
		for (size_t j = 0; j < a[i].aliases.n; j++)
			if (is_one(a[i].aliases.v[j], host, len))
				return true;
	}
	return false;
}

/* Without the slots; an address of version 6 has colons of its own. */
static size_t length_of(const char *host)
{
	const char *colon = strchr(host, ':');

	return colon && !strchr(colon + 1, ':') ? (size_t)(colon - host) : strlen(host);
}

size_t spec_host(const struct spec *spec, const char *host)
{
	const struct spec_container *c = spec->containers.v;
	size_t len = length_of(host);

	/* A name is the clearest of them. */
	for (size_t i = 0; i < spec->containers.n; i++)
		if (is_one(c[i].name, host, len))
			return i;
	for (size_t i = 0; i < spec->containers.n; i++)
		if (is_one(c[i].hostname, host, len) || is_on_network(&c[i], host, len))
			return i;
	return spec->containers.n;
}

static bool is_workload(const struct spec_container *c)
{
	return c->workload.has_ior == FLAG_ON;
}

bool spec_is_host(const struct spec *spec, const struct spec_container *c)
{
	const struct spec_container *all = spec->containers.v;

	if (is_workload(c) || spec->runtime == RUNTIME_NATIVE || spec->runtime == RUNTIME_ATTACH)
		return false;
	for (size_t i = 0; i < spec->containers.n; i++) {
		const struct str_list *hosts = &all[i].workload.ior.hosts;

		for (size_t h = 0; is_workload(&all[i]) && h < hosts->n; h++)
			if (&all[spec_host(spec, hosts->v[h])] == c)
				return true;
	}
	return false;
}
