// SPDX-License-Identifier: Apache-2.0
/* Fuzz target: every scanner of kernel text that the tick path uses. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/diskstats.h"
#include "host/netdev.h"
#include "sample/cgroup_source.h"
#include "sample/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool stacked(void *arg, uint32_t major, uint32_t minor)
{
	(void)arg;
	return (major ^ minor) & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, so that one byte too far is seen. */
	cleanup_free char *text = malloc(size + 1);
	struct frame_row row = { 0 };
	struct netdev_totals net;
	struct diskstats disk;
	const char *at = text;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < cgroup_n_sources; i++)
		cgroup_source_parse(&cgroup_sources[i], text, stacked, NULL, &row);
	(void)netdev_parse(text, &net);
	/* Each call gets further, or this never ends. */
	while (diskstats_next(&at, &disk) >= 0)
		if (at > text + size)
			abort();
	return 0;
}
