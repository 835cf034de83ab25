# tests/blender/package/test_bench.py: what `./run bench` measures of properties and weights, on a few vertices
import sys

import bpy
from pages import ROOT

sys.path.insert(0, str(ROOT / "bench"))
import properties  # noqa: E402
import weights  # noqa: E402


def test_figures_of_each_property():
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=8, y_subdivisions=8)
    rows = {(row["property"], row["direction"]) for row in properties.measure(8, "vertices.")}
    assert rows >= {("vertices.select", "refresh"), ("vertices.select", "update"), ("vertices.normal", "refresh")}, rows


def test_figures_of_weights():
    rows = weights.measure(400)
    assert [row["what"].split()[0] for row in rows] == ["update", "refresh", "`assign_weights`"], rows
    for row in rows:
        assert set(row["times"]) == {"slicer", "loop", "memcpy"} and min(row["times_loop"]) > 0, row
    ways = [weights.without_weights(8) for _ in range(2)]
    assert all(not any(vertex.groups for vertex in ob.data.vertices) and len(ob.vertex_groups) == 4 for ob in ways)
