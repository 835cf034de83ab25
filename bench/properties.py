# bench/properties.py: refresh and update of every property that must be direct, against memcpy, foreach and the goals
"""A goal is reached by the ratio of best times or by the median of the ratios of neighbouring runs: other work on
the machine disturbs either. Updates are judged by what they take beyond bpy's own finishing assignments (every.py)."""
import re
import statistics

import numpy as np

import derived
from every import cases
from measure import Memcpy, alternate, bytes_touched, duration, median_ratio

ALLOWANCE = 10e-6  # seconds that a call may take whatever its size
COLUMNS = "  {:<48}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>8}{:>8}  {:<9}{}"
CONVERTS = r"flag|field|unorm|inverted|gather|lookup|through|difference|^loop (?:pointers|indexed)"
HEADS = ("", "Slicer", "bpy's", "foreach", "memcpy", "/memcpy", "×foreach", "(med)", "room", "route", "goal")


def measure(side, text):
    """Rows of figures; prints them as it goes."""
    rows = []
    print("\n  each property; “bpy's” own finishing assignments count not for /memcpy; room: foreach / memcpy")
    print(COLUMNS.format(*HEADS))
    for case in cases(side):
        if text in case.text:
            rows += measured(case)
    return rows


def measured(case):
    """A row for refresh and one for update of a case."""
    from rnaslicer import Slicer
    from rnaslicer.transfer.writing.checks import topology
    from rnaslicer.transfer.writing.noticing import settles
    name = case.name
    with Slicer(case.collection(), dtype=case.dtype)[:, name] as vw:
        cache = np.asarray(vw.memcache)
        buffer = case.buffer(cache)
        kernel, touched = vw.kernel, bytes_touched(vw, cache)
        ways = {"slicer": vw.refresh, "foreach": lambda: case.collection().foreach_get(name, buffer),
                "memcpy": Memcpy(touched)}
        yield row(case, "refresh", kernel, touched, timed(ways))
        if not vw.readonly:
            buffer[...] = cache.reshape(-1)
            leaf, reached = vw._routes[0].leaf, case.collection()
            if topology(leaf, reached) == "":
                return  # borders may not be written
            updates_mesh, _ = settles(leaf, reached, reached.id_data)
            ways.update(slicer=vw.update, foreach=lambda: case.collection().foreach_set(name, buffer),
                        bpy=case.loop(cache) if "loop pointers" in kernel.plan else case.finishing(updates_mesh))
            yield row(case, "update", kernel, touched, timed(ways))


def timed(ways):
    """Interleaved times: first a few with foreach, which may take a second, then the quick ones."""
    times = alternate(ways, 3, 1.5, {"foreach": 2})
    more = alternate({name: way for name, way in ways.items() if name != "foreach"}, 60, 0.5)
    for name, way in more.items():
        times[name].runs += way.runs
    return times


def limit_of(plan):
    """How many memcpys a direct transfer may take."""
    converts = len(set(re.findall(r"^(?:storage|value|format) (\S+)", plan, re.MULTILINE))) > 1
    return 1.6 if converts or re.search(CONVERTS, plan, re.MULTILINE) else 1.3


def row(case, direction, kernel, touched, times):
    slicer, foreach, memcpy, bpys = (times.get(n) for n in ("slicer", "foreach", "memcpy", "bpy"))
    own = bpys.runs if bpys else [0.0] * len(slicer.runs)
    over = max(0.0, slicer.best - min(own) - ALLOWANCE) / memcpy.best
    over_median = statistics.median(max(0.0, s - o - ALLOWANCE) / m for s, o, m in zip(slicer.runs, own, memcpy.runs))
    multiple, multiple_median = foreach.best / slicer.best, median_ratio(foreach, slicer)
    goals, missed = [], []

    def goal(name, reached):
        goals.append(name)
        if not reached:
            missed.append(name)

    limit = limit_of(kernel.plan) if kernel.plan else 1.3
    if "loop pointers" in (kernel.plan or ""):  # bpy itself writes lists: they are compared with its loop
        if direction == "refresh":
            goal("≤ 1.2 foreach", max(multiple, multiple_median) >= 1 / 1.2)
        else:
            goal("≤ the loop", slicer.best <= bpys.best or median_ratio(slicer, bpys) <= 1)
    elif case.computed(direction):
        goal("computed: ≤ 1.2 foreach", max(multiple, multiple_median) >= 1 / 1.2)
    else:
        goal(f"≤ {limit} memcpy", min(over, over_median) <= limit and kernel.route == "direct")
    if case.room and direction == "refresh":
        room = min(case.room, foreach.best / memcpy.best)  # no copy is quicker than a memcpy of this machine
        goal(f"≥ {2 * room / 3:.0f} × foreach", max(multiple, multiple_median) >= 2 * room / 3)
    print(COLUMNS.format(f"{direction:<8}{case.text}", duration(slicer.best), duration(bpys.best) if bpys else "",
                         duration(foreach.best), duration(memcpy.best), f"{over:.2f}", f"{multiple:.1f}", f"{multiple_median:.1f}",
                         f"{foreach.best / memcpy.best:.0f}", kernel.route,
                         ", ".join(goals) + ("  MISSED: " + ", ".join(missed) if missed else "")), flush=True)
    return {"property": case.text, "direction": direction, "route": kernel.route, "plan": kernel.plan, "bytes_touched": touched,
            "times": {name: t.as_json() for name, t in times.items()}, "over_memcpy": [over, over_median],
            "times_foreach": [multiple, multiple_median], "room": foreach.best / memcpy.best, "goals": goals, "missed": missed}


FIGURES = """# Figures of each property that takes the direct route

Written by bench/in_blender.py (`./run bench --figures {version}`) in Blender {blender} on {machine}: {vertices:,} vertices,
{corners:,} corners, 1,000,000 keys and points of curves, 10,000 objects, 2,000 bones, 500 nodes, 100,000 particles. Load average of
the last minute when it ended: {load}, so other work ran beside it wherever that is far above 1.

- **bpy's**: bpy's own assignments of one element, which each update contains (of lists: the whole assignment loop,
  with `tolist()`, since bpy itself writes lists). **/memcpy** counts neither them nor 10 µs.
- **memcpy** of the bytes touched: (those that the reads span in Blender's memory + those of the cache) / 2.
- **/memcpy**, **× foreach**: ratios of best times; in brackets the median of the ratios of neighbouring runs.
- Slicer, bpy's part and memcpy run in turns, so that each finds its code and data driven out of the nearest caches.
- **goal**: of issue 3: at most 1.3 × memcpy, 1.6 × for conversions, bits and tables; two thirds of the multiples of foreach
  that the ground gives room for (what the issue names, or a bare memcpy's multiple here if that is less); lists: at most
  1.2 × `foreach_get`, no slower than the loop;
  what Blender computes at each call: at most 1.2 × `foreach_get`. Reached if either ratio reaches it; not reached: **bold**.

| | property | Slicer | bpy's | foreach | memcpy | /memcpy | × foreach | route | goal |
|---|---|--:|--:|--:|--:|--:|--:|---|---|
"""


def write_figures(file, rows, others, by_loop, facts):
    """The table as Markdown: `rows` of here, `others` of in_blender.py, weights `by_loop`. `facts` fills the head."""
    rows = rows + [{**one, "property": one["expression"], "goals": [one["goal"]],
                    "missed": [] if one["reached"] else [one["goal"]]} for one in others]
    lines = [FIGURES.format(**facts)]
    for one in rows:
        best = {name: duration(t["min"]) for name, t in one["times"].items()}
        goals = ", ".join(f"**{goal}**" if goal in one["missed"] else goal for goal in one["goals"])
        cells = (one["direction"], f"`{one['property']}`", best["slicer"], best.get("bpy", ""), best["foreach"], best["memcpy"],
                 "{:.2f} ({:.2f})".format(*one["over_memcpy"]), "{:.1f} ({:.1f})".format(*one["times_foreach"]), one["route"], goals)
        lines.append("| " + " | ".join(cells) + " |\n")
    missed = sum(bool(one["missed"]) for one in rows)
    lines.append(f"\n{len(rows)} rows, {missed} with a goal that was not reached.\n\n"
                 "| vertex weights | Slicer | loop in Python | × loop | goal |\n|---|--:|--:|--:|---|\n")
    for one in by_loop:
        best = {name: duration(t["min"]) for name, t in one["times"].items()}
        goal = f"≥ {one['goal']} × loop"
        lines.append(f"| {one['what']} | {best['slicer']} | {best['loop']} | {one['times_loop'][0]:.0f} ({one['times_loop'][1]:.0f}) "
                     f"| {goal if one['reached'] else f'**{goal}**'} |\n")
    file.write_text("".join(lines) + derived.kept(file), encoding="utf-8")
