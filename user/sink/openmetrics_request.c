// SPDX-License-Identifier: Apache-2.0
/* What others write: the address to listen on, and what a client accepts. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "sink/openmetrics_parts.h"

static int refuse_address(const char *text, struct err *err)
{
	return err_say(
		err, -EINVAL,
		"cannot listen on '%.100s': an address is HOST:PORT with a numeric HOST, such "
		"as 127.0.0.1:9464 or [::1]:9464, or the port alone for loopback",
		text);
}

/* Decimal digits only, at most 65535; -1: is none. */
static int port_of(const char *text)
{
	long port = 0;

	if (!*text || strlen(text) > 5)
		return -1;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return -1;
		port = port * 10 + *text - '0';
	}
	return port > 65535 ? -1 : (int)port;
}

int om_address_parse(const char *text, struct om_address *ret, struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	struct om_address a = { 0 };
	char host[INET6_ADDRSTRLEN + 3];
	int port = port_of(colon ? colon + 1 : text);

	if (port < 0 || len >= sizeof(host))
		return refuse_address(text, err);
	memcpy(host, text, len);
	host[len] = '\0';
	if (!len || !strcmp(host, "localhost"))
		strcpy(host, "127.0.0.1");
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
		a.len = sizeof(a.v6);
		if (inet_pton(AF_INET6, host + 1, &a.v6.sin6_addr) != 1)
			return refuse_address(text, err);
	} else {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
		a.len = sizeof(a.v4);
		if (inet_pton(AF_INET, host, &a.v4.sin_addr) != 1)
			return refuse_address(text, err);
	}
	*ret = a;
	return 0;
}

void om_address_format(const struct om_address *a, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "";
	bool six = a->any.sa_family == AF_INET6;

	(void)inet_ntop(a->any.sa_family,
			six ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr, host,
			sizeof(host)); /* there is room for any */
	snprintf(text, size, six ? "[%s]:%u" : "%s:%u", host,
		 ntohs(six ? a->v6.sin6_port : a->v4.sin_port));
}

/* How well a media range names what is served: the more exactly, the more it counts. */
enum match { MATCH_NONE, MATCH_ANY, MATCH_TYPE, MATCH_EXACT };

struct range {
	char type[64]; /* in lower case, without blanks */
	char version[16]; /* "": any */
	double q;
};

/* One element between commas, which ends at @end. */
static void read_range(const char *text, const char *end, struct range *ret)
{
	size_t n = 0;

	*ret = (struct range){ .q = 1 };
	for (; text < end && *text != ';'; text++)
		if (!isspace((unsigned char)*text) && n < sizeof(ret->type) - 1)
			ret->type[n++] = tolower((unsigned char)*text);
	while (text < end) {
		char key[16] = "", value[16] = "";
		size_t keys = 0, values = 0;
		bool after = false;

		for (text++; text < end && *text != ';'; text++) {
			if (isspace((unsigned char)*text) || *text == '"')
				continue;
			if (!after && *text == '=')
				after = true;
			else if (after && values < sizeof(value) - 1)
				value[values++] = *text;
			else if (!after && keys < sizeof(key) - 1)
				key[keys++] = tolower((unsigned char)*text);
		}
		if (!strcmp(key, "q"))
			ret->q = strtod(value, NULL);
		else if (!strcmp(key, "version"))
			memcpy(ret->version, value, sizeof(value));
	}
	if (!(ret->q >= 0 && ret->q <= 1))
		ret->q = 0;
}

static enum match match_openmetrics(const struct range *r)
{
	if (!strcmp(r->type, "application/openmetrics-text"))
		return !r->version[0] || !strcmp(r->version, "1.0.0") ? MATCH_EXACT : MATCH_NONE;
	return !strcmp(r->type, "application/*") ? MATCH_TYPE
	       : !strcmp(r->type, "*/*")	 ? MATCH_ANY
						 : MATCH_NONE;
}

/* Who asks for a page is a browser, which shows plain text and stores anything else. */
static enum match match_classic(const struct range *r)
{
	if (!strcmp(r->type, "text/plain") || !strcmp(r->type, "text/html"))
		return !r->version[0] || !strcmp(r->version, "0.0.4") ? MATCH_EXACT : MATCH_NONE;
	return !strcmp(r->type, "text/*") ? MATCH_TYPE
	       : !strcmp(r->type, "*/*")  ? MATCH_ANY
					  : MATCH_NONE;
}

/* RFC 9110, section 12.5.1: the most exact range counts; of equal ones the better. */
static void weigh(enum match match, double q, enum match *best, double *ret_q)
{
	if (match == MATCH_NONE || match < *best || (match == *best && q <= *ret_q))
		return;
	*best = match;
	*ret_q = q;
}

enum om_format om_accept(const char *header)
{
	enum match openmetrics = MATCH_NONE, classic = MATCH_NONE;
	double openmetrics_q = 0, classic_q = 0;

	while (header && *header) {
		const char *end = strchrnul(header, ',');
		struct range r;

		read_range(header, end, &r);
		weigh(match_openmetrics(&r), r.q, &openmetrics, &openmetrics_q);
		weigh(match_classic(&r), r.q, &classic, &classic_q);
		header = *end ? end + 1 : end;
	}
	return classic_q > openmetrics_q ? OM_CLASSIC : OM_OPENMETRICS;
}
