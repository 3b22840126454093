// SPDX-License-Identifier: Apache-2.0
/* The transfer loop. */
#include "ior/transfer.h"

#include <mpi.h>

#include "base/clock.h"
#include "base/err.h"
#include "ior/backend.h"
#include "ior/world.h"

static void verify(struct transfer *t, uint64_t offset, struct rank_result *ret)
{
	struct pattern_mismatch m;

	if (pattern_verify(&t->engine->pattern, t->file_number, offset, t->engine->buffer, &m))
		return;
	if (ret->wrong_transfers++ == 0) {
		ret->wrong_offset = offset + m.at;
		ret->wrong_expected = m.expected;
		ret->wrong_found = m.found;
	}
}

static int move(struct transfer *t, uint64_t offset, size_t len, struct rank_result *ret)
{
	struct engine *e = t->engine;
	const struct ior_options *o = e->options;
	int rc;

	if (t->phase->kind == PHASE_WRITE) {
		const void *data = pattern_at(&e->pattern, t->file_number, offset);

		rc = e->backend->write(t->file, data, len, offset, t->err);
		if (!rc && o->fsync_per_write && len)
			rc = e->backend->sync(t->file, t->err);
		return rc;
	}
	rc = e->backend->read(t->file, e->buffer, len, offset, t->err);
	if (!rc && t->phase->verify && len)
		verify(t, offset, ret);
	return rc;
}

static void one(struct transfer *t, uint64_t k, struct rank_result *ret)
{
	const struct ior_options *o = t->engine->options;
	struct oplog *log = &t->engine->oplog;
	uint64_t offset = offsets_at(&t->offsets, k), begin_ns = 0;
	struct err ignored;

	if (t->rc) {
		/* The others wait for this rank in each collective call. */
		if (o->collective && t->file) {
			struct transfer empty = *t;

			empty.err = &ignored;
			(void)move(&empty, offset, 0, ret);
		}
		return;
	}
	if (log->v)
		begin_ns = world_now_ns(t->engine->world);
	t->rc = move(t, offset, o->transfer_bytes, ret);
	if (t->rc)
		return;
	if (log->v && t->phase->kind != PHASE_WRITE_CHECK)
		oplog_add(log, begin_ns, world_now_ns(t->engine->world), offset, o->transfer_bytes);
	ret->bytes += o->transfer_bytes;
	ret->transfers++;
	if (o->io_delay_us)
		(void)clock_sleep_until(clock_mono_ns() + (uint64_t)o->io_delay_us * NSEC_PER_USEC);
}

/* Collective transfers end for all ranks at once, or for none. */
static bool past(const struct transfer *t, uint64_t deadline_ns)
{
	int mine, any;

	if (!deadline_ns)
		return false;
	mine = clock_mono_ns() >= deadline_ns;
	if (!t->engine->options->collective)
		return mine;
	MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, t->engine->world->comm);
	return any;
}

/* From transfer @k up to @end or the deadline; returns where it stopped. */
static uint64_t pass(struct transfer *t, uint64_t k, uint64_t end, uint64_t deadline_ns,
		     struct rank_result *ret)
{
	bool alone = !t->engine->options->collective;

	while (k < end && !(t->rc && alone)) {
		one(t, k++, ret);
		if (past(t, deadline_ns) && k < end) {
			ret->stonewalled = 1;
			break;
		}
	}
	return k;
}

static uint64_t most(const struct transfer *t, uint64_t n)
{
	uint64_t max = n;

	MPI_Allreduce(&n, &max, 1, MPI_UINT64_T, MPI_MAX, t->engine->world->comm);
	return max;
}

/* A rank that failed still meets the others in a collective sync. */
static void sync_all(struct transfer *t)
{
	const struct backend *b = t->engine->backend;
	struct err ignored;

	if (!t->rc)
		t->rc = b->sync(t->file, t->err);
	else if (b->meets && !t->engine->options->file_per_proc && t->file)
		(void)b->sync(t->file, &ignored);
}

int transfer_run(struct transfer *t, struct rank_result *ret)
{
	const struct ior_options *o = t->engine->options;
	bool timed = t->phase->kind != PHASE_WRITE_CHECK;
	uint64_t end = t->offsets.n < t->phase->limit ? t->offsets.n : t->phase->limit;
	uint64_t start_ns = clock_mono_ns(), deadline_ns = 0, k;

	if (!t->file)
		end = 0;
	if (timed && o->deadline_s)
		deadline_ns = start_ns + (uint64_t)o->deadline_s * NSEC_PER_SEC;
	k = pass(t, 0, end, deadline_ns, ret);
	ret->stonewall_ns = clock_mono_ns() - start_ns;
	ret->stonewall_transfers = k;
	if (deadline_ns && o->wear_out) {
		uint64_t max = most(t, k);

		pass(t, k, max < end ? max : end, 0, ret);
	}
	if (timed && o->min_duration_s && end) {
		uint64_t until_ns = start_ns + (uint64_t)o->min_duration_s * NSEC_PER_SEC;

		while (!t->rc && clock_mono_ns() < until_ns) {
			uint8_t stonewalled = ret->stonewalled;

			pass(t, 0, end, until_ns, ret);
			ret->stonewalled = stonewalled; /* the first pass was complete */
		}
	}
	if (t->phase->kind == PHASE_WRITE && o->fsync)
		sync_all(t);
	return t->rc;
}
