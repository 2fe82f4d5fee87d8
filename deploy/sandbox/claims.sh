# Sourced by tests that use the sandbox as a stranger does, and print each claim
# that they make: they set `here`. `work` and the sandbox are gone with them.

work=$(mktemp -d)
chmod 0755 "$work"
data="$work/data"
failed=0
server=

cleanup() {
  [ -z "$server" ] || kill -TERM "$server" 2>/dev/null
  [ -z "$server" ] || wait "$server" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT

# claim SENTENCE COMMAND...: the command holds.
claim() {
  local sentence=$1
  shift
  if "$@" >"$work/claim.out" 2>&1; then
    echo "ok      $sentence"
  else
    echo "FAILED  $sentence"
    sed 's/^/        /' "$work/claim.out" | tail -n 12
    failed=$((failed + 1))
  fi
}

free_ports() {
  python3 - <<'PYTHON'
import random, socket
while True:
    base = random.randrange(20000, 60000)
    try:
        held = [socket.socket() for _ in range(4)]
        for i, s in enumerate(held):
            s.bind(("127.0.0.1", base + i))
        print(base)
        break
    except OSError:
        pass
    finally:
        for s in held:
            s.close()
PYTHON
}

# serve [options of quickstart]
serve() {
  port=$(free_ports)
  : >"$work/out"
  "$here/deploy/quickstart.sh" --serve --data "$data" --port-base "$port" "$@" \
    >"$work/out" 2>"$work/err" &
  server=$!
  until [ -s "$work/out" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    sleep 0.1
  done
  sandbox="$data/sandbox"
  export MASA_SERVER="127.0.0.1:$((port + 1))" MASA_CA="$sandbox/tls-root.pem"
  export MASA_CERT="$sandbox/operator.pem" MASA_KEY="$sandbox/operator.key"
}

masactl() { "$here/bazel-bin/services/masactl/masactl" "$@"; }

# Ends the sandbox; its status is that of quickstart.
end_sandbox() {
  kill -TERM "$server"
  wait "$server"
  local status=$?
  server=
  return "$status"
}

# mint SERIAL: a new device of the demo manufacturer, in $work/SERIAL.pem.
mint() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/serialNumber=$1" -keyout "$work/$1.key" -out "$work/$1.csr" &&
    openssl x509 -req -in "$work/$1.csr" -CA "$sandbox/idevid-ca.pem" \
      -CAkey "$sandbox/idevid-ca.key" -CAcreateserial \
      -CAserial "$work/serial" -days 30 -out "$work/$1.pem"
}
