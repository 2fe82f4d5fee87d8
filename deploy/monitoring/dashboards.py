"""Dashboards for Grafana, by what is asked of them. make.py makes the JSON."""

from dataclasses import dataclass


@dataclass
class Panel:
    title: str
    unit: str  # Grafana's name: reqps, s, percentunit, short, bytes, ...
    queries: dict  # legend: expression; {{label}} in a legend is the label's value
    help: str = ""


def quantiles(series, by=""):
    label = f"{by}, " if by else ""
    legend = f"{{{{{by}}}}} " if by else ""
    return {f"{legend}p{round(q * 100)}":
            f"histogram_quantile({q}, sum by ({label}le) (rate({series}_bucket[5m])))"
            for q in (0.5, 0.99)}


def rate_by(label, series):
    return {f"{{{{{label}}}}}": f"sum by ({label}) (rate({series}[5m]))"}


OVERVIEW = [
    Panel("Answered without fault of ours", "percentunit",
          {"{{face}}": "1 - face:masa_errors:ratio_rate5m"},
          "1 is all; the objective is 0.999 over a month"),
    Panel("Error budget spent in 3 days", "percentunit",
          {"{{face}}": "face:masa_errors:ratio_rate3d / 0.001"},
          "Above 1 the month's budget will not last"),
    Panel("Registrars answered within 250 ms", "percentunit",
          {"in time": "1 - masa:vouchers_slow:ratio_rate5m"}, "The objective is 0.99"),
    Panel("Vouchers issued", "reqps",
          {"{{assertion}} {{format}}": "assertion:masa_vouchers_issued:rate5m"}),
    Panel("Requests", "reqps", {"{{face}}": "face:masa_requests:rate5m"}),
    Panel("Refusals of vouchers", "reqps",
          {"{{reason}}": "reason:masa_voucher_requests_denied:rate5m > 0 or "
                         "topk(1, reason:masa_voucher_requests_denied:rate5m)"}),
    Panel("Not ready", "short", {"{{reason}}": "max by (reason) (masa_not_ready) > 0 or "
                         "topk(1, max by (reason) (masa_not_ready))"},
          "1 for why a process cannot do its work"),
    Panel("Operators should look", "short",
          {"{{alert}}": "sum by (alert) (increase(masa_alerts_total[1h]))"}),
]

EDGE = [
    Panel("Requests by route", "reqps", rate_by("route", "masa_https_requests_total")),
    Panel("Requests by class of status", "reqps", rate_by("status", "masa_https_requests_total")),
    Panel("Time to answer", "s", quantiles("masa_https_request_seconds", "route")),
    Panel("Open connections", "short", {"{{instance}}": "masa_https_connections"}),
    Panel("Requests turned away", "reqps",
          rate_by("reason", "masa_https_requests_turned_away_total")),
    Panel("Connections turned away", "reqps",
          {"too many are open": "sum(rate(masa_https_connections_refused_total[5m]))"}),
    Panel("Handshakes that failed", "reqps",
          {"failed": "sum(rate(masa_https_handshakes_failed_total[5m]))"}),
    Panel("Enrolments over EST", "reqps",
          {"asked": "sum(rate(masa_enrollments_total[5m]))",
           "refused: {{reason}}": "sum by (reason) (rate(masa_enrollments_denied_total[5m])) > 0 or "
           "topk(1, sum by (reason) (rate(masa_enrollments_denied_total[5m])))"}),
    Panel("Time of an enrolment", "s", quantiles("masa_enrollments_seconds")),
    Panel("OCSP responses signed ahead", "reqps",
          rate_by("outcome", "masa_ocsp_responses_signed_ahead_total"),
          "Failed ones are tried again in five minutes, and signed for who asks until then"),
    Panel("Devices' telemetry of a newer version", "short",
          {"told": "sum(increase(masa_pledge_telemetry_newer_total[1d]))"}, "In a day"),
    Panel("Lag of event loops", "s", quantiles("masa_event_loop_lag_seconds", "loop"),
          "How late a loop runs what is due. A few milliseconds are well; more is a handler that "
          "takes long, or too few processors"),
    Panel("TLS certificates end in", "s",
          {"{{role}}": "min by (role) (masa_tls_cert_not_after_timestamp_seconds) - time()"}),
]

ISSUANCE = [
    Panel("Voucher requests", "reqps",
          {"asked": "sum(rate(masa_voucher_requests_total[5m]))",
           "refused": "masa:voucher_requests_denied:rate5m"}),
    Panel("Time of a voucher request", "s", quantiles("masa_voucher_requests_seconds")),
    Panel("Time of a voucher's stages", "s",
          quantiles("masa_voucher_issue_seconds", "stage"),
          "Who comes with others waits for the whole of a stage"),
    Panel("Signatures", "reqps", {"{{backend}}": "backend:masa_signer_signatures:rate5m"}),
    Panel("Signatures that failed", "reqps", {"{{backend}}": "backend:masa_signer_errors:rate5m"}),
    Panel("Time of a call to a key", "s", quantiles("masa_signer_sign_seconds", "key")),
    Panel("Sessions with the HSM", "short",
          {"{{state}}": "sum by (state) (masa_signer_sessions)"},
          "busy and none idle: it is at its limit; closed: a token does not sign"),
    Panel("Signatures that wait for a session", "short",
          {"{{instance}}": "masa_signer_queue_depth"}),
    Panel("Waiting for a session", "s", quantiles("masa_signer_queue_wait_seconds")),
    Panel("Items of a call to a key", "short", quantiles("masa_voucher_batch_size")),
    Panel("Refused by the lint before the key", "short",
          {"refused": "sum(increase(masa_voucher_lint_failures_total[1h]))"},
          "Anything but 0 is a fault of ours, or an attack from inside"),
    Panel("Signing keys end in", "s",
          {"{{key}}": "max by (key) (masa_signer_key_not_after_timestamp_seconds) - time()"}),
    Panel("Voucher jobs", "short", {"{{state}}": "max by (state) (masa_voucher_jobs)"}),
    Panel("Vouchers of jobs", "reqps", rate_by("outcome", "masa_voucher_job_vouchers_total")),
]

STORE = [
    Panel("Calls of methods", "reqps",
          {"{{grpc_method}}": "topk(10, method:grpc_server_handled:rate5m)"}),
    Panel("Calls by outcome", "reqps", rate_by("grpc_code", "grpc_server_handled_total")),
    Panel("Calls refused", "reqps", rate_by("reason", "masa_grpc_server_refusals_total"),
          "DEVICE_UNKNOWN in numbers: somebody asks for devices of others"),
    Panel("Calls of ovgs.v1 by method", "reqps",
          {"{{method}} {{caller}}": "topk(10, sum by (method, caller) "
                                    "(rate(masa_ovgs_calls_total[5m])))"},
          "by operators and by customers, of all that are admitted"),
    Panel("Calls of ovgs.v1 for what is another's", "reqps",
          rate_by("method", "masa_ovgs_foreign_calls_total"),
          "customers that ask for devices, groups or certificates of others"),
    Panel("Calls with a cookie as their credentials", "reqps",
          {"calls": "sum(rate(masa_grpc_server_cookie_auth_total[5m]))"},
          "of clients that show no token elsewhere"),
    Panel("Calls from role to role", "reqps",
          {"{{grpc_method}} {{grpc_code}}": "sum by (grpc_method, grpc_code) "
                                            "(rate(grpc_client_handled_total[5m]))"},
          "as who calls sees them: of edges to authorities, of authorities to signers"),
    Panel("Time of calls from role to role", "s",
          quantiles("grpc_client_handling_seconds", "grpc_method")),
    Panel("Time of ResolveOwnership", "s",
          {f"p{round(q * 100)}": f"histogram_quantile({q}, sum by (le) (rate("
           'grpc_server_handling_seconds_bucket{grpc_method="ResolveOwnership"}[5m])))'
           for q in (0.5, 0.99)}),
    Panel("Commits of vouchers", "reqps",
          {"stored": "sum(rate(masa_voucher_commits_total[5m]))",
           "failed": "sum(rate(masa_voucher_commits_failed_total[5m]))"}),
    Panel("Time of a commit", "s", quantiles("masa_voucher_commits_seconds")),
    Panel("Time of a transaction", "s", quantiles("masa_db_transaction_seconds")),
    Panel("Database time by statement", "short",
          {"{{statement}}": "topk(10, sum by (statement) (rate(masa_db_query_seconds_sum[5m])))"},
          "seconds in a second: how many connections each statement keeps busy"),
    Panel("Time of the slowest statements", "s",
          {"{{statement}} p99": "topk(10, histogram_quantile(0.99, sum by (statement, le) "
                                "(rate(masa_db_query_seconds_bucket[5m]))))"}),
    Panel("Connections to the database", "short",
          {"{{state}}": "sum by (state) (masa_db_connections)"}),
    Panel("Waiting for a connection", "s", quantiles("masa_db_acquire_seconds")),
    Panel("Transactions tried again", "reqps", rate_by("sqlstate", "masa_db_retries_total")),
    Panel("Ownership feed was read", "s",
          {"{{instance}}": "time() - masa_ownership_feed_read_timestamp_seconds"}, "ago"),
    Panel("Histories wait for their signature", "s",
          {"oldest": "max(masa_unsigned_histories_age_seconds)"}),
]

AUDIT = [
    Panel("Events in the log", "short", {"{{tenant}}": "tenant:masa_audit_log_size:max"}),
    Panel("Events that came in an hour", "short",
          {"{{tenant}}": "tenant:masa_audit_log_size:delta1h"}),
    Panel("Events that are not in the log yet", "short",
          {"waiting": "min(masa_audit_unsequenced_events)"}),
    Panel("Last checkpoint", "s",
          {"{{tenant}}": "time() - max by (tenant) (masa_audit_checkpoint_timestamp_seconds)"},
          "ago; where nothing happens nothing is signed"),
    Panel("Verifications of the log", "short",
          {"{{outcome}}": "sum by (outcome) (increase(masa_audit_verifications_total[1d]))"},
          "in a day; broken is an alert"),
    Panel("Audit logs asked for", "reqps",
          {"asked": "sum(rate(masa_audit_log_requests_total[5m]))",
           "refused": "sum(rate(masa_audit_log_requests_denied_total[5m]))"}),
    Panel("Time of an audit log", "s", quantiles("masa_audit_log_requests_seconds")),
    Panel("Jobs beside the service", "s",
          {"{{name}}": "time() - max by (name) (masa_job_last_success_timestamp_seconds)"},
          "since each last did what it is for"),
]

TENANTS = [
    Panel("Busiest tenants, events in an hour", "short",
          {"{{tenant}}": "topk(10, tenant:masa_audit_log_size:delta1h)"}),
    Panel("Largest logs", "short", {"{{tenant}}": "topk(10, tenant:masa_audit_log_size:max)"}),
    Panel("Refusals by reason", "reqps",
          {"{{reason}}": "topk(10, reason:masa_voucher_requests_denied:rate5m)"}),
    Panel("Vouchers by assertion", "reqps",
          {"{{assertion}}": "sum by (assertion) (assertion:masa_vouchers_issued:rate5m)"}),
]

CAPACITY = [
    Panel("CPU", "short", {"{{instance}}": "rate(process_cpu_seconds_total[5m])"},
          "Cores in use, by process"),
    Panel("CPU of a voucher", "s",
          {"all processes": "sum(rate(process_cpu_seconds_total[5m])) / "
                            "(sum(rate(masa_voucher_commits_total[5m])) > 0)"},
          "With other work beside it, that is in there too"),
    Panel("Memory", "bytes", {"{{instance}}": "process_resident_memory_bytes"}),
    Panel("Open files", "short",
          {"{{instance}} open": "process_open_fds", "{{instance}} limit": "process_max_fds"}),
    Panel("Threads", "short", {"{{instance}}": "process_threads"}),
    Panel("Database connections in use", "percentunit",
          {"{{instance}}": 'masa_db_connections{state="in_use"} / ignoring (state) '
                           'masa_db_connections{state="limit"}'}),
    Panel("Questions to caches", "reqps",
          {"{{cache}} {{outcome}}": "sum by (cache, outcome) "
                                    "(rate(masa_cache_requests_total[5m]))"},
          "Many misses of chains, hot_keys or leaf_forms: registrars or devices that are new"),
    Panel("Running since", "s", {"{{instance}}": "time() - process_start_time_seconds"}),
    Panel("Clocks", "short", {"{{instance}}": "masa_clock_synchronised"},
          "1 while a time service keeps it"),
    Panel("Configuration was read", "s",
          {"{{instance}}": "time() - masa_config_last_reload_timestamp_seconds"}, "ago"),
    Panel("Builds", "short", {"{{compiler}}": "count by (compiler) (masa_build_info)"}),
]

DASHBOARDS = {
    "overview": ("MASA: overview", OVERVIEW),
    "edge": ("MASA: edge", EDGE),
    "issuance": ("MASA: issuance and signer", ISSUANCE),
    "store": ("MASA: ownership and store", STORE),
    "audit": ("MASA: audit", AUDIT),
    "tenants": ("MASA: tenants", TENANTS),
    "capacity": ("MASA: capacity", CAPACITY),
}


def target(panel, letter, legend, expression):
    return {"refId": letter, "expr": expression, "legendFormat": legend,
            "datasource": {"type": "prometheus", "uid": "${datasource}"}}


def panel_json(number, panel):
    """Two panels in a row of 24 columns."""
    return {
        "id": number + 1, "type": "timeseries", "title": panel.title,
        "description": panel.help,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [target(panel, chr(ord("A") + i), legend, expression)
                    for i, (legend, expression) in enumerate(panel.queries.items())],
    }


def dashboard_json(name):
    title, panels = DASHBOARDS[name]
    return {
        "uid": f"masa-{name}", "title": title, "tags": ["masa"], "schemaVersion": 38,
        "editable": False, "refresh": "30s", "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource",
                                 "query": "prometheus", "label": "Data source"}]},
        "links": [{"title": "MASA", "type": "dashboards", "tags": ["masa"], "asDropdown": True}],
        "panels": [panel_json(i, panel) for i, panel in enumerate(panels)],
    }
