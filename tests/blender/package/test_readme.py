# tests/blender/package/test_readme.py: README.md keeps its word: its code runs, its shapes, routes, errors and settings are so
import builtins
import contextlib
import io
import math
import random
import re
import unittest
from pathlib import Path

import bpy
import numpy as np

from support import ATTRIBUTES, VERSION, fill, fill_attribute

README = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
BLOCKS = {f"line {README[:found.start()].count(chr(10)) + 2}": (found[1],)
          for found in re.finditer(r"^```python\n(.*?)^```", README, re.M | re.S)}


def names():
    """What the README's examples speak of, with values that vary; all else they import themselves."""
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


def rows(*columns):
    """Cells of the table with these column titles."""
    title = "| " + " | ".join(columns) + " |\n"
    assert README.count(title) == 1, title
    for line in README.split(title)[1].split("\n")[1:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def code(cell):
    """What a cell has between backquotes."""
    return re.findall("`(.*?)`", cell)


def test_code(block):
    with contextlib.redirect_stdout(io.StringIO()):  # kernels print long
        exec(compile(block, "README.md", "exec"), names())


test_code.cases = BLOCKS


def test_shapes():
    given, count = names(), 0
    for _, example, shape in rows("item", "example", "shape"):
        with eval(code(example)[0], given) as vw:
            assert vw.shape == vw.memcache.shape == eval(code(shape)[0], given), (example, vw.shape)
        count += 1
    assert count > 15


def test_routes():
    versions = ("3.4", "4.3", "5.2")
    if "{}.{}".format(*VERSION) not in versions:
        raise unittest.SkipTest("no column for this Blender")
    given, wrong, count = names(), [], 0
    for _ in range(5):
        bpy.data.objects.new("Empty", None)
    _armature(given)
    column = 2 + versions.index("{}.{}".format(*VERSION))
    for cells in rows("collection", "properties", *versions):
        supplier = code(cells[0])[0]
        for name in code(cells[1]) or [None]:
            count += 1
            found = _route(given, supplier, name)
            if found != cells[column]:
                wrong.append(f"{supplier} {name}: {found}, not {cells[column]}")
    assert not wrong, "\n".join(wrong)
    assert count > 50


def _armature(given):
    armature = bpy.data.armatures.new("Armature")
    rig = bpy.data.objects.new("Armature", armature)
    bpy.context.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(4):
        bone = armature.edit_bones.new(f"Bone{i}")
        bone.head, bone.tail = (i, 0, 0), (i, 1, i)
    bpy.ops.object.mode_set(mode="OBJECT")
    given["rig"] = rig


def _route(given, supplier, name):
    """The routes of a table's entry in this Blender, or '–'."""
    if "…" in supplier:
        data_type, name = name.split(".")
        supplier = supplier.replace("…", repr(data_type))
        if data_type not in given["mesh"].attributes:
            return "–"
    value = eval(supplier, given)
    if name is None:
        subscript = slice(None)
    elif hasattr(value, "foreach_get"):
        subscript = (slice(None), name)
    else:
        subscript = name
    with given["Slicer"](value)[subscript] as vw:
        return "+".join(sorted({kernel.route for kernel in vw.kernels}))


def test_errors_are_what_the_table_says():
    import rnaslicer
    listed = set()
    for error, base, _ in rows("error", "also a", "when"):
        error = getattr(rnaslicer, code(error)[0])
        assert issubclass(error, rnaslicer.SlicerError) and issubclass(error, getattr(builtins, code(base)[0])), error
        listed.add(error)
    for name in rnaslicer.__all__:
        value = getattr(rnaslicer, name)
        if isinstance(value, type) and issubclass(value, rnaslicer.SlicerError):
            assert value in listed or value is rnaslicer.SlicerError, f"{name} is missing in the README"


def test_settings_are_what_the_table_says():
    import rnaslicer
    listed = {code(name)[0]: eval(code(default)[0]) for name, default, _ in rows("setting", "default", "meaning")}
    assert listed == rnaslicer.configure(), rnaslicer.configure()


def test_the_plan_is_the_one_shown():
    if VERSION < (4, 3):
        return
    given = names()
    with given["Slicer"](given["mesh"].vertices)[:, "co", "z"] as vw:
        assert f"```\n{vw.kernel.plan}```" in README, vw.kernel.plan
