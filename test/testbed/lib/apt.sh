# shellcheck shell=bash
# The packages the host itself needs, from the machine's own apt sources.

# recipe_list FILE prints a recipe's packages, one a line, without comments.
recipe_list() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$BED_DIR/recipe/$1"; }

missing_packages() {
	local package status
	while read -r package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[[ $status == installed ]] || echo "$package"
	done < <(recipe_list host-packages)
}

install_host_packages() {
	local packages
	mapfile -t packages < <(missing_packages)
	((${#packages[@]})) || return 0
	phase "apt-get update" apt_quiet update
	phase "host packages (${packages[*]})" apt_quiet install -y --no-install-recommends "${packages[@]}"
}

apt_quiet() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"; }

# debian_mirror prints the Debian archive the host's apt uses, so that a local mirror serves the base too.
debian_mirror() {
	local component uri
	# shellcheck disable=SC2016
	while read -r component uri; do
		[[ $component == main && $uri =~ /debian/?$ ]] || continue
		echo "${uri%/}"
		return
	done < <(apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null)
	echo http://deb.debian.org/debian
}
