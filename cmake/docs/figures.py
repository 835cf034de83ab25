# cmake/docs/figures.py: what the benchmarks measured, written between the markers of the pages.
"""Usage: figures.py cookbook|scenes|demo|small|many JSON... (one file for each Blender, as bench/ left it)"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import calls  # noqa: E402
import chart  # noqa: E402
import cookbook  # noqa: E402

DOCS = cookbook.ROOT / "docs"


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
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}" if ratio >= 0.095 else f"{ratio:.1g}"


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
    text = f"`example({recipe.size})` in Blender {version}: {', '.join(parts)}: {', '.join(told)}."
    others = [name for way, name in (("foreach", "the `foreach` way"), ("loop", "the loop"))
              if best.get(way, float("inf")) < 0.87 * best["slicer"]]
    return text + (f" Done once, {' and '.join(others)} {'is' if len(others) == 1 else 'are'} faster here." if others else "")


# ---- scenes

def write_scenes(measured):
    page = DOCS / "scenes.md"
    page.write_text(between(page.read_text(encoding="utf-8"), "<!-- figures -->", "<!-- end of figures -->",
                            scenes_tables(measured)), encoding="utf-8")
    (DOCS / "scenes.svg").write_text(chart.draw(measured), encoding="utf-8")
    if all(data["headline"] for data in measured.values()):
        page = cookbook.ROOT / "README.md"
        text = between(page.read_text(encoding="utf-8"), "<!-- headline -->", "<!-- end of headline -->", headline(measured))
        page.write_text(between(text, "<!-- costs -->", "<!-- end of costs -->", costs(measured)), encoding="utf-8")


def scenes_tables(measured):
    lines = [origin(measured, "./run bench scenes"), ""]
    for version, data in reversed(measured.items()):
        lines += [f"### Blender {version}", "",
                  "| task | plain loop | best bpy + NumPy | Slicer, once | × loop | × best | Slicer, kept entered | × loop | × best |",
                  "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
        for row in data["rows"]:
            best = {way: times["min"] for way, times in row["times"].items()}
            cells = [row["task"], ("~ " if row["scaled"] > 1 else "") + duration(best["loop"]),
                     duration(best["hand"]) if "hand" in best else "no bulk call"]
            for way in ("slicer", "kept"):
                cells += [duration(best[way]), multiple(best["loop"], best[way]), judged(best, way)]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def judged(best, way):
    """The multiple of the best that can be written by hand, and a word where that is no gain."""
    if "hand" not in best:
        return "–"
    ratio = best["hand"] / best[way]
    word = " as fast" if 0.87 < ratio < 1.15 else " **slower**" if ratio <= 0.87 else ""
    return multiple(best["hand"], best[way]) + word


def write_demo(measured):
    """Some of the tasks, beside the demo's large mesh."""
    (DOCS / "demo.svg").write_text(chart.draw(measured), encoding="utf-8")


# ---- the README

def headline(measured):
    """One sentence with the figures of the newest Blender."""
    version, data = list(measured.items())[-1]
    best = {way: {name: t["min"] for name, t in times.items()} for way, times in data["headline"].items()}
    read, write = best["read"], best["write"]
    return (f"A million vertex positions in Blender {version}: read in {duration(read['slicer'])},\n"
            f"{_times(read, 'vertices')} as `mesh.vertices.foreach_get('co')` and {_times(read, 'attribute')} as\n"
            f"`attributes['position'].data.foreach_get`, which is a bare copy as well; written in {duration(write['slicer'])},\n"
            f"{_times(write, 'vertices')} and {_times(write, 'attribute')} as their `foreach_set`.")


def _times(best, other):
    """'32 times as fast', in words where it is no gain; without an attribute (3.4) nothing to compare."""
    ratio = best[other] / best["slicer"]
    if 0.87 < ratio < 1.15:
        return "about as fast"
    return f"{multiple(best[other], best['slicer'])} times as fast"


def costs(measured):
    """What is left where there are only eight vertices, and a million positions in each Blender."""
    versions = list(measured)
    lines = ["| fixed costs, and a million positions | " + " | ".join(versions) + " |", "|---|" + "--:|" * len(versions)]
    for text, way, name in (
            ("enter and leave `Slicer(mesh.vertices)[:, 'co', :]`, 8 vertices", "costs", "enter"),
            ("refresh / update of it", "costs", ("refresh", "update")),
            ("`foreach_get` / a loop over the same", "costs", ("foreach_get", "loop")),
            ("enter and leave a list of 100 objects", "costs", "enter 100 objects"),
            ("a million: refresh / update", ("read", "write"), "slicer"),
            ("`mesh.vertices.foreach_get` / `foreach_set`", ("read", "write"), "vertices"),
            ("`attributes['position'].data.foreach_get` / `foreach_set`", ("read", "write"), "attribute")):
        pairs = [(way, one) for one in name] if isinstance(name, tuple) else [
            (one, name) for one in (way if isinstance(way, tuple) else (way,))]
        cells = []
        for data in measured.values():
            times = [data["headline"][one].get(key) for one, key in pairs]
            cells.append(" / ".join(duration(t["min"]) if t else "–" for t in times) if any(times) else "–")
        lines.append(f"| {text} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", origin(measured, "./run bench scenes")])


# ---- calls

def write_calls(what, measured):
    page = DOCS / "calls.md"
    tables = {"small": calls.small, "many": calls.many}[what](measured)
    text = "\n".join([origin(measured, f"./run bench {what} --figures"), "", *tables])
    page.write_text(between(page.read_text(encoding="utf-8"), f"<!-- {what} -->", f"<!-- end of {what} -->", text),
                    encoding="utf-8")


def main():
    what, *files = sys.argv[1:]
    {"cookbook": write_cookbook, "scenes": write_scenes, "demo": write_demo,
     "small": lambda measured: write_calls("small", measured),
     "many": lambda measured: write_calls("many", measured)}[what](read(files))


if __name__ == "__main__":
    main()
