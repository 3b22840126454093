// SPDX-License-Identifier: Apache-2.0
/* Sizes and the Options section, as IOR words them. */
#include "ior/output.h"

#include <stdio.h>
#include <string.h>

#include "ior/options.h"
#include "unit.h"

static const struct {
	const char *why;
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{ "small sizes are bytes", 8, "8 bytes" },
	{ "there are no kibibytes", 65536, "65536 bytes" },
	{ "odd sizes below a mebibyte", 47008, "47008 bytes" },
	{ "whole mebibytes", 1 << 20, "1 MiB" },
	{ "broken mebibytes", 3 << 19, "1.50 MiB" },
	{ "whole gibibytes", 2ull << 30, "2 GiB" },
	{ "broken gibibytes", 5ull << 29, "2.50 GiB" },
	{ "no tebibytes either", 1ull << 40, "1024 GiB" },
};

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char text[64];

		output_size(sizes[i].bytes, text, sizeof(text));
		if (strcmp(text, sizes[i].text))
			fail_msg("%s: got %s", sizes[i].why, text);
	}
}

static void collect(void *ctx, const char *key, const char *text, int64_t number)
{
	char *all = ctx, one[128];

	if (text)
		snprintf(one, sizeof(one), "[%s=%s]", key, text);
	else
		snprintf(one, sizeof(one), "[%s=%lld]", key, (long long)number);
	strcat(all, one);
}

static const struct {
	const char *why;
	struct ior_options o;
	const char *words;
} lines[] = {
	{ "a shared file", { 0 }, "[access=single-shared-file][type=independent]" },
	{ "own files", { .file_per_proc = 1 }, "[access=file-per-process]" },
	{ "collective", { .api = IOR_MPIIO, .collective = 1 }, "[type=collective]" },
	{ "random within the file", { .random_offset = 1 }, "[ordering in a file=random]" },
	{ "no reordering", { 0 }, "[ordering inter file=no tasks offsets][nodes=1]" },
	{ "constant reordering",
	  { .reorder_constant = 1, .task_offset = 2 },
	  "[ordering inter file=constant task offset][task offset=2][nodes=1]" },
	{ "random reordering",
	  { .reorder_random = 1, .task_offset = 1, .reorder_seed = 7 },
	  "[ordering inter file=random task offset][task offset=1][reorder random seed=7]" },
	{ "the aggregate is over tasks and segments",
	  { .segments = 4 },
	  "[aggregate filesize=16 MiB]" },
	{ "stonewalling",
	  { .deadline_s = 3, .wear_out = 1 },
	  "[stonewallingTime=3][stoneWallingWearOut=1]" },
	{ "verbosity", { .verbose = 2 }, "[verbose=2]" },
};

static void test_option_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ior_options o = lines[i].o;
		struct report r = { .options = &o, .tasks = 4, .nodes = 1, .tasks_per_node = 4 };
		char all[2048] = "";

		o.test_file = "f";
		o.block_bytes = 1 << 20;
		o.transfer_bytes = 1 << 20;
		o.segments = o.segments ? o.segments : 1;
		output_options(&r, collect, all);
		if (!strstr(all, lines[i].words))
			fail_msg("%s: %s", lines[i].why, all);
	}
}

static void test_a_format_for_each_choice(void **state)
{
	(void)state;
	assert_ptr_equal(output_of(&(struct ior_options){ .format = FORMAT_TEXT }), &output_text);
	assert_ptr_equal(output_of(&(struct ior_options){ .format = FORMAT_JSON }), &output_json);
	assert_ptr_equal(output_of(&(struct ior_options){ .format = FORMAT_CSV }), &output_csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_option_lines),
		cmocka_unit_test(test_a_format_for_each_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
