#!/bin/sh
# Writes /etc/nginx/templates/X.template to /etc/nginx/conf.d/X with the environment's variables put in.
set -e

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$templates" ] || exit 0
defined=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
find "$templates" -follow -type f -name '*.template' | while read -r template; do
	target=$output/${template#"$templates/"}
	target=${target%.template}
	mkdir -p "$(dirname "$target")"
	echo "$0: Running envsubst on $template to $target"
	envsubst "$defined" <"$template" >"$target"
done
