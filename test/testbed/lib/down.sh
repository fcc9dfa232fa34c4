# shellcheck shell=bash
# Ending a server: its processes by id, then its namespaces, cgroups and state; and the proof that nothing is left.

bed_down() {
	need_root
	local name names=()
	if [[ ${1:-} == --all ]]; then
		for name in "$STATE"/*/; do
			[[ ! -e $name/index ]] || names+=("$(basename "$name")")
		done
	else
		names=("${1:-$DEFAULT_NAME}")
	fi
	for name in "${names[@]}"; do
		check_name "$name"
		locked "server-$name" server_down "$name"
		say "$name is down"
	done
}

server_down() {
	server_off "$1"
	rm -rf --one-file-system "$(server_dir "$1")"
}

# server_off NAME ends all that runs on the server; its disk stays.
server_off() {
	local name=$1 dir netns
	dir=$(server_dir "$name")
	netns=$(server_netns "$name")
	end_processes "$name"
	release_loops "$dir"
	unmount_below "$dir"
	[[ ! -e /run/netns/$netns ]] || ip netns delete "$netns"
	remove_cgroups "$name"
	check_nothing_left "$name"
}

# server_processes NAME prints every process of the server: its namespaces' first one (the kernel ends the rest
# with it), what runs in its cgroup, and what bed exec left in its network namespace; never this bed itself.
server_processes() {
	local name=$1 netns cgroup
	netns=$(server_netns "$name")
	cgroup=$(server_cgroup "$name")
	{
		server_pid "$name"
		[[ ! -e /run/netns/$netns ]] || ip netns pids "$netns"
		[[ ! -d $cgroup ]] || find "$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null || true
	} | sort -un | grep -vxF -f <(own_ancestry) || true
}

own_ancestry() {
	local pid=$$
	while ((pid > 1)); do
		echo "$pid"
		pid=$(awk '/^PPid:/ {print $2}' "/proc/$pid/status")
	done
	echo "$BASHPID"
}

end_processes() {
	local pids deadline
	deadline=$(($(now) + 120000))
	while mapfile -t pids < <(server_processes "$1") && ((${#pids[@]})); do
		kill -KILL "${pids[@]}" 2>/dev/null || true
		(($(now) < deadline)) || return 0 # check_nothing_left names them
		sleep 0.05
	done
}

# release_loops DIR detaches loop devices over files of the state (pools of other drivers). Most go by themselves
# a moment after the server's last process, and with it the mounts.
release_loops() {
	local loops deadline
	deadline=$(($(now) + 60000))
	while mapfile -t loops < <(loops_of "$1") && ((${#loops[@]})); do
		losetup -d "${loops[@]}" 2>/dev/null || true
		(($(now) < deadline)) || return 0 # check_nothing_left names them
		sleep 0.05
	done
}

# loops_of DIR prints the loop devices over DIR's disk images. It compares inodes: the kernel knows the files by
# their paths inside the server.
loops_of() {
	[[ -d $1/incus/disks ]] || return 0
	losetup -nl -O NAME,BACK-INO | awk '
		NR == FNR { own[$1]; next }
		$2 in own { print $1 }
	' <(find "$1/incus/disks" -type f -printf '%i\n') -
}

mounts_below() {
	findmnt -rno TARGET | awk -v dir="$1/" 'index($0 "/", dir) == 1' | sort -r
}

unmount_below() {
	local target
	while read -r target; do umount -l "$target"; done < <(mounts_below "$1")
}

# check_nothing_left NAME fails with a list of whatever still runs or is mounted; the state is then kept for a look.
check_nothing_left() {
	local name=$1 dir netns cgroup left=()
	dir=$(server_dir "$name")
	netns=$(server_netns "$name")
	cgroup=$(server_cgroup "$name")
	mapfile -t left < <(
		server_processes "$name" | sed 's/^/process /'
		mounts_below "$dir" | sed 's/^/mount /'
		loops_of "$dir" | sed 's/^/loop device /'
		[[ ! -e /run/netns/$netns ]] || echo "network namespace $netns"
		[[ ! -d $cgroup ]] || echo "cgroup $cgroup"
	)
	((${#left[@]} == 0)) || fail "server '$name' left: $(printf '%s; ' "${left[@]}")its state stays in $dir"
}
