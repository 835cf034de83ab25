# cmake/docs/chart.py: the chart of the scenes, as SVG, drawn by hand: no library is needed.

from html import escape

INK, FAINT, GRID = "#1f2430", "#70778a", "#e4e6ec"
WAYS = (("loop", "plain loop", "#d5d8e0"), ("hand", "best bpy + NumPy by hand", "#8fa3c8"),
        ("slicer", "Slicer, entered for this one run", "#f6bd82"), ("kept", "Slicer, kept entered", "#e87d0d"))
LEFT, RIGHT, WIDTH, BAR, GAP, TOP = 290, 190, 960, 12, 14, 74


def spoken(seconds):
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        value = seconds * factor
        if value >= 0.9995 or unit == "µs":
            return f"{value:.{0 if value >= 9.95 else 1}f} {unit}"
    raise AssertionError


def draw(measured):
    """The newest Blender's tasks; time runs to the right, logarithmically."""
    import math

    version, data = list(measured.items())[-1]
    rows = data["rows"]
    times = [t["min"] for row in rows for t in row["times"].values()]
    low, high = math.floor(math.log10(min(times))), math.log10(max(times) * 1.3)
    height = TOP + len(rows) * (len(WAYS) * BAR + GAP) + 34

    def x(seconds):
        return LEFT + (math.log10(seconds) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           'font-family="DejaVu Sans, Verdana, sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
           f'<text x="14" y="24" font-size="15" font-weight="bold" fill="{INK}">Whole tasks in Blender {version}</text>',
           f'<text x="14" y="41" fill="{FAINT}">time of one run, logarithmic; the multiples are of the plain loop and of the '
           'best bpy + NumPy that we could write by hand</text>']
    at = 14
    for _, name, color in WAYS:
        out.append(f'<rect x="{at}" y="51" width="10" height="10" fill="{color}"/>'
                   f'<text x="{at + 15}" y="60" fill="{INK}">{name}</text>')
        at += 34 + 6.4 * len(name)
    for power in range(low, math.floor(high) + 1):
        out.append(f'<line x1="{x(10 ** power):.1f}" x2="{x(10 ** power):.1f}" y1="{TOP - 4}" y2="{height - 26}" stroke="{GRID}"/>'
                   f'<text x="{x(10 ** power):.1f}" y="{height - 12}" text-anchor="middle" fill="{FAINT}">{spoken(10 ** power)}</text>')
    y = TOP
    for row in rows:
        best = {way: t["min"] for way, t in row["times"].items()}
        out.append(f'<text x="{LEFT - 10}" y="{y + 2 * BAR + 3:.1f}" text-anchor="end" fill="{INK}">{escape(row["task"])}</text>')
        for way, _, color in WAYS:
            if way in best:
                out.append(f'<rect x="{LEFT}" y="{y}" width="{max(1.0, x(best[way]) - LEFT):.1f}" height="{BAR - 1}" fill="{color}"/>')
            if way in ("slicer", "kept"):
                told = [f"{_ratio(best[other] / best[way])}× {other}" for other in ("loop", "hand") if other in best]
                out.append(f'<text x="{x(best[way]) + 5:.1f}" y="{y + BAR - 2.5}" fill="#b35f06" '
                           f'font-size="10">{spoken(best[way])}: {", ".join(told)}</text>')
            y += BAR
        y += GAP
    return "\n".join([*out, "</svg>"]) + "\n"


def _ratio(value):
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.095 else f"{value:.2f}"
