// SPDX-License-Identifier: Apache-2.0
/* Terms of a PMU, by the formats that it has in sysfs. */
#include "host/perf_event_pmu.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "host/perf_event.h"

#define TERMS_MAX 512
#define PATH_LEN 256
#define NAME_LEN 64

/* "0" to "63" at @p, which is moved behind it. */
static int parse_bit(const char **p, uint8_t *ret)
{
	unsigned int bit = 0, digits = 0;

	for (; isdigit((unsigned char)**p) && digits < 3; (*p)++, digits++)
		bit = bit * 10 + (**p - '0');
	if (!digits || bit > 63)
		return -EBADMSG;
	*ret = bit;
	return 0;
}

int perf_format_parse(const char *text, struct perf_format *ret)
{
	struct perf_format f = { 0 };
	uint64_t used = 0;

	if (strncmp(text, "config", 6))
		return -EBADMSG;
	text += 6;
	if (*text == '1' || *text == '2')
		f.config = *text++ - '0';
	if (*text++ != ':')
		return -EBADMSG;
	for (;; text++) {
		uint8_t first, last;
		uint64_t bits;

		if (f.n == PERF_FORMAT_RANGES || parse_bit(&text, &first))
			return -EBADMSG;
		last = first;
		if (*text == '-') {
			text++;
			if (parse_bit(&text, &last) || last < first)
				return -EBADMSG;
		}
		bits = (~0ull >> (63 - (last - first))) << first;
		if (used & bits)
			return -EBADMSG;
		used |= bits;
		f.range[f.n].first = first;
		f.range[f.n++].last = last;
		if (*text != ',')
			break;
	}
	if (*text)
		return -EBADMSG;
	*ret = f;
	return 0;
}

int perf_format_put(const struct perf_format *format, uint64_t value, uint64_t config[3])
{
	uint64_t to = config[format->config];

	for (size_t i = 0; i < format->n; i++) {
		unsigned int first = format->range[i].first;
		unsigned int bits = format->range[i].last - first + 1;
		uint64_t mask = ~0ull >> (64 - bits);

		to = (to & ~(mask << first)) | (value & mask) << first;
		value = bits < 64 ? value >> bits : 0;
	}
	if (value)
		return -ERANGE;
	config[format->config] = to;
	return 0;
}

int perf_value_parse(const char *text, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, 0);
	return errno || *end ? -EINVAL : 0;
}

/* A name that cannot lead out of its directory. */
static bool is_name(const char *text)
{
	size_t len = strlen(text);

	return len && len < NAME_LEN && *text != '.' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		       len;
}

int perf_pmu_has_event(int pmus, const char *name, const char *event)
{
	char path[PATH_LEN];

	if (pmus < 0 || !is_name(name) || !is_name(event))
		return 0;
	snprintf(path, sizeof(path), "%s/events/%s", name, event);
	return !faccessat(pmus, path, R_OK, 0);
}

struct pmu {
	int pmus;
	const char *name;
	bool in_event; /* within the terms of one of its events */
};

static int put_terms(const struct pmu *pmu, const char *text, struct perf_event *e,
		     struct err *err);

/* -ENOENT: it has no format of this name. */
static int put_by_format(const struct pmu *pmu, const char *term, uint64_t value,
			 struct perf_event *e, struct err *err)
{
	char path[PATH_LEN], text[128];
	struct perf_format format;
	int rc;

	snprintf(path, sizeof(path), "%s/format/%s", pmu->name, term);
	rc = fs_read_at(pmu->pmus, path, text, sizeof(text));
	if (rc == -ENOENT)
		return rc;
	if (rc || perf_format_parse(text, &format))
		return err_say(err, -EINVAL,
			       "the kernel's format of '%s' of PMU %s cannot be read: '%s'", term,
			       pmu->name, rc ? strerror(-rc) : text);
	if (perf_format_put(&format, value, e->config))
		return err_say(err, -EINVAL, "%#llx is too large for '%s' of PMU %s (%s)",
			       (unsigned long long)value, term, pmu->name, text);
	return 0;
}

static int put_event(const struct pmu *pmu, const char *name, struct perf_event *e, struct err *err)
{
	const struct pmu within = { .pmus = pmu->pmus, .name = pmu->name, .in_event = true };
	char path[PATH_LEN], text[TERMS_MAX];

	snprintf(path, sizeof(path), "%s/events/%s", pmu->name, name);
	if (pmu->in_event || fs_read_at(pmu->pmus, path, text, sizeof(text)))
		return err_say(err, -EINVAL, "PMU %s has neither a term nor an event '%s'",
			       pmu->name, name);
	return put_terms(&within, text, e, err);
}

static int put_term(const struct pmu *pmu, char *term, struct perf_event *e, struct err *err)
{
	static const char *const whole[] = { "config", "config1", "config2" };
	char *equals = strchr(term, '=');
	uint64_t value = 1;
	int rc;

	if (equals)
		*equals = '\0';
	if (!is_name(term))
		return err_say(err, -EINVAL, "'%s' is not a term of a PMU", term);
	if (equals && !strcmp(term, "name")) {
		snprintf(e->name, sizeof(e->name), "%s", equals + 1);
		return is_name(e->name) ? 0 : err_say(err, -EINVAL, "'%s' is not a name", e->name);
	}
	if (equals && perf_value_parse(equals + 1, &value))
		return err_say(err, -EINVAL, "'%s' is not a value for the term '%s'", equals + 1,
			       term);
	for (size_t i = 0; equals && i < 3; i++)
		if (!strcmp(term, whole[i])) {
			e->config[i] = value;
			return 0;
		}
	rc = put_by_format(pmu, term, value, e, err);
	if (rc != -ENOENT)
		return rc;
	if (equals)
		return err_say(err, -EINVAL, "PMU %s has no term '%s'", pmu->name, term);
	return put_event(pmu, term, e, err);
}

static int put_terms(const struct pmu *pmu, const char *text, struct perf_event *e, struct err *err)
{
	char copy[TERMS_MAX], *rest = copy, *term;
	int rc = 0;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
		return err_say(err, -EINVAL, "too many terms");
	while (!rc && (term = strsep(&rest, ",")))
		rc = put_term(pmu, term, e, err);
	return rc;
}

int perf_pmu_terms(int pmus, const char *name, const char *terms, struct perf_event *e,
		   struct err *err)
{
	const struct pmu pmu = { .pmus = pmus, .name = name };
	char path[PATH_LEN], mask[128];
	uint64_t type;

	if (!is_name(name))
		return err_say(err, -EINVAL, "'%s' is not the name of a PMU", name);
	snprintf(path, sizeof(path), "%s/type", name);
	if (pmus < 0 || fs_read_u64_at(pmus, path, &type))
		return err_say(err, -ENOENT, "this host has no PMU %s", name);
	snprintf(path, sizeof(path), "%s/cpumask", name);
	if (!fs_read_at(pmus, path, mask, sizeof(mask)))
		return err_say(err, -EOPNOTSUPP,
			       "PMU %s counts for many CPUs at once, and not for a task", name);
	e->type = type;
	return put_terms(&pmu, terms, e, err);
}
