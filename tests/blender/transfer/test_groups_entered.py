# tests/blender/transfer/test_groups_entered.py: tables of scripts' groups, entered again and again
"""A known table is entered by native code (trail/groups/groups.hpp). It must see all that has changed since; the oracle
is bpy. Whether native code has entered it is counted: else a test of what changes could not fail."""
import ctypes
import itertools
import struct
import unittest

import bpy
import numpy as np
from rnaslicer.blender.registered import bytes_of

from counted_calls import counted
from groups_data import COUNT, DirectElement, by_bpy, fill, owner, read, registered, same
from support import refused
from trail_ways import counts, natively

ONE_SHOT, REFRESH, UPDATE = 60, 6, 10  # calls: half of the first before it is made, whether its class is registered


def again(coll, name, direct=True):
    """Whether native code does one more enter; its values must be bpy's."""
    before = counts()["enter"][0]
    same(read(coll, name, direct=direct), by_bpy(coll, name))
    return counts()["enter"][0] > before


def test_calls(name):
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, name)

        def enter():
            with Slicer(ob.direct)[:, name]:
                pass
        found = counted(enter)
        assert found <= ONE_SHOT, found
        natively("enter", enter)
        with Slicer(ob.direct)[:, name] as vw:
            vw.update()  # what the kernel stores is compared with what bpy stores, once
            found = counted(vw.refresh), counted(vw.update)
            assert found[0] <= REFRESH and found[1] <= UPDATE, found
            natively("refresh", vw.refresh)
            natively("update", vw.update)
            part = vw.memcache[3:40:2]
            natively("refresh", lambda: vw.refresh(part))
            if name != "kind":  # numbers are compared with the items, of all
                natively("update", lambda: vw.update(part))
        same(read(ob.direct, name), by_bpy(ob.direct, name))


test_calls.cases = {name: (name,) for name in ("x", "whole", "flag", "vec", "color", "numbers", "flags", "kind")}


def _block(prop):
    """(address of a property, its bytes, bytes that malloc gave from there). Its size is in front of it."""
    usable = ctypes.CDLL(None).malloc_usable_size
    usable.argtypes, usable.restype = [ctypes.c_void_p], ctypes.c_size_t
    at = prop.as_pointer()
    return at, len(bytes_of(prop)), usable(at - 8) - 8


def test_bytes_of_a_property():
    """What is compared of a property has its default, which is near the end, and no more than is its own."""
    with registered():
        props = DirectElement.bl_rna.properties
        for prop in props:
            if prop.is_runtime:
                _, size, given = _block(prop)
                assert size <= given, prop.identifier
        assert struct.pack("f", 2.5) in bytes_of(props["x"]) and struct.pack("i", -7) in bytes_of(props["whole"])


def test_what_lies_behind_a_property():
    """It changes at any time, and Python is not asked whether the property is the same."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, "flag")
        at, size, given = _block(DirectElement.bl_rna.properties["flag"])
        if given < size + 8:
            raise unittest.SkipTest("malloc gave no byte more than was asked for")
        behind = itertools.count()

        def enter():
            ctypes.memset(at + size, next(behind), 8)
            with Slicer(ob.direct)[:, "flag"]:
                pass
        found = counted(enter)
        assert found <= ONE_SHOT, found
        same(read(ob.direct, "flag"), by_bpy(ob.direct, "flag"))


def test_several_properties():
    from rnaslicer import Slicer
    with registered():
        ob, other = owner(), owner(40)
        for one in (ob, other):
            for name in ("x", "x2"):
                fill(one.direct, name, range(len(one.direct)))
        for one in (ob, ob, other):
            before = counts()["enter"][0]
            with Slicer(one.direct)[3:, ("x", "x2")] as vw:
                same(vw.memcache, np.stack([by_bpy(one.direct, name)[3:] for name in ("x", "x2")], 1))
                np.asarray(vw.memcache)[:] += 1
                vw.update()
                vw.refresh()  # one of them has a range
                same(vw.memcache, np.stack([by_bpy(one.direct, name)[3:] for name in ("x", "x2")], 1))
        assert counts()["enter"][0] > before


def test_written():
    """What native code stores, of ranges, orders and parts, is what bpy stores."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        for name, values in (("x", np.linspace(-9, 90, COUNT)), ("whole", np.arange(COUNT) * 3 - 60),
                             ("vec", np.linspace(-9, 90, 3 * COUNT).reshape(COUNT, 3))):
            fill(ob.direct, name)
            for rows in (slice(None), slice(None, None, -2), slice(5, 40)):
                with Slicer(ob.direct)[rows, name] as vw:
                    vw.update()
                with Slicer(ob.direct)[rows, name] as vw:
                    cache = np.asarray(vw.memcache)
                    cache[:] = values[rows]
                    natively("update", vw.update)
                    low, high = (-30, 40) if name == "whole" else (-5, 50)
                    same(by_bpy(ob.direct, name)[rows], np.clip(cache, low, high))
                    natively("refresh", vw.refresh)
                    same(vw.memcache, by_bpy(ob.direct, name)[rows])


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
            change()
            assert again(ob.direct, "x")
        ob.direct.clear()
        assert not again(ob.direct, "x")
        ob.direct.add()
        again(ob.direct, "x")


def test_other_datablocks():
    """Each has its own, also one that gets the name of another."""
    with registered():
        ob, other = owner(), owner()
        fill(ob.direct, "vec", seed=3)
        read(ob.direct, "vec")
        for one in (ob, other):
            assert again(one.direct, "vec")
        name = ob.name
        bpy.data.objects.remove(ob)
        other.name = name
        assert again(other.direct, "vec")
        assert again(owner(9).direct, "vec")


def test_two_at_once():
    """Two contexts on the same do not share what they compare."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, "x")
        read(ob.direct, "x")
        with Slicer(ob.direct)[:, "x"] as first, Slicer(ob.direct)[:, "x"] as second:
            assert first._run is not second._run
            np.asarray(first.memcache)[:] = 3
            first.update()
            second.refresh()
            same(second.memcache, by_bpy(ob.direct, "x"))
            assert again(ob.direct, "x")
            ob.direct.add()
            for vw in (first, second):
                with refused("ShapeChangedError"):
                    vw.refresh()
        assert again(ob.direct, "x")


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
    from rnaslicer import _core
    from rnaslicer.layout import proof
    from rnaslicer.transfer.composed import grouped
    with registered():
        ob = owner()
        fill(ob.direct, "vec")
        read(ob.direct, "vec")
        assert again(ob.direct, "vec")
        same_value, check_of = proof.same_value, grouped.check_of
        try:
            # The bytes before: what the allocator keeps there is ours to read, behind the vector is nothing.
            grouped.check_of = lambda *args: {**check_of(*args), "source_offset": -4}
            _core.forget_trails()
            for _ in range(2):
                assert not again(ob.direct, "vec")
            proof.same_value = lambda *_: False
            assert not again(ob.direct, "vec", direct=False)
        finally:
            proof.same_value, grouped.check_of = same_value, check_of
        _core.forget_trails()
        assert not again(ob.direct, "vec")
        assert again(ob.direct, "vec")


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
