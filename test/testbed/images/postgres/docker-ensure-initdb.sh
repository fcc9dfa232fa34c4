#!/usr/bin/env bash
# Makes the database of a first start from the POSTGRES_* variables and runs /docker-entrypoint-initdb.d.
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}

if [[ -z ${POSTGRES_PASSWORD:-} && $method != trust ]]; then
	cat >&2 <<-'TEXT'
		Error: Database is uninitialized and superuser password is not specified.
		       You must specify POSTGRES_PASSWORD to a non-empty value for the
		       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".
	TEXT
	exit 1
fi

# shellcheck disable=SC2086
initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") ${POSTGRES_INITDB_ARGS:-}
printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

export PGPASSWORD=${POSTGRES_PASSWORD:-} PGHOST='' PGUSER=$user
pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
[[ $database == postgres ]] || psql -v ON_ERROR_STOP=1 --dbname postgres --set db="$database" <<<'CREATE DATABASE :"db";'
for file in /docker-entrypoint-initdb.d/*; do
	case $file in
	*.sh)
		echo "$0: running $file"
		# shellcheck source=/dev/null
		if [[ -x $file ]]; then "$file"; else . "$file"; fi
		;;
	*.sql)
		echo "$0: running $file"
		psql -v ON_ERROR_STOP=1 --no-psqlrc --dbname "$database" -f "$file"
		;;
	*.sql.gz)
		echo "$0: running $file"
		gunzip -c "$file" | psql -v ON_ERROR_STOP=1 --no-psqlrc --dbname "$database"
		;;
	esac
done
pg_ctl -D "$PGDATA" -m fast -w stop
