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

write_registry_config() {
	cat >"$1/registry.yml" <<-'YAML'
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
		  tls:
		    certificate: /etc/icc-testbed/registry.crt
		    key: /etc/icc-testbed/registry.key
	YAML
}
