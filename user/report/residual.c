// SPDX-License-Identifier: Apache-2.0
/* Each target's block I/O against what the kernel counted for its cgroup. */
#include "base/cleanup.h"
#include "report/internal.h"

static const struct {
	const char *op, *counter; /* in the target's "cgroup" */
} checks[] = {
	{ "read", "io_read_bytes" },
	{ "write", "io_write_bytes" },
	{ "discard", "io_discard_bytes" },
};

static void check_target(struct building *b, json_t *target)
{
	const json_t *cgroup = json_object_get(target, "cgroup");
	const json_t *total = json_object_get(target, "block_total");
	json_t *all = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		const json_t *said = json_object_get(cgroup, checks[i].counter);
		json_int_t bytes = json_integer_value(
			json_object_get(json_object_get(total, checks[i].op), "bytes"));
		json_t *check;

		/* Version 1 counts only where a limit is set: absent is not zero. */
		if (!json_is_integer(said) || (!bytes && !json_integer_value(said)))
			continue;
		if (!all) {
			all = json_object();
			put(b, target, "io_check", all);
		}
		check = json_object();
		put(b, check, "bytes", json_integer(bytes));
		put(b, check, "cgroup_bytes", json_integer(json_integer_value(said)));
		put(b, check, "residual_bytes", json_integer(json_integer_value(said) - bytes));
		put(b, all, checks[i].op, check);
	}
}

int build_residual(struct building *b)
{
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(b->report, "targets"), i, t)
		check_target(b, t);
	return 0;
}
