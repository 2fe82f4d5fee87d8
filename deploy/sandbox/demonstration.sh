# Sourced by quickstart: the device DEMO-0001, and one onboarding for a person
# to watch.

use_masactl() {
  export MASA_SERVER="127.0.0.1:$((port + 1))"
  export MASA_CA="$data/sandbox/tls-root.pem"
  export MASA_CERT="$data/sandbox/operator.pem"
  export MASA_KEY="$data/sandbox/operator.key"
}

seed_device() {
  (
    use_masactl
    printf 'serial_number,product\nDEMO-0001,default\n' >"$data/demo-devices.csv"
    "$bin/masactl/masactl" device import "$data/demo-devices.csv" --on-conflict skip \
      >/dev/null
  ) || fail "DEMO-0001 could not be imported"
}

metrics() {
  curl -sf "http://127.0.0.1:$((port + 2))/metrics" |
    grep -E '^masa_[a-z_]+_total' | LC_ALL=C sort
}

step() { printf '\n== %s\n' "$*"; }

# check_voucher PATH: PATH.vcj chains to what a device trusts.
check_voucher() {
  openssl cms -verify -binary -inform DER -in "$1.vcj" -purpose any \
    -CAfile "$data/sandbox/voucher-root.pem" -out "$1.json"
  python3 -m json.tool "$1.json"
}

# issue_batch COUNT: a voucher ahead of time for each of so many sold devices.
issue_batch() {
  local begun ended folder="$data/demo/batch" number
  mkdir -p "$folder"
  {
    echo "serial_number,product,organization"
    for number in $(seq "$1"); do echo "SOLD-$number,owned,org-acme"; done
  } >"$data/demo/sold.csv"
  "$bin/masactl/masactl" device import "$data/demo/sold.csv" --on-conflict skip
  tail -n +2 "$data/demo/sold.csv" | cut -d, -f1 >"$data/demo/sold"
  begun=$(date +%s%N)
  "$bin/masactl/masactl" voucher issue --serials "$data/demo/sold" \
    --domain-cert "$data/sandbox/domain-ca.pem" --expires-in 720h --out "$folder"
  ended=$(date +%s%N)
  echo "$1 vouchers, each committed before it was answered:" \
    "$(($1 * 1000000000 / (ended - begun))) per second"
}

# show_receipt FOLDER: of the voucher that was issued last.
show_receipt() {
  local voucher
  voucher=$("$bin/masactl/masactl" audit list --device DEMO-0001 \
    --kind voucher-issued --most 1 --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["events"][0]["voucher_id"])')
  # An event is under a signed checkpoint within a second or two.
  for _ in $(seq 50); do
    if "$bin/masactl/masactl" audit proof --voucher "$voucher" \
      --out "$1/event.tlog-proof" 2>/dev/null; then
      break
    fi
    sleep 0.1
  done
  cat "$1/event.tlog-proof"
  "$bin/masactl/masactl" audit verify --receipt "$1/event.tlog-proof" \
    --log-key "$data/$(log_certificate)"
  python3 "$here/deploy/interop/tlog_verifier.py" proof \
    "masa.example/audit/acme=$data/$(log_certificate)" "$1/event.tlog-proof"
}

demonstrate() {
  use_masactl
  local out="$data/demo"
  mkdir -p "$out"
  metrics >"$out/metrics-before"

  step "DEMO-0001 asks its registrar; the registrar asks the MASA over HTTPS with mutual TLS"
  "$bin/testing/demo/demo" --data "$data" --port "$port" --out "$out"

  step "openssl checks the voucher"
  check_voucher "$out/voucher"

  step "the audit log that the registrar read"
  python3 -m json.tool "$out/audit-log.json"

  step "who owns DEMO-0001? (gRPC)"
  "$bin/masactl/masactl" owner resolve DEMO-0001

  step "the manufacturer's view of the same log (gRPC)"
  "$bin/masactl/masactl" audit show DEMO-0001

  step "a voucher without a registrar, for a nonce that the device gave (gRPC)"
  "$bin/masactl/masactl" voucher issue --serial DEMO-0001 \
    --domain-cert "$data/sandbox/domain-ca.pem" \
    --nonce "$(openssl rand -base64 16)" --out "$out/issued.vcj"
  check_voucher "$out/issued"

  step "proof that the voucher's event is in the audit log, checked without the service"
  show_receipt "$out"

  step "a sale: vouchers for 500 devices at once, and what verifies them (gRPC)"
  issue_batch 500
  "$bin/masactl/masactl" voucher anchors

  homecoming

  step "metrics that moved"
  metrics >"$out/metrics-after"
  LC_ALL=C comm -13 "$out/metrics-before" "$out/metrics-after" >"$out/metrics-moved"
  [ -s "$out/metrics-moved" ] || fail "no metric moved"
  cat "$out/metrics-moved"
}

next_steps() {
  step "what to try next"
  printf 'export %s=%q\n' MASA_SERVER "$MASA_SERVER" MASA_CA "$MASA_CA" \
    MASA_CERT "$MASA_CERT" MASA_KEY "$MASA_KEY"
  printf '%q device get DEMO-0001\n' "$bin/masactl/masactl"
  cat <<NEXT
curl -s http://127.0.0.1:$((port + 2))/metrics
Point a registrar at https://localhost:$port, trusting $data/sandbox/tls-root.pem.
NEXT
}
