# tests/blender/transfer/test_unlisted_layers.py: corner normals of 3.4, tangents: layers that no attribute lists come and go, and have look-alikes
import random
import unittest

import bpy

from support import EVERY, VERSION, fill_memcache, random_mesh, same

NAMES = ("normal", "tangent", "bitangent_sign")


def mesh(seed=3):
    made = random_mesh(random.Random(seed))
    make(made)
    return made


def make(made):
    if hasattr(made, "calc_normals_split"):
        made.calc_normals_split()
    if not made.uv_layers:
        made.uv_layers.new(name="UV")
    made.calc_tangents()


def free(made):
    if hasattr(made, "free_normals_split"):
        made.free_normals_split()
    made.free_tangents()


def wanted(loops, name):
    return [x if isinstance(x, float) else list(x) for x in (getattr(loop, name) for loop in loops)]


def right(vw, loops, name, note):
    same(vw.memcache.tolist(), wanted(loops, name), f"{name}: {note}")


def test_direct():
    from rnaslicer import Slicer
    made = mesh()
    for name in NAMES:
        with Slicer(made.loops)[:, name] as vw:
            right(vw, made.loops, name, "entered")
            assert vw.kernel.route == "direct", (name, vw.kernel.route)
        with Slicer(made.loops)[::-3, name] as vw:
            same(vw.memcache.tolist(), wanted(made.loops, name)[::-3])


def test_layers_go_and_come_back():
    """bpy gives zeros while they are missing."""
    from rnaslicer import Slicer
    made = mesh()
    for name in NAMES:
        with Slicer(made.loops)[:, name] as vw:
            for change in (free, make, lambda m: m.attributes.new("A", "FLOAT", "CORNER"), lambda m: m.uv_layers.new(name="B"),
                           lambda m: m.attributes.remove(m.attributes["A"]), free, make):
                change(made)
                vw.refresh()
                right(vw, made.loops, name, "changed")
            for vertex in made.vertices:
                vertex.co = vertex.co.yzx
            make(made)
            vw.refresh()
            right(vw, made.loops, name, "made anew")
        with Slicer(made.loops)[:, name] as vw:
            assert vw.kernel.route == "direct", (name, vw.kernel.route)


def test_copies_are_not_taken_for_them():
    """A script's attribute with the same values, changed later, before the first proof and after it."""
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    made = mesh()
    copy = made.attributes.new("Copy", "FLOAT_VECTOR", "CORNER")
    four = made.attributes.new("Four", "FLOAT_COLOR", "CORNER")
    make(made)
    for element, loop in zip(made.attributes["Copy"].data, made.loops):
        element.vector = loop.normal
    for element, loop in zip(made.attributes["Four"].data, made.loops):
        element.color = (*loop.tangent, loop.bitangent_sign)
    del copy, four
    for name in NAMES:
        proof.forget()
        with Slicer(made.loops)[:, name] as vw:
            right(vw, made.loops, name, "beside a copy")
            for element in made.attributes["Copy"].data:
                element.vector = (1, 2, 3)
            for element in made.attributes["Four"].data:
                element.color = (1, 2, 3, 4)
            vw.refresh()
            right(vw, made.loops, name, "the copy changed")


def test_other_meshes():
    """Without the layer, with it elsewhere among others; copies, in edit mode, evaluated."""
    from rnaslicer import Slicer
    mesh()
    bare = random_mesh(random.Random(5), layers=False)
    full = mesh(6)
    other = full.copy()
    ob = bpy.data.objects.new("Object", full)
    bpy.context.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    for name in NAMES:
        for owner in (bare, full, other, evaluated.data):
            with Slicer(owner.loops)[EVERY, name] as vw:
                right(vw, owner.loops, name, owner.name)
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        for name in NAMES:
            with Slicer(full.loops)[EVERY, name] as vw:
                right(vw, full.loops, name, "edit mode")
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


def test_alike_values():
    """On a plane all normals are alike, and without layers all are zeros: as in a layer of something else."""
    from rnaslicer import Slicer, discovery
    from rnaslicer.layout import proof
    made = bpy.data.meshes.new("Plane")
    made.from_pydata([(x, y, 0) for y in range(5) for x in range(5)], [],
                     [(i, i + 1, i + 6, i + 5) for i in range(19) if i % 5 != 4])
    made.uv_layers.new(name="UV")
    made.attributes.new("Zeros", "FLOAT_COLOR", "CORNER")
    told = discovery.known().unlisted
    assert {key.split(":")[0] for key in told} == {"tangent", "bitangent_sign", *(["normal"] if VERSION < (4, 0) else [])}
    try:
        for told_before in (frozenset(), told):
            discovery.known().unlisted = told_before
            for change, is_direct in ((free, False), (make, bool(told_before)), (mesh, True), (free, False)):
                proof.forget()
                change(*[made] * (change is not mesh))
                for name in NAMES:
                    if change is mesh:  # another one tells them apart
                        with Slicer(bpy.data.meshes["Random"].loops)[:, name]:
                            pass
                    with Slicer(made.loops)[:, name] as vw:
                        right(vw, made.loops, name, "plane")
                        if VERSION < (4, 0) or name != "normal":
                            assert (vw.kernel.route == "direct") == is_direct, (name, vw.kernel.route, change)
            bpy.data.meshes.remove(bpy.data.meshes["Random"])
    finally:
        discovery.known().unlisted = told


def test_writing_normals():
    """3.4 lets corner normals be assigned and normalises them; whole, by region, and beside what is assigned one by one."""
    from rnaslicer import Slicer
    made, one_by_one = mesh(), mesh()
    rng = random.Random(8)
    values = [[rng.uniform(-2, 2) for _ in range(3)] for _ in made.loops]
    with Slicer(made.loops)[:, "normal"] as vw:
        if vw.readonly:
            raise unittest.SkipTest("read-only in this Blender")
        for rows in (slice(None), slice(7, 11)):
            fill_memcache(vw.memcache, [x for value in values for x in value])
            vw.update(vw.memcache[rows])
            for loop, value in list(zip(one_by_one.loops, values))[rows]:
                loop.normal = value
            same(wanted(made.loops, "normal"), wanted(one_by_one.loops, "normal"), str(rows))
            vw.refresh()
            right(vw, made.loops, "normal", "written")
            assert vw.kernel.route == "direct"
            values = [[-x for x in value] for value in values]
