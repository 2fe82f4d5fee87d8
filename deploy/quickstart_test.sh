#!/usr/bin/env bash
# The sandbox as a stranger uses it: a registrar and pledges made with openssl,
# python's standard library and curl alone, against `quickstart.sh --serve`.
# Uses free ports and a temporary folder; prints each claim; fails if one does.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/deploy/sandbox/claims.sh"
data="$work/data folder"

# --- A pledge and a registrar that know only the published formats. ---------

# pvr SERIAL NONCE CERT KEY OUT [econtent type]
pvr() {
  python3 - "$1" "$2" "$sandbox/registrar.pem" >"$work/pvr.json" <<'PYTHON'
import base64, datetime, json, ssl, sys
serial, nonce, registrar = sys.argv[1:]
der = ssl.PEM_cert_to_DER_cert(open(registrar).read())
now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({"ietf-voucher-request:voucher": {
    "assertion": "proximity", "created-on": now, "serial-number": serial,
    "nonce": nonce,
    "proximity-registrar-cert": base64.b64encode(der).decode()}}), end="")
PYTHON
  openssl cms -sign -binary -nodetach -outform DER -in "$work/pvr.json" \
    -signer "$3" -inkey "$4" -econtent_type "${6:-1.2.840.113549.1.9.16.1.40}" \
    -md sha256 -out "$5"
}

# rvr SERIAL NONCE PVR-or-nothing SIGNER KEY CA-or-nothing OUT
rvr() {
  local ca=()
  [ -z "$6" ] || ca=(-certfile "$6")
  python3 - "$1" "$2" "$3" >"$work/rvr.json" <<'PYTHON'
import base64, datetime, json, sys
serial, nonce, prior = sys.argv[1:]
now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
leaves = {"created-on": now, "serial-number": serial, "nonce": nonce}
if prior:
    leaves["prior-signed-voucher-request"] = base64.b64encode(
        open(prior, "rb").read()).decode()
print(json.dumps({"ietf-voucher-request:voucher": leaves}), end="")
PYTHON
  openssl cms -sign -binary -nodetach -outform DER -in "$work/rvr.json" \
    -signer "$4" -inkey "$5" "${ca[@]}" \
    -econtent_type 1.2.840.113549.1.9.16.1.40 -md sha256 -out "$7"
}

# post RESOURCE BODY OUT [curl options]: prints the status.
post() {
  local resource=$1 body=$2 out=$3
  shift 3
  curl -s -o "$out" -w '%{http_code}' --cacert "$sandbox/tls-root.pem" \
    --cert "$sandbox/registrar.pem" --key "$sandbox/registrar.key" \
    -H "Content-Type: ${media_type:-application/voucher-cms+json}" --data-binary @"$body" \
    "$@" "https://localhost:$port/.well-known/brski/$resource"
}

status_is() {
  local wanted=$1
  shift
  local got
  got=$("$@")
  [ "$got" = "$wanted" ] || { echo "status $got, not $wanted"; return 1; }
}

verifies() {
  openssl cms -verify -binary -inform DER -in "$1" -purpose any \
    -CAfile "$sandbox/voucher-root.pem" -out "$work/voucher.json"
}

leaf_is() {
  python3 -c 'import json, sys
leaves = json.load(open(sys.argv[1]))["ietf-voucher:voucher"]
assert leaves[sys.argv[2]] == sys.argv[3], leaves' "$work/voucher.json" "$@"
}

# --- The claims. -------------------------------------------------------------

serve
claim "the ready line is as promised, alone" grep -qxF \
  "masa ready https=127.0.0.1:$port grpc=127.0.0.1:$((port + 1)) admin=127.0.0.1:$((port + 2)) data=$data" \
  "$work/out"
claim "nothing else is on standard output" test "$(wc -l <"$work/out")" = 1
for file in tls-root.pem voucher-root.pem idevid-root.pem idevid-ca.pem \
  idevid-ca.key operator.pem operator.key owner.pem owner.key stranger.pem \
  stranger.key domain-ca.pem domain-ca.key registrar.pem registrar.key \
  pledge.pem pledge.key; do
  claim "$file is there" test -s "$sandbox/$file"
done
claim "keys are for their owner alone" \
  test -z "$(find "$data" -name '*.key' ! -perm 600)"
claim "the pledge chains to idevid-root.pem" openssl verify \
  -CAfile "$sandbox/idevid-root.pem" -untrusted "$sandbox/idevid-ca.pem" \
  "$sandbox/pledge.pem"

at_process() {
  masactl --server "127.0.0.1:$(grep -o '"admin_rpc_port":"[0-9]*"' "$data/masad.log" |
    tail -n 1 | grep -o '[0-9]*')" admin "$@"
}
claim "an operator has it log everything for an hour" eval \
  'at_process log-level debug --for 1h | grep -q "from debug on are written until"'
claim "its self-test holds" at_process self-test
claim "what it runs by is shown" eval 'at_process config >"$work/x" && grep -q "acme-voucher" "$work/x"'
claim "by a customer it is not" eval \
  '! MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" at_process config 2>"$work/x" && grep -q PERMISSION_DENIED "$work/x"'

nonce=$(openssl rand -base64 16)
pvr DEMO-0001 "$nonce" "$sandbox/pledge.pem" "$sandbox/pledge.key" "$work/pvr"
rvr DEMO-0001 "$nonce" "$work/pvr" "$sandbox/registrar.pem" \
  "$sandbox/registrar.key" "$sandbox/domain-ca.pem" "$work/rvr"
claim "a foreign registrar gets a voucher (EP-30)" \
  status_is 200 post requestvoucher "$work/rvr" "$work/voucher"
claim "openssl cms -verify accepts it (CM-09)" verifies "$work/voucher"
claim "its nonce is the request's (VL-03)" leaf_is nonce "$nonce"
claim "its assertion is proximity (PV-15)" leaf_is assertion proximity
claim "the same request gets the same bytes (RV-24)" eval \
  'status_is 200 post requestvoucher "$work/rvr" "$work/again" && cmp "$work/voucher" "$work/again"'
claim "the audit log has it (EP-50)" eval \
  'status_is 200 post requestauditlog "$work/rvr" "$work/log" -H "Accept: application/json" && grep -qF "$nonce" "$work/log"'
claim "a request without client certificate is served (TR-11)" status_is 200 \
  curl -s -o "$work/x" -w '%{http_code}' --cacert "$sandbox/tls-root.pem" \
  -H 'Content-Type: application/voucher-cms+json' --data-binary @"$work/rvr" \
  "https://localhost:$port/.well-known/brski/requestvoucher"

claim "a new device can be minted" mint 'NEW-1'
printf 'product,serial_number,organization\ndefault,NEW-1,\nowned,OWNED-1,org-acme\n' \
  >"$work/devices.csv"
claim "devices are imported" masactl device import "$work/devices.csv"
pvr NEW-1 "$nonce" "$work/NEW-1.pem" "$work/NEW-1.key" "$work/pvr2" \
  1.2.840.113549.1.7.1
rvr NEW-1 "$nonce" "$work/pvr2" "$sandbox/registrar.pem" \
  "$sandbox/registrar.key" "$sandbox/domain-ca.pem" "$work/rvr2"
claim "a minted device with id-data content gets its voucher (CM-03)" \
  status_is 200 post requestvoucher "$work/rvr2" "$work/voucher2"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
  -subj /CN=stranger -addext extendedKeyUsage=1.3.6.1.5.5.7.3.28 \
  -keyout "$work/s.key" -out "$work/s.pem" 2>/dev/null
for serial in OWNED-1 NO-SUCH; do
  rvr "$serial" "$nonce" "" "$work/s.pem" "$work/s.key" "" \
    "$work/rvr-$serial"
  claim "a stranger gets 404 for $serial (AMB-22)" \
    status_is 404 post requestvoucher "$work/rvr-$serial" "$work/body-$serial"
done
claim "and the same words for both (SE-06)" \
  cmp "$work/body-OWNED-1" "$work/body-NO-SUCH"

echo garbage >"$work/garbage"
head -c 100000 /dev/zero >"$work/large"
claim "garbage is 400 (EP-37)" \
  status_is 400 post requestvoucher "$work/garbage" "$work/x"
claim "and says why in plain text (EP-31)" test -s "$work/x"
claim "a large body is 413 (EP-43)" \
  status_is 413 post requestvoucher "$work/large" "$work/x"
media_type=text/html claim "a wrong media type is 415 (EP-35)" \
  status_is 415 post requestvoucher "$work/rvr" "$work/x"
claim "another method is 405 (EP-06)" status_is 405 \
  curl -s -o /dev/null -w '%{http_code}' --cacert "$sandbox/tls-root.pem" \
  "https://localhost:$port/.well-known/brski/requestvoucher"
claim "another path is 404 (EP-03)" \
  status_is 404 post voucher_status "$work/rvr" "$work/x"
for version in 1.2 1.3; do
  claim "TLS $version is spoken (TR-05)" status_is 404 \
    curl -s -o /dev/null -w '%{http_code}' --cacert "$sandbox/tls-root.pem" \
    --tlsv$version --tls-max $version "https://localhost:$port/"
done
claim "TLS 1.1 is not (TR-04)" eval \
  '! curl -s --cacert "$sandbox/tls-root.pem" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "https://localhost:$port/"'

claim "masactl shows the device" eval 'masactl device get DEMO-0001 | grep -q "product: default"'
claim "masactl prints JSON" eval \
  'masactl audit show DEMO-0001 --json | python3 -c "import json, sys; assert len(json.load(sys.stdin)[\"entries\"]) == 1"'
claim "the owner sees its device" eval \
  'MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" masactl device get OWNED-1'
claim "the stranger does not" eval \
  '! MASA_CERT="$sandbox/stranger.pem" MASA_KEY="$sandbox/stranger.key" masactl device get OWNED-1 2>"$work/x" && grep -q DEVICE_UNKNOWN "$work/x"'
claim "an owner may not import" eval \
  '! MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" masactl device import "$work/devices.csv" 2>"$work/x" && grep -q PERMISSION_DENIED "$work/x"'
claim "import says which lines it refused, and 1 for none" eval \
  'masactl device import "$work/devices.csv" 2>"$work/x"; [ $? = 1 ] && grep -q "line 2: DEVICE_EXISTS" "$work/x"'
printf 'serial_number,product\nNEW-1,default\nNEW-2,default\n' >"$work/some.csv"
claim "and 2 for some" eval \
  'masactl device import "$work/some.csv" 2>/dev/null; [ $? = 2 ]'
claim "and 0 when told to skip" \
  masactl device import "$work/some.csv" --on-conflict skip
claim "whether a device could be assigned is said, and it is not" eval \
  'masactl device assign NEW-2 --organization org-acme --check | grep -qx "1 could be assigned, 0 refused" && masactl device get NEW-2 | grep -qx "owner: none"'
logged() {
  local events
  for _ in $(seq 50); do
    events=$(masactl audit list --kind "$1" --most 1 --json |
      python3 -c 'import json, sys; print(json.load(sys.stdin)["events"][0]["event_id"])') &&
      masactl audit proof "$events" --out "$work/receipt" && return
    sleep 0.1
  done
  return 1
}
log_key="masa.example/audit/acme=$sandbox/audit-log.pem"
claim "an event has a receipt a moment later" logged voucher-issued
claim "which masactl verifies without the service" masactl audit verify \
  --receipt "$work/receipt" --log-key "$sandbox/audit-log.pem"
claim "and so does a program of C2SP's texts" python3 \
  "$here/deploy/interop/tlog_verifier.py" proof "$log_key" "$work/receipt"
claim "the whole log is as its checkpoints say" masactl audit verify \
  --log-key "$sandbox/audit-log.pem"
claim "and is kept outside the database, for public tools to read" python3 \
  "$here/deploy/interop/tlog_verifier.py" log "$log_key" \
  "$data/audit-mirror/masa.example/audit/acme"
claim "a device is assigned" masactl device assign NEW-2 --organization org-acme
claim "its owner is resolved" eval \
  'masactl owner resolve NEW-2 --domain-cert "$sandbox/domain-ca.pem" | grep -q "decision: ALLOW"'
if command -v prometheus >/dev/null; then
  # A device that nobody knows, a voucher and a registrar's request each time, so
  # that there is traffic.
  cat >"$work/traffic" <<TRAFFIC
"$here/bazel-bin/services/masactl/masactl" device get NOBODY-KNOWS >"$work/nobody" 2>&1
"$here/bazel-bin/services/masactl/masactl" voucher issue --serial OWNED-1 \
  --domain-cert "$sandbox/domain-ca.pem" --expires-in 20m --out "$work/traffic.vcj"
curl -s --cacert "$sandbox/tls-root.pem" -H "Content-Type: application/voucher-cms+json" \
  --data-binary @"$work/rvr" "https://localhost:$port/.well-known/brski/requestvoucher"
TRAFFIC
  claim "Prometheus finds every metric, and every query of rules and dashboards has data" \
    /usr/bin/python3 "$here/deploy/monitoring/monitoring_test.py" --live "$data" "$work/traffic"
fi
claim "a voucher is issued without a registrar" masactl voucher issue \
  --serial OWNED-1 --domain-cert "$sandbox/domain-ca.pem" --expires-in 20m \
  --out "$work/issued.vcj"
claim "and verifies" verifies "$work/issued.vcj"
claim "with the assertion verified (PV-16)" leaf_is assertion verified

claim "a voucher is issued as JWS (EP-11)" eval \
  'masactl voucher issue --serial OWNED-1 --domain-cert "$sandbox/domain-ca.pem" --expires-in 20m --format jws --out "$work/issued.vjj" && python3 -c "import json, sys; json.load(open(sys.argv[1]))[\"signatures\"][0][\"protected\"]" "$work/issued.vjj"'
claim "and as COSE_Sign1, tag 18 (CO-01)" eval \
  'masactl voucher issue --serial OWNED-1 --domain-cert "$sandbox/domain-ca.pem" --expires-in 20m --format cose --out "$work/issued.vch" && [ "$(head -c 2 "$work/issued.vch" | od -An -tx1 | tr -d " ")" = d284 ]'

printf 'serial_number,product,organization\n' >"$work/sold.csv"
printf 'SOLD-%s,owned,org-acme\n' $(seq 300) >>"$work/sold.csv"
masactl device import "$work/sold.csv" >/dev/null
mkdir "$work/sold"
# sell FILE: a voucher for each serial number in it.
sell() {
  masactl voucher issue --serials "$1" --domain-cert "$sandbox/domain-ca.pem" \
    --expires-in 720h --out "$work/sold"
}
tail -n +2 "$work/sold.csv" | cut -d, -f1 >"$work/serials"
claim "a batch of vouchers is issued, a file each" eval \
  'sell "$work/serials" | grep -q "^300 vouchers are in .*, 0 devices were refused" && [ "$(ls "$work/sold" | wc -l)" = 300 ] && verifies "$work/sold/SOLD-300.vcj" && leaf_is serial-number SOLD-300'
printf 'SOLD-1\nNOT-SOLD\n' >"$work/serials"
claim "what is unknown is named, and the rest of a batch goes on" eval \
  'sell "$work/serials" >"$work/y" 2>"$work/x"; [ $? = 2 ] && grep -q "^NOT-SOLD: DEVICE_UNKNOWN" "$work/x" && grep -q "^1 voucher is" "$work/y"'
printf 'NOT-SOLD\n' >"$work/serials"
claim "a batch that gets nothing fails" eval \
  'sell "$work/serials"; [ $? = 1 ]'
claim "vouchers are verified by the anchors that the service publishes" eval \
  'masactl voucher anchors --out "$work/anchors.pem" | grep -q "^acme-nonceless  ECDSA_P256" && openssl cms -verify -binary -inform DER -in "$work/sold/SOLD-1.vcj" -purpose any -CAfile "$work/anchors.pem" -out /dev/null'

printf 'serial_number,product\nOLD-1,compat\n' >"$work/old.csv"
masactl device import "$work/old.csv" >/dev/null
rvr OLD-1 "$nonce" "" "$sandbox/registrar.pem" "$sandbox/registrar.key" \
  "$sandbox/domain-ca.pem" "$work/rvr-old"
base64 "$work/rvr-old" >"$work/rvr-old.b64"
base64 "$work/rvr" >"$work/rvr.b64"
# old_post FILE OUT: as registrars built on drafts before RFC 8995 ask.
old_post() {
  curl -s -o "$2" -w '%{http_code}' --cacert "$sandbox/tls-root.pem" \
    -H 'Content-Type: application/pkcs7-mime; smime-type=voucher-request' \
    --data-binary @"$1" "https://localhost:$port/.well-known/est/requestvoucher"
}
claim "product compat takes path, type and base64 of old drafts (EP-04, EP-14)" \
  status_is 200 old_post "$work/rvr-old.b64" "$work/old.b64"
claim "and answers in base64" eval \
  'base64 -d "$work/old.b64" >"$work/old.vcj" && verifies "$work/old.vcj"'
claim "other products do not (EP-04)" \
  status_is 404 old_post "$work/rvr.b64" "$work/x"

claim "three hundred crafted requests in three formats find no row broken" \
  /usr/bin/python3 "$here/deploy/interop/run.py" --data "$data" --port "$port" \
  --masactl "$here/bazel-bin/services/masactl/masactl"

claim "a client of openconfig's service finds its roles and codes as published" \
  /usr/bin/python3 "$here/deploy/interop/ovgs.py" --data "$data" \
  --grpc "$((port + 1))" --masactl "$here/bazel-bin/services/masactl/masactl"

as_owner() {
  MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" masactl "$@"
}
claim "a customer is made, and made once" eval \
  'masactl org create org-new --name "Musterfrau & Sons" && masactl org list | grep -qx "org-new  Musterfrau & Sons" && ! masactl org create org-new --name again 2>"$work/x" && grep -q ORGANIZATION_EXISTS "$work/x"'
claim "an owner makes a group, and a robot its assigner" eval \
  'group=$(as_owner group create North --parent org-acme) && as_owner role give robot --group "$group" --role assigner && as_owner role list --group "$group" | grep -qx "$group  assigner  robot of org-acme"'
claim "a group shows where it stands" eval \
  'as_owner group list | grep -qx "  $group  North" && as_owner group rename "$group" "Far north" && as_owner group list | grep -q "Far north"'
claim "a domain certificate is added to it, and keeps its id when it is changed" eval \
  'cert=$(as_owner domain-cert add "$sandbox/domain-ca.pem" --group "$group" --expires-in 24h) && as_owner domain-cert rotate "$cert" "$sandbox/domain-ca.pem" --expires-in 48h && [ "$(as_owner domain-cert list --group "$group" | cut -d" " -f1)" = "$cert" ]'
claim "a device goes into it, is there already, and goes back" eval \
  'as_owner device place OWNED-1 --group "$group" --check | grep -qx "1 could be placed, 0 refused" && as_owner device place OWNED-1 --group "$group" | grep -qx "1 placed, 0 refused" && as_owner device list --organization org-acme --group "$group" | grep -q "^OWNED-1 " && as_owner device place OWNED-1 --group "$group" && as_owner device place OWNED-1 --group org-acme && ! as_owner device list --organization org-acme --group "$group" | grep -q "^OWNED-1 "'
claim "what is not its owner's does not" eval \
  '! as_owner device place OLD-1 --group "$group" 2>"$work/x" && grep -qx "OLD-1: DEVICE_UNKNOWN: .*" "$work/x"'
claim "another customer sees none of it" eval \
  '! MASA_CERT="$sandbox/stranger.pem" MASA_KEY="$sandbox/stranger.key" masactl group delete "$group" 2>"$work/x" && grep -q GROUP_NOT_FOUND "$work/x"'
claim "an owner's EST server is on record for the groups below" eval \
  'as_owner onboarding set org-acme --est-domain "https://[2001:db8::1]:8443" --est-cert "$sandbox/domain-ca.pem" && as_owner onboarding show "$group" | grep -qx "org-acme: EST server https://\[2001:db8::1\]:8443"'
claim "a voucher for onboarding there says so" eval \
  'masactl voucher issue --serial OWNED-1 --est --expires-in 20m --out "$work/est.vcj" && grep -aqF "\"est-domain\":\"https://[2001:db8::1]:8443\"" "$work/est.vcj"'
claim "without the record there is none" eval \
  'as_owner onboarding clear org-acme && ! masactl voucher issue --serial OWNED-1 --est --expires-in 20m --out "$work/x.vcj" 2>"$work/x" && grep -q ONBOARDING_UNKNOWN "$work/x"'
claim "a group that is not empty stays, an empty one goes" eval \
  '! as_owner group delete "$group" 2>"$work/x" && grep -q GROUP_NOT_EMPTY "$work/x" && as_owner domain-cert delete "$cert" && as_owner role take robot --group "$group" && as_owner group delete "$group"'

claim "the five products are there" eval \
  '[ "$(masactl product list | cut -d" " -f1 | sort | xargs)" = "compat constrained default owned prm" ]'
claim "a product is changed by what get prints" eval \
  'masactl product get default >"$work/product.json" && masactl product set "$work/product.json" | grep -q "is written"'
claim "what cannot be is refused with the field" eval \
  'sed "s/FORMAT_JWS_JSON/FORMAT_OF_2031/" "$work/product.json" >"$work/bad.json"; ! masactl product set "$work/bad.json" 2>"$work/x" && grep -q formats "$work/x"'
claim "an owner may not" eval \
  '! MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" masactl product list 2>"$work/x" && grep -q PERMISSION_DENIED "$work/x"'
claim "a blocked device gets nothing (PV-23)" eval \
  'masactl device block OLD-1 --check | grep -q "1 could be blocked" && status_is 200 old_post "$work/rvr-old.b64" "$work/x" && masactl device block OLD-1 && status_is 403 old_post "$work/rvr-old.b64" "$work/x"'
claim "and is served when the block is lifted" eval \
  'masactl device block OLD-1 --lift && status_is 200 old_post "$work/rvr-old.b64" "$work/x"'
claim "a blocked domain gets nothing (RV-30)" eval \
  'masactl tenant block-domain "$sandbox/domain-ca.pem" --note "as Erika Musterfrau asked" && status_is 403 post requestvoucher "$work/rvr" "$work/x"'
claim "and is served when the block is lifted" eval \
  'masactl tenant block-domain "$sandbox/domain-ca.pem" --lift && status_is 200 post requestvoucher "$work/rvr" "$work/x"'
openssl rand -hex 16 >"$work/password"
claim "registrars of a customer can be asked for a password (TR-13)" eval \
  'masactl tenant registrar-auth --organization org-acme basic --user registrar --password-file "$work/password" && status_is 401 post requestvoucher "$work/rvr" "$work/x"'
claim "which opens it" \
  status_is 200 post requestvoucher "$work/rvr" "$work/x" -u "registrar:$(cat "$work/password")"
claim "and can be asked no more" eval \
  'masactl tenant registrar-auth --organization org-acme signature && status_is 200 post requestvoucher "$work/rvr" "$work/x"'
claim "a customer can be given vouchers that never end, and can lose that (AMB-01)" eval \
  'masactl tenant endless-vouchers --organization org-acme | grep -q may && masactl tenant endless-vouchers --organization org-acme --refuse | grep -q "gets no"'

sold() {
  masactl voucher issue --serial OWNED-1 --domain-cert "$sandbox/domain-ca.pem" \
    --expires-in 20m --out "$work/sold.vcj" 2>"$work/x"
}
printf 'acme-nonceless # stolen\nacme-voucher\n' >"$data/secrets/stopped-keys"
until ! sold; do sleep 0.1; done
claim "keys that are stopped sign nothing (OP-11)" grep -q SIGNER_UNAVAILABLE "$work/x"
: >"$data/secrets/stopped-keys"
claim "and sign again when the list is empty" eval \
  'for _ in $(seq 50); do sold && break; sleep 0.1; done; [ -s "$work/sold.vcj" ] && sold'

claim "SIGTERM ends it with 0" end_sandbox
serve
claim "a second run keeps devices, vouchers and log" eval \
  'masactl audit show DEMO-0001 | grep -qF "$nonce" && masactl device get NEW-2 | grep -q "owner: org-acme"'
claim "and answers the old request with the old bytes" eval \
  'status_is 200 post requestvoucher "$work/rvr" "$work/again" && cmp "$work/voucher" "$work/again"'
claim "a port in use is one clear line" eval \
  '! "$here/deploy/quickstart.sh" --serve --data "$work/other" --port-base "$port" 2>"$work/x" && [ "$(wc -l <"$work/x")" = 1 ] && grep -q "in use" "$work/x"'
claim "data in use is refused" eval \
  '! "$here/deploy/quickstart.sh" --serve --data "$data" --port-base "$((port + 4))" 2>"$work/x" && grep -q "another sandbox" "$work/x"'
claim "a second end is clean too" end_sandbox
serve --limits
# One connection, a hundred requests at once.
curl -s --cacert "$sandbox/tls-root.pem" -o /dev/null \
  -w '%{http_code} %header{retry-after}\n' \
  "https://localhost:$port/nothing?[1-100]" >"$work/flood"
claim "with --limits a flood is told when to come back (SE-01)" eval \
  'grep -qx "404 " "$work/flood" && grep -qE "^429 [1-9]" "$work/flood"'
claim "an end with limits on is clean" end_sandbox
claim "an unknown signer is refused clearly" eval \
  '! "$here/deploy/quickstart.sh" --serve --signer hsm 2>"$work/x" && grep -q "pkcs11 is needed" "$work/x"'
claim "with --signer pkcs11 a device is onboarded by keys in a token (OP-01)" eval \
  '"$here/deploy/quickstart.sh" --once --signer pkcs11 --data "$work/hsm" --port-base "$port" >"$work/x" 2>&1 &&
   grep -q "HSM: token masa has key acme-voucher\"" "$work/hsm/masad.log"'
claim "where its voucher's receipt is verified, by the log's key in the token" eval \
  'grep -q "^holds: number [0-9]* of [0-9]* in masa.example/audit/acme is " "$work/x" && grep -q "HSM: token masa has key acme-audit\"" "$work/hsm/masad.log"'
claim "and nothing is offered to be tried once all has stopped" eval \
  '! grep -q "what to try next" "$work/x"'
claim "where 500 vouchers are issued at once" eval \
  'grep -qE "^500 vouchers, .*: [0-9]+ per second" "$work/x" && [ "$(ls "$work/hsm/demo/batch" | wc -l)" = 500 ]'
for run in "$data" "$work/hsm"; do
  claim "no secret and no personal data stands in any log of $(basename "$run") (SE-11)" \
    python3 "$here/deploy/scrub.py" --value "a password=$(cat "$work/password")" \
    --value "a customer's name=Musterfrau" --value "a group's name=Far north" \
    --value "a note=Erika Muster" --value "a nonce=$nonce" --value "a serial number=DEMO-0001" \
    --value "a serial number=OWNED-1" --value "a serial number=SOLD-300" \
    "$run" "$work/err" "$work/out"
done
claim "no PIN stands in the log" eval \
  '! grep -qFf "$work/hsm/secrets/hsm-pin" "$work/hsm/masad.log" "$work/x"'
echo 99 >"$data/format"
claim "data of a newer version is refused" eval \
  '! "$here/deploy/quickstart.sh" --serve --data "$data" --port-base "$port" 2>"$work/x" && grep -q newer "$work/x"'

echo "quickstart_test: $([ "$failed" = 0 ] && echo ok || echo "$failed claims failed")"
[ "$failed" = 0 ]
