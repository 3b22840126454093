# SPDX-License-Identifier: Apache-2.0
# What a guest with the block probe left behind, judged on this side. A file is for one backend and
# one series, by its name: block-raw_tp-6.12.bats. Needs lib/block.bash and lib/vm.bash. Tests stand
# in the backend's directory, and $JSON names the rows that they look at.

# guest_rows_find FILE: sets BACKEND, and VM_* or NO_BOOT, for setup_file.
guest_rows_find()
{
	local series name
	series=$(vm_series "$1")
	name=$(basename "$1")
	export BACKEND NO_BOOT=
	case $name in
	*-raw_tp-*) BACKEND=raw_tp ;;
	*) BACKEND=tp_btf ;;
	esac
	vm_find "$series" || NO_BOOT="no Linux ${CBPF_KERNEL:-$series} to boot: $VM_WHY"
}

# guest_rows_boot NAME SCRIPT FILE...: once for all backends.
guest_rows_boot()
{
	vm_once "$@" "$BATS_TEST_DIRNAME/../lib/guest.bash" "$O/tests/lib/drive_block" \
		"$(command -v bash)" || {
		echo "the guest ended with $?:"
		cat "$VM_OUT.said"
		return 1
	}
}

guest_rows_setup()
{
	[ -z "$NO_BOOT" ] || skip "$NO_BOOT"
	cd "$VM_OUT/$BACKEND" || return 1
}

# of CASE DEVICE OP FIELD: of the row that belongs to the case's cgroup; 0 when there is none.
of()
{
	jq -r --arg name "$1" --arg dev "$(cat "dev/$2")" --arg op "$3" "[.rows[]
		| select(.name == \$name and .dev == \$dev and .op == \$op) | $4] | add // 0" "$JSON"
}

all_of() # DEVICE OP FIELD: over all owners
{
	sum "$JSON" "$(cat "dev/$1")" "$2" "$3"
}

# is CASE DEVICE OP FIELD N; the whole row is shown when it is not.
is()
{
	same "$1 $2 $3 $4" "$(of "$1" "$2" "$3" "$4")" "$5" && return
	jq -c --arg name "$1" '.losses, (.rows[] | select(.name == $name or .name == ""))' "$JSON"
	return 1
}

# Of all on the device, as many bytes are the case's own and nobody else has any.
alone() # CASE DEVICE OP BYTES
{
	is "$1" "$2" "$3" .bytes "$4" && same "$2 $3 bytes of all" "$(all_of "$2" "$3" .bytes)" "$4"
}

no_rows() # DEVICE
{
	same "rows of $1" "$(rows "$JSON" "select(.dev == \"$(cat "dev/$1")\") | .dev")" ""
}

io_stat() # CASE DEVICE FIELD: 0 when there is nothing
{
	awk -v dev="$(cat "dev/$2")" -v want="$3" '$1 == dev {
		for (i = 2; i <= NF; i++)
			if (split($i, kv, "=") == 2 && kv[1] == want)
				n = kv[2]
	} END { printf "%.0f\n", n }' "iostat/$1"
}

no_losses()
{
	same losses "$(jq -c '.losses | del(.["block.late"])' "$JSON")" '{}'
}
