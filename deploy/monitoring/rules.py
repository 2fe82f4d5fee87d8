"""Recording rules: what dashboards and alerts read instead of raw series.

Names are level:metric:operations (prometheus.io, Recording rules); numerator and
denominator are aggregated apart, so that ratios of ratios never happen.
"""

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")

# The answers that are our fault (operations.md, SLIs).
OUR_CODES = "Internal|Unavailable|DeadlineExceeded|Unknown|DataLoss|ResourceExhausted"

# By face: all requests, and those that failed through us. What is of none of our
# services is a stranger's, or the watching of health, whose end is no failure.
FACES = {
    "https": ("masa_https_requests_total", 'masa_https_requests_total{status="5xx"}'),
    "grpc": ('grpc_server_handled_total{grpc_service!="other"}',
             f'grpc_server_handled_total{{grpc_service!="other",grpc_code=~"{OUR_CODES}"}}'),
}

# What an answer to a registrar may take, seconds; a bound of the histogram.
SLOW = "0.25"


def record(name, expr, **labels):
    rule = {"record": name, "expr": expr}
    if labels:
        rule["labels"] = labels
    return rule


def rate(series, window):
    return f"rate({series}[{window}])"


def slo_rules(window):
    rules = []
    for face, (requests, errors) in FACES.items():
        rules += [
            record(f"face:masa_requests:rate{window}", f"sum({rate(requests, window)})", face=face),
            record(f"face:masa_errors:rate{window}",
                   f"sum({rate(errors, window)}) or vector(0)", face=face),
        ]
    count = 'masa_https_request_seconds_count{route="requestvoucher"}'
    fast = f'masa_https_request_seconds_bucket{{route="requestvoucher",le="{SLOW}"}}'
    return rules + [
        record(f"face:masa_errors:ratio_rate{window}",
               f"face:masa_errors:rate{window} / (face:masa_requests:rate{window} > 0)"),
        record(f"masa:vouchers_slow:ratio_rate{window}",
               f"1 - sum({rate(fast, window)}) / (sum({rate(count, window)}) > 0)"),
    ]


def work_rules():
    return [
        record("reason:masa_voucher_requests_denied:rate5m",
               f"sum by (reason) ({rate('masa_voucher_requests_denied_total', '5m')})"),
        record("masa:voucher_requests_denied:rate5m",
               f"sum({rate('masa_voucher_requests_denied_total', '5m')})"),
        record("masa:voucher_requests_denied:rate1h",
               f"sum({rate('masa_voucher_requests_denied_total', '1h')})"),
        record("assertion:masa_vouchers_issued:rate5m",
               f"sum by (assertion, format) ({rate('masa_vouchers_issued_total', '5m')})"),
        record("backend:masa_signer_errors:rate5m",
               f"sum by (backend) ({rate('masa_signer_errors_total', '5m')})"),
        record("backend:masa_signer_signatures:rate5m",
               f"sum by (backend) ({rate('masa_signer_signatures_total', '5m')})"),
        record("method:grpc_server_handled:rate5m",
               "sum by (grpc_service, grpc_method) "
               f"({rate('grpc_server_handled_total', '5m')})"),
        # A log is one whoever sequences it; a replica that lost the lease keeps
        # the size that it saw last.
        record("tenant:masa_audit_log_size:max", "max by (tenant) (masa_audit_log_size)"),
        record("tenant:masa_audit_log_size:delta1h",
               "max by (tenant) (delta(masa_audit_log_size[1h]))"),
    ]


def in_flight(side):
    """Unary calls that began and have not ended, by pod: a stream is open for an
    hour and does nothing most of the time. By the histogram's count, which is there
    before the first call is."""
    calls = '{grpc_service!="other",grpc_type="unary"}'
    return (f"sum by (namespace, pod) (grpc_{side}_started_total{calls}) - "
            f"sum by (namespace, pod) (grpc_{side}_handling_seconds_count{calls})")


def scaling_rules():
    """What autoscalers follow (components/autoscale-by-calls)."""
    return [record("pod:masa_calls_in_flight:sum", in_flight("server")),
            record("pod:masa_calls_out:sum", in_flight("client"))]


def groups():
    return [{"name": f"masa-slo-{window}", "rules": slo_rules(window)} for window in WINDOWS] + [
        {"name": "masa-work", "rules": work_rules()},
        {"name": "masa-scaling", "rules": scaling_rules()}]
