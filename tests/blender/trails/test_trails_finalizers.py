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


def finalized(kind, take_away, at, use):
    """What `use` gives while the one of that kind that goes as number `at` has `take_away` called."""
    left = [at]

    def finalize(_):
        left[0] -= 1
        if left[0] == 0:
            take_away()
    kind.__del__ = finalize
    try:
        return use()
    except Exception as error:
        assert type(error).__module__ == "rnaslicer.errors", error
        return None
    finally:
        left[0] = -1
        del kind.__del__


def test_places_and_values(items, of, remove, use, lists=True):
    from rnaslicer import Slicer

    def wrapper():
        return Slicer(bpy.data.objects)[(EVERY, *items)] if lists else Slicer(bpy.data.objects[3])[items]
    for _ in range(3):
        only()
        with wrapper() as vw:
            vw.refresh()
            vw.update()
    kind = getattr(bpy.types, of)
    for at in (1, 2, 3, 5, 8, 13, COUNT, COUNT + 1, 2 * COUNT - 1, 2 * COUNT, 3 * COUNT, 4 * COUNT):
        only()
        before = wrapper().read().tolist()
        vw = wrapper()
        if use == "refresh":
            vw.open()
            vw.memcache[...] = np.full(vw.shape, -1, "f")
        uses = {"read": lambda: vw.read().tolist(), "refresh": lambda: (vw.refresh(), vw.memcache.tolist())[1]}  # noqa: B023
        found = finalized(kind, lambda: remove(None), at, uses[use])
        vw.close()
        if found is None:
            continue
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
        for names in ("x", ("x", "y"), ("y", "x")):
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
                    assert found == before, (names, at, use, found)
        filled()
        for _ in range(2):
            with Slicer(ob.finalized)[:, "x"] as vw:
                vw.update()
        for at in range(1, 6):
            due[0] = -1
            filled()
            with Slicer(ob.finalized)[:, "x"] as vw:
                vw.memcache[...] = np.arange(40, dtype="f") + 7000
                due[0] = at
                try:
                    vw.update()
                except Exception as error:
                    assert type(error).__module__ == "rnaslicer.errors", error
                due[0] = -1
            others = [one.x for one in ob.finalized] if len(ob.finalized) > 40 else [99]
            assert set(others) == {99}, (at, others[:50])
    finally:
        del bpy.types.Object.finalized
        bpy.utils.unregister_class(FinalizedElement)


def curves(count=20, value=lambda i: i + 0.5):
    """The F-curves of a new action, and no others."""
    bpy.data.batch_remove(list(bpy.data.actions))
    action = bpy.data.actions.new("A")
    made = action.fcurves if hasattr(action, "fcurves") else action.layers.new("L").strips.new(type="KEYFRAME").channelbag(
        action.slots.new("OBJECT", "x"), ensure=True).fcurves
    for i in range(COUNT):
        points = made.new(f'["p{i}"]', index=0).keyframe_points
        points.add(count)
        points.foreach_set("co", [number for k in range(count) for number in (k, value(i))])
    return made


KEYS = "keyframe_points", EVERY, "co"


def test_arrays(many, use):
    """Other arrays lie where those were."""
    from rnaslicer import Slicer

    def wrapper(made):
        return Slicer(made)[(EVERY, *KEYS)] if many else Slicer(made[3].keyframe_points)[KEYS[1:]]

    def others():
        made = current[0]
        for one in list(made):
            made.remove(one)
        for i in range(2 * COUNT):
            points = made.new(f'["q{i}"]', index=0).keyframe_points
            points.add(300)
            points.foreach_set("co", [99.0] * 600)

    current = [curves(300)]
    for _ in range(3):
        with wrapper(current[0]) as vw:
            vw.refresh()
            vw.update()
    for at in (1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 24, 30):
        current[0] = curves(300)
        before, vw = wrapper(current[0]).read().tolist(), wrapper(current[0])
        if use == "refresh":
            vw.open()
            for one in current[0]:  # so that the arrays are asked for anew
                one.keyframe_points.insert(1000, one.keyframe_points[0].co[1])
                one.keyframe_points.remove(one.keyframe_points[len(one.keyframe_points) - 1])
            vw.memcache[...] = np.full(vw.shape, -1, "f")
        uses = {"read": lambda: vw.read().tolist(), "enter": lambda: (vw.open(), vw.memcache.tolist())[1],  # noqa: B023
                "refresh": lambda: (vw.refresh(), vw.memcache.tolist())[1]}  # noqa: B023
        found = finalized(bpy.types.Keyframe, others, at, uses[use])
        vw.close()
        assert found is None or found == before or set(np.ravel(found)) == {99.0}, (at, found)


test_arrays.cases = {f"{'many' if many else 'one'} {use}": (many, use)
                     for many in (False, True) for use in ("read", "enter", "refresh")}


def test_a_key_less():
    """It goes after bpy has counted: what is remembered of its F-curve must not say that there are as many."""
    from rnaslicer import Slicer

    def removed():
        points = current[0][3].keyframe_points
        points.remove(points[len(points) - 1])

    current = [curves()]
    for _ in range(3):
        with Slicer(current[0])[(EVERY, *KEYS)] as vw:
            vw.refresh()
    for at in range(1, 25):
        current[0] = curves()
        vw = Slicer(current[0])[(EVERY, *KEYS)]
        finalized(bpy.types.Keyframe, removed, at, vw.open)
        if len(current[0][3].keyframe_points) < 20:
            try:
                found = Slicer(current[0])[(EVERY, *KEYS)].read().shape
            except Exception as error:
                assert type(error).__name__ == "ExpressionError", error
            else:
                raise AssertionError(f"{at}: {found} of curves that differ in length")
        vw.close()
