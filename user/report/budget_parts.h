/* SPDX-License-Identifier: Apache-2.0 */
/* In which order file system calls are shown, and the parts of their time. */
#ifndef CBPF_REPORT_BUDGET_PARTS_H
#define CBPF_REPORT_BUDGET_PARTS_H

extern const char *const vfs_op_order[]; /* NULL-terminated: all of them */

struct budget_part {
	const char *key; /* in a report's budget */
	const char *words, *name;
	char letter;
	const char *colour;
};

extern const struct budget_part budget_parts[]; /* ends with a row without a key */

#endif
