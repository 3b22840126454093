// SPDX-License-Identifier: Apache-2.0
/* Records of perf_event_open(2): layouts and names are those of linux/perf_event.h. */
#include "probe/profile_rings.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "probe/cpus.h"

#define PAGES 128 /* of each ring; a power of two */
#define PENDING_MAX (1u << 20)

struct ring {
	int fd; /* -1: the CPU is offline */
	struct perf_event_mmap_page *page; /* data follows */
};

struct profile_rings {
	size_t n_cpus, page_size;
	uint64_t lost;
	struct space_event *pending; /* paths are ours */
	size_t n, cap;
	char *record; /* one that goes over the end of a ring */
	struct ring v[];
};

/* At the end of each record, as we ask for TID and TIME. */
struct sample_id {
	uint32_t pid, tid;
	uint64_t time;
};

struct record_map {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	uint32_t maj, min;
	uint64_t ino, ino_generation;
	uint32_t prot, flags;
	char filename[];
};

struct record_task { /* FORK and EXIT */
	struct perf_event_header header;
	uint32_t pid, ppid, tid, ptid;
	uint64_t time;
};

struct record_comm {
	struct perf_event_header header;
	uint32_t pid, tid;
};

struct record_lost {
	struct perf_event_header header;
	uint64_t id, lost;
};

union record {
	struct perf_event_header header;
	struct record_map map;
	struct record_task task;
	struct record_comm comm;
	struct record_lost lost;
};

static bool parse_map(const struct record_map *m, size_t room, struct space_event *ret)
{
	if (room <= sizeof(*m) || !memchr(m->filename, '\0', room - sizeof(*m)) || !m->len)
		return false;
	ret->kind = SPACE_MAP;
	ret->tgid = m->pid;
	ret->start = m->addr;
	ret->end = m->addr + m->len;
	ret->offset = m->pgoff;
	ret->file = (struct space_file){ m->maj, m->min, m->ino, m->ino_generation };
	ret->path = m->filename;
	return ret->end > ret->start;
}

static bool parse_task(const struct record_task *t, size_t room, struct space_event *ret)
{
	if (room < sizeof(*t))
		return false;
	ret->kind = t->header.type == PERF_RECORD_FORK ? SPACE_FORK : SPACE_EXIT;
	ret->tgid = t->pid;
	ret->parent = t->ppid;
	return true;
}

static bool parse_comm(const struct record_comm *c, size_t room, struct space_event *ret)
{
	if (room < sizeof(*c) || !(c->header.misc & PERF_RECORD_MISC_COMM_EXEC))
		return false;
	ret->kind = SPACE_EXEC;
	ret->tgid = c->pid;
	return true;
}

int profile_record_parse(const void *record, size_t len, struct space_event *ret,
			 uint64_t *ret_lost)
{
	const union record *r = record;
	struct sample_id id;
	size_t room;

	if (len < sizeof(r->header) + sizeof(id))
		return 0;
	room = len - sizeof(id);
	memcpy(&id, (const char *)record + room, sizeof(id));
	*ret = (struct space_event){ .time_ns = id.time };
	switch (r->header.type) {
	case PERF_RECORD_MMAP2: return parse_map(&r->map, room, ret);
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT: return parse_task(&r->task, room, ret);
	case PERF_RECORD_COMM: return parse_comm(&r->comm, room, ret);
	case PERF_RECORD_LOST:
		if (room >= sizeof(r->lost))
			*ret_lost += r->lost.lost;
		return 0;
	default: return 0;
	}
}

int profile_rings_add(struct profile_rings *r, const struct space_event *e)
{
	struct space_event copy = *e;

	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 1024;
		struct space_event *v =
			cap > PENDING_MAX ? NULL : realloc(r->pending, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		r->pending = v;
		r->cap = cap;
	}
	if (e->path) {
		copy.path = strdup(e->path);
		if (!copy.path)
			return -ENOMEM;
	}
	r->pending[r->n++] = copy;
	return 0;
}

static size_t ring_size(const struct profile_rings *r)
{
	return PAGES * r->page_size;
}

/* In one piece: in place, or copied if it goes over the end. */
static const void *record_at(const struct profile_rings *r, const struct ring *ring, uint64_t at,
			     size_t len)
{
	const char *data = (const char *)ring->page + r->page_size;
	size_t from = at & (ring_size(r) - 1), first = ring_size(r) - from;

	if (len <= first)
		return data + from;
	memcpy(r->record, data + from, first);
	memcpy(r->record + first, data, len - first);
	return r->record;
}

static void drain(struct profile_rings *r, struct ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE),
		 tail = ring->page->data_tail;

	while (tail < head) {
		/* Records are multiples of 8 bytes: a header is never cut. */
		const struct perf_event_header *header = record_at(r, ring, tail, sizeof(*header));
		size_t len = header->size;
		struct space_event e;

		if (len < sizeof(*header)) { /* the kernel has none such */
			r->lost++;
			break;
		}
		if (profile_record_parse(record_at(r, ring, tail, len), len, &e, &r->lost) == 1 &&
		    profile_rings_add(r, &e))
			r->lost++;
		tail += len;
	}
	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
}

static int by_time(const void *a, const void *b)
{
	const struct space_event *l = a, *r = b;

	if (l->time_ns != r->time_ns)
		return l->time_ns < r->time_ns ? -1 : 1;
	return (int)l->kind - (int)r->kind;
}

void profile_rings_feed(struct profile_rings *r, uint64_t until_ns, struct spaces *spaces)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_cpus; i++)
		if (r->v[i].fd >= 0)
			drain(r, &r->v[i]);
	if (!r->n)
		return;
	qsort(r->pending, r->n, sizeof(r->pending[0]), by_time);
	while (n < r->n && r->pending[n].time_ns <= until_ns) {
		spaces_feed(spaces, &r->pending[n]);
		free((char *)r->pending[n++].path);
	}
	r->n -= n;
	memmove(r->pending, r->pending + n, r->n * sizeof(r->pending[0]));
}

uint64_t profile_rings_lost(const struct profile_rings *r)
{
	return r->lost;
}

static int ring_open(struct profile_rings *r, struct ring *ring, int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
		.sample_id_all = 1,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	void *page;

	ring->fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ring->fd < 0)
		return -errno;
	page = mmap(NULL, (PAGES + 1) * r->page_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
		    0);
	if (page == MAP_FAILED)
		return -errno;
	ring->page = page;
	return 0;
}

int profile_rings_open(size_t n_cpus, struct profile_rings **ret, struct err *err)
{
	struct profile_rings *r = calloc(1, sizeof(*r) + n_cpus * sizeof(r->v[0]));
	cpu_set_t online;
	int rc;

	if (!r)
		return err_set(err, -ENOMEM, "the profile probe");
	r->n_cpus = n_cpus;
	r->page_size = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < n_cpus; i++)
		r->v[i].fd = -1;
	r->record = malloc(UINT16_MAX); /* a record's size has 16 bits */
	rc = r->record ? probe_cpus_online(&online) : -ENOMEM;
	for (size_t i = 0; i < n_cpus && i < CPU_SETSIZE && !rc; i++)
		if (CPU_ISSET(i, &online))
			rc = ring_open(r, &r->v[i], (int)i);
	if (rc) {
		profile_rings_close(r);
		return err_set(err, rc, "being told of mappings");
	}
	*ret = r;
	return 0;
}

void profile_rings_close(struct profile_rings *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_cpus; i++) {
		if (r->v[i].page)
			munmap(r->v[i].page, (PAGES + 1) * r->page_size);
		if (r->v[i].fd >= 0)
			close(r->v[i].fd);
	}
	for (size_t i = 0; i < r->n; i++)
		free((char *)r->pending[i].path);
	free(r->pending);
	free(r->record);
	free(r);
}
