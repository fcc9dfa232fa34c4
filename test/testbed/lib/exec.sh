# shellcheck shell=bash
# Running things as if on the server's host.

# split_name ARGS... sets NAME and REST from "[NAME] [--] ARGS...".
split_name() {
	NAME=$DEFAULT_NAME
	if [[ $# -gt 0 && $1 != -- ]]; then
		NAME=$1
		shift
	fi
	[[ ${1:-} != -- ]] || shift
	REST=("$@")
	check_name "$NAME"
}

need_running() {
	[[ -n $(server_pid "$1") ]] || fail "server '$1' does not run; start it with: $BED_DIR/bed up $1"
}

bed_exec() {
	need_root
	split_name "$@"
	((${#REST[@]})) || fail "bed exec: no command; use: bed exec $NAME -- CMD..."
	need_running "$NAME"
	# shellcheck source=/dev/null
	. "$(server_dir "$NAME")/env"
	exec nsenter --net="/run/netns/$ICC_TESTBED_NETNS" -- "${REST[@]}"
}

bed_incus() {
	need_root
	split_name "$@"
	need_running "$NAME"
	inside "$NAME" incus "${REST[@]}"
}

# inside NAME CMD... runs CMD in the server's own root and namespaces.
inside() {
	local name=$1
	shift
	nsenter --target "$(server_pid "$name")" --mount --pid --net --uts --ipc --cgroup \
		env -u INCUS_SOCKET -u INCUS_CONF -u INCUS_DIR HOME=/root PATH=/usr/libexec/incus:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

bed_env() {
	local name=${1:-$DEFAULT_NAME} file
	check_name "$name"
	file=$(server_dir "$name")/env
	[[ -r $file ]] || fail "there is no server '$name'; start it with: $BED_DIR/bed up $name"
	cat "$file"
}
