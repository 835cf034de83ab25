# tests/blender/expression/test_random_slices.py: random expressions, valid and not, against the executable specification
import random

import bpy

from support import (ATTRIBUTES, DOMAINS, EVERY, fill_memcache, nest, random_keyframes, random_mesh, random_objects,
                     random_values, same, seed, snapshot, spec)

ROUNDS = 250


def suppliers(mesh):
    """(a way to the supplier from a mesh, property, length of its value or None, range of what may be written)."""
    found = [(lambda m: m.vertices, "co", 3, None), (lambda m: m.vertices, "select", None, None),
             (lambda m: m.edges, "vertices", 2, "never"), (lambda m: m.edges, "use_seam", None, None),
             (lambda m: m.polygons, "material_index", None, (0, 3)), (lambda m: m.polygons, "use_smooth", None, None),
             (lambda m: m.polygons, "normal", 3, "never"), (lambda m: m.loops, "vertex_index", None, "never"),
             (lambda m: m.uv_layers["UV"].data, "uv", 2, None),
             (lambda m: m.vertex_colors["Col"].data, "color", 4, (0, 1))]
    for data_type, (name, _, length) in ATTRIBUTES.items():
        if not isinstance(length, tuple):
            layer = f"{data_type}_{random.choice(DOMAINS)}"
            bounds = (0, 1) if "COLOR" in data_type else (-128, 127) if data_type == "INT8" else None
            found.append((lambda m, layer=layer: m.attributes[layer].data, name, length, bounds))
    return found


def random_row_item(rng, count, element_level):
    """An item for an axis of `count`: mostly in range, now and then not."""
    def edge():
        return rng.choice((None, rng.randint(-count - 3, count + 3)))
    kind = rng.random()
    if kind < 0.5:
        return slice(edge(), edge(), rng.choice((None, None, 1, 2, 3, 7, -1, -2, -5)))
    if kind < 0.6:
        return EVERY
    if kind < 0.75:
        return rng.randint(-count, count - 1) if rng.random() < 0.95 else count + rng.randrange(3)
    if kind < 0.9:
        return [rng.randint(-count, count - 1) for _ in range(rng.randrange(1, 9))]
    if kind < 0.97:
        return [rng.random() < 0.5 for _ in range(count)]
    return rng.choice(("nothing", [], ["key"], (), ("a", "b"), 1.5, None)) if element_level else ["key"]


def random_swizzle(rng, known, length=None):
    letters = known if rng.random() < 0.97 else known + "q"
    return "".join(rng.choice(letters) for _ in range(length or rng.randrange(1, 5)))


def random_value_items(rng, name, length):
    """Items for a value of `length` components, with its name before them."""
    if length is None:
        return [name] + ([0] if rng.random() < 0.03 else [...] if rng.random() < 0.1 else [])
    known = ("rgba" if name == "color" else "xyzw")[:length]
    kind = rng.random()
    if kind < 0.15:
        return [name]
    if kind < 0.25:
        return [name, ...]
    if kind < 0.55:
        return [name, random_row_item(rng, length, False)]
    if kind < 0.75:
        return [name, random_swizzle(rng, known)]
    size = rng.randrange(1, 4)
    swizzles = tuple(random_swizzle(rng, known, size if rng.random() < 0.98 else size + 1)
                     for _ in range(rng.randrange(1, 4)))
    return [name, swizzles] + ([random_row_item(rng, size, False)] if size > 1 and rng.random() < 0.6 else [])


def random_subscript(rng, count, name, length):
    rows = [random_row_item(rng, count, True)] if rng.random() < 0.9 else []
    items = rows + random_value_items(rng, name, length)
    if rng.random() < 0.02:
        items.append(EVERY)
    return tuple(items)


def outcome(action):
    """(error name, None) or (None, what the action gave)."""
    try:
        return None, action()
    except spec.SpecificationGap:
        return "open", None
    except Exception as e:
        return type(e).__name__, None


def compare_reading(supplier, subscript, options, note):
    """Whether both sides gave values; fails if they disagree on that or on the values."""
    from rnaslicer import Slicer
    error, expected = outcome(lambda: spec.evaluate(supplier, subscript, **options))
    if error == "open":
        return False

    def enter():
        with Slicer(supplier, **options)[subscript] as vw:
            filled = vw.memcache.tolist()
            vw.refresh()
            same(vw.memcache.tolist(), filled, f"{note}: refresh")
            return tuple(vw.shape), vw.format, filled, None if vw.offsets is None else vw.offsets.tolist()
    actual_error, actual = outcome(enter)
    assert actual_error == error, f"{note}: {actual_error} instead of {error}"
    if error:
        return False
    assert actual[:2] == (expected.shape, expected.format), f"{note}: {actual[:2]}, not {expected.shape, expected.format}"
    same(actual[2], expected.tolist(), note)
    same(actual[3], expected.offsets, f"{note}: offsets")
    return True


def test_meshes():
    number = seed()
    rng = random.Random(number)
    print(f"RNASLICER_SEED={number}")
    random.seed(number)
    mesh = random_mesh(rng, 9, 7)
    kinds, valid = suppliers(mesh), 0
    for round in range(ROUNDS):
        supplier_of, name, length, bounds = rng.choice(kinds)
        supplier = supplier_of(mesh)
        subscript = random_subscript(rng, len(supplier), name, length)
        options = {"dtype": rng.choice(spec.FORMATS)} if rng.random() < 0.25 else {}
        note = f"RNASLICER_SEED={number} round {round}: {name} of {supplier}: {subscript} {options}"
        if compare_reading(supplier, subscript, options, note):
            valid += 1
            if bounds != "never" and rng.random() < 0.5:
                compare_writing(rng, mesh, supplier_of, subscript, options, bounds, note)
    assert valid > ROUNDS / 2, f"only {valid} of {ROUNDS} expressions were valid"


def compare_writing(rng, mesh, supplier_of, subscript, options, bounds, note):
    """Random values through rnaslicer into the mesh, through setattr into a copy; everything of both must agree."""
    from rnaslicer import Slicer
    copy = mesh.copy()
    low, high = bounds if bounds and options.get("dtype", "f") not in "?" else (None, None)
    with Slicer(supplier_of(mesh), **options)[subscript] as vw:
        count = 1
        for n in vw.shape:
            count *= n
        values = random_values(rng, vw.format, count, low, high)
        if "?" in vw.format or count == 0:
            values = values[:count]
        fill_memcache(vw.memcache, values)
        region, where = random_region(rng, vw.memcache)
        vw.update(region)
        same(vw.memcache.tolist(), nest(values, vw.shape), f"{note}: update changed the MemCache")
    spec.assign(supplier_of(copy), subscript, values, where=where, **options)
    for m in (mesh, copy):
        m.update()
    a, b = snapshot(mesh), snapshot(copy)
    wrong = [layer for layer in a if a[layer] != b[layer]]
    assert not wrong, f"{note}: update of {where if where is None else 'a region'} disagrees on {wrong}"
    bpy.data.meshes.remove(copy)


def random_region(rng, memcache):
    """(None, None) or a random sub-view and the C-order positions that it covers."""
    if not memcache.shape or 0 in memcache.shape or rng.random() < 0.4:
        return None, None
    index, rows = [], []
    for n in memcache.shape:
        if rng.random() < 0.2:
            i = rng.randrange(n)
            index.append(i)
            rows.append([i])
        else:
            part = slice(rng.randrange(n), rng.choice((None, n)), rng.choice((1, 2, 3)))
            index.append(part)
            rows.append(list(range(n)[part]))
    if all(isinstance(i, int) for i in index):
        index[-1], rows[-1] = slice(index[-1], index[-1] + 1), rows[-1]
    where = [0]
    for n, row in zip(memcache.shape, rows):
        where = [w * n + i for w in where for i in row]
    return memcache[tuple(index)], set(where)


def test_objects_images_keys():
    number = seed()
    rng = random.Random(number)
    print(f"RNASLICER_SEED={number}")
    mesh = random_mesh(rng, 3, 2, layers=False)
    random_objects(rng, mesh, 7)
    _, curve = random_keyframes(rng)
    tuples = (("location", "scale"), ("scale", "rotation_euler", "location"), ("pass_index", "hide_render"),
              ("location", "pass_index"))
    valid = 0
    for round in range(ROUNDS):
        kind = rng.randrange(4)
        if kind == 0:
            supplier = bpy.data.objects
            subscript = (random_row_item(rng, len(supplier), True), rng.choice(tuples), random_row_item(rng, 3, False))
        elif kind == 1:
            supplier = bpy.data.objects
            name, length = rng.choice((("location", 3), ("pass_index", None), ("hide_render", None), ("scale", 3),
                                       ("rotation_mode", None), ("rotation_quaternion", 4), ("color", 4)))
            subscript = random_subscript(rng, len(supplier), name, length if name != "rotation_quaternion" else 3)
        elif kind == 2:
            supplier = curve.keyframe_points
            name, length = rng.choice((("co", 2), ("handle_left", 2), ("select_control_point", None), ("interpolation", None),
                                       ("period", None)))
            subscript = random_subscript(rng, len(supplier), name, length)
        else:
            supplier = mesh
            elements, name, length = rng.choice((("vertices", "co", 3), ("edges", "vertices", 2), ("loops", "vertex_index", None)))
            subscript = (elements, *random_subscript(rng, len(getattr(mesh, elements)), name, length))
        note = f"RNASLICER_SEED={number} round {round}: {supplier}: {subscript}"
        valid += compare_reading(supplier, subscript, {}, note)
    assert valid > ROUNDS / 2, f"only {valid} of {ROUNDS} expressions were valid"


def test_pointers_and_ragged():
    number = seed()
    rng = random.Random(number)
    print(f"RNASLICER_SEED={number}")
    meshes = [random_mesh(rng, 3 + i % 2, 3, name=f"M{i}", layers=False) for i in range(4)]
    for m in meshes[:3]:
        random_objects(rng, m, 1)
    for round in range(60):
        ragged = rng.choice(("error", "flat"))
        elements, name, length = rng.choice((("vertices", "co", 3), ("edges", "vertices", 2), ("loops", "vertex_index", None),
                                             ("polygons", "loop_total", None)))
        inner = (elements, random_row_item(rng, 6, False), *random_value_items(rng, name, length))
        outer = random_row_item(rng, len(meshes), True)
        supplier, subscript = rng.choice(((meshes, (outer, *inner)), (bpy.data.meshes, (outer, *inner)),
                                          (bpy.data.objects, (rng.choice((EVERY, 0, [1, 0, 1])), "data", *inner)),
                                          (meshes[0].polygons, (outer, "vertices")),
                                          (meshes[0].polygons, (outer, "vertices", rng.choice((0, EVERY, slice(0, 3)))))))
        note = f"RNASLICER_SEED={number} round {round}: {supplier}: {subscript} ragged={ragged}"
        compare_reading(supplier, subscript, {"ragged": ragged}, note)
