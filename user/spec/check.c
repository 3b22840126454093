// SPDX-License-Identifier: Apache-2.0
/* Checks that need more than one key of a spec. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/strlist.h"
#include "finding/finding.h"
#include "spec/load.h"
#include "spec/rows.h"
#include "spec/spec.h"

#define MS 1000000ull
/* The run's id holds its name. */
#define MAX_RUN_NAME 63
#define MAX_CONTAINERS 256

static bool is_name(const char *s)
{
	if (!isalnum((unsigned char)*s))
		return false;
	while (isalnum((unsigned char)*s) || (*s && strchr("_.-", *s)))
		s++;
	return *s == '\0';
}

static void check_name(struct diag *diag, const char *what, const char *name, const void *field)
{
	if (!is_name(name))
		diag_error(
			diag, diag_find(diag, field, NULL),
			"the %s '%s' may hold letters, digits, '_', '.' and '-' and begins with a "
			"letter or digit",
			what, name);
}

static bool is_subnet(const char *text)
{
	cleanup_free char *address = strdup(text);
	char *slash = address ? strchr(address, '/') : NULL, *end;
	unsigned char bytes[16];
	unsigned long bits;

	if (!slash || !isdigit((unsigned char)slash[1]))
		return false;
	*slash = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (*end)
		return false;
	return (inet_pton(AF_INET, address, bytes) == 1 && bits <= 32) ||
	       (inet_pton(AF_INET6, address, bytes) == 1 && bits <= 128);
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The nearest of the names that begin each struct of @list, or NULL. */
static const char *nearest_in(const struct section_list *list, size_t size, const char *name)
{
	cleanup_free struct option_row *rows = calloc(list->n + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < list->n; i++)
		rows[i].name = *(char **)((char *)list->v + i * size);
	return rows ? option_nearest(rows, name) : NULL;
}

void check_unknown_name(struct diag *diag, struct diag_mark at, const char *what, const char *name,
			const char *nearest)
{
	if (nearest)
		diag_error(diag, at, "unknown %s '%s'; did you mean '%s'?", what, name, nearest);
	else
		diag_error(diag, at, "unknown %s '%s'", what, name);
}

void check_unknown(struct diag *diag, struct diag_mark at, const char *what, const char *name,
		   const struct section_list *known, size_t size)
{
	check_unknown_name(diag, at, what, name, nearest_in(known, size, name));
}

static void check_attachments(const struct spec *spec, const struct spec_container *c,
			      struct diag *diag)
{
	const struct spec_attachment *a = c->networks.v;
	const struct spec_network *known = spec->networks.v;

	for (size_t i = 0; i < c->networks.n; i++) {
		bool found = false;

		for (size_t j = 0; j < spec->networks.n; j++)
			found |= !strcmp(known[j].name, a[i].name);
		if (!found)
			check_unknown(diag, diag_find(diag, &a[i], c), "network", a[i].name,
				      &spec->networks, sizeof(*known));
		if (a[i].ip && !is_address(a[i].ip))
			diag_error(diag, diag_find(diag, &a[i].ip, c),
				   "ip: expected an address such as 172.21.0.2, got '%s'", a[i].ip);
	}
	if (c->network_mode && c->networks.n)
		diag_error(diag, diag_find(diag, &c->network_mode, c),
			   "network_mode: %s leaves no room for networks; give one of both",
			   c->network_mode);
}

static void check_volume(const char *text, const struct spec_container *c, struct diag *diag)
{
	cleanup_free char *copy = strdup(text);
	char *at = copy, *source = strsep(&at, ":"), *path = strsep(&at, ":");

	if (!source || !*source || !path || path[0] != '/' ||
	    (at && strcmp(at, "ro") != 0 && strcmp(at, "rw") != 0))
		diag_error(diag, diag_find(diag, text, c),
			   "volumes: expected SOURCE:/PATH or SOURCE:/PATH:ro, got '%s'", text);
}

static bool is_limit(const char *s)
{
	size_t n = strspn(s, "0123456789");

	if (!strcmp(s, "-1") || !strcmp(s, "unlimited"))
		return true;
	return n &&
	       (!s[n] || (s[n] == ':' && s[n + 1] && !s[n + 1 + strspn(s + n + 1, "0123456789")]));
}

static void check_times(const struct spec *spec, const struct spec_container *c, struct diag *diag)
{
	if (c->stop_ns != OPTION_UNSET && c->start_ns >= c->stop_ns)
		diag_error(diag, diag_find(diag, &c->stop_ns, c), "stop must be after start");
	if (spec->duration_ns && c->start_ns >= spec->duration_ns)
		diag_error(diag, diag_find(diag, &c->start_ns, c),
			   "start is not before the run's duration is over: it would never start");
	if (c->ready.command.n && c->ready.port != OPTION_UNSET)
		diag_error(diag, diag_find(diag, &c->ready.port, c),
			   "ready: give a command or a port, not both");
	if (c->ready.banner && c->ready.port == OPTION_UNSET)
		diag_error(diag, diag_find(diag, &c->ready.banner, c),
			   "ready: banner needs port beside it");
	if (c->ready.interval_ns == 0)
		diag_error(diag, diag_find(diag, &c->ready.interval_ns, c),
			   "ready: interval must be above zero");
}

static void check_resources(const struct spec_container *c, struct diag *diag)
{
	const uint64_t *const positive[] = { &c->memory, &c->shm_size, &c->io.read_bps,
					     &c->io.write_bps };

	for (size_t i = 0; i < ARRAY_SIZE(positive); i++)
		if (*positive[i] == 0)
			diag_error(diag, diag_find(diag, positive[i], c),
				   "a limit of zero; leave the key out for no limit");
	if (!isnan(c->cpu_limit) && c->cpu_limit <= 0)
		diag_error(diag, diag_find(diag, &c->cpu_limit, c), "cpu_limit must be above zero");
	if (c->memory_swap != OPTION_UNSET && c->memory == OPTION_UNSET)
		diag_error(diag, diag_find(diag, &c->memory_swap, c),
			   "memory_swap needs memory beside it");
	else if (c->memory_swap != OPTION_UNSET && c->memory_swap < c->memory)
		diag_error(
			diag, diag_find(diag, &c->memory_swap, c),
			"memory_swap counts memory and swap together: it cannot be below memory");
	for (size_t i = 0; i < c->volumes.n; i++)
		check_volume(c->volumes.v[i], c, diag);
	for (size_t i = 0; i < c->ulimits.n; i++)
		if (!is_limit(c->ulimits.v[i].value))
			diag_error(diag, diag_find(diag, c->ulimits.v[i].value, c),
				   "ulimits: expected a number, soft:hard or unlimited for %s, got "
				   "'%s'",
				   c->ulimits.v[i].key, c->ulimits.v[i].value);
	for (size_t i = 0; i < c->labels.n; i++)
		if (!strncmp(c->labels.v[i].key, "cbpf.", 5))
			diag_error(diag, diag_find(diag, c->labels.v[i].value, c),
				   "labels: those that begin with 'cbpf.' are cbpf's own");
}

/* The kernel takes NAME=VALUE, so a name ends at the first "=". */
static void check_env(const struct str_map *env, const struct spec_container *c, struct diag *diag)
{
	for (size_t i = 0; i < env->n; i++)
		if (!*env->v[i].key || strchr(env->v[i].key, '='))
			diag_error(diag, diag_find(diag, env->v[i].value, c),
				   "env: '%s' cannot be the name of a variable", env->v[i].key);
}

/* Plain processes share namespaces and privileges with cbpf itself. */
static void check_native(const struct spec_container *c, struct diag *diag)
{
	const struct {
		const char *key;
		const void *field;
		bool given;
	} rows[] = {
		{ "networks", c->networks.v, c->networks.n },
		{ "network_mode", &c->network_mode,
		  c->network_mode && strcmp(c->network_mode, "host") != 0 },
		{ "cap_add", &c->cap_add, c->cap_add.n },
		{ "cap_drop", &c->cap_drop, c->cap_drop.n },
		{ "privileged", &c->privileged, c->privileged == FLAG_ON },
		{ "shm_size", &c->shm_size, c->shm_size != OPTION_UNSET },
		{ "hostname", &c->hostname, c->hostname },
		{ "ssh", &c->ssh, c->ssh == FLAG_ON },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].given)
			diag_error(diag, diag_find(diag, rows[i].field, c),
				   "%s: a plain process cannot have that; remove it or use "
				   "runtime: docker",
				   rows[i].key);
}

static void check_before(const struct spec_container *c, struct diag *diag)
{
	const struct spec_before *b = &c->before;

	if (b->given != FLAG_ON)
		return;
	if (b->sync != FLAG_ON && b->drop_caches != FLAG_ON && b->trim != FLAG_ON &&
	    b->settle_ns == OPTION_UNSET && !b->governor)
		diag_error(diag,
			   diag_find(diag,
				     b->sync != FLAG_UNSET	    ? &b->sync
				     : b->drop_caches != FLAG_UNSET ? &b->drop_caches
								    : &b->trim,
				     c),
			   "before: nothing is asked for: give sync, drop_caches, trim, settle or "
			   "governor");
	if (b->drop_caches == FLAG_ON && b->sync != FLAG_ON)
		diag_warn(diag, diag_find(diag, &b->drop_caches, c),
			  "before: drop_caches leaves dirty pages in the cache: give sync too");
}

/* A key has an owner, who is to be known before the container runs. */
static void check_ssh(const struct spec_container *c, struct diag *diag)
{
	if (c->ssh != FLAG_ON)
		return;
	if (c->network_mode && !strcmp(c->network_mode, "none"))
		diag_error(diag, diag_find(diag, &c->ssh, c),
			   "ssh: with network_mode: none nobody can reach it");
	if (c->network_mode && !strcmp(c->network_mode, "host"))
		diag_error(diag, diag_find(diag, &c->ssh, c),
			   "ssh: with network_mode: host it would be the host's own sshd");
	if (c->user && !isdigit((unsigned char)*c->user) && strcmp(c->user, "root") != 0)
		diag_error(diag, diag_find(diag, &c->user, c),
			   "ssh: give the user '%s' as a number, to whom the keys belong", c->user);
}

/* Nothing is changed about what runs already. */
static void check_attach(const struct spec *spec, const struct spec_container *c, struct diag *diag)
{
	const struct {
		const char *key;
		const void *field;
		bool given;
	} rows[] = {
		{ "command", &c->command, c->command.n },
		{ "workload", &c->workload, c->workload.has_ior == FLAG_ON },
		{ "image", &c->image, c->image },
		{ "env", &c->env, c->env.n },
		{ "cpus", &c->cpus, c->cpus },
		{ "cpu_limit", &c->cpu_limit, !isnan(c->cpu_limit) },
		{ "memory", &c->memory, c->memory != OPTION_UNSET },
		{ "volumes", c->volumes.v, c->volumes.n },
		{ "user", &c->user, c->user },
		{ "ready", &c->ready.command, c->ready.command.n || c->ready.port != OPTION_UNSET },
	};

	if (c->attach && spec->runtime != RUNTIME_ATTACH)
		diag_error(diag, diag_find(diag, &c->attach, c),
			   "attach: needs runtime: attach, which starts no containers");
	for (size_t i = 0; c->attach && i < ARRAY_SIZE(rows); i++)
		if (rows[i].given)
			diag_error(diag, diag_find(diag, rows[i].field, c),
				   "%s: what is attached to stays as it is; remove it",
				   rows[i].key);
}

static void check_container(const struct spec *spec, const struct spec_container *c,
			    struct diag *diag)
{
	bool plain = spec->runtime == RUNTIME_NATIVE || spec->runtime == RUNTIME_ATTACH;
	bool workload = c->workload.has_ior == FLAG_ON;

	check_name(diag, "container name", c->name, c);
	if (!plain && (!c->image || !*c->image))
		diag_error(diag, diag_find(diag, &c->image, c),
			   "container '%s' needs an image with runtime: %s", c->name,
			   runtime_kind_name(spec->runtime));
	if (c->command.n && workload)
		diag_error(diag, diag_find(diag, &c->command, c),
			   "container '%s' has a command and a workload; give one of both",
			   c->name);
	if (plain && !c->command.n && !workload && !c->attach)
		diag_error(diag, diag_find(diag, c, NULL),
			   "container '%s' needs a command%s or a workload with runtime: %s",
			   c->name,
			   spec->runtime == RUNTIME_ATTACH ? ", something to attach to" : "",
			   runtime_kind_name(spec->runtime));
	if (plain)
		check_native(c, diag);
	check_attach(spec, c, diag);
	check_ssh(c, diag);
	check_times(spec, c, diag);
	check_resources(c, diag);
	check_before(c, diag);
	check_attachments(spec, c, diag);
	check_env(&c->env, c, diag);
	check_env(&c->workload.ior.env, c, diag);
	if (workload)
		check_ior(c, diag);
}

/* A key, or a variable that stands for it while it is absent. */
static bool is_set(const char *value, const char *variable)
{
	const char *text = value && *value ? value : getenv(variable);

	return text && *text;
}

static void check_secret(const char *const *value, const char *name, char *const *file,
			 struct diag *diag)
{
	if (secret_given(*value) && *file)
		diag_error(diag, diag_find(diag, file, NULL),
			   "influxdb: give %s or %s_file, not both", name, name);
}

/*
 * An '@' behind the host is most likely one of a password with a character that ends the host: it
 * would be stored as it is. So would a query, which may be a token. Not told in words of the url,
 * for the same reason.
 */
static void check_url(const struct spec_influxdb *db, struct diag *diag)
{
	const char *scheme = db->url ? strstr(db->url, "://") : NULL;
	const char *authority = scheme ? scheme + 3 : db->url;

	if (authority && strchr(authority + strcspn(authority, "/?#"), '@'))
		diag_error(diag, diag_find(diag, &db->url, db),
			   "influxdb: url: an '@' behind the host; in a user or password write '/' "
			   "as %%2F, '?' as %%3F and '#' as %%23, or use password_file");
	else if (authority && strpbrk(authority, "?#"))
		diag_error(diag, diag_find(diag, &db->url, db),
			   "influxdb: url: it has a query; say that by keys of the spec");
}

static void check_sinks(const struct spec_influxdb *db, struct diag *diag)
{
	if (db->given != FLAG_ON)
		return;
	if (!is_set(db->url, "INFLUXDB_HOST"))
		diag_error(diag, diag_find(diag, &db->url, db),
			   "influxdb: needs a url, or INFLUXDB_HOST in the environment");
	check_url(db, diag);
	if (db->bucket && db->database)
		diag_error(diag, diag_find(diag, &db->bucket, db),
			   "influxdb: give a bucket (2, 3) or a database (1, 3), not both");
	else if (!db->database && !is_set(db->bucket, "INFLUXDB_BUCKET"))
		diag_error(
			diag, diag_find(diag, &db->url, db),
			"influxdb: needs a bucket (2, 3) or a database (1, 3), or INFLUXDB_BUCKET "
			"in the environment");
	if (db->database && db->org)
		diag_error(diag, diag_find(diag, &db->org, db),
			   "influxdb: an org goes with a bucket; a database has none");
	if (db->retention_policy && !db->database)
		diag_error(diag, diag_find(diag, &db->retention_policy, db),
			   "influxdb: a retention_policy goes with a database; of a bucket it is "
			   "part: DATABASE/POLICY");
	check_secret((const char *const *)&db->token, "token", &db->token_file, diag);
	check_secret((const char *const *)&db->password, "password", &db->password_file, diag);
	if (db->batch_bytes == 0 || db->batch_bytes > 64 << 20)
		diag_error(diag, diag_find(diag, &db->batch_bytes, db),
			   "influxdb: batch_bytes: expected 1 to 64MiB");
	if (db->timeout_ns < MS)
		diag_error(diag, diag_find(diag, &db->timeout_ns, db),
			   "influxdb: timeout must be above zero");
}

static void check_run(const struct spec *spec, struct diag *diag)
{
	check_name(diag, "name", spec->name, &spec->name);
	if (strlen(spec->name) > MAX_RUN_NAME)
		diag_error(diag, diag_find(diag, &spec->name, NULL), "name: at most %d characters",
			   MAX_RUN_NAME);
	if (spec->duration_ns == 0)
		diag_error(diag, diag_find(diag, &spec->duration_ns, NULL),
			   "duration must be above zero");
	if (spec->interval_ns < 10 * MS || spec->interval_ns > 60000 * MS)
		diag_error(diag, diag_find(diag, &spec->interval_ns, NULL),
			   "interval: expected 10ms to 60s");
}

static void check_findings(const struct spec *spec, struct diag *diag)
{
	const struct str_map *set = &spec->findings;
	char *end;

	for (size_t i = 0; i < set->n; i++) {
		double value = strtod(set->v[i].value, &end);

		if (!finding_threshold(set->v[i].key))
			diag_error(diag, diag_find(diag, set, NULL),
				   "findings: no rule has a threshold '%s'; 'cbpf help --findings' "
				   "lists them",
				   set->v[i].key);
		else if (end == set->v[i].value || *end || !isfinite(value) || value < 0)
			diag_error(diag, diag_find(diag, set, NULL),
				   "findings: %s: expected a number, got '%s'", set->v[i].key,
				   set->v[i].value);
	}
}

void check_spec(const struct spec *spec, struct diag *diag)
{
	const struct spec_container *c = spec->containers.v;
	const struct spec_network *net = spec->networks.v;

	diag->checking = true;
	check_run(spec, diag);
	for (size_t i = 0; i < spec->networks.n; i++) {
		check_name(diag, "network name", net[i].name, &net[i]);
		if (net[i].subnet && !is_subnet(net[i].subnet))
			diag_error(diag, diag_find(diag, &net[i].subnet, NULL),
				   "subnet: expected a range such as 172.21.0.0/24, got '%s'",
				   net[i].subnet);
	}
	if (!spec->containers.n)
		diag_error(diag, diag_find(diag, &spec->containers, NULL),
			   "needs at least one container under 'containers:'");
	if (spec->containers.n > MAX_CONTAINERS) {
		diag_error(diag, diag_find(diag, &spec->containers, NULL),
			   "more than %d containers", MAX_CONTAINERS);
		return;
	}
	for (size_t i = 0; i < spec->containers.n; i++)
		check_container(spec, &c[i], diag);
	check_depends(spec, diag);
	for (size_t i = 0; i < spec->expect.n; i++)
		check_expect(spec, spec->expect.v[i], diag);
	check_findings(spec, diag);
	check_sinks(&spec->sinks.influxdb, diag);
}
