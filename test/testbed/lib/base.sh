# shellcheck shell=bash
# The kept base: a Debian 13 root with Incus from backports, built once and shared by all servers (read-only).

SUITE=trixie

# base_key changes with everything the base is made of, so that a changed recipe builds a new one.
base_key() {
	cat "$BED_DIR/lib/base.sh" "$BED_DIR/recipe/server-packages" | sha256sum | cut -c1-12
}

base_dir() { echo "$CACHE/base-$(base_key)"; }

bed_install() {
	need_root
	local start
	start=$(now)
	install_host_packages
	mkdir -p "$CACHE" "$STATE" "$PROJECTS"
	[[ -d $(base_dir) ]] || locked base build_base
	case ${1:-} in
	"") ;;
	docker) install_docker ;;
	*) fail "there is nothing called '$1' to install; see bed -h" ;;
	esac
	say "installed: $(since "$start")"
}

build_base() {
	local final temp
	final=$(base_dir)
	[[ ! -d $final ]] || return 0
	temp=$(mktemp -d "$CACHE/.base-XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$temp'" EXIT
	phase "base: Debian $SUITE with Incus" bootstrap "$temp/root"
	phase "base: registry certificate" make_certificate "$temp/root"
	phase "base: settings" settle_base "$temp/root"
	mv "$temp/root" "$final"
	rm -rf "$temp"
	trap - EXIT
	drop_unused base
}

# debian_root DIR VARIANT PACKAGES EXTRA... makes a Debian root without documentation, manuals and translations.
debian_root() {
	local root=$1 variant=$2 packages=$3 mirror
	mirror=$(debian_mirror)
	shift 3
	mmdebstrap --mode=root --variant="$variant" \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		${packages:+"--include=$packages"} "$@" "$SUITE" "$root" \
		"deb $mirror $SUITE main" "deb $mirror $SUITE-updates main" "deb $mirror $SUITE-backports main"
}

bootstrap() { debian_root "$1" apt "$(recipe_list server-packages | paste -sd,)"; }

# make_certificate ROOT signs a certificate for the registry and trusts its CA in ROOT.
make_certificate() {
	local dir=$1/etc/icc-testbed
	mkdir -p "$dir"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
		-subj "/CN=icc testbed CA" -addext "basicConstraints=critical,CA:TRUE" \
		-keyout "$dir/ca.key" -out "$dir/ca.crt"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=icc testbed registry" \
		-keyout "$dir/registry.key" -out "$dir/registry.csr"
	openssl x509 -req -in "$dir/registry.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 3650 \
		-extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$dir/registry.crt"
	rm "$dir/ca.key" "$dir/registry.csr"
	cp "$dir/ca.crt" "$1/usr/local/share/ca-certificates/icc-testbed.crt"
	chroot "$1" update-ca-certificates
}

settle_base() {
	local root=$1
	# docker.io and ghcr.io names reach the local registry; there is no other.
	cat >"$root/etc/containers/registries.conf.d/icc-testbed.conf" <<-'CONF'
		[[registry]]
		location = "docker.io"
		[[registry.mirror]]
		location = "127.0.0.1:5000"
		[[registry]]
		location = "ghcr.io"
		[[registry.mirror]]
		location = "127.0.0.1:5000"
	CONF
	cat >"$root/etc/icc-testbed/registry.yml" <<-'YAML'
		version: 0.1
		log:
		  level: warn
		storage:
		  filesystem:
		    rootdirectory: /srv/registry
		  delete:
		    enabled: true
		http:
		  addr: 127.0.0.1:5000
		  secret: testbed
		  tls:
		    certificate: /etc/icc-testbed/registry.crt
		    key: /etc/icc-testbed/registry.key
	YAML
	# No upstream: an unknown name fails at once instead of after a time-out.
	: >"$root/etc/resolv.conf"
	mkdir -p "$root/old-root" "$root/srv/registry" "$root/var/lib/lxcfs" "$root/var/log/incus" "$root/root/.config/incus"
	rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
}
