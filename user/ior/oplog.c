// SPDX-License-Identifier: Apache-2.0
/* Collection of per-call times in memory, written after the phase. */
#include "ior/oplog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

#define MAX_CALLS (4u << 20) /* 128 MiB */

struct oplog_entry {
	uint64_t begin_ns, end_ns, offset, bytes;
};

int oplog_init(struct oplog *log, uint64_t calls, struct err *err)
{
	*log = (struct oplog){ .cap = calls < MAX_CALLS ? calls : MAX_CALLS };
	log->v = calloc(log->cap ? log->cap : 1, sizeof(*log->v));
	if (!log->v)
		return err_set(err, -ENOMEM, "recording %zu calls", log->cap);
	return 0;
}

void oplog_add(struct oplog *log, uint64_t begin_ns, uint64_t end_ns, uint64_t offset,
	       uint64_t bytes)
{
	if (log->n == log->cap) {
		log->dropped++;
		return;
	}
	log->v[log->n++] = (struct oplog_entry){ begin_ns, end_ns, offset, bytes };
}

int oplog_save(struct oplog *log, const char *prefix, int rank, const char *access, int rep,
	       struct err *err)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s-%05d.csv", prefix, rank);
	f = fopen(path, "ae");
	if (!f)
		return err_set(err, -errno, "cannot write per-call data '%s'", path);
	fseek(f, 0, SEEK_END);
	if (ftell(f) == 0)
		fputs("access,iter,begin_ns,runtime,offset,bytes,MiB/s\n", f);
	for (size_t i = 0; i < log->n; i++) {
		const struct oplog_entry *e = &log->v[i];
		double s = (double)(e->end_ns - e->begin_ns) / 1e9;

		fprintf(f, "%s,%d,%" PRIu64 ",%.9f,%" PRIu64 ",%" PRIu64 ",", access, rep,
			e->begin_ns, s, e->offset, e->bytes);
		if (s > 0)
			fprintf(f, "%.3f", (double)e->bytes / s / 0x1p20);
		fputc('\n', f);
	}
	/* So that a file that was cut shows. */
	fprintf(f, "# %s %d: %zu calls\n", access, rep, log->n);
	if (log->dropped)
		fprintf(f, "# %" PRIu64 " further calls were not recorded\n", log->dropped);
	log->n = 0;
	log->dropped = 0;
	if (fclose(f))
		return err_set(err, -errno, "cannot write per-call data '%s'", path);
	return 0;
}

void oplog_fini(struct oplog *log)
{
	free(log->v);
	*log = (struct oplog){ 0 };
}
