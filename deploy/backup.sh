#!/bin/sh
# A dump of the whole database, proven by restoring it: DATABASE_URL=… backup.sh /var/backups/carbonseed [days kept]
set -eu
: "${DATABASE_URL:?}"
folder=${1:?usage: backup.sh FOLDER [DAYS]}
days=${2:-30}
url=$(echo "$DATABASE_URL" | sed 's|^postgres:|postgresql:|')
mkdir -p "$folder"
chmod 700 "$folder"
dump=$folder/carbonseed-$(date +%F-%H%M).dump
pg_dump --format=custom --compress=6 --file="$dump.part" "$url"

# What cannot be restored is no backup. Needs the right to create databases; BACKUP_UNTESTED=1 leaves the proof out.
if [ -z "${BACKUP_UNTESTED:-}" ]; then
    scratch=carbonseed_restore_$$
    base=${url%/*}
    psql -qX "$url" -c "CREATE DATABASE $scratch"
    trap 'psql -qX "$url" -c "DROP DATABASE IF EXISTS $scratch"' EXIT
    pg_restore --no-owner --exit-on-error --dbname="$base/$scratch" "$dump.part"
    for table in factories_factory devices_device alerts_alert reports_report; do
        restored=$(psql -qXAt "$base/$scratch" -c "SELECT count(*) FROM $table")
        live=$(psql -qXAt "$url" -c "SELECT count(*) FROM $table")
        [ "$restored" -le "$live" ] && { [ "$live" = 0 ] || [ "$restored" -gt 0 ]; } ||
            { echo "error: $table has $restored rows in the backup, $live in the database" >&2; exit 1; }
    done
fi
mv "$dump.part" "$dump"
find "$folder" -name 'carbonseed-*.dump' -mtime +"$days" -delete
echo "$dump"
