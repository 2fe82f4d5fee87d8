#!/usr/bin/env python3
"""Makes DIR/report.html, DIR/summary.md and DIR/plots/*.svg of the reports
DIR/*.json that hammer wrote:

    report.py DIR
    report.py --readme README.md DIR    puts table and plots between the README's marks
"""

import argparse
import collections
import html
import json
import os
import pathlib
import re

import plots

STYLE = """body{font:14px/1.4 sans-serif;margin:2em;max-width:1000px}
table{border-collapse:collapse}td,th{padding:.25em .7em;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left}.bad{color:#b00}svg{margin-right:1em}
h2{margin-top:2em}p.note{color:#555}"""

HEAD = ("scenario", "items/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs/item", "limit µs", "ratio",
        "failed")
MACHINE = "machine.json"
# In the README, with the bars.
SHOWN = ("BRSKI vouchers, by connections", "owners of single devices, by devices on record",
         "vouchers without a registrar, by vouchers of a call",
         "BRSKI vouchers, by replicas of each role")


def number(value, digits=1):
    return f"{value:,.{digits}f}" if value is not None else ""


def row_of(report):
    latency, limit = report["latency"], report.get("limit")
    return (report["scenario"], number(report["items_per_second"], 0), number(latency["p50_ms"]),
            number(latency["p99_ms"]), number(latency["p999_ms"]),
            number(report.get("cpu_us_per_item")),
            number(limit["us_per_item"]) if limit else "",
            number(report.get("ratio"), 2), number(report["failed"], 0))


def timeline(report):
    seconds = report["timeline"][:int(report["seconds"])]
    return (plots.over_time("answered", {"calls": [each["answered"] for each in seconds]},
                            "per second")
            + plots.over_time("latency", {name: [each[f"{name}_ms"] for each in seconds]
                                          for name in ("p50", "p99")}, "ms"))


def limit_of(report):
    return report["limit"]["us_per_item"] if "limit" in report else None


def curves(reports):
    """{name: SVG of throughput and of cost}, by what the scenarios differ in."""
    points = collections.defaultdict(list)
    for report in reports:
        if "curve" in report:
            points[report["curve"]["name"]].append((report["curve"]["size"], report))
    made = {}
    for name, line in points.items():
        line.sort(key=lambda point: point[0])
        sizes, told = [size for size, _ in line], [report for _, report in line]
        if len(sizes) < 2:
            continue
        cost = {"CPU": [report.get("cpu_us_per_item") for report in told],
                "limit": [limit_of(report) for report in told]}
        made[name] = (
            plots.over_sizes(name, {"items/s": [report["items_per_second"] for report in told]},
                             sizes, "of wall time"),
            plots.over_sizes(name, cost, sizes, "µs of CPU for an item"))
    return made


def ratios(reports):
    values = [(report["scenario"], report["ratio"]) for report in reports if "ratio" in report]
    return plots.bars("limit by CPU; 1 is the limit", values) if values else ""


def table(reports):
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEAD)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row_of(report))
                   + "</tr>" for report in reports)
    return f"<table><tr>{head}</tr>{rows}</table>"


def parts_of(limit):
    return "; ".join(f"{part['what']} {part['us_per_item']:.1f} µs" for part in limit["parts"])


def section(report):
    broken = "".join(f'<p class="bad">{html.escape(each)}</p>' for each in report["broken_budgets"])
    notes = [f"{report['clients']} clients, {report['answered']:,} answered in "
             f"{report['seconds']:.1f} s"]
    if report["rate_asked"]:
        notes.append(f"open loop at {report['rate_asked']:g} per second")
    if report["ended_early"]:
        notes.append("ended early: all devices were used up")
    if "limit" in report:
        notes.append(f"limit: {parts_of(report['limit'])}")
    return (f"<h2>{html.escape(report['scenario'])}</h2>"
            f"<p class=note>{html.escape('; '.join(notes))}</p>{broken}{timeline(report)}")


def where(folder):
    path = folder / MACHINE
    told = json.loads(path.read_text()) if path.exists() else {}
    before = told.get("busy_before")
    noise = (f"; {before:.0%} of them were busy with other things before it began, and "
             f"{told['busy_after']:.0%} when it was over" if "busy_after" in told else "")
    return (f"{told.get('when', '')}, {told.get('processors', os.cpu_count())} processors, "
            f"{told.get('model', 'of unknown make')}{noise}")


def cost_note(folder):
    return (f"{where(folder)}. Clients, service and PostgreSQL share the processors. CPU is that "
            "of the service and its database, for one item; the limit is the work that no "
            "implementation can leave out, measured in the same run, and the ratio is limit by "
            "CPU. What a limit consists of stands with its scenario.")


SIZES_NOTE = ("On few processors these curves show what an operation costs, not speed-up: more "
              "replicas and more connections share the same two. What is to be seen is whether "
              "the cost of an item stays what it is.")


def page(folder, reports):
    drawn = "".join(f"<div>{throughput}{cost}</div>"
                    for throughput, cost in curves(reports).values())
    return (f"<!doctype html><meta charset=utf-8><title>MASA under load</title>"
            f"<style>{STYLE}</style><h1>MASA under load</h1>"
            f"<p class=note>{html.escape(cost_note(folder))}</p>{table(reports)}"
            f"<h2>Beside the limit</h2>{ratios(reports)}<h2>By size</h2>"
            f"<p class=note>{SIZES_NOTE}</p>{drawn}"
            f"{''.join(section(report) for report in reports)}\n")


def summary(reports):
    lines = ["| " + " | ".join(HEAD) + " |", "|---" + "|---:" * (len(HEAD) - 1) + "|"]
    lines += ["| " + " | ".join(row_of(report)) + " |" for report in reports]
    return "\n".join(lines) + "\n"


def stem(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def write_plots(folder, reports):
    folder.mkdir(exist_ok=True)
    (folder / "ratios.svg").write_text(ratios(reports) + "\n")
    for name, (throughput, cost) in curves(reports).items():
        (folder / f"{stem(name)}-rate.svg").write_text(throughput + "\n")
        (folder / f"{stem(name)}-cost.svg").write_text(cost + "\n")


def put_into(readme, folder, reports):
    begin, end = "<!-- load: begin -->", "<!-- load: end -->"
    text = readme.read_text(encoding="utf-8")
    at = os.path.relpath(folder, readme.parent)
    shown = [f"![Limit by CPU of each scenario]({at}/plots/ratios.svg)"]
    shown += [f"![{name}: {what}]({at}/plots/{stem(name)}-{kind}.svg)" for name in SHOWN
              if name in curves(reports)
              for kind, what in (("rate", "items per second"), ("cost", "CPU of an item"))]
    told = f"{begin}\n{cost_note(folder)}\n\n{summary(reports)}\n" + "\n".join(shown) + f"\n{end}"
    before, rest = text.split(begin)
    readme.write_text(before + told + rest.split(end)[1], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--readme", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    folder = arguments.folder
    reports = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))
               if path.name != MACHINE]
    if arguments.readme:
        put_into(arguments.readme, folder, reports)
        return
    (folder / "report.html").write_text(page(folder, reports))
    (folder / "summary.md").write_text(summary(reports))
    write_plots(folder / "plots", reports)
    print(summary(reports), end="")


if __name__ == "__main__":
    main()
