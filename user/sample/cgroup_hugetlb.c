// SPDX-License-Identifier: Apache-2.0
/* Huge pages by size, found by the names of files. */
#include "sample/cgroup_hugetlb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sample/cgroup_source.h"
#include "sample/frame.h"

static const char prefix[] = "hugetlb.";

static const char *const suffixes[2][HUGETLB_FILES] = {
	{ ".current", ".max", ".events" },
	{ ".usage_in_bytes", ".limit_in_bytes", ".failcnt" },
};

/* Length of "2MB" in "hugetlb.2MB.current"; 0 for another name, "hugetlb.2MB.rsvd.current" too. */
static size_t size_in(const char *name, const char *suffix)
{
	size_t len;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return 0;
	name += strlen(prefix);
	len = strcspn(name, ".");
	return strcmp(name + len, suffix) ? 0 : len;
}

static void open_size(int dirfd, const char *size, int len, bool v1, int fd[HUGETLB_FILES])
{
	char name[64];

	for (int i = 0; i < HUGETLB_FILES; i++) {
		int n = snprintf(name, sizeof(name), "%s%.*s%s", prefix, len, size,
				 suffixes[v1][i]);

		fd[i] = n < (int)sizeof(name) ? openat(dirfd, name, O_RDONLY | O_CLOEXEC) : -1;
	}
}

int hugetlb_open(const char *dir, bool v1, char *scratch, size_t size, struct hugetlb *ret)
{
	cleanup_close int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct hugetlb h = { 0 };
	ssize_t got;

	if (dirfd < 0)
		return -errno;
	/* Not opendir(), which allocates. */
	while ((got = getdents64(dirfd, scratch, size)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *d = (const void *)(scratch + at);
			size_t len = size_in(d->d_name, suffixes[v1][HUGETLB_CURRENT]);

			if (len && h.n == HUGETLB_SIZES) {
				hugetlb_close(&h);
				return -E2BIG; /* a part of them is not the sum */
			}
			if (len)
				open_size(dirfd, d->d_name + strlen(prefix), (int)len, v1,
					  h.fd[h.n++]);
			at += d->d_reclen;
		}
	}
	if (got < 0) {
		int rc = -errno;

		hugetlb_close(&h);
		return rc;
	}
	*ret = h;
	return (int)h.n;
}

/* The value of one file; false when it has none. */
static bool parse(enum hugetlb_file which, bool v1, const char *text, uint64_t *ret)
{
	static const struct text_key events[] = { TEXT_KEY("max", hugetlb_events_max, 1) };
	struct frame_row row = { 0 };

	if (which != HUGETLB_EVENTS || v1)
		return cgroup_text_u64(text, ret) &&
		       (which != HUGETLB_LIMIT || cgroup_is_limit(*ret));
	cgroup_text_flat(text, events, ARRAY_SIZE(events), &row);
	*ret = row.value[METRIC_hugetlb_events_max];
	return frame_has(&row, METRIC_hugetlb_events_max);
}

static bool read_one(int *fd, enum hugetlb_file which, bool v1, char *scratch, size_t size,
		     uint64_t *ret)
{
	ssize_t n = *fd < 0 ? -1 : pread(*fd, scratch, size - 1, 0);

	if (n < 0) {
		if (*fd >= 0 && errno != EINTR) {
			close(*fd);
			*fd = -1;
		}
		return false;
	}
	scratch[n] = '\0';
	return parse(which, v1, scratch, ret);
}

void hugetlb_read(struct hugetlb *h, bool v1, char *scratch, size_t size, struct frame_row *row)
{
	static const enum metric metrics[] = { METRIC_hugetlb_bytes, METRIC_hugetlb_limit_bytes,
					       METRIC_hugetlb_events_max };

	for (int which = 0; which < HUGETLB_FILES; which++) {
		uint64_t sum = 0, v;
		size_t n = 0;

		while (n < h->n && read_one(&h->fd[n][which], which, v1, scratch, size, &v) &&
		       !__builtin_add_overflow(sum, v, &sum))
			n++;
		if (n && n == h->n)
			frame_put(row, metrics[which], sum);
	}
}

void hugetlb_close(struct hugetlb *h)
{
	for (size_t i = 0; i < h->n; i++)
		for (int k = 0; k < HUGETLB_FILES; k++)
			if (h->fd[i][k] >= 0)
				close(h->fd[i][k]);
	h->n = 0;
}
