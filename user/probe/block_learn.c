// SPDX-License-Identifier: Apache-2.0
/* Finding out which of the kernel's own times are right here, and so what need not be traced. */
#include <bpf/libbpf.h>

#include "block.skel.h"
#include "probe/block_internal.h"

#define GOOD_CALLS 5 /* before the first trust; doubled at each disappointment */
#define GOOD_CALLS_MAX 640
#define GOOD_IOS 1000 /* that they must have seen */
#define QUEUE_PART 10 /* at most one tenth of the requests' time was spent in queues */
#define ENOUGH_IOS 100 /* for a part to mean anything */
#define EARLY_PART 1000 /* one start in that many may be early: an interrupted one seems so */
#define ENOUGH_COMPARED 64 /* times of issue; one in sixteen is compared */

const char *const block_times_names[] = { [BLOCK_TIMES_OWN] = "own",
					  [BLOCK_TIMES_ISSUE] = "own issue",
					  [BLOCK_TIMES_KERNEL] = "kernel" };

enum block_times block_probe_times(const struct block_probe *p)
{
	return p->now;
}

/* The sums over all banks of the rows that were scanned, by another thread. */
static struct learning look(const struct block_probe *p)
{
	size_t n = __atomic_load_n(&p->n_rows, __ATOMIC_ACQUIRE);
	const struct block_row *rows = p->rows;
	struct learning now = { 0 };

	for (size_t i = 0; i < p->n_cpus; i++) {
		now.shared += __atomic_load_n(&p->cpus[i].shared_starts, __ATOMIC_RELAXED);
		now.early += __atomic_load_n(&p->cpus[i].early_starts, __ATOMIC_RELAXED);
	}
	for (size_t i = 0; i < n; i++) {
		for (unsigned int b = 0; b < rows[i].n_banks; b++) {
			const struct block_slot *s = &rows[i].banks[b];

			now.ios += __atomic_load_n(&s->ios, __ATOMIC_RELAXED);
			now.queue_ns +=
				__atomic_load_n(&s->hists.of[BLOCK_QUEUE].sum, __ATOMIC_RELAXED);
			now.total_ns +=
				__atomic_load_n(&s->hists.of[BLOCK_TOTAL].sum, __ATOMIC_RELAXED);
		}
	}
	return now;
}

/* Since the last call nothing spoke against the kernel's time of start. */
static bool start_is_right(struct block_probe *p)
{
	struct learning *was = &p->learning, now = look(p);
	bool many = now.ios - was->ios >= ENOUGH_IOS;
	bool right = now.shared == was->shared &&
		     (now.early - was->early) * EARLY_PART <= now.ios - was->ios &&
		     (!many ||
		      (now.queue_ns - was->queue_ns) * QUEUE_PART <= now.total_ns - was->total_ns);

	was->good_ios += now.ios - was->ios;
	was->good = right ? was->good + 1 : 0;
	if (!right)
		was->good_ios = 0;
	was->shared = now.shared;
	was->early = now.early;
	was->ios = now.ios;
	was->queue_ns = now.queue_ns;
	was->total_ns = now.total_ns;
	return right;
}

/* The kernel's own time of issue was right on every device in use. */
static bool issue_is_right(struct block_probe *p)
{
	size_t n = block_disks_seen(p);
	struct block_disk_view d;

	for (size_t i = 0; i < n; i++) {
		block_probe_disk(p, i, 0, &d);
		if (d.clock_requests < ENOUGH_COMPARED || d.clock_unset || d.clock_early)
			return false;
	}
	return n;
}

static bool go_over(struct block_probe *p, enum block_times to)
{
	p->now = to;
	if (to == BLOCK_TIMES_KERNEL)
		__atomic_store_n(&p->skel->bss->clock_used, BLOCK_CLOCK_DRAINING, __ATOMIC_RELEASE);
	else
		block_probe_let_go(p);
	return true;
}

/* The kernel's time of start will not do after all. */
static bool come_back(struct block_probe *p)
{
	p->now = BLOCK_TIMES_OWN;
	if (p->learning.wanted < GOOD_CALLS_MAX)
		p->learning.wanted *= 2;
	/* When that fails, starts stay the kernel's, and those that are shared are told. */
	return block_probe_attach(p) == 0;
}

void block_probe_unlearn(struct block_probe *p)
{
	if (p->times != BLOCK_TIMES_LEARN || p->now == BLOCK_TIMES_KERNEL)
		return;
	p->times = BLOCK_TIMES_OWN;
	if (p->now == BLOCK_TIMES_ISSUE)
		(void)come_back(p); /* else starts that are shared are told, as before */
}

bool block_probe_learn(struct block_probe *p)
{
	__u32 *used;

	if (p->times != BLOCK_TIMES_LEARN)
		return false;
	used = &p->skel->bss->clock_used;
	if (p->now == BLOCK_TIMES_KERNEL) {
		/* What began with our times has ended. */
		if (*used == BLOCK_CLOCK_DRAINING && !block_probe_in_flight(p)) {
			block_probe_let_go(p);
			__atomic_store_n(used, BLOCK_CLOCK_KERNEL, __ATOMIC_RELEASE);
		}
		return false;
	}
	if (!p->learning.wanted)
		p->learning.wanted = GOOD_CALLS;
	if (!start_is_right(p))
		return p->now == BLOCK_TIMES_ISSUE && come_back(p);
	if (p->learning.good < p->learning.wanted || p->learning.good_ios < GOOD_IOS)
		return false;
	if (!p->shares && issue_is_right(p))
		return go_over(p, BLOCK_TIMES_KERNEL);
	/* Enough may have been compared later. */
	return p->now == BLOCK_TIMES_OWN && go_over(p, BLOCK_TIMES_ISSUE);
}
