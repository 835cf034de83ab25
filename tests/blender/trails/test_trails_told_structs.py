# tests/blender/trails/test_trails_told_structs.py: structs with ways of their own whose values bpy tells, by trails
"""Python lists of vertices and polygons, one vertex of each of many meshes, of numbers that nobody has proven in memory.
bpy says what is right; native code must have done it, and decline where anything is not as it was."""
import os
import tempfile

import bpy
import numpy as np

from counted_calls import FROM_LIST, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively, read

TO_CAPTURE = 80  # calls for each element of a list: it is captured by a way of its own


def made(count=6, name="Told"):
    """Objects, each with a mesh of its own; all flags and numbers are alike."""
    found = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"{name}{i}")
        mesh.from_pydata([(k, k % 2, i) for k in range(20)], [], [(k, k + 1, k + 2, k + 3) for k in range(0, 16, 2)])
        mesh.uv_layers.new(name="UV")
        found.append(bpy.data.objects.new(f"{name}{i}", mesh))
        bpy.context.scene.collection.objects.link(found[-1])
        found[-1].modifiers.new("Array", "ARRAY").count = 2 + i
    bpy.context.view_layer.update()
    return found


def forms():
    """name -> (function that gives the supplier, items, function that gives the structs, property, another value)."""
    objects = made()
    mesh, meshes = objects[0].data, [ob.data for ob in objects]
    listed = lambda name: lambda: list(getattr(mesh, name))[2:7]  # noqa: E731
    return {
        "vertices": (listed("vertices"), (EVERY, "co"), listed("vertices"), "co", (7, 8, 9)),
        "flags": (listed("vertices"), (EVERY, "select"), listed("vertices"), "select", False),
        "polygons": (listed("polygons"), (EVERY, "material_index"), listed("polygons"), "material_index", 3),
        "smooth": (listed("polygons"), (EVERY, "use_smooth"), listed("polygons"), "use_smooth", True),
        "seams": (listed("edges"), (EVERY, "use_seam"), listed("edges"), "use_seam", True),
        "one of each": (lambda: meshes, (EVERY, "vertices", 3, "co"), lambda: [one.vertices[3] for one in meshes], "co",
                        (7, 8, 9)),
        "one behind each": (lambda: objects, (EVERY, "data", "polygons", 2, "material_index"),
                            lambda: [one.polygons[2] for one in meshes], "material_index", 3),
        "by keys": (lambda: bpy.data.meshes, ([one.name for one in meshes], "vertices", 0, "hide"),
                    lambda: [one.vertices[0] for one in meshes], "hide", True),
        "modifiers": (lambda: [one.modifiers[0] for one in objects], (EVERY, "count"),
                      lambda: [one.modifiers[0] for one in objects], "count", 9),
        "shown": (lambda: [one.modifiers[0] for one in objects], (EVERY, "show_viewport"),
                  lambda: [one.modifiers[0] for one in objects], "show_viewport", False),
        "layers": (lambda: [one.uv_layers[0] for one in meshes], (EVERY, "active_render"),
                   lambda: [one.uv_layers[0] for one in meshes], "active_render", None),
    }


NAMES = ("vertices", "flags", "polygons", "smooth", "seams", "one of each", "one behind each", "by keys",
         "modifiers", "shown", "layers")
# A write of sharpness has the mesh updated once for all (writing/noticing.py); the layer of seams may have two names (3.4).
BY_ROUTES = ("smooth", "layers") + (("seams",) if bpy.app.version < (4, 0) else ())


def of_bpy(structs, prop):
    return [plain(getattr(one, prop)) for one in structs()]


def test_values(name):
    from rnaslicer import Slicer
    give, items, structs, prop, value = forms()[name]
    known(give(), *items)
    with Slicer(give())[items] as vw:
        same(vw.memcache.tolist(), of_bpy(structs, prop))
        if value is None:
            return
        np.asarray(vw.memcache)[...] = value
        vw.update() if name in BY_ROUTES else natively("update", vw.update)
        same(vw.memcache.tolist(), of_bpy(structs, prop))
        same(of_bpy(structs, prop), [plain(value) if not isinstance(value, tuple) else list(map(float, value))] * len(structs()))
        setattr(structs()[1], prop, [1, 2, 3] if isinstance(value, tuple) else type(value)(1))
        vw.refresh()  # after routes: native code may look anew whether memory tells the values
        natively("refresh", lambda: vw.refresh(vw.memcache[1:3]))
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), of_bpy(structs, prop))
        np.asarray(vw.memcache)[...] = 1
        vw.update(vw.memcache[::2])
        wanted = [[1.0] * 3 if isinstance(value, tuple) else type(value)(1)] * len(structs())
        same(of_bpy(structs, prop)[::2], wanted[::2])
        out = np.zeros_like(np.asarray(vw.memcache))
    Slicer(give())[items].read(out)
    same(out.tolist(), of_bpy(structs, prop))
    Slicer(give())[items].write(out)
    same(out.tolist(), of_bpy(structs, prop))


test_values.cases = {name: (name,) for name in NAMES}


def test_counted(name):
    from rnaslicer import Slicer
    give, items, *_ = forms()[name]
    known(give(), *items)

    def one_shot():
        with Slicer(give())[items]:
            pass

    supplier = give()
    is_listed = isinstance(supplier, list) and not isinstance(supplier[0], bpy.types.ID)
    limits = {"one-shot": FROM_LIST + (TO_CAPTURE * len(supplier) if is_listed else 0), "refresh": REFRESH}
    found = {"one-shot": counted(one_shot)}
    with Slicer(give())[items] as vw:
        found["refresh"] = counted(vw.refresh)
        if name not in BY_ROUTES:
            found["update"], limits["update"] = counted(vw.update), UPDATE
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_counted.cases = test_values.cases


def test_gone_and_changed():
    """Fewer elements, another element at its index, meshes that go."""
    from rnaslicer import Slicer
    objects = made()
    meshes = [ob.data for ob in objects]
    items = EVERY, "vertices", 19, "co"
    known(meshes, *items)
    with Slicer(meshes)[items] as vw:
        meshes[2].vertices.add(1)
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "had 20 elements", "has 21 now"):
                move()
        meshes[2].clear_geometry()
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                move()
    chosen = list(meshes[0].polygons)[4:8]
    known(chosen, EVERY, "material_index")
    with Slicer(chosen)[:, "material_index"] as vw:
        meshes[0].clear_geometry()
        for move in (vw.refresh, vw.update):
            with refused("SupplierLostError", "polygons"):
                move()
    listed = list(meshes[1].polygons)[4:8]
    with Slicer(listed)[:, "material_index"] as vw:
        bpy.data.meshes.remove(meshes[1])
        for move in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Told1"):
                move()


def test_other_class():
    """A modifier that another one of its name has taken the place of."""
    from rnaslicer import Slicer
    objects = made()
    give = lambda: [ob.modifiers[0] for ob in objects]  # noqa: E731
    known(give(), EVERY, "count")
    known(give(), EVERY, "show_render")
    with Slicer(give())[:, "count"] as count, Slicer(give())[:, "show_render"] as shown:
        objects[1].modifiers.clear()
        objects[1].modifiers.new("Array", "BEVEL").show_render = False
        for move in (count.refresh, count.update):
            with refused("ShapeChangedError", "count"):
                move()
        shown.refresh()
        same(shown.memcache.tolist(), [ob.modifiers[0].show_render for ob in objects])


def test_names_that_are_taken():
    """Where another attribute has the name of the layer that a setter would make nothing is written."""
    from rnaslicer import Slicer
    objects = made()
    meshes = [ob.data for ob in objects]
    items = EVERY, "polygons", 2, "material_index"
    known(meshes, *items)
    with Slicer(meshes)[items] as vw:
        np.asarray(vw.memcache)[...] = 2
        if bpy.app.version >= (5, 0):  # the others make none of that name
            meshes[3].attributes.new("material_index", "FLOAT", "POINT")
            with refused("ReadOnlyError", "material_index"):
                vw.update()
            same([mesh.polygons[2].material_index for mesh in meshes if mesh is not meshes[3]], [0] * 5)


def test_refused():
    """Edit mode, geometry that is not whole, linked data."""
    from rnaslicer import Slicer
    objects = made()
    meshes = [ob.data for ob in objects]
    items = EVERY, "vertices", 3, "co"
    known(meshes, *items)
    with Slicer(meshes)[items] as vw:
        bpy.context.view_layer.objects.active = objects[1]
        bpy.ops.object.mode_set(mode="EDIT")
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        natively("update", vw.update)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "told.blend")
        bpy.data.libraries.write(path, {meshes[0]})
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.meshes = [meshes[0].name]
        mixed, before = [*meshes[:3], into.meshes[0]], [list(mesh.vertices[3].co) for mesh in meshes[:3]]
        with Slicer(mixed)[items] as vw:
            np.asarray(vw.memcache)[...] = 5
            with refused("ReadOnlyError", "linked"):
                vw.update()
        same([list(mesh.vertices[3].co) for mesh in meshes[:3]], before)


def test_undo():
    from rnaslicer import Slicer
    objects = made()
    items = EVERY, "data", "polygons", 2, "material_index"
    known(objects, *items)
    wrapper = Slicer(objects)[items]
    bpy.ops.ed.undo_push(message="before")
    for ob in objects:
        ob.data.polygons[2].material_index = 7
    bpy.ops.ed.undo_push(message="after")
    with wrapper:
        bpy.ops.ed.undo()
        wrapper.refresh()
        objects = [bpy.data.objects[f"Told{i}"] for i in range(6)]
        same(wrapper.memcache.tolist(), [ob.data.polygons[2].material_index for ob in objects])
        same(wrapper.memcache.tolist(), [0] * 6)


def test_evaluated_hair():
    """Where hair keys lie evaluated (crashes in 3.4: hazards.HAIR_KEY_CO)."""
    from rnaslicer import Slicer
    ob = made(1)[0]
    ob.modifiers.new("Hair", "PARTICLE_SYSTEM")
    settings = ob.particle_systems[0].settings
    settings.type, settings.count = "HAIR", 12
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    give = lambda: ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).particle_systems[0].particles  # noqa: E731
    items = EVERY, "hair_keys", EVERY, "co"
    if bpy.app.version < (4, 0):
        with refused("ContextError", "crashes"):
            read(give(), *items)
        return
    wanted = lambda: [[list(key.co) for key in one.hair_keys] for one in give()]  # noqa: E731
    same(known(give(), *items), wanted())
    with Slicer(give())[items] as vw:
        ob.location.x += 3
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), wanted())
        assert counted(vw.refresh) <= REFRESH
        with refused("ReadOnlyError"):
            vw.update()
        settings.count = 20
        bpy.context.view_layer.update()
        with refused("ShapeChangedError", "had 12 elements"):
            vw.refresh()
    del graph
