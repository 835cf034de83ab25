# tests/blender/census/census_table.py: docs/census.md from what the two censuses counted in each Blender
"""    mkdir /tmp/table; RNASLICER_CENSUS_TABLE=/tmp/table ./run test -k test_census 3.4 4.3 5.2
    python3 tests/blender/census/census_table.py /tmp/table            prints the page
    python3 tests/blender/census/census_table.py --write /tmp/table    writes docs/census.md
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from table_files import main  # noqa: E402  (needs the path above)

TARGET = pathlib.Path(__file__).resolve().parents[3] / "docs" / "census.md"
ROUTES = ("direct", "foreach", "element")
HEAD = """# Every numeric property, by route

Written by `tests/blender/census/census_table.py` from what `tests/blender/census/test_census.py` (reading) and
`test_census_writing.py` (writing) saw in Blender {versions}. Both walk RNA through a scene that holds a piece of
everything (`census_scene.py`). **Reading** compares each numeric property of each collection's elements and of each
struct with getattr. **Writing** draws random values, a little beyond the range now and then, assigns them by
setattr, puts back what was, writes the whole or a region by `update`, and compares the property and what lies
beside it with what the assignments gave; a property that several types inherit is written in the first few of them
(`RNASLICER_CENSUS=full`: in all, with random values). There were no differences.

"As supplier itself" counts the structs to which neither Blender's path nor a way leads (docs/how-it-works.md), each type with
its reason; their properties are compared by an expression from their datablock. The census fails at any other type.

A property counts once per element type, by the fastest route that it took anywhere. Single structs have no direct
route. Writing by the element route is right where a setter does more than store, and in linked lists.

"""


def cells(values):
    return "| " + " | ".join(str(value) for value in values) + " |"


def counts(results, title):
    """Properties and values by route, a column for each version."""
    lines = [cells([title.capitalize(), *results]), "|---" * (len(results) + 1) + "|"]
    for name, key in (("properties of collections' elements", "collections"), ("properties of single structs", "structs"),
                      ("values", "values")):
        lines += [cells([f"{name}: {route}", *(found[title][key][route] for found in results.values())])
                  for route in ROUTES if any(found[title][key][route] for found in results.values())]
    return lines


def table(results, title, key, heading):
    """A row for each reason, a column for each version."""
    reasons = sorted({reason for found in results.values() for reason in found[title][key]})
    return [cells([heading, *results]), "|---" * (len(results) + 1) + "|",
            *(cells([reason, *(found[title][key].get(reason, "") for found in results.values())]) for reason in reasons)]


def page(results):
    """Markdown; `results` is {version: {"reading": numbers, "writing": numbers}}."""
    results = dict(sorted(results.items()))
    parts = [counts(results, "reading"), counts(results, "writing"),
             ["## Why properties of collections' elements are not read directly", "",
              *table(results, "reading", "reasons", "first reason, where the collection is longest")],
             ["## What reading leaves out, and why", "", *table(results, "reading", "skips", "times")],
             ["## What writing leaves out, and why", "", *table(results, "writing", "skips", "times")]]
    return HEAD.format(versions=", ".join(results)) + "\n\n".join("\n".join(part) for part in parts) + "\n"


if __name__ == "__main__":
    main(__doc__, TARGET, page)
