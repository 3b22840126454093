/* SPDX-License-Identifier: Apache-2.0 */
/* hugetlb.SIZE.* of one cgroup: which sizes there are is the machine's matter. */
#ifndef CBPF_SAMPLE_CGROUP_HUGETLB_H
#define CBPF_SAMPLE_CGROUP_HUGETLB_H

#include <stdbool.h>
#include <stddef.h>

struct frame_row;

#define HUGETLB_SIZES 8 /* more than any machine has so far */

enum hugetlb_file { HUGETLB_CURRENT, HUGETLB_LIMIT, HUGETLB_EVENTS, HUGETLB_FILES };

struct hugetlb {
	size_t n;
	int fd[HUGETLB_SIZES][HUGETLB_FILES]; /* -1: not there, or gone */
};

/*
 * Opens what the cgroup's directory @dir has of each size, @v1 says under which names.
 * @scratch is lent, aligned to 8. Returns how many sizes there are, 0 without the controller, or -errno,
 * -E2BIG when there are more than HUGETLB_SIZES; then there is nothing to close.
 */
int hugetlb_open(const char *dir, bool v1, char *scratch, size_t size, struct hugetlb *ret);

/*
 * Sums over the sizes, of those values that each size has: a limit in all sizes
 * together is one only when none of them has no limit.
 */
void hugetlb_read(struct hugetlb *h, bool v1, char *scratch, size_t size, struct frame_row *row);

/* May be called on what was never opened but is zero, and again. */
void hugetlb_close(struct hugetlb *h);

#endif
