package compose

// resourceRows are about limits and devices.
func resourceRows() []row {
	s := func(name string) string { return "services.*." + name }
	const cgroup1 = "Exists on cgroup version 1 only; Docker ignores it on version 2, too."
	return []row{
		mapped(s("cpus"), "A hard limit of processor time (limits.cpu.allowance)."),
		mapped(s("cpu_quota"), "Together with cpu_period as a hard limit of processor time."),
		mapped(s("cpu_period"), "See cpu_quota."),
		approximated(s("cpu_count"), "A limit of that many processors' time."),
		planned(s("cpu_percent"), "Windows only; no limit is set.").advise("use cpus"),
		approximated(s("cpu_shares"), "A relative weight."),
		mapped(s("cpuset"), "The processors that may be used."),
		approximated(s("cpu_rt_period"), cgroup1).warns(),
		approximated(s("cpu_rt_runtime"), cgroup1).warns(),
		mapped(s("mem_limit"), "limits.memory."),
		planned(s("mem_reservation"), "No memory is set aside."),
		approximated(s("memswap_limit"), "limits.memory.swap.").quiet(),
		approximated(s("mem_swappiness"), cgroup1).warns(),
		approximated(s("oom_kill_disable"), cgroup1).warns().unless(false),
		approximated(s("oom_score_adj"), "Set for the process; negative values need a privileged container."),
		mapped(s("pids_limit"), "limits.processes."),
		planned(s("blkio_config"), "Disk input and output are not limited.").below().
			advise("set limits.read, limits.write or limits.max with x-incus on a volume"),
		approximated(s("storage_opt"), "size, on storage pools with quotas; other options are refused.").quiet(),
		mapped(s("shm_size"), "A tmpfs on /dev/shm."),
		mapped(s("ulimits"), "limits.kernel.*."),
		mapped(s("ulimits.*"), "One limit."),
		mapped(s("ulimits.*.soft"), "The soft limit."),
		mapped(s("ulimits.*.hard"), "The hard limit."),
		mapped(s("sysctls"), "linux.sysctl.*.").below(),
		approximated(s("devices"), "Unix devices of Incus. Directories are refused.").quiet(),
		mapped(s("devices.[].source"), "The device on the host."),
		mapped(s("devices.[].target"), "The device inside."),
		approximated(s("devices.[].permissions"), "Without w, the device is not writable; m has no effect.").quiet(),
		planned(s("device_cgroup_rules"), "No devices are allowed beyond those of devices."),
		approximated(s("gpus"), "GPU devices of Incus: all, or by number or PCI address."),
		approximated(s("gpus.[].capabilities"), "gpu only.").quiet(),
		approximated(s("gpus.[].count"), "All, whatever the number.").quiet(),
		approximated(s("gpus.[].device_ids"), "Numbers and PCI addresses; other names are refused.").quiet(),
		approximated(s("gpus.[].driver"), "nvidia switches on nvidia.runtime."),
		planned(s("gpus.[].options"), "Options of a GPU's driver are not passed on.").below(),
	}
}

// securityRows are about privileges and namespaces.
func securityRows() []row {
	s := func(name string) string { return "services.*." + name }
	return []row{
		approximated(s("privileged"), "security.privileged: root inside is root of the server.").warns().unless(false).
			advise("x-incus with security.nesting: true is enough for most of what needs this"),
		approximated(s("cap_add"), "Root of a container has all capabilities within it unless cap_drop takes them away; none reach outside.").quiet(),
		mapped(s("cap_drop"), "Capabilities that the process does not get.").
			needsInit("the process KEEPS these capabilities. They reach no further than the container, but the hardening is missing"),
		approximated(s("security_opt"), "no-new-privileges. Other options are reported and NOT in force; Incus' own AppArmor and seccomp rules are.").quiet().
			needsInit("these security options are NOT in force. Incus' own AppArmor and seccomp rules are").
			advise("set what you need with x-incus, such as raw.apparmor or security.syscalls.*"),
		mapped(s("read_only"), "The root file system is read-only; mounts keep their own mode.").unless(false).
			needsInit("the root file system stays WRITABLE; the hardening is missing"),
		refused(s("userns_mode"), "Instances always have a user namespace of their own.", "use privileged: true if the service needs to be root of the server").
			unless("", "private"),
		refused(s("cgroup"), "Instances always have a control group namespace of their own.", "remove it").unless("private"),
		planned(s("cgroup_parent"), "Incus chooses the control group."),
		planned(s("ipc"), "Instances share no IPC namespace with the server or each other.").fails().
			unless("private", "shareable", "none"),
		refused(s("pid"), "Instances have process numbers of their own; Incus cannot share them.", "remove it; icc exec sees the processes of one service"),
		refused(s("uts"), "Instances have a host name of their own; Incus cannot share the server's.", "remove it").unless("private"),
		approximated(s("runtime"), "Only runc and nvidia (nvidia.runtime) exist.").fails().unless("runc", "nvidia", "io.containerd.runc.v2").
			advise("use x-icc.type: virtual-machine for stronger isolation"),
		refused(s("isolation"), "Isolation modes exist on Windows only.", "remove it").unless("default", ""),
		refused(s("credential_spec"), "Credential specs exist on Windows only.", "remove it").below(),
		refused(s("use_api_socket"), "There is no Docker API on Incus.", "remove it").unless(false),
	}
}

// deployRows are about the deploy section.
func deployRows() []row {
	d := func(name string) string { return "services.*.deploy." + name }
	rows := []row{
		mapped("services.*.deploy", "See its attributes."),
		approximated(d("mode"), "Only replicated and global exist, and global is one instance.").fails().unless("replicated", "global"),
		mapped(d("replicas"), "The number of instances."),
		approximated(d("endpoint_mode"), "DNS answers with the addresses of all replicas; there is no virtual address.").info().unless("dnsrr"),
		planned(d("labels"), "Labels of the service, as against those of its containers, are kept nowhere.").below().info(),
		mapped(d("update_config"), "How replicas are changed one after the other; without it all change at once, as with docker compose."),
		mapped(d("update_config.parallelism"), "How many at once, 1 unless said otherwise; 0 is all."),
		mapped(d("update_config.delay"), "The time between one batch and the next."),
		mapped(d("update_config.monitor"), "How long a changed replica is watched before the next one, 5 seconds unless said otherwise."),
		mapped(d("update_config.order"), "stop-first, or start-first: another instance stands in for the replica that is being changed."),
		mapped(d("update_config.failure_action"), "pause, continue or rollback."),
		mapped(d("update_config.max_failure_ratio"), "The share of failed replicas above which that is done."),
		mapped(d("rollback_config"), "The same for icc rollback and failure_action: rollback."),
		mapped(d("rollback_config.parallelism"), "As in update_config."),
		mapped(d("rollback_config.delay"), "As in update_config."),
		mapped(d("rollback_config.monitor"), "As in update_config."),
		approximated(d("rollback_config.order"), "Always stop-first: what fails makes room at once.").quiet(),
		mapped(d("rollback_config.failure_action"), "pause or continue."),
		mapped(d("rollback_config.max_failure_ratio"), "As in update_config."),
		mapped(d("resources"), "See its attributes."),
		mapped(d("resources.limits"), "See its attributes."),
		mapped(d("resources.limits.cpus"), "As cpus."),
		mapped(d("resources.limits.memory"), "As mem_limit."),
		mapped(d("resources.limits.pids"), "As pids_limit."),
		mapped(d("resources.reservations"), "See its attributes."),
		planned(d("resources.reservations.cpus"), "No processors are set aside, as with docker compose.").info(),
		planned(d("resources.reservations.memory"), "No memory is set aside."),
		approximated(d("resources.reservations.devices"), "As gpus; capabilities other than gpu are refused."),
		planned(d("resources.reservations.generic_resources"), "Only Docker Swarm knows generic resources.").below(),
		mapped(d("restart_policy"), "Instead of restart."),
		mapped(d("restart_policy.condition"), "none, any, and on-failure as with restart."),
		mapped(d("restart_policy.max_attempts"), "The number of restarts; with any, docker compose has none."),
		mapped(d("restart_policy.delay"), "Time between end and restart, instead of Docker's growing delays.").needsInit("restarts are not delayed"),
		mapped(d("restart_policy.window"), "How long the process must run for a restart to count as successful.").
			needsInit("a restart counts as successful at once"),
		planned(d("placement"), "On a cluster, Incus chooses the member.").below().advise("x-incus can set a target later; remove it on a single server"),
	}
	for _, a := range []string{"capabilities", "count", "device_ids", "driver"} {
		rows = append(rows, approximated(d("resources.reservations.devices.[]."+a), "As in gpus.").quiet())
	}
	return append(rows, planned(d("resources.reservations.devices.[].options"), "Options of a GPU's driver are not passed on.").below())
}
