# bench/recipes.py: the cookbook's recipes, each way of each timed in turns
"""Runs in Blender (`./run bench cookbook`): blender -b --python bench/recipes.py -- --json FILE [--small] [-k TEXT]"""
import argparse
import json
import sys
from pathlib import Path

import bpy
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cmake" / "docs")]
import cookbook  # noqa: E402
from measure import alternate, discover, duration, load, machine  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--small", action="store_true", help="the examples as tests run them")
    parser.add_argument("-k", dest="text", default="")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    discover(lambda text: print(f"  {text}", flush=True))
    start, recipes = cookbook.read()
    rows = {}
    for recipe in recipes:
        if bpy.app.version >= recipe.since and options.text in recipe.name:
            rows[recipe.name] = measured(recipe, start, options.small)
            print(f"  {recipe.name:<30}" + "".join(f"{way} {duration(t['min']):<10}"
                                                   for way, t in rows[recipe.name]["times"].items()), flush=True)
    options.json.write_text(json.dumps({"blender": bpy.app.version_string, "machine": machine(), "load": load(),
                                        "rows": rows}))


def measured(recipe, start, small):
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    names = cookbook.names(recipe, start)
    given = names["example"]() if small else names["example"](recipe.size)
    results = {way: names[f"by_{way}"](*given) for way in recipe.ways} if "written" not in names else {}
    for way, result in results.items():
        pairs = zip(result, results["loop"]) if recipe.several else [(result, results["loop"])]
        if not all(np.allclose(found, expected, rtol=1e-5, atol=1e-5) for found, expected in pairs):
            raise SystemExit(f"WRONG: {recipe.name}: {way} and the loop disagree")
    ways = {way: lambda way=way: names[f"by_{way}"](*given) for way in reversed(recipe.ways)}
    times = alternate(ways, 25, 2.0, {"loop": 3})
    return {"size": recipe.size, "times": {way: t.as_json() for way, t in times.items()}}


main()
