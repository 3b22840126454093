# SPDX-License-Identifier: Apache-2.0
# The block probe on other kernels, with pure cgroup v2 (the host may be hybrid).

load ../lib/vm.bash

block_in_guest() # SERIES
{
	vm_kernel "$1"
	VM_MODULES="scsi_debug sd_mod" VM_LIMIT=400 vm_run "$BATS_TEST_DIRNAME/guest_block.sh" \
		"${O:-build}/tests/lib/drive_block" "$BATS_TEST_DIRNAME/../lib/block.bash" \
		"$(command -v bash)" "$(command -v jq)"
}

@test "Linux 6.1: owners, bytes and times on pure cgroup v2" {
	block_in_guest 6.1
}

@test "Linux 6.12: owners, bytes and times on pure cgroup v2" {
	block_in_guest 6.12
}
