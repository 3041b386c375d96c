#!/bin/sh
# Makes the secrets of compose.yaml, each a file of its own; one that is there already stays as it is.
#
#   deploy/compose/secrets.sh [FOLDER=deploy/secrets]
#
# The folder is its owner's alone. The files in it can be read by everybody who gets that far, because each container mounts
# only its own and reads it as a user of its own.
set -eu
folder=${1:-$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

# 24 octets of chance in letters and digits that need no quoting, in a URL either.
word() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

# secret NAME: a file with what comes in, unless there is one; it appears as a whole.
secret() {
    if [ -e "$folder/$1" ]; then cat >/dev/null; return; fi
    cat >"$folder/.$1.new"
    chmod 444 "$folder/.$1.new"
    mv "$folder/.$1.new" "$folder/$1"
    printf 'made %s\n' "$folder/$1"
}

for name in postgres sms_owner sms_gateway sms_auditor sms_population valkey ops_token grafana; do
    word | secret "$name"
done
of() { cat "$folder/$1"; }
printf 'postgresql://sms_owner:%s@postgres/journal\n' "$(of sms_owner)" | secret journal_owner_dsn
printf 'postgresql://sms_gateway:%s@postgres/journal\n' "$(of sms_gateway)" | secret journal_dsn
printf 'postgresql://sms_auditor:%s@postgres/journal\n' "$(of sms_auditor)" | secret journal_auditor_dsn
printf 'postgresql://sms_population:%s@postgres/population\n' "$(of sms_population)" | secret population_dsn
printf 'redis://:%s@valkey/0\n' "$(of valkey)" | secret redis_url
printf '%s\n' 'bind * -::*' 'save ""' 'appendonly no' 'maxmemory 256mb' 'maxmemory-policy volatile-ttl' \
    "requirepass $(of valkey)" | secret valkey.conf
