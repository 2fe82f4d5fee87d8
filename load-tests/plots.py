"""Plots as SVG: lines over a size or over time, and bars."""

import html

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 190, 56, 38, 24
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")
FONT = 'font-family="sans-serif"'


def nice(most):
    """A round number that is not below."""
    for power in range(-3, 9):
        for step in (1, 2, 5):
            if step * 10 ** power >= most:
                return step * 10 ** power
    return most


def short(value):
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def frame(title, height=HEIGHT):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" {FONT} '
            f'role="img" aria-label="{html.escape(title)}">',
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            f'<text x="8" y="15" font-size="12">{html.escape(title)}</text>']


def grid(top):
    parts = []
    for share in (0, 0.5, 1):
        y = height_of(share)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 12}" y1="{y}" y2="{y}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 5}" y="{y + 4}" font-size="10" text-anchor="end">'
                     f"{short(top * share)}</text>")
    return parts


def height_of(share):
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def across(share):
    return round(LEFT + share * (WIDTH - LEFT - 28), 1)


def legend(names, what):
    # Spaces between words of two spans are not drawn.
    spans = "".join(f'<tspan fill="{color}" dx="{6 if i else 0}">{html.escape(name)}</tspan>'
                    for i, (color, name) in enumerate(zip(COLORS, names)))
    return (f'<text x="{LEFT}" y="{HEIGHT - 6}" font-size="10">{spans}'
            f'<tspan fill="#555" dx="6">{html.escape(what)}</tspan></text>')


def lines(title, series, ticks, what):
    """SVG of {name: [(share of the width, value)]}; `ticks`: [(share, text)]."""
    values = [value for line in series.values() for _, value in line]
    if not values:
        return ""
    top = nice(max(values) or 1)
    parts = frame(title) + grid(top)
    for share, text in ticks:
        parts.append(f'<text x="{across(share)}" y="{HEIGHT - BOTTOM + 14}" font-size="10" '
                     f'text-anchor="middle">{html.escape(text)}</text>')
    for color, line in zip(COLORS, series.values()):
        path = " ".join(f"{across(x)},{height_of(y / top)}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" '
                     'stroke-width="1.5"/>')
        if len(line) <= 8:
            parts += [f'<circle cx="{across(x)}" cy="{height_of(y / top)}" r="2.5" '
                      f'fill="{color}"/>' for x, y in line]
    return "".join(parts + [legend(series, what), "</svg>"])


def over_time(title, series, what):
    """{name: [a value for each second]}."""
    count = max((len(line) for line in series.values()), default=0)
    if count < 2:
        return ""
    placed = {name: [(i / (count - 1), value) for i, value in enumerate(line)]
              for name, line in series.items()}
    return lines(title, placed, [(0, "1 s"), (1, f"{count} s")], what)


def over_sizes(title, series, sizes, what):
    """{name: [a value for each size]}; sizes stand at equal distances."""
    last = len(sizes) - 1
    placed = {name: [(i / last, value) for i, value in enumerate(line) if value is not None]
              for name, line in series.items()}
    return lines(title, placed, [(i / last, short(size)) for i, size in enumerate(sizes)], what)


def bars(title, values):
    """[(name, value from 0 to about 1)], a bar each, with a line at 1."""
    top, left, row = max(1, nice(max(value for _, value in values))), 150, 16
    height = TOP + 8 + row * len(values)
    scale = (WIDTH - left - 50) / top
    parts = frame(title, height)
    for i, (name, value) in enumerate(values):
        y = TOP + i * row
        parts.append(f'<text x="{left - 5}" y="{y + 11}" font-size="10" text-anchor="end">'
                     f'{html.escape(name)}</text><rect x="{left}" y="{y + 2}" height="{row - 4}" '
                     f'width="{round(value * scale, 1)}" fill="{COLORS[0]}"/>'
                     f'<text x="{round(left + value * scale + 4, 1)}" y="{y + 11}" '
                     f'font-size="10">{value:.2f}</text>')
    at = round(left + scale, 1)
    parts.append(f'<line x1="{at}" x2="{at}" y1="{TOP}" y2="{height - 8}" stroke="#d62728"/>')
    return "".join(parts + ["</svg>"])
