// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A profile per target: at a steady rate each CPU is asked where it is, and how often the answer
 * was the same is counted.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "shared/profile.h"
#include "target.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 stacks_each = 0; /* for each target, so that none takes the room of others */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries,
	       1); /* set when loaded; all of it is allocated then, as interrupts cannot */
	__type(key, struct profile_key);
	__type(value, struct profile_stack);
} stacks SEC(".maps");

/* No ring buffer: on PREEMPT_RT its lock may sleep, and this is an interrupt. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, PROFILE_NEWS);
	__type(value, struct profile_news);
} news SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* for each CPU, when loaded */
	__type(key, __u32);
	__type(value, struct profile_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* for each target, when loaded */
	__type(key, __u32);
	__type(value, struct profile_target);
} targets SEC(".maps");

/* Where a stack is put together. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct profile_stack);
} scratch SEC(".maps");

/* Multiplication by the golden ratio mixes upwards, the shift downwards. */
static __always_inline __u64 mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

static __always_inline __u64 hash_of(const struct profile_stack *s)
{
	const __u64 *comm = (const __u64 *)s->comm;
	__u64 hash = mix(mix(s->n_kernel | (__u64)s->n_user << 32, comm[0]), comm[1]);

	for (__u32 i = 0; i < PROFILE_KERNEL && i < s->n_kernel; i++)
		hash = mix(hash, s->frames[i]);
	for (__u32 i = 0; i < PROFILE_USER && i < s->n_user; i++)
		hash = mix(hash, s->frames[PROFILE_KERNEL + i]);
	return hash;
}

static __always_inline __u32 frames_of(long bytes)
{
	return bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
}

static __always_inline void tell(struct profile_cpu *cpu, __u64 now, __u32 target, __u32 tgid)
{
	struct profile_news n = { .time_ns = now, .target = target, .tgid = tgid };

	if (bpf_map_push_elem(&news, &n, 0))
		cpu->untold++;
}

static __always_inline struct profile_stack *add(struct profile_cpu *cpu, struct profile_target *t,
						 const struct profile_key *key,
						 struct profile_stack *s)
{
	if (__sync_fetch_and_add(&t->stacks, 1) >= stacks_each) {
		__sync_fetch_and_sub(&t->stacks, 1);
		return NULL;
	}
	s->samples = 0;
	s->first_ns = bpf_ktime_get_ns();
	if (!bpf_map_update_elem(&stacks, key, s, BPF_NOEXIST))
		tell(cpu, s->first_ns, key->target, key->tgid);
	else
		__sync_fetch_and_sub(&t->stacks, 1); /* another CPU's is there by now */
	return bpf_map_lookup_elem(&stacks, key);
}

static __always_inline void keep(struct profile_cpu *cpu, const struct profile_key *key,
				 struct profile_stack *s)
{
	struct profile_target *t = bpf_map_lookup_elem(&targets, &key->target);
	struct profile_stack *kept = bpf_map_lookup_elem(&stacks, key);

	if (!t)
		return;
	if (!kept)
		kept = add(cpu, t, key, s);
	if (kept)
		__sync_fetch_and_add(&kept->samples, 1);
	else
		__sync_fetch_and_add(&t->lost, 1);
}

SEC("perf_event")
int on_sample(void *ctx)
{
	__u32 at = bpf_get_smp_processor_id(), zero = 0, target;
	struct profile_cpu *cpu = bpf_map_lookup_elem(&cpus, &at);
	struct profile_stack *s = bpf_map_lookup_elem(&scratch, &zero);
	struct profile_key key = { 0 };

	if (!cpu || !s)
		return 0;
	cpu->samples++;
	key.tgid = bpf_get_current_pid_tgid() >> 32;
	if (!key.tgid) {
		cpu->idle++;
		return 0;
	}
	target = target_of_current();
	if (!target) {
		cpu->others++;
		return 0;
	}
	key.target = target - 1;
	key.execs = BPF_CORE_READ(bpf_get_current_task_btf(), self_exec_id);
	bpf_get_current_comm(s->comm, sizeof(s->comm));
	s->n_kernel = frames_of(bpf_get_stack(ctx, s->frames, PROFILE_KERNEL * sizeof(__u64), 0));
	s->n_user = frames_of(bpf_get_stack(ctx, &s->frames[PROFILE_KERNEL],
					    PROFILE_USER * sizeof(__u64), BPF_F_USER_STACK));
	key.hash = hash_of(s);
	keep(cpu, &key, s);
	return 0;
}
