// SPDX-License-Identifier: Apache-2.0
/* Memory of a frame: allocated once, touched only as far as it is used. */
#include "sample/frame.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "shared/vfs.h"

/* Devices of one host that have seen I/O; further ones are told as a loss. */
#define MAX_DEVICES 256
/* Of one tick; what does not fit is carried over. */
#define MAX_ERRORS 256
#define MAX_SHARES 1024
#define MAX_CROSSES 4096
#define MAX_DEPTHS 64
/* Of one target: L3 caches. Its allocations are at most a few times as many; mostly far fewer. */
#define DOMAINS 64
/* A busy tick's histogram has tens of buckets of two or three bytes each. */
#define BLOB_BYTES_PER_HIST 128

const char *const hist_layer_names[LAYER_COUNT] = { "block_queue", "block_device", "block_total",
						    "block_size",  "sched_runq",   "sched_io",
						    "sched_lock",  "sched_other",  "vfs",
						    "vfs_size" };

const char *frame_vfs_op_name(unsigned int op)
{
	static const char *const names[VFS_OPS] = {
		[VFS_READ] = "read",
		[VFS_WRITE] = "write",
		[VFS_OPEN] = "open",
		[VFS_CLOSE] = "close",
		[VFS_STAT] = "stat",
		[VFS_FSYNC] = "fsync",
		[VFS_GETDENTS] = "getdents",
		[VFS_RENAME] = "rename",
		[VFS_UNLINK] = "unlink",
		[VFS_MKDIR] = "mkdir",
		[VFS_TRUNCATE] = "truncate",
		[VFS_FALLOCATE] = "fallocate",
		[VFS_COPY] = "copy",
		[VFS_URING_READ] = "uring_read",
		[VFS_URING_WRITE] = "uring_write",
		[VFS_URING_OTHER] = "uring_other",
		[VFS_FAULT] = "fault",
	};

	return op < ARRAY_SIZE(names) && names[op] ? names[op] : "other";
}

int frame_init(struct frame *f, size_t max_rows, size_t max_hists, struct err *err)
{
	*f = (struct frame){
		.max_rows = max_rows,
		.max_hists = max_hists,
		.max_devices = MAX_DEVICES,
		.max_blobs = max_hists * BLOB_BYTES_PER_HIST,
		.max_cpusets = max_rows,
		.max_rdts = max_rows * DOMAINS,
		.max_classes = max_rows,
		.max_allocs = max_rows * DOMAINS * 4,
	};
	if (max_hists) {
		f->max_blocks = max_hists / LAYER_BLOCKS + 1;
		f->max_errors = MAX_ERRORS;
		f->max_shares = MAX_SHARES;
		f->max_crosses = MAX_CROSSES;
		f->max_depths = MAX_DEPTHS;
		f->max_mounts = VFS_MAX_PLACES;
		f->max_times = max_hists;
	}
	/* Whatever the number of histograms, one row's worst case must fit. */
	if (max_hists && f->max_blobs < LAYER_BLOCKS * HIST_BLOB_MAX)
		f->max_blobs = LAYER_BLOCKS * HIST_BLOB_MAX;
	/* One more than asked for: calloc(0) may be NULL. */
	f->rows = calloc(max_rows + 1, sizeof(*f->rows));
	f->hists = calloc(max_hists + 1, sizeof(*f->hists));
	f->devices = calloc(f->max_devices, sizeof(*f->devices));
	f->blobs = calloc(f->max_blobs + 1, 1);
	f->blocks = calloc(f->max_blocks + 1, sizeof(*f->blocks));
	f->errors = calloc(f->max_errors + 1, sizeof(*f->errors));
	f->shares = calloc(f->max_shares + 1, sizeof(*f->shares));
	f->crosses = calloc(f->max_crosses + 1, sizeof(*f->crosses));
	f->depths = calloc(f->max_depths + 1, sizeof(*f->depths));
	f->mounts = calloc(f->max_mounts + 1, sizeof(*f->mounts));
	f->times = calloc(f->max_times + 1, sizeof(*f->times));
	f->cpusets = calloc(f->max_cpusets + 1, sizeof(*f->cpusets));
	f->rdts = calloc(f->max_rdts + 1, sizeof(*f->rdts));
	f->classes = calloc(f->max_classes + 1, sizeof(*f->classes));
	f->allocs = calloc(f->max_allocs + 1, sizeof(*f->allocs));
	if (f->rows && f->hists && f->devices && f->blobs && f->blocks && f->errors && f->shares &&
	    f->crosses && f->depths && f->mounts && f->times && f->cpusets && f->rdts &&
	    f->classes && f->allocs)
		return 0;
	frame_fini(f);
	return err_set(err, -ENOMEM, "a frame of %zu rows and %zu histograms", max_rows, max_hists);
}

int frame_init_perf(struct frame *f, size_t n_events, struct err *err)
{
	f->max_perf_events = n_events;
	f->max_perfs = n_events * (f->max_rows + 2);
	f->perf_events = calloc(f->max_perf_events + 1, sizeof(*f->perf_events));
	f->perfs = calloc(f->max_perfs + 1, sizeof(*f->perfs));
	if (f->perf_events && f->perfs)
		return 0;
	frame_fini(f);
	return err_set(err, -ENOMEM, "a frame of %zu events", n_events);
}

void frame_reset(struct frame *f)
{
	f->n_rows = f->n_hists = f->n_devices = f->n_blobs = 0;
	f->n_blocks = f->n_errors = f->n_shares = f->n_crosses = f->n_depths = f->n_mounts = 0;
	f->n_times = f->n_cpusets = f->n_rdts = f->n_classes = f->n_allocs = 0;
	f->n_perf_events = f->n_perfs = 0;
	f->hists_dropped = 0;
	f->begin_ns = f->end_ns = 0;
}

struct frame_row *frame_row_of(struct frame *f, uint32_t owner)
{
	struct frame_row *row;

	for (size_t i = 0; i < f->n_rows; i++)
		if (f->rows[i].owner == owner)
			return &f->rows[i];
	if (f->n_rows == f->max_rows)
		return NULL;
	row = &f->rows[f->n_rows++];
	*row = (struct frame_row){ .owner = owner };
	return row;
}

void frame_hist_set(struct frame_hist *fh, const struct hist *h)
{
	fh->count = h->count;
	fh->sum = h->sum;
	fh->max = h->max;
	fh->p50 = fh->p90 = fh->p99 = fh->p999 = 0;
	if (!h->count)
		return;
	fh->p50 = hist_quantile(h, 0.5);
	fh->p90 = hist_quantile(h, 0.9);
	fh->p99 = hist_quantile(h, 0.99);
	fh->p999 = hist_quantile(h, 0.999);
}

void frame_sizes_set(struct frame_hist *fh, const struct hist *less_one)
{
	frame_hist_set(fh, less_one);
	if (!less_one->count)
		return;
	fh->sum = less_one->sum + less_one->count;
	fh->max = less_one->max + 1;
	fh->p50 = hist_quantile_high(less_one, 0.5) + 1;
	fh->p90 = hist_quantile_high(less_one, 0.9) + 1;
	fh->p99 = hist_quantile_high(less_one, 0.99) + 1;
	fh->p999 = hist_quantile_high(less_one, 0.999) + 1;
}

bool frame_row_empty(const struct frame_row *row)
{
	for (size_t i = 0; i < sizeof(row->present) / sizeof(row->present[0]); i++)
		if (row->present[i])
			return false;
	return true;
}

void frame_fini(struct frame *f)
{
	free(f->rows);
	free(f->hists);
	free(f->devices);
	free(f->blobs);
	free(f->blocks);
	free(f->errors);
	free(f->shares);
	free(f->crosses);
	free(f->depths);
	free(f->mounts);
	free(f->times);
	free(f->cpusets);
	free(f->rdts);
	free(f->classes);
	free(f->allocs);
	free(f->perf_events);
	free(f->perfs);
	*f = (struct frame){ 0 };
}
