// SPDX-License-Identifier: Apache-2.0
/* Scanners of mon_data, schemata and size, and the rules of info/. */
#include "host/resctrl_text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

const char *const resctrl_value_names[RESCTRL_VALUES] = { "number", "Unavailable", "Error",
							  "Unassigned", "not understood" };

/* Digits of base 10 or 16 at *@at, which is moved behind them; false: none, or too many. */
static bool scan_number(const char **at, int base, uint64_t *ret)
{
	const char *p = *at;
	uint64_t v = 0;

	for (; base == 16 ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p); p++) {
		int digit = isdigit((unsigned char)*p) ? *p - '0'
						       : tolower((unsigned char)*p) - 'a' + 10;

		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return false;
	}
	if (p == *at)
		return false;
	*at = p;
	*ret = v;
	return true;
}

static bool is_line_end(char c)
{
	return c == '\0' || c == '\n';
}

enum resctrl_value resctrl_text_value(const char *text, uint64_t *ret)
{
	size_t len = strcspn(text, "\n");
	const char *at = text;
	uint64_t v;

	if (text[len] && text[len + 1])
		return RESCTRL_MALFORMED; /* a second line */
	if (scan_number(&at, 10, &v) && at == text + len) {
		*ret = v;
		return RESCTRL_NUMBER;
	}
	for (int i = RESCTRL_UNAVAILABLE; i < RESCTRL_MALFORMED; i++)
		if (strlen(resctrl_value_names[i]) == len &&
		    !strncmp(text, resctrl_value_names[i], len))
			return i;
	return RESCTRL_MALFORMED;
}

bool resctrl_text_domain(const char *name, uint32_t *ret)
{
	static const char before[] = "mon_L3_";
	const char *at = name + sizeof(before) - 1;
	uint64_t v;

	if (strncmp(name, before, sizeof(before) - 1) || !scan_number(&at, 10, &v) || *at ||
	    v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static const struct {
	const char *name;
	bool bandwidth;
} resources[] = { { "L3", false },     { "L3CODE", false }, { "L3DATA", false }, { "L2", false },
		  { "L2CODE", false }, { "L2DATA", false }, { "MB", true },	 { "SMBA", true } };

void resctrl_scan_begin(struct resctrl_scan *s, const char *text, bool sizes)
{
	*s = (struct resctrl_scan){ .at = text, .sizes = sizes };
}

static void skip_blanks(struct resctrl_scan *s)
{
	s->at += strspn(s->at, " \t");
}

static void skip_line(struct resctrl_scan *s)
{
	s->at += strcspn(s->at, "\n");
	s->at += *s->at == '\n';
	s->within = false;
}

/* "  L3:", whose name is right-aligned. 0: not known, or it has no domains; or -EBADMSG. */
static int begin_line(struct resctrl_scan *s)
{
	size_t len;

	skip_blanks(s);
	len = strcspn(s->at, ":\n");
	if (s->at[len] != ':' || !len)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		if (strlen(resources[i].name) != len || strncmp(s->at, resources[i].name, len))
			continue;
		strcpy(s->now.resource, resources[i].name);
		s->now.bandwidth = resources[i].bandwidth;
		s->at += len + 1;
		s->within = !is_line_end(*s->at);
		return s->within;
	}
	return 0;
}

/* "0= 50" and what separates it from the next; bandwidths are padded with blanks. */
static int scan_alloc(struct resctrl_scan *s, struct resctrl_alloc *ret)
{
	uint64_t domain, value;

	skip_blanks(s);
	if (!scan_number(&s->at, 10, &domain) || domain > UINT32_MAX || *s->at != '=')
		return -EBADMSG;
	s->at++;
	skip_blanks(s);
	if (!scan_number(&s->at, s->sizes || s->now.bandwidth ? 10 : 16, &value))
		return -EBADMSG;
	skip_blanks(s);
	if (*s->at == ';')
		s->at++;
	else if (is_line_end(*s->at))
		skip_line(s);
	else
		return -EBADMSG;
	s->now.domain = (uint32_t)domain;
	s->now.value = value;
	*ret = s->now;
	return 1;
}

int resctrl_scan_next(struct resctrl_scan *s, struct resctrl_alloc *ret)
{
	int rc = 0;

	while (!s->within && *s->at && !rc) {
		s->at += strspn(s->at, "\n");
		if (!*s->at)
			return 0;
		rc = begin_line(s);
		if (!rc)
			skip_line(s);
	}
	if (s->within)
		rc = scan_alloc(s, ret);
	if (rc < 0)
		skip_line(s);
	return rc;
}

static const char *mask_wrong(const struct resctrl_mask_rule *r, uint64_t mask)
{
	if (!r->known)
		return NULL;
	if (mask & ~r->mask)
		return "has bits that the cache does not have";
	if (r->min_bits && !mask)
		return "has no bit";
	/* The lowest run of bits, made to begin at bit 0, must be the only one. */
	if (mask && !r->sparse) {
		uint64_t run = mask >> __builtin_ctzll(mask);

		if (run & (run + 1))
			return "has bits that are not in a row";
	}
	if ((uint64_t)__builtin_popcountll(mask) < r->min_bits)
		return "has fewer bits than the cache needs";
	return NULL;
}

static const char *mba_wrong(const struct resctrl_rules *r, uint64_t value)
{
	if (!r->mba_known || r->mba_unit == MBA_MIB_S)
		return NULL;
	if (value < r->mba_min)
		return "is less than min_bandwidth";
	if (r->mba_unit != MBA_PERCENT)
		return NULL;
	if (value > 100)
		return "is more than 100 %";
	/* What is written is rounded up to a step, and 100 need not be one. */
	if (r->mba_step && value != 100 && value % r->mba_step)
		return "is no multiple of bandwidth_gran";
	return NULL;
}

const char *resctrl_alloc_wrong(const struct resctrl_rules *r, const struct resctrl_alloc *a)
{
	if (!strncmp(a->resource, "L3", 2))
		return mask_wrong(&r->l3, a->value);
	if (!strncmp(a->resource, "L2", 2))
		return mask_wrong(&r->l2, a->value);
	return strcmp(a->resource, "MB") ? NULL : mba_wrong(r, a->value);
}
