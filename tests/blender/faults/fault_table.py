# tests/blender/faults/fault_table.py: docs/fault-table.md from what test_faults saw in each Blender
"""    mkdir /tmp/table; RNASLICER_FAULT_TABLE=/tmp/table ./run test -k test_faults 3.4 4.3 5.2
    python3 tests/blender/faults/fault_table.py /tmp/table            prints the table
    python3 tests/blender/faults/fault_table.py --write /tmp/table    writes docs/fault-table.md
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from table_files import main  # noqa: E402  (needs the path above)

TARGET = pathlib.Path(__file__).resolve().parents[3] / "docs" / "fault-table.md"
LETTERS = {"right": "✓", "SupplierLostError": "L", "ShapeChangedError": "S", "ReadOnlyError": "R",
           "ContextError": "C"}
HEAD = """# What happens when data changes beside a wrapper

Written by `tests/blender/faults/fault_table.py` from what `tests/blender/faults/test_faults.py` saw in Blender {versions};
what each event does to each kind of data stands in `tests/blender/faults/` (`faults_elements.py`, `faults_events.py`). An event that a kind of data
cannot have itself (an image has no edit mode) happens to the mesh beside it.

Each cell tells what happens when the event comes **before enter** (of a `ViewWrapper` that is there already),
between enter and **refresh**, between refresh and **update**, and after exit (**enter again**):

| | |
|---|---|
| ✓ | values as bpy gives them; a following update stores exactly them and nothing else |
| L, S, R, C | `SupplierLostError`, `ShapeChangedError`, `ReadOnlyError`, `ContextError`: Blender's data and the cache are what they were |
| ✓R, ✓S | reading is right, a following update raises that error |

A cell with one sign is the same at all four times. {total} cells, each on a scene of its own, all other data
compared with bpy before and after. Render is Cycles with 4 × 4 pixels, which needs no GPU.

"""


def sign(outcome):
    """The cell's letters; what is none of the known outcomes stays as it is, for all to see."""
    return "".join(LETTERS.get(part, f" **{part.splitlines()[0]}** ") for part in outcome.split(", then "))


def cell(outcomes):
    signs = [sign(outcome) for outcome in outcomes]
    return signs[0] if len(set(signs)) == 1 else " ".join(signs)


def table(results):
    """Markdown; `results` is {version: {event: {kind: [four outcomes]}}}."""
    versions = sorted(results)
    first = results[versions[-1]]
    kinds = list(next(iter(first.values())))
    lines = ["| event | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for event in first:
        cells = []
        for kind in kinds:
            by = {version: cell(results[version][event][kind]) for version in versions}
            latest = by[versions[-1]]
            others = [f"{version}: {text}" for version, text in by.items() if text != latest]
            cells.append("; ".join([latest, *others]))
        lines.append(f"| {event} | " + " | ".join(cells) + " |")
    total = sum(len(row) * 4 for rows in results.values() for row in rows.values())
    return HEAD.format(versions=", ".join(versions), total=total) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(__doc__, TARGET, table)
