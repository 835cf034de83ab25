# tests/blender/faults/test_blender_hazards.py: Blender's own faults, refused or gone around
import random
import sys
import unittest
from unittest import mock

import bpy
from support import VERSION, check, random_mesh, refused, seed

EVERY = slice(None)


def linked(mesh):
    ob = bpy.data.objects.new("Hazard", mesh)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    ob.select_set(True)
    return ob


# ---- hair keys

def hair(count=20):
    ob = linked(random_mesh(random.Random(5), 5, 5, layers=False))
    ob.modifiers.new("hair", "PARTICLE_SYSTEM")
    settings = ob.particle_systems[0].settings
    settings.type, settings.count, settings.hair_step = "HAIR", count, 3
    bpy.context.view_layer.update()
    return ob, ob.evaluated_get(bpy.context.view_layer.depsgraph)


def test_hair_keys():
    """3.4 crashes when asked for co of evaluated hair keys: refused, from each supplier; all else is read."""
    from rnaslicer import Slicer
    _, evaluated = hair()
    particles = evaluated.particle_systems[0].particles
    assert len(particles) == 20
    subscripts = ((particles, (EVERY, "hair_keys", EVERY, "co")), (particles, (3, "hair_keys", EVERY, "co")),
                  (particles, (EVERY, "hair_keys", 1, "co")),
                  (particles, (EVERY, "hair_keys", EVERY, ("co_local", "co"))),
                  (evaluated, ("particle_systems", 0, "particles", 4, "hair_keys", 2, "co")),
                  (evaluated, ("particle_systems", 0, "particles", EVERY, "hair_keys", EVERY, "co", 0)))
    for supplier, subscript in subscripts:
        if VERSION == (3, 4):
            with refused("ContextError", "co_local"):
                with Slicer(supplier)[subscript]:
                    pass
        else:
            with Slicer(supplier)[subscript] as vw:
                assert vw.shape[-1:] != (0,)
    keys = [[list(key.co_local) for key in particle.hair_keys] for particle in particles]
    check(particles, (EVERY, "hair_keys", EVERY, "co_local"), keys)
    check(particles, (EVERY, "hair_keys", EVERY, "weight"), [[k.weight for k in p.hair_keys] for p in particles])
    if VERSION != (3, 4):
        check(particles, (EVERY, "hair_keys", EVERY, "co"), [[list(k.co) for k in p.hair_keys] for p in particles])


def test_hair_keys_of_originals():
    """Those of an original (edited hair) are read and never crash."""
    ob, _ = hair()
    bpy.ops.particle.particle_edit_toggle()
    bpy.ops.particle.particle_edit_toggle()
    particles = ob.particle_systems[0].particles
    if not len(particles) or not len(particles[0].hair_keys):
        raise unittest.SkipTest("no edited hair without a window")
    check(particles, (2, "hair_keys", EVERY, "co"), [list(key.co) for key in particles[2].hair_keys])
    check(particles, (EVERY, "hair_keys", 1, "co"), [list(p.hair_keys[1].co) for p in particles])


# ---- the first freestyle mark

def marks(mesh, owner):
    return [bool(element.use_freestyle_mark) for element in getattr(mesh, owner)]


def test_first_freestyle_mark():
    """The first marks of a mesh land where they are set: all, a region, one element, a sequence, none at all."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    for owner in ("edges", "polygons"):
        if "use_freestyle_mark" not in getattr(random_mesh(rng, 2, 2), owner)[0].bl_rna.properties:
            raise unittest.SkipTest("no such property in this Blender")
        for how in ("all", "region", "last", "struct", "sequence", "rows", "false", "nested"):
            mesh = random_mesh(rng, 5, 4, layers=False)
            elements = getattr(mesh, owner)
            count = len(elements)
            wanted = [rng.random() < 0.4 for _ in range(count)]
            if how == "all":
                wanted[0], wanted[-1] = False, True
                with Slicer(elements)[:, "use_freestyle_mark"] as vw:
                    for i, value in enumerate(wanted):
                        vw.memcache[i] = value
                    vw.update()
            elif how in ("region", "last"):
                start = 3 if how == "region" else count - 1
                wanted = [i >= start for i in range(count)]
                with Slicer(elements)[:, "use_freestyle_mark"] as vw:
                    for i in range(start, count):
                        vw.memcache[i] = True
                    vw.update(vw.memcache[start:])
            elif how == "struct":
                wanted = [i == 4 for i in range(count)]
                with Slicer(elements[4])["use_freestyle_mark"] as vw:
                    vw.memcache[()] = True
                    vw.update()
            elif how == "sequence":
                wanted = [i in (2, 7) for i in range(count)]
                with Slicer([elements[7], elements[2]])[:, "use_freestyle_mark"] as vw:
                    vw.memcache[0] = vw.memcache[1] = True
                    vw.update()
            elif how == "rows":
                wanted = [i in (5, 9) for i in range(count)]
                with Slicer(elements)[[9, 5], "use_freestyle_mark"] as vw:
                    vw.memcache[0] = vw.memcache[1] = True
                    vw.update()
            elif how == "nested":
                ob = linked(mesh)
                wanted = [i % 5 == 3 for i in range(count)]
                with Slicer([ob])[:, "data", owner, :, "use_freestyle_mark"] as vw:
                    for i, value in enumerate(wanted):
                        vw.memcache[0, i] = value
                    vw.update()
            else:
                wanted = [False] * count
                with Slicer(elements)[:, "use_freestyle_mark"] as vw:
                    vw.update()
            assert marks(mesh, owner) == wanted, (owner, how)
            # The next ones, and those of a copy.
            copy = mesh.copy()
            with Slicer(getattr(mesh, owner))[:, "use_freestyle_mark"] as vw:
                assert vw.memcache.tolist() == wanted
                vw.memcache[6] = not wanted[6]
                vw.update(vw.memcache[6:7])
            assert marks(mesh, owner) == [value != (i == 6) for i, value in enumerate(wanted)], (owner, how)
            assert marks(copy, owner) == wanted, (owner, how)


# ---- dynamic topology

def sculpted(dynamic, keys=False):
    ob = linked(random_mesh(random.Random(6), 5, 5, layers=not dynamic))
    if keys:
        ob.shape_key_add(name="Basis")
        ob.shape_key_add(name="Key")
    bpy.ops.object.mode_set(mode="SCULPT")
    if dynamic:
        bpy.ops.sculpt.dynamic_topology_toggle()
        if not ob.use_dynamic_topology_sculpting:
            raise unittest.SkipTest("dynamic topology cannot be switched on here")
    return ob


def test_dynamic_topology():
    """Leaving it would overwrite what was written: refused, and nothing is written; before and after it works."""
    from rnaslicer import Slicer
    ob = sculpted(True)
    mesh = ob.data
    cases = ((mesh.vertices, (EVERY, "co")), (mesh.polygons, (EVERY, "select")), (mesh.edges, (EVERY, "use_seam")),
             (mesh.uv_layers[0].data, (EVERY, "uv")), (mesh.vertices[2], ("co",)), (mesh, ("vertices", 1, "co", 0)),
             ([ob], (EVERY, "data", "vertices", EVERY, "co")), (mesh.polygons, (EVERY, "material_index")))
    for other in (False, True):
        if other:  # left in sculpt mode while another object is the active one
            bpy.data.objects.new("Other", None)
            bpy.context.scene.collection.objects.link(bpy.data.objects["Other"])
            bpy.context.view_layer.objects.active = bpy.data.objects["Other"]
            assert ob.mode == "SCULPT"
        for supplier, subscript in cases:
            before = [tuple(vertex.co) for vertex in mesh.vertices]
            with Slicer(supplier)[subscript] as vw:
                with refused("ReadOnlyError", "dynamic topology"):
                    vw.update()
            assert [tuple(vertex.co) for vertex in mesh.vertices] == before
    with Slicer(ob)["location"] as vw:  # the object is none of it
        vw.memcache[0] = 2
        vw.update()
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="OBJECT")
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.memcache[3, 2] = 7
        vw.update()
    assert mesh.vertices[3].co[2] == 7 and ob.location[0] == 2


def test_entered_before():
    """A wrapper entered before sculpting began is refused as well, and works again afterwards."""
    from rnaslicer import Slicer
    ob = linked(random_mesh(random.Random(6), 5, 5, layers=False))
    with Slicer(ob.data.vertices)[:, "co"] as vw:
        vw.memcache[0, 0] = -3
        vw.update()
        bpy.ops.object.mode_set(mode="SCULPT")
        vw.memcache[0, 1] = -4
        vw.update()
        bpy.ops.sculpt.dynamic_topology_toggle()
        if ob.use_dynamic_topology_sculpting:
            with refused("ReadOnlyError", "dynamic topology"):
                vw.update()
            bpy.ops.sculpt.dynamic_topology_toggle()
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.update()
    assert tuple(ob.data.vertices[0].co[:2]) == (-3, -4)


def test_plain_sculpting():
    """Without it what is written stays, as it does by bpy."""
    from rnaslicer import Slicer
    ob = sculpted(False)
    with Slicer(ob.data.vertices)[:, "co"] as vw:
        for i in range(vw.shape[0]):
            vw.memcache[i, 2] = i
        vw.update()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert [vertex.co[2] for vertex in ob.data.vertices] == list(range(len(ob.data.vertices)))


def test_other_meshes_while_sculpting():
    """Only the sculpted mesh is refused."""
    from rnaslicer import Slicer
    sculpted(True)
    mesh = random_mesh(random.Random(8), 3, 3, layers=False)
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.memcache[1, 0] = 9
        vw.update()
    assert mesh.vertices[1].co[0] == 9


# ---- enums of linked data

def test_enums_of_linked_data():
    """3.4's foreach_get leaves enums of what may not be written as it found the buffer, while it reads those of local
    data: that it agreed with getattr once says nothing of the other."""
    import array
    import tempfile

    from rnaslicer import Slicer
    from rnaslicer.transfer.choice import choose
    ob = bpy.data.objects.new("Keys", None)
    for frame in range(20):
        ob.keyframe_insert("location", frame=frame)
    action = ob.animation_data.action
    folder = tempfile.TemporaryDirectory()
    path = f"{folder.name}/keys.blend"
    bpy.data.libraries.write(path, {action})
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.actions = [action.name]
    for one in (action, wanted.actions[0]):
        curves = one.fcurves if hasattr(one, "fcurves") else one.layers[0].strips[0].channelbags[0].fcurves
        for kind in ("interpolation", "easing", "type"):
            items = bpy.types.Keyframe.bl_rna.properties[kind].enum_items
            wrapper = Slicer(curves[0].keyframe_points)[:, kind]
            (leaf,), view = wrapper.leaves(), wrapper._resolve()
            route = choose(leaf, view, direct=False)
            with wrapper as vw:
                for filling in (0, 1, 5):
                    vw.memcache[:] = memoryview(array.array("i", [filling] * 20))
                    route.refresh(vw.memcache, None)
                    found = vw.memcache.tolist()
                    assert found == [items[getattr(key, kind)].value for key in curves[0].keyframe_points], (
                        one.library, kind, filling, found)
    folder.cleanup()


def _made_after_temporary_data():
    from rnaslicer.blender.hazards import temporary
    with temporary(bpy.data.temp_data()) as data:
        data.meshes.new("Within")
    return [bpy.data.objects.new("After", None) for _ in range(6)]  # data is let go of after them


def test_temporary_data():
    """Who looks at such data takes no reference from what is made next: Blender would crash when it frees that."""
    for _ in range(3):
        counts = [sys.getrefcount(one) for one in _made_after_temporary_data()]
        assert len(set(counts)) == 1, counts


def test_scratch_data():
    """All that we make so is made that way."""
    from rnaslicer.blender.groups import idproperties
    from rnaslicer.blender.hazards import temporary
    from rnaslicer.transfer import kept
    with mock.patch.object(idproperties, "temporary", side_effect=temporary) as made:
        idproperties.forget()
        assert idproperties.known() is not None and made.call_count == 1
    with mock.patch.object(kept, "temporary", side_effect=temporary) as made:
        kept._list.cache_clear()
        kept._list()
        assert made.call_count == 1
