# Sourced by quickstart: a private PostgreSQL cluster, or the one that
# MASA_DATABASE_URL names. Sets service_url, migration_url and service_role.

# The server refuses to run as root; then it runs as the user postgres, who
# has to reach its folder.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@" 9>&-)
  else
    "$@" 9>&-
  fi
}

choose_cluster_folder() {
  cluster="$data/postgres"
  if [ "$(id -u)" = 0 ] && ! as_postgres test -x "$data"; then
    cluster="/var/lib/masa-sandbox/$(printf %s "$data" | sha256sum | cut -c1-16)"
    mkdir -p /var/lib/masa-sandbox
    chmod 0755 /var/lib/masa-sandbox
    echo "the user postgres cannot reach $data; the cluster is in $cluster" >&2
  fi
}

# Made beside its place and moved there whole, so that a run that was killed
# leaves nothing that looks like a cluster.
make_cluster() {
  rm -rf "$cluster.new"
  mkdir "$cluster.new"
  [ "$(id -u)" != 0 ] || chown postgres "$cluster.new"
  as_postgres "$postgres_bin/initdb" -D "$cluster.new" -U postgres \
    --auth=trust --encoding=UTF8 --locale=C >"$data/postgres-init.log" 2>&1 ||
    fail "initdb failed; see $data/postgres-init.log"
  rmdir "$cluster" 2>/dev/null || true
  mv -T "$cluster.new" "$cluster"
}

# Nobody else uses this data (quickstart holds its lock): a server that runs
# was left behind by a script that was killed.
stop_orphan() {
  if as_postgres "$postgres_bin/pg_ctl" -D "$cluster" status >/dev/null 2>&1; then
    echo "stopping the PostgreSQL that an earlier run left behind" >&2
    as_postgres "$postgres_bin/pg_ctl" -D "$cluster" -s -m fast -w stop ||
      fail "the PostgreSQL that an earlier run left in $cluster does not stop"
  fi
}

make_database() {
  admin() { as_postgres "$postgres_bin/psql" -qX -h "$socket" -U postgres -v ON_ERROR_STOP=1 "$@"; }
  local role
  while read -r role; do
    [ -n "$(admin -Atc "SELECT 1 FROM pg_roles WHERE rolname = '${role%% *}'")" ] ||
      admin -c "CREATE ROLE $role"
  done <<'ROLES'
masa_migrator LOGIN CREATEROLE
masa_service NOLOGIN
masa_app LOGIN IN ROLE masa_service
ROLES
  [ -n "$(admin -Atc "SELECT 1 FROM pg_database WHERE datname = 'masa'")" ] ||
    admin -c "CREATE DATABASE masa OWNER masa_migrator"
}

start_postgres() {
  cluster_started=
  service_role=
  if [ -n "${MASA_DATABASE_URL:-}" ]; then
    # One login for both; the service takes the role that cannot change the
    # audit log.
    migration_url=$MASA_DATABASE_URL
    service_url=$MASA_DATABASE_URL
    service_role=masa_service
    return
  fi
  # Only now: a fresh machine has just got its packages.
  postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
  [ -n "$postgres_bin" ] || fail "no PostgreSQL server is installed"
  choose_cluster_folder
  if [ -f "$cluster/PG_VERSION" ]; then
    stop_orphan
  else
    make_cluster
  fi
  # Socket paths end at 107 bytes, so the socket is not under the data folder;
  # its folder is open to the server's user alone, and so is the database.
  socket=$(mktemp -d /tmp/masa-XXXXXXXX)
  [ "$(id -u)" != 0 ] || chown postgres "$socket"
  # The last two: what sessions and autovacuum write reaches the disk steadily,
  # so that no commit waits behind half a minute of it at once (ADR 0054).
  as_postgres "$postgres_bin/pg_ctl" -D "$cluster" -w -s -l "$cluster/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$socket' -c max_connections=100 \
        -c shared_buffers=512MB -c backend_flush_after=256kB" \
    start || fail "PostgreSQL did not start; see $cluster/server.log"
  cluster_started=yes
  make_database
  migration_url="postgresql:///masa?host=$socket&user=masa_migrator"
  service_url="postgresql:///masa?host=$socket&user=masa_app"
}

stop_postgres() {
  if [ -n "${cluster_started:-}" ]; then
    as_postgres "$postgres_bin/pg_ctl" -D "$cluster" -s -m fast -w stop || true
  fi
  [ -z "${socket:-}" ] || rm -rf "$socket"
}
