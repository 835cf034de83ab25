# tests/blender/package/test_bench.py: what `./run bench` measures of each property can be measured, on a small grid.
import sys

import bpy
from pages import ROOT

sys.path.insert(0, str(ROOT / "bench"))
import properties  # noqa: E402


def test_figures_of_each_property():
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=8, y_subdivisions=8)
    rows = {(row["property"], row["direction"]) for row in properties.measure(8, "vertices.")}
    assert rows >= {("vertices.select", "refresh"), ("vertices.select", "update"), ("vertices.normal", "refresh")}, rows
