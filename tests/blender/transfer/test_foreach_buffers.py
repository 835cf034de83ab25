# tests/blender/transfer/test_foreach_buffers.py: each buffer and sequence at the first call of a kind, later, and along a trail
import array
import ctypes
import random

import bpy
import numpy

from support import random_keyframes, random_mesh
from test_foreach import forget_kinds, trails_at_once

FORMATS = "fdeilqhbBHILQ?"


def with_axes(count, width, format):
    """(what it is, an array of NumPy's) of as many items."""
    total = count * width
    yield "flat", numpy.zeros(total, format)
    yield "rows", numpy.zeros((count, width), format)
    yield "one row", numpy.zeros((1, total), format)
    yield "deep", numpy.zeros((1, count, 1, width), format)
    yield "columns", numpy.zeros((width, count), format).T
    yield "gaps", numpy.zeros((count, width + 1), format)[:, :width]
    yield "every second", numpy.zeros(2 * total, format)[::2]
    yield "backwards", numpy.zeros(total, format)[::-1]
    yield "field", numpy.zeros(total, [("other", "b"), ("value", format)])["value"]
    yield "no axis" if total == 1 else "short", numpy.zeros(() if total == 1 else total - 1, format)
    yield "long", numpy.zeros(total + 1, format)
    yield "empty", numpy.zeros(0, format)


def read_only(given):
    found = given.view()
    found.flags.writeable = False
    return found


def forms(count, width):
    """(what it is, function that makes one)."""
    for format in FORMATS:
        for shape, _ in with_axes(count, width, format):
            def made(shape=shape, format=format):
                return dict(with_axes(count, width, format))[shape]
            yield f"{format} {shape}", made
            if format in "fdi?":
                yield f"{format} {shape} view", lambda made=made: memoryview(made())
                yield f"{format} {shape} read-only", lambda made=made: read_only(made())
                yield f"{format} {shape} read-only view", lambda made=made: memoryview(made()).toreadonly()
    total = count * width
    yield "big endian", lambda: numpy.zeros(total, ">f4")
    yield "little endian", lambda: numpy.zeros(total, "<f4")
    yield "complex", lambda: numpy.zeros(total, "c8")
    yield "objects", lambda: numpy.zeros(total, "O")
    for format in "fdiqbB":
        yield f"array {format}", lambda format=format: array.array(format, [0] * total)
    yield "ctypes", lambda: (ctypes.c_float * total)()
    yield "ctypes rows", lambda: (ctypes.c_float * width * count)()
    yield "bytes", lambda: bytes(total)
    yield "bytearray", lambda: bytearray(total)
    yield "cast view", lambda: memoryview(bytearray(4 * total)).cast("f")
    yield "cast rows", lambda: memoryview(bytearray(4 * total)).cast("B").cast("f", (count, width))
    for kind in (list, tuple):
        yield kind.__name__, lambda kind=kind: kind([0.0] * total)
        yield f"{kind.__name__} of ints", lambda kind=kind: kind([0] * total)
        yield f"{kind.__name__} of flags", lambda kind=kind: kind([False] * total)
        yield f"short {kind.__name__}", lambda kind=kind: kind([0] * (total - 1))
        yield f"{kind.__name__} of texts", lambda kind=kind: kind(["0"] * total)
        yield f"{kind.__name__} of rows", lambda kind=kind: kind([[0.0] * width] * count)
    yield "range", lambda: range(total)
    yield "nothing", lambda: None
    yield "number", lambda: 3
    yield "text", lambda: "0" * total
    yield "dict", lambda: dict.fromkeys(range(total), 0)


def values_of(given, total):
    """Its items, whatever it is, but for those behind the last value, where bpy leaves what lay in memory."""
    if isinstance(given, (numpy.ndarray, memoryview)):
        return numpy.asarray(given).reshape(-1)[:total].tolist()
    return repr(given if not isinstance(given, ctypes.Array) else bytes(given))


def collections():
    """(collection, property, components): along trails, and by bpy alone."""
    rng = random.Random(8)
    mesh = random_mesh(rng)
    yield mesh.vertices, "co", 3
    yield mesh.vertices, "select", 1
    yield mesh.polygons, "material_index", 1
    yield mesh.attributes["BOOLEAN_POINT"].data, "value", 1
    yield mesh.polygons, "use_smooth", 1
    yield mesh.vertices, "normal", 3
    curve = bpy.data.curves.new("Curve", "CURVE").splines.new("NURBS")
    curve.points.add(4)
    yield curve.points, "co", 4
    _, keys = random_keyframes(rng)
    yield keys.keyframe_points, "co", 2
    ob = bpy.data.objects.new("Object", None)
    for _ in range(3):
        ob.modifiers.new("Empty", "SUBSURF")
    yield bpy.data.objects, "location", 3
    yield mesh.uv_layers["UV"].data, "uv", 2


def told(error):
    """Its class, and its words, but for addresses."""
    return None if error is None else (type(error), str(error).split(" at 0x")[0])


def moved(call, coll, name, given):
    try:
        call(coll, name, given)
    except Exception as error:
        return told(error)
    return None


def thrice(call, coll, name, made, reset):
    """(error, what the buffer holds, what the collection holds) of a first call, a second and those along a trail."""
    found = []
    for enough in (1 << 40, 0):
        forget_kinds()
        with trails_at_once(enough):
            for _ in range(2):
                reset()
                given = made()
                error = moved(call, coll, name, given)
                found.append((error, values_of(given, len(reset.kept)), reset.now() if error is None else None))
    return found


class Reset:
    """Gives a collection the values that it had."""

    def __init__(self, coll, name, width):
        self.coll, self.name, self.kept = coll, name, [0.0] * (len(coll) * width)
        coll.foreach_get(name, self.kept)
        if isinstance(getattr(coll[0], name), (bool, int)) and width == 1:
            self.kept = [type(getattr(coll[0], name))(one) for one in self.kept]

    def now(self):
        found = list(self.kept)
        self.coll.foreach_get(self.name, found)
        return found

    def __call__(self):
        if not self.coll[0].bl_rna.properties[self.name].is_readonly:
            self.coll.foreach_set(self.name, self.kept)


def is_alike(found):
    """Whether all say the same; words may tell less where bpy was not asked."""
    errors = {error[0] if error else None for error, *_ in found}
    return len(errors) == 1 and all(repr(one[1:]) == repr(found[0][1:]) for one in found)


def test_get_is_the_same_at_each_call():
    from rnaslicer import SlicerError, foreach_get
    unlike, seen = [], 0
    for coll, name, width in collections():
        reset = Reset(coll, name, width)
        for what, made in forms(len(coll), width):
            if "long" in what:  # bpy gives what lay in memory behind the last value, or fails of it
                continue
            found, seen = thrice(foreach_get, coll, name, made, reset), seen + 1
            assert all(one[0] is None or issubclass(one[0][0], SlicerError) for one in found), (name, what, found[0])
            if not is_alike(found):
                unlike.append((name, what, [one[0] for one in found], [str(one[1])[:60] for one in found]))
    assert seen > 1000, seen
    assert not unlike, (len(unlike), unlike[:20])


def test_set_is_the_same_at_each_call():
    from rnaslicer import SlicerError, foreach_set
    unlike, seen = [], 0
    for coll, name, width in collections():
        if coll[0].bl_rna.properties[name].is_readonly:
            continue
        reset = Reset(coll, name, width)
        for what, made in forms(len(coll), width):
            found, seen = thrice(foreach_set, coll, name, made, reset), seen + 1
            assert all(one[0] is None or issubclass(one[0][0], SlicerError) for one in found), (name, what, found[0])
            if "short" in what:  # bpy writes what there is, and what lies in memory behind it
                found = [(error, None, None) for error, *_ in found]
            if not is_alike(found):
                unlike.append((name, what, [one[0] for one in found], [str(one[2])[:60] for one in found]))
    assert seen > 800, seen
    assert not unlike, (len(unlike), unlike[:20])


# Blender 3.4 crashes at its exit after these calls of bpy's own foreach_set, without one of ours, too.
test_set_is_the_same_at_each_call.min_version = (4, 3)
