// SPDX-License-Identifier: Apache-2.0
/* Parsing and printing of quantities with a unit. */
#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

struct unit {
	const char *name;
	double factor;
};

static const struct unit time_units[] = {
	{ "ns", 1 },   { "us", 1e3 },	{ "ms", 1e6 },	 { "s", 1e9 },
	{ "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 },
};

static const struct unit size_units[] = {
	{ "", 1 },	   { "b", 1 },	    { "k", 0x1p10 },   { "kib", 0x1p10 }, { "m", 0x1p20 },
	{ "mib", 0x1p20 }, { "g", 0x1p30 }, { "gib", 0x1p30 }, { "t", 0x1p40 },	  { "tib", 0x1p40 },
};

static int parse(const char *text, const struct unit *units, size_t n_units, uint64_t *ret)
{
	const char *unit;
	char *end;
	double v;

	/* strtod() also takes signs, blanks, hex and "inf": only digits here. */
	if (!isdigit((unsigned char)text[0]) || text[1] == 'x' || text[1] == 'X')
		return -EINVAL;
	v = strtod(text, &end);
	unit = end + strspn(end, " ");
	if (strcmp(text, "0") == 0) {
		*ret = 0;
		return 0;
	}
	for (size_t i = 0; i < n_units; i++) {
		if (strcasecmp(unit, units[i].name))
			continue;
		/* Plain integers keep every bit; fractions are rounded. */
		if (end == text + strspn(text, "0123456789")) {
			unsigned long long whole;

			errno = 0;
			whole = strtoull(text, NULL, 10);
			if (errno || whole > UINT64_MAX / (uint64_t)units[i].factor)
				return -ERANGE;
			*ret = whole * (uint64_t)units[i].factor;
			return 0;
		}
		if (v * units[i].factor >= 0x1p63)
			return -ERANGE;
		*ret = llround(v * units[i].factor);
		return 0;
	}
	return -EINVAL;
}

int units_parse_duration(const char *text, uint64_t *ret_ns)
{
	return parse(text, time_units, ARRAY_SIZE(time_units), ret_ns);
}

int units_parse_size(const char *text, uint64_t *ret_bytes)
{
	return parse(text, size_units, ARRAY_SIZE(size_units), ret_bytes);
}

static int parse_cpu(const char **at, unsigned long *ret)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return -EINVAL;
	errno = 0;
	*ret = strtoul(*at, &end, 10);
	if (errno || *ret >= CPU_SETSIZE)
		return -ERANGE;
	*at = end;
	return 0;
}

int units_parse_cpus(const char *text, cpu_set_t *ret_cpus)
{
	const char *at = text;
	cpu_set_t set;

	CPU_ZERO(&set);
	for (;;) {
		unsigned long first, last;
		int rc = parse_cpu(&at, &first);

		if (rc)
			return rc;
		last = first;
		if (*at == '-') {
			at++;
			rc = parse_cpu(&at, &last);
			if (rc)
				return rc;
		}
		if (last < first)
			return -EINVAL;
		for (unsigned long c = first; c <= last; c++) {
			if (CPU_ISSET(c, &set))
				return -EINVAL;
			CPU_SET(c, &set);
		}
		if (*at == '\0')
			break;
		if (*at++ != ',')
			return -EINVAL;
	}
	*ret_cpus = set;
	return 0;
}

void units_format_duration(uint64_t ns, char *text, size_t size)
{
	static const struct unit units[] = {
		{ "s", 1e9 },
		{ "ms", 1e6 },
		{ "us", 1e3 },
		{ "ns", 1 },
	};
	size_t i = 0;
	double v;

	while (i + 1 < ARRAY_SIZE(units) && ns < units[i].factor)
		i++;
	v = ns / units[i].factor;
	snprintf(text, size, "%.*f %s",
		 units[i].factor == 1 ? 0
		 : v < 9.995	      ? 2
		 : v < 99.95	      ? 1
				      : 0,
		 v, units[i].name);
}

void units_format_about(uint64_t ns, char *text, size_t size)
{
	uint64_t seconds = (ns + 500000000) / 1000000000, minutes = (seconds + 30) / 60;

	if (seconds < 100)
		snprintf(text, size, "%llu s", (unsigned long long)seconds);
	else if (minutes < 100)
		snprintf(text, size, "%llu min", (unsigned long long)minutes);
	else
		snprintf(text, size, "%llu h %llu min", (unsigned long long)minutes / 60,
			 (unsigned long long)minutes % 60);
}

void units_format_size(double bytes, char *text, size_t size)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(names) && bytes >= 1023.95) {
		bytes /= 1024;
		i++;
	}
	snprintf(text, size, "%.*f %s", i == 0 ? 0 : 1, bytes, names[i]);
}
