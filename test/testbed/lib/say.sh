# shellcheck shell=bash
# What bed tells people: one line per phase with its duration, and errors that say what to do.

say() { printf 'bed: %s\n' "$*" >&2; }

fail() {
	printf 'bed: error: %s\n' "$*" >&2
	exit 1
}

# now prints milliseconds since the epoch.
now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# since START prints the seconds passed since START milliseconds.
since() {
	local ms=$(($(now) - $1))
	printf '%d.%02d s' $((ms / 1000)) $((ms % 1000 / 10))
}

# phase TEXT CMD... runs CMD with its output kept in a log that is shown only when it fails.
# CMD runs in a subshell of its own with errexit in force.
phase() {
	local text=$1 start log status
	shift
	start=$(now)
	log=$(mktemp)
	set +e
	(
		set -e
		"$@"
	) >"$log" 2>&1
	status=$?
	set -e
	if ((status != 0)); then
		tail -n 40 "$log" >&2
		rm -f "$log"
		fail "$text failed (exit $status), its last lines are above"
	fi
	rm -f "$log"
	say "$text: $(since "$start")"
}
