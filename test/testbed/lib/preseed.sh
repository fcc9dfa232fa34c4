# shellcheck shell=bash
# What a new server is configured with, written as files its first process reads.

# write_preseed SHARE INDEX writes Incus' first configuration: one bridge, one dir pool, a default profile.
write_preseed() {
	cat >"$1/preseed.yml" <<-YAML
		networks:
		- name: incusbr0
		  type: bridge
		  config:
		    ipv4.address: 10.77.$2.1/24
		    ipv4.nat: "true"
		    ipv6.address: none
		storage_pools:
		- name: default
		  driver: dir
		profiles:
		- name: default
		  devices:
		    root:
		      type: disk
		      path: /
		      pool: default
		    eth0:
		      type: nic
		      name: eth0
		      network: incusbr0
	YAML
}
