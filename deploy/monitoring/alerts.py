"""Alerts, each with series under which it fires and series under which it does
not: monitoring_test.py makes tests for promtool of these."""

from dataclasses import dataclass, field

# Of 1,000 requests one may fail, and of 100 vouchers one may be slow.
ERROR_BUDGET = 0.001
SLOW_BUDGET = 0.01

MINUTE = 1
HOUR = 60


@dataclass
class Alert:
    name: str
    expr: str
    summary: str
    severity: str  # page: somebody gets up; ticket: on the next working day
    minutes: int = 0  # how long it must hold
    # Series as promtool has them, a value a minute; after `at` minutes.
    fires: dict = field(default_factory=dict)
    quiet: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)  # that the expression leaves
    at: int = 30

    def rule(self):
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": f"{self.minutes}m",
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": f"What to do: {self.name} in deploy/monitoring/ALERTS.md",
                "dashboard": f"masa-{DASHBOARD_OF.get(self.name, 'overview')}",
            },
        }


def burn(series, budget, *pairs):
    """Both windows of a pair above the rate: the long one says that it matters,
    the short one that it still goes on (Google SRE workbook, chapter 5)."""
    return " or ".join(
        f"({series}{long} > {factor * budget:g} and {series}{short} > {factor * budget:g})"
        for factor, long, short in pairs)


ERRORS = "face:masa_errors:ratio_rate"
SLOW = "masa:vouchers_slow:ratio_rate"
HTTPS = 'masa_https_requests_total{instance="a",route="requestvoucher",status="%s"}'
SECONDS = 'masa_https_request_seconds_%s{instance="a",route="requestvoucher"%s}'
DAY = 24 * 60 * 60


def failing(share, of=1000):
    bad = round(of * share)
    return {HTTPS % "5xx": f"0+{bad}x300", HTTPS % "2xx": f"0+{of - bad}x300"}


def slow(share, of=1000):
    fast = round(of * (1 - share))
    return {SECONDS % ("count", ""): f"0+{of}x300",
            SECONDS % ("bucket", ',le="0.25"'): f"0+{fast}x300"}


# Each client that goes leaves a stream that watched our health, and the library
# ends it with Unknown.
GONE_WATCHERS = {
    'grpc_server_handled_total{grpc_code="Unknown",grpc_service="other"}': "0+500x300",
    'grpc_server_handled_total{grpc_code="OK",grpc_service="masa.v1.DeviceService"}': "0+500x300"}


def days_left(series, days):
    # promtool's clock begins at 0.
    return {series: f"{round(days * DAY)}x300"}


ALERTS = [
    Alert("MasaErrorBudgetBurnFast",
          burn(ERRORS, ERROR_BUDGET, (14.4, "1h", "5m"), (6, "6h", "30m")),
          "Requests fail so often that the month's error budget is gone within days",
          "page", 2, failing(0.02), {**failing(0.002), **GONE_WATCHERS}, {"face": "https"}, at=90),
    Alert("MasaErrorBudgetBurnSlow",
          burn(ERRORS, ERROR_BUDGET, (3, "1d", "2h"), (1, "3d", "6h")),
          "Requests fail so often that the month's error budget will not last",
          "ticket", 15, failing(0.004), failing(0.0005, 10000), {"face": "https"}, at=240),
    Alert("MasaLatencyBudgetBurn",
          burn(SLOW, SLOW_BUDGET, (14.4, "1h", "5m"), (6, "6h", "30m")),
          "Registrars wait longer than a quarter of a second, too often",
          "page", 2, slow(0.3), slow(0.02), at=90),
    Alert("MasaSignerDown",
          "max without (instance, pod, token) (masa_hsm_token_open) == 0",
          "No HSM token signs: nothing is issued",
          "page", 1, {'masa_hsm_token_open{token="t1"}': "1 0x60"},
          {'masa_hsm_token_open{token="t1"}': "1 0x60", 'masa_hsm_token_open{token="t2"}': "1x60"}),
    Alert("MasaHsmTokenDown",
          "masa_hsm_token_open == 0",
          "One HSM token does not sign; the others do its work",
          "ticket", 5, {'masa_hsm_token_open{token="t1"}': "1 0x60"},
          {'masa_hsm_token_open{token="t1"}': "1x60"}, {"token": "t1"}),
    Alert("MasaSignerQueueGrowing",
          "histogram_quantile(0.9, sum by (backend, le) "
          "(rate(masa_signer_sign_seconds_bucket[5m]))) > 0.5",
          "Signatures wait: a call to a key takes more than half a second",
          "page", 5,
          {'masa_signer_sign_seconds_bucket{backend="pkcs11",key="k",le="0.5"}': "0+10x60",
           'masa_signer_sign_seconds_bucket{backend="pkcs11",key="k",le="2.5"}': "0+90x60",
           'masa_signer_sign_seconds_bucket{backend="pkcs11",key="k",le="+Inf"}': "0+90x60"},
          {'masa_signer_sign_seconds_bucket{backend="pkcs11",key="k",le="0.5"}': "0+88x60",
           'masa_signer_sign_seconds_bucket{backend="pkcs11",key="k",le="2.5"}': "0+90x60",
           'masa_signer_sign_seconds_bucket{backend="pkcs11",key="k",le="+Inf"}': "0+90x60"},
          {"backend": "pkcs11"}),
    Alert("MasaHsmErrorRatio",
          "backend:masa_signer_errors:rate5m > 0.01 * (backend:masa_signer_signatures:rate5m > 0)",
          "More than one signature in a hundred fails",
          "page", 5,
          {'masa_signer_errors_total{backend="pkcs11",code="SIGNER_UNAVAILABLE"}': "0+5x60",
           'masa_signer_signatures_total{backend="pkcs11"}': "0+100x60"},
          {'masa_signer_errors_total{backend="pkcs11",code="SIGNER_UNAVAILABLE"}': "0+1x60",
           'masa_signer_signatures_total{backend="pkcs11"}': "0+1000x60"},
          {"backend": "pkcs11"}),
    Alert("MasaAuditStalled",
          "min(masa_audit_unsequenced_events) > 0 and sum(delta(masa_audit_log_size[10m])) == 0",
          "Events are committed and do not get into the audit log",
          "page", 5,
          {"masa_audit_unsequenced_events": "7x60", 'masa_audit_log_size{tenant="t"}': "100x60"},
          {"masa_audit_unsequenced_events": "7x60", 'masa_audit_log_size{tenant="t"}': "100+5x60"}),
    Alert("MasaCheckpointOld",
          "time() - max by (tenant) (masa_audit_checkpoint_timestamp_seconds) > 300 "
          "and on () min(masa_audit_unsequenced_events) > 0",
          "Nobody has said what is in the audit log for five minutes, and events wait",
          "page", 2,
          {'masa_audit_checkpoint_timestamp_seconds{tenant="t"}': "0x60",
           "masa_audit_unsequenced_events": "3x60"},
          {'masa_audit_checkpoint_timestamp_seconds{tenant="t"}': "0x60",
           "masa_audit_unsequenced_events": "0x60"}, {"tenant": "t"}),
    Alert("MasaAuditVerifyFailed",
          'sum(increase(masa_audit_verifications_total{outcome="broken"}[1d])) > 0',
          "A verification found that the audit log does not fit what was signed of it",
          "page", 0, {'masa_audit_verifications_total{outcome="broken"}': "0x10 1x50"},
          {'masa_audit_verifications_total{outcome="broken"}': "0x60",
           'masa_audit_verifications_total{outcome="held"}': "0+1x60"}),
    # Figures of our own (storage/job_runs.h): kube-state-metrics knows of Jobs, and
    # not of timers outside of Kubernetes.
    Alert("MasaAuditJobFailed",
          'max(masa_job_last_failure_timestamp_seconds{name="verify-audit"}) >= '
          'max(masa_job_last_success_timestamp_seconds{name="verify-audit"})',
          "masad verify-audit failed: the audit log does not hold, or could not be looked at",
          "page", 0,
          {'masa_job_last_success_timestamp_seconds{name="verify-audit"}': "1000x60",
           'masa_job_last_failure_timestamp_seconds{name="verify-audit"}': "0x10 1600x50"},
          {'masa_job_last_success_timestamp_seconds{name="verify-audit"}': "1000x20 2200x40",
           'masa_job_last_failure_timestamp_seconds{name="verify-audit"}': "0x10 1600x50",
           'masa_job_last_failure_timestamp_seconds{name="retention"}': "3000x60"}),
    Alert("MasaJobFailed",
          'max by (name) (masa_job_last_failure_timestamp_seconds{name!="verify-audit"}) >= '
          'max by (name) (masa_job_last_success_timestamp_seconds{name!="verify-audit"})',
          "A job beside the service failed, and has not succeeded since",
          "ticket", 0,
          {'masa_job_last_success_timestamp_seconds{name="verify-backup"}': "1000x60",
           'masa_job_last_failure_timestamp_seconds{name="verify-backup"}': "1000x60"},
          {'masa_job_last_success_timestamp_seconds{name="verify-backup"}': "1000x60",
           'masa_job_last_failure_timestamp_seconds{name="verify-backup"}': "0x60",
           # Another replica has read less lately.
           'masa_job_last_success_timestamp_seconds{name="retention",instance="a"}': "500x60",
           'masa_job_last_failure_timestamp_seconds{name="retention",instance="a"}': "600x60",
           'masa_job_last_success_timestamp_seconds{name="retention",instance="b"}': "700x60",
           'masa_job_last_failure_timestamp_seconds{name="retention",instance="b"}': "600x60"},
          {"name": "verify-backup"}),
    # Daily ones may be missed once; the weekly one of escrow not at all.
    Alert("MasaJobMissed",
          'time() - max by (name) (masa_job_last_success_timestamp_seconds{name!="escrow-export"}) '
          '> 50 * 3600 or '
          'time() - max by (name) (masa_job_last_success_timestamp_seconds{name="escrow-export"}) '
          '> 8 * 86400',
          "A job beside the service has not succeeded for too long: it fails, or its timer is off",
          "ticket", 5,
          {'masa_job_last_success_timestamp_seconds{name="retention"}': "0x4000",
           'masa_job_last_success_timestamp_seconds{name="escrow-export"}': "0x4000"},
          {'masa_job_last_success_timestamp_seconds{name="retention"}': "0x1400 86400x2600",
           'masa_job_last_success_timestamp_seconds{name="escrow-export"}': "0x4000"},
          {"name": "retention"}, at=51 * 60),
    Alert("MasaDbPoolExhausted",
          'masa_db_connections{state="waiting"} > 0 and on (instance) '
          'masa_db_connections{state="in_use"} >= on (instance) '
          'masa_db_connections{state="limit"}',
          "All connections to the database are in use, and callers wait",
          "page", 5,
          {'masa_db_connections{instance="a",state="waiting"}': "4x60",
           'masa_db_connections{instance="a",state="in_use"}': "16x60",
           'masa_db_connections{instance="a",state="limit"}': "16x60"},
          {'masa_db_connections{instance="a",state="waiting"}': "0x60",
           'masa_db_connections{instance="a",state="in_use"}': "16x60",
           'masa_db_connections{instance="a",state="limit"}': "16x60"},
          {"instance": "a", "state": "waiting"}),
    Alert("MasaDbRetriesHigh",
          "sum(rate(masa_db_retries_total[5m])) > "
          "0.05 * (sum(rate(masa_db_transaction_seconds_count[5m])) > 0)",
          "More than one transaction in twenty is tried again",
          "ticket", 10,
          {'masa_db_retries_total{sqlstate="40001"}': "0+10x60",
           "masa_db_transaction_seconds_count": "0+100x60"},
          {'masa_db_retries_total{sqlstate="40001"}': "0+1x60",
           "masa_db_transaction_seconds_count": "0+100x60"}),
    Alert("MasaCommitsInDoubt",
          "sum(increase(masa_db_in_doubt_total[15m])) > 0",
          "Transactions broke off of which nobody knows whether they are stored",
          "ticket", 0, {"masa_db_in_doubt_total": "0x20 3x40"}, {"masa_db_in_doubt_total": "3x60"}),
    Alert("MasaCertExpiringSoon",
          "masa_tls_cert_not_after_timestamp_seconds - time() < 21 * 86400",
          "A TLS certificate of ours ends within three weeks",
          "ticket", 5, days_left('masa_tls_cert_not_after_timestamp_seconds{role="api"}', 20),
          days_left('masa_tls_cert_not_after_timestamp_seconds{role="api"}', 30),
          {"role": "api"}),
    Alert("MasaCertExpiresThisWeek",
          "masa_tls_cert_not_after_timestamp_seconds - time() < 7 * 86400",
          "A TLS certificate of ours ends within a week, and has not been renewed",
          "ticket", 5, days_left('masa_tls_cert_not_after_timestamp_seconds{role="api"}', 6),
          days_left('masa_tls_cert_not_after_timestamp_seconds{role="api"}', 8),
          {"role": "api"}),
    Alert("MasaCertExpiresTomorrow",
          "masa_tls_cert_not_after_timestamp_seconds - time() < 86400",
          "A TLS certificate of ours ends within a day, or cannot be read",
          "page", 5, {'masa_tls_cert_not_after_timestamp_seconds{role="api"}': "0x60"},
          days_left('masa_tls_cert_not_after_timestamp_seconds{role="api"}', 2),
          {"role": "api"}),
    Alert("MasaSigningKeyExpiring",
          "max by (key) (masa_signer_key_not_after_timestamp_seconds) - time() < 30 * 86400",
          "A signing key's newest chain ends within a month",
          "ticket", 5,
          days_left('masa_signer_key_not_after_timestamp_seconds{key="k",version="1"}', 20),
          {**days_left('masa_signer_key_not_after_timestamp_seconds{key="k",version="1"}', 20),
           **days_left('masa_signer_key_not_after_timestamp_seconds{key="k",version="2"}', 400)},
          {"key": "k"}),
    Alert("MasaTrafficAbsent",
          'sum(increase(masa_https_requests_total{route="requestvoucher"}[30m])) == 0 or '
          'absent(masa_https_requests_total{route="requestvoucher"})',
          "No registrar has asked for a voucher for half an hour",
          "ticket", 30,
          # Factory lines and scanners go on.
          {HTTPS % "2xx": "5x200",
           'masa_https_requests_total{instance="a",route="simpleenroll",status="2xx"}': "5+1x200",
           'masa_https_requests_total{instance="a",route="other",status="4xx"}': "5+1x200"},
          {HTTPS % "2xx": "5+1x200"}, at=120),
    Alert("MasaDenySpike",
          "masa:voucher_requests_denied:rate5m > 1 and "
          "masa:voucher_requests_denied:rate5m > 5 * masa:voucher_requests_denied:rate1h",
          "Far more voucher requests are refused than in the hour before: an attack, "
          "or a product with a wrong policy",
          "ticket", 2,
          {'masa_voucher_requests_denied_total{reason="DEVICE_UNKNOWN"}': "0+1x120 600+600x20"},
          {'masa_voucher_requests_denied_total{reason="DEVICE_UNKNOWN"}': "0+600x140"}, at=126),
    Alert("MasaRateLimitSaturated",
          "sum(rate(masa_https_requests_turned_away_total[5m])) > 1",
          "Registrars are turned away because too much is asked at once",
          "ticket", 10,
          {'masa_https_requests_turned_away_total{reason="RATE_LIMITED"}': "0+120x60"},
          {'masa_https_requests_turned_away_total{reason="RATE_LIMITED"}': "0+6x60"}),
    # RFC 8995 section 5.7: a human is alerted.
    Alert("MasaPledgeTelemetryNewer",
          "sum(increase(masa_pledge_telemetry_newer_total[1d])) > 0",
          "Devices tell of their onboarding in a newer version than is known here",
          "ticket", 0, {"masa_pledge_telemetry_newer_total": "0x20 3x40"},
          {"masa_pledge_telemetry_newer_total": "3x60"}),
    Alert("MasaConfigReloadFailed",
          "masa_config_last_reload_successful == 0",
          "A changed configuration was not taken: it has a fault",
          "ticket", 5, {'masa_config_last_reload_successful{instance="a"}': "1 0x60"},
          {'masa_config_last_reload_successful{instance="a"}': "1x60"}, {"instance": "a"}),
    Alert("MasaSchemaMismatch",
          'masa_not_ready{reason="MISCONFIGURED"} == 1',
          "A process cannot work with what it found: most often a database of another version",
          "page", 5, {'masa_not_ready{instance="a",reason="MISCONFIGURED"}': "1x60"},
          {'masa_not_ready{instance="a",reason="MISCONFIGURED"}': "0x60"},
          {"instance": "a", "reason": "MISCONFIGURED"}),
    Alert("MasaNotReady",
          "sum without (reason) (masa_not_ready) > 0",
          "A process has not been ready for ten minutes",
          "ticket", 10, {'masa_not_ready{instance="a",reason="STORE_UNAVAILABLE"}': "1x60"},
          {'masa_not_ready{instance="a",reason="STORE_UNAVAILABLE"}': "1x5 0x60"},
          {"instance": "a"}),
    Alert("MasaWatchLag",
          "time() - masa_ownership_feed_read_timestamp_seconds > 30",
          "Who watches ownership changes hears of them more than half a minute late",
          "ticket", 5, {'masa_ownership_feed_read_timestamp_seconds{instance="a"}': "60x60"},
          {'masa_ownership_feed_read_timestamp_seconds{instance="a"}': "60+60x60"},
          {"instance": "a"}),
    Alert("MasaClockUnsynchronised",
          "masa_clock_synchronised == 0",
          "A machine's clock is not kept by a time service: vouchers may carry wrong times",
          "ticket", 15, {'masa_clock_synchronised{instance="a"}': "0x60"},
          {'masa_clock_synchronised{instance="a"}': "1x60"}, {"instance": "a"}),
    Alert("MasaTargetDown",
          'up{job=~".*masa.*"} == 0',
          "Prometheus cannot read a process's metrics",
          "page", 5, {'up{instance="a",job="masa"}': "1 0x60"},
          {'up{instance="a",job="masa"}': "1x60"}, {"instance": "a", "job": "masa"}),
]

DASHBOARD_OF = {
    "MasaSignerDown": "issuance", "MasaHsmTokenDown": "issuance",
    "MasaSignerQueueGrowing": "issuance", "MasaHsmErrorRatio": "issuance",
    "MasaSigningKeyExpiring": "issuance", "MasaDenySpike": "issuance",
    "MasaRateLimitSaturated": "issuance",
    "MasaAuditStalled": "audit", "MasaCheckpointOld": "audit",
    "MasaAuditVerifyFailed": "audit", "MasaAuditJobFailed": "audit",
    "MasaJobFailed": "audit", "MasaJobMissed": "audit",
    "MasaDbPoolExhausted": "store", "MasaDbRetriesHigh": "store", "MasaCommitsInDoubt": "store",
    "MasaWatchLag": "store", "MasaSchemaMismatch": "store",
    "MasaTrafficAbsent": "edge", "MasaPledgeTelemetryNewer": "edge",
    "MasaCertExpiringSoon": "edge",
    "MasaCertExpiresThisWeek": "edge", "MasaCertExpiresTomorrow": "edge",
    "MasaConfigReloadFailed": "capacity", "MasaNotReady": "capacity",
    "MasaClockUnsynchronised": "capacity", "MasaTargetDown": "capacity",
}


def groups():
    return [{"name": "masa-alerts", "rules": [alert.rule() for alert in ALERTS]}]
