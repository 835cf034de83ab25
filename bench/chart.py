# bench/chart.py: draws the figures of demo.py: chart.py FIGURES.json PICTURE.png
"""Runs under the system's Python; needs the Debian package python3-matplotlib."""
import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

INK, FAINT, GRID = "#1f2430", "#8a90a0", "#e4e6ec"
WAYS = (("python", "Python loop", "#d5d8e0"), ("foreach", "foreach + NumPy", "#8fa3c8"),
        ("slicer", "Slicer", "#e87d0d"), ("memcpy", "memcpy of the same bytes", "#4a5063"))  # Blender's orange for ours


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    draw(json.loads(options.figures.read_text()), options.picture)


def draw(data, picture):
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.labelcolor": INK,
                         "xtick.color": FAINT, "ytick.color": INK})
    rows = data["rows"]
    figure, panels = plt.subplots(1, 2, figsize=(12.4, 0.62 * len(rows) + 1.7), sharey=True)
    times = [t["min"] for row in rows for part in row.values() if part for t in part["times"].values()]
    for axes, direction, title in zip(panels, ("refresh", "update"), ("refresh: Blender → MemCache",
                                                                       "update: MemCache → Blender")):
        panel(axes, [row[direction] for row in rows], title, min(times) / 1.6, max(times) * 2.5)
    panels[0].set_yticks(range(len(rows)))
    panels[0].set_yticklabels([label(row["refresh"]) for row in rows], linespacing=1.35)
    panels[0].invert_yaxis()
    handles = [plt.Rectangle((0, 0), 1, 1, color=color) for _, _, color in WAYS]
    figure.legend(handles, [name for _, name, _ in WAYS], loc="lower center", ncol=4, frameon=False,
                  bbox_to_anchor=(0.5, 0.0), handlelength=1.1, handleheight=1.0)
    figure.suptitle(f"Suzanne with {data['vertices']:,} vertices in Blender {data['blender']}", x=0.012, y=0.985,
                    ha="left", fontsize=13, fontweight="bold")
    figure.text(0.012, 0.985 - 0.36 / figure.get_figheight(), "time per call, logarithmic; the multiple is foreach's time "
                f"over Slicer's · {data['machine']}", ha="left", va="top", color=FAINT)
    figure.tight_layout(rect=(0, 0.045, 1, 1 - 0.5 / figure.get_figheight()), w_pad=2.0)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110, facecolor="white")


def label(row):
    return f"{row['supplier']}\n{row['expression']}"


def panel(axes, rows, title, low, high):
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", pad=8)
    axes.set_xscale("log")
    thick = 0.2
    for place, row in enumerate(rows):
        if row is None:
            axes.text(low * 1.15, place, "read-only in Blender", va="center", color=FAINT, fontsize=8, style="italic")
            continue
        for way, (key, _, color) in enumerate(WAYS):
            seconds = row["times"][key]["min"]
            y = place + (way - 1.5) * thick
            axes.barh(y, seconds - low, left=low, height=thick * 0.86, color=color, linewidth=0)
            if key == "slicer":
                multiple = row["times"]["foreach"]["min"] / seconds
                text = f"{multiple:.0f}×" if multiple >= 9.5 else f"{multiple:.1f}×"
                direct = row["kernel"]["route"] == "direct"
                axes.text(seconds * 1.07, y, f"{text}  {spoken(seconds)}" + ("" if direct else "  foreach route"), va="center",
                          fontsize=7.5, color="#b35f06", fontweight="bold" if direct else "normal")
    axes.set_xlim(low, high)
    axes.set_ylim(-0.55, len(rows) - 0.45)
    ticks = [t for t in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10) if low <= t <= high]
    axes.set_xticks(ticks)
    axes.set_xticklabels([spoken(t) for t in ticks])
    axes.minorticks_off()
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)


def spoken(seconds):
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 0.9995 or unit == "µs":
            value = seconds * factor
            return f"{value:.1f} {unit}" if value < 9.95 and value % 1 else f"{value:.0f} {unit}"
    raise AssertionError


if __name__ == "__main__":
    main()
