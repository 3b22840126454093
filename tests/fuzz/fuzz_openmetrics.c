// SPDX-License-Identifier: Apache-2.0
/* Fuzz target: addresses, Accept headers, and names of others on their way into a scrape. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "sink/openmetrics_parts.h"
#include "sink/point.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct measure_column columns[] = {
	{ "target", COLUMN_TAG, TYPE_TEXT, NULL, "", false },
	{ "perf_*", COLUMN_TOTAL, TYPE_REAL, "events", "", true },
	{ 0 },
};
static const struct measurement perf = { .name = "cbpf_x", .columns = columns };

static void scrape(const char *text)
{
	struct losses losses = LOSSES_INIT;
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	const struct om_health health = { .id = text, .cpu_ns = -1, .rss_bytes = -1 };
	struct point p = { .measurement = &perf, .n_tags = 1, .n_fields = 1 };
	struct om_registry r;
	size_t samples = 0;

	p.tags[0] = (struct point_value){ .column = &columns[0], .name = "target", .text = text };
	p.fields[0] = (struct point_value){ .column = &columns[1], .name = text, .real = 1 };
	om_registry_init(&r, 10, &losses);
	if (om_registry_put(&r, &p) || om_render(&r, &health, OM_OPENMETRICS, &out))
		abort();
	/* Whatever it is called, it is one line. */
	for (const char *line = buf_str(&out); *line; line = strchr(line, '\n') + 1) {
		samples += !strncmp(line, "cbpf_x_perf_total{", 18);
		if (*line != '#' && strncmp(line, "cbpf_", 5))
			abort();
	}
	if (samples != 1)
		abort();
	om_registry_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, so that one byte too far is seen. */
	cleanup_free char *text = malloc(size + 1);
	struct om_address address, again;
	char name[80];
	struct err err;

	if (!text || size > 4096)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	(void)om_accept(text);
	scrape(text);
	if (om_address_parse(text, &address, &err))
		return 0;
	/* What it is called is read as the same. */
	om_address_format(&address, name, sizeof(name));
	if (om_address_parse(name, &again, &err) || address.len != again.len ||
	    memcmp(&address.v6, &again.v6, sizeof(address.v6)))
		abort();
	return 0;
}
