// SPDX-License-Identifier: Apache-2.0
/* The collector's own part; what it reads is seen in tests/integration/vfs-syscalls.bats. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "launch/target.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "shared/vfs.h"
#include "unit.h"

static void needs_a_probe(void **state)
{
	struct target_set targets = { 0 };
	const struct collector_env env = { .targets = &targets };
	struct err err = { 0 };
	void *s = NULL;

	(void)state;
	assert_int_equal(collector_vfs.open(&env, &s, &err), -EINVAL);
	assert_null(s);
	assert_non_null(strstr(err.text, "vfs"));
	collector_vfs.close(s);
}

static void every_op_has_a_name_of_its_own(void **state)
{
	static const unsigned int ops[] = { VFS_READ,	     VFS_WRITE,	     VFS_OPEN,
					    VFS_CLOSE,	     VFS_STAT,	     VFS_FSYNC,
					    VFS_GETDENTS,    VFS_RENAME,     VFS_UNLINK,
					    VFS_MKDIR,	     VFS_TRUNCATE,   VFS_FALLOCATE,
					    VFS_COPY,	     VFS_URING_READ, VFS_URING_WRITE,
					    VFS_URING_OTHER, VFS_FAULT };
	size_t n = sizeof(ops) / sizeof(ops[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_string_not_equal(frame_vfs_op_name(ops[i]), "other");
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(frame_vfs_op_name(ops[i]),
						frame_vfs_op_name(ops[k]));
	}
	/* Sizes stand where no op is. */
	assert_string_equal(frame_vfs_op_name(VFS_READ + 1), "other");
	assert_string_equal(frame_vfs_op_name(VFS_OPS), "other");
	assert_string_equal(frame_vfs_op_name(~0u), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_a_probe),
		cmocka_unit_test(every_op_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
