// SPDX-License-Identifier: Apache-2.0
/* Reads what the vfs probe counts. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hist.h"
#include "probe/vfs_internal.h"
#include "vfs.skel.h"

size_t vfs_probe_max_rows(const struct vfs_probe *p)
{
	return p->n_rows;
}

size_t vfs_probe_rows(struct vfs_probe *p)
{
	uint32_t n = __atomic_load_n(&p->skel->bss->next_row, __ATOMIC_ACQUIRE);

	if (n > p->n_rows)
		n = p->n_rows;
	/* No memory for the mapping: next time. */
	if (probe_window_reach(&p->rows, n * sizeof(__u64)) ||
	    probe_window_reach(&p->slots, (size_t)n * p->n_banks * sizeof(struct vfs_slot)))
		return 0;
	return n;
}

struct vfs_row vfs_probe_row(const struct vfs_probe *p, size_t i)
{
	/* The target's number plus 1; what is not complete yet is 0. */
	uint64_t key = __atomic_load_n((const __u64 *)p->rows.base + i, __ATOMIC_ACQUIRE);

	return (struct vfs_row){ .target = (key >> 32) - 1,
				 .place = key >> 16 & 0xffff,
				 .set = key & 0xffff };
}

static const struct vfs_slot *bank_of(const struct vfs_probe *p, size_t i, unsigned int bank)
{
	return (const struct vfs_slot *)p->slots.base + i * p->n_banks + bank;
}

void vfs_probe_totals(const struct vfs_probe *p, size_t i, struct vfs_slot *ret)
{
	memset(ret, 0, offsetof(struct vfs_slot, hists.bucket));
	for (unsigned int b = 0; b < p->n_banks; b++) {
		const struct vfs_slot *from = bank_of(p, i, b);

		for (size_t k = 0; k < HIST_SET; k++) {
			ret->calls[k] += probe_live(&from->calls[k]);
			ret->errors[k] += probe_live(&from->errors[k]);
			ret->hists.of[k].sum += probe_live(&from->hists.of[k].sum);
			for (size_t j = 0; j < VFS_SPENT; j++)
				ret->spent_ns[k][j] += probe_live(&from->spent_ns[k][j]);
		}
	}
}

void vfs_probe_read(const struct vfs_probe *p, size_t i, struct vfs_slot *ret)
{
	vfs_probe_totals(p, i, ret);
	memset(&ret->hists, 0, sizeof(ret->hists));
	for (unsigned int b = 0; b < p->n_banks; b++)
		hist_set_add(&bank_of(p, i, b)->hists, &ret->hists);
}

const struct vfs_place *vfs_probe_place(struct vfs_probe *p, unsigned int place)
{
	const struct vfs_place *at;

	if (!place || place >= VFS_MAX_PLACES ||
	    probe_window_reach(&p->places, (place + 1) * sizeof(*at)))
		return NULL;
	at = (const struct vfs_place *)p->places.base + place;
	return __atomic_load_n(&at->state, __ATOMIC_ACQUIRE) == VFS_READY ? at : NULL;
}

size_t vfs_probe_files(struct vfs_probe *p, const struct vfs_file **ret)
{
	size_t n = p->n_files;

	if (n && probe_window_reach(&p->files, n * sizeof(struct vfs_file)))
		n = 0;
	*ret = (const struct vfs_file *)p->files.base;
	return n;
}

size_t vfs_probe_errors(struct vfs_probe *p, struct vfs_error *errors, uint64_t *counts, size_t max)
{
	int fd = bpf_map__fd(p->skel->maps.errors);
	struct vfs_error *before = NULL;
	size_t n = 0;

	while (n < max && !bpf_map_get_next_key(fd, before, &errors[n])) {
		__u64 count;

		before = &errors[n];
		if (bpf_map_lookup_elem(fd, before, &count))
			break; /* keys are never removed */
		counts[n++] = count;
	}
	return n;
}

int vfs_probe_unfinished(struct vfs_probe *p, struct vfs_unfinished *ret)
{
	struct vfs_bpf *skel = p->skel;
	struct bpf_link *link;
	char nothing[64];
	ssize_t n;
	int fd;

	if (!bpf_program__autoload(skel->progs.on_each_task))
		return -ENOENT;
	link = bpf_program__attach_iter(skel->progs.on_each_task, NULL);
	if (!link)
		return -errno;
	memset(&skel->bss->unfinished, 0, sizeof(skel->bss->unfinished));
	fd = bpf_iter_create(bpf_link__fd(link));
	n = fd;
	/* It writes nothing: the end is when it has seen all tasks. */
	while (fd >= 0 &&
	       ((n = read(fd, nothing, sizeof(nothing))) > 0 || (n < 0 && errno == EAGAIN)))
		;
	if (n < 0)
		n = -errno;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	if (!n)
		memcpy(ret, &skel->bss->unfinished, sizeof(*ret));
	return n;
}

uint64_t vfs_probe_files_replaced(struct vfs_probe *p)
{
	const struct vfs_file *files;
	size_t n = vfs_probe_files(p, &files);
	uint64_t replaced = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t had = __atomic_load_n(&files[i].generation, __ATOMIC_RELAXED);

		replaced += had > 1 ? had - 1 : 0;
	}
	return replaced;
}

uint64_t vfs_file_missed(const struct vfs_file *files, size_t i)
{
	return probe_live(&files[i].before) + probe_live(&files[i - i % VFS_FILE_WAYS].skipped);
}

void vfs_path_text(const struct vfs_path *path, char *text, size_t size)
{
	size_t left = path->len < VFS_PATH_LEN ? path->len : VFS_PATH_LEN;
	const char *name = path->names, *head = left ? "" : "/";
	char *end = text + size, *at = end - 1;

	*at = '\0';
	if (path->cut)
		head = path->cut == 2 ? "(not mounted)" : "...";
	/* From its end, as names are, with room for what may have to stand before it. */
	while (left) {
		size_t n = strnlen(name, left), step = n < left ? n + 1 : n;

		if ((size_t)(at - text) < n + strlen("/...")) {
			head = "...";
			break;
		}
		at = memcpy(at - n, name, n);
		*--at = '/';
		name += step;
		left -= step;
	}
	memmove(text + strlen(head), at, end - at);
	memcpy(text, head, strlen(head));
}
