# shellcheck shell=bash
# Starting one server: its state, its network namespace, its first process, and the wait until it is ready.

bed_up() {
	need_root
	local name=${1:-$DEFAULT_NAME}
	check_name "$name"
	[[ -d $(base_dir) ]] || fail "the base is missing (or its recipe changed); run: $BED_DIR/bed install"
	locked "server-$name" server_up "$name"
}

server_up() {
	local name=$1 start launcher
	start=$(now)
	if [[ -n $(server_pid "$name") && -e $(server_dir "$name")/share/ready ]]; then
		check_visible "$name"
		say "$name runs already"
		return
	fi
	# What a killed run or a reboot left behind; a no-op on a clean machine.
	server_down "$name"
	locked index make_state "$name"
	make_network "$name"
	start_server "$name"
	wait_ready "$name"
	say "$name is ready: $(since "$start")"
}

# make_state NAME reserves the first free subnet number and writes all files of the server.
make_state() {
	local dir base index
	dir=$(server_dir "$1")
	base=$(base_dir)
	mkdir -p "$dir"/{incus,log/incus,registry,root/upper,root/work,root/merged,share}
	for ((index = 1; index < 255; index++)); do
		grep -qsx "$index" "$STATE"/*/index || break
	done
	((index < 255)) || fail "no free subnet: 254 servers exist; end some with bed down"
	echo "$index" >"$dir/index"
	echo "$base" >"$dir/base"
	touch "$base"
	visible_folders >"$dir/share/binds"
	write_preseed "$dir/share" "$index"
	cp "$BED_DIR/inside/init.sh" "$dir/share/init.sh"
	write_client "$dir" "$base"
	((${#dir} + 18 < 108)) || fail "$dir is too long for a socket's path; set ICC_TESTBED_STATE to a shorter one"
}

# visible_folders prints the folders that have the same path inside the server's root.
visible_folders() {
	mkdir -p "$PROJECTS"
	printf '%s\n' "$REPO_DIR" "$PROJECTS"
	[[ -z ${ICC_TESTBED_BIND:-} ]] || tr ':' '\n' <<<"$ICC_TESTBED_BIND"
}

# check_visible NAME says so when a running server cannot see a folder that is wanted now.
check_visible() {
	local folder
	while read -r folder; do
		grep -qxF "$folder" "$(server_dir "$1")/share/binds" ||
			fail "server '$1' was started without $folder; run: bed down $1, then bed up $1"
	done < <(visible_folders)
}

# make_network NAME makes the namespace, with a host address beside loopback: 192.0.2.N on lan0.
make_network() {
	local netns
	netns=$(server_netns "$1")
	ip netns add "$netns"
	ip -n "$netns" link set lo up
	ip -n "$netns" link add lan0 type veth peer name lan0-peer
	ip -n "$netns" address add "192.0.2.$(<"$(server_dir "$1")/index")/24" dev lan0
	ip -n "$netns" link set lan0 up
	ip -n "$netns" link set lan0-peer up
}

start_server() {
	local name=$1 dir cgroup
	dir=$(server_dir "$name")
	cgroup=$(server_cgroup "$name")
	make_cgroup "$name"
	(
		[[ -z $cgroup ]] || echo "$BASHPID" >"$cgroup/cgroup.procs"
		exec setsid nsenter --net="/run/netns/$(server_netns "$name")" \
			unshare --mount --pid --uts --ipc --cgroup --fork --propagation private \
			env -i "PATH=$PATH" LANG=C.UTF-8 bash "$BED_DIR/inside/root.sh" "$dir"
	) >"$dir/log/init.log" 2>&1 </dev/null 9>&- &
	launcher=$!
	disown
}

# wait_ready NAME waits for the server that start_server launched.
wait_ready() {
	local dir deadline
	dir=$(server_dir "$1")
	deadline=$(($(now) + 300000))
	until [[ -e $dir/share/ready ]]; do
		if ! kill -0 "$launcher" 2>/dev/null; then
			bed_log "$1" >&2
			fail "server '$1' ended while starting; its logs are above and in $dir/log"
		fi
		if (($(now) > deadline)); then
			bed_log "$1" >&2
			fail "server '$1' was not ready within 5 minutes; its logs are above and in $dir/log; clean up with: bed down $1"
		fi
		sleep 0.05
	done
}
