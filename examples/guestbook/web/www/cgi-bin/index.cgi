#!/bin/sh
# Counts the visit in Redis and answers with a page. Redis' protocol is text, so nc is client enough.
answer=$(printf 'AUTH %s\r\nINCR visits\r\nQUIT\r\n' "$(cat /run/secrets/redis_password)" | nc -w 10 redis 6379 | tr -d '\r')
visits=$(printf '%s\n' "$answer" | sed -n 's/^://p')

printf 'Content-Type: text/plain\r\n\r\n'
if [ -z "$visits" ]; then
  printf 'The database did not answer: %s\n' "$answer"
  exit 0
fi
printf '%s\nYou are visitor number %s.\nServed by %s.\n' "$GUESTBOOK_TITLE" "$visits" "$(hostname)"
