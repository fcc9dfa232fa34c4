#!/usr/bin/env bash
# Brings up examples/guestbook and shows it: on the Incus that the user's client configuration reaches, or, when there
# is none that runs OCI containers, on a private one (test/testbed). `demo.sh down` leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly name=demo
readonly project=examples/guestbook/compose.yaml
readonly mark=bin/.demo-private # says that the demo runs on the private server

# icc and on run a command where the demo's server is.
on() {
  if [[ -e $mark ]]; then test/testbed/bed exec "$name" -- "$@"; else "$@"; fi
}
icc() { on "$PWD/bin/icc" -f "$project" "$@"; }

# private starts a server of the demo's own and fills its registry.
private() {
  echo "No Incus here runs OCI containers: starting a private one (root and Debian's packages are needed for it)."
  test/testbed/bed install
  touch "$mark"
  test/testbed/bed up "$name"
  test/testbed/bed images "$name"
}

up() {
  rm -f "$mark"
  if ! reason=$(icc --progress quiet plan 2>&1 >/dev/null); then
    printf '%s\n' "$reason" | sed 's/^/  /'
    private
  fi
  icc up --detach
  echo
  echo "\$ curl http://127.0.0.1:${GUESTBOOK_PORT:-8080}/"
  on curl --silent --show-error --fail --retry 10 --retry-connrefused --retry-delay 1 "http://127.0.0.1:${GUESTBOOK_PORT:-8080}/"
  echo
  echo "\$ icc ps"
  icc ps
  explain
}

explain() {
  local run="bin/icc -f $project"
  if [[ -e $mark ]]; then run="test/testbed/bed exec $name -- $run"; fi
  cat <<TEXT

The project is up. Look around, for example:
  $run logs
  $run exec redis sh
  $run plan
Tear it down, with its data:
  make demo-down
TEXT
}

down() {
  if [[ -e $mark ]]; then
    test/testbed/bed down "$name"
    rm -f "$mark"
  else
    icc down --volumes --rmi all --remove-orphans
  fi
}

case ${1:-} in
  up) up ;;
  down) down ;;
  *) echo "usage: $0 up|down" >&2; exit 2 ;;
esac
