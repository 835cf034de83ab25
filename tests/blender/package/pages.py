# tests/blender/package/pages.py: what tests of the pages share: blocks and tables, and the data that they speak of.
import contextlib
import io
import math
import random
import re
from pathlib import Path

import bpy
import numpy as np

from support import ATTRIBUTES, fill, fill_attribute

ROOT = Path(__file__).resolve().parents[3]


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def run_blocks(page, given):
    """All Python blocks of a page, one after the other in one namespace; errors name the page's lines."""
    text, count = text_of(page), 0
    for found in re.finditer(r"^```python\n(.*?)^```", text, re.M | re.S):
        line = text.count("\n", 0, found.start(1))
        with contextlib.redirect_stdout(io.StringIO()):  # kernels print long
            exec(compile("\n" * line + found[1], page, "exec"), given)
        count += 1
    return count


def names():
    """What the pages' tables speak of, with values that vary; all else they import themselves."""
    rng = random.Random(1)
    bpy.ops.mesh.primitive_monkey_add()
    ob = bpy.context.object
    ob.name = ob.data.name = "Suzanne"
    ob.data.vertex_colors.new(name="Col")
    for data_type in (*ATTRIBUTES, "INT16_2D"):
        try:
            fill_attribute(ob.data.attributes.new(data_type, data_type, "POINT"), rng)
        except (TypeError, KeyError):  # this Blender, or these tests' helpers, know no such type
            pass
    _fill_mesh(ob.data, rng)
    ob.shape_key_add(name="Basis")
    fill(ob.shape_key_add(name="Key").data, "co", lambda: [rng.random() for _ in range(3)], 3)
    ob.vertex_groups.new(name="Group").add(range(20), 0.5, "REPLACE")
    image = bpy.data.images.new("Image", 6, 4)
    given = {"bpy": bpy, "np": np, "ob": ob, "mesh": ob.data, "image": image, "fcurve": _fcurve(ob),
             "curve": _curve(rng), "lattice": bpy.data.lattices.new("Lattice"), "V": len(ob.data.vertices),
             "C": len(ob.data.loops), "O": len(bpy.data.objects), "W": 20}
    given["K"] = len(given["fcurve"].keyframe_points)
    exec("from rnaslicer import Slicer", given)
    return given


def _fill_mesh(mesh, rng):
    fill(mesh.uv_layers[0].data, "uv", lambda: [rng.random(), rng.random()], 2)
    fill(mesh.vertex_colors[0].data, "color", lambda: [rng.random() for _ in range(4)], 4)
    for elements, name in ((mesh.vertices, "select"), (mesh.edges, "use_seam"), (mesh.polygons, "use_smooth")):
        fill(elements, name, lambda: rng.random() < 0.5)
    mesh.calc_loop_triangles()
    mesh.update()
    if hasattr(mesh, "calc_normals_split"):
        mesh.calc_normals_split()
    mesh.calc_tangents()


def _fcurve(ob):
    ob.keyframe_insert("location", index=2, frame=0)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    points = curves[0].keyframe_points
    points.add(9)
    for i, point in enumerate(points):
        point.co = i, math.sin(i)
    return curves[0]


def _curve(rng):
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.splines.new("BEZIER").bezier_points.add(9)
    curve.splines.new("POLY").points.add(9)
    fill(curve.splines[0].bezier_points, "co", lambda: [rng.random() for _ in range(3)], 3)
    fill(curve.splines[1].points, "co", lambda: [rng.random() for _ in range(4)], 4)
    return curve


def rows(page, *columns):
    """Cells of a page's table with these column titles."""
    title = "| " + " | ".join(columns) + " |\n"
    text = text_of(page)
    assert text.count(title) == 1, title
    for line in text.split(title)[1].split("\n")[1:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def code(cell):
    """What a cell has between backquotes."""
    return re.findall("`(.*?)`", cell)
