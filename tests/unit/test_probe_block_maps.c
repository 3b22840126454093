// SPDX-License-Identifier: Apache-2.0
/*
 * The probe's maps in our address space. The object is opened, not loaded: files
 * in memory stand in for its maps, and the test is the kernel side.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "block.skel.h"
#include "probe/block_internal.h"
#include "unit.h"

#define BANKS 2
#define DEV (8 << 20)

static struct {
	const struct bpf_map *map;
	int fd;
} files[8];
static size_t n_files;
static bool no_files;

/* Stands in for libbpf's: the same file each time, as large as the kernel makes the map. */
int bpf_map__fd(const struct bpf_map *map)
{
	size_t len = (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);

	if (no_files)
		return -1;
	for (size_t i = 0; i < n_files; i++)
		if (files[i].map == map)
			return files[i].fd;
	assert_true(n_files < ARRAY_SIZE(files));
	files[n_files].map = map;
	files[n_files].fd = memfd_create("map", MFD_CLOEXEC);
	assert_int_equal(ftruncate(files[n_files].fd, (len + 65535) / 65536 * 65536), 0);
	return files[n_files++].fd;
}

static struct block_probe probe;

/* As block_probe_open() leaves it, but for loading. */
static int setup(void **state)
{
	(void)state;
	no_files = false;
	n_files = 0;
	memset(&probe, 0, sizeof(probe));
	probe.n_banks = BANKS;
	probe.shares = true;
	probe.skel = block_bpf__open();
	assert_non_null(probe.skel);
	assert_int_equal(bpf_map__set_max_entries(probe.skel->maps.slots, BLOCK_MAX_ROWS * BANKS),
			 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	block_maps_close(&probe);
	block_bpf__destroy(probe.skel);
	while (n_files > 0)
		close(files[--n_files].fd);
	return 0;
}

/* Write @len bytes of element @i, each @each long, as the kernel side does. */
static void put(const struct bpf_map *map, size_t i, size_t each, const void *from, size_t len)
{
	assert_int_equal(pwrite(bpf_map__fd(map), from, len, i * each), len);
}

static void put_desc(size_t i, enum block_row_state row_state, uint64_t cgroup_id, const char *name)
{
	struct block_desc desc = {
		.key = { cgroup_id, DEV, BLOCK_READ, 0 },
		.state = row_state,
		.rare.merges = i,
		.status[3] = i,
	};

	strcpy(desc.name, name);
	put(probe.skel->maps.descs, i, sizeof(desc), &desc, sizeof(desc));
	if (probe.skel->bss->next_row <= i)
		probe.skel->bss->next_row = i + 1;
}

static void put_start(size_t i, struct block_start start)
{
	put(probe.skel->maps.starts, i, sizeof(start), &start, sizeof(start));
}

static void rows_in_their_order(void **state)
{
	static const struct {
		enum block_row_state state;
		uint64_t id;
		size_t rows; /* from now on */
		const char *sentence;
	} cases[] = {
		{ BLOCK_ROW_READY, 11, 1, "the first" },
		{ BLOCK_ROW_ABANDONED, 12, 1, "one that lost the race for its key is none" },
		{ BLOCK_ROW_READY, 13, 2, "the next" },
		{ BLOCK_ROW_FREE, 14, 2, "one that is being filled in comes later" },
		{ BLOCK_ROW_READY, 15, 2, "and those behind it wait, to keep their order" },
	};
	static const uint64_t ids[] = { 11, 13, 14, 15 };
	const struct block_row *rows;

	(void)state;
	assert_int_equal(block_maps_open(&probe), 0);
	assert_int_equal(block_probe_rows(&probe, &rows), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		put_desc(i, cases[i].state, cases[i].id, "cg");
		assert_int_equal(block_probe_rows(&probe, &rows), cases[i].rows);
	}
	put_desc(3, BLOCK_ROW_READY, 14, "late");
	assert_int_equal(block_probe_rows(&probe, &rows), 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(rows[i].key.cgroup_id, ids[i]);
	assert_string_equal(rows[2].name, "late");
	assert_int_equal(rows[2].n_banks, BANKS);
	/* What is counted beside is the descriptor's own. */
	assert_int_equal(rows[2].rare->merges, 3);
	assert_int_equal(rows[2].status[3], 3);
}

/* Rows and their banks stay where they are, however many come after. */
static void counters_are_seen_as_they_are_written(void **state)
{
	const struct block_row *rows;
	struct block_slot slot = { 0 };

	(void)state;
	assert_int_equal(block_maps_open(&probe), 0);
	for (size_t i = 0; i < BLOCK_MAX_ROWS; i++) {
		const struct block_slot *first = i ? probe.rows[0].banks : NULL;

		put_desc(i, BLOCK_ROW_READY, i + 1, "");
		for (size_t b = 0; b < BANKS; b++) {
			slot.ios = 10 * i + b;
			put(probe.skel->maps.slots, i * BANKS + b, sizeof(slot), &slot,
			    offsetof(struct block_slot, hists));
		}
		assert_int_equal(block_probe_rows(&probe, &rows), i + 1);
		assert_ptr_equal(rows, probe.rows);
		assert_true(!i || rows[0].banks == first);
		for (size_t b = 0; b < BANKS; b++)
			assert_int_equal(rows[i].banks[b].ios, 10 * i + b);
	}
	/* The kernel side may have counted more than there is room for. */
	probe.skel->bss->next_row = UINT32_MAX;
	assert_int_equal(block_probe_rows(&probe, &rows), BLOCK_MAX_ROWS);
	assert_int_equal(rows[0].banks[1].ios, 1);
	/* The last bucket of the last bank can be read. */
	assert_int_equal(rows[BLOCK_MAX_ROWS - 1].banks[BANKS - 1].hists.bucket[HIST_BUCKETS - 1]
									       [BLOCK_SIZE],
			 0);
}

static void in_flight_is_what_was_issued(void **state)
{
	(void)state;
	assert_int_equal(block_maps_open(&probe), 0);
	assert_int_equal(block_probe_in_flight(&probe), 0);
	put_start(0, (struct block_start){ .rq = 1, .start_ns = 5, .last_issue_ns = 10 });
	put_start(BLOCK_STARTS - 1, (struct block_start){ .rq = 2, .last_issue_ns = 10 });
	put_start(7, (struct block_start){ .rq = 3, .start_ns = 5 }); /* in the queue */
	put_start(8, (struct block_start){ .last_issue_ns = 10 }); /* free */
	assert_int_equal(block_probe_in_flight(&probe), 2);
}

static void settling_leaves_what_may_be_under_way(void **state)
{
	struct block_start start = { .rq = 1, .last_issue_ns = 10, .row = 1, .left = 512 };
	struct block_desc desc = { .state = BLOCK_ROW_READY, .key.dev = 4095u << 20 };

	(void)state;
	assert_int_equal(block_maps_open(&probe), 0);
	put(probe.skel->maps.descs, 0, sizeof(desc), &desc, sizeof(desc));
	put_start(0, start);
	/* There is no such device: nothing says that it is idle. */
	block_probe_settle(&probe, 1000);
	assert_int_equal(probe.settled, 0);
	assert_int_equal(block_probe_in_flight(&probe), 1);
	assert_int_equal(probe.descs[0].rare.missed_ios, 0);
}

static void devices_and_their_losses(void **state)
{
	struct block_disk disk = { .dev = DEV, .busy_ns = 7, .name = "sda" };
	static struct block_cross cross = { .ns[1][2] = 3 };
	struct block_disk_view view;

	(void)state;
	assert_int_equal(
		bpf_map__set_max_entries(probe.skel->maps.crosses, BLOCK_MAX_DISKS * BANKS), 0);
	assert_int_equal(block_maps_open(&probe), 0);
	assert_int_equal(block_probe_disks(&probe), 0);
	put(probe.skel->maps.disks, 0, sizeof(disk), &disk, sizeof(disk));
	disk.dev++;
	put(probe.skel->maps.disks, 1, sizeof(disk), &disk, sizeof(disk));
	put(probe.skel->maps.crosses, BANKS + BANKS - 1, sizeof(cross), &cross, sizeof(cross));
	assert_int_equal(block_probe_disks(&probe), 2);
	block_probe_disk(&probe, 1, 1000, &view);
	assert_int_equal(view.dev, DEV + 1);
	assert_int_equal(view.busy_ns, 7);
	assert_string_equal(view.name, "sda");
	/* In units of 32 ns, of the device's last bank. */
	assert_int_equal(block_probe_cross_ns(&probe, 1, 1, 2), 3 * 32);
	assert_int_equal(block_probe_cross_ns(&probe, 0, 1, 2), 0);
	/* The last of all can be read. */
	assert_int_equal(block_probe_cross_ns(&probe, BLOCK_MAX_DISKS - 1, BLOCK_SHARERS - 1,
					      BLOCK_SHARERS - 1),
			 0);
}

static void memory_is_that_of_all_maps(void **state)
{
	uint64_t one, two;

	(void)state;
	two = block_probe_memory(&probe);
	assert_true(two >= BLOCK_MAX_ROWS * BANKS * sizeof(struct block_slot) +
				   BLOCK_STARTS * sizeof(struct block_start) +
				   BLOCK_STARTS * sizeof(struct block_snap) +
				   BLOCK_MAX_ROWS * sizeof(struct block_desc) +
				   BLOCK_MAX_DISKS * sizeof(struct block_disk));
	assert_int_equal(bpf_map__set_max_entries(probe.skel->maps.slots, BLOCK_MAX_ROWS), 0);
	one = block_probe_memory(&probe);
	assert_int_equal(two - one, BLOCK_MAX_ROWS * sizeof(struct block_slot));
}

static void what_cannot_be_mapped_is_told(void **state)
{
	(void)state;
	no_files = true;
	assert_int_equal(block_maps_open(&probe), -EBADF);
	/* teardown closes what is half-built */
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(rows_in_their_order),	     CASE(counters_are_seen_as_they_are_written),
		CASE(in_flight_is_what_was_issued),  CASE(settling_leaves_what_may_be_under_way),
		CASE(devices_and_their_losses),	     CASE(memory_is_that_of_all_maps),
		CASE(what_cannot_be_mapped_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
