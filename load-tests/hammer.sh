# Sourced by what runs scenarios of hammer against a sandbox.
. load-tests/resolve.sh
. load-tests/requests.sh

# The sandbox, with the devices that the scenarios take; and beside its database
# one with the same schema and no devices, for limits.
start_hammered_sandbox() {
  local needed
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests/hammer >&2
  start_sandbox
  # With the few rows that the schema begins with.
  sandbox_sql -c 'CREATE DATABASE bare'
  pg_dump -h "$(postgres_socket)" -U postgres masa |
    psql -qX -v ON_ERROR_STOP=1 -h "$(postgres_socket)" -U postgres bare >/dev/null
  needed=$(python3 load-tests/plan.py "$@" | awk '{sum += $3} END {print sum + 0}')
  load_owners
  prepare_requests "$needed"
  cp "$sandbox/fleet/domains.txt" "$sandbox/bench/"
}

# run_scenarios OUT SCENARIO...: one after the other, those with few devices on
# record first; with hammer_options. False where a budget does not hold.
used=0 giving=0
hammer_options=()
run_scenarios() {
  local out=$1 status=0 scenario fleet taken given name
  shift
  while read -r scenario fleet taken given <&3; do
    [ "$fleet" -le "$fleet_loaded" ] || load_fleet "$fleet"
    name=$(basename "$scenario" .yaml)
    echo "run: $name" >&2
    bazel-bin/load-tests/hammer/hammer "$scenario" --sandbox "$sandbox" \
      --work "$sandbox/bench" --https "127.0.0.1:$port" \
      --api "127.0.0.1:$((port + 1))" --first "$used" \
      --masad "$(sandbox_masad)" --postgres "$(postmaster)" \
      --database "$(superuser_url masa)" --bare-database "$(superuser_url bare)" \
      --out "$out/$name.json" --journal "$sandbox/journal" \
      "${hammer_options[@]}" ||
      { status=1; echo "run: $name: a budget does not hold" >&2; }
    used=$((used + taken)) giving=$((giving + given))
  done 3< <(python3 load-tests/plan.py "$@")
  return "$status"
}

superuser_url() { echo "postgresql:///$1?host=$(postgres_socket)&user=postgres"; }

# What clients were given is on record, once. Some scenarios give nothing.
check_journal() {
  [ "$giving" -gt 0 ] || return 0
  python3 load-tests/checker.py --journal "$sandbox/journal" \
    --socket "$(postgres_socket)"
}
