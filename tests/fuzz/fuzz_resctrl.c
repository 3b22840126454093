// SPDX-License-Identifier: Apache-2.0
/* Fuzz target: what resctrl prints in mon_data, schemata and size. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/resctrl_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct resctrl_rules rules = { .l3 = { true, 0xfffff, 2, false },
					    .l2 = { true, 0xff, 1, true },
					    .mba_known = true,
					    .mba_min = 10,
					    .mba_step = 10 };

static void scan(const char *text, size_t size, bool sizes)
{
	struct resctrl_scan s;
	struct resctrl_alloc a;
	size_t calls = 0;

	resctrl_scan_begin(&s, text, sizes);
	/* Each call gets further, but for one after the last separator; a name always fits. */
	while (resctrl_scan_next(&s, &a)) {
		if (++calls > size + 1 || s.at > text + size)
			abort();
		if (strlen(s.now.resource) >= sizeof(s.now.resource))
			abort();
		(void)resctrl_alloc_wrong(&rules, &s.now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, so that one byte too far is seen. */
	cleanup_free char *text = malloc(size + 1);
	uint64_t number;
	uint32_t id;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	(void)resctrl_text_value(text, &number);
	(void)resctrl_text_domain(text, &id);
	scan(text, size, false);
	scan(text, size, true);
	return 0;
}
