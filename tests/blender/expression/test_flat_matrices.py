# tests/blender/expression/test_flat_matrices.py: matrices of size=16 or 9, for which bpy gives a Matrix
import contextlib
import random

import bpy
from support import check, check_oracle, fill_memcache, flat, plain, random_values, refused, same, seed

EVERY = slice(None)


class FlatMatrices(bpy.types.PropertyGroup):
    four: bpy.props.FloatVectorProperty(size=16, subtype="MATRIX")
    three: bpy.props.FloatVectorProperty(size=9, subtype="MATRIX")
    twelve: bpy.props.FloatVectorProperty(size=12, subtype="MATRIX")
    pair: bpy.props.FloatVectorProperty(size=4, subtype="MATRIX")
    square: bpy.props.FloatVectorProperty(size=(4, 4), subtype="MATRIX")
    plain: bpy.props.FloatVectorProperty(size=16)
    narrow: bpy.props.FloatVectorProperty(size=9, subtype="MATRIX", min=-2, max=3)
    numbers: bpy.props.IntVectorProperty(size=(4, 4), subtype="MATRIX")
    switches: bpy.props.BoolVectorProperty(size=9, subtype="MATRIX")


SHAPES = {"four": (4, 4), "three": (3, 3), "twelve": (12,), "pair": (4,), "square": (4, 4), "plain": (16,),
          "narrow": (3, 3), "numbers": (4, 4), "switches": (9,)}
FORMATS = {"numbers": "i", "switches": "?"}


@contextlib.contextmanager
def registered():
    """(collection of 7, objects) with random values, assigned by foreach_set and setattr."""
    bpy.utils.register_class(FlatMatrices)
    bpy.types.Scene.flat_matrices = bpy.props.CollectionProperty(type=FlatMatrices)
    bpy.types.Object.flat_matrices = bpy.props.PointerProperty(type=FlatMatrices)
    bpy.types.Object.flat_four = bpy.props.FloatVectorProperty(size=16, subtype="MATRIX")
    bpy.types.Object.flat_three = bpy.props.FloatVectorProperty(size=9, subtype="MATRIX")
    rng = random.Random(seed())
    try:
        scene = bpy.context.scene
        for _ in range(7):
            group = scene.flat_matrices.add()
            for name, shape in SHAPES.items():
                values = random_values(rng, FORMATS.get(name, "f"), len(flat(zeros(shape))))
                setattr(group, name, values if len(shape) == 1 or name in ("four", "three", "narrow") else
                        [values[i:i + 4] for i in range(0, 16, 4)])
        objects = [bpy.data.objects.new(f"Flat{i}", None) for i in range(5)]
        for ob in objects:
            ob.flat_four = ob.flat_matrices.four = random_values(rng, "f", 16)
            ob.flat_three = random_values(rng, "f", 9)
        yield scene.flat_matrices, objects, rng
    finally:
        del bpy.types.Scene.flat_matrices, bpy.types.Object.flat_matrices
        del bpy.types.Object.flat_four, bpy.types.Object.flat_three
        bpy.utils.unregister_class(FlatMatrices)


def zeros(shape):
    return [zeros(shape[1:]) for _ in range(shape[0])] if shape else 0


def lists(value):
    return [lists(v) for v in value] if hasattr(value, "__len__") else value


def test_read():
    """Shape and values are those of what bpy gives, whole, by parts, of one and of many."""
    with registered() as (groups, objects, _):
        for name, shape in SHAPES.items():
            expected, _ = check_oracle(groups, (EVERY, name))
            assert expected.shape == (7, *shape), name
            check(groups[2], (name,), lists(getattr(groups[2], name)))
            check(groups, ([5, 1], name), [lists(getattr(groups[i], name)) for i in (5, 1)])
            check(groups, (EVERY, name, 1), [lists(getattr(g, name)[1]) for g in groups])
            if len(shape) == 2:
                backwards = slice(None, None, -1)
                check(groups, (EVERY, name, EVERY, 2), [[row[2] for row in getattr(g, name)] for g in groups])
                check(groups, (EVERY, name, 1, backwards), [lists(getattr(g, name)[1])[::-1] for g in groups])
                check(groups, (3, name, [2, 0], 1), [getattr(groups[3], name)[i][1] for i in (2, 0)])
        check(objects, (EVERY, "flat_four"), [lists(ob.flat_four) for ob in objects])
        check(objects[1], ("flat_three",), lists(objects[1].flat_three))
        check(objects, (EVERY, "flat_matrices", "four"), [lists(ob.flat_matrices.four) for ob in objects])
        check(bpy.data.objects, (EVERY, "flat_three", EVERY, 0),
              [[row[0] for row in ob.flat_three] for ob in bpy.data.objects])
        check(groups, (EVERY, ("four", "square")), [[lists(g.four), lists(g.square)] for g in groups])
        with refused("ExpressionError", "same shape"):
            check(groups, (EVERY, ("four", "plain")), [])


def written(supplier, subscript, rng, get, part=None):
    """Write random values by an update (of a region) and compare with what bpy gives then."""
    from rnaslicer import Slicer
    with Slicer(supplier)[subscript] as vw:
        before = vw.memcache.tolist()
        fill_memcache(vw.memcache, random_values(rng, vw.format, len(flat(before))))
        wanted = vw.memcache.tolist()
        if part is None:
            vw.update()
        else:
            vw.update(vw.memcache[part])
            wanted = before[:part.start] + wanted[part] + before[part.stop:]
        return wanted, get()


def test_write():
    """What is written stands where bpy's Matrix has it."""
    with registered() as (groups, objects, rng):
        for name in SHAPES:
            low, high = -2.0, 3.0

            def clamped(value):
                if isinstance(value, list):
                    return [clamped(v) for v in value]
                return max(low, min(high, value)) if name == "narrow" else value
            for subscript, get in (
                    ((EVERY, name), lambda: [lists(getattr(g, name)) for g in groups]),
                    ((4, name), lambda: lists(getattr(groups[4], name))),
                    (([6, 0], name), lambda: [lists(getattr(groups[i], name)) for i in (6, 0)]),
                    ((EVERY, name, 1), lambda: [lists(getattr(g, name)[1]) for g in groups]),
                    ((slice(1, 5), name, slice(None, None, 2)),
                     lambda: [lists(getattr(g, name))[::2] for g in groups[1:5]])):
                wanted, got = written(groups, subscript, rng, get)
                same(got, clamped(wanted), f"{subscript}")
            wanted, got = written(groups, (EVERY, name), rng, lambda: [lists(getattr(g, name)) for g in groups],
                                  slice(2, 4))
            same(got, clamped(wanted), f"region of {name}")
            if len(SHAPES[name]) == 2:
                others = [lists(getattr(g, name)) for g in groups]
                wanted, got = written(groups, (EVERY, name, EVERY, 2), rng,
                                      lambda: [[row[2] for row in getattr(g, name)] for g in groups])
                same(got, clamped(wanted), f"column of {name}")
                same([[row[:2] for row in lists(getattr(g, name))] for g in groups],
                     [[row[:2] for row in value] for value in others], f"other columns of {name}")
        for supplier, subscript, get in (
                (objects, (EVERY, "flat_four"), lambda: [lists(ob.flat_four) for ob in objects]),
                (objects[3], ("flat_three",), lambda: lists(objects[3].flat_three)),
                (objects[3].flat_matrices, ("four", EVERY, 1),
                 lambda: [row[1] for row in objects[3].flat_matrices.four]),
                (bpy.data.objects, (EVERY, "flat_three"), lambda: [lists(ob.flat_three) for ob in bpy.data.objects])):
            wanted, got = written(supplier, subscript, rng, get)
            same(got, wanted, f"{subscript}")


def test_infinities():
    """An update stores what an assignment stores."""
    from rnaslicer import Slicer
    with registered() as (groups, _, _rng):
        values = [float("inf"), float("-inf"), float("nan")] + [0.5] * 13
        groups[0].four = values
        with Slicer(groups)[:, "four"] as vw:
            for i, value in enumerate(values):
                vw.memcache[1, i % 4, i // 4] = value  # by columns, as a flat assignment
            vw.update(vw.memcache[1:2])
        assert plain(lists(groups[1].four)) == plain(lists(groups[0].four))


def test_foreach_agrees():
    """By columns, as bpy's bulk calls have it."""
    from rnaslicer import Slicer
    with registered() as (groups, _, _rng):
        for name, extent in (("four", 4), ("three", 3)):
            buffer = [0.0] * (7 * extent * extent)
            groups.foreach_get(name, buffer)
            with Slicer(groups)[:, name] as vw:
                found = [vw.memcache[g, i % extent, i // extent] for g in range(7) for i in range(extent * extent)]
            assert plain(found) == plain(buffer), name
