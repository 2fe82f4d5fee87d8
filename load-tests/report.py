#!/usr/bin/env python3
"""Makes DIR/index.html, and DIR/summary.md, of the reports DIR/*.json that
hammer wrote:

    report.py DIR
"""

import datetime
import html
import json
import os
import pathlib
import platform
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 170, 48, 22, 18
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")

STYLE = """body{font:14px/1.4 sans-serif;margin:2em;max-width:1000px}
table{border-collapse:collapse}td,th{padding:.25em .7em;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left}.bad{color:#b00}svg{margin-right:1em}
h2{margin-top:2em}p.note{color:#555}"""


def number(value, digits=1):
    return f"{value:,.{digits}f}" if value is not None else ""


def row_of(report):
    latency, limit = report["latency"], report.get("limit")
    return (report["scenario"], number(report["items_per_second"], 0), number(latency["p50_ms"]),
            number(latency["p99_ms"]), number(latency["p999_ms"]),
            number(report.get("cpu_us_per_item")),
            number(limit["us_per_item"]) if limit else "",
            number(report.get("ratio"), 2), number(report["failed"], 0))


HEAD = ("scenario", "items/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs/item", "limit µs", "ratio",
        "failed")


def nice(most):
    """A round number that is not below."""
    for power in range(-3, 9):
        for step in (1, 2, 5):
            if step * 10 ** power >= most:
                return step * 10 ** power
    return most


def plot(title, lines, unit, axis="seconds"):
    """An SVG of lines {legend: [(x, y)]}."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return ""
    right = max(x for x, _ in points) or 1
    top = nice(max(y for _, y in points) or 1)

    def at(x, y):
        return (LEFT + x / right * (WIDTH - LEFT - 8),
                HEIGHT - BOTTOM - y / top * (HEIGHT - BOTTOM - TOP))
    parts = [f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{html.escape(title)}">',
             f'<text x="{LEFT}" y="12" font-size="12">{html.escape(title)}</text>']
    for share in (0, 0.5, 1):
        _, y = at(0, top * share)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y}" y2="{y}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 4}" y="{y + 4}" font-size="10" text-anchor="end">'
                     f'{top * share:g}</text>')
    for color, (legend, line) in zip(COLORS, lines.items()):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>')
    legends = "   ".join(f'<tspan fill="{color}">{html.escape(legend)}</tspan>'
                         for color, legend in zip(COLORS, lines))
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}" font-size="10">{legends} '
                 f'<tspan fill="#555">{unit}, by {axis} up to {right:g}</tspan></text></svg>')
    return "".join(parts)


def timeline(report):
    seconds = report["timeline"][:int(report["seconds"])]
    per_second = [(i + 1, second["answered"]) for i, second in enumerate(seconds)]
    quantiles = {name: [(i + 1, second[f"{name}_ms"]) for i, second in enumerate(seconds)]
                 for name in ("p50", "p99")}
    return (plot("answered", {"requests": per_second}, "per second")
            + plot("latency", quantiles, "ms"))


def curve(reports, stem, size, title):
    """Throughput over a size that scenarios of one stem differ in."""
    points = sorted((size(report), report["items_per_second"]) for report in reports
                    if report["scenario"].startswith(stem) and report["scenario"] != stem + "many")
    return plot(title, {"items/s": points}, "per second", "size") if len(points) > 1 else ""


def curves(reports):
    resolves = curve([r for r in reports if r["scenario"] != "resolve-many"], "resolve",
                     lambda report: report["clients"], "resolve, by clients")
    issues = curve(reports, "issue-", lambda report: report["works"][0].get("batch", 1),
                   "issue, by items of a call")
    return resolves + issues


def table(reports):
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEAD)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row_of(report))
                   + "</tr>" for report in reports)
    return f"<table><tr>{head}</tr>{rows}</table>"


def section(report):
    broken = "".join(f'<p class="bad">{html.escape(each)}</p>' for each in report["broken_budgets"])
    limit = report.get("limit")
    notes = [f"{report['clients']} clients, {report['answered']:,} answered in "
             f"{report['seconds']:.1f} s"]
    if report["rate_asked"]:
        notes.append(f"open loop at {report['rate_asked']:g} per second")
    if report["ended_early"]:
        notes.append("ended early: all devices were used up")
    if limit:
        notes.append(f"limit: {limit['what']}")
    return (f"<h2>{html.escape(report['scenario'])}</h2>"
            f"<p class=note>{html.escape('; '.join(notes))}</p>{broken}{timeline(report)}")


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} processors, {model}"


def page(reports):
    when = datetime.date.today().isoformat()
    note = (f"{when}, {machine()}; clients, service and PostgreSQL on the same ones. CPU is that of "
            "the service and its database, for one item; the limit is the work that no "
            "implementation can leave out, measured in the same run, and the ratio is limit by CPU.")
    return (f"<!doctype html><meta charset=utf-8><title>MASA under load</title>"
            f"<style>{STYLE}</style><h1>MASA under load</h1><p class=note>{html.escape(note)}</p>"
            f"{table(reports)}<h2>By size</h2>"
            "<p class=note>On few processors these show cost, not speed-up.</p>"
            f"{curves(reports)}{''.join(section(report) for report in reports)}\n")


def summary(reports):
    lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    lines += ["| " + " | ".join(row_of(report)) + " |" for report in reports]
    return "\n".join(lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    reports = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    (folder / "index.html").write_text(page(reports))
    (folder / "summary.md").write_text(summary(reports))
    print(summary(reports), end="")


if __name__ == "__main__":
    main()
