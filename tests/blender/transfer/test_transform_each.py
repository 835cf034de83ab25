# tests/blender/transfer/test_transform_each.py: a matrix for each element, whatever is taken of the vectors
import random

from support import EVERY, check_oracle, nest, random_mesh, random_objects, refused, same, spec
from spec import transform as plain
from test_transform import sheared

COMPONENTS = (("y",), (1,), (-1,), ("zx",), ("xxz",), ([2],), (("x", "y"),), (("xyz", "zzx"), EVERY),
              (slice(None, None, -1),), ())


def subscripts(mesh, objects):
    """(supplier, items before the components) of vectors, and how many matrices there must be."""
    yield mesh.vertices, (EVERY, "co"), len(mesh.vertices)
    yield mesh.vertices, (slice(None, None, -3), "co"), len(range(len(mesh.vertices))[::-3])
    yield mesh.vertices, ([5, 1, 5], "co"), 3
    yield mesh.vertices, (EVERY, "normal"), len(mesh.vertices)
    yield mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co"), len(mesh.loops)
    yield mesh.edges, (EVERY, "vertices", EVERY, mesh.vertices, "co"), len(mesh.edges)
    yield mesh.edges, (EVERY, "vertices", 1, mesh.vertices, "co"), len(mesh.edges)
    yield objects, (EVERY, "location"), len(objects)
    yield objects, (slice(1, 4), "location"), 3
    yield objects, (EVERY, "data", "vertices", EVERY, "co"), len(objects)
    yield objects, (EVERY, "data", "vertices", 2, "co"), len(objects)


def test_reading_components():
    rng = random.Random(1)
    mesh = random_mesh(rng, 4, 3)
    objects = random_objects(rng, mesh, 5)
    for supplier, items, count in subscripts(mesh, objects):
        matrices = [sheared(rng) for _ in range(count)]
        for components in COMPONENTS:
            for _ in range(2):  # by routes, then along a trail
                check_oracle(supplier, (*items, *components), transform=matrices, dtype="d")


def test_one_element_has_one_matrix():
    """Its vector's components are no elements."""
    from rnaslicer import Slicer
    rng = random.Random(2)
    mesh = random_mesh(rng, 4, 3)
    matrix = sheared(rng)
    for components in COMPONENTS:
        expected = spec.evaluate(mesh.vertices, (5, "co", *components), dtype="d", transform=matrix).tolist()
        for transform in (matrix, [matrix]):
            for _ in range(2):
                with Slicer(mesh.vertices, transform=transform, dtype="d")[(5, "co", *components)] as vw:
                    same(vw.memcache.tolist(), expected, str(components))
    for components in (("y",), (("xyz", "zzx", "yyy"), EVERY), ()):
        with refused("ExpressionError", "3 matrices"):
            Slicer(mesh.vertices, transform=[matrix] * 3)[(5, "co", *components)].read()


def test_writing_components():
    """Where components are missing, those of the vectors as they are count."""
    from rnaslicer import Slicer
    rng = random.Random(3)
    mesh = random_mesh(rng, 4, 3)
    matrices = [sheared(rng) for _ in mesh.vertices]
    for components in ("y", "zx", "zxy", "x"):
        for again in range(3):
            before = [list(v.co) for v in mesh.vertices]
            picked = ["xyz".index(c) for c in components]
            values = [rng.uniform(-5, 5) for _ in range(len(before) * len(picked))]
            expected = []
            for row, (vector, matrix) in enumerate(zip(before, matrices)):
                there = plain.through("point", matrix, vector)
                for k, component in enumerate(picked):
                    there[component] = values[row * len(picked) + k]
                expected.append([spec.to_format(x, "f") for x in plain.back("point", matrix, there)])
            with Slicer(mesh.vertices, dtype="d", transform=matrices)[:, "co", components] as vw:
                vw.memcache[...] = nest(values, vw.shape)
                vw.update()
            same([list(v.co) for v in mesh.vertices], expected, f"{components} {again}")


def test_writing_a_region_of_one_component():
    from rnaslicer import Slicer
    rng = random.Random(4)
    mesh = random_mesh(rng, 4, 3)
    matrices = [sheared(rng) for _ in mesh.vertices]
    before = [list(v.co) for v in mesh.vertices]
    with Slicer(mesh.vertices, dtype="d", transform=matrices)[:, "co", "y"] as vw:
        for i in range(2, 9, 3):
            vw.memcache[i] = i
        vw.update(vw.memcache[2:9:3])
    for i in range(2, 9, 3):
        there = plain.through("point", matrices[i], before[i])
        there[1] = i
        before[i] = [spec.to_format(x, "f") for x in plain.back("point", matrices[i], there)]
    same([list(v.co) for v in mesh.vertices], before)
