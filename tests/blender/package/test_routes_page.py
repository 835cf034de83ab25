# tests/blender/package/test_routes_page.py: docs/routes.md: the routes in its table are what each Blender takes.
import unittest

import bpy

from pages import code, names, rows
from support import VERSION

PAGE = "docs/routes.md"


def test_routes():
    versions = ("3.4", "4.3", "5.2")
    if "{}.{}".format(*VERSION) not in versions:
        raise unittest.SkipTest("no column for this Blender")
    given, wrong, count = names(), [], 0
    for _ in range(5):
        bpy.data.objects.new("Empty", None)
    _armature(given)
    column = 2 + versions.index("{}.{}".format(*VERSION))
    for cells in rows(PAGE, "collection", "properties", *versions):
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
