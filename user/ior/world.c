// SPDX-License-Identifier: Apache-2.0
/* Node count, agreement on errors, clock offsets between hosts. */
#include "ior/world.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "ior/offsets.h"

#define SKEW_ROUNDS 8
#define SKEW_TAG 77
#define RANK "rank "

/* A launcher tells its children who they are; without one this is a single process. */
static bool launched(void)
{
	static const char *const marks[] = {
		"OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE", "PMIX_RANK", "PMI_RANK", "PMI_FD",
		"SLURM_PROCID"
	};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (getenv(marks[i]))
			return true;
	return false;
}

void world_preset_env(void)
{
	/* CMA needs SYS_PTRACE, which a container has not; Open MPI 4 and 5 name it differently. */
	setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);
	setenv("OMPI_MCA_smsc", "^cma", 0);
	if (launched())
		return;
	/* Alone: no helper daemon, no ssh, no network. */
	setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
	setenv("OMPI_MCA_pml", "ob1", 0);
	setenv("OMPI_MCA_btl", "self", 0);
}

static uint64_t hash_text(const char *text)
{
	uint64_t h = 0;

	for (; *text; text++)
		h = mix64(h ^ (unsigned char)*text);
	return h;
}

/* The same for all containers of one kernel. */
static uint64_t kernel_id(void)
{
	cleanup_close int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char text[64] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		(void)gethostname(text, sizeof(text) - 1); /* then hosts are told apart by name */
	return hash_text(text);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int world_count_distinct(uint64_t *v, int n)
{
	int count = n > 0;

	qsort(v, (size_t)n, sizeof(*v), compare_u64);
	for (int i = 1; i < n; i++)
		count += v[i] != v[i - 1];
	return count;
}

static int count_nodes(struct world *w, struct err *err)
{
	cleanup_free uint64_t *ids = malloc(sizeof(*ids) * (size_t)w->size);
	char name[256] = "";
	uint64_t mine;
	int rc;

	rc = world_agree(w, ids ? 0 : err_set(err, -ENOMEM, "counting nodes"), err);
	if (rc)
		return rc;
	(void)gethostname(name, sizeof(name) - 1); /* no name: all share the empty one */
	mine = hash_text(name);
	MPI_Allgather(&mine, 1, MPI_UINT64_T, ids, 1, MPI_UINT64_T, w->comm);
	for (int i = 0; i < w->size; i++)
		w->tasks_per_node += ids[i] == ids[0];
	w->nodes = world_count_distinct(ids, w->size);
	return 0;
}

/* Cristian's method: the quickest of some round trips bounds the error by half its time. */
static int64_t measure_skew(const struct world *w)
{
	uint64_t best_rtt = UINT64_MAX;
	int64_t skew = 0;

	for (int i = 0; i < SKEW_ROUNDS; i++) {
		uint64_t theirs, sent = clock_mono_ns(), got;

		MPI_Send(&sent, 1, MPI_UINT64_T, 0, SKEW_TAG, w->comm);
		MPI_Recv(&theirs, 1, MPI_UINT64_T, 0, SKEW_TAG, w->comm, MPI_STATUS_IGNORE);
		got = clock_mono_ns();
		if (got - sent >= best_rtt)
			continue;
		best_rtt = got - sent;
		skew = (int64_t)(sent + best_rtt / 2 - theirs);
	}
	return skew;
}

static void answer_skew(const struct world *w, int rank)
{
	for (int i = 0; i < SKEW_ROUNDS; i++) {
		uint64_t now;

		MPI_Recv(&now, 1, MPI_UINT64_T, rank, SKEW_TAG, w->comm, MPI_STATUS_IGNORE);
		now = clock_mono_ns();
		MPI_Send(&now, 1, MPI_UINT64_T, rank, SKEW_TAG, w->comm);
	}
}

/* Ranks on rank 0's kernel share its clock; the others ask rank 0, one after the other. */
static int relate_clocks(struct world *w, struct err *err)
{
	cleanup_free uint64_t *ids = malloc(sizeof(*ids) * (size_t)w->size);
	uint64_t mine = kernel_id();
	int rc;

	rc = world_agree(w, ids ? 0 : err_set(err, -ENOMEM, "relating clocks"), err);
	if (rc)
		return rc;
	MPI_Allgather(&mine, 1, MPI_UINT64_T, ids, 1, MPI_UINT64_T, w->comm);
	for (int i = 1; i < w->size; i++) {
		if (ids[i] == ids[0])
			continue;
		if (w->rank == 0)
			answer_skew(w, i);
		else if (w->rank == i)
			w->skew_ns = measure_skew(w);
	}
	return 0;
}

int world_init(struct world *w, struct err *err)
{
	int rc;

	*w = (struct world){ .comm = MPI_COMM_WORLD };
	MPI_Comm_rank(w->comm, &w->rank);
	MPI_Comm_size(w->comm, &w->size);
	rc = count_nodes(w, err);
	return rc ? rc : relate_clocks(w, err);
}

int world_agree(const struct world *w, int rc, struct err *err)
{
	int mine = rc ? w->rank : w->size, first;

	MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, w->comm);
	if (first == w->size)
		return 0;
	/* A verdict that was agreed on before names its rank already. */
	if (w->rank == first && w->size > 1 && strncmp(err->text, RANK, strlen(RANK)))
		err_wrap(err, RANK "%d", w->rank);
	MPI_Bcast(err, sizeof(*err), MPI_BYTE, first, w->comm);
	return err->code;
}

void world_own_files(const struct world *w)
{
	/* With other ranks the helper thread may need what this thread opens later. */
	if (w->size == 1)
		(void)unshare(CLONE_FILES); /* a container may forbid it: slower by a little */
}

uint64_t world_now_ns(const struct world *w)
{
	return clock_mono_ns() - (uint64_t)w->skew_ns;
}

void world_delay(const struct world *w, int64_t seconds)
{
	MPI_Barrier(w->comm);
	if (seconds > 0)
		(void)clock_sleep_until(clock_mono_ns() + (uint64_t)seconds * NSEC_PER_SEC);
}
