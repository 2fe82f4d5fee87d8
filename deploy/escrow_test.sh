#!/usr/bin/env bash
# What an owner's escrow bundle is good for: the manufacturer's service is gone,
# a device is reset, and the owner's registrar onboards it from the bundle. Each
# forged bundle is refused, by masactl and by the program that is in the bundle.
# Uses free ports and a temporary folder; prints each claim; fails if one does.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/deploy/sandbox/claims.sh"

# as WHO WORD...: masactl as a customer.
as() {
  local who=$1
  shift
  MASA_CERT="$sandbox/$who.pem" MASA_KEY="$sandbox/$who.key" masactl "$@"
}

# export_bundle ORGANIZATION [OUT] WORD...: for the customer's own domain.
export_bundle() {
  local domain="$sandbox/domain-ca.pem" out=()
  [ "$1" = org-acme ] || domain="$work/other-ca.pem"
  case "$2" in
    --*) set -- "$1" "" "${@:2}" ;;
    *) out=(--out "$2") ;;
  esac
  masactl escrow export --organization "$1" "${out[@]}" --domain-cert "$domain" \
    "${@:3}"
}

# authority NAME: a CA of its own.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}

# Five bundles are in the log, a moment later.
logged() {
  for _ in $(seq 50); do
    [ "$(masactl audit list --kind escrow-exported | wc -l)" = 5 ] && return
    sleep 0.1
  done
  masactl audit list --kind escrow-exported
  return 1
}

# check PROGRAM BUNDLE: python (the bundle's own) or masactl, with what the owner
# was given once: the anchors.
check() {
  local anchors=(--anchor "$work/trust/ownership-root.pem"
    --voucher-anchor "$work/trust/voucher-root.pem")
  if [ "$1" = masactl ]; then
    env -u MASA_SERVER "$here/bazel-bin/services/masactl/masactl" \
      escrow verify "$2" "${anchors[@]}"
  else
    /usr/bin/python3 "$work/verify_escrow.py" "$2" "${anchors[@]}"
  fi
}

refused() {
  ! check "$1" "$2" >"$work/x" 2>&1 && grep -q '^does not hold: ' "$work/x" ||
    { cat "$work/x"; return 1; }
}

onboard() {
  /usr/bin/python3 "$here/deploy/interop/escrow_onboarding.py" "$1" \
    --pledge "$work/$2.pem" "$work/$2.key" --registrar "$work/$3.pem" \
    "$work/$3.key" --voucher-root "$work/trust/voucher-root.pem" \
    --idevid-ca "$work/trust/idevid-ca.pem"
}

# registrar NAME CA: a TLS server's certificate of that domain, with its issuer.
registrar() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.csr" &&
    openssl x509 -req -in "$work/$1.csr" -CA "$2.pem" -CAkey "$2.key" \
      -CAcreateserial -CAserial "$work/serial" -days 30 -out "$work/$1.pem" &&
    cat "$2.pem" >>"$work/$1.pem"
}

serve
{
  echo "serial_number,product,organization"
  printf 'ESC-%s,owned,org-acme\n' 1 2 3
  printf 'OTHER-%s,owned,org-other\n' 1 2
} >"$work/fleet.csv"
claim "two customers have devices" masactl device import "$work/fleet.csv"
claim "the other customer has a domain, too" eval \
  'authority other-ca && as stranger domain-cert add "$work/other-ca.pem" --group org-other --expires-in 700h'
claim "one device had another owner before" eval \
  'id=$(as stranger device transfer offer OTHER-2 --to org-acme --json |
     python3 -c "import json, sys; print(json.load(sys.stdin)[\"transfer\"][\"transfer_id\"])") &&
   as owner device transfer accept "$id"'
claim "a device is made" mint ESC-1
claim "and one that has none in the bundle" mint UNSOLD-1

claim "an owner's bundle is written" eval \
  'export_bundle org-acme "$work/acme.tar" --expires-in 600h >"$work/said" && grep -q "^4 vouchers are in .*, each with its receipt and its history; 0 devices" "$work/said"'
claim "the owner may write it, too" eval \
  'MASA_CERT="$sandbox/owner.pem" MASA_KEY="$sandbox/owner.key" export_bundle org-acme "$work/own.tar" --expires-in 24h'
claim "and nobody else" eval \
  '! MASA_CERT="$sandbox/stranger.pem" MASA_KEY="$sandbox/stranger.key" export_bundle org-acme "$work/no.tar" --expires-in 24h && [ ! -e "$work/no.tar" ]'
claim "another owner's bundle is written" \
  export_bundle org-other "$work/other.tar" --expires-in 600h
for format in jws cose; do
  claim "and one with vouchers in $format" export_bundle org-acme \
    "$work/$format.tar" --expires-in 600h --format "$format"
done
claim "the log says who took bundles" logged
claim "only its user may read a bundle" eval \
  '[ "$(stat -c %a "$work/acme.tar")" = 600 ]'
# As the CronJob of deploy/kubernetes/components/escrow does it.
mkdir "$work/timer"
claim "a device gets no vouchers any more" masactl device block ESC-3
claim "a timer exports all the same, and names nobody" eval \
  'export_bundle org-acme --folder "$work/timer" --keep 1 --allow-refused --expires-in 600h >"$work/said" 2>&1 &&
   grep -q "^3 vouchers are in .*; 1 device was refused" "$work/said" && ! grep -q "ESC-" "$work/said"'
claim "without that word it is no success" eval \
  'export_bundle org-acme --folder "$work/timer" --expires-in 600h >"$work/said" 2>&1; [ $? = 2 ] && grep -q ESC-3 "$work/said"'
claim "and the next time the newest stays alone" eval \
  'export_bundle org-acme --folder "$work/timer" --keep 1 --allow-refused --expires-in 600h 2>/dev/null &&
   ls "$work/timer" | sed "s/-[0-9TZ]*\.tar/.tar/" | xargs | grep -qx "org-acme.tar org-acme.tar.sha256"'
claim "with its digest" eval '(cd "$work/timer" && sha256sum --check --quiet ./*.sha256)'
claim "a tar is written to one place" eval \
  '! export_bundle org-acme --folder "$work/timer" --out "$work/no.tar" --expires-in 24h'
claim "nothing else is left of the writing" eval \
  '[ -z "$(find "$work" -name "*.part*" -o -name "*.vouchers*")" ]'

# What the owner keeps: anchors that it had from the manufacturer, its own domain
# and the bundle.
mkdir "$work/trust"
cp "$sandbox"/{ownership-root,voucher-root,idevid-ca}.pem \
  "$sandbox"/domain-ca.{pem,key} "$work/trust"
claim "the service is stopped" end_sandbox
rm -rf "$data"
unset MASA_SERVER MASA_CA MASA_CERT MASA_KEY

claim "the verifier is in the bundle" eval \
  'tar -xOf "$work/acme.tar" verify_escrow.py >"$work/verify_escrow.py" && [ -s "$work/verify_escrow.py" ]'
for program in python masactl; do
  mv "$work"/timer/*.tar "$work/timer.tar" 2>/dev/null || true
  for bundle in acme own other jws cose timer; do
    claim "$program: the bundle $bundle holds" check "$program" "$work/$bundle.tar"
  done
done
claim "without anchors, python says what to compare" eval \
  '/usr/bin/python3 "$work/verify_escrow.py" "$work/acme.tar" | grep -q "compare SHA-256 of the anchor of manifest: $(openssl x509 -in "$work/trust/ownership-root.pem" -outform DER | sha256sum | cut -d" " -f1)"'
claim "and so does masactl" eval \
  'masactl escrow verify "$work/acme.tar" | grep -q "vouchers: $(openssl x509 -in "$work/trust/voucher-root.pem" -outform DER | sha256sum | cut -d" " -f1)"'
claim "a folder is said to be no bundle, without a word of python's" eval \
  '! /usr/bin/python3 "$work/verify_escrow.py" "$work" 2>"$work/x" && grep -q "^does not hold: it cannot be read: " "$work/x"'

claim "a registrar of the owner's domain" registrar owned "$work/trust/domain-ca"
claim "a device that was reset is onboarded from the bundle" \
  onboard "$work/acme.tar" ESC-1 owned
authority thief-ca
claim "a registrar of another domain" registrar thief "$work/thief-ca"
claim "is not trusted by it, though it has the bundle" eval \
  '! onboard "$work/acme.tar" ESC-1 thief'
claim "a device that is not the owner's is not onboarded" eval \
  '! onboard "$work/acme.tar" UNSOLD-1 owned'

mkdir "$work/forged"
claim "forgeries are made" eval \
  'python3 "$here/deploy/interop/escrow_forgeries.py" "$work/acme.tar" "$work/other.tar" "$work/forged" >"$work/names"'
while read -r name; do
  for program in python masactl; do
    claim "$program refuses: $name" refused "$program" "$work/forged/$name.tar"
  done
done <"$work/names"
claim "there were as many as are known" test "$(wc -l <"$work/names")" = 21

echo "escrow_test: $([ "$failed" = 0 ] && echo ok || echo "$failed claims failed")"
[ "$failed" = 0 ]
