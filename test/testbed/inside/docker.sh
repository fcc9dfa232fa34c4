#!/usr/bin/env bash
# First process of a Docker engine's namespaces: builds a root over the kept one, moves into it and becomes dockerd.
set -euo pipefail

dir=$1
root=$dir/merged

# shellcheck source=/dev/null
. "$(dirname "$0")/delegate.sh"

mount -t overlay overlay -o "lowerdir=$(<"$dir/base"),upperdir=$dir/upper,workdir=$dir/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
[[ -z $(findmnt -rn -t cgroup2) ]] || delegate "$root"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/engine" "$root/var/lib/docker"
mount --bind "$dir/run" "$root/run/engine"
mount --bind "$dir/lib" "$root/var/lib/docker"

cd "$root"
pivot_root . old-root
# The network is the server's: the engine leaves its firewall alone. docker.io is the registry on loopback.
exec chroot . /usr/bin/bash -c 'umount -l /old-root && exec dockerd --host unix:///run/engine/docker.sock \
	--iptables=false --ip6tables=false --registry-mirror https://127.0.0.1:5000 --insecure-registry 127.0.0.1:5000'
