# tests/blender/transfer/test_normalized.py: integers that stand for fractions, both ways, against exact arithmetic
import random

import bpy

from support import EVERY, check_oracle, fill_memcache, random_mesh, refused, same, spec

FORMATS = "bBhHiI"


def fractions(rng, format, count):
    """Numbers on fractions of the largest, half-way between them, right beside that, outside, and none."""
    largest = spec.INTEGERS[format][1]
    found = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -7.5, float("inf"), -float("inf"), float("nan"), 1e-40]
    while len(found) < count:
        value = rng.randint(-4, 2 * largest + 4) / 2 / largest * rng.choice((1, 1, -1))
        found.append(spec.to_format(value * rng.choice((1, 1, 1 + 1e-7, 1 - 1e-7)), "f"))
    return found


def floats(rng, format):
    mesh = random_mesh(rng, layers=False)
    data = mesh.attributes.new("F", "FLOAT", "POINT").data
    data.foreach_set("value", fractions(rng, format, len(data)))
    return data


def test_reading(format):
    data = floats(random.Random(1), format)
    check_oracle(data, (EVERY, "value"), dtype=format, normalized=True)
    check_oracle(data, (slice(3, None, 5), "value"), dtype=format, normalized=True)


test_reading.cases = {format: (format,) for format in FORMATS}


def test_writing(format):
    from rnaslicer import Slicer
    rng = random.Random(2)
    data = floats(rng, format)
    low, high = spec.INTEGERS[format]
    values = [low, low + 1, -1 if low else 1, 0, high - 1, high]
    values += [rng.randint(low, high) for _ in range(len(data) - len(values))]
    with Slicer(data, dtype=format, normalized=True)[:, "value"] as vw:
        fill_memcache(vw.memcache, values)
        vw.update()
        same([e.value for e in data], [spec.fraction(v, format, "f") for v in values], format)
        vw.refresh()
        same(vw.memcache.tolist(), [max(v, -high) if low else v for v in values] if format not in "iI" else
             spec.evaluate(data, (EVERY, "value"), dtype=format, normalized=True).tolist(), f"{format} comes back")


test_writing.cases = test_reading.cases


def test_every_byte_of_a_colour_comes_back():
    """color_srgb is the byte itself: 256 of 256 without loss, stored and read."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("M")
    mesh.vertices.add(256)
    data = mesh.attributes.new("C", "BYTE_COLOR", "POINT").data
    expected = [[i, 255 - i, (7 * i) % 256, (i * i) % 256] for i in range(256)]
    for name in ("color_srgb", "color"):
        if name not in data[0].bl_rna.properties:
            continue
        with Slicer(data, dtype="B", normalized=True)[:, name, :] as vw:
            fill_memcache(vw.memcache, [byte for row in expected for byte in row])
            vw.update()
        if name == "color_srgb":
            same([[round(c * 255) for c in e.color_srgb] for e in data], expected, name)
            with Slicer(data, dtype="B", normalized=True)[:, name, :] as vw:
                same(vw.memcache.tolist(), expected, f"{name} comes back")
        check_oracle(data, (EVERY, name, EVERY), dtype="B", normalized=True)


def test_images_objects_and_weights():
    rng = random.Random(3)
    image = bpy.data.images.new("I", 5, 4)
    image.pixels = [rng.randrange(256) / 255 for _ in range(80)]
    check_oracle(image, ("pixels", EVERY, EVERY, EVERY), dtype="B", normalized=True)
    check_oracle(image.pixels, (EVERY,), dtype="H", normalized=True)
    mesh = random_mesh(rng, layers=False)
    ob = bpy.data.objects.new("O", mesh)
    check_oracle(ob, ("color", EVERY), dtype="b", normalized=True)
    group = ob.vertex_groups.new(name="G")
    for i in range(len(mesh.vertices)):
        group.add([i], rng.random(), "REPLACE")
    check_oracle(mesh.vertices, (EVERY, "groups", EVERY, "weight"), dtype="H", normalized=True)


def test_every_byte_of_an_image_and_of_weights_comes_back():
    """256 of 256 without loss, and far more than a block of a kernel at once."""
    from rnaslicer import Slicer
    image = bpy.data.images.new("I", 64, 16, alpha=True)
    wanted = [(i * 7 + i // 256) % 256 for i in range(64 * 16 * 4)]
    pixels = Slicer(image, dtype="B", normalized=True)["pixels", :, :, :]
    with pixels as vw:
        fill_memcache(vw.memcache, wanted)
        vw.update()
        vw.refresh()
        same(memoryview(vw.memcache.tobytes()).tolist(), wanted)
    same([round(255 * value) for value in image.pixels], wanted)
    same(memoryview(pixels.read().tobytes()).tolist(), wanted)
    mesh = random_mesh(random.Random(6), 16, 16, layers=False)
    group = bpy.data.objects.new("O", mesh).vertex_groups.new(name="G")
    group.add(range(len(mesh.vertices)), 0, "REPLACE")
    wanted = [i % 256 for i in range(len(mesh.vertices))]
    with Slicer(mesh.vertices, dtype="B", normalized=True)[:, "groups", :, "weight"] as vw:
        fill_memcache(vw.memcache, wanted)
        vw.update()
        vw.refresh()
        same([row[0] for row in vw.memcache.tolist()], wanted)
    same([round(255 * vertex.groups[0].weight) for vertex in mesh.vertices], wanted)


def test_a_region_is_written_alone():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(4), layers=False)
    before = [v.co[:] for v in mesh.vertices]
    with Slicer(mesh.vertices, dtype="h", normalized=True)[:, "co", :] as vw:
        vw.memcache[5, 1] = 32767
        vw.update(vw.memcache[5:6, 1:2])
    before[5] = (before[5][0], 1.0, before[5][2])
    same([v.co[:] for v in mesh.vertices], before)


def test_refusals():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(5), layers=False)
    for dtype in (None, "f", "d", "?", "q", "Q", "e"):
        with refused("ExpressionError", "normalized=True", "b B h H i I"):
            Slicer(mesh.vertices, dtype=dtype, normalized=True)
    with refused("ExpressionError", "normalized=True", "FLOAT"):
        Slicer(mesh.polygons, dtype="B", normalized=True)[:, "material_index"].__enter__()


def test_every_byte_of_a_colour_comes_back_by_a_copy():
    """What a table of this build decodes to 256 fractions of 255 is moved as the bytes that it is."""
    from rnaslicer import Slicer, discovery
    mesh = bpy.data.meshes.new("M")
    mesh.vertices.add(256)
    data = mesh.attributes.new("C", "BYTE_COLOR", "POINT").data
    name = "color_srgb" if hasattr(data[0], "color_srgb") else "color"
    bytes_ = [[i, 255 - i, (7 * i) % 256, (i + 100) % 256] for i in range(256)]
    with Slicer(data, dtype="B", normalized=True)[:, name] as vw:
        fill_memcache(vw.memcache, [value for row in bytes_ for value in row])
        vw.update()
        if name == "color_srgb":
            for element, row in zip(data, bytes_):
                same([round(255 * channel) for channel in element.color_srgb], row)
        vw.refresh()
        same(vw.memcache.tolist(), bytes_)
        if name == "color_srgb" and discovery.known():
            assert "unorm" in vw.kernel.plan and vw.kernel.route == "direct", vw.kernel.plan
