# Sourced by quickstart: one device from the factory to its owner's network,
# though no registrar is on its link. Its requests are made with openssl and
# sent with curl, as any device's could be.

# home_request NAME LEAVES...: signs the leaves (name=value) as $out/NAME.pem
# would, into $out/NAME.request. A value that begins with @ is a file's octets.
home_request() {
  local name=$1
  shift
  python3 - "$@" >"$out/$name.leaves" <<'PYTHON'
import base64, datetime, json, sys
leaves = {"created-on": datetime.datetime.utcnow().strftime(
    "%Y-%m-%dT%H:%M:%SZ")}
for leaf in sys.argv[1:]:
    key, value = leaf.split("=", 1)
    if value.startswith("@"):
        value = base64.b64encode(open(value[1:], "rb").read()).decode()
    leaves[key] = value
print(json.dumps({"ietf-voucher-request:voucher": leaves}), end="")
PYTHON
  openssl cms -sign -binary -nodetach -outform DER -in "$out/$name.leaves" \
    -signer "$out/$name.pem" -inkey "$out/$name.key" \
    -certfile "$out/$name.chain" -md sha256 \
    -econtent_type 1.2.840.113549.1.9.16.1.40 -out "$out/$name.request"
}

# home_post NAME HOST PATH TYPE FILE: POSTs the file with NAME's certificate;
# leaves head and body in $out/answer, and prints the status line.
home_post() {
  curl -s -D "$out/answer.head" -o "$out/answer" \
    --cacert "$data/sandbox/tls-root.pem" --cert "$out/$1.pem" \
    --key "$out/$1.key" --resolve "$2:$port:127.0.0.1" \
    -H "Content-Type: $4" --data-binary @"$5" \
    "https://$2:$port/.well-known/$3"
  tr -d '\r' <"$out/answer.head" | grep -iE '^(HTTP|Location|Retry-After)'
}

# home_ask: the device asks the cloud registrar, with a new nonce.
home_ask() {
  home_request device "serial-number=$serial" "nonce=$(openssl rand -base64 16)"
  home_post device cloud.masa.example brski/requestvoucher \
    application/voucher-cms+json "$out/device.request"
}

home_enrol_at_factory() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$out/device.key"
  openssl req -new -key "$out/device.key" -subj "/serialNumber=$serial" \
    -outform DER | base64 -w0 >"$out/device.csr"
  cp "$data/sandbox/line.pem" "$data/sandbox/line.key" "$out/"
  home_post line localhost est/simpleenroll application/pkcs10 "$out/device.csr"
  base64 -d "$out/answer" | openssl pkcs7 -inform DER -print_certs |
    openssl x509 -out "$out/device.pem"
  cp "$data/sandbox/idevid-ca.pem" "$out/device.chain"
  openssl verify -CAfile "$data/sandbox/idevid-root.pem" \
    -untrusted "$data/sandbox/idevid-ca.pem" "$out/device.pem"
}

# The owner's registrar takes the device's request to the MASA.
home_ask_registrar() {
  local nonce
  nonce=$(openssl rand -base64 16)
  openssl x509 -in "$data/sandbox/registrar.pem" -outform DER \
    -out "$out/registrar.der"
  home_request device "serial-number=$serial" "nonce=$nonce" \
    assertion=proximity "proximity-registrar-cert=@$out/registrar.der"
  cp "$data/sandbox/registrar.pem" "$data/sandbox/registrar.key" "$out/"
  cp "$data/sandbox/domain-ca.pem" "$out/registrar.chain"
  home_request registrar "serial-number=$serial" "nonce=$nonce" \
    "prior-signed-voucher-request=@$out/device.request"
  home_post registrar localhost brski/requestvoucher \
    application/voucher-cms+json "$out/registrar.request"
  cp "$out/answer" "$out/home.vcj"
}

# The registrar's CA issues the device's certificate of this network.
home_enrol_at_owner() {
  openssl req -new -key "$out/device.key" -subj "/serialNumber=$serial" |
    openssl x509 -req -CA "$data/sandbox/domain-ca.pem" \
      -CAkey "$data/sandbox/domain-ca.key" -set_serial "0x$(openssl rand -hex 8)" \
      -days 30 -out "$out/enrolled.pem"
  cp "$out/device.key" "$out/enrolled.key"
  printf '{"version":1,"status":true}' >"$out/status"
  home_post enrolled cloud.masa.example brski/enrollstatus application/json \
    "$out/status"
}

homecoming() {
  local out="$data/demo/home" serial
  serial="HOME-$(date +%s)"
  mkdir -p "$out"

  step "a factory line enrols $serial over EST"
  home_enrol_at_factory

  step "no registrar is on its link: it asks the cloud registrar, too early"
  home_ask

  step "the device is sold, and its owner says where its registrar is (gRPC)"
  "$bin/masactl/masactl" device assign "$serial" --organization org-acme
  "$bin/masactl/masactl" onboarding set org-acme \
    --registrar-url https://registrar.customer.example

  step "it asks again, and is sent to its owner's registrar"
  home_ask

  step "there it asks anew; the registrar asks the MASA; openssl checks the voucher"
  home_ask_registrar
  check_voucher "$out/home"

  step "it enrols there, and tells the cloud registrar"
  home_enrol_at_owner
  "$bin/masactl/masactl" device get "$serial"
  "$bin/masactl/masactl" onboarding clear org-acme
}
