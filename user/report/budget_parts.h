/* SPDX-License-Identifier: Apache-2.0 */
/* In which order file system calls are shown, and the parts of their time. */
#ifndef CBPF_REPORT_BUDGET_PARTS_H
#define CBPF_REPORT_BUDGET_PARTS_H

#include <jansson.h>
#include <stdbool.h>

extern const char *const vfs_op_order[]; /* NULL-terminated: all of them */

struct budget_part {
	const char *key; /* in a report's budget */
	const char *name;
	char letter;
};

extern const struct budget_part budget_parts[]; /* ends with a row without a key */

/* What was seen of a phase's bytes and what the tool tells are more than 1 % apart. */
bool budget_bytes_differ(const json_t *phase);
/* When phases were is not from the tool; words for that. */
bool budget_is_derived(const json_t *budget);
#define BUDGET_DERIVED_WORDS "when phases were is found by their bytes, to about a tick"

#endif
