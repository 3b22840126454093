// SPDX-License-Identifier: Apache-2.0
/* Who has series of its own: the run's targets, the host, and what is nobody's. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "html/parts.h"

static bool has_own(const json_t *target)
{
	static const char *const kinds[] = { "container", "workload", "host", "unattributed" };
	const char *kind = json_string_value(json_object_get(target, "kind"));

	for (size_t i = 0; kind && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	/* A cgroup that was asked for has begun; one that only did I/O has not. */
	return json_object_get(target, "start_ns");
}

int owners_load(struct owners *o, const json_t *report)
{
	const json_t *targets = json_object_get(report, "targets");
	json_t *t;
	size_t i;

	o->n = 0;
	o->id = calloc(json_array_size(targets) + 1, sizeof(*o->id));
	if (!o->id)
		return -ENOMEM;
	json_array_foreach(targets, i, t)
		if (has_own(t))
			o->id[o->n++] = json_integer_value(json_object_get(t, "id"));
	return 0;
}

void owners_fini(struct owners *o)
{
	free(o->id);
	*o = (struct owners){ 0 };
}

size_t owners_find(const struct owners *o, int64_t id)
{
	size_t i = 0;

	while (i < o->n && o->id[i] != id)
		i++;
	return i;
}

int64_t owners_id(const struct owners *o, size_t at)
{
	return at < o->n ? o->id[at] : HTML_OTHERS;
}
