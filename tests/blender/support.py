# tests/blender/support.py: random data, exact comparison and refusals, for the tests that run inside Blender
"""Everything here is built with bpy alone; `spec` is the executable specification beside it."""
import contextlib
import math
import os
import random
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import spec  # noqa: E402  (needs the path above)

VERSION = bpy.app.version[:2]
EVERY = slice(None)
DOMAINS = ("POINT", "EDGE", "FACE", "CORNER")
# attribute data type: (name of the value property, format, components or None for a single value)
ATTRIBUTES = {"FLOAT": ("value", "f", None), "INT": ("value", "i", None), "BOOLEAN": ("value", "?", None),
              "FLOAT_VECTOR": ("vector", "f", 3), "FLOAT_COLOR": ("color", "f", 4),
              "BYTE_COLOR": ("color", "f", 4), "FLOAT2": ("vector", "f", 2), "INT8": ("value", "i", None)}
if VERSION >= (4, 3):
    ATTRIBUTES.update(INT32_2D=("value", "i", 2), QUATERNION=("value", "f", 4), FLOAT4X4=("value", "f", (4, 4)))


def seed():
    """The seed of this run: RNASLICER_SEED, or a fresh one that the failing test prints."""
    return int(os.environ.get("RNASLICER_SEED", random.SystemRandom().randrange(2**31)))


# ---- data

def random_mesh(rng, columns=12, rows=9, name="Random", layers=True):
    """A grid of quads, every seventh split into triangles, with random values in whatever bpy lets us set."""
    width = columns + 1
    faces = []
    for row in range(rows):
        for column in range(columns):
            a = row * width + column
            quad = (a, a + 1, a + width + 1, a + width)
            faces += [quad[:3], (quad[0], quad[2], quad[3])] if len(faces) % 7 == 0 else [quad]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i % width, i // width, 0.0) for i in range(width * (rows + 1))], [], faces)
    for _ in range(4):
        mesh.materials.append(None)
    mesh.uv_layers.new(name="UV")
    mesh.vertex_colors.new(name="Col")
    if layers:
        for data_type in ATTRIBUTES:
            for domain in DOMAINS:
                mesh.attributes.new(f"{data_type}_{domain}", data_type, domain)
    randomise(mesh, rng)
    mesh.update()
    return mesh


def randomise(mesh, rng):
    """New random values for everything writable of the mesh but its topology."""
    uniform, chance = lambda: rng.uniform(-8, 8), lambda: rng.random() < 0.5
    fill(mesh.vertices, "co", lambda: [c + 0.3 * rng.uniform(-1, 1) for c in (rng.uniform(0, 9), rng.uniform(0, 9), 0)], 3)
    for elements, name in ((mesh.vertices, "select"), (mesh.edges, "select"), (mesh.polygons, "select"),
                           (mesh.vertices, "hide"), (mesh.edges, "use_seam"), (mesh.edges, "use_edge_sharp"),
                           (mesh.polygons, "use_smooth")):
        fill(elements, name, chance)
    fill(mesh.polygons, "material_index", lambda: rng.randrange(4))
    fill(mesh.uv_layers["UV"].data, "uv", lambda: [uniform(), uniform()], 2)
    fill(mesh.vertex_colors["Col"].data, "color", lambda: [rng.random() for _ in range(4)], 4)
    for attribute in mesh.attributes:
        made_here = any(attribute.name == f"{t}_{d}" for t in ATTRIBUTES for d in DOMAINS)
        if made_here:
            fill_attribute(attribute, rng)


def fill(elements, name, value, components=None):
    """Assign `value()` to the property `name` of each element; foreach_set because tests are to be quick."""
    values = [value() for _ in range(len(elements))]
    elements.foreach_set(name, [c for vector in values for c in vector] if components else values)


def fill_attribute(attribute, rng):
    name, format, components = ATTRIBUTES[attribute.data_type]
    bounds = (-128, 127) if attribute.data_type == "INT8" else (-2**31, 2**31 - 1)
    one = {"f": lambda: rng.random() if "COLOR" in attribute.data_type else rng.uniform(-100, 100),
           "i": lambda: rng.randint(*bounds), "?": lambda: rng.random() < 0.5}[format]
    count = math.prod(components) if isinstance(components, tuple) else components
    fill(attribute.data, name, (lambda: [one() for _ in range(count)]) if count else one, count)


def random_objects(rng, mesh, count=9):
    """Objects of the mesh in the scene, with random transforms."""
    objects = [bpy.data.objects.new(f"Object{i:02d}", mesh) for i in range(count)]
    for ob in objects:
        bpy.context.scene.collection.objects.link(ob)
        ob.location = [rng.uniform(-5, 5) for _ in range(3)]
        ob.scale = [rng.uniform(0.5, 2) for _ in range(3)]
        ob.rotation_euler = [rng.uniform(-3, 3) for _ in range(3)]
        ob.pass_index = rng.randrange(1000)
        ob.hide_render = rng.random() < 0.5
        ob.rotation_mode = rng.choice(("XYZ", "QUATERNION", "ZYX"))
    bpy.context.view_layer.update()
    return objects


def random_image(rng, width=7, height=5):
    image = bpy.data.images.new("Random", width, height, float_buffer=True)
    image.pixels.foreach_set([rng.random() for _ in range(len(image.pixels))])
    return image


def random_keyframes(rng, count=20):
    """(action, f-curve) with `count` random keys; the action is on an object, as all three versions want it."""
    ob = bpy.data.objects.new("Animated", None)
    bpy.context.scene.collection.objects.link(ob)
    for i in range(count):
        ob.location.x = rng.uniform(-5, 5)
        ob.keyframe_insert("location", index=0, frame=2 * i + 1)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    return action, curves[0]


def snapshot(mesh):
    """Everything of a mesh that a write could disturb, by plain bpy reading, as a comparable dictionary."""
    seen = {}
    for domain, names in (("vertices", ("co", "select", "hide", "normal")),
                          ("edges", ("vertices", "select", "hide", "use_seam", "use_edge_sharp")),
                          ("polygons", ("loop_start", "loop_total", "vertices", "material_index", "select",
                                        "hide", "use_smooth", "normal")),
                          ("loops", ("vertex_index", "edge_index"))):
        for name in names:
            seen[domain, name] = [plain(getattr(e, name)) for e in getattr(mesh, domain)]
    for layer in mesh.uv_layers:
        seen["uv", layer.name] = [plain(e.uv) for e in layer.data]
    for layer in mesh.vertex_colors:
        seen["colors", layer.name] = [plain(e.color) for e in layer.data]
    for attribute in mesh.attributes:
        if attribute.data_type in ATTRIBUTES:
            name = ATTRIBUTES[attribute.data_type][0]
            seen[attribute.name, attribute.domain] = [plain(getattr(e, name)) for e in attribute.data]
    return seen


def plain(value):
    """A bpy value as numbers in lists, floats by their bits, so that == means bit for bit (NaNs are one)."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    return [plain(v) for v in value] if hasattr(value, "__len__") and not isinstance(value, str) else value


# ---- comparison

def same(actual, expected, note=""):
    """Assert that two nestings of numbers agree bit for bit, and say where they do not."""
    a, b = plain(actual), plain(expected)
    if a != b:
        raise AssertionError(f"{note}: {_first_difference(actual, expected, '')}")


def _first_difference(a, b, at):
    if hasattr(a, "__len__") and hasattr(b, "__len__"):
        if len(a) != len(b):
            return f"at [{at}]: {len(a)} values instead of {len(b)}"
        for i, (x, y) in enumerate(zip(a, b)):
            if plain(x) != plain(y):
                return _first_difference(x, y, f"{at}{',' if at else ''}{i}")
    return f"at [{at}]: {a!r} instead of {b!r}"


def flat(nested):
    """The numbers of a nesting in C order."""
    if not isinstance(nested, (list, tuple)):
        return [nested]
    return [x for part in nested for x in flat(part)]


def nest(values, shape):
    """Numbers in C order as nested lists."""
    values = iter(values)

    def level(shape):
        return [level(shape[1:]) for _ in range(shape[0])] if shape else next(values)
    return level(tuple(shape))


def check(supplier, subscript, expected, format=None, **options):
    """Enter the expression and assert that it holds `expected` (nested lists), bit for bit."""
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        note = f"Slicer({supplier})[{subscript}]"
        same(vw.memcache.tolist(), expected, note)
        assert tuple(vw.shape) == tuple(vw.memcache.shape), note
        if format is not None:
            assert vw.format == vw.memcache.format == format, (note, vw.format)
        vw.refresh()
        same(vw.memcache.tolist(), expected, f"{note} refreshed")
        return vw.kernel.route


def check_oracle(supplier, subscript, **options):
    """Enter the expression and compare values, shape and format with the executable specification."""
    expected = spec.evaluate(supplier, subscript, **options)
    route = check(supplier, subscript, expected.tolist(), expected.format, **options)
    return expected, route


def fill_memcache(memcache, values):
    """Put `values` (C order) into a whole MemCache, element by element."""
    for position, value in zip(positions(memcache.shape), values):
        memcache[position] = value


def positions(shape):
    """All index tuples of a shape in C order."""
    if not shape:
        yield ()
        return
    for i in range(shape[0]):
        for rest in positions(shape[1:]):
            yield (i, *rest)


def random_values(rng, format, count, low=None, high=None):
    """Values for a cache of that format; numbers are what the format holds exactly."""
    if format == "?":
        return [rng.random() < 0.5 for _ in range(count)]
    if format in "bBhHiIqQ":
        least, most = spec.INTEGERS[format]
        a, b = max(least, -1000 if low is None else low), min(most, 1000 if high is None else high)
        return [rng.randint(a, b) for _ in range(count)]
    low, high = -50 if low is None else low, 50 if high is None else high
    return [spec.to_format(rng.uniform(low, high), format) for _ in range(count)]


# ---- refusals

@contextlib.contextmanager
def refused(error, *fragments):
    """The block must raise the rnaslicer error of that name, whose message holds all fragments."""
    import rnaslicer.errors
    expected = getattr(rnaslicer.errors, error)
    try:
        yield
    except expected as e:
        message = str(e)
        assert len(message) > 10, f"{error} without a message"
        for fragment in fragments:
            assert fragment in message, f"{error} does not name {fragment!r}: {message}"
    else:
        raise AssertionError(f"no {error}")
