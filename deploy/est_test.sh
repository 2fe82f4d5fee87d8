#!/usr/bin/env bash
# EST, CRL and OCSP of the sandbox as strangers use them: curl and openssl by
# hand, and strongSwan's `pki` as a real client; at the end a device enrolled
# here onboards over BRSKI. Uses free ports and a temporary folder; prints each
# claim; fails if one does.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/deploy/sandbox/claims.sh"

# --- A client of EST that knows only the published formats. ------------------

# est METHOD PATH OUT [curl options]: prints the status.
est() {
  local method=$1 path=$2 out=$3
  shift 3
  curl -s -X "$method" -o "$out" -w '%{http_code}' \
    --cacert "$sandbox/tls-root.pem" "$@" \
    "https://localhost:$port/.well-known/est/$path"
}

line=()      # curl's options of the factory line, once the sandbox is up
pkcs10=(-H 'Content-Type: application/pkcs10')

# request SERIAL NAME: a key, and a request for it as base64 of DER.
request() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/$2.key"
  openssl req -new -key "$work/$2.key" -subj "/serialNumber=$1" -outform DER \
    -out "$work/$2.der" 2>/dev/null
  base64 -w0 "$work/$2.der" >"$work/$2.req"
}

# certificate_in ANSWER OUT: the one certificate of a certs-only answer, PEM.
certificate_in() {
  base64 -d "$1" | openssl pkcs7 -inform DER -print_certs -out "$2.all" &&
    [ "$(grep -c BEGIN "$2.all")" = 1 ] &&
    openssl x509 -in "$2.all" -out "$2"
}

status_is() {
  local wanted=$1
  shift
  local got
  got=$("$@")
  [ "$got" = "$wanted" ] || { echo "status $got, not $wanted"; return 1; }
}

# refused STATUS WORD COMMAND...: the status, and a sentence with the word.
refused() {
  local wanted=$1 word=$2
  shift 2
  status_is "$wanted" "$@" && grep -q "$word" "$work/answer" ||
    { cat "$work/answer"; return 1; }
}

# enrol SERIAL NAME [curl options]: by the line; leaves NAME.pem.
enrol() {
  local serial=$1 name=$2
  shift 2
  request "$serial" "$name"
  status_is 200 est POST simpleenroll "$work/$name.answer" "${pkcs10[@]}" \
    --data-binary @"$work/$name.req" "$@" || { cat "$work/$name.answer"; return 1; }
  certificate_in "$work/$name.answer" "$work/$name.pem"
}

serial_of() { openssl x509 -in "$1" -noout -serial | cut -d= -f2; }

trusted() {
  openssl verify -CAfile "$sandbox/idevid-root.pem" \
    -untrusted "$sandbox/idevid-ca.pem" "$1"
}

ca_chain_comes() {
  status_is 200 est GET "$1" "$work/answer" &&
    base64 -d "$work/answer" | openssl pkcs7 -inform DER -print_certs |
    grep -q 'Acme IDevID CA'
}

says() { openssl x509 -in "$1" -noout -text | grep -q "$2"; }

ocsp_says() {
  openssl ocsp -issuer "$sandbox/idevid-ca.pem" -cert "$1" \
    -url "http://127.0.0.1:$((port + 3))/ocsp" \
    -CAfile "$sandbox/idevid-root.pem" -verify_other "$sandbox/idevid-ca.pem" \
    >"$work/ocsp" 2>&1 || true
  cat "$work/ocsp"
  grep -q 'Response verify OK' "$work/ocsp" && grep -q ": $2" "$work/ocsp"
}

# eventually COMMAND...: within as long as the edge keeps an answer, and more.
eventually() {
  for _ in $(seq 100); do
    "$@" && return
    sleep 0.3
  done
  return 1
}

crl_lists() {
  curl -sf -o "$work/crl" "http://127.0.0.1:$((port + 3))/crl/factory.crl" &&
    openssl crl -inform DER -in "$work/crl" -CAfile "$sandbox/idevid-ca.pem" \
      -noout 2>&1 | grep -q 'verify OK' &&
    openssl crl -inform DER -in "$work/crl" -noout -text | grep -q "$1"
}

# onboards NAME: the device of this certificate gets its voucher over BRSKI.
onboards() {
  mkdir -p "$work/as/sandbox" "$work/as/out"
  cp "$sandbox"/* "$work/as/sandbox/"
  cp "$work/$1.pem" "$work/as/sandbox/pledge.pem"
  openssl pkcs8 -topk8 -nocrypt -in "$work/$1.key" \
    -out "$work/as/sandbox/pledge.key"
  "$here/bazel-bin/services/testing/demo/demo" --data "$work/as" \
    --port "$port" --out "$work/as/out"
}

serve "$@"
line=(--cert "$sandbox/line.pem" --key "$sandbox/line.key")

claim "anybody gets the CA, without a label" ca_chain_comes cacerts
claim "and with one" ca_chain_comes factory/cacerts
claim "csrattrs say what to ask for" status_is 200 est GET csrattrs "$work/answer"
claim "an unknown label is not found" refused 404 none \
  est GET none/cacerts "$work/answer"
claim "full CMC is not offered" refused 501 'not offered' \
  est POST fullcmc "$work/answer"

claim "a factory line enrols a device" enrol EST-0001 one "${line[@]}"
claim "openssl verify accepts its certificate" trusted "$work/one.pem"
claim "it has no end" says "$work/one.pem" 'Dec 31 23:59:59 9999'
claim "it names its CRL" says "$work/one.pem" "/crl/factory.crl"
claim "the device is in the registry" masactl device get EST-0001
same_again() {
  status_is 200 est POST simpleenroll "$work/again.answer" "${pkcs10[@]}" \
    "${line[@]}" --data-binary @"$work/one.req" &&
    cmp "$work/again.answer" "$work/one.answer"
}
claim "the same request gets the same certificate" same_again
request EST-0001 two
claim "a second request for the serial number is refused" \
  refused 409 'already' est POST simpleenroll "$work/answer" "${pkcs10[@]}" \
  "${line[@]}" --data-binary @"$work/two.req"

claim "nobody enrols without a certificate" refused 401 needed \
  est POST simpleenroll "$work/answer" "${pkcs10[@]}" --data-binary @"$work/two.req"
claim "nor with one that is not on the list" refused 403 'not of a factory line' \
  est POST simpleenroll "$work/answer" "${pkcs10[@]}" --data-binary @"$work/two.req" \
  --cert "$sandbox/stranger.pem" --key "$sandbox/stranger.key"
claim "DER is not base64" refused 400 'DER itself' \
  est POST simpleenroll "$work/answer" "${pkcs10[@]}" "${line[@]}" \
  --data-binary @"$work/two.der"
openssl req -inform DER -in "$work/two.der" -out "$work/two.csr"
claim "PEM is not base64 of DER" refused 400 PEM \
  est POST simpleenroll "$work/answer" "${pkcs10[@]}" "${line[@]}" \
  --data-binary @"$work/two.csr"
claim "another content type is refused" refused 415 pkcs10 \
  est POST simpleenroll "$work/answer" -H 'Content-Type: text/plain' "${line[@]}" \
  --data-binary @"$work/two.req"
request EST-0002 wrapped
base64 -w64 "$work/wrapped.der" >"$work/wrapped.req"
claim "wrapped base64 is taken" status_is 200 est POST simpleenroll "$work/answer" \
  "${pkcs10[@]}" "${line[@]}" --data-binary @"$work/wrapped.req"

token=$(masactl est token create EST-0003 EST-0004 --profile factory)
claim "a one-time token enrols a device of its batch" \
  enrol EST-0003 three -u "token:$token"
request EST-0003 again
claim "once" refused 401 token est POST simpleenroll "$work/answer" "${pkcs10[@]}" \
  -u "token:$token" --data-binary @"$work/again.req"

# keygen SERIAL NAME: a key made by the service; leaves NAME.key and NAME.pem.
# The request's own key and signature are a place holder.
keygen() {
  request "$1" "$2.own"
  status_is 200 est POST keygen/serverkeygen "$work/$2.answer" "${pkcs10[@]}" \
    "${line[@]}" --data-binary @"$work/$2.own.req" || return 1
  python3 -c '
import email, sys
text, key, certificate = (open(name, mode) for name, mode in zip(sys.argv[1:], ("rb", "wb", "wb")))
message = email.message_from_bytes(
    b"Content-Type: multipart/mixed; boundary=est-part\r\n\r\n" + text.read())
parts = message.get_payload()
assert [part.get_content_type() for part in parts] == ["application/pkcs8", "application/pkcs7-mime"]
for part, out in zip(parts, (key, certificate)):
    out.write(part.get_payload(decode=True))
' "$work/$2.answer" "$work/$2.p8" "$work/$2.p7" &&
    openssl pkey -inform DER -in "$work/$2.p8" -out "$work/$2.key" &&
    openssl pkcs7 -inform DER -in "$work/$2.p7" -print_certs |
    openssl x509 -out "$work/$2.pem" &&
    cmp <(openssl pkey -in "$work/$2.key" -pubout) \
      <(openssl x509 -in "$work/$2.pem" -noout -pubkey)
}
claim "a label that makes keys gives one with its certificate" keygen EST-0008 made
claim "openssl verify accepts that certificate" trusted "$work/made.pem"
no_key_twice() {
  refused 409 already est POST keygen/serverkeygen "$work/answer" "${pkcs10[@]}" \
    "${line[@]}" --data-binary @"$work/made.own.req"
}
claim "the key is given once" no_key_twice
claim "a device gets no second certificate under another label" refused 409 already \
  est POST keygen/serverkeygen "$work/answer" "${pkcs10[@]}" "${line[@]}" \
  --data-binary @"$work/one.req"
claim "a label that makes none says so" refused 501 simpleenroll \
  est POST serverkeygen "$work/answer" "${pkcs10[@]}" "${line[@]}" \
  --data-binary @"$work/two.req"

reenrol() {
  status_is 200 est POST simplereenroll "$work/renewed.answer" "${pkcs10[@]}" \
    --data-binary @"$work/one.req" --cert "$work/one.pem" --key "$work/one.key" &&
    certificate_in "$work/renewed.answer" "$work/renewed.pem" &&
    [ "$(serial_of "$work/renewed.pem")" != "$(serial_of "$work/one.pem")" ]
}
claim "a device renews its certificate with it" reenrol

claim "OCSP says that it is good" ocsp_says "$work/three.pem" good
signed_ahead() {
  curl -sf -o "$work/metrics" "http://127.0.0.1:$((port + 2))/metrics" &&
    grep -q 'masa_ocsp_responses_signed_ahead_total{outcome="signed"} [1-9]' \
      "$work/metrics"
}
claim "an operator revokes it" masactl cert revoke "$(serial_of "$work/three.pem")" \
  --reason keyCompromise
claim "that is signed before anybody asks" eventually signed_ahead
listed_as_revoked() { masactl cert list --revoked | grep EST-0003; }
claim "masactl lists it as revoked" listed_as_revoked
claim "OCSP says that it is revoked" eventually ocsp_says "$work/three.pem" revoked
claim "the CRL is signed and lists it" eventually crl_lists "$(serial_of "$work/three.pem")"
claim "it renews nothing any more" refused 403 revoked \
  est POST simplereenroll "$work/answer" "${pkcs10[@]}" \
  --data-binary @"$work/three.req" --cert "$work/three.pem" --key "$work/three.key"

revoked_is_blocked() { masactl device get EST-0003 | grep -i blocked; }
no_voucher() { ! onboards "$1"; }
claim "its device is blocked" revoked_is_blocked
claim "and gets no voucher" no_voucher three
claim "its key gets no certificate again" refused 400 compromised \
  est POST simpleenroll "$work/answer" "${pkcs10[@]}" "${line[@]}" \
  --data-binary @"$work/three.req"
claim "it enrols anew with another key" enrol EST-0003 anew "${line[@]}"
claim "and is blocked until an operator says otherwise" no_voucher anew
claim "who lifts the block" masactl device block EST-0003 --lift
claim "so that it onboards over BRSKI" onboards anew
claim "by its new certificate alone" no_voucher three

# Names choose the face.
named() {
  local name=$1 path=$2
  shift 2
  curl -s -o "$work/answer" -w '%{http_code}' --cacert "$sandbox/tls-root.pem" \
    --resolve "$name:$port:127.0.0.1" "$@" "https://$name:$port$path"
}
claim "est. names serve EST" status_is 200 named est.masa.example /.well-known/est/cacerts
claim "and nothing else" status_is 404 named est.masa.example /.well-known/brski/requestvoucher
claim "cloud. names serve no EST" status_is 404 named cloud.masa.example /.well-known/est/cacerts \
  --cert "$sandbox/pledge.pem" --key "$sandbox/pledge.key"

if command -v pki >/dev/null && pki --help 2>&1 | grep -q -- --estca; then
  strongswan_enrols() {
    pki --gen --type ecdsa --size 256 --outform pem >"$work/swan.key" &&
      pki --req --type priv --in "$work/swan.key" --dn "serialNumber=EST-0007" \
        --outform der >"$work/swan.der" &&
      pki --est --url "https://localhost:$port" --in "$work/swan.der" \
        --cacert "$sandbox/tls-root.pem" --cacert "$sandbox/idevid-root.pem" \
        --cacert "$sandbox/idevid-ca.pem" --outform pem \
        --userpass "swan:$(masactl est token create EST-0007 --profile factory)" \
        >"$work/swan.pem" && trusted "$work/swan.pem"
  }
  strongswan_renews() {
    pki --est --url "https://localhost:$port" --in "$work/swan.der" \
      --cacert "$sandbox/tls-root.pem" --cacert "$sandbox/idevid-root.pem" \
      --cacert "$sandbox/idevid-ca.pem" \
      --cert "$work/swan.pem" --key "$work/swan.key" --outform pem \
      >"$work/swan2.pem" && trusted "$work/swan2.pem"
  }
  claim "strongSwan fetches the CA" pki --estca --url "https://localhost:$port" \
    --cacert "$sandbox/tls-root.pem" --caout "$work/swan-ca"
  claim "strongSwan enrols" strongswan_enrols
  claim "strongSwan renews" strongswan_renews
else
  echo "skipped strongSwan's pki is not installed"
fi

cp "$work/one.key" "$work/renewed.key"
claim "a device that was enrolled here onboards over BRSKI" onboards renewed
claim "no secret and no personal data stands in any log (SE-11)" \
  python3 "$here/deploy/scrub.py" --value "a one-time token=$token" \
  --value "a serial number=EST-0001" --value "a serial number=EST-0003" \
  "$data" "$work/err" "$work/out"
exit $((failed > 0))
