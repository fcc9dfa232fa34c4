package compose

// topLevelRows are about the top level, networks, volumes, secrets and configs.
func topLevelRows() []row {
	rows := []row{
		mapped("version", "Ignored, as in docker compose, which says so."),
		mapped("name", "The project's name; it is part of every name on the server."),
		mapped("include", "Other compose files, with their own directory and environment files.").below(),
		mapped("services", "Each service becomes one instance for each replica."),
		mapped("services.*", "One service."),
		planned("models", "Incus runs no language models; a service that uses one is refused.").below().quiet(),
		planned("jobs", "Jobs are not run.").below().advise("make it a service of a profile, and start it by name"),
		mapped("networks", "Networks are bridges of Incus."),
		mapped("networks.*", "One network; made when a wanted service is on it."),
		mapped("networks.*.name", "The name on the server; one that Incus cannot take is shortened and hashed."),
		approximated("networks.*.driver", "Bridges only. overlay becomes a bridge; networks of other drivers are made by hand and declared external.").quiet(),
		approximated("networks.*.driver_opts", "MTU, bridge name, masquerading and gateway mode of Docker's bridge driver, and Incus' own keys.").below().quiet(),
		mapped("networks.*.ipam", "Addresses of the network."),
		mapped("networks.*.ipam.config", "One IPv4 and one IPv6 subnet."),
		mapped("networks.*.ipam.config.[].subnet", "The network's subnet."),
		mapped("networks.*.ipam.config.[].gateway", "The network's own address."),
		mapped("networks.*.ipam.config.[].ip_range", "The range of the addresses given out."),
		mapped("networks.*.ipam.config.[].aux_addresses", "Addresses that are not given out.").below(),
		planned("networks.*.ipam.driver", "Incus itself gives out the addresses, there are no drivers for that.").unless("default"),
		planned("networks.*.ipam.options", "There are no drivers to give out addresses, and so no options for them.").below(),
		mapped("networks.*.external", "The network must exist. Only the DNS records of this project's instances are added to it."),
		mapped("networks.*.external.name", "Old form of name."),
		mapped("networks.*.internal", "No way out of the network and no default route in it."),
		mapped("networks.*.enable_ipv4", "Whether there are IPv4 addresses; on by default."),
		mapped("networks.*.enable_ipv6", "Whether there are IPv6 addresses; off by default."),
		mapped("networks.*.attachable", "Every network of Incus is."),
		mapped("networks.*.labels", "user.label.* of the network.").below(),
		mapped("volumes", "Volumes are custom storage volumes of Incus."),
		mapped("volumes.*", "One volume; made when a wanted service mounts it, removed by down --volumes only."),
		mapped("volumes.*.name", "The name on the server; one that Incus cannot take gets a hash."),
		approximated("volumes.*.driver", "local, or the name of a storage pool of Incus.").quiet(),
		approximated("volumes.*.driver_opts", "size, Incus' own keys (zfs.*, snapshots.*, …), and Docker's bind and tmpfs volumes; nfs and cifs are refused.").below().quiet(),
		approximated("volumes.*.external", "The volume must exist, in the Incus project that icc works in (--incus-project), and is never changed or removed.").quiet(),
		mapped("volumes.*.external.name", "Old form of name."),
		mapped("volumes.*.labels", "user.label.* of the volume.").below(),
	}
	return append(rows, fileObjectRows()...)
}

// fileObjectRows are about top-level secrets and configs.
func fileObjectRows() []row {
	const store = "Incus keeps no secrets or configs of its own; use file, environment or content."
	return []row{
		mapped("secrets", "Secrets lie in a volume of icc's own that goes with down."),
		mapped("secrets.*", "One secret; read when a wanted service uses it."),
		mapped("secrets.*.file", "The file with the secret."),
		mapped("secrets.*.environment", "The variable with the secret."),
		mapped("secrets.*.name", "Has a meaning for external secrets only."),
		mapped("secrets.*.labels", "Shown by icc config; Docker puts them nowhere either.").below(),
		refused("secrets.*.external", store, "").quiet(),
		refused("secrets.*.external.name", store, "").quiet(),
		refused("secrets.*.driver", store, "").quiet(),
		refused("secrets.*.driver_opts", store, "").below().quiet(),
		refused("secrets.*.template_driver", store, "").quiet(),
		mapped("configs", "Configs lie in the same volume as secrets."),
		mapped("configs.*", "One config; read when a wanted service uses it."),
		mapped("configs.*.file", "The file with the config."),
		mapped("configs.*.environment", "The variable with the config."),
		mapped("configs.*.content", "The config itself."),
		mapped("configs.*.name", "Has a meaning for external configs only."),
		mapped("configs.*.labels", "Shown by icc config; Docker puts them nowhere either.").below(),
		refused("configs.*.external", store, "").quiet(),
		refused("configs.*.external.name", store, "").quiet(),
		refused("configs.*.template_driver", store, "").quiet(),
	}
}
