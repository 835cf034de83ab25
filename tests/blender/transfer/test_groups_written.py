# tests/blender/transfer/test_groups_written.py: PropertyGroups in a collection are written as a loop of assignments leaves them
"""Where a property has functions of the script, each element is found anew right before it is assigned; where it has none,
nothing can take an element away meanwhile. bpy's foreach_set tags the datablock, which assigning does not."""
import contextlib

import bpy
import numpy as np

import derived_values as derived
from support import plain

COUNT = 60
heard = []


def called(self, _context):
    heard.append(self.as_pointer())


def taken(self, value):
    self["kept"] = value


class TestedElement(bpy.types.PropertyGroup):
    x: bpy.props.FloatProperty(min=-5, max=50)
    whole: bpy.props.IntProperty(min=-3, max=40)
    flag: bpy.props.BoolProperty()
    vec: bpy.props.FloatVectorProperty(size=3, min=-5, max=50)
    color: bpy.props.FloatVectorProperty(subtype="COLOR", size=4, min=0, max=1)
    numbers: bpy.props.IntVectorProperty(size=4, min=-3, max=40)
    flags: bpy.props.BoolVectorProperty(size=4)
    untouched: bpy.props.FloatProperty(default=2.5)
    kind: bpy.props.EnumProperty(items=[("A", "A", ""), ("B", "B", ""), ("C", "C", "")])
    told: bpy.props.FloatProperty(update=called)
    told_vec: bpy.props.FloatVectorProperty(size=3, update=called)
    own: bpy.props.FloatProperty(get=lambda self: self.get("kept", 0.0), set=taken)


ALONE = "x", "whole", "flag", "vec", "color", "numbers", "flags", "kind"
WITH_FUNCTIONS = "told", "told_vec", "own"


@contextlib.contextmanager
def registered():
    bpy.utils.register_class(TestedElement)
    bpy.types.Object.tested = bpy.props.CollectionProperty(type=TestedElement)
    bpy.types.Bone.tested_number = bpy.props.FloatProperty()
    bpy.types.Bone.tested_told = bpy.props.FloatProperty(update=called)
    heard.clear()
    try:
        yield
    finally:
        del bpy.types.Object.tested, bpy.types.Bone.tested_number, bpy.types.Bone.tested_told
        bpy.utils.unregister_class(TestedElement)


def groups(count=COUNT):
    """An object's groups, of which only some have any value yet."""
    ob = bpy.data.objects.new("Owner", None)
    bpy.context.scene.collection.objects.link(ob)
    for i in range(count):
        one = ob.tested.add()
        if i % 3 == 0:
            one.x, one.vec, one.whole, one.flag = i, (i, 1, 2), i % 7, True
    return ob


def values_for(name, coll):
    """Random values, some beyond the range."""
    rng = np.random.default_rng(len(name))
    width = len(getattr(coll[0], name)) if name in ("vec", "color", "numbers", "flags", "told_vec") else 1
    if name in ("flag", "flags"):
        found = rng.integers(0, 2, (len(coll), width))
    elif name == "kind":
        found = rng.integers(0, 3, (len(coll), 1))
    else:
        found = rng.uniform(-9, 60, (len(coll), width)).astype("i" if name in ("whole", "numbers") else "f")
    return found


def assign(coll, name, values, rows=None):
    for i in range(len(coll)) if rows is None else rows:
        row = values[i].tolist()
        row = list(map(bool, row)) if "flag" in name else row
        setattr(coll[i], name, "ABC"[row[0]] if name == "kind" else row if len(row) > 1 else row[0])


def content(ob):
    names = (*ALONE, *WITH_FUNCTIONS, "untouched")
    return [[(name, one.is_property_set(name), plain(kept(getattr(one, name)))) for name in names] + [sorted(one.keys())]
            for one in ob.tested]


def kept(value):
    return list(value) if hasattr(value, "__len__") and not isinstance(value, str) else value


class Found:
    """Counts, while it is open, how often elements were found anew for their assignments."""

    def __enter__(self):
        from rnaslicer.transfer import element
        self.module, self.finds, self.count = element, element.finds, 0

        def counted(*arguments):
            self.count += 1
            return self.finds(*arguments)
        element.finds = counted
        return self

    def __exit__(self, *_):
        self.module.finds = self.finds


def update(coll, name, values, region=None):
    """Whether elements were found anew."""
    from rnaslicer import Slicer
    with Slicer(coll)[:, name] as vw:
        cache = np.asarray(vw.memcache)
        cache[...] = values.reshape(cache.shape)
        with Found() as found:
            vw.update(vw.memcache[region] if region else None)
    return found.count > 0


def outcome(ob, act):
    """(what is there, what handlers hear, what the script is told) after `act`."""
    bpy.context.view_layer.update()
    heard.clear()
    with derived.Updates() as updates:
        act()
        bpy.context.view_layer.update()
    return content(ob), plain(repr(updates.calls)), len(heard)


def test_as_the_loop(name):
    with registered():
        theirs, ours = groups(), groups()
        ours.name = theirs.name = "Owner"
        values = values_for(name, theirs.tested)
        wanted = outcome(theirs, lambda: assign(theirs.tested, name, values))
        anew = []
        found = outcome(ours, lambda: anew.append(update(ours.tested, name, values)))
        assert found[0] == wanted[0], next((a, b) for a, b in zip(found[0], wanted[0]) if a != b)
        assert found[1].replace(ours.name, theirs.name) == wanted[1] and found[2] == wanted[2], (found[1:], wanted[1:])
        assert anew == [name in WITH_FUNCTIONS]


test_as_the_loop.cases = {name: (name,) for name in ALONE + WITH_FUNCTIONS}


def test_a_region():
    """Elements beside it stay unset."""
    with registered():
        ob, other = groups(), groups()
        values = values_for("vec", ob.tested)
        assert not update(ob.tested, "vec", values, slice(1, 40, 3))
        assign(other.tested, "vec", values, range(1, 40, 3))
        assert content(ob) == content(other)


def test_registered_anew_with_a_function():
    """While a wrapper is entered the script registers the property again, now with `update=`."""
    from rnaslicer import Slicer
    with registered():
        ob = groups()
        with Slicer(ob.tested)[:, "x"] as vw:
            vw.update()
            assert not heard
            TestedElement.x = bpy.props.FloatProperty(min=-5, max=50, update=called)
            with Found() as found:
                vw.update()
            assert len(heard) == COUNT and found.count
            TestedElement.x = bpy.props.FloatProperty(min=-5, max=50)
            with Found() as found:
                vw.update()
            assert len(heard) == COUNT and not found.count


def test_where_bpy_does_not_tell():
    """Each is found anew where it cannot be seen whether there are functions."""
    from rnaslicer.blender import callbacks
    with registered():
        ob, words = groups(), callbacks._words
        values = values_for("x", ob.tested)
        callbacks.forget()
        try:
            callbacks._words = lambda _: None
            assert update(ob.tested, "x", values)
        finally:
            callbacks._words = words
            callbacks.forget()
        assert not update(ob.tested, "x", values)
        assert [plain(one.x) for one in ob.tested] == plain(np.clip(values[:, 0], -5, 50).tolist())


def test_functions_are_told_apart():
    from rnaslicer.blender import callbacks
    with registered():
        found = {prop.identifier: callbacks.has_callbacks(prop) for prop in TestedElement.bl_rna.properties
                 if prop.is_runtime}
        assert {name for name, has in found.items() if has} == set(WITH_FUNCTIONS), found
        assert not hasattr(bpy.types, "RNASLICER_callbacks_probe")


def test_bones():
    with registered():
        armature = bpy.data.armatures.new("A")
        rig = bpy.data.objects.new("A", armature)
        bpy.context.scene.collection.objects.link(rig)
        bpy.context.view_layer.objects.active = rig
        bpy.ops.object.mode_set(mode="EDIT")
        for i in range(20):
            bone = armature.edit_bones.new(f"bone {i}")
            bone.head, bone.tail = (0, 0, i), (0, 1, i)
        bpy.ops.object.mode_set(mode="OBJECT")
        values = np.arange(20, dtype="f")[:, None]
        assert not update(armature.bones, "tested_number", values)
        assert [bone.tested_number for bone in armature.bones] == list(range(20))
        assert update(armature.bones, "tested_told", values) and len(heard) == 20
