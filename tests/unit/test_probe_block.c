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
	assert_int_equal(block_probe_open(&(struct block_config){ .backend = "kprobe" }, &p, &err),
			 -EINVAL);
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
	assert_true(block_probe_open(&(struct block_config){ 0 }, &p, &err) < 0);
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
	/* A request's record is a cache line; records are handed out in whole chunks. */
	assert_int_equal(sizeof(struct block_start), 64);
	assert_int_equal(sizeof(struct block_snap) % 64, 0);
	assert_int_equal(BLOCK_STARTS % (1 << BLOCK_START_CHUNK_BITS), 0);
	/* What is only read has a line of its own. */
	assert_int_equal(offsetof(struct block_desc, last_end), 64);
	assert_int_equal(sizeof(struct block_desc) % 64, 0);
	/* Elements of arrays are rounded up to 8 in the kernel: no gap on either side. */
	assert_int_equal(sizeof(struct block_key), 16);
	assert_int_equal(sizeof(struct block_slot) % 8, 0);
	assert_int_equal(sizeof(struct block_cpu), 4096); /* a page */
	assert_int_equal(sizeof(struct block_disk) % 8, 0);
	assert_int_equal(sizeof(struct block_cross) % 8, 0);
	/* As many banks as a mask of CPU numbers can tell. */
	assert_int_equal(BLOCK_MAX_BANKS & (BLOCK_MAX_BANKS - 1), 0);
}

static void memory_is_bounded_whatever_the_cpus(void **state)
{
	const uint64_t cpus = 64, of_each_cpu = 4096;
	uint64_t bytes = (uint64_t)BLOCK_MAX_ROWS * BLOCK_MAX_BANKS * sizeof(struct block_slot);

	(void)state;
	bytes += BLOCK_MAX_ROWS * (sizeof(struct block_desc) + 64); /* and their index */
	bytes += BLOCK_STARTS * (sizeof(struct block_start) + sizeof(struct block_snap));
	bytes += BLOCK_MAX_DISKS * sizeof(struct block_disk);
	bytes += (uint64_t)BLOCK_MAX_DISKS * BLOCK_MAX_BANKS * sizeof(struct block_cross);
	bytes += cpus * of_each_cpu;
	print_message("%.1f MiB with %llu CPUs\n", bytes / 1048576.0, (unsigned long long)cpus);
	assert_true(bytes < 100u << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_backend_is_named),
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(memory_is_bounded_whatever_the_cpus),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(without_privileges_the_cure_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
