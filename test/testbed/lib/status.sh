# shellcheck shell=bash
# What is there: servers with their subnet and process, and their logs.

bed_status() {
	local dir name pid
	printf '%-20s %-8s %-16s %s\n' NAME PROCESS SUBNET STATE
	for dir in "$STATE"/*/; do
		[[ -e $dir/index ]] || continue
		name=$(basename "$dir")
		pid=$(server_pid "$name")
		printf '%-20s %-8s %-16s %s\n' "$name" "${pid:-dead}" "10.77.$(<"$dir/index").0/24" "${dir%/}"
	done
}

bed_log() {
	local name=${1:-$DEFAULT_NAME} dir file
	check_name "$name"
	dir=$(server_dir "$name")
	[[ -d $dir ]] || fail "there is no server '$name'"
	for file in "$dir"/log/init.log "$dir"/share/*.log; do
		[[ ! -s $file ]] || tail -n 40 -v "$file"
	done
}
