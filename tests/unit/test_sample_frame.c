// SPDX-License-Identifier: Apache-2.0
/* Frames: sizes, resetting, rows that run out. */
#include "sample/frame.h"

#include <linux/types.h>

#include "base/err.h"
#include "host/resctrl.h"
#include "shared/block_maps.h"
#include "unit.h"

static void has_the_room_asked_for(void **state)
{
	struct err err = { 0 };
	struct frame f;

	(void)state;
	assert_int_equal(frame_init(&f, 2, 3, &err), 0);
	assert_int_equal(f.max_rows, 2);
	assert_int_equal(f.max_hists, 3);
	/* One row's layers fit whatever their shape. */
	assert_true(f.max_blobs >= LAYER_BLOCKS * HIST_BLOB_MAX);
	/* And what is put beside them. */
	assert_true(f.max_blocks >= 1);
	assert_true(f.max_errors >= BLOCK_STATUSES);
	assert_true(f.max_shares >= BLOCK_SHARERS);
	assert_true(f.max_crosses >= BLOCK_SHARERS * (BLOCK_SHARERS - 1));
	assert_true(f.max_depths >= BLOCK_MAX_DISKS);
	assert_true(f.max_devices > 0);
	assert_true(f.max_rdts >= 2 * RESCTRL_MAX_DOMAINS);
	assert_true(f.max_classes >= 2);
	frame_fini(&f);
	assert_null(f.rows);
	assert_null(f.crosses);
}

static void may_be_empty(void **state)
{
	struct err err = { 0 };
	struct frame f;

	(void)state;
	assert_int_equal(frame_init(&f, 0, 0, &err), 0);
	assert_null(frame_row_of(&f, 0));
	/* Without the block probe none of its rows has room. */
	assert_int_equal(f.max_blocks + f.max_errors + f.max_shares + f.max_crosses + f.max_depths,
			 0);
	frame_fini(&f);
}

static void rows_begin_with_nothing_present(void **state)
{
	struct err err = { 0 };
	struct frame_row *row;
	struct frame f;

	(void)state;
	assert_int_equal(frame_init(&f, 1, 0, &err), 0);
	row = frame_row_of(&f, 7);
	assert_non_null(row);
	assert_int_equal(row->owner, 7);
	assert_true(frame_row_empty(row));
	frame_put(row, METRIC_COUNT - 1, 42);
	assert_true(frame_has(row, METRIC_COUNT - 1));
	assert_false(frame_has(row, 0));
	assert_false(frame_row_empty(row));
	assert_null(frame_row_of(&f, 8));

	frame_reset(&f);
	row = frame_row_of(&f, 9);
	assert_non_null(row);
	assert_true(frame_row_empty(row));
	frame_fini(&f);
}

static void reset_keeps_what_is_the_callers(void **state)
{
	struct err err = { 0 };
	struct frame f;

	(void)state;
	assert_int_equal(frame_init(&f, 1, 1, &err), 0);
	f.seq = 3;
	f.due_ns = 4;
	f.last = true;
	f.n_hists = f.n_blobs = f.n_devices = f.hists_dropped = 1;
	f.n_blocks = f.n_errors = f.n_shares = f.n_crosses = f.n_depths = 1;
	frame_reset(&f);
	assert_int_equal(f.seq, 3);
	assert_int_equal(f.due_ns, 4);
	assert_true(f.last);
	assert_int_equal(f.n_hists + f.n_blobs + f.n_devices + f.hists_dropped, 0);
	assert_int_equal(f.n_blocks + f.n_errors + f.n_shares + f.n_crosses + f.n_depths, 0);
	frame_fini(&f);
}

static void layers_have_names(void **state)
{
	(void)state;
	assert_string_equal(hist_layer_names[LAYER_BLOCK_QUEUE], "block_queue");
	assert_string_equal(hist_layer_names[LAYER_BLOCK_DEVICE], "block_device");
	assert_string_equal(hist_layer_names[LAYER_BLOCK_TOTAL], "block_total");
	assert_string_equal(hist_layer_names[LAYER_BLOCK_SIZE], "block_size");
	for (int i = 0; i < LAYER_COUNT; i++)
		assert_non_null(hist_layer_names[i]);
}

static void events_have_room_for_all_and_two_more(void **state)
{
	struct frame f;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(frame_init(&f, 3, 0, &err), 0);
	assert_int_equal(f.max_perfs, 0); /* of a run that counts none */
	assert_int_equal(frame_init_perf(&f, 4, &err), 0);
	assert_int_equal(f.max_perf_events, 4);
	assert_int_equal(f.max_perfs, 20);
	f.n_perfs = f.n_perf_events = 2;
	frame_reset(&f);
	assert_int_equal(f.n_perfs + f.n_perf_events, 0);
	frame_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_have_room_for_all_and_two_more),
		cmocka_unit_test(has_the_room_asked_for),
		cmocka_unit_test(may_be_empty),
		cmocka_unit_test(rows_begin_with_nothing_present),
		cmocka_unit_test(reset_keeps_what_is_the_callers),
		cmocka_unit_test(layers_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
