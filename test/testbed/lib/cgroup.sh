# shellcheck shell=bash
# The cgroup that holds one server's processes, so that they can be found and containers get controllers.

# cgroup_root prints where the host mounts cgroup2 (its own place on machines with mixed cgroups).
cgroup_root() { findmnt -rn -t cgroup2 -o TARGET | head -n 1; }

# server_cgroup NAME prints the server's cgroup, empty on a machine without cgroup2.
server_cgroup() {
	local root
	root=$(cgroup_root)
	[[ -z $root ]] || echo "$root/icc-testbed/$(server_netns "$1" | sed 's/^icc-//')"
}

# make_cgroup NAME makes the server's cgroup and hands it every controller the machine hands on.
make_cgroup() {
	local cgroup parent controller
	cgroup=$(server_cgroup "$1")
	[[ -n $cgroup ]] || return 0
	mkdir -p "$cgroup"
	parent=$(dirname "$cgroup")
	for controller in $(<"$parent/cgroup.controllers"); do
		echo "+$controller" >"$parent/cgroup.subtree_control" || say "cgroup controller $controller cannot be handed on"
	done
}

remove_cgroups() {
	local cgroup
	cgroup=$(server_cgroup "$1")
	[[ -d $cgroup ]] || return 0
	find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
	rmdir "$(dirname "$cgroup")" 2>/dev/null || true
}
