// SPDX-License-Identifier: Apache-2.0
/* The vfs probe without a kernel; what it counts is seen in tests/integration/vfs-syscalls.bats. */
#include "probe/vfs.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "probe/targets.h"
#include "shared/sched.h"
#include "shared/vfs_calls.h"
#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	vfs_probe_close(NULL);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	/* What the kernel rounds up to 8 bytes is read as an array. */
	assert_int_equal(sizeof(struct vfs_slot) % 64, 0);
	assert_int_equal(sizeof(struct vfs_place) % 8, 0);
	assert_int_equal(sizeof(struct vfs_file) % 8, 0);
	assert_int_equal(sizeof(struct vfs_unfinished), 24);
	assert_int_equal(VFS_NESTED, SCHED_SPENT);
	assert_int_equal(sizeof(struct vfs_row), 8);
	assert_int_equal(VFS_OPS % HIST_SET, 0);
}

#define OP(name, op, kind, number) VFS_##op,
static const unsigned int ops[] = { VFS_CALLS(OP) };
#undef OP

static void a_size_stands_beside_its_latency(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		assert_true(ops[i] < VFS_OPS);
		if (!VFS_SIZED(ops[i]))
			continue;
		/* In the same set, and no op's own. */
		assert_int_equal(ops[i] / HIST_SET, (ops[i] + 1) / HIST_SET);
		for (size_t k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
			assert_int_not_equal(ops[k], ops[i] + 1);
	}
}

static void a_call_is_never_mistaken_for_none(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind <= VFS_BY_NOTHING; kind++)
		assert_int_not_equal(VFS_COOKIE(VFS_READ, kind) & 0xffff, 0);
}

static void a_path_is_told_from_its_names(void **state)
{
	static const struct {
		const char *why;
		struct vfs_path path;
		size_t size;
		const char *text;
	} cases[] = {
		{ "no names: the root", { .len = 0 }, 64, "/" },
		{ "one", { .len = 8, .names = "scratch" }, 64, "/scratch" },
		{ "from the last one up", { .len = 6, .names = "c\0b\0a" }, 64, "/a/b/c" },
		{ "there were more", { .len = 4, .cut = 1, .names = "y\0x" }, 64, ".../x/y" },
		{ "of memory, for one", { .cut = 2 }, 64, "(not mounted)" },
		{ "as long as the text may be",
		  { .len = 12, .names = "bcdefghij\0a" },
		  16,
		  "/a/bcdefghij" },
		{ "longer: the first names are left out",
		  { .len = 13, .names = "bcdefghij\0aa" },
		  16,
		  ".../bcdefghij" },
		{ "the last one alone is longer",
		  { .len = 15, .names = "bcdefghijklmno" },
		  16,
		  "..." },
		{ "a length from the kernel that cannot be",
		  { .len = VFS_PATH_LEN + 5, .cut = 1 },
		  16,
		  "..."
		  "////////"
		  "////" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		vfs_path_text(&cases[i].path, text, cases[i].size);
		if (strcmp(text, cases[i].text))
			fail_msg("%s: '%s'", cases[i].why, text);
	}
}

static void what_a_set_skipped_may_be_any_files_of_it(void **state)
{
	static struct vfs_file files[2 * VFS_FILE_WAYS];

	(void)state;
	files[0].skipped = 5;
	files[1].before = 2;
	files[VFS_FILE_WAYS].skipped = 7;
	assert_int_equal(vfs_file_missed(files, 0), 5);
	assert_int_equal(vfs_file_missed(files, 1), 7);
	assert_int_equal(vfs_file_missed(files, VFS_FILE_WAYS - 1), 5);
	assert_int_equal(vfs_file_missed(files, 2 * VFS_FILE_WAYS - 1), 7);
}

static void an_unknown_backend_is_refused_by_name(void **state)
{
	const struct vfs_config config = { .backend = "ptrace", .tasks_fd = -1 };
	struct probe_targets *targets;
	struct vfs_probe *p = NULL;
	struct err err = { 0 };
	int rc;

	(void)state;
	if (probe_targets_open(1, &targets, &err)) {
		print_message("no table: %s\n", err.text);
		skip();
	}
	rc = vfs_probe_open(targets, &config, &p, &err);
	assert_null(p);
	if (rc == -EINVAL) /* else this kernel shows no type information */
		assert_non_null(strstr(err.text, "\"ptrace\": use fentry"));
	assert_true(rc < 0);
	probe_targets_close(targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(a_size_stands_beside_its_latency),
		cmocka_unit_test(a_call_is_never_mistaken_for_none),
		cmocka_unit_test(a_path_is_told_from_its_names),
		cmocka_unit_test(what_a_set_skipped_may_be_any_files_of_it),
		cmocka_unit_test(an_unknown_backend_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
