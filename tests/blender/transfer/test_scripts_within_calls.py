# tests/blender/transfer/test_scripts_within_calls.py: scripts' code within assignments of all calls that write, not of update() alone
"""The oracle is a script's own loop over indices with the same code within its assignments, as in test_scripts_within."""
import gc
import unittest

import bpy
import numpy as np

import test_scripts_within as within
from support import EVERY, VERSION
from test_scripts_within import CHANGES, COUNT, armed, content, first_difference, hook, mine, registered, scene


def numbers():
    return [1000.5 + i for i in range(COUNT)]


def by_write(supplier, values):
    from rnaslicer import Slicer
    Slicer(supplier)[:, "val"].write(np.array(values, "f"))


def by_write_converted(supplier, values):
    from rnaslicer import Slicer
    Slicer(supplier)[:, "val"].write(np.array([values, values], "d").T[:, 0])


def by_write_entered(supplier, values):
    from rnaslicer import Slicer
    with Slicer(supplier)[:, "val"] as vw:
        vw.write(np.array(values, "f"))


def by_edit(supplier, values):
    from rnaslicer import Slicer
    with Slicer(supplier)[:, "val"].edit() as vw:
        np.asarray(vw)[...] = values


def by_dtype(supplier, values):
    from rnaslicer import Slicer
    with Slicer(supplier, dtype="d")[:, "val"] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


def in_a_history(supplier, values):
    import rnaslicer
    with rnaslicer.history(), rnaslicer.Slicer(supplier)[:, "val"] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


def through_owner(supplier, values):
    from rnaslicer import Slicer
    with Slicer([supplier.id_data])[0, "scripts", :, "val"] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


def through_all(supplier, values):
    from rnaslicer import Slicer
    with Slicer(bpy.data.meshes)[:, "scripts", :, "val"] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


def by_padding(supplier, values):
    from rnaslicer import Slicer
    with Slicer([supplier.id_data], ragged="pad")[:, "scripts", :, "val"] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


def by_merging(supplier, values):
    from rnaslicer import Slicer
    with Slicer([supplier.id_data], ragged="flat")[:, "scripts", :, "val"] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


CALLS = (by_write, by_write_converted, by_write_entered, by_edit, by_dtype, in_a_history, through_owner, through_all,
         by_padding, by_merging)


def looped(name, values, change, each):
    """(how many were assigned, what is there then) by a script's loop."""
    scene()
    hook[0], done = armed(change, each), 0
    try:
        for i, value in enumerate(values):
            setattr(mine().scripts[i], name, value)
            done += 1
    except (IndexError, KeyError, ReferenceError):
        pass
    hook[0] = None
    return done, content()


def judged(call, change, each, name="val"):
    from rnaslicer import SlicerError
    values = numbers()
    done, wanted = looped(name, values, change, each)
    scene()
    hook[0], error = armed(change, each), None
    try:
        call(mine().scripts, values)
    except SlicerError as problem:
        error = problem
    hook[0] = None
    found, note = content(), (call.__name__, change.__name__, each, str(error))
    if error is None:
        assert found == wanted and done == COUNT, (note, first_difference(found, wanted))
        return
    said = " ".join([str(error), *getattr(error, "__notes__", ())])
    assert any(word in said for word in ("written", "when the context was entered", "gone", "does not exist any more")), note
    if "were written" in said and f"{done} of {COUNT}" in said:
        assert found == wanted, (note, first_difference(found, wanted))


def test_each_call(call, change, each):
    with registered():
        judged(call, change, each)


test_each_call.cases = {f"{call.__name__}, {change.__name__}, {'each' if each else 'once'}": (call, change, each)
                        for call in CALLS for change in CHANGES for each in (False, True)
                        if not each or change in (within.remove_first, within.remove_last, within.move)}


def test_foreach_set_calls_nobody():
    """As bpy's own, which leaves out the update callbacks."""
    from rnaslicer import foreach_set
    with registered():
        scene()
        called = []
        for values in (numbers(), np.array(numbers(), "f"), np.array(numbers(), "d")):
            hook[0] = called.append
            foreach_set(mine().scripts, "val", values)
            hook[0] = None
            found = [one.val for one in mine().scripts]
            assert found == numbers() and not called, (found[:3], len(called))


def test_transforming_functions():
    """5.x: what a script's function makes of a value on its way, and does meanwhile."""
    from rnaslicer import Slicer, SlicerError
    if VERSION < (5, 0):
        raise unittest.SkipTest("no such functions in this Blender")
    state = {"hook": None}

    def on_set(_self, new, _current, _is_set):
        if state["hook"]:
            state["hook"]()
        return new + 0.25

    def on_get(_self, value, _is_set):
        return value * 2

    made = type("WithinTransformed", (bpy.types.PropertyGroup,), {"__annotations__": {
        "val": bpy.props.FloatProperty(set_transform=on_set), "got": bpy.props.FloatProperty(get_transform=on_get),
        "plain": bpy.props.FloatProperty(), "pad": bpy.props.FloatVectorProperty(size=32)}})
    bpy.utils.register_class(made)
    bpy.types.Scene.within_transformed = bpy.props.CollectionProperty(type=made)
    groups = bpy.context.scene.within_transformed

    def renew():
        groups.clear()
        for _ in range(COUNT):
            groups.add()

    def grow():
        state["hook"] = None
        for _ in range(60):
            groups.add()

    def shrink():
        state["hook"] = None
        groups.remove(len(groups) - 1)

    try:
        for name, stored in (("val", lambda v: v + 0.25), ("got", lambda v: 2 * v), ("plain", lambda v: v)):
            for change in (None, grow, shrink):
                renew()
                with Slicer(groups)[:, name] as vw:
                    np.asarray(vw.memcache)[...] = numbers()
                    state["hook"] = change
                    try:
                        vw.update()
                        count = COUNT
                    except SlicerError as error:
                        assert change is shrink and name == "val" and f"{COUNT - 1} of {COUNT}" in str(error), error
                        count = COUNT - 1
                    state["hook"] = None
                    # 5.2 itself stores the first where it was before its function had the collection grow.
                    first = 1 if change is grow and name == "val" else 0
                    assert [getattr(groups[i], name) for i in range(first, count)] == [
                        stored(v) for v in numbers()[first:count]], (name, change, [getattr(one, name) for one in groups][:3])
                with Slicer(groups)[:, name] as vw:
                    assert vw.memcache.tolist() == [getattr(one, name) for one in groups]
    finally:
        del bpy.types.Scene.within_transformed
        bpy.utils.unregister_class(made)
        gc.collect()


class ClearedElement(bpy.types.PropertyGroup):
    a: bpy.props.FloatProperty(get=lambda self: cleared(self))


due = [-1]


def cleared(_):
    due[0] -= 1
    if due[0] == 0:
        bpy.data.objects["Cleared"].cleared.clear()
    return 1.0


def test_getters_that_clear_while_entering():
    """An error of ours that says so, not bpy's IndexError, however often the like was entered before."""
    from rnaslicer import ShapeChangedError, Slicer, _core
    bpy.utils.register_class(ClearedElement)
    bpy.types.Object.cleared = bpy.props.CollectionProperty(type=ClearedElement)
    try:
        ob = bpy.data.objects.new("Cleared", None)
        found = []
        for known in range(2):
            for items in ((slice(None), "a"), (slice(2, 7), "a"), ([3, 1], "a")):
                for at in (1, 2, 5, 11, 12, 30):
                    due[0] = -1
                    ob.cleared.clear()
                    for _ in range(10):
                        ob.cleared.add()
                    if known:
                        Slicer(ob.cleared)[items].read()
                    else:
                        _core.forget_trails()
                    vw = Slicer(ob.cleared)[items]
                    due[0] = at
                    try:
                        vw.open()
                    except ShapeChangedError as error:
                        found.append(str(error))
                    finally:
                        due[0] = -1
                        vw.close()
        assert any("were taken away meanwhile" in text for text in found)
    finally:
        del bpy.types.Object.cleared
        bpy.utils.unregister_class(ClearedElement)
