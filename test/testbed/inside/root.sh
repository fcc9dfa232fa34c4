#!/usr/bin/env bash
# First process of a server's namespaces: builds the root over the kept base and moves into it.
# Incus needs pivot_root: the kernel refuses user namespaces to a process in a mere chroot.
set -euo pipefail

dir=$1
root=$dir/root/merged

# The host's /proc still shows the host's ids: bed keeps id and start time to end this very process later.
record_pid() {
	local pid stat
	stat=$(</proc/self/stat)
	pid=${stat%% *}
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	echo "$pid ${20}" >"$dir/pid.new"
	mv "$dir/pid.new" "$dir/pid"
}

# shellcheck source=/dev/null
. "$(dirname "$0")/delegate.sh"

bind() {
	mkdir -p "$2"
	mount --rbind "$1" "$2"
}

record_pid
hostname "$(basename "$dir")"
mount -t overlay overlay -o "lowerdir=$(<"$dir/base"),upperdir=$dir/root/upper,workdir=$dir/root/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
[[ -z $(findmnt -rn -t cgroup2) ]] || delegate "$root"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mkdir -p "$root"/run/{lock,incus,icc}
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
bind "$dir/share" "$root/run/icc"
bind "$dir/incus" "$root/var/lib/incus"
bind "$dir/log/incus" "$root/var/log/incus"
bind "$dir/registry" "$root/srv/registry"
bind "$dir/client" "$root/root/.config/incus"
while read -r folder; do
	mkdir -p "$folder"
	bind "$folder" "$root$folder"
done <"$dir/share/binds"
basename "$dir" >"$root/etc/hostname"
printf '127.0.0.1 localhost %s\n' "$(basename "$dir")" >"$root/etc/hosts"

cd "$root"
pivot_root . old-root
exec chroot . /usr/bin/bash /run/icc/init.sh
