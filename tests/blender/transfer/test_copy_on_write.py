# tests/blender/transfer/test_copy_on_write.py: no write reaches a copy, an evaluated datablock or an undo step, in any order
"""Six events in every order that makes sense (enter before refresh and update): copy, evaluate,
undo_push, enter, refresh, update. Whatever holds older values must hold them still, and the original
the new ones. Each run takes a random part of the 240 orders (RNASLICER_ORDERS: how many; RNASLICER_SEED)."""
import contextlib
import itertools
import os
import random

import bpy
import numpy as np

from support import EVERY, VERSION, plain, random_mesh, refused, seed

EVENTS = ("copy", "evaluate", "undo_push", "enter", "refresh", "update")
ORDERS = [order for order in itertools.permutations(EVENTS)
          if order.index("enter") < min(order.index("refresh"), order.index("update"))]
SHARES = VERSION >= (4, 3)


# ---- what is written: how it is made, the expression on it, whether Blender may make us refuse

def made_mesh(before_linking=lambda mesh: None):
    mesh = random_mesh(random.Random(1), 4, 3, name="Original", layers=False)
    for data_type in ("FLOAT", "BYTE_COLOR", "INT"):
        mesh.attributes.new(data_type, data_type, "POINT")
    before_linking(mesh)
    ob = linked(mesh)
    ob.vertex_groups.new(name="Group").add(range(len(mesh.vertices)), 0.5, "ADD")
    return mesh


def made_skin():
    return made_mesh(add_skin)  # before: the operator evaluates what is in the scene


def add_skin(mesh):
    ob = bpy.data.objects.new("Bare", mesh)
    with bpy.context.temp_override(object=ob, active_object=ob):
        bpy.ops.mesh.customdata_skin_add()
    bpy.data.objects.remove(ob)


def made_keys():
    mesh = made_mesh()
    for name in ("Basis", "Key"):
        bpy.data.objects["Object"].shape_key_add(name=name)
    return mesh


def made_curve():
    curve = bpy.data.curves.new("Original", "CURVE")
    curve.splines.new("BEZIER").bezier_points.add(20)
    curve.splines.new("NURBS").points.add(20)
    linked(curve)
    return curve


def made_hair():
    curves = bpy.data.hair_curves.new("Original")
    curves.add_curves([3, 5, 4, 6])
    linked(curves)
    return curves


def made_points():
    cloud = bpy.data.pointclouds.new("Original")
    cloud.resize(20)
    linked(cloud)
    return cloud


def made_grease_pencil():
    pencil = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Original")
    pencil.layers.new("Layer").frames.new(1).drawing.add_strokes([9, 12])
    linked(pencil)
    return pencil


def made_lattice():
    lattice = bpy.data.lattices.new("Original")
    lattice.points_u = 4
    linked(lattice)
    return lattice


def made_action():
    ob = linked(None)
    for i in range(20):
        ob.location.x = i / 3
        ob.keyframe_insert("location", index=0, frame=2 * i + 1)
    ob.animation_data.action.name = "Original"
    return ob.animation_data.action


def curves_path():
    return ("fcurves", 0) if VERSION < (5, 0) else ("layers", 0, "strips", 0, "channelbags", 0, "fcurves", 0)


def made_object():
    ob = linked(None)
    ob.name = "Original"
    return ob


def linked(data):
    ob = bpy.data.objects.new("Object", data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


CASES = {
    "vertices.co": (made_mesh, ("vertices", EVERY, "co")),
    "vertices.select": (made_mesh, ("vertices", EVERY, "select")),
    "vertices.hide": (made_mesh, ("vertices", EVERY, "hide")),
    "edges.use_seam": (made_mesh, ("edges", EVERY, "use_seam")),
    "polygons.use_smooth": (made_mesh, ("polygons", EVERY, "use_smooth")),
    "polygons.material_index": (made_mesh, ("polygons", EVERY, "material_index")),
    "attributes FLOAT": (made_mesh, ("attributes", "FLOAT", "data", EVERY, "value")),
    "attributes BYTE_COLOR": (made_mesh, ("attributes", "BYTE_COLOR", "data", EVERY, "color")),
    "uv_layers.data": (made_mesh, ("uv_layers", 0, "data", EVERY, "uv")),
    "vertex_colors": (made_mesh, ("vertex_colors", 0, "data", EVERY, "color")),
    "groups": (made_mesh, ("vertices", EVERY, "groups", 0, "weight")),
    "skin_vertices": (made_skin, ("skin_vertices", 0, "data", EVERY, "radius")),
    "shape key": (made_keys, ("shape_keys", "key_blocks", 1, "data", EVERY, "co")),
    "bezier_points": (made_curve, ("splines", 0, "bezier_points", EVERY, "handle_left")),
    "points": (made_curve, ("splines", 1, "points", EVERY, "co")),
    "lattice": (made_lattice, ("points", EVERY, "co_deform")),
    "keyframe_points": (made_action, (*curves_path(), "keyframe_points", EVERY, "co")),
    "object": (made_object, ("location",)),
}
if VERSION >= (4, 3):
    CASES["uv_layers.uv"] = made_mesh, ("uv_layers", 0, "uv", EVERY, "vector")
    CASES["color_attributes"] = made_mesh, ("color_attributes", 0, "data", EVERY, "color")
    CASES["hair"] = made_hair, ("points", EVERY, "position")
    CASES["grease pencil"] = made_grease_pencil, ("layers", 0, "frames", 0, "drawing", "attributes", "position",
                                                  "data", EVERY, "vector")
if VERSION >= (5, 0):
    CASES["point cloud"] = made_points, ("points", EVERY, "co")


def by_index(datablock, path):
    """The path with attribute names as indices: a name after a collection means something else there."""
    found, reached = [], datablock
    for step in path:
        if step is EVERY:
            return tuple(found) + path[len(found):]
        if isinstance(step, str) and hasattr(reached, "keys") and hasattr(reached, "foreach_get"):
            step = reached.keys().index(step)
        found.append(step)
        reached = reached[step] if isinstance(step, int) else getattr(reached, step)
    return tuple(found)


def read(datablock, path):
    """The values at the path, by getattr alone."""
    reached = datablock
    for i, step in enumerate(path):
        if step is EVERY:
            return [read(element, path[i + 1:]) for element in reached]
        by_key = isinstance(step, int) or hasattr(reached, "foreach_get") and hasattr(reached, "keys")
        reached = reached[step] if by_key else getattr(reached, step)
    return plain(reached)


def fill(memcache, turn):
    """New values of the right kind, other ones each turn, exact in bytes and floats."""
    numbers = np.asarray(memcache)
    at = np.arange(numbers.size).reshape(numbers.shape)
    if numbers.dtype == bool:
        numbers[...] = (at + turn) % 3 == 0
    elif numbers.dtype.kind == "i":
        numbers[...] = (at + turn) % 4
    else:
        numbers[...] = (at + 17 * turn) % 64 / 64


# ---- one order

class Run:
    """The events on one datablock, and what each holder of values is to hold."""

    def __init__(self, make, path, name):
        self.datablock = make()
        self.path, self.name = by_index(self.datablock, path), name
        self.key = self.datablock.name
        self.list = next(n for n in dir(bpy.data) if getattr(getattr(bpy.data, n, None), "get", None)
                         and type(getattr(bpy.data, n)).__name__ == "bpy_prop_collection"
                         and getattr(bpy.data, n).get(self.key) == self.datablock)
        self.now = read(self.datablock, self.path)
        self.copied = self.evaluated = self.pushed = self.view = None
        self.turn = 0

    def copy(self):
        self.copied = self.datablock.copy(), self.now

    def evaluate(self):
        graph = bpy.context.evaluated_depsgraph_get()
        holders = [self.datablock.evaluated_get(graph)]
        if isinstance(self.datablock, bpy.types.Mesh):
            holders.append(bpy.data.objects["Object"].evaluated_get(graph).data)
        self.evaluated = holders, self.now

    def undo_push(self):
        self.check_evaluated()
        bpy.ops.ed.undo_push(message="pushed")  # evaluates
        self.pushed = self.now

    def check_evaluated(self):
        if self.evaluated:
            for holder in self.evaluated[0]:
                if len(self.path) > 1 and EVERY in self.path and not self.holds(holder):
                    continue  # an evaluated mesh leaves out what nobody needs
                assert read(holder, self.path) == self.evaluated[1], "the evaluated datablock has changed"
        self.evaluated = None

    def holds(self, holder):
        try:
            return len(read(holder, self.path)) > 0
        except (KeyError, IndexError, AttributeError):
            return False

    def enter(self):
        from rnaslicer import Slicer
        self.view = Slicer(self.datablock)[self.path]
        self.view.__enter__()

    def refresh(self):
        self.view.refresh()
        assert plain(np.asarray(self.view.memcache).tolist()) == self.now, "refresh"

    def update(self):
        from rnaslicer import ReadOnlyError
        self.turn += 1
        fill(self.view.memcache, self.turn)
        try:
            self.view.update()
        except ReadOnlyError as error:
            assert self.name == "skin_vertices" and SHARES and "shared" in str(error), error
            assert self.copied or self.evaluated or self.pushed, "refused what nobody shares"
            return
        self.now = plain(np.asarray(self.view.memcache).tolist())
        if self.path[-1] == "color":  # bytes round
            self.now = read(self.datablock, self.path)

    def finish(self):
        # First those that are not touched any more: reading a holder gives it an array of its own.
        if self.copied:
            assert read(self.copied[0], self.path) == self.copied[1], "the copy has changed"
        self.check_evaluated()
        assert read(self.datablock, self.path) == self.now, "the original has not what was written"
        self.view.__exit__(None, None, None)
        if self.pushed is not None:
            bpy.ops.ed.undo_push(message="after")
            bpy.ops.ed.undo()
            again = getattr(bpy.data, self.list)[self.key]
            assert read(again, self.path) == self.pushed, "the undo step has changed"


def test_orders(name):
    make, path = CASES[name]
    number = seed()
    count = min(int(os.environ.get("RNASLICER_ORDERS", 12)), len(ORDERS))
    for order in random.Random(number).sample(ORDERS, count):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        bpy.ops.ed.undo_push(message="start")
        run = Run(make, path, name)
        try:
            for event in order:
                getattr(run, event)()
            run.finish()
        except AssertionError as error:
            raise AssertionError(f"{' '.join(order)} (RNASLICER_SEED={number}): {error}") from error


test_orders.cases = {name: (name,) for name in CASES}


def test_skin_by_region_and_element():
    """Every way in refuses, says why, and writes once the array is the mesh's own again."""
    from rnaslicer import Slicer
    mesh = made_skin()
    before = read(mesh, ("skin_vertices", 0, "data", EVERY, "radius"))
    copy = mesh.copy()
    with Slicer(mesh.skin_vertices[0].data)[:, "radius", :] as whole, \
            Slicer(mesh.skin_vertices[0].data[3])["use_root"] as one, \
            Slicer(mesh)["skin_vertices", 0, "data", 2:9:2, "radius"] as part:
        for view, region in ((whole, None), (whole, whole.memcache[1:3, :]), (one, None), (part, None)):
            fill(view.memcache, 5)
            if SHARES:
                with refused("ReadOnlyError", "shared", "nothing was written"):
                    view.update(region)
                assert read(mesh, ("skin_vertices", 0, "data", EVERY, "radius")) == before
            assert read(copy, ("skin_vertices", 0, "data", EVERY, "radius")) == before
        bpy.data.meshes.remove(copy)
        count = len(bpy.data.meshes)
        whole.update()
        assert len(bpy.data.meshes) == count, "scratch data was left"
        assert read(mesh, ("skin_vertices", 0, "data", EVERY, "radius")) == plain(whole.memcache.tolist())


def test_sharing_that_cannot_be_told():
    """Where the build does not tell, a skin layer is taken for shared, unless this Blender shares none."""
    from rnaslicer import Slicer
    from rnaslicer.blender.customdata import copies_on_write
    from rnaslicer.transfer.writing import sharing
    mesh = made_skin()
    known = sharing.record_at
    with Slicer(mesh.skin_vertices[0].data)[:, "radius", :] as view:
        view.update()

        def untold():
            raise LookupError("this build tells nothing")
        sharing.record_at = untold
        try:
            with refused("ReadOnlyError", "this build tells nothing") if copies_on_write() else contextlib.nullcontext():
                view.update()
        finally:
            sharing.record_at = known
        view.update()
