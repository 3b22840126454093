// SPDX-License-Identifier: Apache-2.0
/* What was unlike about runs, so that their numbers may differ for another reason than is looked for. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/compare_parts.h"
#include "report/format.h"

/* Facts of hosts that change by nature, and change nothing that is measured. All others are told. */
static const struct differ_rule passing_facts[] = {
	{ "mounts./run/user/*", "comes with who logs in" },
	{ "mounts./run/credentials/*", "of a service that starts just then" },
	{ "mounts.*/containers/*/mounts/shm", "of a Docker container, named by its id" },
	{ "mounts.*/containers/*/mounts/shm.*", "the same" },
	{ "mounts.*-containers/*/userdata/shm", "of a Podman container, named by its id" },
	{ "mounts.*-containers/*/userdata/shm.*", "the same" },
	{ 0 },
};

/* Keys of a spec that are no difference between runs. */
static const struct differ_rule passing_keys[] = {
	{ "name", "what a run is called" },
	{ "description", "what it is said to be for" },
	{ "interval", "told on its own, as the run had it" },
	{ 0 },
};

/* What every run keeps of its host since there are facts: without them they are unknown, not none. */
static const char *const sections[] = { "cpu", "memory", "nodes", "disks", "mounts" };

struct warning {
	const struct compare_run *runs;
	size_t n;
	uint64_t all; /* a bit for each run */
	json_t *array; /* borrowed */
	bool failed; /* no memory */
};

/* @values is stolen. */
static json_t *tell(struct warning *w, const char *what, const char *path, json_t *values)
{
	json_t *one = json_pack("{s:s, s:s, s:o}", "what", what, "path", path, "values", values);

	if (!one || json_array_append_new(w->array, one)) {
		w->failed = true;
		return NULL;
	}
	return one;
}

/* Each path at which @values differ. */
static void tell_differences(struct warning *w, const char *what, const json_t *const *values,
			     uint64_t part, const char *path, const struct differ_rule *ignored)
{
	json_t *found = json_array(), *one;
	size_t i;

	if (!found || differ(values, w->n, part, path, ignored, found))
		w->failed = true;
	json_array_foreach(found, i, one)
		(void)tell(w, what, text_in(one, "path"), /* a failure is kept */
			   json_incref(json_object_get(one, "values")));
	json_decref(found);
}

/* A key of the reports themselves. */
static void tell_key(struct warning *w, const char *what, const char *key, const char *path)
{
	const json_t *values[COMPARE_RUNS_MAX];

	for (size_t r = 0; r < w->n; r++)
		values[r] = json_object_get(w->runs[r].report, key);
	tell_differences(w, what, values, w->all, path, NULL);
}

/* Nothing when it is known of all. */
static void tell_unknown(struct warning *w, const char *what, const char *path, uint64_t known)
{
	json_t *values;

	if (known == w->all)
		return;
	values = json_array();
	for (size_t r = 0; r < w->n; r++)
		if (json_array_append_new(values,
					  json_string(known >> r & 1 ? "known" : "unknown")))
			w->failed = true;
	(void)tell(w, what, path, values); /* a failure is kept */
}

static void tell_status(struct warning *w)
{
	json_t *values = json_array();
	bool well = true;

	for (size_t r = 0; r < w->n; r++) {
		const char *status = text_in(w->runs[r].report, "status");

		well = well && status && !strcmp(status, "ok");
		if (json_array_append_new(values, json_string(status ? status : "unknown")))
			w->failed = true;
	}
	if (well)
		json_decref(values);
	else
		(void)tell(w, "status", "status", values); /* a failure is kept */
}

static void tell_section(struct warning *w, const json_t *const *hosts, uint64_t have_facts,
			 const char *section)
{
	const json_t *values[COMPARE_RUNS_MAX];
	uint64_t known = 0;

	for (size_t r = 0; r < w->n; r++) {
		values[r] = json_object_get(hosts[r], section);
		if (values[r])
			known |= 1ull << r;
	}
	/* Of a run without any facts that was told already. */
	if ((known & have_facts) != have_facts)
		tell_unknown(w, "host", section, known);
	tell_differences(w, "host", values, known, section, passing_facts);
}

static void tell_hosts(struct warning *w)
{
	const json_t *hosts[COMPARE_RUNS_MAX];
	json_t *rest[COMPARE_RUNS_MAX];
	uint64_t known = 0;

	for (size_t r = 0; r < w->n; r++) {
		hosts[r] = json_object_get(w->runs[r].report, "host");
		rest[r] = json_copy((json_t *)hosts[r]);
		if (json_object_size(hosts[r]))
			known |= 1ull << r;
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
			(void)json_object_del(rest[r], sections[i]); /* it may lack it */
	}
	tell_unknown(w, "host", "", known);
	tell_differences(w, "host", (const json_t *const *)rest, known, "", passing_facts);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		tell_section(w, hosts, known, sections[i]);
	for (size_t r = 0; r < w->n; r++)
		json_decref(rest[r]);
}

static void tell_specs(struct warning *w)
{
	const json_t *specs[COMPARE_RUNS_MAX];
	uint64_t known = 0;

	for (size_t r = 0; r < w->n; r++) {
		specs[r] = w->runs[r].spec;
		if (specs[r])
			known |= 1ull << r;
	}
	tell_unknown(w, "spec", "", known);
	tell_differences(w, "spec", specs, known, "", passing_keys);
}

/* What measured: another version of a benchmark is another benchmark. */
static void tell_tools(struct warning *w, const char *target)
{
	static const char *const keys[] = { "tool", "binary", "version" };

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		const json_t *values[COMPARE_RUNS_MAX];
		uint64_t part = 0;
		char path[512];

		for (size_t r = 0; r < w->n; r++) {
			const json_t *results =
				json_object_get(compare_target(w->runs[r].report, target),
						"results");

			values[r] = json_object_get(json_array_get(results, 0), keys[k]);
			if (json_array_size(results))
				part |= 1ull << r;
		}
		snprintf(path, sizeof(path), "%s.%s", target, keys[k]);
		tell_differences(w, "tool", values, part, path, NULL);
	}
}

/* One that some do not have. */
static void tell_target(struct warning *w, const char *target)
{
	uint64_t who = compare_who_has(w->runs, w->n, target);
	json_t *values;

	if (who == w->all)
		return;
	values = json_array();
	for (size_t r = 0; r < w->n; r++)
		if (json_array_append_new(values, who >> r & 1 ? json_true() : json_null()))
			w->failed = true;
	(void)tell(w, "target", target, values); /* a failure is kept */
}

static void tell_targets(struct warning *w)
{
	json_t *targets = compare_targets(w->runs, w->n), *name;
	size_t i;

	w->failed |= !targets;
	json_array_foreach(targets, i, name) {
		const char *target = json_string_value(name);

		/* Neither is there when nobody else did anything. */
		if (strcmp(target, "host") && strcmp(target, "unattributed"))
			tell_target(w, target);
	}
	json_array_foreach(targets, i, name)
		tell_tools(w, json_string_value(name));
	json_decref(targets);
}

/* --- losses --- */

/* {"vfs.missed": {"count": 3, "reason": "..."}}: counts of all reasons, and the first of these. */
static json_t *losses_of(struct warning *w, const json_t *report)
{
	json_t *all = json_object(), *loss;
	size_t i;

	json_array_foreach(json_object_get(report, "losses"), i, loss) {
		const char *what = text_in(loss, "what"), *reason = text_in(loss, "reason");
		json_int_t count = json_integer_value(json_object_get(loss, "count"));
		json_t *one;

		what = what ? what : "?";
		if (!json_object_get(all, what) &&
		    json_object_set_new(all, what,
					json_pack("{s:s}", "reason", reason ? reason : "")))
			w->failed = true;
		one = json_object_get(all, what);
		count += json_integer_value(json_object_get(one, "count"));
		if (json_object_set_new(one, "count", json_integer(count)))
			w->failed = true;
	}
	return all;
}

/* Only where it is missing: how often something was lost differs from run to run. */
static void tell_loss(struct warning *w, json_t *const *losses, const char *what)
{
	json_t *values = json_array(), *reason = NULL, *one;
	bool all = true;

	for (size_t r = 0; r < w->n; r++) {
		const json_t *loss = json_object_get(losses[r], what);

		all = all && loss;
		if (json_array_append_new(values, loss ? json_incref(json_object_get(loss, "count"))
						       : json_null()))
			w->failed = true;
		if (loss && !reason)
			reason = json_object_get(loss, "reason");
	}
	if (all) {
		json_decref(values);
		return;
	}
	one = tell(w, "loss", what, values);
	if (one && json_object_set(one, "reason", reason))
		w->failed = true;
}

static void tell_losses(struct warning *w)
{
	json_t *losses[COMPARE_RUNS_MAX], *seen = json_object(), *unused;
	const char *what;

	for (size_t r = 0; r < w->n; r++) {
		losses[r] = losses_of(w, w->runs[r].report);
		json_object_foreach(losses[r], what, unused)
			if (json_object_set_new(seen, what, json_null()))
				w->failed = true;
	}
	json_object_foreach(seen, what, unused)
		tell_loss(w, losses, what);
	json_decref(seen);
	for (size_t r = 0; r < w->n; r++)
		json_decref(losses[r]);
}

int compare_warnings(const struct compare_run *runs, size_t n, json_t *array)
{
	struct warning w = { .runs = runs, .n = n, .array = array };

	w.all = n < 64 ? (1ull << n) - 1 : ~0ull;
	tell_status(&w);
	tell_hosts(&w);
	tell_specs(&w);
	tell_key(&w, "version", "version", "version");
	tell_key(&w, "interval", "interval_ns", "interval_ns");
	tell_key(&w, "backend", "backends", "");
	tell_targets(&w);
	tell_losses(&w);
	return w.failed ? -ENOMEM : 0;
}
