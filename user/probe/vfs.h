/* SPDX-License-Identifier: Apache-2.0 */
/* The vfs probe: what the tasks of each target ask of file systems. */
#ifndef CBPF_PROBE_VFS_H
#define CBPF_PROBE_VFS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/cost.h"
#include "shared/vfs.h"

struct err;
struct losses;
struct probe_targets;
struct vfs_probe;

/* "syscalls", "fentry", "kprobe", NULL: best first. */
extern const char *const vfs_backends[];

struct vfs_config {
	const char *backend; /* one of vfs_backends, or NULL: the best that loads */
	/*
	 * The scheduler probe's map of tasks, so that the time of calls can be split; -1:
	 * it is off.
	 */
	int tasks_fd;
	bool trial; /* of the functions of calls, attach to one alone */
	size_t n_files; /* places for files that are told apart; 0: none */
};

/* Load and attach; @targets is borrowed until close. Each refusal is told when none is left. */
int vfs_probe_open(const struct probe_targets *targets, const struct vfs_config *config,
		   struct vfs_probe **ret, struct err *err);
const char *vfs_probe_backend(const struct vfs_probe *p);

/* --- reading; nothing of it allocates; from one thread --- */

size_t vfs_probe_max_rows(const struct vfs_probe *p);
/* Rows so far. Only appended to: index i is the same row for the life of the probe. */
size_t vfs_probe_rows(struct vfs_probe *p);
/* Its target is UINT32_MAX while the row is not complete, which may be for ever. */
struct vfs_row vfs_probe_row(const struct vfs_probe *p, size_t i);
/* Totals of a row. The shorter one leaves the histograms' buckets as they are. */
void vfs_probe_read(const struct vfs_probe *p, size_t i, struct vfs_slot *ret);
void vfs_probe_totals(const struct vfs_probe *p, size_t i, struct vfs_slot *ret);

/* A mount by the place of a row, borrowed; NULL: not known (place 0), or not complete yet. */
const struct vfs_place *vfs_probe_place(struct vfs_probe *p, unsigned int place);

/* Failures by row, op and reason so far, at most @max; returns how many. */
size_t vfs_probe_errors(struct vfs_probe *p, struct vfs_error *errors, uint64_t *counts,
			size_t max);

/*
 * Places of files: live counters, borrowed. Where the state is not VFS_READY there is no
 * file.
 */
size_t vfs_probe_files(struct vfs_probe *p, const struct vfs_file **ret);
/* How often a file had to give its place to another. */
uint64_t vfs_probe_files_replaced(struct vfs_probe *p);
/* Calls that the file at place @i may have had besides what is counted, at most. */
uint64_t vfs_file_missed(const struct vfs_file *files, size_t i);

/* What goes on now. Walks all tasks: for the end of a run. -ENOENT: this kernel does not let it. */
int vfs_probe_unfinished(struct vfs_probe *p, struct vfs_unfinished *ret);

/* Is it known where the time of calls went? Not without the scheduler probe. */
bool vfs_probe_has_spent(const struct vfs_probe *p);

/* What could not be counted so far, as totals. */
void vfs_probe_losses(struct vfs_probe *p, struct losses *losses);
/* Own cost so far; returns how many were written. */
size_t vfs_probe_costs(struct vfs_probe *p, struct probe_cost *costs, size_t max);
/* Bytes of kernel memory that the probe's maps take. */
uint64_t vfs_probe_memory(const struct vfs_probe *p);

/* Takes NULL. */
void vfs_probe_close(struct vfs_probe *p);

/* Can this host do it with @backend (NULL: any)? Loads and attaches some of it for a moment. */
int vfs_probe_try(const char *backend, struct err *err);

/*
 * A path as text; "/" when it has no names. Where it is longer than @size (16 at least), "..."
 * stands for its first names.
 */
void vfs_path_text(const struct vfs_path *path, char *text, size_t size);

#endif
