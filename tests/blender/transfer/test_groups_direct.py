# tests/blender/transfer/test_groups_direct.py: scripts' properties, read in the groups that hold them
"""The oracle is bpy, element by element. Groups with nothing set, with some set, set by item access as other types, in
groups within groups; and what a script may do to them while a wrapper is entered."""
import bpy
import numpy as np

from groups_data import COUNT, NUMBERS, DirectElement, by_bpy, fill, owner, random, read, registered, same
from support import refused


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
