#!/usr/bin/env bash
# Makes busybox's root from Debian's static busybox: the program, its applet links and the usual accounts.
set -euo pipefail
context=$1
base=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,dev,etc,home,lib,root,tmp,usr/bin,usr/sbin,var/spool/mail,var/www}
chmod 0755 "$root"
chmod 1777 "$root/tmp"
chmod 0700 "$root/root"
ln -s bin "$root/sbin"
ln -s ../../bin/env "$root/usr/bin/env"
cp "$base/usr/bin/busybox" "$root/bin/busybox"
while read -r applet; do
	[[ $applet == busybox ]] || ln "$root/bin/busybox" "$root/bin/$applet"
done < <("$base/usr/bin/busybox" --list)
cat >"$root/etc/passwd" <<'TEXT'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
TEXT
cat >"$root/etc/group" <<'TEXT'
root:x:0:
daemon:x:1:
bin:x:2:
tty:x:5:
mail:x:8:
wheel:x:10:root
www-data:x:33:
users:x:100:
nobody:x:65534:
TEXT
sed 's/:.*/:*:::::::/' "$root/etc/passwd" >"$root/etc/shadow"
chmod 0640 "$root/etc/shadow"
tar -C "$root" --numeric-owner --owner=0 --group=0 -cf "$context/rootfs.tar" .
