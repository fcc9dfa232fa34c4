# shellcheck shell=bash
# What happens to a server in its life: a restart of Incus alone, a reboot of its host, a power failure.

# bed_restart ends Incus' daemon as its update does, instances go on, and waits for the next one. With --crash it is
# killed without a word.
bed_restart() {
	need_root
	local name=${1:-$DEFAULT_NAME} start signal=TERM
	start=$(now)
	[[ ${2:-} != --crash ]] || signal=KILL
	check_name "$name"
	need_running "$name"
	end_daemon "$name" "$signal"
	inside "$name" timeout 300 incusd waitready || fail "Incus did not come back; see: $BED_DIR/bed log $name"
	say "$name has a new daemon: $(since "$start")"
}

# end_daemon ends Incus' daemon; the server's process 1 starts the next one.
end_daemon() {
	# shellcheck disable=SC2016
	inside "$1" bash -c 'read -r pid </run/icc/incusd.pid && kill -"$0" "$pid" && for ((i = 0; i < 3000; i++)); do
		[[ -d /proc/$pid ]] || exit 0
		sleep 0.02
	done; kill -KILL "$pid"' "$2"
}

# bed_reboot ends everything that runs on the server and starts it again on the same disk. With --crash nothing is
# told before, as when the power fails.
bed_reboot() {
	need_root
	local name=$DEFAULT_NAME crash='' start
	[[ $# -eq 0 || $1 == --crash ]] || {
		name=$1
		shift
	}
	[[ ${1:-} != --crash ]] || crash=1
	start=$(now)
	check_name "$name"
	need_running "$name"
	[[ -n $crash ]] || inside "$name" incus admin shutdown --timeout 240 || fail "Incus did not shut down; see: $BED_DIR/bed log $name"
	locked "server-$name" server_again "$name"
	say "$name is up again: $(since "$start")"
}

server_again() {
	local launcher
	server_off "$1"
	rm -f "$(server_dir "$1")"/share/{ready,incusd.pid}
	make_network "$1"
	start_server "$1"
	wait_ready "$1"
}
