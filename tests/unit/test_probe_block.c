// SPDX-License-Identifier: Apache-2.0
/* What of the block probe can be seen without loading it; the rest is tests/integration/block.bats. */
#include "probe/block.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "shared/block_maps.h"
#include "unit.h"

static void unknown_backend_is_named(void **state)
{
	struct block_probe *p = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(block_probe_open("kprobe", &p, &err), -EINVAL);
	assert_null(p);
	assert_non_null(strstr(err.text, "\"kprobe\""));
	assert_non_null(strstr(err.text, "tp_btf or raw_tp"));
	assert_int_equal(block_probe_try("kprobe", &err), -EINVAL);
}

static void without_privileges_the_cure_is_told(void **state)
{
	struct block_probe *p = NULL;
	struct err err = { 0 };

	(void)state;
	if (geteuid() == 0 && setresuid(65534, 65534, -1))
		skip();
	assert_true(block_probe_open(NULL, &p, &err) < 0);
	assert_null(p);
	assert_true(strlen(err.text) > 0);
	if (err.code == -EPERM)
		assert_non_null(strstr(err.text, "CAP_BPF"));
}

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	block_probe_close(NULL);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	/* The addresses and the first way of a set share a cache line; sets do not straddle. */
	assert_int_equal(sizeof(struct block_start_set) % 64, 0);
	assert_true(offsetof(struct block_start_set, way[1]) <= 64);
	assert_int_equal(sizeof(struct block_key), 16);
	assert_int_equal(sizeof(struct block_desc) % 8, 0);
	assert_int_equal(sizeof(struct block_slot) % 8, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_backend_is_named),
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(without_privileges_the_cure_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
