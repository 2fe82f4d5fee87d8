# Sourced by what asks for vouchers as registrars do.

# COUNT devices, issuers and policies that requests for vouchers need, once.
prepare_requests() {
  [ ! -d "$sandbox/bench" ] || return 0
  mkdir "$sandbox/bench"
  bazel-bin/load-tests/request_voucher mint "$sandbox/bench" "$1"
  operate device import "$sandbox/bench/devices.csv" >/dev/null
  operate tenant get >"$sandbox/bench/tenant.json"
  python3 - "$sandbox/bench" <<'PYTHON'
import base64, json, ssl, sys
tenant = json.load(open(sys.argv[1] + "/tenant.json"))
for i in range(4):
    pem = open("%s/issuer-%d.pem" % (sys.argv[1], i)).read()
    der = ssl.PEM_cert_to_DER_cert(pem)
    tenant["idevid_anchors_der"].append(base64.b64encode(der).decode())
json.dump(tenant, open(sys.argv[1] + "/tenant.json", "w"))
PYTHON
  operate tenant set "$sandbox/bench/tenant.json" >/dev/null
  sleep 6  # policies are seen within 5 seconds
}
