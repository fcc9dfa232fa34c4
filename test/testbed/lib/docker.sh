# shellcheck shell=bash
# A Docker engine on a server's host, for who asks: its kept root, its namespaces, and the client's way to it.

docker_key() {
	{ declare -f build_docker && cat "$BED_DIR/recipe/docker-packages"; } | sha256sum | cut -c1-12
}

docker_root() { echo "$CACHE/docker-$(docker_key)"; }

bed_docker() {
	need_root
	local name=${1:-$DEFAULT_NAME} start
	start=$(now)
	check_name "$name"
	need_running "$name"
	install_docker
	touch "$(docker_root)"
	locked "server-$name" docker_up "$name"
	say "$name has a Docker engine: $(since "$start")"
}

# install_docker builds the kept root, which needs the machine's network: inside a server's there is no way out.
install_docker() { [[ -d $(docker_root) ]] || locked docker build_docker; }

build_docker() {
	local final temp
	final=$(docker_root)
	[[ ! -d $final ]] || return 0
	temp=$(mktemp -d "$CACHE/.docker-XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$temp'" EXIT
	phase "docker: Debian $SUITE with Docker" debian_root "$temp/root" extract "$(recipe_list docker-packages | paste -sd,)"
	mkdir "$temp/root/old-root"
	mv "$temp/root" "$final"
	rm -rf "$temp"
	trap - EXIT
	drop_unused docker
}

# docker_up NAME starts the engine in the server's network namespace and its cgroup: bed down finds it there.
docker_up() {
	local name=$1 dir cgroup launcher
	dir=$(server_dir "$name")/docker
	[[ ! -S $dir/run/docker.sock ]] || return 0
	mkdir -p "$dir"/{upper,work,merged,lib,run,config/cli-plugins}
	docker_root >"$dir/base"
	write_docker_client "$name" "$dir"
	cgroup=$(server_cgroup "$name")
	(
		if [[ -n $cgroup ]]; then
			mkdir -p "$cgroup/docker"
			echo "$BASHPID" >"$cgroup/docker/cgroup.procs"
		fi
		exec setsid nsenter --net="/run/netns/$(server_netns "$name")" \
			unshare --mount --pid --uts --ipc --cgroup --fork --kill-child --propagation private \
			env -i "PATH=$PATH" LANG=C.UTF-8 bash "$BED_DIR/inside/docker.sh" "$dir"
	) >"$dir/../log/docker.log" 2>&1 </dev/null 9>&- &
	launcher=$!
	disown
	wait_docker "$dir" "$launcher"
}

wait_docker() {
	local dir=$1 launcher=$2 deadline
	deadline=$(($(now) + 300000))
	until [[ $(curl -s --unix-socket "$dir/run/docker.sock" http://docker/_ping) == OK ]]; do
		if ! kill -0 "$launcher" 2>/dev/null || (($(now) > deadline)); then
			tail -n 40 "$dir/../log/docker.log" >&2
			fail "the Docker engine did not start; the end of its log is above"
		fi
		sleep 0.05
	done
}

# write_docker_client NAME DIR gives bed exec the engine's address, and buildx to the docker command, which is the
# machine's or else the root's.
write_docker_client() {
	local server dir=$2 base
	server=$(server_dir "$1")
	base=$(docker_root)
	ln -sf "$base/usr/libexec/docker/cli-plugins/docker-buildx" "$dir/config/cli-plugins/docker-buildx"
	echo '{}' >"$dir/config/config.json"
	command -v docker >/dev/null || ln -sf "$base/usr/bin/docker" "$server/bin/docker"
	cat >>"$server/env" <<-SH
		export DOCKER_HOST=unix://$dir/run/docker.sock
		export DOCKER_CONFIG=$dir/config
	SH
}
