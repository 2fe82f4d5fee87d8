# Sourced by what measures: a sandbox, and ways to load and ask it.

# One sandbox for all figures: its own data, its own ports, gone with us.
sandbox=
sandbox_pid=
token=
stop_sandbox() {
  [ -z "$sandbox_pid" ] || { kill -TERM "$sandbox_pid" && wait "$sandbox_pid"; } || true
  [ -z "$sandbox" ] || rm -rf "$sandbox"
  [ -z "$token" ] || rm -rf "$token"
}
trap stop_sandbox EXIT

free_port_base() {
  python3 - <<'PYTHON'
import socket
while True:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = probe.getsockname()[1]
    try:
        for port in range(base, base + 4):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        print(base)
        break
    except (OSError, OverflowError):
        pass
PYTHON
}

# masactl as the operator, silent but for its errors.
operate() {
  MASA_SERVER="127.0.0.1:$((port + 1))" MASA_CA="$sandbox/sandbox/tls-root.pem" \
    MASA_CERT="$sandbox/sandbox/operator.pem" MASA_KEY="$sandbox/sandbox/operator.key" \
    bazel-bin/services/masactl/masactl "$@"
}

start_sandbox() {
  [ -z "$sandbox" ] || return 0
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:request_voucher //services/masactl >&2
  sandbox=$(mktemp -d "${TMPDIR:-/tmp}/masa-bench.XXXXXX")
  chmod 755 "$sandbox"
  port=$(free_port_base)
  deploy/quickstart.sh --serve --data "$sandbox" --port-base "$port" \
    >"$sandbox/out" 2>"$sandbox/err" &
  sandbox_pid=$!
  until grep -q '^masa ready' "$sandbox/out"; do
    kill -0 "$sandbox_pid" 2>/dev/null || { cat "$sandbox/err" >&2; exit 1; }
    sleep 0.2
  done
}

# The folder of PostgreSQL's socket.
postgres_socket() {
  grep -o 'host=[^&]*' "$sandbox/secrets/service-url" | cut -d= -f2 |
    python3 -c 'import sys, urllib.parse; print(urllib.parse.unquote(sys.stdin.read().strip()))'
}

# The process id that PostgreSQL left beside it.
postmaster() { head -n 1 "$(postgres_socket)"/.s.PGSQL.*.lock; }

# import_csv FIRST COUNT: devices as a line of production has them.
import_csv() {
  python3 -c '
import sys
first, count = int(sys.argv[1]), int(sys.argv[2])
print("serial_number,product")
sys.stdout.writelines("IMPORT-%d,default\n" % i for i in range(first, first + count))
' "$1" "$2"
}

# SQL as the database's superuser.
sandbox_sql() {
  psql -qXAt -v ON_ERROR_STOP=1 -h "$(postgres_socket)" -U postgres masa "$@"
}

sandbox_masad() { pgrep -f "^[^ ]*masad --role=all --config $sandbox/masad.yaml"; }

now() { python3 -c 'import time; print(time.monotonic())'; }
