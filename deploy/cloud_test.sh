#!/usr/bin/env bash
# The cloud registrar of the sandbox as a device uses it: requests made with
# openssl and sent with curl. At the end a device has got home by its owner's
# registrar, and another by its owner's EST server. Uses free ports and a
# temporary folder; prints each claim; fails if one does.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/deploy/sandbox/claims.sh"
as_owner() {
  MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" masactl "$@"
}

# --- A device that knows only the published formats. -------------------------

# pvr SERIAL NONCE OUT: the request of the device that $work/SERIAL.pem is.
pvr() {
  python3 - "$1" "$2" >"$work/pvr.json" <<'PYTHON'
import datetime, json, sys
now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({"ietf-voucher-request:voucher": {
    "created-on": now, "serial-number": sys.argv[1], "nonce": sys.argv[2]}}),
    end="")
PYTHON
  openssl cms -sign -binary -nodetach -outform DER -in "$work/pvr.json" \
    -signer "$work/$1.pem" -inkey "$work/$1.key" \
    -econtent_type 1.2.840.113549.1.9.16.1.40 -md sha256 -out "$3"
}

# cloud SERIAL RESOURCE BODY TYPE: prints the status; the answer is in
# $work/answer, its head in $work/head.
cloud() {
  curl -s -D "$work/head" -o "$work/answer" -w '%{http_code}' \
    --cacert "$sandbox/tls-root.pem" --cert "$work/$1.pem" --key "$work/$1.key" \
    --resolve "cloud.masa.example:$port:127.0.0.1" -H "Content-Type: $4" \
    --data-binary @"$3" "https://cloud.masa.example:$port/.well-known/$2"
}

# ask SERIAL NONCE: a request for a voucher.
ask() {
  pvr "$1" "$2" "$work/$1.pvr" &&
    cloud "$1" brski/requestvoucher "$work/$1.pvr" application/voucher-cms+json
}

# tell SERIAL RESOURCE JSON
tell() {
  printf '%s' "$3" >"$work/told"
  cloud "$1" "brski/$2" "$work/told" application/json
}

status_is() {
  local wanted=$1
  shift
  local got
  got=$("$@")
  [ "$got" = "$wanted" ] || { echo "status $got, not $wanted"; return 1; }
}

head_has() { tr -d '\r' <"$work/head" | grep -iqx "$1"; }

voucher_says() {
  openssl cms -verify -binary -inform DER -in "$work/answer" -purpose any \
    -CAfile "$sandbox/voucher-root.pem" -out "$work/voucher.json" &&
    python3 -c 'import json, sys
leaves = json.load(open(sys.argv[1]))["ietf-voucher:voucher"]
for wanted in sys.argv[2:]:
    name, value = wanted.split("=", 1)
    assert leaves[name] == value, leaves' "$work/voucher.json" "$@"
}

# --- The claims. -------------------------------------------------------------

serve
new_nonce() { openssl rand -base64 16; }
claim "two devices are minted and one is not on record" eval \
  'mint HOME-1 && mint HOME-2 && mint HOME-9'
printf 'serial_number,product\nHOME-1,owned\nHOME-2,owned\n' >"$work/devices.csv"
claim "the factory puts them on record" masactl device import "$work/devices.csv"

claim "without a certificate there is no connection (CR-02)" eval \
  '! curl -s --cacert "$sandbox/tls-root.pem" --resolve "cloud.masa.example:$port:127.0.0.1" "https://cloud.masa.example:$port/.well-known/brski/requestvoucher"'
claim "an unknown device is unknown (CR-07)" status_is 404 ask HOME-9 "$(new_nonce)"
claim "a device without an owner shall come back (CR-10)" eval \
  'status_is 401 ask HOME-1 "$(new_nonce)" && head_has "Retry-After: 3600"'
claim "garbage is malformed (CR-08)" status_is 400 \
  cloud HOME-1 brski/requestvoucher "$work/devices.csv" application/voucher-cms+json
claim "there is no EST here (CR-19)" status_is 404 \
  cloud HOME-1 est/csrattrs "$work/devices.csv" text/plain

claim "they are sold" masactl device assign HOME-1 HOME-2 --organization org-acme
claim "the owner says where its registrar is" as_owner onboarding set org-acme \
  --registrar-url https://registrar.customer.example:8443
claim "the device is sent there (CR-11, CR-12)" eval \
  'status_is 307 ask HOME-1 "$(new_nonce)" && head_has "Location: https://registrar.customer.example:8443/.well-known/brski/requestvoucher"'
claim "nobody is sent back here (CR-31)" eval \
  '! as_owner onboarding set org-acme --registrar-url https://cloud.masa.example 2>"$work/x" && grep -q registrar_url "$work/x"'

claim "the owner names its EST server instead" as_owner onboarding set org-acme \
  --est-domain https://est.customer.example --est-cert "$sandbox/domain-ca.pem"
nonce=$(new_nonce)
claim "the device gets a voucher for it (CR-13)" eval \
  'status_is 200 ask HOME-2 "$nonce" && voucher_says "est-domain=https://est.customer.example" "nonce=$nonce" serial-number=HOME-2'
cp "$work/answer" "$work/first" 2>/dev/null
claim "the same request gets the same octets (CR-26)" eval \
  'status_is 200 cloud HOME-2 brski/requestvoucher "$work/HOME-2.pvr" application/voucher-cms+json && cmp "$work/first" "$work/answer"'
claim "the log shows it once (CR-17)" eval \
  '[ "$(masactl audit show HOME-2 | grep -cF "$nonce")" = 1 ]'

claim "the device tells how it went (CR-21)" status_is 200 tell HOME-2 \
  voucher_status '{"version":1,"status":true,"reason":"it holds"}'
claim "and how enrolling went (CR-23)" status_is 200 tell HOME-2 enrollstatus \
  '{"version":1,"status":false,"reason":"no such profile","more":0}'
claim "what says nothing is malformed (CR-22)" status_is 400 tell HOME-2 \
  voucher_status '{"version":1}'
claim "people see it" eval \
  'masactl device get HOME-2 >"$work/x" && grep -q "^voucher status: success, .*own certificate: it holds" "$work/x" && grep -q "^enrollment status: failure, .*no such profile" "$work/x"'
claim "and with --json for scripts" eval \
  'masactl device get HOME-2 --json >"$work/x" && python3 -c "
import json, sys
device = json.load(open(sys.argv[1]))
told = {report[\"kind\"]: report[\"success\"] for report in device[\"reports\"]}
assert device[\"serial_number\"] == \"HOME-2\", device
assert told == {\"DEVICE_REPORT_KIND_VOUCHER_STATUS\": True, \"DEVICE_REPORT_KIND_ENROLL_STATUS\": False}, told
" "$work/x"'
claim "a blocked device gets nothing" eval \
  'masactl device block HOME-2 && status_is 403 ask HOME-2 "$(new_nonce)"'

claim "nothing of it stands in any log (SE-11)" python3 "$here/deploy/scrub.py" \
  --value "a device's own words=no such profile" --value "a customer's server=customer.example" \
  --value "a serial number=HOME-2" --value "a nonce=$nonce" "$data" "$work/err" "$work/out"

echo "cloud_test: $([ "$failed" = 0 ] && echo ok || echo "$failed claims failed")"
exit $((failed > 0))
