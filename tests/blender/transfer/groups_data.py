# tests/blender/transfer/groups_data.py: a script's PropertyGroup with a property of each kind, and its values by bpy
import contextlib

import bpy
import numpy as np

from support import EVERY

COUNT = 70
ITEMS = [("A", "A", "", 4), ("B", "B", "", 1), ("C", "C", "", 70001)]
FLAGS = [("A", "A", "", 1), ("B", "B", "", 2), ("C", "C", "", 4)]


class DirectPart(bpy.types.PropertyGroup):
    weight: bpy.props.FloatProperty(default=0.5)


class DirectElement(bpy.types.PropertyGroup):
    title: bpy.props.StringProperty()
    x: bpy.props.FloatProperty(default=2.5, min=-5, max=50)
    x2: bpy.props.FloatProperty()
    whole: bpy.props.IntProperty(default=-7, min=-30, max=40)
    flag: bpy.props.BoolProperty(default=True)
    vec: bpy.props.FloatVectorProperty(size=3, default=(1, -2, 3), min=-5, max=50)
    color: bpy.props.FloatVectorProperty(subtype="COLOR", size=4, min=0, max=1, default=(0.1, 0.2, 0.3, 1))
    matrix: bpy.props.FloatVectorProperty(subtype="MATRIX", size=16)
    table: bpy.props.FloatVectorProperty(size=(2, 3), default=((1, 2, 3), (4, 5, 6)))
    numbers: bpy.props.IntVectorProperty(size=4, default=(4, 3, 2, 1))
    flags: bpy.props.BoolVectorProperty(size=5, default=(True, False, True, False, False))
    kind: bpy.props.EnumProperty(items=ITEMS, default="C")
    some: bpy.props.EnumProperty(items=FLAGS, options={"ENUM_FLAG"}, default={"A", "C"})
    part: bpy.props.PointerProperty(type=DirectPart)
    parts: bpy.props.CollectionProperty(type=DirectPart)
    own: bpy.props.FloatProperty(get=lambda self: self.get("x2", 1.0) + 3)


NUMBERS = "x", "x2", "whole", "flag", "vec", "color", "matrix", "table", "numbers", "flags", "kind", "some"


@contextlib.contextmanager
def registered():
    classes = DirectPart, DirectElement
    for cls in classes:
        bpy.utils.register_class(cls)
    bpy.types.Object.direct = bpy.props.CollectionProperty(type=DirectElement)
    try:
        yield
    finally:
        del bpy.types.Object.direct
        for cls in reversed(classes):
            if hasattr(cls, "bl_rna") and "bl_rna" in vars(cls):
                bpy.utils.unregister_class(cls)


def owner(count=COUNT):
    ob = bpy.data.objects.new("Owner", None)
    for _ in range(count):
        ob.direct.add()
    return ob


def random(name, rng):
    """A value that bpy takes."""
    if name in ("x", "x2"):
        return float(rng.uniform(-5, 50))
    if name == "whole":
        return int(rng.integers(-30, 41))
    if name == "kind":
        return "ABC"[rng.integers(3)]
    if name == "some":
        return {one for one in "ABC" if rng.integers(2)}
    if name == "flag":
        return bool(rng.integers(2))
    if name == "flags":
        return [bool(one) for one in rng.integers(0, 2, 5)]
    if name == "numbers":
        return [int(one) for one in rng.integers(-9, 9, 4)]
    if name == "table":
        return rng.uniform(-9, 9, (2, 3)).tolist()
    return rng.uniform(0, 1, {"vec": 3, "color": 4, "matrix": 16}[name]).tolist()


def fill(coll, name, which=range(COUNT), seed=1):
    """Sets what `which` says, in some elements after other properties, so that the children lie in other orders."""
    rng = np.random.default_rng(seed)
    for i in which:
        one = coll[i]
        if i % 5 == 2:
            one.title = f"element {i}"
        if i % 7 == 3:
            one.vec, one.parts.add().weight = (1, 2, i % 9), i
        setattr(one, name, random(name, rng))


def by_bpy(coll, name, rows=EVERY):
    """The values as an array; of enums the numbers."""
    numbers = {item[0]: item[3] for item in (ITEMS if name == "kind" else FLAGS)}

    def number(value):
        if isinstance(value, str):
            return numbers[value]
        if isinstance(value, set):
            return sum(map(numbers.get, value))
        return np.array(value) if hasattr(value, "__len__") else value
    return np.array([number(getattr(one, name)) for one in list(coll)[rows]])


def read(coll, name, rows=EVERY, direct=True):
    from rnaslicer import Slicer
    with Slicer(coll)[rows, name] as vw:
        assert (vw.kernel.route == "direct") == direct, vw.kernel.route
        return np.array(vw.memcache)


def same(found, wanted):
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    wanted = wanted.astype(found.dtype)
    assert found.tobytes() == wanted.tobytes(), (found[found != wanted][:4], wanted[found != wanted][:4])
