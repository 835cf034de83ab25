# tests/blender/trails/test_trails_asked_again.py: what native code asks again before it touches memory, and what it takes for a pointer
"""A trail of a list asks bpy whether the last element may be written, and code of a script may answer: what it did to the
list must be seen. And the pointer to a struct's elements is looked for in the struct alone."""
import bpy
import numpy as np

from support import EVERY, refused, same
from trail_lists import rig
from trail_ways import known, natively


class Answering:
    """A script that has put a function of its own in the place of bpy's: it is asked by native code."""

    def __init__(self, kind, act):
        self.kind, self.act, self.calls = kind, act, 0

    def __enter__(self):
        def answer(struct, name):
            self.calls += 1
            act, self.act = self.act, None
            if act is not None:
                act()
            return bpy.types.bpy_struct.is_property_readonly(struct, name)
        self.kind.is_property_readonly = answer
        return self

    def __exit__(self, *_):
        del self.kind.is_property_readonly


def constrained(count=6):
    ob = bpy.data.objects.new("Constrained", None)
    for i in range(count):
        ob.constraints.new("LIMIT_LOCATION").influence = i / 8
    return ob


def influences(ob):
    return [one.influence for one in ob.constraints]


def test_a_list_that_changes_while_it_is_asked():
    """Removed, added, moved: as many elements at other addresses, or the same ones in another order."""
    from rnaslicer import Slicer
    known(constrained().constraints, EVERY, "influence")

    def first_goes_and_one_comes(ob):
        ob.constraints.remove(ob.constraints[0])
        ob.constraints.new("LIMIT_LOCATION").influence = 1

    def first_is_last(ob):
        ob.constraints.move(0, len(ob.constraints) - 1)

    def one_more(ob):
        ob.constraints.new("LIMIT_LOCATION").influence = 1

    def one_less(ob):
        ob.constraints.remove(ob.constraints[2])
    for act in (first_goes_and_one_comes, first_is_last, one_more, one_less):
        for part in (EVERY, slice(1, 4)):
            ob = constrained()
            with Slicer(ob.constraints)[:, "influence"] as vw:
                natively("refresh", vw.refresh)
                np.asarray(vw.memcache)[...] = wanted = [0.5, 0.25, 0.75, 0.125, 0.625, 0.375]
                with Answering(bpy.types.Constraint, lambda: act(ob)) as script:
                    if len(ob.constraints) == 6 and act in (first_goes_and_one_comes, first_is_last):
                        vw.update(vw.memcache[part])
                    else:
                        with refused("ShapeChangedError", "6"):
                            vw.update(vw.memcache[part])
                assert script.calls, act
            if act in (first_goes_and_one_comes, first_is_last):  # an index means whatever is there
                before = influences(constrained())
                now = influences(ob)
                same(now[part], wanted[part])
                rest = before[1:] + [1.0 if act is first_goes_and_one_comes else before[0]]
                same([one for i, one in enumerate(now) if i not in range(6)[part]],
                     [one for i, one in enumerate(rest) if i not in range(6)[part]])
            else:
                rest = influences(constrained())
                same(influences(ob), rest + [1.0] if act is one_more else rest[:2] + rest[3:])


def test_bones_that_go_while_they_are_asked():
    from rnaslicer import Slicer
    ob = rig(8)
    known(ob.pose.bones, EVERY, "location")
    other = rig(8, "Other")
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        np.asarray(vw.memcache)[...] = 2

        def another_armature():
            ob.data = other.data
            bpy.context.view_layer.update()
        with Answering(bpy.types.PoseBone, another_armature) as script:
            vw.update()
        assert script.calls
        same([list(bone.location) for bone in ob.pose.bones], [[2.0] * 3] * 8)


def test_the_pointer_to_elements_lies_in_the_struct():
    """What every struct has behind it, where something else is allocated, is no pointer of theirs."""
    from rnaslicer import Slicer, _core
    from rnaslicer.transfer import described
    from rnaslicer.transfer.choice import choose
    curve = bpy.data.curves.new("Curve", "CURVE")
    for i in range(4):
        curve.splines.new("POLY").points.add(5 + i)
    ob = bpy.data.objects.new("Keys", None)
    for frame in range(4):
        ob.keyframe_insert("location", frame=frame)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    mask = bpy.data.masks.new("Mask")
    layer = mask.layers.new()
    for _ in range(3):
        layer.splines.new().points.add(4)
    kinds = [(curve.splines, "points", "weight"), (curves, "keyframe_points", "co"), (layer.splines, "points", "weight")]
    for supplier, name, value in kinds:
        wrapper = Slicer(supplier, ragged="flat")[:, name, :, value]
        leaves, view = wrapper.leaves(), wrapper._resolve()
        routes = [choose(leaf, view) for leaf in leaves]
        place = described.place_of_arrays(routes)
        assert place is not None and place < 256, (supplier, place)
        true = _core.read_memory
        for wrong in (248, 8 * (place // 8 + 1)):
            bases = {}
            for struct in supplier:
                bases[struct.as_pointer()] = getattr(struct, name)[0].as_pointer()

            def behind(address, length, bases=bases, wrong=wrong):
                if address not in bases:  # what types say
                    return true(address, length)
                return bytes(wrong) + bases[address].to_bytes(8, "little") + bytes(length - wrong - 8)
            _core.read_memory = behind
            try:
                assert described.place_of_arrays(routes) is None, (supplier, wrong)
            finally:
                _core.read_memory = true
