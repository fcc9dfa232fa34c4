# shellcheck shell=bash
# Where things are kept, and the names of one server's namespaces.

CACHE=${ICC_TESTBED_CACHE:-/var/cache/icc-testbed}
STATE=${ICC_TESTBED_STATE:-/var/tmp/icc-testbed}
PROJECTS=${ICC_TESTBED_PROJECTS:-/var/tmp/icc-projects}
DEFAULT_NAME=icc

need_root() { [[ $EUID -eq 0 ]] || fail "bed needs root; run it with sudo"; }

# check_name NAME refuses what cannot name a host, a namespace and a folder at once.
check_name() {
	[[ $1 =~ ^[a-z][a-z0-9-]{0,19}$ ]] ||
		fail "'$1' is no server name: use a lower case letter, then up to 19 of a-z 0-9 -"
}

server_dir() { echo "$STATE/$1"; }

# server_netns NAME prints the server's network namespace. Servers of one name in different states are different ones.
server_netns() {
	local file
	file=$(server_dir "$1")/env
	if [[ -s $file ]]; then
		sed -n 's/^export ICC_TESTBED_NETNS=//p' "$file"
	elif [[ $STATE == /var/tmp/icc-testbed ]]; then
		echo "icc-$1"
	else
		echo "icc-$1-$(printf %s "$STATE" | cksum | cut -d ' ' -f 1)"
	fi
}

# server_pid NAME prints the id of the server's first process, if that very process still runs.
server_pid() {
	local file pid started
	file=$(server_dir "$1")/pid
	[[ -r $file ]] || return 0
	read -r pid started <"$file" || return 0
	[[ $(process_start "$pid") != "$started" ]] || echo "$pid"
}

# process_start PID prints the kernel's start time of a process: with the id it names one process for good.
process_start() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	# fields after the command in brackets: state is the 3rd, starttime the 22nd
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	echo "${20}"
}

# locked FILE CMD... runs CMD while holding a lock other runs of bed wait for. CMD must start daemons with 9>&-.
locked() {
	local name=$1
	shift
	mkdir -p "$CACHE/locks"
	{
		flock -n 9 || {
			say "waiting for another bed ($name)"
			flock 9
		}
		"$@"
	} 9>"$CACHE/locks/$name"
}

# drop_unused KIND removes bases, images or Docker roots of other recipes which nobody has used for two days and no
# server stands on, and what a killed build left.
drop_unused() {
	local dir
	find "$CACHE" -maxdepth 1 -name "$1-*" -mtime +1 | while read -r dir; do
		grep -qsxF "$dir" "$STATE"/*/base "$STATE"/*/docker/base || rm -rf "$dir"
	done
	find "$CACHE" -maxdepth 1 -name ".$1-*" -mmin +60 | while read -r dir; do
		unmount_below "$dir"
		rm -rf --one-file-system "$dir"
	done
}
