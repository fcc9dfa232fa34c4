package compose

// attachmentRows are about published ports and the networks of a service.
func attachmentRows() []row {
	s := func(name string) string { return "services.*." + name }
	return []row{
		approximated(s("ports"), "Proxy devices of Incus. Clients appear with the address of the server; x-icc.nat keeps theirs.").quiet(),
		mapped(s("ports.[].target"), "The port inside."),
		approximated(s("ports.[].published"), "A port, or a range of which each replica gets one in its order; none means any free one.").quiet(),
		mapped(s("ports.[].host_ip"), "The address of the host; all by default."),
		approximated(s("ports.[].protocol"), "tcp and udp; sctp is refused.").quiet(),
		approximated(s("ports.[].mode"), "There is one server, so host and ingress are the same."),
		approximated(s("ports.[].name"), "A remark; it has no effect.").info(),
		approximated(s("ports.[].app_protocol"), "A remark; it has no effect.").info(),
		planned(s("network_mode"), "Only none, bridge and the default work; the server's or another service's network cannot be shared yet.").fails().
			unless("none", "bridge", "default").advise("put both services on a network and publish the ports that others need"),
		mapped(s("networks"), "Network cards, in the order of priority and then of name."),
		mapped(s("networks.*"), "One network card."),
		mapped(s("networks.*.aliases"), "Further DNS names on this network."),
		mapped(s("networks.*.interface_name"), "The card's name inside."),
		mapped(s("networks.*.ipv4_address"), "A fixed address."),
		mapped(s("networks.*.ipv6_address"), "A fixed address."),
		planned(s("networks.*.link_local_ips"), "These addresses are not set."),
		mapped(s("networks.*.mac_address"), "The card's address."),
		mapped(s("mac_address"), "The address of the first card."),
		planned(s("networks.*.driver_opts"), "Options of Docker's drivers for a card are not applied.").below().advise("use x-incus on the network's entry"),
		mapped(s("networks.*.priority"), "The order of the cards."),
		mapped(s("networks.*.gw_priority"), "Which network the default route goes through."),
		planned(s("networks.*.use_service_name_alias"), "The service's name resolves on this network all the same.").unless(true),
	}
}

// mountRows are about what a service mounts.
func mountRows() []row {
	v := func(name string) string { return "services.*.volumes.[]." + name }
	return []row{
		mapped("services.*.volumes", "Disk devices of Incus."),
		approximated(v("type"), "volume, bind and tmpfs; image, npipe and cluster are refused.").quiet(),
		mapped(v("source"), "A volume, a path of the server, or nothing for a volume of the instance's own."),
		mapped(v("target"), "Where it is mounted."),
		mapped(v("read_only"), "Mounted read-only."),
		approximated(v("consistency"), "Has no effect on Linux, as with Docker."),
		mapped(v("bind"), "Owners are the same inside and outside (shift)."),
		mapped(v("bind.create_host_path"), "A missing directory is made, if the server is this machine."),
		mapped(v("bind.propagation"), "How mounts below it spread."),
		approximated(v("bind.recursive"), "enabled and writable mount what is below, too."),
		planned(v("bind.selinux"), "Labels are not changed.").advise("relabel the directory on the host"),
		mapped(v("volume"), "See its attributes."),
		mapped(v("volume.nocopy"), "With true, an empty volume does not get the image's content."),
		mapped(v("volume.subpath"), "A directory of the volume."),
		mapped(v("volume.labels"), "user.label.* of a volume of the instance's own.").below(),
		mapped(v("tmpfs"), "See its attributes."),
		mapped(v("tmpfs.size"), "The tmpfs' size."),
		mapped(v("tmpfs.mode"), "The tmpfs' mode."),
		refused(v("image"), "Images cannot be mounted.", "").quiet(),
		refused(v("image.subpath"), "Images cannot be mounted.", "").quiet(),
		approximated("services.*.volumes_from", "The mounts of the other service's first replica; container: is refused.").quiet(),
		approximated("services.*.tmpfs", "size, mode, uid, gid and ro; flags such as noexec are not applied, and reported.").quiet(),
	}
}

// buildRows are about the build section.
func buildRows() []row {
	b := func(name string) string { return "services.*.build." + name }
	rows := []row{
		mapped("services.*.build", "Built by a builder plugin, of which podman, buildah and docker come with icc."),
		approximated(b("secrets.[].uid"), "Set in the Containerfile's RUN --mount.").quiet(),
		approximated(b("secrets.[].gid"), "Set in the Containerfile's RUN --mount.").quiet(),
		approximated(b("secrets.[].mode"), "Set in the Containerfile's RUN --mount.").quiet(),
		refused(b("isolation"), "Isolation modes exist on Windows only.", "remove it").unless("default", ""),
		mapped(b("additional_contexts"), "Directories, URLs, images, and images of other services (service:NAME).").below(),
	}
	for _, a := range []struct{ name, text string }{
		{"context", "A directory, a git repository, an archive, a URL of one, or - for the standard input."},
		{"dockerfile", "The Containerfile."},
		{"dockerfile_inline", "The Containerfile itself."},
		{"target", "The stage to build."},
		{"cache_from", "Where to take cached layers from."},
		{"cache_to", "Where to put cached layers."},
		{"no_cache", "Builds everything anew."},
		{"no_cache_filter", "Stages to build anew."},
		{"pull", "Always fetches the base images."},
		{"platforms", "The platforms; Incus gets that of the server."},
		{"network", "The network of the build's commands."},
		{"secrets", "Secrets that the build may read."},
		{"secrets.[].source", "The secret."},
		{"secrets.[].target", "Its name in the build."},
		{"shm_size", "The size of /dev/shm."},
		{"tags", "Further names of the image."},
		{"privileged", "Allows privileged commands."},
		{"entitlements", "Rights of the build."},
		{"provenance", "A record of how the image was built."},
		{"sbom", "A list of what is in the image."},
	} {
		rows = append(rows, mapped(b(a.name), a.text+" What the builder cannot do it says."))
	}
	for _, a := range []struct{ name, text string }{
		{"args", "Build arguments."}, {"labels", "Labels of the image."}, {"extra_hosts", "Names in the build's /etc/hosts."},
		{"ssh", "SSH agents and keys that the build may use."}, {"ulimits", "Limits of the build's commands."},
	} {
		rows = append(rows, mapped(b(a.name), a.text+" What the builder cannot do it says.").below())
	}
	return rows
}
