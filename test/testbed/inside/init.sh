#!/usr/bin/env bash
# Process 1 inside a server's root: starts lxcfs, the registry and Incus, then reaps until it is killed.
set -euo pipefail

umount -l /old-root
export HOME=/root
export PATH=/usr/libexec/incus:/usr/sbin:/usr/bin:/sbin:/bin
export INCUS_AGENT_PATH=/usr/libexec/incus
ulimit -n "$(ulimit -Hn)"

# keep_incusd starts Incus' daemon, and again when it ends, as systemd does.
keep_incusd() {
	while :; do
		incusd --group root >>/run/icc/incusd.log 2>&1 &
		echo "$!" >/run/icc/incusd.pid.new
		mv /run/icc/incusd.pid{.new,}
		wait "$!" || true
		sleep 0.1
	done
}

# thaw frees containers that this kernel leaves frozen. Where the pids controller is missing, Incus freezes a container
# before it kills it; if what an exec had started dies meanwhile, the cgroup says "frozen" for ever, and LXC waits for that.
thaw() {
	local group stuck="" found
	while sleep 1; do
		found=""
		for group in /sys/fs/cgroup/lxc.payload.*; do
			[[ $(cat "$group/cgroup.freeze" "$group/cgroup.events" 2>/dev/null) == 0*"frozen 1"* ]] || continue
			found+=" $group "
			[[ $stuck == *" $group "* ]] || continue # it may be about to thaw by itself
			echo 1 >"$group/cgroup.freeze" && echo 0 >"$group/cgroup.freeze" && echo "thawed $group"
		done
		stuck=$found
	done
}

lxcfs /var/lib/lxcfs >/run/icc/lxcfs.log 2>&1 &
OTEL_TRACES_EXPORTER=none docker-registry serve /etc/icc-testbed/registry.yml >/run/icc/registry.log 2>&1 &
until [[ -e /var/lib/lxcfs/proc ]]; do sleep 0.02; done
keep_incusd &
thaw >>/run/icc/thaw.log 2>&1 &
until [[ -e /run/icc/incusd.pid ]]; do sleep 0.02; done
incusd waitready --timeout=300
# After a reboot it is configured.
[[ -e /run/icc/configured ]] || incus admin init --preseed </run/icc/preseed.yml
touch /run/icc/configured
until (exec 3<>/dev/tcp/127.0.0.1/5000) 2>/dev/null; do sleep 0.02; done
touch /run/icc/ready

# Containers' monitors are adopted by this process: bash reaps them while it waits.
while :; do
	wait || true
	sleep 1
done
