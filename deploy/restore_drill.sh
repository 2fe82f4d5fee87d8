#!/usr/bin/env bash
# A backup is taken, restored, and the audit log before and after compared; then
# one that is too old is noticed by what is kept outside the database. The jobs
# that say so without starting the service say the same:
#   deploy/restore_drill.sh
# Works on a sandbox of its own; needs nothing but what deploy/install.sh brings.
set -euo pipefail
cd "$(dirname "$0")/.."
. load-tests/sandbox.sh

step() { echo "restore drill: $*"; }
fail() { echo "restore drill: FAILED: $*" >&2; exit 1; }

issue() {  # issue FIRST LAST: nonceless vouchers, each an event of the log
  seq -f 'DRILL-%g' "$1" "$2" >"$sandbox/serials"
  operate voucher issue --serials "$sandbox/serials" --expires-in 720h \
    --domain-cert "$sandbox/sandbox/domain-ca.pem" --out "$sandbox/issued" >/dev/null
}

mirror() { echo "$sandbox/audit-mirror/masa.example/audit/acme"; }
# The newest checkpoint: its origin, its size, its root.
checkpoint() { head -n 3 "$(mirror)/checkpoint"; }
size() { sed -n 2p "$(mirror)/checkpoint"; }

# Until all events that are committed are in the log, and said to be.
wait_for_log() {
  local events
  for _ in $(seq 600); do
    events=$(sandbox_sql -c "SELECT count(*) FROM audit_events WHERE tenant_id = 'acme'")
    [ "$(size)" -ge "$events" ] && return
    sleep 0.1
  done
  fail "the log does not catch up: $(size) of $events"
}

# database_of NAME: the service's URL, with that database instead.
database_of() { sed "s|///[a-z]*?|///$1?|" "$sandbox/secrets/service-url"; }

# serve DATABASE MIRROR: another masad on a restored database, as an operator
# would start it: the same keys, its ports free. Its log is in restored.log.
serve() {
  database_of "$1" >"$sandbox/secrets/restored-url"
  sed -e 's/127\.0\.0\.1:[0-9]*/127.0.0.1:0/' -e "s|secrets/service-url|secrets/restored-url|" \
    -e "s|mirror_folder: .*|mirror_folder: $2|" "$sandbox/masad.yaml" >"$sandbox/restored.yaml"
  bazel-bin/services/masad/masad --role=all --config "$sandbox/restored.yaml" \
    2>"$sandbox/restored.log" &
  restored=$!
  until grep -qs '"serving"' "$sandbox/restored.log"; do
    kill -0 "$restored" 2>/dev/null || fail "it does not start: $(tail -n 3 "$sandbox/restored.log")"
    sleep 0.1
  done
  admin=$(sed -n 's/.*"admin_port":"\([0-9]*\)".*/\1/p' "$sandbox/restored.log")
}
end_restored() { kill -TERM "$restored"; wait "$restored" || true; }

# readyz STATUS: what it comes to say within half a minute.
readyz() {
  local said
  for _ in $(seq 300); do
    said=$(curl -s -o "$sandbox/readyz" -w '%{http_code}' "http://127.0.0.1:$admin/readyz" || true)
    [ "$said" = "$1" ] && return
    sleep 0.1
  done
  fail "/readyz says $said: $(cat "$sandbox/readyz")"
}

# restore NAME: the backup as another database of the same server.
restore() {
  sandbox_sql -c "CREATE DATABASE $1"
  pg_restore -h "$(postgres_socket)" -U postgres --exit-on-error --dbname "$1" "$sandbox/backup"
}
# counts DATABASE: rows of each table.
counts() {
  psql -qXAt -h "$(postgres_socket)" -U postgres "$1" -c "SELECT relname, (xpath('/row/n/text()',
    query_to_xml(format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
}

# verify VERB [DATABASE]: the job, as a timer runs it, on a copy of that name; its
# one line is in the file `verdict`.
verify() {
  sed "s|^storage:|&\n  backup_url_file: secrets/backup-url|" "$sandbox/masad.yaml" >"$sandbox/verify.yaml"
  database_of "${2:-masa}" >"$sandbox/secrets/backup-url"
  bazel-bin/services/masad/masad "$1" --config "$sandbox/verify.yaml" >"$sandbox/verdict" 2>&1
}
# verdict TEXT: what it has to say.
verdict() {
  grep -q "$1" "$sandbox/verdict" || fail "it says: $(cat "$sandbox/verdict")"
  step "$(cat "$sandbox/verdict")"
}

start_sandbox
mkdir "$sandbox/issued"
python3 -c '
print("serial_number,product,organization")
for i in range(1, 301): print("DRILL-%d,owned,org-acme" % i)' >"$sandbox/drill.csv"
operate device import "$sandbox/drill.csv" >/dev/null
issue 1 200
wait_for_log
before=$(checkpoint)
step "the log has $(size) events before the backup"

pg_dump -Fc -h "$(postgres_socket)" -U postgres --file "$sandbox/backup" masa
counts masa >"$sandbox/counts"
cp -r "$sandbox/audit-mirror" "$sandbox/mirror-then"

restore restored
diff "$sandbox/counts" <(counts restored) >&2 || fail "rows are missing after the restore"
serve restored "$sandbox/mirror-then"
readyz 200
after=$(head -n 3 "$sandbox/mirror-then/masa.example/audit/acme/checkpoint")
[ "$before" = "$after" ] || fail "another log after the restore: $after"
end_restored
step "the restored database has the same rows and the same log"
verify verify-audit || fail "$(cat "$sandbox/verdict")"
verdict "and as the mirror has them"
restore copy
verify verify-backup copy || fail "$(cat "$sandbox/verdict")"
verdict "which has 0 more"

issue 201 300
wait_for_log
restore old
serve old "$sandbox/audit-mirror"
readyz 503
grep -q "acme" "$sandbox/readyz" || fail "/readyz does not say whose log: $(cat "$sandbox/readyz")"
end_restored
step "what came after the backup is missed: $(cat "$sandbox/readyz")"
verify verify-backup copy || fail "$(cat "$sandbox/verdict")"
verdict "which has 1[0-9][0-9] more"
psql -qX -h "$(postgres_socket)" -U postgres copy -c "DELETE FROM vouchers WHERE voucher_id =
  (SELECT max(voucher_id::text)::bytea FROM vouchers)"
! verify verify-backup copy || fail "a backup that lacks a voucher holds"
verdict "the vouchers of 1 events are not there"
step "ok"
