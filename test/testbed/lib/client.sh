# shellcheck shell=bash
# What a client of one server needs: the Incus client's remotes, registries for podman and buildah, the env file.

# write_client DIR BASE writes all client files of the server kept in DIR.
write_client() {
	local dir=$1 base=$2
	mkdir -p "$dir/client" "$dir/containers" "$dir/bin"
	write_remotes "$dir"
	write_containers "$dir"
	write_incus_command "$dir" "$base"
	write_skopeo_command "$dir"
	cp "$base/etc/icc-testbed/ca.crt" "$dir/ca.crt"
	cat /etc/ssl/certs/ca-certificates.crt "$dir/ca.crt" >"$dir/roots.crt"
	write_env "$dir"
}

write_remotes() {
	cat >"$1/client/config.yml" <<-YAML
		default-remote: local
		remotes:
		  local:
		    addr: unix://$1/incus/unix.socket
		    public: false
		  docker.io:
		    addr: https://127.0.0.1:5000
		    protocol: oci
		    public: true
		  ghcr.io:
		    addr: https://127.0.0.1:5000
		    protocol: oci
		    public: true
	YAML
}

write_containers() {
	cat >"$1/containers/registries.conf" <<-'CONF'
		unqualified-search-registries = ["docker.io"]
		short-name-mode = "permissive"

		[[registry]]
		location = "docker.io"
		[[registry.mirror]]
		location = "127.0.0.1:5000"

		[[registry]]
		location = "ghcr.io"
		[[registry.mirror]]
		location = "127.0.0.1:5000"
	CONF
	cat >"$1/containers/storage.conf" <<-CONF
		[storage]
		driver = "overlay"
		graphroot = "$1/containers/graph"
		runroot = "$1/containers/run"
	CONF
}

# write_incus_command puts the base's incus client on the PATH of bed exec; it sees the host's files.
write_incus_command() {
	cat >"$1/bin/incus" <<-SH
		#!/bin/sh
		exec $(echo "$2"/usr/lib/*-linux-gnu*/ld-linux-*.so.*) --library-path $(echo "$2"/usr/lib/*-linux-gnu*) $2/usr/bin/incus "\$@"
	SH
	chmod +x "$1/bin/incus"
}

# write_skopeo_command makes skopeo heed CONTAINERS_REGISTRIES_CONF, which Debian 12's knows as an option only.
write_skopeo_command() {
	cat >"$1/bin/skopeo" <<-SH
		#!/bin/sh
		exec $(command -v skopeo || echo /usr/bin/skopeo) --registries-conf $1/containers/registries.conf "\$@"
	SH
	chmod +x "$1/bin/skopeo"
}

write_env() {
	cat >"$1/env" <<-SH
		export INCUS_SOCKET=$1/incus/unix.socket
		export INCUS_CONF=$1/client
		export CONTAINERS_REGISTRIES_CONF=$1/containers/registries.conf
		export CONTAINERS_STORAGE_CONF=$1/containers/storage.conf
		export BUILDAH_ISOLATION=chroot
		export SSL_CERT_FILE=$1/roots.crt
		export CURL_CA_BUNDLE=$1/roots.crt
		export ICC_TESTBED_NAME=$(basename "$1")
		export ICC_TESTBED_NETNS=$(server_netns "$(basename "$1")")
		export ICC_TESTBED_STATE=$STATE
		export ICC_TESTBED_PROJECTS=$PROJECTS
		case :\$PATH: in *:$1/bin:*) ;; *) export PATH=$1/bin:\$PATH ;; esac
	SH
}
