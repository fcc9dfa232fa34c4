#!/bin/sh
# As the Docker Hub image: runs /docker-entrypoint.d/*.sh before the server starts.
set -e

if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
	for script in /docker-entrypoint.d/*.sh; do
		[ -x "$script" ] || continue
		echo "$0: Launching $script"
		"$script"
	done
	echo "$0: Configuration complete; ready for start up"
fi
exec "$@"
