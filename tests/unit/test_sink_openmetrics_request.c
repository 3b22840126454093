// SPDX-License-Identifier: Apache-2.0
/* Addresses as people write them, and Accept headers as clients do. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "sink/openmetrics_parts.h"
#include "unit.h"

static const struct {
	const char *text;
	const char *want; /* NULL: refused */
	const char *why;
} addresses[] = {
	{ "9464", "127.0.0.1:9464", "a port alone is loopback's" },
	{ ":9464", "127.0.0.1:9464", "with a colon, too" },
	{ "127.0.0.1:9464", "127.0.0.1:9464", "written out" },
	{ "localhost:9464", "127.0.0.1:9464", "the one name that needs no look-up" },
	{ "0.0.0.0:80", "0.0.0.0:80", "all addresses, when that is what is written" },
	{ "[::1]:9464", "[::1]:9464", "IPv6 in brackets" },
	{ "[::]:0", "[::]:0", "any free port" },
	{ "127.0.0.1:65535", "127.0.0.1:65535", "the last port" },
	{ "127.0.0.1:65536", NULL, "one more" },
	{ "", NULL, "nothing" },
	{ ":", NULL, "no port" },
	{ "127.0.0.1", NULL, "no port" },
	{ "127.0.0.1:", NULL, "no port" },
	{ "127.0.0.1:http", NULL, "a name is no port" },
	{ "127.0.0.1:-1", NULL, "below zero" },
	{ "127.0.0.1: 80", NULL, "a blank" },
	{ "127.0.0.1:+80", NULL, "a sign" },
	{ "::1:9464", NULL, "IPv6 without brackets can be read in two ways" },
	{ "[::1:9464", NULL, "half a bracket" },
	{ "[127.0.0.1]:9464", NULL, "IPv4 in brackets" },
	{ "[]:9464", NULL, "nothing in brackets" },
	{ "[:9464", NULL, "half a bracket" },
	{ "]:9464", NULL, "the other half" },
	{ "host.example:9464", NULL, "names are not looked up" },
	{ "http://127.0.0.1:9464", NULL, "a URL" },
	{ "1.2.3:80", NULL, "three parts" },
	{ "00000000000000000000000000000000000000000000000000000000000000000:1", NULL, "long" },
};

static void addresses_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct err err = { 0 };
		struct om_address a;
		char text[80];
		int rc = om_address_parse(addresses[i].text, &a, &err);

		if (rc != (addresses[i].want ? 0 : -EINVAL))
			fail_msg("%s: %s", addresses[i].why, err.text);
		if (rc) {
			assert_non_null(strstr(err.text, addresses[i].text));
			continue;
		}
		om_address_format(&a, text, sizeof(text));
		if (strcmp(text, addresses[i].want))
			fail_msg("%s: %s", addresses[i].why, text);
	}
}

static const struct {
	const char *header;
	enum om_format want;
	const char *why;
} accepts[] = {
	{ NULL, OM_OPENMETRICS, "without a header" },
	{ "", OM_OPENMETRICS, "an empty one" },
	{ "*/*", OM_OPENMETRICS, "anything" },
	{ "text/plain", OM_CLASSIC, "the older one" },
	{ "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OM_CLASSIC, "as Prometheus 1 asked" },
	{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
	  "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	  OM_OPENMETRICS, "as Prometheus 2 asks" },
	{ "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
	  "encoding=delimited,text/plain;version=0.0.4;q=0.5",
	  OM_CLASSIC, "protocol buffers there are none" },
	{ "application/openmetrics-text;version=0.0.1,text/plain;q=0.3", OM_CLASSIC,
	  "another version of it is not served" },
	{ "text/plain;version=0.0.2,application/openmetrics-text;q=0.1", OM_OPENMETRICS,
	  "nor of the other" },
	{ "Text/Plain ; Q=0.9 , Application/OpenMetrics-Text ; q=0.8", OM_CLASSIC,
	  "case and blanks do not matter" },
	{ "application/openmetrics-text;q=0,*/*", OM_CLASSIC, "this one not" },
	{ "text/*;q=0.4,application/*;q=0.3", OM_CLASSIC, "by type" },
	{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", OM_CLASSIC,
	  "a browser shows it" },
	{ "application/openmetrics-text;version=\"1.0.0\",text/plain;q=0.9", OM_OPENMETRICS,
	  "a quoted version" },
	{ "text/plain;q=nan", OM_OPENMETRICS, "no number" },
	{ "text/plain;q=7", OM_OPENMETRICS, "more than all" },
	{ ",,;;=;q", OM_OPENMETRICS, "no header that anybody would send" },
};

static void accept_is_honoured(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accepts); i++)
		if (om_accept(accepts[i].header) != accepts[i].want)
			fail_msg("%s: %s", accepts[i].why, accepts[i].header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(accept_is_honoured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
