# Sourced by bench.sh: the figures of certificates.

est_devices=${est_devices:-20000}
est_enroll() {
  start_sandbox
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:est_enroll >&2
  bazel-bin/load-tests/est_enroll "$sandbox" "$est_devices" "$port" \
    "$(sandbox_masad)" "$(postmaster)"
}

ocsp_requests=${ocsp_requests:-50000}
ocsp() {
  start_sandbox
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:ocsp >&2
  bazel-bin/load-tests/ocsp "$sandbox" 1000 "$ocsp_requests" "$port" \
    "$(sandbox_masad)" "$(postmaster)" \
    bazel-bin/services/edge/status/static_server
}
