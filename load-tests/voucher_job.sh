#!/usr/bin/env bash
# Measures one voucher job in a sandbox of its own:
#   load-tests/voucher_job.sh [DEVICES]        one million when absent
# prints the rate of each tenth of the job, what masad held in memory, what the
# database grew by, and how fast the archive came down.
set -euo pipefail
cd "$(dirname "$0")/.."

devices=${1:-1000000}
. load-tests/sandbox.sh

resident() { awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$(sandbox_masad)/status"; }
# Processor seconds of masad since its start.
processor() { awk '{print ($14 + $15) / 100}' "/proc/$(sandbox_masad)/stat"; }
megabytes() { sandbox_sql -c "SELECT pg_database_size('masa') / 1000000"; }

start_sandbox
python3 -c '
import sys
print("serial_number,product,organization")
sys.stdout.writelines("FLEET-%d,owned,org-acme\n" % i for i in range(int(sys.argv[1])))
' "$devices" >"$sandbox/fleet.csv"
operate device import "$sandbox/fleet.csv" >/dev/null
sandbox_sql -c 'VACUUM ANALYZE' -c CHECKPOINT >/dev/null
before=$(megabytes)
job=$(operate voucher job start --organization org-acme \
  --domain-cert "$sandbox/sandbox/domain-ca.pem" --expires-in 720h --json |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["job_id"])')
: >"$sandbox/samples"
while true; do
  moment=$(date +%s.%N)
  operate voucher job get "$job" --json >"$sandbox/job.json"
  python3 - "$sandbox/job.json" "$moment" "$(resident)" <<'PYTHON' >>"$sandbox/samples"
import json, sys
job = json.load(open(sys.argv[1]))
print(sys.argv[2], int(job.get("issued", 0)) + int(job.get("refused", 0)), sys.argv[3])
PYTHON
  ! grep -q end_time "$sandbox/job.json" || break
  sleep 1
done
cpu=$(processor)
after=$(megabytes)
begun=$(now)
operate voucher job download "$job" --out "$sandbox/fleet.tar"
ended=$(now)
python3 - "$sandbox" "$devices" "$before" "$after" "$cpu" \
  "$(python3 -c "print($ended - $begun)")" "$(resident)" <<'PYTHON'
import json, os, sys
from datetime import datetime
sandbox, devices = sys.argv[1], int(sys.argv[2])
before, after, cpu, download = map(float, sys.argv[3:7])
job = json.load(open(sandbox + "/job.json"))
samples = [tuple(map(float, line.split())) for line in open(sandbox + "/samples")]
begun, ended = (datetime.fromisoformat(job[of + "_time"]) for of in ("start", "end"))
# Who looks once a second sees the end up to a second late.
samples[-1] = (ended.timestamp(),) + samples[-1][1:]

def moment(done):
    """When so many were done, between the samples around it."""
    for (t0, d0, _), (t1, d1, _) in zip(samples, samples[1:]):
        if d1 >= done and d1 > d0:
            return t0 + (t1 - t0) * (done - d0) / (d1 - d0)
    return samples[-1][0]

# The first sample may be before the job was taken.
first = next(s for s in samples if s[1] > 0)
bounds = [first[1] + (devices - first[1]) * i / 10 for i in range(11)]
times = [moment(b) if i else first[0] for i, b in enumerate(bounds)]
rates = [(b - a) / (t - s) for a, b, s, t in zip(bounds, bounds[1:], times, times[1:])]
took = (ended - begun).total_seconds()
print("devices %d, issued %s, refused %s" % (devices, job["issued"], job.get("refused", 0)))
print("seconds %.0f, vouchers per second %.0f" % (took, devices / max(took, 1)))
print("rate of each tenth: " + " ".join("%.0f" % r for r in rates))
middle = sorted(rates)[5]
print("lowest and highest against the middle one: %.2f %.2f" % (min(rates) / middle, max(rates) / middle))
held = [m for _, _, m in samples]
print("masad resident, MiB: first %.0f, middle %.0f, last %.0f, most %.0f; after the download %s"
      % (held[0], held[len(held) // 2], held[-1], max(held), sys.argv[7]))
print("masad processor seconds since its start: %.0f" % cpu)
print("database, MB: before %.0f, after %.0f; octets per voucher %.0f"
      % (before, after, (after - before) * 1e6 / devices))
octets = os.path.getsize(sandbox + "/fleet.tar")
print("archive: %.0f MB in %.0f s, each file compared with its digest" % (octets / 1e6, download))
PYTHON
