// SPDX-License-Identifier: Apache-2.0
/* Own cost: what was used shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sample/sampler.h"

static void cost_only_grows(void **state)
{
	const size_t size = 32 << 20;
	struct self_cost before, after;
	volatile char *p = malloc(size);

	(void)state;
	self_cost_read(&before);
	assert_true(before.rss_max_bytes > 0);
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
	for (volatile unsigned int i = 0; i < 50000000; i++)
		;
	self_cost_read(&after);
	assert_true(after.rss_max_bytes >= before.rss_max_bytes + size / 2);
	assert_true(after.cpu_ns > before.cpu_ns);
	free((void *)p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cost_only_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
