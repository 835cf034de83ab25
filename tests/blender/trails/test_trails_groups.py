# tests/blender/trails/test_trails_groups.py: tables of scripts' groups by trails that outlive what they were made for
"""Classes and properties registered anew, files, undo, groups that hold a value in another way: the right value, or a
named error. bpy says what is right."""
import os
import tempfile

import bpy
import numpy as np

from support import EVERY, plain, refused, same
from trail_ways import known, natively, read

FLOAT = dict(default=0.25, min=-5, max=50)


class Registered:
    """A class TrailGroup with a property `number`, and `Object.trail_groups` of it; again() registers another one."""

    def __init__(self, prop=None):
        self.cls = None
        self.again(prop if prop is not None else bpy.props.FloatProperty(**FLOAT))

    def again(self, prop):
        self.drop()
        self.cls = type("TrailGroup", (bpy.types.PropertyGroup,), {"__annotations__": {"number": prop}})
        bpy.utils.register_class(self.cls)
        bpy.types.Object.trail_groups = bpy.props.CollectionProperty(type=self.cls)

    def drop(self):
        if self.cls is not None:
            del bpy.types.Object.trail_groups
            bpy.utils.unregister_class(self.cls)
            self.cls = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()


def owner(count=12, start=1.0, step=0.5):
    ob = bpy.data.objects.new("Owner", None)
    bpy.context.scene.collection.objects.link(ob)
    for i in range(count):
        one = ob.trail_groups.add()
        one.number = type(one.number)(start + step * i)
    return ob


def values(ob):
    return [plain(one.number) for one in ob.trail_groups]


def groups(ob):
    from rnaslicer import Slicer
    return Slicer(ob.trail_groups)[:, "number"]


def learnt():
    """A trail that native code has entered, refreshed and updated."""
    ob = owner()
    read(ob.trail_groups, EVERY, "number")  # how groups are kept may only be learnt at the next one
    known(ob.trail_groups, EVERY, "number")
    with groups(ob) as vw:
        vw.update()
        natively("update", vw.update)
        natively("refresh", vw.refresh)


def test_other_datablocks():
    with Registered():
        learnt()
        for count in (1, 2, 5, 40, 300):
            ob = owner(count, 3)
            got, native = read(ob.trail_groups, EVERY, "number")
            assert native
            same(got, values(ob))
            with groups(ob) as vw:
                np.asarray(vw.memcache)[:] = np.linspace(-9, 60, count)
                natively("update", vw.update)
                same(values(ob), np.clip(np.linspace(-9, 60, count, dtype="f"), -5, 50).tolist())
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(), values(ob))


def test_a_class_registered_anew():
    """Under the same name, with another type, as many times; groups of before are groups still."""
    kinds = [lambda: bpy.props.FloatProperty(**FLOAT), bpy.props.IntProperty, bpy.props.BoolProperty,
             lambda: bpy.props.FloatProperty(default=7, max=3)]
    with Registered() as registered:
        for make in (*kinds, *kinds):
            registered.again(make())
            for _ in range(2):
                ob = owner()
                for _ in range(2):
                    same(plain(read(ob.trail_groups, EVERY, "number")[0]), values(ob))
            assert read(ob.trail_groups, EVERY, "number")[1]
            with groups(ob) as vw:
                vw.update()
                natively("update", vw.update)
                other = make()
                before = values(ob)
                registered.again(other)
                for use in (vw.refresh, vw.update):
                    try:
                        use()
                    except Exception as error:
                        assert type(error).__module__.startswith("rnaslicer"), error
                same(values(ob), before)


def test_a_class_unregistered_while_held():
    with Registered() as registered:
        learnt()
        ob = owner()
        with groups(ob) as vw:
            bpy.utils.unregister_class(registered.cls)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "unregistered"):
                    use()
            with refused("SupplierLostError"):
                groups(ob).open()
            bpy.utils.register_class(registered.cls)


def test_another_type_while_held():
    """As many bytes and of the same format: an integer, then an enum."""
    items = [("A", "A", "", 4), ("B", "B", "", 1)]
    with Registered(bpy.props.IntProperty()) as registered:
        learnt()
        ob = owner(8, 1, 0)
        with groups(ob) as vw:
            registered.cls.number = bpy.props.EnumProperty(items=items)
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "number"):
                    use()
            assert {one.number for one in ob.trail_groups} == {"B"}


def test_functions_while_held():
    """A property that has functions now: they run for each, as bpy's loop has them run."""
    with Registered() as registered:
        learnt()
        ob, seen = owner(), []
        with groups(ob) as vw:
            wanted = values(ob)
            registered.cls.number = bpy.props.FloatProperty(**FLOAT, update=lambda self, _: seen.append(self.number))
            vw.refresh()
            same(vw.memcache.tolist(), wanted)
            vw.update()
            assert len(seen) >= 12, seen
            registered.cls.number = bpy.props.FloatProperty(get=lambda self: 6.0, set=lambda self, value: None)
            vw.refresh()
            same(vw.memcache.tolist(), [6.0] * 12)
        registered.cls.number = bpy.props.FloatProperty(**FLOAT)
        known(ob.trail_groups, EVERY, "number")


def test_another_range_while_held():
    with Registered() as registered:
        learnt()
        ob = owner()
        with groups(ob) as vw:
            registered.cls.number = bpy.props.FloatProperty(min=3, max=4)
            np.asarray(vw.memcache)[:] = np.arange(12)
            vw.update()
            same(values(ob), np.clip(np.arange(12.0), 3, 4).tolist())


def test_another_default():
    """Of groups that hold nothing."""
    with Registered() as registered:
        learnt()
        ob = bpy.data.objects.new("Owner", None)
        for _ in range(9):
            ob.trail_groups.add()
        with groups(ob) as vw:
            for default in (0.25, 3.5, -2.0):
                registered.cls.number = bpy.props.FloatProperty(**{**FLOAT, "default": default})
                vw.refresh()
                same(vw.memcache.tolist(), [default] * 9)
                same(read(ob.trail_groups, EVERY, "number")[0], [default] * 9)
            np.asarray(vw.memcache)[:] = 1  # which each has to be given first
            vw.update()
            same(values(ob), [1.0] * 9)
            natively("refresh", vw.refresh)


def test_groups_that_hold_it_in_another_way():
    """One, which no sample shows: another type by item access, or nothing at all."""
    with Registered():
        learnt()
        ob = owner(60)
        with groups(ob) as vw:
            for change in (lambda: ob.trail_groups[45].property_unset("number"),
                           lambda: ob.trail_groups[45].__setitem__("number", 7),
                           lambda: ob.trail_groups[45].__setitem__("number", 7.25),
                           lambda: setattr(ob.trail_groups[45], "number", 9)):
                try:
                    change()
                except (TypeError, KeyError):  # where a group takes no items
                    continue
                vw.refresh()
                same(vw.memcache.tolist(), values(ob))
                same(read(ob.trail_groups, EVERY, "number")[0], values(ob))
                np.asarray(vw.memcache)[:] += 1
                vw.update()
                vw.refresh()
                same(vw.memcache.tolist(), values(ob))


def test_rows_come_and_go():
    with Registered():
        learnt()
        for change in (lambda coll: coll.add(), lambda coll: coll.remove(3), lambda coll: coll.clear()):
            ob = owner()
            with groups(ob) as vw:
                change(ob.trail_groups)
                for use in (vw.refresh, vw.update):
                    with refused("ShapeChangedError"):
                        use()
            same(read(ob.trail_groups, EVERY, "number")[0], values(ob))
        ob = owner()
        with groups(ob) as vw:
            ob.trail_groups.move(2, 9)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), values(ob))


def test_undo_load_and_removal():
    bpy.context.preferences.edit.use_global_undo = True
    with Registered():
        learnt()
        ob = owner()
        name = ob.name
        bpy.context.view_layer.update()
        bpy.ops.ed.undo_push(message="made")
        before = values(ob)
        with groups(ob) as vw:
            np.asarray(vw.memcache)[:] += 1
            natively("update", vw.update)
            bpy.ops.ed.undo_push(message="written")
            bpy.ops.ed.undo()
            vw.refresh()
            same(vw.memcache.tolist(), before)
            bpy.ops.ed.redo()
            vw.refresh()
            same(vw.memcache.tolist(), values(bpy.data.objects[name]))
            bpy.data.objects.remove(bpy.data.objects[name])
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError"):
                    use()
        ob = owner()
        name = ob.name
        with tempfile.TemporaryDirectory() as folder, groups(ob) as vw:
            path = os.path.join(folder, "groups.blend")
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "loaded"):
                    use()
            ob = bpy.data.objects[name]
            same(known(ob.trail_groups, EVERY, "number"), values(ob))
            bpy.ops.wm.read_homefile(use_factory_startup=True)


def test_what_is_linked_is_not_written():
    with Registered(), tempfile.TemporaryDirectory() as folder:
        learnt()
        ob = owner()
        wanted, path = values(ob), os.path.join(folder, "groups_library.blend")
        ob.name = "Linked"
        bpy.data.libraries.write(path, {ob}, fake_user=True)
        bpy.data.objects.remove(ob)
        with bpy.data.libraries.load(path, link=True) as (_, names):
            names.objects = ["Linked"]
        with groups(names.objects[0]) as vw:
            same(vw.memcache.tolist(), wanted)
            np.asarray(vw.memcache)[:] = 1
            with refused("ReadOnlyError", "linked"):
                vw.update()
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), wanted)


def test_numbers_of_an_enum():
    """Its own: what is no item is refused, and what a group holds that is none is left to bpy."""
    items = [("A", "A", "", 4), ("B", "B", "", 1), ("C", "C", "", 70001)]
    with Registered(bpy.props.EnumProperty(items=items)):
        ob = bpy.data.objects.new("Owner", None)
        for i in range(30):
            ob.trail_groups.add().number = "ABC"[i % 3]
        same(known(ob.trail_groups, EVERY, "number"), [(4, 1, 70001)[i % 3] for i in range(30)])
        with groups(ob) as vw:
            vw.update()
            np.asarray(vw.memcache)[:] = 1
            natively("update", vw.update)
            assert {one.number for one in ob.trail_groups} == {"B"}
            np.asarray(vw.memcache)[17] = 2
            with refused("ValueRangeError", "2"):
                vw.update()
            assert {one.number for one in ob.trail_groups} == {"B"}


def test_registered_anew_in_place_between_calls():
    """By an even number of times: what is freed is taken again, and the property's own bytes are as before."""
    props = [(bpy.props.FloatVectorProperty, lambda n: (n, 1, n)), (bpy.props.IntVectorProperty, lambda n: (n, 1, n)),
             (bpy.props.BoolVectorProperty, lambda n: (n % 2 == 0, True, n % 3 == 0))]
    for make, default in props:
        with Registered(make(size=3, default=default(0))) as registered:
            ob = owner(0)
            for _ in range(12):
                ob.trail_groups.add()
            learnt_of(ob)
            with groups(ob) as vw:
                for number in range(1, 13):
                    for one in (number + 50, number):
                        registered.cls.number = make(size=3, default=default(one))
                    vw.refresh()
                    same(plain(vw.memcache.tolist()), values(ob))


def test_items_registered_anew_in_place():
    """Numbers that are no items any more are not stored."""
    def items(last):
        return bpy.props.EnumProperty(items=[("A", "A", "", 3), ("B", "B", "", last)], default="A")
    for times in (1, 2):
        with Registered(items(7)) as registered:
            ob = owner(0)
            for _ in range(12):
                ob.trail_groups.add().number = "B"
            learnt_of(ob)
            with groups(ob) as vw:
                for last in range(9, 9 + times):
                    registered.cls.number = items(last)
                for one in ob.trail_groups:
                    one.number = "A"
                np.asarray(vw.memcache)[1:] = 7
                with refused("ValueRangeError", "7", "no item"):
                    vw.update()
                assert [one.number for one in ob.trail_groups] == ["A"] * 12
                vw.refresh()
                np.asarray(vw.memcache)[1:] = last
                vw.update()
                assert [one.number for one in ob.trail_groups] == ["A"] + ["B"] * 11


def learnt_of(ob):
    for _ in range(3):
        with groups(ob) as vw:
            vw.update()
            vw.refresh()
