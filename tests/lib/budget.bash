# SPDX-License-Identifier: Apache-2.0
# Judges the time budgets of reports.

# budgets FILE...: they add up, and to the time of the calls; what is left is no more than the
# scheduler saw on CPUs, so that no wait was missed.
budgets() {
	local file bad=0
	for file; do
		jq -e '
			def parts: .cpu_ns + .runq_ns + .throttle_ns + (.io_ns // .queue_ns + .device_ns) +
				.journal_ns + .lock_ns + .other_ns;
			def sum(f): [.vfs | to_entries[] | select(f) | .value.latency_ns.sum // 0] | add // 0;
			# What came after calls is in none.
			def in_calls: .budget.total_ns - .budget.return_ns;
			[.targets[] | select(.budget) |
				([.budget, .budget.phases[]?][] |
					parts == .total_ns and ([.[] | numbers] | min >= 0) and
					.inode_lock_ns <= .lock_ns and .return_ns <= .runq_ns),
				# Faults within calls are in the time of those.
				(sum(.key | startswith("uring_") or . == "fault" | not) <= in_calls * 1.01),
				(sum(.key | startswith("uring_") | not) >= in_calls * 0.99),
				(.budget.unseen_ns <= .sched.oncpu_ns * 0.1 + 20e6 and .budget.cpu_ns <= .sched.oncpu_ns)
			] | length > 0 and all' "$file" >/dev/null || {
			echo "$file:"
			jq -c '.targets[] | [.name, .budget, .sched.oncpu_ns, (.vfs | map_values(.latency_ns.sum))]' "$file"
			bad=1
		}
	done
	return $bad
}

# largest FILE TARGET PART [BESIDES]: most of the time went there, or did besides one other part.
largest() {
	jq -e --arg target "$2" --arg part "$3_ns" --arg besides "${4:-}_ns" '
		.targets[] | select(.name == $target and .budget).budget |
		{cpu_ns, runq_ns, throttle_ns, queue_ns, device_ns, io_ns, journal_ns, lock_ns, other_ns} |
		to_entries | map(select(.key != $besides)) | max_by(.value).key == $part' "$1" >/dev/null || {
		echo "$1: $2 has most of its time elsewhere than in $3:"
		jq -c --arg target "$2" '.targets[] | select(.name == $target and .budget).budget | del(.phases)' "$1"
		return 1
	}
}

# phases FILE TARGET RANKS: what the tool moved was seen, in no more than the phases' time, but for calls
# that neither read nor write: a phase has as much of theirs as it has of the tick.
phases() {
	jq -e --arg target "$2" --argjson ranks "$3" '
		[.targets[] | select(.name == $target and .budget).budget.phases[] |
			(.seen_bytes - .tool_bytes | fabs) <= .tool_bytes / 100 and
			.total_ns <= (.end_ns - .begin_ns) * $ranks * 1.1 + 20e6 and .total_ns > 0
		] | length > 0 and all' "$1" >/dev/null || {
		echo "$1: phases of $2:"
		jq -c --arg target "$2" '.targets[] | select(.name == $target and .budget) | .budget.phases' "$1"
		return 1
	}
}
