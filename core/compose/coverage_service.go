package compose

// serviceRows are about what a service is and how it relates to others.
func serviceRows() []row {
	s := func(name string) string { return "services.*." + name }
	return []row{
		mapped(s("image"), "An image of any OCI registry, or of an Incus remote: images:debian/13."),
		mapped(s("pull_policy"), "always, missing, never, build, daily, weekly, every_<duration>; refresh asks as pull_refresh_after says, and each time without it."),
		approximated(s("pull_refresh_after"), "Taken together with pull_policy: refresh as every_<duration>."),
		mapped(s("platform"), "The platform of the image; the server must be able to run it."),
		approximated(s("container_name"), "The instance's name, with hyphens for underscores and dots, and a DNS name.").quiet(),
		mapped(s("scale"), "The number of instances."),
		mapped(s("profiles"), "The service is left out unless one of its profiles is active."),
		mapped(s("extends"), "Taken from another service, of another file, too."),
		mapped(s("extends.file"), "The other file."),
		mapped(s("extends.service"), "The other service."),
		mapped(s("labels"), "user.label.* of the instance.").below(),
		mapped(s("label_file"), "Files with labels."),
		mapped(s("annotations"), "user.annotation.* of the instance.").below(),
		mapped(s("attach"), "With false, up in the foreground leaves the service's logs out."),
		mapped(s("depends_on"), "Order of start and stop, each service as soon as its own dependencies allow."),
		mapped(s("depends_on.*"), "One dependency."),
		mapped(s("depends_on.*.condition"), "service_started, service_healthy and service_completed_successfully; the last one needs icc-init in the dependency."),
		mapped(s("depends_on.*.required"), "With false, the dependency may be missing, and its failure is a warning."),
		mapped(s("depends_on.*.restart"), "The service is restarted after its dependency was restarted or made anew by icc."),
		approximated(s("links"), "The alias is a DNS name for everyone on the shared networks; the dependency is kept."),
		planned(s("external_links"), "Names of other projects' containers do not resolve.").advise("share an external network"),
		mapped(s("expose"), "Recorded; instances of one network reach each other's ports anyway."),
		mapped(s("restart"), "no, always, unless-stopped and on-failure with a number, with Docker's delays between restarts. Without icc-init, on-failure restarts whatever the exit code is, and says so."),
		refused(s("provider"), "Services of external programs are not supported yet.",
			"run the program by hand, or declare a plugin's resource under x-icc.resources").below(),
		refused(s("models"), "Incus runs no language models.", "run the model as a service and set the variables yourself").below(),
		planned(s("develop"), "Used by watch only, which does not exist yet.").below().info(),
	}
}

// processRows are about the main process and its surroundings.
func processRows() []row {
	s := func(name string) string { return "services.*." + name }
	return []row{
		mapped(s("command"), "Replaces the image's CMD. Without icc-init, arguments with line breaks, or with both kinds of quotes, are refused."),
		mapped(s("entrypoint"), "Replaces the image's ENTRYPOINT and drops its CMD; without icc-init with the limits of command."),
		mapped(s("working_dir"), "The process's directory."),
		mapped(s("user"), "The process's user and group, by number or name."),
		mapped(s("group_add"), "Further groups of the process, by number or name.").
			needsInit("the process does not get these groups, and may lack permissions that they give"),
		mapped(s("environment"), "Environment of the process and of exec. Without icc-init, values with line breaks are refused, and empty ones announced as unset.").below(),
		mapped(s("env_file"), "Files with variables."),
		mapped(s("env_file.[].path"), "The file."),
		mapped(s("env_file.[].required"), "With false, the file may be missing."),
		mapped(s("env_file.[].format"), "The usual format, or raw: no quotes, no variables."),
		mapped(s("hostname"), "The host name inside.").needsInit("the host name inside stays the instance's name"),
		mapped(s("domainname"), "The domain of resolv.conf."),
		mapped(s("init"), "icc-init is the first process: it reaps and forwards signals. With false, the command itself is: nobody sees it end, so no exit code and no restart, and what it prints right before its end may be missing from the logs.").
			unless(true).needsInit("the instance's first process is its own init, or Incus'"),
		mapped(s("tty"), "Whether the process has a terminal; without icc-init it always has one."),
		mapped(s("stdin_open"), "The process's input stays open for attach."),
		mapped(s("stop_signal"), "The image's own when there is none here. Without icc-init, Incus kills what is left about one second after SIGTERM."),
		mapped(s("stop_grace_period"), "How long a stop waits before it kills; 10 s by default.").
			needsInit("Incus kills a process that gets SIGTERM after about one second, whatever the period"),
		mapped(s("umask"), "The process's umask.").needsInit("the process keeps the usual umask"),
		approximated(s("dns"), "Name servers that are asked after the networks' own, for what those refuse. Docker asks them for every name that is no container's; here the networks' own ask the server's resolver for most of those."),
		mapped(s("dns_opt"), "Options in resolv.conf.").needsInit("the options of resolv.conf stay Incus' own"),
		mapped(s("dns_search"), "Search domains in resolv.conf."),
		mapped(s("extra_hosts"), "Lines of /etc/hosts; host-gateway is the server's address on the service's network.").below().
			needsInit("these names do not resolve inside the service"),
		approximated(s("logging"), "icc keeps the logs itself: json-file and local with max-size and max-file, and none. Other drivers and options are reported, and change nothing.").below().quiet().
			needsInit("logs are what Incus keeps of the console: the last 128 KiB"),
		mapped(s("secrets"), "Files under /run/secrets, read-only."),
		mapped(s("secrets.[].source"), "The secret."),
		mapped(s("secrets.[].target"), "The file; relative names are under /run/secrets."),
		mapped(s("secrets.[].uid"), "The file's owner, by number."),
		mapped(s("secrets.[].gid"), "The file's group, by number."),
		mapped(s("secrets.[].mode"), "The file's mode; 0444 by default."),
		mapped(s("configs"), "Files, read-only."),
		mapped(s("configs.[].source"), "The config."),
		mapped(s("configs.[].target"), "The file; relative names are under /."),
		mapped(s("configs.[].uid"), "The file's owner, by number."),
		mapped(s("configs.[].gid"), "The file's group, by number."),
		mapped(s("configs.[].mode"), "The file's mode; 0444 by default."),
	}
}

// lifecycleRows are about health checks and hooks.
func lifecycleRows() []row {
	s := func(name string) string { return "services.*." + name }
	return []row{
		mapped(s("healthcheck"), "The image's own check when there is none here."),
		mapped(s("healthcheck.test"), "The command."),
		mapped(s("healthcheck.interval"), "Time between two checks. Until the first one, icc-init checks early, after 0.25, 0.5, 1, 2, 4 … seconds: a success that a second check confirms one second later counts, a failure does not."),
		mapped(s("healthcheck.timeout"), "Time for one check."),
		mapped(s("healthcheck.retries"), "Failures until the service counts as unhealthy."),
		mapped(s("healthcheck.start_period"), "Time in which failures do not count."),
		mapped(s("healthcheck.start_interval"), "Time between two checks in the start period."),
		mapped(s("healthcheck.disable"), "Switches off the image's check, too."),
		approximated(s("pre_start"), "Steps that run to their end, each in an instance of its own, before the first replica starts; an instance of a failed step is kept for its logs. per_replica is refused. A changed step runs at the next start.").below().quiet(),
		mapped(s("post_start"), "Commands that run in the instance after its start; one that fails fails the start.").below().
			needsInit("these commands are not run after the start").advise("run them with icc exec"),
		mapped(s("pre_stop"), "Commands that run in the instance before its stop.").below().
			needsInit("these commands are not run before the stop").advise("run them with icc exec"),
	}
}
