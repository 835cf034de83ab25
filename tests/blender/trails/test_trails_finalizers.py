# tests/blender/trails/test_trails_finalizers.py: what a script's class does when its last reference goes, between places and values
"""It may remove what lies at places that are known already: these are read while all that led to them is still held."""
import bpy
import numpy as np

from support import EVERY

COUNT = 12
LISTS = "modifiers", EVERY, "strength"
STRUCTS = "field", "strength"


def only():
    """Objects with modifiers and fields, and no others."""
    bpy.data.batch_remove(list(bpy.data.objects))
    made = []
    for i in range(COUNT):
        ob = bpy.data.objects.new(f"O{i:02}", bpy.data.meshes.new("M"))
        bpy.context.scene.collection.objects.link(ob)
        for k in range(2):
            ob.modifiers.new("M", "DISPLACE").strength = i + k / 2
        with bpy.context.temp_override(object=ob, active_object=ob):
            bpy.ops.object.forcefield_toggle()
        ob.field.strength = i
        made.append(ob)
    return made


def removed(made):
    """Other modifiers lie where those were."""
    for ob in bpy.data.objects:
        ob.modifiers.clear()
    for ob in bpy.data.objects:
        for _ in range(2):
            ob.modifiers.new("M", "DISPLACE").strength = 99


def all_gone(made):
    bpy.data.batch_remove(list(bpy.data.objects))
    for i in range(COUNT):
        bpy.data.objects.new(f"N{i}", None)


def test_places_and_values(items, of, remove, use, lists=True):
    from rnaslicer import Slicer

    def wrapper():
        return Slicer(bpy.data.objects)[(EVERY, *items)] if lists else Slicer(bpy.data.objects[3])[items]
    for _ in range(3):
        only()
        with wrapper() as vw:
            vw.refresh()
            vw.update()
    left = [-1]

    def finalize(_):
        left[0] -= 1
        if left[0] == 0:
            remove(None)
    kind = getattr(bpy.types, of)
    for at in (1, 2, 3, 5, 8, 13, COUNT, COUNT + 1, 2 * COUNT - 1, 2 * COUNT, 3 * COUNT, 4 * COUNT):
        only()
        before = wrapper().read().tolist()
        vw = wrapper()
        if use == "refresh":
            vw.open()
            vw.memcache[...] = np.full(vw.shape, -1, "f")
        kind.__del__ = finalize
        left[0] = at
        try:
            found = vw.read().tolist() if use == "read" else (vw.refresh(), vw.memcache.tolist())[1]
        except Exception as error:
            assert type(error).__module__ == "rnaslicer.errors", error
            continue
        finally:
            left[0] = -1
            del kind.__del__
            if use == "refresh":
                vw.close()
        flat = np.ravel(found).tolist()
        assert found == before or set(flat) in (set(), {99.0}, {0.0}, {1.0}), (at, found)


test_places_and_values.cases = {
    f"{items[0]} {of} {remove.__name__} {use}{'' if lists else ' one'}": (items, of, remove, use, lists)
    for items, of, remove, lists in (
        (LISTS, "DisplaceModifier", removed, True), (LISTS, "DisplaceModifier", all_gone, True), (LISTS, "Object", removed, True),
        (STRUCTS, "FieldSettings", all_gone, True), (LISTS, "DisplaceModifier", removed, False))
    for use in ("read", "refresh")}


class FinalizedElement(bpy.types.PropertyGroup):
    x: bpy.props.FloatProperty()
    y: bpy.props.FloatProperty(default=3)

    def __del__(self):
        due[0] -= 1
        if due[0] == 0:
            taken_away()


due = [-1]


def taken_away():
    ob = bpy.data.objects["Owner"]
    ob.finalized.clear()
    for _ in range(2000):
        ob.finalized.add().x = 99


def test_groups():
    """The class is the script's own."""
    from rnaslicer import Slicer
    bpy.utils.register_class(FinalizedElement)
    bpy.types.Object.finalized = bpy.props.CollectionProperty(type=FinalizedElement)
    due[0] = -1
    try:
        ob = bpy.data.objects.new("Owner", None)

        def filled():
            ob.finalized.clear()
            for i in range(40):
                ob.finalized.add().x = i
        for names in ("x", ("x", "y")):
            filled()
            for _ in range(3):
                with Slicer(ob.finalized)[:, names] as vw:
                    vw.refresh()
            for at in range(1, 9):
                filled()
                before = Slicer(ob.finalized)[:, names].read().tolist()
                for use in ("read", "refresh"):
                    due[0] = -1
                    filled()
                    vw = Slicer(ob.finalized)[:, names]
                    if use == "refresh":
                        vw.open()
                    due[0] = at
                    try:
                        found = vw.read().tolist() if use == "read" else (vw.refresh(), vw.memcache.tolist())[1]
                    except Exception as error:
                        assert type(error).__module__ == "rnaslicer.errors", error
                        continue
                    finally:
                        due[0] = -1
                        vw.close()
                    assert found == before or set(np.ravel(found)) <= {99.0, 3.0}, (names, at, use, found)
    finally:
        del bpy.types.Object.finalized
        bpy.utils.unregister_class(FinalizedElement)
