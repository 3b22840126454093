// SPDX-License-Identifier: Apache-2.0
/* Repetitions: write, check, read, remove. */
#include "ior/session.h"

#include <errno.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/backend.h"
#include "ior/files.h"
#include "ior/options.h"
#include "ior/reorder.h"
#include "ior/world.h"

static int open_results(struct session *s, struct err *err)
{
	const struct ior_options *o = s->options;

	s->results = stdout;
	s->log = o->format == FORMAT_TEXT || o->summary_file ? stdout : stderr;
	if (!o->summary_file)
		return 0;
	s->results = fopen(o->summary_file, "we");
	if (!s->results)
		return err_set(err, -errno, "cannot write summary file '%s'", o->summary_file);
	return 0;
}

/* What only rank 0 has. */
static int init_root(struct session *s, const char *command, struct err *err)
{
	const struct ior_options *o = s->options;
	int rc = open_results(s, err);

	if (rc)
		return rc;
	s->output = output_of(o);
	s->all = calloc((size_t)s->world->size, sizeof(*s->all));
	if (!s->all)
		return err_set(err, -ENOMEM, "room for the results");
	if (o->rank_csv && unlink(o->rank_csv) && errno != ENOENT)
		return err_set(err, -errno, "cannot replace '%s'", o->rank_csv);
	s->report = (struct report){
		.options = o,
		.command = command,
		.path = s->path,
		.tasks = s->world->size,
		.nodes = s->world->nodes,
		.tasks_per_node = s->world->tasks_per_node,
	};
	s->engine.backend->version(s->report.api_version, sizeof(s->report.api_version));
	return 0;
}

/* Offsets are signed 64-bit numbers, in a shared file too. */
static int check_total(const struct ior_options *o, int tasks, struct err *err)
{
	uint64_t total;

	if (!__builtin_mul_overflow(o->block_bytes * (uint64_t)o->segments, (uint64_t)tasks,
				    &total) &&
	    total <= INT64_MAX)
		return 0;
	return err_say(err, -EINVAL, "block size times segments times %d tasks exceeds 2^63 bytes",
		       tasks);
}

int session_init(struct session *s, const struct ior_options *o, const struct world *w,
		 const char *command, struct err *err)
{
	int rc;

	*s = (struct session){ .options = o, .world = w };
	rc = check_total(o, w->size, err);
	if (!rc)
		rc = files_path(o, w->rank, -1, s->path, sizeof(s->path), err);
	if (!rc && o->hints_file && access(o->hints_file, R_OK))
		rc = err_set(err, -errno, "cannot read hints file '%s'", o->hints_file);
	if (!rc)
		rc = engine_init(&s->engine, o, w, err);
	if (!rc && w->rank == 0)
		rc = init_root(s, command, err);
	if (!rc && o->write) {
		s->written = calloc((size_t)w->size, sizeof(*s->written));
		if (!s->written)
			rc = err_set(err, -ENOMEM, "room for the results");
	}
	return world_agree(w, rc, err);
}

int session_close(struct session *s, struct err *err)
{
	int rc = 0;

	engine_fini(&s->engine);
	free(s->written);
	free(s->rows);
	free(s->all);
	if (!s->results)
		return 0;
	if (ferror(s->results) || fflush(s->results))
		rc = err_set(err, errno ? -errno : -EIO, "cannot write the results");
	if (s->results != stdout && fclose(s->results) && !rc)
		rc = err_set(err, -errno, "cannot write summary file '%s'",
			     s->options->summary_file);
	return rc;
}

/* What to write, or what was written, in this repetition. Collective. */
static void sign(struct session *s, int rep)
{
	const struct ior_options *o = s->options;
	uint32_t signature = (uint32_t)o->signature;
	int data_rank;

	if (!signature && ior_packet_signed(o))
		signature = (uint32_t)time(NULL);
	MPI_Bcast(&signature, 1, MPI_UINT32_T, 0, s->world->comm);
	pattern_sign(&s->engine.pattern, signature);
	if (o->write || o->signature || !(o->check_read || o->check_write) ||
	    reorder_rank(o, s->world->rank, s->world->size, s->world->tasks_per_node, rep,
			 &data_rank))
		return;
	phase_learn(&s->engine, data_rank, rep);
}

/* Collective. @ours: this rank has a file of its own to care for. */
static int remove_files(struct session *s, struct err *err)
{
	bool ours = s->options->file_per_proc || s->world->rank == 0;
	int rc = ours ? files_remove(s->options, s->path, err) : 0;

	return world_agree(s->world, rc, err);
}

static int prepare_files(struct session *s, struct err *err)
{
	int rc = 0;

	if (!s->options->use_existing)
		rc = remove_files(s, err);
	if (!rc)
		rc = world_agree(s->world, files_make_dir(s->options, s->path, err), err);
	return rc;
}

/* How many transfers of @data_rank's data exist to be read. Collective. */
static int readable(struct session *s, int data_rank, uint64_t *ret, struct err *err)
{
	const struct ior_options *o = s->options;
	uint64_t n = ior_transfers_per_task(o);
	int rc = 0;

	if (s->written) {
		*ret = s->written[data_rank];
		return 0;
	}
	if (o->status_file) {
		if (s->world->rank == 0)
			rc = files_get_count(o->status_file, &n, err);
		rc = world_agree(s->world, rc, err);
		if (rc)
			return rc;
		MPI_Bcast(&n, 1, MPI_UINT64_T, 0, s->world->comm);
	}
	*ret = n;
	return 0;
}

/* Remember what was written, for this run's reads and for another's. Collective. */
static int note_written(struct session *s, const struct rank_result *mine, struct err *err)
{
	uint64_t n = mine->transfers, all = ior_transfers_per_task(s->options), max;
	int rc = 0;

	if (n > all) /* minTimeDuration starts over */
		n = all;
	MPI_Allgather(&n, 1, MPI_UINT64_T, s->written, 1, MPI_UINT64_T, s->world->comm);
	MPI_Allreduce(&n, &max, 1, MPI_UINT64_T, MPI_MAX, s->world->comm);
	if (s->options->status_file && s->world->rank == 0)
		rc = files_put_count(s->options->status_file, max, err);
	return world_agree(s->world, rc, err);
}

static int run_phase(struct session *s, enum phase_kind kind, int rep, struct err *err)
{
	const struct ior_options *o = s->options;
	const struct world *w = s->world;
	struct phase p = { .kind = kind, .rep = rep, .data_rank = w->rank };
	struct rank_result mine;
	uint64_t exists = UINT64_MAX;
	int rc = 0;

	p.verify = kind == PHASE_WRITE_CHECK || (kind == PHASE_READ && o->check_read);
	p.limit = o->wear_out_iterations ? (uint64_t)o->wear_out_iterations : UINT64_MAX;
	if (kind != PHASE_WRITE) {
		rc = reorder_rank(o, w->rank, w->size, w->tasks_per_node, rep, &p.data_rank);
		rc = world_agree(w, rc ? err_set(err, rc, "reordering tasks") : 0, err);
		if (!rc)
			rc = readable(s, p.data_rank, &exists, err);
		if (rc)
			return rc;
		p.limit = exists < p.limit ? exists : p.limit;
	}
	rc = phase_run(&s->engine, &p, &mine, err);
	rc = session_report(s, &p, &mine, rc, err);
	return rc || kind != PHASE_WRITE ? rc : note_written(s, &mine, err);
}

static int remove_after(struct session *s, int rep, struct err *err)
{
	uint64_t begin_ns = world_now_ns(s->world);
	int rc;

	if (s->options->keep || (s->options->keep_on_error && s->wrong_transfers))
		return 0;
	rc = remove_files(s, err);
	if (!rc && s->world->rank == 0 && s->output->removed)
		s->output->removed(s->results, &s->report, rep,
				   (double)(world_now_ns(s->world) - begin_ns) / 1e9);
	return rc;
}

static int run_repetition(struct session *s, int rep, struct err *err)
{
	const struct ior_options *o = s->options;
	int rc = files_path(o, s->world->rank, rep, s->path, sizeof(s->path), err);

	rc = world_agree(s->world, rc, err);
	if (rc)
		return rc;
	sign(s, rep);
	if (s->world->rank == 0 && s->output->table)
		s->output->table(s->results, &s->report, s->engine.pattern.signature);
	if (o->dry_run)
		return 0;
	if (o->write) {
		if (rep)
			world_delay(s->world, o->delay_s);
		rc = prepare_files(s, err);
		if (!rc)
			rc = run_phase(s, PHASE_WRITE, rep, err);
	}
	if (!rc && o->check_write)
		rc = run_phase(s, PHASE_WRITE_CHECK, rep, err);
	if (!rc && (o->read || o->check_read)) {
		if (rep || o->write)
			world_delay(s->world, o->delay_s);
		rc = run_phase(s, PHASE_READ, rep, err);
	}
	if (!rc)
		return remove_after(s, rep, err);
	/* What this run wrote and could not finish is of no use, unless it is to be kept. */
	if (o->write) {
		struct err ignored;

		(void)remove_after(s, rep, &ignored);
	}
	return rc;
}

int session_run(struct session *s, struct err *err)
{
	int rc = 0;

	world_own_files(s->world);
	if (s->world->rank == 0)
		s->output->begin(s->results, &s->report);
	for (int rep = 0; rep < s->options->repetitions && !rc; rep++)
		rc = run_repetition(s, rep, err);
	s->report.aborted = rc;
	if (!rc && s->wrong_transfers)
		rc = err_say(err, -EBADMSG,
			     "data verification found %llu transfers with wrong data",
			     (unsigned long long)s->wrong_transfers);
	s->report.error = rc ? err->text : NULL;
	if (s->world->rank == 0)
		s->output->end(s->results, &s->report);
	return rc;
}
