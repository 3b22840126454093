/* SPDX-License-Identifier: Apache-2.0 */
/* Where JSON values differ: leaf by leaf, by readable paths. */
#ifndef CBPF_REPORT_DIFFER_H
#define CBPF_REPORT_DIFFER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define DIFFER_MAX 64 /* values */

struct differ_rule { /* what may differ without being told; ends with a pattern of NULL */
	const char *pattern; /* of paths, as fnmatch(3) has it; '*' matches '/' and '.' too */
	const char *reason;
};

/*
 * Appends {"path": ..., "values": [one each]} to @array for each path at which the @n values
 * differ, in the order of first appearance. Values are borrowed; NULL and null are absent, and
 * null in "values". Only those whose bit is set in @part take part, the others are null there, too.
 *
 * Objects are compared key by key. So are lists of objects, by what their entries are called
 * ("disks.vda.scheduler"); the second of one name is "NAME#2", and entries without a name are
 * "list[0]". Any other list is one value. What some lack is told once, not for each leaf in it, and
 * compared among the others. @path is where it begins, "" for the root. @ignored may be NULL.
 * 0 or -ENOMEM.
 */
int differ(const json_t *const *values, size_t n, uint64_t part, const char *path,
	   const struct differ_rule *ignored, json_t *array);

#endif
