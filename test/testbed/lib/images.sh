# shellcheck shell=bash
# The registry's content: built once into the cache, then linked into a server's registry.

images_key() {
	(
		cd "$BED_DIR" || exit
		find images lib/images.sh inside/push.sh -type f -print0 | sort -z | xargs -0 sha256sum
	) | sha256sum | cut -c1-12
}

images_dir() { echo "$CACHE/images-$(images_key)"; }

bed_images() {
	need_root
	local name=${1:-$DEFAULT_NAME} start
	start=$(now)
	[[ -d $(base_dir) ]] || fail "the base is missing (or its recipe changed); run: $BED_DIR/bed install"
	[[ -d $(images_dir) ]] || locked images build_images
	[[ $name != --build ]] || return 0
	touch "$(images_dir)"
	check_name "$name"
	need_running "$name"
	fill_registry "$(server_dir "$name")/registry"
	say "$name has the images: $(since "$start")"
}

# fill_registry DIR adds the built images to a registry's storage, without copying the blobs: they are named by
# their content and never written again. The small link files are written in place, so they are copied.
fill_registry() {
	local seed target=$1/docker/registry/v2
	seed=$(images_dir)/docker/registry/v2
	mkdir -p "$target/blobs" "$target/repositories"
	cp -a --link --no-clobber "$seed/blobs/." "$target/blobs/" 2>/dev/null ||
		cp -a --no-clobber "$seed/blobs/." "$target/blobs/"
	cp -a "$seed/repositories/." "$target/repositories/"
}

build_images() {
	local final work
	final=$(images_dir)
	[[ ! -d $final ]] || return 0
	work=$(mktemp -d "$CACHE/.images-XXXXXX")
	# shellcheck disable=SC2064
	trap "unmount_below '$work'; rm -rf '$work'" EXIT
	mkdir -p "$work"/{contexts,graph,run,registry,apt-lists}
	build_all "$work"
	phase "images: registry" push_images "$work"
	mv "$work/registry" "$final"
	unmount_below "$work"
	rm -rf "$work"
	trap - EXIT
	drop_unused images
}

# build_all WORK builds what others stand on first, then the rest at once.
build_all() {
	local work=$1 image pids=() pid failed=0
	phase "image debian" build_image "$work" debian
	for image in "$BED_DIR"/images/*/; do
		image=$(basename "$image")
		[[ $image != debian ]] || continue
		phase "image $image" build_image "$work" "$image" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
	((!failed)) || exit 1
}

# build_image WORK IMAGE prepares a copy of the image's folder and builds its Containerfile.
build_image() {
	local work=$1 image=$2 context=$1/contexts/$2 lists=$1/apt-lists/$2 ref refs=()
	cp -a "$BED_DIR/images/$image" "$context"
	[[ ! -x $context/prepare.sh ]] || "$context/prepare.sh" "$context" "$(debian_mirror)" "$(base_dir)"
	# Each build has package lists of its own (apt locks them), filled by the first one.
	mkdir -p "$lists"
	[[ $image == debian ]] || cp -a "$work/contexts/debian/lists/." "$lists/"
	for ref in $(image_refs "$image"); do refs+=(--tag "docker.io/$ref"); done
	images_buildah "$work" build --isolation chroot --network host --pull-never \
		--format "$(image_format "$image")" --volume "$lists:/var/lib/apt/lists" \
		"${refs[@]}" "$context"
}

images_buildah() {
	local work=$1
	shift
	buildah --root "$work/graph" --runroot "$work/run" --storage-driver overlay "$@"
}

image_refs() { sed -n 's/^# refs: //p' "$BED_DIR/images/$1/Containerfile"; }

# image_format prints the manifest format: only Docker's has a HEALTHCHECK.
image_format() {
	if grep -q '^HEALTHCHECK' "$BED_DIR/images/$1/Containerfile"; then echo docker; else echo oci; fi
}

# push_images WORK fills WORK/registry, by a registry in namespaces of its own that end with the command.
push_images() {
	local work=$1 image
	for image in "$BED_DIR"/images/*/; do image_refs "$(basename "$image")"; done | tr ' ' '\n' >"$work/refs"
	unshare --mount --net --pid --fork --kill-child --propagation private \
		bash "$BED_DIR/inside/push.sh" "$(base_dir)" "$work"
	# "busybox" names the same as "library/busybox", as on Docker Hub.
	cp -a "$work"/registry/docker/registry/v2/repositories/{library/.,}
}
