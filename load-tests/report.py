#!/usr/bin/env python3
"""Makes DIR/report.html, DIR/summary.md and DIR/plots/*.svg of the reports
DIR/*.json that hammer wrote:

    report.py DIR
    report.py --readme README.md DIR    puts table and plots between the README's marks
    report.py --self-test
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

HEAD = ("scenario", "items/s", "calls", "ms of a call: p50", "p99", "p99.9", "CPU µs/item",
        "limit µs", "ratio", "failed")
# Below so many calls a percentile is that of a few, or of the slowest one.
CALLS_FOR = {"p50_ms": 1, "p99_ms": 100, "p999_ms": 1000}
EARLY = ("* ended early, when all devices that were made ahead were used up; its figures are of "
         "the time until then.")
MACHINE = "machine.json"
# In the README, with the bars.
SHOWN = ("BRSKI vouchers, by connections", "owners of single devices, by devices on record",
         "vouchers without a registrar, by vouchers of a call",
         "BRSKI vouchers, by replicas of each role")


def number(value, digits=1):
    return f"{value:,.{digits}f}" if value is not None else ""


def percentile(report, name):
    return number(report["latency"][name]) if report["answered"] >= CALLS_FOR[name] else ""


def row_of(report):
    limit = report.get("limit")
    return (report["scenario"] + (" *" if report["ended_early"] else ""),
            number(report["items_per_second"], 0), number(report["answered"], 0),
            *(percentile(report, name) for name in CALLS_FOR),
            number(report.get("cpu_us_per_item")),
            number(limit["us_per_item"]) if limit else "",
            number(report.get("ratio"), 2), number(report["failed"], 0))


def timeline(report):
    seconds = report["timeline"]
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


def early_note(reports):
    return EARLY if any(report["ended_early"] for report in reports) else ""


def table(reports):
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEAD)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row_of(report))
                   + "</tr>" for report in reports)
    note = f"<p class=note>{html.escape(early_note(reports))}</p>"
    return f"<table><tr>{head}</tr>{rows}</table>{note}"


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
              "replicas and more connections share the same ones. More connections make batches "
              "fuller, so that an item costs less. More replicas spread the same requests "
              "thinner, so that an item costs more: each has its own, smaller batches, and more "
              "processes take turns. By devices on record the cost should stay what it is.")


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
    note = early_note(reports)
    return "\n".join(lines) + "\n" + (f"\n\\{note}\n" if note else "")


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


def sample(answered, ended_early=False):
    """What hammer writes of a scenario that answered so many calls in 2.5 s."""
    return {"scenario": "sample", "clients": 1, "rate_asked": 0, "seconds": 2.5,
            "answered": answered, "items_per_second": 2 * answered, "failed": 0,
            "latency": {"p50_ms": 1.0, "p99_ms": 2.0, "p999_ms": 3.0}, "ended_early": ended_early,
            "broken_budgets": [],
            "timeline": [{"answered": answered // 2, "p50_ms": 1.0, "p99_ms": 2.0}] * 2}


def self_test():
    """What the table says, and what it leaves out."""
    def cells(answered):
        return dict(zip(HEAD, row_of(sample(answered))))
    assert [cells(1000)[name] for name in ("calls", "p99", "p99.9")] == ["1,000", "2.0", "3.0"]
    assert [cells(999)[name] for name in ("p99", "p99.9")] == ["2.0", ""]
    assert [cells(99)[name] for name in ("ms of a call: p50", "p99")] == ["1.0", ""]
    whole, early = [sample(9)], [sample(9), sample(9, ended_early=True)]
    for told in (summary, table):
        assert "sample *" in told(early) and EARLY in told(early), told(early)
        assert "*" not in told(whole), told(whole)
    assert ">2 s<" in timeline(whole[0]), timeline(whole[0])
    print("report: tables say what they should")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--readme", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.self_test:
        self_test()
        return
    folder = arguments.folder
    if folder is None:
        parser.error("a folder is needed")
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
