# Sourced by bench.sh: the figures audit_sequence, audit_proof and audit_verify,
# each on a database of its own or in memory.

audit_events=10000000
audit_sequence_events=200000

audit_figure() {
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:audit >&2
  bazel-bin/load-tests/audit "$1" "$2"
}
audit_sequence() { audit_figure sequence "$audit_sequence_events"; }
audit_proof() { audit_figure proof "$audit_events"; }
audit_verify() { audit_figure verify "$audit_events"; }
