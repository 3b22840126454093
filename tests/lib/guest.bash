# SPDX-License-Identifier: Apache-2.0
# What guests that let the block probe look on have in common; sourced by their bash.

# The backends that look on at the same time, and so see the same.
guest_backends="raw_tp tp_btf"
declare -A dev_of
nullb=/sys/kernel/config/nullb

# guest_layout DIR...: directories of /out, which those of each backend have a way to.
guest_layout()
{
	local backend dir
	[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd # for bash's <(...)
	for dir in dev "$@"; do
		mkdir "/out/$dir"
	done
	for backend in $guest_backends; do
		mkdir "/out/$backend"
		for dir in dev "$@"; do
			ln -s "../$dir" "/out/$backend/$dir"
		done
	done
}

name_device() # NAME PATH: known by this name from now on
{
	local major minor
	[ -b "$2" ] || { echo "no $2 for $1"; return 1; }
	[ "$2" = "/dev/$1" ] || ln -sf "$2" "/dev/$1"
	read -r major minor < <(stat -L -c '%t %T' "$2")
	dev_of[$1]=$((16#$major)):$((16#$minor))
	echo "${dev_of[$1]}" >"/out/dev/$1"
}

# null_device NAME ATTRIBUTE=VALUE...
null_device()
{
	local name=$1 pair disk
	shift
	mkdir "$nullb/$name" || return 1
	for pair in size=64 queue_mode=2 irqmode=0 no_sched=1 "$@" power=1; do
		echo "${pair#*=}" >"$nullb/$name/${pair%%=*}" || return 1
	done
	# On newer kernels the disk has this name.
	[ -b "/dev/$name" ] && disk=$name || disk=nullb$(<"$nullb/$name/index")
	name_device "$name" "/dev/$disk"
}

# in_cgroup CASE COMMAND...: in a cgroup of that name, with its words and its status kept.
in_cgroup()
{
	local name=$1 dir=/sys/fs/cgroup/$1
	shift
	[ -d "$dir" ] || mkdir "$dir"
	(echo "$BASHPID" >"$dir/cgroup.procs" && exec "$@") >>"/out/said/$name" 2>&1
	echo $? >>"/out/status/$name"
}

# one_backend BACKEND NAME OPTION... -- COMMAND...: drive_block's rows are in /out/BACKEND/NAME.json.
one_backend()
{
	local backend=$1 name=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	drive_block -b "$backend" "${options[@]}" "$@" >"/out/$backend/$name.json"
}

# all_backends NAME OPTION... -- COMMAND...: the same with one inside the other.
all_backends()
{
	local name=$1 backend options=() inner=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	for backend in $guest_backends; do
		# What a command says goes to standard error, so that the rows need a way of their own.
		inner+=(sh -c "to=\$1; shift; exec \"\$@\" >\$to" - "/out/$backend/$name.json"
			drive_block -b "$backend" "${options[@]}")
	done
	"${inner[@]}" "$@"
}

probe() # NAME: rows while load_NAME runs, by all backends at once
{
	echo "probe $1 at $(cut -d' ' -f1 /proc/uptime)"
	all_backends "$1" -- bash /script "load_$1"
	echo $? >"/out/status/probe_$1"
}

# guest_again [LOAD]: this is the script once more, as what the probe looks at.
guest_again()
{
	local file
	[ -n "${1:-}" ] || return
	for file in /out/dev/*; do
		dev_of[${file##*/}]=$(<"$file")
	done
	"$1"
	return 0
}
