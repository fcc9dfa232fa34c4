#!/usr/bin/env bash
# Makes Debian 13's slim root: the required packages and apt, no documentation, manuals or translations.
set -euo pipefail
context=$1
mirror=$2

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"
mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt/lists \
	--aptopt='Acquire::Languages "none"' \
	--aptopt='Acquire::Check-Valid-Until "false"' \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt=force-unsafe-io \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/info/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright' \
	trixie "$root" "deb $mirror trixie main" "deb $mirror trixie-updates main"
# The package lists are kept beside the image: builds that stand on it start with them.
mv "$root/var/lib/apt/lists" "$context/lists"
mkdir "$root/var/lib/apt/lists"
rm -rf "$root"/var/cache/* "$root"/var/log/*.log "$root"/usr/share/{man,info,locale,lintian}/*
: >"$root/etc/resolv.conf"
tar -C "$root" --numeric-owner -cf "$context/rootfs.tar" --exclude=./dev/* .
