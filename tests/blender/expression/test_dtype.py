# tests/blender/expression/test_dtype.py: other formats than the property's own, both ways, against exact arithmetic
import math
import random
import struct

import bpy

from support import EVERY, check, fill_memcache, random_image, random_mesh, random_objects, same, spec

SPECIAL = [0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 127.5, 128.5, -128.5, 255.5, 32767.5, 65535.5, 2147483520.0, 2147483648.0,
           -2147483648.0, -2147483904.0, 9.2e18, 1.9e19, 1e30, -1e30, float("inf"), -float("inf"), float("nan"), 1e-40,
           65504.0, 65519.0, 65520.0, 6e-8, 2.9e-8, 0.1, 1 / 3]


def mesh_with_specials():
    """A mesh whose float and integer attributes begin with the values at which conversions go wrong."""
    rng = random.Random(1)
    mesh = random_mesh(rng, layers=False)
    for data_type in ("FLOAT", "INT", "BOOLEAN"):
        mesh.attributes.new(data_type, data_type, "POINT")
    count = len(mesh.vertices)
    floats = SPECIAL + [rng.choice((1, 1e3, 1e6, 1e12)) * rng.uniform(-1, 1) for _ in range(count - len(SPECIAL))]
    mesh.attributes["FLOAT"].data.foreach_set("value", floats)
    ints = [0, 1, -1, 127, 128, -128, -129, 255, 256, 65535, 65536, 2**24, 2**24 + 1, 2**24 + 3, -2**31, 2**31 - 1]
    ints += [rng.randint(-2**31, 2**31 - 1) for _ in range(count - len(ints))]
    mesh.attributes["INT"].data.foreach_set("value", ints)
    mesh.attributes["BOOLEAN"].data.foreach_set("value", [rng.random() < 0.5 for _ in range(count)])
    return mesh


def test_reading(name):
    mesh = mesh_with_specials()
    data = mesh.attributes[name].data
    own = {"FLOAT": "f", "INT": "i", "BOOLEAN": "?"}[name]
    for format in spec.FORMATS:
        expected = [spec.convert(e.value, own, format) for e in data]
        check(data, (EVERY, "value"), expected, format, dtype=format)


test_reading.cases = {name: (name,) for name in ("FLOAT", "INT", "BOOLEAN")}


def test_writing(name):
    from rnaslicer import Slicer
    mesh = mesh_with_specials()
    own = {"FLOAT": "f", "INT": "i", "BOOLEAN": "?"}[name]
    for format in spec.FORMATS:
        values = values_of(format, len(mesh.vertices))
        data = mesh.attributes[name].data
        with Slicer(data, dtype=format)[:, "value"] as vw:
            fill_memcache(vw.memcache, values)
            vw.update()
        same([e.value for e in mesh.attributes[name].data], [spec.convert(v, format, own) for v in values],
             f"{format} to {name}")


test_writing.cases = test_reading.cases


def values_of(format, count):
    """Ordinary and extreme values of a format."""
    rng = random.Random(2)
    if format == "?":
        return [rng.random() < 0.5 for _ in range(count)]
    if format in spec.INTEGERS:
        low, high = spec.INTEGERS[format]
        ends = [low, low + 1, high, high - 1, 0, 1, min(high, 2**31), min(high, 2**24 + 1), max(low, -2**31 - 1)]
        return ends + [rng.randint(low, high) for _ in range(count - len(ends))]
    ends = [spec.to_format(v, format) for v in SPECIAL]
    return ends + [spec.to_format(rng.uniform(-1e5, 1e5), format) for _ in range(count - len(ends))]


def test_doubles_of_everything():
    rng = random.Random(3)
    mesh = random_mesh(rng)
    random_objects(rng, mesh, 4)
    image = random_image(rng)
    check(mesh.vertices, (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY),
          [[[c] * 3 for c in v.co] for v in mesh.vertices], "d", dtype="d")
    check(mesh.polygons, ("normal", EVERY), [list(p.normal) for p in mesh.polygons], "d", dtype="d")
    check(mesh.edges, (EVERY, "vertices", EVERY), [[float(i) for i in e.vertices] for e in mesh.edges], "d", dtype="d")
    check(mesh.loops, (EVERY, "vertex_index"), [float(c.vertex_index) for c in mesh.loops], "d", dtype="d")
    check(mesh.vertices, (EVERY, "select"), [float(v.select) for v in mesh.vertices], "d", dtype="d")
    check(mesh.vertex_colors, (["Col"], "data", EVERY, "color", EVERY),
          [[list(e.color) for e in mesh.vertex_colors["Col"].data]], "d", dtype="d")
    check(bpy.data.objects, (EVERY, ("location", "scale"), EVERY),
          [[list(o.location), list(o.scale)] for o in bpy.data.objects], "d", dtype="d")
    check(image.pixels, EVERY, list(image.pixels), "d", dtype="d")


def test_halves_and_bytes_of_positions():
    mesh = random_mesh(random.Random(4), layers=False)
    half = [[struct.unpack("e", struct.pack("e", c))[0] for c in v.co] for v in mesh.vertices]
    check(mesh.vertices, (EVERY, "co"), half, "e", dtype="e")
    check(mesh.vertices, (EVERY, "co"), [[max(0, round(c)) for c in v.co] for v in mesh.vertices], "B", dtype="B")


def test_halves_to_custom_properties():
    """Python 3.11 has no memoryviews of such."""
    import numpy as np
    from rnaslicer import Slicer
    obs = [bpy.data.objects.new("Halves", None) for _ in range(3)]
    for i, ob in enumerate(obs):
        ob["one"], ob["some"] = i + 0.5, [1.5, i]
    for name in ("one", "some"):
        with Slicer(obs, dtype="e")[:, f'["{name}"]'] as vw:
            vw.memcache[...] = np.asarray(vw.memcache) + 1
            vw.update()
        values = np.array([told(ob[name]) for ob in obs])
        assert values.tolist() == {"one": [1.5, 2.5, 3.5], "some": [[2.5, 1], [2.5, 2], [2.5, 3]]}[name]
        for view in (Slicer(obs)[:, f'["{name}"]'], Slicer(obs[0])[f'["{name}"]']):
            many = np.asarray(view.read()).shape == values.shape
            view.write((values if many else values[0]).astype("f2") * 2)
            assert np.asarray(view.read()).tolist() == ((values if many else values[0]) * 2).tolist()


def told(value):
    return list(value) if hasattr(value, "__len__") else value


def test_promotion_in_tuples():
    from rnaslicer import Slicer
    rng = random.Random(5)
    objects = random_objects(rng, random_mesh(rng, 3, 3, layers=False))
    for names in (("pass_index", "hide_render"), ("empty_display_size", "hide_render"),
                  ("empty_display_size", "pass_index"), ("hide_render", "hide_select")):
        expected = spec.evaluate(bpy.data.objects, (EVERY, names))
        check(bpy.data.objects, (EVERY, names), expected.tolist(), expected.format)
    with Slicer(bpy.data.objects)[:, ("empty_display_size", "pass_index")] as vw:
        fill_memcache(vw.memcache, [v for i in range(len(objects)) for v in (i + 0.1, i + 0.5)])
        vw.update()
    same([o.pass_index for o in objects], [round(i + 0.5) for i in range(len(objects))])
    same([o.empty_display_size for o in objects], [spec.to_format(i + 0.1, "f") for i in range(len(objects))])


def test_payloads_of_nan_survive():
    """A copy in the same format does not touch bits, so a NaN keeps them."""
    import numpy as np
    from rnaslicer import Slicer
    mesh = mesh_with_specials()
    quiet = np.array([0x7FC12345, 0xFFC54321], np.uint32)
    with Slicer(mesh.attributes["FLOAT"].data)[:, "value"] as vw:
        bits = np.asarray(vw.memcache).view(np.uint32)
        bits[:2] = quiet
        vw.update()
        bits[:2] = 0
        vw.refresh()
        assert bits[:2].tolist() == quiet.tolist(), bits[:2]
        assert math.isnan(mesh.attributes["FLOAT"].data[0].value)


def test_spellings_of_dtype():
    import numpy as np
    from rnaslicer import ExpressionError, Slicer
    data = random_mesh(random.Random(1), layers=False).vertices
    for dtype, format in (("d", "d"), (np.float32, "f"), (np.dtype("i8"), "q"), (float, "d"), (int, "q"), (bool, "?"),
                          (np.float16, "e")):
        assert Slicer(data, dtype=dtype)[0, "co", 0].format == format, dtype
    for dtype in (np.dtype(">f8"), "z", object, str, 3, np.dtype("S4")):
        try:
            Slicer(data, dtype=dtype)
        except ExpressionError:
            continue
        raise AssertionError(f"{dtype!r} was taken")
