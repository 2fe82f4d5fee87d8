# Sourced by bench.sh: the figures resolve_unary and resolve_plural. Customers
# with a domain certificate each, and devices that are theirs in turn, are
# written by the database itself, as import would have written them.

resolve_devices=10000000
resolve_unary_devices=1000000
resolve_seconds=2

# The statement that writes devices FIRST to LAST of the fleet, in the order of
# the primary key, as an import writes its chunks.
fleet_sql() {
  cat <<SQL
INSERT INTO devices (bucket, device_id, tenant_id, serial_number, product_id,
  organization_id, state, idevid_cert_der, model, mac_addr, ek_public_key_der,
  labels, version)
SELECT (get_byte(h, 0) << 2) | (get_byte(h, 1) >> 6),
  substr(sha256(name || '\\x00'::bytea), 1, 16), 'acme', serial, 'default',
  'fleet-' || i % 200, 1, '', '', '', '', '{}', 1
FROM (SELECT i, serial, name, sha256(name) AS h
  FROM (SELECT i, 'RESOLVE-' || i AS serial,
    'acme'::bytea || '\\x00'::bytea || convert_to('RESOLVE-' || i, 'UTF8')
      AS name
    FROM generate_series($1, $2) AS i) AS named) AS hashed
ORDER BY 1, 2;
SQL
}

# The fleet's owners, once per sandbox.
load_owners() {
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:resolve >&2
  local work="$sandbox/fleet"
  [ ! -d "$work" ] || return 0
  mkdir "$work"
  bazel-bin/load-tests/resolve mint "$work"
  sandbox_sql \
    -c 'CREATE TABLE fleet_owners (id text, name text)' \
    -c 'CREATE TABLE fleet_certs (id text, cert_id text, spki bytea, der bytea)' \
    -c "\\copy fleet_owners FROM '$work/organizations.csv' CSV" \
    -c "\\copy fleet_certs FROM '$work/domain_certs.csv' CSV" \
    -c "INSERT INTO organizations (tenant_id, organization_id, display_name) SELECT 'acme', id, name FROM fleet_owners" \
    -c "INSERT INTO domain_certs (tenant_id, organization_id, cert_id, spki_sha256, certificate_der, revocation_checks) SELECT 'acme', id, cert_id, spki, der, false FROM fleet_certs" \
    -c 'DROP TABLE fleet_owners' -c 'DROP TABLE fleet_certs'
}

# Devices of the owners, up to COUNT.
fleet_loaded=0
load_fleet() {
  local from
  load_owners
  for ((from = fleet_loaded; from < $1; from += 1000000)); do
    fleet_sql "$from" $((from + 1000000 < $1 ? from + 999999 : $1 - 1)) |
      sandbox_sql
  done
  [ "$fleet_loaded" -ge "$1" ] || fleet_loaded=$1
  sandbox_sql -c 'VACUUM ANALYZE devices' -c 'ANALYZE domain_certs' \
    -c CHECKPOINT
}

resolve_unary() {
  start_sandbox
  load_fleet "$resolve_unary_devices"
  bazel-bin/load-tests/resolve unary "$sandbox" "$sandbox/fleet" \
    $((port + 1)) "$fleet_loaded" "$resolve_seconds"
}

resolve_plural() {
  start_sandbox
  load_fleet "$resolve_devices"
  bazel-bin/load-tests/resolve plural "$sandbox" "$sandbox/fleet" \
    $((port + 1)) "$fleet_loaded" "$resolve_seconds" \
    "$(cat "$sandbox/secrets/service-url")"
}
