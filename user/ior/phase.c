// SPDX-License-Identifier: Apache-2.0
/* Open, transfer and close, with the times that IOR takes. */
#include "ior/phase.h"

#include <errno.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ior/backend.h"
#include "ior/files.h"
#include "ior/options.h"
#include "ior/transfer.h"
#include "ior/world.h"

/* As an application that holds its own data leaves less to the page cache. */
static int hog_memory(struct engine *e, struct err *err)
{
	uint64_t n = e->options->memory_bytes;

	if (!n || e->options->dry_run)
		return 0;
	e->hog = malloc(n);
	if (!e->hog)
		return err_set(err, -ENOMEM, "taking %llu bytes of memory (memoryPerTask)",
			       (unsigned long long)n);
	/* The kernel gives pages only to who writes them. */
	memset(e->hog, 0xa5, n);
	return 0;
}

int engine_init(struct engine *e, const struct ior_options *o, const struct world *w,
		struct err *err)
{
	int rc;

	*e = (struct engine){ .options = o, .world = w, .backend = backend_of(o) };
	rc = pattern_init(&e->pattern, (enum ior_packet)o->packet, o->transfer_bytes, err);
	if (rc)
		return rc;
	rc = posix_memalign(&e->buffer, PATTERN_ALIGN, o->transfer_bytes);
	if (rc) {
		e->buffer = NULL;
		return err_set(err, -rc, "allocating a buffer of %llu bytes",
			       (unsigned long long)o->transfer_bytes);
	}
	/* Touched now, so that no page fault is timed. */
	memset(e->buffer, 0, o->transfer_bytes);
	rc = hog_memory(e, err);
	if (!rc && o->op_csv)
		rc = oplog_init(&e->oplog, ior_transfers_per_task(o), err);
	return rc;
}

void engine_fini(struct engine *e)
{
	pattern_fini(&e->pattern);
	free(e->buffer);
	e->buffer = NULL;
	free(e->hog);
	e->hog = NULL;
	oplog_fini(&e->oplog);
}

static void barrier(const struct engine *e)
{
	if (e->options->barriers)
		MPI_Barrier(e->world->comm);
}

static int open_file(struct engine *e, const struct phase *p, const char *path,
		     const struct offsets *at, void **ret_file, struct err *err)
{
	const struct ior_options *o = e->options;
	bool shared = !o->file_per_proc;
	struct open_request req = {
		.options = o,
		.path = path,
		.write = p->kind == PHASE_WRITE,
		.shared = shared,
		.file_bytes = at->segment_bytes * (uint64_t)o->segments,
		.block_start = at->block_start,
		.segment_bytes = at->segment_bytes,
	};
	int rc = e->backend->open(&req, ret_file, err);

	if (!e->backend->meets || !shared)
		return rc || !e->backend->prepare ? rc : e->backend->prepare(&req, *ret_file, err);
	/* When one rank could not open it, those that did must neither use nor close it. */
	rc = world_agree(e->world, rc, err);
	if (rc) {
		*ret_file = NULL;
		return rc;
	}
	rc = e->backend->prepare ? e->backend->prepare(&req, *ret_file, err) : 0;
	return world_agree(e->world, rc, err);
}

int phase_run(struct engine *e, const struct phase *p, struct rank_result *ret, struct err *err)
{
	struct err close_err;
	struct transfer t = { .engine = e, .phase = p, .err = err };
	char path[4096];
	int rc;

	memset(ret, 0, sizeof(*ret));
	offsets_init(&t.offsets, e->options, p->data_rank, e->world->size, p->rep);
	t.file_number = e->options->file_per_proc ? (uint64_t)p->data_rank : 0;
	t.rc = files_path(e->options, p->data_rank, p->rep, path, sizeof(path), err);

	MPI_Barrier(e->world->comm);
	ret->t_ns[T_OPEN] = world_now_ns(e->world);
	rc = t.rc ? t.rc : open_file(e, p, path, &t.offsets, &t.file, err);
	t.rc = rc;
	ret->t_ns[T_OPENED] = world_now_ns(e->world);
	barrier(e);
	ret->t_ns[T_START] = world_now_ns(e->world);
	rc = transfer_run(&t, ret);
	ret->t_ns[T_DONE] = world_now_ns(e->world);
	barrier(e);
	ret->t_ns[T_CLOSE] = world_now_ns(e->world);
	/* A second failure adds nothing to the first. */
	if (e->backend->close(t.file, rc ? &close_err : err) && !rc)
		rc = err->code;
	ret->t_ns[T_CLOSED] = world_now_ns(e->world);
	return rc;
}

void phase_learn(struct engine *e, int data_rank, int rep)
{
	struct phase p = { .kind = PHASE_READ, .data_rank = data_rank, .rep = rep };
	struct offsets at;
	uint32_t signature;
	struct err err;
	char path[4096];
	void *file = NULL;

	offsets_init(&at, e->options, data_rank, e->world->size, rep);
	/* Whatever fails here fails again, and is reported, in the phase itself. */
	if (files_path(e->options, data_rank, rep, path, sizeof(path), &err) ||
	    open_file(e, &p, path, &at, &file, &err))
		return;
	if (!e->backend->read(file, e->buffer, e->options->transfer_bytes, offsets_at(&at, 0),
			      &err) &&
	    !pattern_learn(&e->pattern, e->buffer, &signature))
		pattern_sign(&e->pattern, signature);
	(void)e->backend->close(file, &err);
}
