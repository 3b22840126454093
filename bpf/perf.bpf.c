// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Performance counters per target: each event is open once per CPU, and what it has counted
 * is charged to whoever had the CPU when that changes, or when it is asked for.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "count.bpf.h"
#include "shared/perf.h"
#include "target.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 bank_mask = 0; /* how many CPUs count together, as in the block probe */
const volatile __u32 n_targets = 0;
const volatile __u32 n_cpus = 0;
const volatile __u32 n_events = 0;
const volatile __u32 switch_events = 0; /* bit for each: context switches, as the kernel has them */

__u64 drops[PERF_DROPS];

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1); /* event times CPUs, when loaded */
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

/* Those of nobody first, then each target's; of each bank, all events. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct perf_reading);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* for each CPU, when loaded */
	__type(key, __u32);
	__type(value, struct perf_cpu);
} cpus SEC(".maps");

static __always_inline void charge(struct perf_cpu *c, __u32 cpu, __u32 e, __u32 at, bool switching)
{
	struct perf_reading *base = &c->base[e & (PERF_EVENTS - 1)], *to;
	struct bpf_perf_event_value now;

	if (bpf_perf_event_read_value(&events, e * n_cpus + cpu, &now, sizeof(now))) {
		__sync_fetch_and_add(&drops[PERF_DROP_READ], 1);
		c->based &= ~(1u << e);
		return;
	}
	/* The kernel counts a switch after it has told of it; it is of who leaves. */
	if (switching)
		now.counter += switch_events >> e & 1;
	to = c->based >> e & 1 ? bpf_map_lookup_elem(&counts, &at) : NULL;
	if (to) {
		count(&to->counter, now.counter - base->counter);
		count(&to->enabled_ns, now.enabled - base->enabled_ns);
		count(&to->running_ns, now.running - base->running_ns);
	}
	base->counter = now.counter;
	base->enabled_ns = now.enabled;
	base->running_ns = now.running;
	c->based |= 1u << e;
}

static __always_inline __u32 counts_at(const struct perf_cpu *c, __u32 cpu)
{
	return (c->owner * (bank_mask + 1) + (cpu & bank_mask)) * n_events;
}

/*
 * Some hosts do not tell of each switch. Who is on the CPU is not who was last seen to get it:
 * since then it is taken for the former's, but for one switch, by which it came there.
 */
static __always_inline void switch_was_missed(struct perf_cpu *c, __u32 cpu)
{
	__u32 target = target_of_current(), at = counts_at(c, cpu);
	struct perf_reading *to;

	__sync_fetch_and_add(&drops[PERF_DROP_SWITCH], 1);
	if (target == c->owner)
		return;
	for (__u32 e = 0; e < PERF_EVENTS && e < n_events; e++, at++) {
		if (!(switch_events >> e & c->based >> e & 1))
			continue;
		to = bpf_map_lookup_elem(&counts, &at);
		if (to)
			count(&to->counter, 1);
		c->base[e & (PERF_EVENTS - 1)].counter++;
	}
	c->owner = target <= n_targets ? target : 0;
}

/*
 * The CPU is @target's from here on, and if that is another one, or when @always, what was counted
 * on it is charged to its owner. False: not now, an interrupt came while a task's program is at it.
 */
static __always_inline bool hand_over(struct perf_cpu *c, __u32 cpu, __u32 pid, __u32 target,
				      bool always, bool switching)
{
	__u32 at;

	if (c->busy)
		return false;
	c->busy = 1;
	barrier();
	if (unlikely(c->task && c->task != pid + 1))
		switch_was_missed(c, cpu);
	c->task = pid + 1;
	if (always || c->owner != target) {
		at = counts_at(c, cpu);
		for (__u32 e = 0; e < PERF_EVENTS && e < n_events; e++)
			charge(c, cpu, e, at + e, switching);
		c->owner = target <= n_targets ? target : 0;
	}
	barrier();
	c->busy = 0;
	return true;
}

static __always_inline void current_is(__u32 target)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct perf_cpu *c = bpf_map_lookup_elem(&cpus, &cpu);

	if (c && !hand_over(c, cpu, bpf_get_current_pid_tgid(), target, false, false))
		__sync_fetch_and_add(&drops[PERF_DROP_BUSY], 1);
}

SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	__u32 cpu = bpf_get_smp_processor_id();
	struct perf_cpu *c = bpf_map_lookup_elem(&cpus, &cpu);

	if (!c)
		return 0;
	if (hand_over(c, cpu, prev->pid, target_of(next), false, true))
		c->task = next->pid + 1;
	else
		__sync_fetch_and_add(&drops[PERF_DROP_BUSY], 1);
	return 0;
}

/*
 * Who moves itself is another's from here on. Others that are moved while they run on another
 * CPU are so from the next switch there on, or from when they are asked for.
 */
SEC("tp_btf/cgroup_attach_task")
int on_attach(__u64 *ctx)
{
	current_is(target_of_current());
	return 0;
}

/* Who becomes a target's own program has the CPU already. */
SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	current_is(task_execs((void *)ctx[0], (void *)ctx[2]));
	return 0;
}

/* Run by user space on each CPU: what has been counted so far is charged. 1: not now. */
SEC("raw_tp")
int on_read(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct perf_cpu *c = bpf_map_lookup_elem(&cpus, &cpu);

	return c && hand_over(c, cpu, bpf_get_current_pid_tgid(), target_of_current(), true, false)
		       ? 0
		       : 1;
}
