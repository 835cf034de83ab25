# cmake/docs/figures.py: what the benchmarks measured, written between the markers of the pages.
"""Usage: figures.py cookbook|scenes JSON... (one file for each Blender, as bench/ left it)"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import chart  # noqa: E402
import cookbook  # noqa: E402

DOCS = cookbook.ROOT / "docs"
NAMED = {"3.4": "3.4", "4.3": "4.3", "5.2": "5.2"}


def duration(seconds):
    """A time with three digits, in the unit that suits it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        value = seconds * factor
        if value >= 0.9995 or unit == "µs":
            return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} {unit}"
    raise AssertionError


def multiple(other, mine):
    """How many times as fast as the other way."""
    ratio = other / mine
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}"


def between(text, begin, end, inner):
    """The text with what stands between two markers, both of which stay, replaced."""
    assert text.count(begin) == 1 and end in text.split(begin)[1], begin
    head, rest = text.split(begin)
    return head + begin + "\n" + inner.rstrip("\n") + "\n" + end + rest.split(end, 1)[1]


def read(files):
    """{'5.2': what was measured in it}, oldest Blender first."""
    measured = {}
    for file in files:
        data = json.loads(Path(file).read_text(encoding="utf-8"))
        measured[".".join(data["blender"].split(".")[:2])] = data
    return dict(sorted(measured.items()))


def origin(measured, command):
    """One line on where figures come from."""
    versions = ", ".join(data["blender"] for data in measured.values())
    loads = ", ".join(data["load"] for data in measured.values())
    newest = list(measured.values())[-1]
    return (f"Written by `{command}` in Blender {versions} on {newest['machine']}; load average when each ended: {loads} "
            "(1 is this run itself).")


# ---- the cookbook

def write_cookbook(measured):
    page = cookbook.COOKBOOK
    text = page.read_text(encoding="utf-8")
    _, recipes = cookbook.read(page)
    text = between(text, "<!-- figures -->", "<!-- end of figures -->", cookbook_table(recipes, measured))
    head, *sections = re.split(r"(?m)^(?=## .+\n<!-- recipe: )", text)
    newest = list(measured)[-1]
    for i, recipe in enumerate(recipes):
        row = measured[newest]["rows"].get(recipe.name)
        sections[i] = between(sections[i], "<!-- measured -->", "<!-- end -->", sentence(recipe, row, newest))
    page.write_text(head + "".join(sections), encoding="utf-8")


def cookbook_table(recipes, measured):
    lines = [origin(measured, "./run bench cookbook"), "",
             "| recipe | " + " | ".join(f"{v}: × loop | {v}: × foreach" for v in measured) + " |",
             "|---|" + "--:|--:|" * len(measured)]
    for recipe in recipes:
        anchor = re.sub(r"[^\w\- ]", "", recipe.title.lower()).replace(" ", "-")
        cells = [f"[{recipe.title}](#{anchor})"]
        for data in measured.values():
            cells += ratios(data["rows"].get(recipe.name))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratios(row):
    if row is None:
        return "–", "–"
    best = {way: times["min"] for way, times in row["times"].items()}
    return (multiple(best["loop"], best["slicer"]),
            multiple(best["foreach"], best["slicer"]) if "foreach" in best else "–")


def sentence(recipe, row, version):
    if row is None:
        return ""
    best = {way: times["min"] for way, times in row["times"].items()}
    parts = [f"loop {duration(best['loop'])}"]
    if "foreach" in best:
        parts.append(f"`foreach` {duration(best['foreach'])}")
    parts.append(f"Slicer {duration(best['slicer'])}")
    told = [f"**{multiple(best['loop'], best['slicer'])} ×** the loop"]
    if "foreach" in best:
        told.append(f"**{multiple(best['foreach'], best['slicer'])} ×** `foreach`")
    return f"`example({recipe.size})` in Blender {version}: {', '.join(parts)}: {', '.join(told)}."


# ---- scenes

def write_scenes(measured):
    (DOCS / "scenes.md").write_text(scenes_page(measured), encoding="utf-8")
    (DOCS / "scenes.svg").write_text(chart.draw(measured), encoding="utf-8")


def scenes_page(measured):
    text = (Path(__file__).parent / "scenes.md").read_text(encoding="utf-8")
    lines = [origin(measured, "./run bench scenes"), ""]
    for version, data in reversed(measured.items()):
        lines += [f"### Blender {version}", "", "| task | plain loop | best bpy + NumPy | Slicer | × loop | × best |",
                  "|---|--:|--:|--:|--:|--:|"]
        for row in data["rows"]:
            best = {way: times["min"] for way, times in row["times"].items()}
            hand = best.get("hand")
            told = "" if hand is None else multiple(hand, best["slicer"])
            if hand and hand / best["slicer"] < 1.15:
                told += " (no gain)" if hand / best["slicer"] > 0.9 else " (slower)"
            lines.append(f"| {row['task']} | {'~ ' if row['scaled'] > 1 else ''}{duration(best['loop'])} | "
                         f"{duration(hand) if hand else '–'} | {duration(best['slicer'])} | "
                         f"{multiple(best['loop'], best['slicer'])} | {told or '–'} |")
        lines.append("")
    return between(text, "<!-- figures -->", "<!-- end of figures -->", "\n".join(lines))


def main():
    what, *files = sys.argv[1:]
    {"cookbook": write_cookbook, "scenes": write_scenes}[what](read(files))


if __name__ == "__main__":
    main()
