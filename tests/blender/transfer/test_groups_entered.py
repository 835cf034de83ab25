# tests/blender/transfer/test_groups_entered.py: tables of scripts' groups, entered again and again
"""A second enter takes the routes of the first (entered/again.py). It must see all that has changed since; the oracle is
bpy. Whether it was entered so is counted: else a test of what changes could not fail."""
import cProfile

import bpy
import numpy as np

from support import refused
from test_groups_direct import COUNT, DirectElement, by_bpy, fill, owner, read, registered, same

CALLS = 320  # of making, entering and leaving; resolving and proving anew takes 650


def again(coll, name, direct=True):
    """Whether one more enter takes the routes of before; its values must be bpy's."""
    from rnaslicer.entered import trailed
    entered, taken = trailed.entered_again, []

    def noted(*args):
        taken.append(entered(*args))
        return taken[-1]
    trailed.entered_again = noted
    try:
        same(read(coll, name, direct=direct), by_bpy(coll, name))
    finally:
        trailed.entered_again = entered
    return taken[0] is not None


def test_calls(name):
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, name)

        def enter():
            with Slicer(ob.direct)[:, name]:
                pass
        enter()
        enter()
        profile = cProfile.Profile()
        profile.enable()
        enter()
        profile.disable()
        calls = sum(entry.callcount for entry in profile.getstats())
        assert calls <= CALLS, calls
        assert again(ob.direct, name)


test_calls.cases = {name: (name,) for name in ("x", "vec", "kind")}


def test_what_changes():
    """Values, what some groups do not have, how one holds it, the length; each enter gives what bpy gives."""
    with registered():
        ob = owner()
        fill(ob.direct, "x", range(0, COUNT, 2))
        read(ob.direct, "x")
        assert again(ob.direct, "x")
        fill(ob.direct, "x", seed=5)
        assert again(ob.direct, "x")
        ob.direct[40].property_unset("x")
        assert again(ob.direct, "x")
        ob.direct[33].property_unset("x")
        ob.direct[33]["x"] = 7  # a whole number, which no sample shows
        assert not again(ob.direct, "x", direct=False)
        ob.direct[33].x = 7.5
        read(ob.direct, "x")
        for change in (lambda: ob.direct.add(), lambda: ob.direct.remove(3), lambda: ob.direct.move(1, 50)):
            moved = len(ob.direct)
            change()
            assert again(ob.direct, "x") == (moved == len(ob.direct))
        ob.direct.clear()
        assert not again(ob.direct, "x")


def test_other_datablocks():
    """Each has its own, also one that gets the name of another."""
    with registered():
        ob, other = owner(), owner()
        fill(ob.direct, "vec", seed=3)
        for one in (ob, other):
            assert not again(one.direct, "vec")
            assert again(one.direct, "vec")
        name = ob.name
        bpy.data.objects.remove(ob)
        other.name = name
        assert again(other.direct, "vec")
        late = owner()
        assert not again(late.direct, "vec")


def test_two_at_once():
    """Two contexts on the same do not share what they compare."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, "x")
        read(ob.direct, "x")
        with Slicer(ob.direct)[:, "x"] as first, Slicer(ob.direct)[:, "x"] as second:
            assert first._routes[0] is not second._routes[0]
            np.asarray(first.memcache)[:] = 3
            first.update()
            second.refresh()
            same(second.memcache, by_bpy(ob.direct, "x"))
            assert again(ob.direct, "x")
            ob.direct.add()
            for vw in (first, second):
                with refused("ShapeChangedError"):
                    vw.refresh()
        assert not again(ob.direct, "x")


def test_registered_anew():
    """With another default, functions, another range, as a number of another type."""
    with registered():
        ob = owner()
        fill(ob.direct, "x", range(0, COUNT, 2))
        read(ob.direct, "x")
        functions = {"get": lambda self: 6.0, "set": lambda self, value: None}
        try:
            DirectElement.x = bpy.props.FloatProperty(default=7.5)
            again(ob.direct, "x")  # where only the default is another, either way is right
            for anew, direct in (({"default": 8.5, **functions}, False), ({"default": 9.5, "min": 3, "max": 4}, True)):
                DirectElement.x = bpy.props.FloatProperty(**anew)
                assert not again(ob.direct, "x", direct)
                assert again(ob.direct, "x", direct) == direct
            DirectElement.x = bpy.props.IntProperty(default=3)
            for one in ob.direct:
                one.x = 4
            assert not again(ob.direct, "x")
        finally:
            DirectElement.x = bpy.props.FloatProperty(default=2.5, min=-5, max=50)


def test_registered_no_more():
    """The class, then the collection of it as one of another class with the same property."""
    with registered():
        ob = owner()
        fill(ob.direct, "x")
        read(ob.direct, "x")
        bpy.utils.unregister_class(DirectElement)
        with refused("SupplierLostError"):
            read(ob.direct, "x")
        bpy.utils.register_class(DirectElement)
        bpy.types.Object.direct = bpy.props.CollectionProperty(type=DirectElement)
        assert not again(ob.direct, "x")
        assert again(ob.direct, "x")
        other = type("DirectOther", (bpy.types.PropertyGroup,), {"__annotations__": {
            "x": bpy.props.FloatProperty(default=2.5, min=-5, max=50)}})
        bpy.utils.register_class(other)
        try:
            bpy.types.Object.direct = bpy.props.CollectionProperty(type=other)
            assert not again(ob.direct, "x")
        finally:
            bpy.types.Object.direct = bpy.props.CollectionProperty(type=DirectElement)
            bpy.utils.unregister_class(other)


def test_bpy_is_asked():
    """Values that are compared with bpy's at each enter: where they differ, bpy reads."""
    from rnaslicer.layout import proof
    with registered():
        ob = owner()
        fill(ob.direct, "x")
        read(ob.direct, "x")
        same_value = proof.same_value
        try:
            proof.same_value = lambda *_: False
            assert not again(ob.direct, "x", direct=False)
        finally:
            proof.same_value = same_value
        assert not again(ob.direct, "x")
        assert again(ob.direct, "x")


def test_cleared():
    """Cleared kernels are not kept by what was entered before."""
    from rnaslicer.inspection import clear_cache
    with registered():
        ob = owner()
        fill(ob.direct, "x")
        read(ob.direct, "x")
        assert again(ob.direct, "x")
        clear_cache()
        assert not again(ob.direct, "x")
        assert again(ob.direct, "x")


def test_in_groups():
    """A table within an element, and elements that change places."""
    with registered():
        ob = owner(5)
        for i in range(COUNT):
            for at in (1, 2):
                ob.direct[at].parts.add().weight = 9 * i + at
        read(ob.direct[2].parts, "weight")
        assert again(ob.direct[2].parts, "weight")
        assert not again(ob.direct[1].parts, "weight")
        ob.direct.move(1, 3)
        assert again(ob.direct[1].parts, "weight")
        ob.direct.move(1, 4)
        assert not again(ob.direct[1].parts, "weight")
