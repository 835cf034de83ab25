# tests/blender/expression/test_picks_others.py: what is not picked need not have what is asked of those that are
"""Element 0 is of another type, has the property in another form, lacks it or is None; what an expression gives does
not depend on whether it was asked before, nor of whom."""
import bpy
import numpy as np

from support import plain, refused, same


def forget():
    from rnaslicer.transfer import trails
    trails.forget_all()


def linked(data=None):
    return bpy.data.objects.new("Picked", data or bpy.data.meshes.new("Picked"))


def modifiers(*kinds):
    ob = linked()
    for i, kind in enumerate(kinds):
        one = ob.modifiers.new("M", kind)
        if kind == "DISPLACE":
            one.strength = i / 4
    return ob.modifiers


def constraints(*kinds):
    ob = linked()
    for i, kind in enumerate(kinds):
        one = ob.constraints.new(kind)
        if kind == "LIMIT_LOCATION":
            one.min_x = i / 4
    return ob.constraints


def tree():
    material = bpy.data.materials.new("N")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    material.node_tree.nodes.clear()
    return material.node_tree


def nodes(*kinds):
    made = tree()
    for i, kind in enumerate(kinds):
        node = made.nodes.new(kind)
        if kind == "ShaderNodeMath":
            node.use_clamp = i % 3 == 1
    return made.nodes


def sockets(*numbers):
    """The inputs of a mapping, and of a node whose first is no vector."""
    node = tree().nodes.new("ShaderNodeMapping" if numbers else "ShaderNodeTexVoronoi")
    for i, one in enumerate(node.inputs):
        if one.type == "VECTOR":
            one.default_value = i, 2, 3
        elif one.type == "VALUE":
            one.default_value = i / 4
    return node.inputs


def lights(*kinds):
    for one in list(bpy.data.lights):
        bpy.data.lights.remove(one)
    for i, kind in enumerate(kinds):
        bpy.data.lights.new(f"L{i}", kind)
        if kind == "SPOT":
            bpy.data.lights[f"L{i}"].spot_size = 0.5 + i / 4
    return bpy.data.lights


def slots(*filled):
    mesh = bpy.data.meshes.new("Slots")
    for i, one in enumerate(filled):
        mesh.materials.append(bpy.data.materials.new(f"Mat{i}") if one else None)
        if one:
            mesh.materials[i].roughness = i / 8
    return mesh.materials


# name -> (made so that the first is as those picked, made so that it is not, picked, property)
SCENES = {
    "modifiers": (lambda: modifiers("DISPLACE", "DISPLACE", "ARRAY", "DISPLACE"),
                  lambda: modifiers("SUBSURF", "DISPLACE", "ARRAY", "DISPLACE"), (1, 3), "strength"),
    "two properties": (lambda: modifiers("DISPLACE", "DISPLACE", "ARRAY", "DISPLACE"),
                       lambda: modifiers("SUBSURF", "DISPLACE", "ARRAY", "DISPLACE"), (3, 1), ("strength", "mid_level")),
    "constraints": (lambda: constraints("LIMIT_LOCATION", "LIMIT_LOCATION", "FLOOR", "LIMIT_LOCATION"),
                    lambda: constraints("FLOOR", "LIMIT_LOCATION", "FLOOR", "LIMIT_LOCATION"), (1, 3), "min_x"),
    "nodes": (lambda: nodes("ShaderNodeMath", "ShaderNodeMath", "ShaderNodeMapping", "ShaderNodeMath"),
              lambda: nodes("ShaderNodeMapping", "ShaderNodeMath", "ShaderNodeMapping", "ShaderNodeMath"), (1, 3), "use_clamp"),
    "sockets of another form": (lambda: sockets(1), sockets, (2, 3), "default_value"),
    "lights": (lambda: lights("SPOT", "SPOT", "SUN", "SPOT"), lambda: lights("POINT", "SPOT", "SUN", "SPOT"), (1, 3), "spot_size"),
    "empty slots": (lambda: slots(1, 1, 1, 1), lambda: slots(0, 1, 0, 1), (1, 3), "roughness"),
    "empty slots beside": (lambda: slots(1, 1, 1, 1), lambda: slots(1, 1, 0, 1), (1, 3), "roughness"),
}


def values(coll, at, names):
    def of(element, name):
        value = getattr(element, name)
        return list(value) if hasattr(value, "__len__") else value
    return [[of(coll[i], name) for name in names] if isinstance(names, tuple) else of(coll[i], names) for i in at]


def forms(at, length):
    yield list(at)
    yield np.array(at)
    yield [i - length for i in at]
    if list(at) == sorted(at):
        yield [i in at for i in range(length)]
        yield slice(at[0], at[-1] + 1, at[1] - at[0])
    yield range(at[0], at[-1] + (1 if at[1] > at[0] else -1), at[1] - at[0])


def test_what_is_not_picked(name):
    from rnaslicer import Slicer
    alike, other, at, names = SCENES[name]
    if name.startswith("sockets"):
        found = other()
        at = tuple(i for i, one in enumerate(found) if one.type == "VALUE" and i)[:2]
        assert found[0].type == "VECTOR" and len(at) == 2
    for form in forms(at, len(other())):
        for learnt in (None, alike, other):
            if learnt is alike and name.startswith("sockets"):
                continue
            forget()
            for _ in range(3 if learnt else 0):
                with Slicer(learnt())[form, names] as vw:
                    vw.refresh()
                    vw.update()
            coll = other()
            for _ in range(3):
                want = values(coll, at, names)
                same(Slicer(coll)[form, names].read().tolist(), want, f"{form}")
                with Slicer(coll)[form, names] as vw:
                    same(vw.memcache.tolist(), want, f"{form}")
                    cache = np.asarray(vw.memcache)
                    cache[...] = ~cache if cache.dtype == bool else cache / 2
                    vw.update()
                    same(values(coll, at, names), vw.memcache.tolist(), f"{form}")
                    cache[...] = ~cache if cache.dtype == bool else cache / 2
                    vw.update(vw.memcache[1:])
                    same(values(coll, at[1:], names), vw.memcache[1:].tolist(), f"{form}")
                    vw.refresh()
                    same(values(coll, at, names), vw.memcache.tolist(), f"{form}")


test_what_is_not_picked.cases = {name: (name,) for name in SCENES}


def test_behind_each():
    """The same behind each of many."""
    from rnaslicer import Slicer
    for count in (3, 20):
        made = [[modifiers(first, "DISPLACE", "DISPLACE").id_data for _ in range(count)] for first in ("DISPLACE", "SUBSURF")]
        for learnt in (None, *made):
            forget()
            for _ in range(3 if learnt else 0):
                Slicer(learnt)[:, "modifiers", [1, 2], "strength"].read()
            for _ in range(3):
                same(Slicer(made[1])[:, "modifiers", [1, 2], "strength"].read().tolist(), [[0.25, 0.5]] * count)


def test_what_is_picked_lacks_it():
    """Refused as before, in the same words at each call."""
    from rnaslicer import Slicer
    for at in ([1, 2], [2, 1], [1, 0]):
        coll, said = modifiers("SUBSURF", "DISPLACE", "ARRAY", "DISPLACE"), set()
        for learnt in (False, True):
            forget()
            if learnt:
                other = modifiers("DISPLACE", "DISPLACE", "DISPLACE", "DISPLACE")
                for _ in range(3):
                    with Slicer(other)[at, "strength"] as vw:
                        vw.update()
            for use in ("read", "__enter__"):
                for _ in range(3):
                    try:
                        getattr(Slicer(coll)[at, "strength"], use)()
                    except Exception as error:
                        said.add((type(error).__name__, str(error).replace(coll.id_data.name, "OB")))
        assert len(said) == 1 and "no property 'strength'" in str(said), said
    with refused("ExpressionError", "None"):
        Slicer(slots(1, 0, 1))[[1, 2], "roughness"].read()


def test_one_of_another_type_comes():
    """Entered, then one that is not picked is replaced: those that are picked are read and written all the same, or refused
    for how many there are; never another."""
    from rnaslicer import Slicer
    coll = lights("POINT", "SPOT", "SUN", "SPOT")
    for _ in range(3):
        with Slicer(coll)[[1, 3], "spot_size"] as vw:
            want = plain(vw.memcache.tolist())
            bpy.data.lights["L0"].type = "SPOT"
            vw.refresh()
            assert plain(vw.memcache.tolist()) == want
            bpy.data.lights["L0"].type = "AREA"
            vw.update()
            vw.refresh()
            assert plain(vw.memcache.tolist()) == want
            bpy.data.lights["L3"].type = "SUN"
            with refused("ShapeChangedError"):
                vw.refresh()
            bpy.data.lights["L3"].type = "SPOT"
            bpy.data.lights["L0"].type = "POINT"
