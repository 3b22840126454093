// SPDX-License-Identifier: Apache-2.0
/* Facts of the CPUs: /proc/cpuinfo for what they are, sysfs for how they are set up. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/facts.h"

/* The first CPU's lines: "key<tabs>: value". */
static void put_cpuinfo(json_t *cpu, const char *proc)
{
	static const struct {
		const char *line, *key;
	} lines[] = {
		{ "vendor_id", "vendor" },
		{ "model name", "model_name" },
		{ "cpu family", "family" },
		{ "model", "model" },
		{ "stepping", "stepping" },
		{ "microcode", "microcode" },
		{ "CPU implementer", "implementer" },
		{ "CPU part", "part" },
		{ "CPU revision", "revision" },
	};
	char path[512], line[8192];
	cleanup_fclose FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/cpuinfo", proc);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *value = strchr(line, ':'), *end = value;

		if (!value)
			break; /* the next CPU's begin after an empty line */
		while (end > line && strchr(" \t", end[-1]))
			end--;
		*end = '\0';
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
			if (*value && !strcmp(line, lines[i].line))
				fact_put(cpu, lines[i].key, json_string(value));
		if (!strcmp(line, "flags"))
			fact_put(cpu, "virtual", json_boolean(strstr(value, " hypervisor")));
	}
}

/* The values of @file of all CPUs, each once, as a list; a set that they are put into as keys. */
static void add_to_set(json_t *set, const char *dir, const char *file)
{
	json_t *v = fact_read(dir, file, FACT_TEXT);

	if (v)
		json_object_set_new(set, json_string_value(v), json_null());
	json_decref(v);
}

static json_t *keys_of(json_t *set)
{
	json_t *list = json_object_size(set) ? json_array() : NULL, *unused;
	const char *key;

	if (list)
		json_object_foreach(set, key, unused)
			json_array_append_new(list, json_string(key));
	return list;
}

struct package {
	long long id;
	char cpus[2048]; /* the first of each core, as the kernel writes lists */
	size_t len;
	long first, last; /* of the range at its end */
};

/* Put @cpu, which is above all before, into the list of its socket. */
static int add_first_cpu(struct package **v, size_t *n, long long id, long cpu)
{
	struct package *p;
	char range[48];
	size_t i = 0;

	while (i < *n && (*v)[i].id != id)
		i++;
	if (i == *n) {
		p = reallocarray(*v, *n + 1, sizeof(*p));
		if (!p)
			return -ENOMEM;
		*v = p;
		p[(*n)++] = (struct package){ .id = id, .first = cpu, .last = -2 };
	}
	p = &(*v)[i];
	if (cpu != p->last + 1) {
		p->len = strlen(p->cpus); /* the range before stays */
		p->first = cpu;
	}
	p->last = cpu;
	if (p->first == cpu)
		snprintf(range, sizeof(range), "%s%ld", p->len ? "," : "", cpu);
	else
		snprintf(range, sizeof(range), "%s%ld-%ld", p->len ? "," : "", p->first, cpu);
	if (p->len + strlen(range) < sizeof(p->cpus))
		strcpy(p->cpus + p->len, range);
	return 0;
}

static json_t *packages_json(const struct package *v, size_t n)
{
	json_t *list = n ? json_array() : NULL;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:I, s:s}", "id", (json_int_t)v[i].id,
						      "first_cpus", v[i].cpus));
	return list;
}

static void put_each_cpu(json_t *cpu, const char *dir)
{
	struct package *packages = NULL;
	size_t n_packages = 0;
	json_t *sockets = json_object(), *cores = json_object(), *governors = json_object(),
	       *preferences = json_object();
	char(*names)[64];
	size_t n, threads = 0;

	facts_list(dir, "cpu", &names, &n);
	for (size_t i = 0; i < n; i++) {
		char one[512], core[64];
		json_t *socket, *id;

		snprintf(one, sizeof(one), "%s/%s", dir, names[i]);
		socket = fact_read(one, "topology/physical_package_id", FACT_NUMBER);
		id = fact_read(one, "topology/core_id", FACT_NUMBER);
		if (socket && id) {
			/* Which one that is not online does not tell. */
			threads++;
			add_to_set(sockets, one, "topology/physical_package_id");
			snprintf(core, sizeof(core), "%lld.%lld",
				 (long long)json_integer_value(socket),
				 (long long)json_integer_value(id));
			if (!json_object_get(cores, core) &&
			    add_first_cpu(&packages, &n_packages, json_integer_value(socket),
					  strtol(names[i] + 3, NULL, 10)))
				n_packages = 0;
			json_object_set_new(cores, core, json_null());
		}
		add_to_set(governors, one, "cpufreq/scaling_governor");
		add_to_set(preferences, one, "cpufreq/energy_performance_preference");
		json_decref(socket);
		json_decref(id);
	}
	if (threads) {
		fact_put(cpu, "sockets", json_integer(json_object_size(sockets)));
		fact_put(cpu, "cores", json_integer(json_object_size(cores)));
		fact_put(cpu, "threads", json_integer(threads));
	}
	fact_put(cpu, "packages", packages_json(packages, n_packages));
	free(packages);
	fact_put(cpu, "governors", keys_of(governors));
	fact_put(cpu, "energy_preferences", keys_of(preferences));
	json_decref(sockets);
	json_decref(cores);
	json_decref(governors);
	json_decref(preferences);
	free(names);
}

static json_t *caches(const char *dir)
{
	static const struct fact facts[] = {
		{ "level", "level", FACT_NUMBER },
		{ "type", "type", FACT_TEXT },
		{ "size", "size", FACT_TEXT },
		{ "ways", "ways_of_associativity", FACT_NUMBER },
		{ "line_bytes", "coherency_line_size", FACT_NUMBER },
		{ "shared_by", "shared_cpu_list", FACT_TEXT },
	};
	json_t *list = json_array();
	char(*names)[64];
	size_t n;

	facts_list(dir, "index", &names, &n);
	for (size_t i = 0; i < n; i++) {
		json_t *cache = json_object();
		char one[512];

		snprintf(one, sizeof(one), "%s/%s", dir, names[i]);
		facts_read(cache, one, facts, ARRAY_SIZE(facts));
		json_array_append_new(list, cache);
	}
	free(names);
	if (n)
		return list;
	json_decref(list);
	return NULL;
}

/* Text of each: "Not affected", "Mitigation: ...", "Vulnerable". */
static json_t *vulnerabilities(const char *dir)
{
	json_t *all = json_object();
	char(*names)[64];
	size_t n;

	facts_list(dir, "", &names, &n);
	for (size_t i = 0; i < n; i++)
		fact_put(all, names[i], fact_read(dir, names[i], FACT_TEXT));
	free(names);
	if (n)
		return all;
	json_decref(all);
	return NULL;
}

/* Intel's driver tells whether it is off, all others whether it is on. */
static json_t *turbo(const char *dir)
{
	json_t *off = fact_read(dir, "intel_pstate/no_turbo", FACT_FLAG);
	json_t *on =
		off ? json_boolean(json_is_false(off)) : fact_read(dir, "cpufreq/boost", FACT_FLAG);

	json_decref(off);
	return on;
}

json_t *facts_cpu(const struct facts_place *at)
{
	static const struct fact facts[] = {
		{ "online", "online", FACT_TEXT },
		{ "isolated", "isolated", FACT_TEXT },
		{ "nohz_full", "nohz_full", FACT_TEXT },
		{ "smt", "smt/control", FACT_TEXT },
		{ "smt_active", "smt/active", FACT_FLAG },
		{ "frequency_driver", "cpu0/cpufreq/scaling_driver", FACT_TEXT },
		{ "min_khz", "cpu0/cpufreq/scaling_min_freq", FACT_NUMBER },
		{ "max_khz", "cpu0/cpufreq/scaling_max_freq", FACT_NUMBER },
		{ "idle_driver", "cpuidle/current_driver", FACT_TEXT },
		{ "idle_governor", "cpuidle/current_governor", FACT_TEXT },
	};
	json_t *cpu = json_object();
	char dir[512], below[600];

	snprintf(dir, sizeof(dir), "%s/devices/system/cpu", at->sys);
	put_cpuinfo(cpu, at->proc);
	put_each_cpu(cpu, dir);
	facts_read(cpu, dir, facts, ARRAY_SIZE(facts));
	fact_put(cpu, "turbo", turbo(dir));
	snprintf(below, sizeof(below), "%s/cpu0/cache", dir);
	fact_put(cpu, "caches", caches(below));
	snprintf(below, sizeof(below), "%s/vulnerabilities", dir);
	fact_put(cpu, "vulnerabilities", vulnerabilities(below));
	return cpu;
}
