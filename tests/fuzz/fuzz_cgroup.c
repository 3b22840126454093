// SPDX-License-Identifier: Apache-2.0
/* Fuzz target: every scanner of kernel text that the tick path uses. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/diskstats.h"
#include "host/netdev.h"
#include "sample/cgroup_text.h"
#include "sample/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool stacked(void *arg, uint32_t major, uint32_t minor)
{
	(void)arg;
	return (major ^ minor) & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct text_key keys[] = {
		{ "usage_usec", METRIC_cpu_usage_ns, 1000 },
		{ "anon", METRIC_memory_anon_bytes, 1 },
	};
	/* On the heap, so that one byte too far is seen. */
	cleanup_free char *text = malloc(size + 1);
	struct frame_row row = { 0 };
	struct netdev_totals net;
	struct diskstats disk;
	const char *at = text;
	uint64_t v;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	(void)cgroup_text_u64(text, &v);
	cgroup_text_flat(text, keys, ARRAY_SIZE(keys), &row);
	cgroup_text_pressure(text, METRIC_io_some_ns, METRIC_io_full_ns, &row);
	cgroup_text_io_stat(text, stacked, NULL, &row);
	cgroup_text_blkio(text, stacked, NULL, METRIC_io_read_bytes, METRIC_io_write_bytes,
			  METRIC_io_discard_bytes, &row);
	(void)netdev_parse(text, &net);
	/* Each call gets further, or this never ends. */
	while (diskstats_next(&at, &disk) >= 0)
		if (at > text + size)
			abort();
	return 0;
}
