# cmake/docs/calls.py: tables of docs/calls.md: what calls cost on small data, and on thousands of small collections
"""From what bench/small.py and bench/many.py left. A figure that misses its goal is bold."""

LARGEST = 10_000  # elements; beyond, a copy is so long that its noise is many u
SMALL = ("one-shot", "refresh", "update")
MANY = ("enter", "refresh", "update")


def small(measured):
    """Lines: for each Blender, newest first, a row for each size and property."""
    lines = []
    for version, data in reversed(measured.items()):
        units = sorted(row["u"] for row in data["rows"])
        lines += [f"### Blender {version}", "", f"u is {units[len(units) // 2] * 1e6:.2f} µs.{first_enter(data)}", "",
                  "| elements | what | once, u | refresh, u | update, u | Python calls | read, × foreach | write, × foreach | route |",
                  "|--:|---|--:|--:|--:|--:|--:|--:|---|"]
        for row in data["rows"]:
            cells = [f"{row['size']:,}", f"`{row['what']}`"]
            cells += [judged(f"{row['beyond'][way]:.1f}", way in row["missed"]) if row["size"] <= LARGEST else "–"
                      for way in SMALL]
            cells += [" / ".join(str(row["calls"][way]) for way in SMALL), f"{row['read']:.2f}", f"{row['write']:.2f}",
                      row["route"]]
            lines.append("| " + " | ".join(cells) + " |")
        lines += ["", *given(data.get("given", ())), *derived(data.get("derived", ()))]
    return lines


GIVEN = "read", "write", "read once", "write once"
FIELDS = "field × NumPy's"


def given(rows):
    """Lines: of a caller's buffer, a row for each size and property."""
    lines = ["| elements | a caller's buffer | read(out=), × refresh | into a field, × memcpy (× NumPy) | write, × update | "
             "read / write / read once / write once, u | Python calls | foreach_get / foreach_set, × bpy's | calls above |",
             "|--:|---|--:|--:|--:|--:|--:|--:|--:|"] if rows else []
    for row in rows:
        cells = [f"{row['size']:,}", f"`{row['what']}`"]
        cells += [judged(f"{row['ratios'][way]:.2f}", way in row["missed"]) for way in ("read", "field", "write")]
        if FIELDS in row["ratios"]:
            cells[3] += f" ({row['ratios'][FIELDS]:.2f})"
        small = row["size"] <= LARGEST
        cells += [" / ".join(judged(f"{row['beyond'][way]:.1f}", way in row["missed"]) for way in GIVEN) if small else "–",
                  " / ".join(judged(str(row["calls"][way]), f"calls of {way}" in row["missed"]) for way in GIVEN),
                  " / ".join(f"{row['foreach'][way]:.2f}" for way in ("get", "set")),
                  " / ".join(judged(str(row["calls"][way]), f"calls of {way}" in row["missed"]) for way in ("get", "set"))]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""] if lines else []


def derived(rows):
    """Lines: of what is more than a copy, a row for each size and expression."""
    lines = ["| elements | more than a copy | once, u | refresh, u | update, u | Python calls | route |",
             "|--:|---|--:|--:|--:|--:|---|"] if rows else []
    for row in rows:
        cells = [f"{row['size']:,}", f"`{row['what']}`"]
        cells += [f"{judged(format(row['beyond'][way], '.1f'), way in row['missed'])} ({row['bare'][way]:.1f})"
                  if way in row["beyond"] else "–" for way in SMALL]
        cells += [" / ".join(str(row["calls"].get(way, "–")) for way in SMALL), row["route"]]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""] if lines else []


_CACHED = {True: " with .pyc files", False: " without .pyc files, which Python compiles", None: ""}


def first_enter(data):
    """What a session's first enter takes, beyond its kernel."""
    first = data.get("first")
    if first is None:
        return ""
    least, sessions = first.get("least"), first.get("sessions", 1)
    of = f" (median of {sessions} sessions, least {least['enter'] * 1e3:.0f})" if least else ""
    return (f" A session's first enter, beyond its kernel: {first['enter'] * 1e3:.0f} ms{of}; `from rnaslicer import Slicer` "
            f"before it: {first['import'] * 1e3:.0f} ms{_CACHED[first.get('cached')]}.")


def many(measured):
    """Lines: for each Blender, newest first, a row for each scene."""
    lines = []
    for version, data in reversed(measured.items()):
        lines += [f"### Blender {version}", "", "| scene | make, enter, leave | refresh | update | route |",
                  "|---|--:|--:|--:|---|"]
        for row in data["rows"]:
            cells = [row["what"]]
            for way, goal in zip(MANY, row["goals"]):
                cells.append("–" if row[way] is None else judged(f"{row[way]:.2f}", way in row["missed"])
                             + ("" if goal is None else f" (≤ {goal:g})"))
            lines.append("| " + " | ".join([*cells, row["route"]]) + " |")
        lines.append("")
    return lines


def judged(text, missed):
    """Bold where the goal is missed."""
    return f"**{text}**" if missed else text
