# shellcheck shell=bash

# delegate ROOT makes this process' cgroup the root of a tree of its own, with every controller there is.
# LXC strips "init.scope" from the path of process 1, so containers become siblings of it.
delegate() {
	local tree=$1/sys/fs/cgroup controller
	mount -t cgroup2 cgroup2 "$tree"
	mkdir -p "$tree/init.scope"
	echo 0 >"$tree/init.scope/cgroup.procs"
	for controller in $(<"$tree/cgroup.controllers"); do
		echo "+$controller" >"$tree/cgroup.subtree_control" || true
	done
}
