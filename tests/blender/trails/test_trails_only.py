# tests/blender/trails/test_trails_only.py: the only element of a collection, or of a list: alone it proves no storage
"""Native code moves it by bpy's own getattr and setattr. bpy says what is right; `natively` says who did it, and calls are
counted."""
import contextlib

import bpy
import numpy as np

from counted_calls import ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively

FROM_LIST = 45


def forgotten():
    """Whatever longer collections have proven."""
    from rnaslicer.blender import lists
    from rnaslicer.layout import proof
    lists.forget()
    proof.forget()


def made(modifiers=1):
    """An object with so many modifiers; of everything else one."""
    mesh = bpy.data.meshes.new("Only")
    mesh.from_pydata([(1, 2, 3)], [], [])
    ob = bpy.data.objects.new("Only", mesh)
    bpy.context.scene.collection.objects.link(ob)
    ob.location = 1, 2, 3
    for i in range(modifiers):
        ob.modifiers.new("Displace", "DISPLACE").strength = 0.25 + i
    ob.constraints.new("COPY_LOCATION").influence = 0.5
    ob.vertex_groups.new(name="Group")
    bpy.context.view_layer.update()
    return ob


def nodes():
    tree = bpy.data.node_groups.new("Only", "ShaderNodeTree")
    tree.nodes.new("ShaderNodeMath").width = 123
    return tree


def spline():
    curve = bpy.data.curves.new("Only", "CURVE")
    curve.splines.new("POLY")
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Curve", curve))
    return curve


def forms():
    """name -> (function that gives the supplier, items, function that gives the struct, property, another value)."""
    ob, tree, curve = made(), nodes(), spline()
    return {
        "modifier": (lambda: ob.modifiers, (EVERY, "strength"), lambda: ob.modifiers[0], "strength", 7.5),
        "modifier behind": (lambda: ob, ("modifiers", EVERY, "strength"), lambda: ob.modifiers[0], "strength", 7.5),
        "an axis": (lambda: ob.modifiers, (EVERY, "direction"), lambda: ob.modifiers[0], "direction", 2),
        "constraint": (lambda: ob.constraints, (EVERY, "influence"), lambda: ob.constraints[0], "influence", 0.75),
        "group": (lambda: ob.vertex_groups, (EVERY, "lock_weight"), lambda: ob.vertex_groups[0], "lock_weight", True),
        "node": (lambda: tree.nodes, (EVERY, "width"), lambda: tree.nodes[0], "width", 200.0),
        "spline": (lambda: curve.splines, (EVERY, "resolution_u"), lambda: curve.splines[0], "resolution_u", 7),
        "point": (lambda: curve.splines[0].points, (EVERY, "co"), lambda: curve.splines[0].points[0], "co", (4, 5, 6, 1)),
        "vertex": (lambda: ob.data.vertices, (EVERY, "co"), lambda: ob.data.vertices[0], "co", (4, 5, 6)),
        "flag": (lambda: ob.data.vertices, (EVERY, "select"), lambda: ob.data.vertices[0], "select", False),
        "object": (lambda: [ob], (EVERY, "location"), lambda: ob, "location", (4, 5, 6)),
        "object's number": (lambda: [ob], (EVERY, "pass_index"), lambda: ob, "pass_index", 7),
        "listed modifier": (lambda: [ob.modifiers[0]], (EVERY, "strength"), lambda: ob.modifiers[0], "strength", 7.5),
        "listed vertex": (lambda: [ob.data.vertices[0]], (EVERY, "co"), lambda: ob.data.vertices[0], "co", (4, 5, 6)),
    }


NAMES = ("modifier", "modifier behind", "an axis", "constraint", "group", "node", "spline", "point", "vertex", "flag",
         "object", "object's number", "listed modifier", "listed vertex")


def number(value):
    value = plain(value)
    return {"X": 0, "Y": 1, "Z": 2, "NORMAL": 3}.get(value, value) if isinstance(value, str) else value


def opened(wrapper):
    return contextlib.closing(natively("enter", wrapper.open))


def test_values(name):
    from rnaslicer import Slicer
    forgotten()
    give, items, struct, prop, value = forms()[name]
    known(give(), *items)
    with opened(Slicer(give())[items]) as vw:
        same(vw.memcache.tolist(), [number(getattr(struct(), prop))])
        np.asarray(vw.memcache)[...] = value
        natively("update", vw.update)
        same(vw.memcache.tolist(), [number(getattr(struct(), prop))])
        if isinstance(value, tuple):
            setattr(struct(), prop, [0] * len(value))
            with_part = vw.memcache[0:1, 1:3]
            np.asarray(with_part)[...] = 9
            natively("update", lambda: vw.update(with_part))
            assert list(getattr(struct(), prop))[:3] == [0, 9, 9]
            setattr(struct(), prop, [8] * len(value))
            natively("refresh", lambda: vw.refresh(vw.memcache[:, 0]))
            assert vw.memcache.tolist()[0][:3] == [8, 9, 9]
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), [number(getattr(struct(), prop))])
    out = np.zeros_like(np.asarray(Slicer(give())[items].read()))
    Slicer(give())[items].read(out)
    same(out.tolist(), [number(getattr(struct(), prop))])
    Slicer(give())[items].write(out)
    same(out.tolist(), [number(getattr(struct(), prop))])


test_values.cases = {name: (name,) for name in NAMES}


def test_of_another_class_than_those_of_a_list():
    """Longer lists have a trail, which stays where it does not know the class of the only struct."""
    from rnaslicer import Slicer
    ob = made(3)
    first, second, _ = ob.modifiers
    other = ob.modifiers.new("Other", "WARP")
    other.strength = 3
    for _ in range(2):
        known([first, second], EVERY, "strength")
        with Slicer([other])[:, "strength"] as vw:
            assert vw.memcache.tolist() == [3]
            vw.memcache[0] = 4
            vw.update()
            assert other.strength == 4
            other.strength = 3
    with opened(Slicer([first, second])[:, "strength"]) as vw:
        assert vw.memcache.tolist() == [first.strength, second.strength]


def test_picked(name):
    """Indices, masks and ranges name it as often as they like: a key does not say how often."""
    from rnaslicer import Slicer
    forgotten()
    give, (_, prop), struct, *_ = forms()[name]
    value = number(getattr(struct(), prop))
    for picks in ([0], [0, 0], [True], [0, 0, 0], range(1), [False], [-1], EVERY) * 2:
        count = len([0][picks] if picks == EVERY else [one for one in picks if one is not False])
        with Slicer(give())[picks, prop] as vw:
            same(vw.memcache.tolist(), [value] * count)
            vw.refresh()
            vw.update()
            same(vw.memcache.tolist(), [value] * count)
    same(number(getattr(struct(), prop)), value)


test_picked.cases = {name: (name,) for name in ("object", "object's number", "listed modifier", "listed vertex", "vertex")}


def test_counted(name):
    from rnaslicer import Slicer
    forgotten()
    give, items, *_ = forms()[name]
    known(give(), *items)

    def one_shot():
        with Slicer(give())[items]:
            pass

    # Beyond a list's structs, each is captured by a way of its own.
    limit = ONE_SHOT if not isinstance(give(), list) else FROM_LIST if name.startswith("object") else 300
    found = {"one-shot": counted(one_shot)}
    with Slicer(give())[items] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
    limits = {"one-shot": limit, "refresh": REFRESH, "update": UPDATE}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_counted.cases = test_values.cases


def test_no_longer_alone():
    """What was entered says so; what is entered later is right, whichever came first."""
    from rnaslicer import Slicer
    forgotten()
    ob = made()
    known(ob.modifiers, EVERY, "strength")
    with Slicer(ob.modifiers)[:, "strength"] as vw:
        ob.modifiers.new("Second", "DISPLACE")
        for move in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[0:1])):
            with refused("ShapeChangedError", "had 1 element", "has 2 now"):
                move()
        ob.modifiers.clear()
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                move()
    some = [made(count) for count in (1, 3, 1, 2, 5, 1)]
    for _ in range(3):
        for one in some:
            with Slicer(one.modifiers)[:, "strength"] as vw:
                same(vw.memcache.tolist(), [modifier.strength for modifier in one.modifiers])
                np.asarray(vw.memcache)[...] += 1
                vw.update()
                same(vw.memcache.tolist(), [modifier.strength for modifier in one.modifiers])
    for one in some:
        natively("enter", Slicer(one.modifiers)[:, "strength"].open).close()


def test_another_in_its_place():
    from rnaslicer import Slicer
    forgotten()
    ob = made()
    known(ob.modifiers, EVERY, "strength")
    known(ob.modifiers, EVERY, "show_render")
    with Slicer(ob.modifiers)[:, "strength"] as strength, Slicer(ob.modifiers)[:, "show_render"] as shown:
        ob.modifiers.clear()
        ob.modifiers.new("Bevel", "BEVEL").show_render = False
        for move in (strength.refresh, strength.update):
            with refused("ShapeChangedError", "strength"):
                move()
        shown.refresh()
        same(shown.memcache.tolist(), [False])
        shown.memcache[0] = True
        shown.update()
        assert ob.modifiers[0].show_render


def test_undo_rename_and_loss(name):
    """A wrapper goes on after an undo and under another name, and says that its struct is gone."""
    from rnaslicer import Slicer
    forgotten()
    ob = made()
    items = {"collection": (EVERY, "strength"), "list": (EVERY, "location")}[name]
    known(ob.modifiers if name == "collection" else [ob], *items)
    wrapper = Slicer(ob.modifiers if name == "collection" else [ob])[items]
    bpy.ops.ed.undo_push(message="before")
    ob.modifiers[0].strength, ob.location = 9, (9, 9, 9)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    ob = bpy.data.objects["Only"]
    wanted = [0.25] if name == "collection" else [[1.0, 2.0, 3.0]]
    with wrapper:
        same(wrapper.memcache.tolist(), wanted)
        wrapper.refresh()
        ob.name = "Renamed"
        natively("refresh", wrapper.refresh)
        natively("update", wrapper.update)
        same(wrapper.memcache.tolist(), wanted)
        bpy.data.objects.remove(ob)
        for move in (wrapper.refresh, wrapper.update):
            with refused("SupplierLostError"):
                move()


test_undo_rename_and_loss.cases = {"collection": ("collection",), "list": ("list",)}


def test_linked_is_refused():
    """As for more than one: what is not the file's own is not written."""
    import os
    import tempfile

    from rnaslicer import Slicer
    forgotten()
    ob = made()
    known(ob.modifiers, EVERY, "strength")
    known([ob], EVERY, "location")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "only.blend")
        bpy.data.libraries.write(path, {ob})
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.objects = ["Only"]
        linked = into.objects[0]
        for supplier, items in ((linked.modifiers, (EVERY, "strength")), ([linked], (EVERY, "location"))):
            with Slicer(supplier)[items] as vw:
                with refused("ReadOnlyError"):
                    vw.update()


def test_boxes():
    """An array of two axes that is no matrix."""
    from rnaslicer import Slicer
    ob = made()
    ob.data.from_pydata([(0, 0, 0), (1, 2, 3)], [], []) if not len(ob.data.vertices) else ob.data.vertices.add(1)
    ob.data.vertices[-1].co = 4, 5, 6
    bpy.context.view_layer.update()
    known(ob, "bound_box", EVERY, EVERY)
    with opened(Slicer(ob)["bound_box", :, :]) as vw:
        same(vw.memcache.tolist(), [list(corner) for corner in ob.bound_box])
        ob.data.vertices[-1].co = 7, 8, 9
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), [list(corner) for corner in ob.bound_box])
        assert counted(vw.refresh) <= REFRESH
        with refused("ReadOnlyError"):
            vw.update()
    with Slicer(ob)["bound_box", 6, :] as vw:
        same(vw.memcache.tolist(), list(ob.bound_box[6]))


def test_two_names_of_which_memory_tells_one():
    """Longer lists have proven one of them; of the only datablock bpy tells the other. Blender crashed."""
    from rnaslicer import Slicer
    forgotten()
    first, other = made(), bpy.data.objects.new("Other", None)
    first.scale, other.scale = (1, 2, 3), (4, 5, 6)
    for props in (("location", "scale"), ("scale", "location"), ("scale", "dimensions"), ("dimensions", "scale")):
        for listed in ([first, other], [first], [other], [first, other]) * 2:
            with Slicer([first, other])[:, "scale"] as vw:
                vw.refresh()
            with Slicer(listed)[:, props] as vw:
                wanted = [[list(getattr(ob, prop)) for prop in props] for ob in listed]
                same(vw.memcache.tolist(), wanted)
                vw.refresh()
                same(vw.memcache.tolist(), wanted)
                if "dimensions" not in props:
                    vw.update()
                    same([[list(getattr(ob, prop)) for prop in props] for ob in listed], wanted)
