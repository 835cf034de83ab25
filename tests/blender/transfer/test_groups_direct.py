# tests/blender/transfer/test_groups_direct.py: scripts' properties, read and written in the groups that hold them
"""The oracle is bpy, element by element. Groups with nothing set, with some set, set by item access as other types, in
groups within groups; and what a script may do to them while a wrapper is entered."""
import contextlib

import bpy
import numpy as np

from support import EVERY, plain, refused
from trail_ways import counts

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


def test_read(name, which):
    """Nothing set, some, all."""
    with registered():
        ob = owner()
        fill(ob.direct, name, range(*which))
        same(read(ob.direct, name), by_bpy(ob.direct, name))
        for rows in (slice(60, 3, -7), slice(1, None, 2)):
            same(read(ob.direct, name, rows), by_bpy(ob.direct, name, rows))


test_read.cases = {f"{name}, {text}": (name, which) for name in NUMBERS for text, which in (
    ("nothing", (0,)), ("some", (1, COUNT, 3)), ("the first half", (0, COUNT // 2)), ("all", (COUNT,)))}


def test_own_getter():
    """What a function gives is bpy's to ask for."""
    with registered():
        ob = owner()
        fill(ob.direct, "x2")
        same(read(ob.direct, "own", direct=False), by_bpy(ob.direct, "own"))


def test_set_by_item():
    """Item access makes doubles and, in newer Blenders, booleans of their own."""
    with registered():
        for name in ("x2", "vec", "flag", "flags"):
            ob, rng = owner(), np.random.default_rng(4)
            for i, one in enumerate(ob.direct):
                one[name] = random(name, rng)
                ok = getattr(one, name)
            same(read(ob.direct, name), by_bpy(ob.direct, name))
            setattr(ob.direct[41], name, ok)
            del ob.direct[40][name]
            setattr(ob.direct[40], name, ok)  # of another kind than the others, where these are
            same(read(ob.direct, name, direct=name in KINDS_OF_ONE), by_bpy(ob.direct, name))


KINDS_OF_ONE = {"flag", "flags"} if bpy.app.version < (4, 0) else set()


def test_while_entered(name):
    """A script takes values away, sets others, as another type too: the next refresh gives what bpy gives."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, name)
        with Slicer(ob.direct)[:, name] as vw:
            a = np.asarray(vw.memcache)

            def check():
                vw.refresh()
                same(a, by_bpy(ob.direct, name))
            ob.direct[5].property_unset(name)
            check()
            ob.direct[64].property_unset(name)
            check()
            fill(ob.direct, name, (5, 6, 64), seed=9)
            check()
            assert vw.kernel.route == "direct"
            single = not isinstance(plain_or_set(ob.direct[0], name), list)
            for other in ("text", 2.5, 1, [1.0, 2.0]) if single else ("text", [1.0, 2.0], [7.5] * 4):
                ob.direct[33].property_unset(name)
                try:
                    ob.direct[33][name] = other
                except TypeError:
                    setattr(ob.direct[33], name, random(name, np.random.default_rng(3)))
                check()
            for one in ob.direct:
                one.property_unset(name)
            check()


def plain_or_set(one, name):
    """A number in place of an array bpy takes for one and reads what is not there."""
    value = getattr(one, name)
    return list(value) if hasattr(value, "__len__") and not isinstance(value, (str, set)) else value


test_while_entered.cases = {name: (name,) for name in NUMBERS}


def test_a_part_is_refreshed():
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, "vec")
        with Slicer(ob.direct)[::-1, "vec"] as vw:
            a = np.asarray(vw.memcache)
            fill(ob.direct, "vec", seed=8)
            was = a.copy()
            vw.refresh(vw.memcache[10:60:7, 1])
            was[10:60:7, 1] = by_bpy(ob.direct, "vec", slice(None, None, -1))[10:60:7, 1]
            same(a, was)


def test_length_changes():
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        with Slicer(ob.direct)[:, "x"] as vw:
            ob.direct.add()
            with refused("ShapeChangedError"):
                vw.refresh()
            with refused("ShapeChangedError"):
                vw.update()
            ob.direct.remove(0)
            vw.refresh()
            ob.direct.clear()
            with refused("ShapeChangedError"):
                vw.refresh()


def test_unregistered():
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        with Slicer(ob.direct)[:, "x"] as vw:
            bpy.utils.unregister_class(DirectElement)
            with refused("SupplierLostError"):
                vw.refresh()
            with refused("SupplierLostError"):
                vw.update()
        bpy.utils.register_class(DirectElement)


def test_registered_anew():
    """With another default, with a function that gives the values, with another range."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, "x", range(0, COUNT, 2))
        try:
            with Slicer(ob.direct)[:, "x"] as vw:
                a = np.asarray(vw.memcache)
                same(a, by_bpy(ob.direct, "x"))
                functions = {"get": lambda self: 6.0, "set": lambda self, value: None}
                for anew in ({"default": 7.5}, {"default": 8.5, **functions}, {"default": 9.5, "min": 3, "max": 4}):
                    DirectElement.x = bpy.props.FloatProperty(**anew)
                    vw.refresh()
                    same(a, by_bpy(ob.direct, "x"))
                for one in ob.direct:
                    one.x = 3.5
                a[:] = np.arange(COUNT)
                vw.update()
                same(by_bpy(ob.direct, "x"), np.clip(a, 3, 4))
                vw.refresh()
                same(a, by_bpy(ob.direct, "x"))
        finally:
            DirectElement.x = bpy.props.FloatProperty(default=2.5, min=-5, max=50)


class Natively:
    """Counts updates of groups by the kernel, along a trail or not, and those that it left to bpy."""

    def __enter__(self):
        from rnaslicer.transfer.groups import GroupRoute
        self.before = counts()["update"][0]
        self.kind, self.written, self.found = GroupRoute, GroupRoute._written, []
        GroupRoute._written = lambda *args: self.found.append(self.written(*args)) or self.found[-1]
        return self.found

    def __exit__(self, *_):
        self.kind._written = self.written
        self.found += [True] * (counts()["update"][0] - self.before)


def test_written(name):
    """As a loop of assignments leaves them, also beyond the range; natively once each has a value."""
    from rnaslicer import Slicer
    with registered():
        theirs, ours, rng = owner(), owner(), np.random.default_rng(5)
        for ob in (theirs, ours):
            fill(ob.direct, name, range(0, COUNT, 2))
        for expected, rows in ((False, EVERY), (True, EVERY), (True, slice(60, 2, -7))):
            for i in range(COUNT)[rows]:
                setattr(theirs.direct[i], name, random(name, rng) if i % 4 else beyond(name))
            with Slicer(ours.direct)[rows, name] as vw, Natively() as natively:
                a = np.asarray(vw.memcache)
                a[...] = np.reshape(wanted(theirs, name, rows, rng), a.shape)
                vw.update()
            assert natively == [expected], natively
            assert content(ours) == content(theirs)


test_written.cases = {name: (name,) for name in NUMBERS}


def beyond(name):
    """A value that assigning clamps, where it does."""
    beyonds = {"x": float("inf"), "whole": 1000, "vec": [1e9, float("nan"), -1e9], "color": [-1, 2, float("nan"), 0.5]}
    return beyonds.get(name, random(name, np.random.default_rng(7)))


def wanted(ob, name, rows, rng):
    """What the loop was given: read back, but what it clamped, before it did."""
    found = by_bpy(ob.direct, name, rows)
    for at, i in enumerate(range(COUNT)[rows]):
        if i % 4 == 0 and name in ("x", "whole", "vec", "color"):
            found[at] = beyond(name)
    return found


def content(ob):
    return [[(name, one.is_property_set(name), plain(by_bpy([one], name).tolist())) for name in NUMBERS]
            + [one.title, [part.weight for part in one.parts]] for one in ob.direct]


def test_a_part_is_written():
    """What is not in it stays as it is, set or not; one that has no value yet leaves its part to bpy."""
    from rnaslicer import Slicer
    with registered():
        theirs, ours = owner(), owner()
        for ob in (theirs, ours):
            fill(ob.direct, "vec", range(10, COUNT))
        with Slicer(ours.direct)[:, "vec"] as vw, Natively() as natively:
            np.asarray(vw.memcache)[...] = np.arange(COUNT * 3).reshape(-1, 3) % 50
            vw.update(vw.memcache[12:50:3, 1])
            vw.update(vw.memcache[3:30, :2])
        assert natively == [False, False]  # bpy clamps a vector's other components
        for i in range(12, 50, 3):
            theirs.direct[i].vec[1] = (3 * i + 1) % 50
        for i in range(3, 30):
            theirs.direct[i].vec[:2] = 3 * i % 50, (3 * i + 1) % 50
        assert content(ours) == content(theirs)


def test_another_format():
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        fill(ob.direct, "whole", range(3, COUNT))
        with Slicer(ob.direct, dtype="f8")[:, "whole"] as vw:
            same(vw.memcache, by_bpy(ob.direct, "whole"))
            assert vw.kernel.route == "direct"
            refreshed, updated = vw.kernel.refresh.calls, vw.kernel.update.calls
            vw.refresh()
            vw.refresh()
            assert vw.kernel.refresh.calls == refreshed + 2
            vw.update(vw.memcache[5:])
            assert vw.kernel.update.calls > updated


def test_groups_within_groups():
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        for i, one in enumerate(ob.direct):
            if i % 2:
                one.part.weight = i
            for k in range(3):
                part = one.parts.add()
                if k:
                    part.weight = i + k / 8
        with Slicer(ob.direct)[:, "part", "weight"] as vw:
            same(vw.memcache, [one.part.weight for one in ob.direct])
        wanted = [[part.weight for part in one.parts] for one in ob.direct]
        with Slicer(ob.direct)[:, "parts", :, "weight"] as vw:
            same(vw.memcache, wanted)
            ob.direct[8].parts[1].weight = 99
            vw.refresh()
            np.asarray(vw.memcache)[...] += 1
            vw.update()
        wanted[8][1] = 99
        assert [[part.weight for part in one.parts] for one in ob.direct] == [[w + 1 for w in row] for row in wanted]
        with Slicer(ob.direct[8].parts)[:, "weight"] as vw:
            same(vw.memcache, [w + 1 for w in wanted[8]])


def test_composed():
    """Through a matrix, through indices that groups have, to groups that corners name; rows of several tables joined."""
    from mathutils import Matrix
    from rnaslicer import Slicer
    with registered():
        ob, mesh = owner(), bpy.data.meshes.new("M")
        mesh.from_pydata([(i, i / 3, -i) for i in range(COUNT)], [], [(0, 5, 2), (2, 5, 7)])
        rng = np.random.default_rng(2)
        for one in ob.direct:
            one.vec, one.whole = rng.uniform(-1, 1, 3).tolist(), int(rng.integers(40))
        vectors, places = by_bpy(ob.direct, "vec").astype("f"), np.array([v.co for v in mesh.vertices], "f")
        with Slicer(ob.direct, transform=Matrix.Translation((1, 2, 3)))[:, "vec"] as vw:
            assert np.allclose(vw.memcache, vectors + (1, 2, 3), atol=1e-6)
            vw.update()
        assert np.allclose(by_bpy(ob.direct, "vec"), vectors, atol=1e-6)
        with Slicer(ob.direct)[:, "whole", mesh.vertices, "co"] as vw:
            same(vw.memcache, places[by_bpy(ob.direct, "whole")])
        with Slicer(mesh.loops)[:, "vertex_index", ob.direct, "vec"] as vw:
            corners = [0, 5, 2, 2, 5, 7]
            same(vw.memcache, by_bpy(ob.direct, "vec")[corners])
            np.asarray(vw.memcache)[...] = np.arange(18).reshape(6, 3)
            vw.update()
            same(by_bpy(ob.direct, "vec")[corners], [[0, 1, 2], [12, 13, 14], [9, 10, 11], [9, 10, 11], [12, 13, 14],
                                                     [15, 16, 17]])
        other = owner(3)
        with Slicer([ob, other], ragged="flat")[:, "direct", :, "x"] as vw:
            same(vw.memcache, [one.x for each in (ob, other) for one in each.direct])


def test_of_other_owners():
    """Groups of meshes, and of other datablocks."""
    with registered():
        kinds = bpy.types.Mesh, bpy.types.Armature, bpy.types.WindowManager
        for kind in kinds:
            kind.direct = bpy.props.CollectionProperty(type=DirectElement)
        try:
            mesh = bpy.data.meshes.new("M")
            mesh.from_pydata([(0, 0, 0), (1, 0, 0)], [], [])
            for struct in (mesh, bpy.data.armatures.new("A"), bpy.data.window_managers[0]):
                for _ in range(COUNT):
                    struct.direct.add()
                fill(struct.direct, "vec", range(0, COUNT, 3))
                same(read(struct.direct, "vec"), by_bpy(struct.direct, "vec"))
        finally:
            for kind in kinds:
                del kind.direct


def test_where_bpy_lets_nobody_register():
    """How ID properties are kept cannot be seen then: bpy reads them."""
    from rnaslicer.blender.groups import idproperties
    with registered():
        ob = owner()
        fill(ob.direct, "x", range(0, COUNT, 2))
        same(read(ob.direct, "x"), by_bpy(ob.direct, "x"))
        learn = idproperties._kinds
        idproperties.forget()
        try:
            def refuses(*_):
                raise RuntimeError("not here")
            idproperties._kinds = refuses
            same(read(ob.direct, "x", direct=False), by_bpy(ob.direct, "x"))
        finally:
            idproperties._kinds = learn
            idproperties.forget()
        same(read(ob.direct, "x"), by_bpy(ob.direct, "x"))
        assert not hasattr(bpy.types, "RNASLICER_scratch") and not hasattr(bpy.types.WindowManager, "rnaslicer_scratch")
        assert "rnaslicer_scratch" not in bpy.data.window_managers[0].keys()
