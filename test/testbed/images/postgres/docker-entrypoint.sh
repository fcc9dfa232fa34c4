#!/usr/bin/env bash
# As the Docker Hub image: root gives way to the user postgres, and a first start makes the database.
set -euo pipefail

# from_file VAR reads VAR from the file named by VAR_FILE, if that is set.
from_file() {
	local file=${1}_FILE
	if [[ -n ${!1:-} && -n ${!file:-} ]]; then
		echo "error: both $1 and $file are set (but are exclusive)" >&2
		exit 1
	fi
	[[ -z ${!file:-} ]] || export "$1=$(<"${!file}")"
}

become_postgres() {
	mkdir -p "$PGDATA" /var/run/postgresql
	chmod 0700 "$PGDATA" || :
	chmod 3775 /var/run/postgresql || :
	find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
	exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
}

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ $1 == postgres ]]; then
	[[ $(id -u) != 0 ]] || become_postgres "$@"
	if [[ ! -s $PGDATA/PG_VERSION ]]; then
		from_file POSTGRES_PASSWORD
		from_file POSTGRES_USER
		from_file POSTGRES_DB
		docker-ensure-initdb.sh
		unset PGPASSWORD
		printf '\nPostgreSQL init process complete; ready for start up.\n\n'
	else
		printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
	fi
fi
exec "$@"
