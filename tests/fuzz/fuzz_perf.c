// SPDX-License-Identifier: Apache-2.0
/* Fuzz target: names of events, and formats of a PMU's terms. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "host/perf_event.h"
#include "host/perf_event_pmu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, so that one byte too far is seen. */
	cleanup_free char *text = malloc(size + 1);
	const struct perf_event_env env = { .pmus = -1, .cpuinfo = "/dev/null" };
	uint64_t config[3] = { 0 }, value;
	struct perf_format format;
	struct perf_event event;
	struct err err;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	(void)perf_event_parse(&env, text, &event, &err);
	(void)perf_value_parse(text, &value);
	if (perf_format_parse(text, &format))
		return 0;
	/* What fits is put somewhere, and no more than one value gives the same. */
	if (perf_format_put(&format, 0, config) || config[0] || config[1] || config[2])
		abort();
	if (perf_format_put(&format, 1, config) || !config[format.config])
		abort();
	return 0;
}
