// SPDX-License-Identifier: Apache-2.0
/* Collector "vfs": what targets asked of file systems since the last sweep, by op and mount. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/vfs.h"
#include "sample/collector.h"
#include "sample/frame.h"

struct vfs_reader {
	struct vfs_probe *probe; /* borrowed */
	const struct target_set *targets; /* borrowed */
	struct losses *losses; /* borrowed */
	struct vfs_slot now; /* kept here, since it is large for a stack */
	size_t next; /* row to begin with: whoever found no room is served first */
	bool unfinished_told; /* of the last sweep there may be several */
	bool used[VFS_MAX_PLACES],
		told[VFS_MAX_PLACES]; /* by place: in rows, in mounts of frames */
	struct vfs_slot seen[]; /* by row */
};

static int vfs_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	struct vfs_reader *s;

	if (!env->vfs)
		return err_say(err, -EINVAL, "collector vfs needs the vfs probe");
	/* Large, and touched only as far as rows are used. */
	s = calloc(1, sizeof(*s) + vfs_probe_max_rows(env->vfs) * sizeof(s->seen[0]));
	if (!s)
		return err_set(err, -ENOMEM, "collector vfs");
	s->probe = env->vfs;
	s->targets = env->targets;
	s->losses = env->losses;
	*ret_state = s;
	return 0;
}

static bool put_mount(struct vfs_reader *s, unsigned int place, struct frame *f)
{
	const struct vfs_place *p = vfs_probe_place(s->probe, place);
	struct frame_mount *m;

	if (!p || f->n_mounts == f->max_mounts)
		return false;
	m = &f->mounts[f->n_mounts++];
	*m = (struct frame_mount){ .id = place, .dev = p->dev };
	memcpy(m->fs, p->fs, sizeof(m->fs));
	m->fs[sizeof(m->fs) - 1] = '\0';
	vfs_path_text(&p->at, m->at, sizeof(m->at));
	return true;
}

/* Mounts of all rows so far that are in no frame yet, whatever became of those rows since. */
static void put_mounts(struct vfs_reader *s, struct frame *f)
{
	size_t untold = 0;

	for (unsigned int place = 1; place < VFS_MAX_PLACES; place++) {
		if (s->used[place] && !s->told[place])
			s->told[place] = put_mount(s, place, f);
		untold += s->used[place] && !s->told[place];
	}
	/* What a frame had no room for has the next one, which is the last then. */
	if (f->last && !f->hists_dropped)
		loss_set(s->losses, "vfs.mount_names", untold,
			 "mounts that were used just before the end: not named");
}

/* The histograms of one op: -ENOSPC when there is no room for its blobs. */
static int put_op(const struct vfs_slot *now, const struct vfs_slot *seen, struct vfs_row row,
		  unsigned int which, struct frame *f)
{
	unsigned int op = row.set * HIST_SET + which;
	struct frame_hist *fh = &f->hists[f->n_hists];
	uint8_t blob[2 * HIST_BLOB_MAX];
	struct hist h;

	if (now->calls[which] == seen->calls[which])
		return 0;
	*fh = (struct frame_hist){
		.owner = row.target,
		.layer = LAYER_VFS,
		.op = op,
		.dev = row.place,
		.ios = now->calls[which] - seen->calls[which],
		.errors = now->errors[which] - seen->errors[which],
		.blob_at = f->n_blobs,
	};
	hist_set_delta(&now->hists, &seen->hists, which, &h);
	frame_hist_set(fh, &h);
	fh->blob_len = hist_encode(&h, blob);
	if (VFS_SIZED(op)) {
		hist_set_delta(&now->hists, &seen->hists, which + 1, &h);
		fh->bytes = h.sum + h.count;
		if (h.count || h.sum) {
			fh[1] = fh[0];
			fh[1].layer = LAYER_VFS_SIZE;
			frame_sizes_set(&fh[1], &h);
			fh[1].blob_at = fh->blob_at + fh->blob_len;
			fh[1].blob_len = hist_encode(&h, blob + fh->blob_len);
			f->n_hists++;
		}
	}
	fh = &f->hists[f->n_hists++];
	if (fh->blob_at + fh->blob_len > f->max_blobs)
		return -ENOSPC;
	memcpy(f->blobs + f->n_blobs, blob, fh->blob_at + fh->blob_len - f->n_blobs);
	f->n_blobs = fh->blob_at + fh->blob_len;
	return 0;
}

/* Where the time of an op's calls went; requests of io_uring do not block who submits them. */
static void put_time(const struct vfs_slot *now, const struct vfs_slot *seen, struct vfs_row row,
		     unsigned int which, struct frame *f)
{
	unsigned int op = row.set * HIST_SET + which;
	struct frame_call_time *t = &f->times[f->n_times];

	if (op == VFS_URING_READ || op == VFS_URING_WRITE || op == VFS_URING_OTHER)
		return;
	/* What came after the last call is told at the end. */
	if (now->calls[which] == seen->calls[which] &&
	    !(f->last && now->spent_ns[which][VFS_RETURN] > seen->spent_ns[which][VFS_RETURN]))
		return;
	*t = (struct frame_call_time){
		.owner = row.target,
		.op = op,
		.mount = row.place,
		.ns = now->hists.of[which].sum - seen->hists.of[which].sum,
	};
	for (size_t i = 0; i < VFS_SPENT; i++)
		t->spent_ns[i] = now->spent_ns[which][i] - seen->spent_ns[which][i];
	f->n_times++;
}

/* Of an op that has not been put, what is seen already comes with its next call. */
static void see_later(struct vfs_slot *now, const struct vfs_slot *seen, unsigned int op,
		      unsigned int which)
{
	if (now->calls[which] != seen->calls[which])
		return;
	now->errors[which] = seen->errors[which];
	memcpy(now->spent_ns[which], seen->spent_ns[which], sizeof(now->spent_ns[which]));
	for (unsigned int k = which; k <= which + (VFS_SIZED(op) ? 1 : 0); k++) {
		now->hists.of[k] = seen->hists.of[k];
		for (size_t b = 0; b < HIST_BUCKETS; b++)
			now->hists.bucket[b][k] = seen->hists.bucket[b][k];
	}
}

/* All of a row, or nothing: -ENOSPC. */
static int put_row(struct vfs_reader *s, size_t i, struct frame *f)
{
	struct vfs_row row = vfs_probe_row(s->probe, i);
	size_t n_hists = f->n_hists, n_blobs = f->n_blobs;
	bool fits = f->n_hists + HIST_SET <= f->max_hists && f->n_times + HIST_SET <= f->max_times;
	int rc = fits ? 0 : -ENOSPC;

	for (unsigned int which = 0; which < HIST_SET && !rc; which++)
		rc = put_op(&s->now, &s->seen[i], row, which, f);
	if (rc) {
		f->n_hists = n_hists;
		f->n_blobs = n_blobs;
		return rc;
	}
	for (unsigned int which = 0; which < HIST_SET && vfs_probe_has_spent(s->probe); which++)
		put_time(&s->now, &s->seen[i], row, which, f);
	if (row.place < VFS_MAX_PLACES)
		s->used[row.place] = true;
	for (unsigned int which = 0; which < HIST_SET; which++) {
		unsigned int op = row.set * HIST_SET + which;

		if (!which || !VFS_SIZED(op - 1))
			see_later(&s->now, &s->seen[i], op, which);
	}
	s->seen[i] = s->now;
	return 0;
}

/* Is there something to tell of a row? */
static bool called(const struct vfs_reader *s, size_t i, bool last)
{
	bool returned = false;

	for (size_t k = 0; k < HIST_SET; k++)
		returned |= s->now.spent_ns[k][VFS_RETURN] != s->seen[i].spent_ns[k][VFS_RETURN];
	return (last && returned) ||
	       memcmp(s->now.calls, s->seen[i].calls, sizeof(s->now.calls)) != 0;
}

/* Whatever began and has not ended is in no count, and may be what a target hangs in. */
static void tell_unfinished(struct vfs_reader *s)
{
	struct vfs_unfinished u;
	int rc;

	if (s->unfinished_told)
		return;
	s->unfinished_told = true;
	rc = vfs_probe_unfinished(s->probe, &u);
	if (rc)
		loss_add(s->losses, "vfs.unfinished", 1,
			 "whether calls had not ended when the run did is not known: %s",
			 strerror(-rc));
	else if (u.calls)
		loss_add(s->losses, "vfs.unfinished", u.calls,
			 "calls that had not ended when the run did: not counted; the first to "
			 "begin is "
			 "%s of %s, which took %.3f s so far",
			 frame_vfs_op_name(u.op),
			 u.target < s->targets->n ? s->targets->v[u.target].name : "a target",
			 (clock_mono_ns() - u.since_ns) / 1e9);
}

static void vfs_read(void *state, struct frame *f)
{
	struct vfs_reader *s = state;
	size_t n = vfs_probe_rows(s->probe), first = s->next < n ? s->next : 0;
	bool dropped = false;

	s->next = first;
	for (size_t k = 0; k < n; k++) {
		size_t i = (first + k) % n;

		if (vfs_probe_row(s->probe, i).target >= s->targets->n)
			continue;
		vfs_probe_totals(s->probe, i, &s->now);
		if (!called(s, i, f->last))
			continue;
		vfs_probe_read(s->probe, i, &s->now);
		if (!put_row(s, i, f))
			continue;
		if (!dropped)
			s->next = i;
		dropped = true;
		f->hists_dropped += HIST_SET;
	}
	put_mounts(s, f);
	if (f->last) {
		vfs_probe_losses(s->probe, s->losses);
		tell_unfinished(s);
	}
}

static void vfs_close(void *state)
{
	free(state);
}

const struct collector collector_vfs = {
	.name = "vfs",
	.help = "file system calls by operation and mount, per target",
	.open = vfs_open,
	.read = vfs_read,
	.close = vfs_close,
};
