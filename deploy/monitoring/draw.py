#!/usr/bin/env python3
"""Draws the dashboards as they look on a sandbox that works:

  draw.py SANDBOX SECONDS OUT   lets a Prometheus read the sandbox in the folder
                                SANDBOX for so long, then writes OUT/NAME.png

Needs python3-matplotlib, which nothing else here does.
"""

import pathlib
import re
import sys
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

import dashboards  # noqa: E402
import live  # noqa: E402

COLUMNS = 3
UNITS = {"reqps": "1/s", "s": "s", "percentunit": "share", "bytes": "MiB", "short": ""}
SCALE = {"bytes": 2 ** -20}
MOST_LINES = 8  # of a panel, the largest


def legend_of(template, labels):
    return re.sub(r"{{(\w+)}}", lambda match: labels.get(match[1], ""), template).strip()


def lines_of(prometheus, panel, start, end):
    """(legend, times, values) of a panel, minutes since `start`."""
    lines = []
    for template, expression in panel.queries.items():
        for series in prometheus.query_range(expression, start, end, "2"):
            points = [((float(when) - start) / 60, float(value) * SCALE.get(panel.unit, 1))
                      for when, value in series["values"] if value != "NaN"]
            if points:
                lines.append((legend_of(template, series["metric"]), *zip(*points)))
    return sorted(lines, key=lambda line: -max(line[2]))[:MOST_LINES]


def draw_panel(axes, panel, lines):
    axes.set_title(panel.title, fontsize=9, loc="left")
    for legend, times, values in lines:
        axes.plot(times, values, linewidth=1.2, label=legend)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(UNITS[panel.unit], fontsize=7)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)
    if lines:
        axes.legend(fontsize=6, loc="best", framealpha=0.7)
    else:
        axes.text(0.5, 0.5, "nothing happened", ha="center", transform=axes.transAxes, fontsize=8)


def draw(prometheus, name, start, end, out):
    title, panels = dashboards.DASHBOARDS[name]
    rows = -(-len(panels) // COLUMNS)
    height = 2.4 * rows
    figure, grid = plt.subplots(rows, COLUMNS, figsize=(13, height), squeeze=False)
    for axes in grid.flat[len(panels):]:
        axes.axis("off")
    for axes, panel in zip(grid.flat, panels):
        draw_panel(axes, panel, lines_of(prometheus, panel, start, end))
    figure.suptitle(f"{title} (minutes)", fontsize=11)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / height))  # below its title
    figure.savefig(out / f"{name}.png", dpi=80)
    plt.close(figure)


def main():
    sandbox, seconds, out = pathlib.Path(sys.argv[1]), float(sys.argv[2]), pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    target = live.admin_of(sandbox)
    with live.prometheus_on(target) as prometheus:
        live.wait_until_ready(prometheus)
        start = time.time()
        while time.time() < start + seconds:
            live.fetch(f"http://{target}/readyz")  # what a kubelet does
            time.sleep(5)
        for name in dashboards.DASHBOARDS:
            draw(prometheus, name, start, time.time(), out)


if __name__ == "__main__":
    main()
