// SPDX-License-Identifier: Apache-2.0
/* Loads the block probe and reads what it counts. */
#include "probe/block.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "block.skel.h"
#include "probe/load.h"
#include "probe/settle.h"
#include "shared/block_maps.h"

/* Rows are made visible this many at a time: fewer mappings, little memory. */
#define ROWS_AT_ONCE 16

static const struct backend {
	const char *name;
	const char *suffix; /* of its programs in the object */
} backends[] = { { "tp_btf", "" }, { "raw_tp", "_raw" } };

enum use { ALWAYS, IF_PRESENT, WITHOUT_IO_START };

/* In the order of attaching: completions first, so that no start is left behind. */
static const struct hook {
	const char *program, *tracepoint;
	enum use use;
} hooks[] = {
	{ "on_complete", "block_rq_complete", ALWAYS },
	{ "on_requeue", "block_rq_requeue", ALWAYS },
	{ "on_merge", "block_rq_merge", IF_PRESENT },
	{ "on_issue", "block_rq_issue", ALWAYS },
	{ "on_insert", "block_rq_insert", WITHOUT_IO_START },
	{ "on_io_start", "block_io_start", IF_PRESENT },
};

/* What differs between kernels, as their own type information tells it. */
struct kernel {
	int queue_comes_first;
	int flush_seq_bit; /* negative: as before these bits had an enum */
	int wanted[ARRAY_SIZE(hooks)];
};

struct block_probe {
	const struct backend *backend;
	struct block_bpf *skel;
	struct bpf_program *programs[ARRAY_SIZE(hooks)]; /* NULL: not used on this kernel */
	struct bpf_link *links[ARRAY_SIZE(hooks)];
	int stats_fd; /* while open, the kernel keeps run counts and times */

	size_t page;
	uint8_t *slots; /* address space for all, mapped as far as @slots_mapped */
	size_t slots_len, slots_mapped;
	const struct block_desc *descs;
	const struct block_start_set *starts; /* mapped when first needed */

	struct block_row *rows;
	size_t n_rows;
	uint32_t scanned; /* descriptors looked at */
	uint64_t settled; /* requests counted by block_probe_settle() */
};

static int look_at_kernel(struct kernel *k, struct err *err)
{
	struct probe_log log;
	struct btf *btf;
	int io_start, rc = 0;

	memset(k, 0, sizeof(*k));
	probe_log_begin(&log);
	btf = btf__load_vmlinux_btf();
	if (!btf)
		rc = -errno;
	probe_log_end();
	if (!btf)
		return probe_fail(err, rc, "read the kernel's type information (BTF)", &log);

	k->flush_seq_bit = probe_enumerator(btf, "__RQF_FLUSH_SEQ");
	io_start = probe_tracepoint_args(btf, "block_io_start") == 1;
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		int args = probe_tracepoint_args(btf, hooks[i].tracepoint);

		if (args < 0 && hooks[i].use == ALWAYS) {
			rc = err_say(err, -ENOENT,
				     "cannot trace the block layer: this kernel has no "
				     "tracepoint %s (built without CONFIG_BLOCK or tracing?)",
				     hooks[i].tracepoint);
			break;
		}
		if (!strcmp(hooks[i].tracepoint, "block_rq_issue"))
			k->queue_comes_first = args == 2;
		k->wanted[i] = args > 0 && !(io_start && hooks[i].use == WITHOUT_IO_START);
	}
	btf__free(btf);
	return rc;
}

/* Pick the programs of one backend; the others are not even loaded. */
static void choose(struct block_probe *p, const struct kernel *k)
{
	struct bpf_program *program;
	char name[64];

	bpf_object__for_each_program(program, p->skel->obj)
		bpf_program__set_autoload(program, false);
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!k->wanted[i])
			continue;
		snprintf(name, sizeof(name), "%s%s", hooks[i].program, p->backend->suffix);
		program = bpf_object__find_program_by_name(p->skel->obj, name);
		bpf_program__set_autoload(program, true);
		p->programs[i] = program;
	}
	p->skel->rodata->queue_comes_first = k->queue_comes_first;
	if (k->flush_seq_bit >= 0)
		p->skel->rodata->flush_seq_flag = 1u << k->flush_seq_bit;
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static size_t slot_stride(void)
{
	return round_up(sizeof(struct block_slot), 8);
}

static const void *map_whole(const struct bpf_map *map, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);

	return at == MAP_FAILED ? NULL : at;
}

static int map_descs(struct block_probe *p)
{
	size_t len = BLOCK_MAX_SLOTS * round_up(sizeof(struct block_desc), 8);
	void *at;

	p->page = sysconf(_SC_PAGESIZE);
	p->slots_len = round_up(BLOCK_MAX_SLOTS * slot_stride(), p->page);
	at = mmap(NULL, p->slots_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		  0);
	if (at == MAP_FAILED)
		return -errno;
	p->slots = at;
	p->descs = map_whole(p->skel->maps.descs, round_up(len, p->page));
	if (!p->descs)
		return -errno;
	p->rows = calloc(BLOCK_MAX_SLOTS, sizeof(*p->rows));
	return p->rows ? 0 : -ENOMEM;
}

/* Map slots up to and including @slot; those mapped before keep their address. */
static int map_slots(struct block_probe *p, uint32_t slot)
{
	size_t end = round_up(slot + 1, ROWS_AT_ONCE) * slot_stride();
	void *at;

	end = round_up(end, p->page);
	if (end > p->slots_len)
		end = p->slots_len;
	if (end <= p->slots_mapped)
		return 0;
	at = mmap(p->slots + p->slots_mapped, end - p->slots_mapped, PROT_READ,
		  MAP_SHARED | MAP_FIXED, bpf_map__fd(p->skel->maps.slots), p->slots_mapped);
	if (at == MAP_FAILED)
		return -errno;
	p->slots_mapped = end;
	return 0;
}

static int attach(struct block_probe *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!p->programs[i])
			continue;
		p->links[i] = bpf_program__attach(p->programs[i]);
		if (!p->links[i])
			return -errno;
	}
	return 0;
}

static int open_backend(const struct backend *backend, const struct kernel *k,
			struct block_probe **ret, struct err *err)
{
	struct block_probe *p = calloc(1, sizeof(*p));
	const char *attempt = "open";
	struct probe_log log;
	char what[96];
	int rc = 0;

	if (!p)
		return err_set(err, -ENOMEM, "block probe");
	p->backend = backend;
	p->stats_fd = -1;
	probe_log_begin(&log);
	p->skel = block_bpf__open();
	if (!p->skel) {
		rc = -errno;
		goto out;
	}
	choose(p, k);
	attempt = "load";
	rc = block_bpf__load(p->skel);
	if (rc)
		goto out;
	attempt = "map";
	rc = map_descs(p);
	if (rc)
		goto out;
	/* Costs are told when the kernel lets us; without them the probe is as good. */
	p->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	attempt = "attach";
	rc = attach(p);
out:
	probe_log_end();
	if (rc) {
		snprintf(what, sizeof(what), "%s the block probe (%s)", attempt, backend->name);
		probe_fail(err, rc, what, &log);
		block_probe_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

int block_probe_open(const char *backend, struct block_probe **ret, struct err *err)
{
	struct err first = { 0 };
	struct kernel k;
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++) {
		if (backend && strcmp(backend, backends[i].name))
			continue;
		rc = first.code ? 0 : look_at_kernel(&k, err);
		if (rc)
			return rc;
		rc = open_backend(&backends[i], &k, ret, err);
		if (!rc || backend)
			return rc;
		if (!first.code)
			first = *err;
		else if (first.code == err->code)
			return err_say(err, first.code, "%s", first.text);
		else
			return err_wrap(err, "%.480s; then", first.text);
	}
	return err_say(err, -EINVAL, "the block probe has no backend \"%s\": use tp_btf or raw_tp",
		       backend);
}

const char *block_probe_backend(const struct block_probe *p)
{
	return p->backend->name;
}

size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows)
{
	uint32_t end = __atomic_load_n(&p->skel->bss->next_slot, __ATOMIC_ACQUIRE);

	if (end > BLOCK_MAX_SLOTS)
		end = BLOCK_MAX_SLOTS;
	for (; p->scanned < end; p->scanned++) {
		const struct block_desc *desc = &p->descs[p->scanned];
		uint32_t state = __atomic_load_n(&desc->state, __ATOMIC_ACQUIRE);
		struct block_row *row = &p->rows[p->n_rows];

		if (state == BLOCK_DESC_ABANDONED)
			continue;
		/* Being filled in on another CPU, or no memory for the mapping: next time. */
		if (state == BLOCK_DESC_FREE || map_slots(p, p->scanned))
			break;
		row->key = desc->key;
		memcpy(row->name, desc->name, sizeof(row->name));
		row->now = (const void *)(p->slots + p->scanned * slot_stride());
		p->n_rows++;
	}
	*ret_rows = p->rows;
	return p->n_rows;
}

uint64_t block_probe_in_flight(struct block_probe *p)
{
	uint64_t n = 0;

	if (!p->starts)
		p->starts = map_whole(p->skel->maps.starts,
				      BLOCK_START_SETS * sizeof(struct block_start_set));
	if (!p->starts)
		return 0;
	for (size_t i = 0; i < BLOCK_START_SETS; i++)
		for (size_t way = 0; way < BLOCK_START_WAYS; way++)
			n += __atomic_load_n(&p->starts[i].rq[way], __ATOMIC_RELAXED) &&
			     __atomic_load_n(&p->starts[i].way[way].last_issue_ns,
					     __ATOMIC_RELAXED);
	return n;
}

static void *map_to_write(const struct bpf_map *map, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return at == MAP_FAILED ? NULL : at;
}

void block_probe_settle(struct block_probe *p, uint64_t before_ns)
{
	size_t starts_len = BLOCK_START_SETS * sizeof(struct block_start_set);
	struct settle s = {
		.starts = map_to_write(p->skel->maps.starts, starts_len),
		.n_starts = BLOCK_START_SETS,
		.slots = map_to_write(p->skel->maps.slots, p->slots_len),
		.descs = p->descs,
		.n_slots = BLOCK_MAX_SLOTS,
		.before_ns = before_ns,
		.idle = settle_is_idle,
	};

	if (s.starts && s.slots)
		p->settled += settle_starts(&s);
	if (s.starts)
		munmap(s.starts, starts_len);
	if (s.slots)
		munmap(s.slots, p->slots_len);
}

void block_probe_losses(struct block_probe *p, struct losses *losses)
{
	static const struct {
		enum block_drop drop;
		const char *what, *reason;
	} table[] = {
		{ BLOCK_DROP_START_MISSING, "block.start_missing",
		  "requests were under way when the probe attached, or their start was lost: "
		  "counted, but not in the latency histograms" },
		{ BLOCK_DROP_COMPLETION_MISSED, "block.completion_missed",
		  "the kernel did not call the probe when these requests completed: counted, but "
		  "not in the latency histograms" },
		{ BLOCK_DROP_FLUSH_MISSED, "block.flush_missed",
		  "the kernel did not call the probe when these flushes completed: not counted" },
		{ BLOCK_DROP_SLOTS_EXHAUSTED, "block.slots_exhausted",
		  "requests not counted: more owners, devices and operations than there are "
		  "slots" },
		{ BLOCK_DROP_SLOTS_EXHAUSTED_BYTES, "block.slots_exhausted_bytes",
		  "bytes of the requests without a slot" },
		{ BLOCK_DROP_INDEX_FAILED, "block.index_failed",
		  "a slot could not be entered into the index" },
		{ BLOCK_DROP_NAME_MISSING, "block.name_missing",
		  "the name of an owner's cgroup could not be read" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		uint64_t n = __atomic_load_n(&p->skel->bss->drops[table[i].drop], __ATOMIC_RELAXED);

		if (table[i].drop == BLOCK_DROP_COMPLETION_MISSED)
			n += p->settled;
		loss_set(losses, table[i].what, n, table[i].reason);
	}
}

size_t block_probe_costs(struct block_probe *p, struct probe_cost *costs, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && n < max; i++) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (!p->programs[i] ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(p->programs[i]), &info, &len))
			continue;
		snprintf(costs[n].program, sizeof(costs[n].program), "block.%s", hooks[i].program);
		costs[n].runs = info.run_cnt;
		costs[n].run_ns = info.run_time_ns;
		n++;
	}
	return n;
}

void block_probe_detach(struct block_probe *p)
{
	/* In reverse, so that what was started can still complete. */
	for (size_t i = ARRAY_SIZE(hooks); i-- > 0;) {
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	p->stats_fd = -1;
}

void block_probe_close(struct block_probe *p)
{
	if (!p)
		return;
	block_probe_detach(p);
	if (p->slots)
		munmap(p->slots, p->slots_len);
	if (p->descs)
		munmap((void *)p->descs,
		       round_up(BLOCK_MAX_SLOTS * round_up(sizeof(struct block_desc), 8), p->page));
	if (p->starts)
		munmap((void *)p->starts, BLOCK_START_SETS * sizeof(struct block_start_set));
	block_bpf__destroy(p->skel);
	free(p->rows);
	free(p);
}

int block_probe_try(const char *backend, struct err *err)
{
	struct block_probe *p;
	int rc = block_probe_open(backend, &p, err);

	if (!rc)
		block_probe_close(p);
	return rc;
}
