# tests/blender/trails/test_trails_ranges.py: rows by a range, along a trail
"""bpy says what is right. `natively` says who did it."""
import random
import sys

import bpy
import numpy as np

from counted_calls import REFRESH, UPDATE, counted
from support import EVERY, random_mesh, refused, same, seed
from trail_lists import rig
from trail_parts import selections
from trail_ways import known, natively, read, values

COUNT = 130  # vertices of a random mesh


def test_ranges(name):
    from rnaslicer import Slicer
    rng, made = random.Random(seed()), random_mesh(random.Random(seed()))
    coll, items = {"array": (made.vertices, ("co",)), "layer": (made.loops, ("vertex_index",)),
                   "part": (made.vertices, ("co", "zx")), "numbers": (made.vertices, ("co", range(2))),
                   "list": (rig().pose.bones, ("location",)), "areas": (made.polygons, ("area",)),
                   "gathered": (made.loops, ("vertex_index", made.vertices, "co"))}[name]
    every, _ = read(coll, EVERY, *items)
    count = len(every)
    for at in (range(0, count, 2), range(count - 1, 0, -3), range(-count, 0), range(-1, -count - 1, -1), range(5, 7)):
        for _ in range(3):
            got, native = read(coll, at, *items)
            same(got, [every[i] for i in at])
        assert native or name == "areas", at  # now and then Python looks
    for at in (range(-3, 3), range(4, 5, 9), range(0)):
        for _ in range(3):
            same(read(coll, at, *items)[0], [every[i] for i in at])
    for at in (range(count + 1), range(-count - 1, 0), range(1 << 70, (1 << 70) + 3)):
        for _ in range(3):
            with refused("ExpressionError"):
                with Slicer(coll)[(at, *items)]:
                    pass
    for at, numbers in selections(rng, count):
        if type(at) is range:
            for _ in range(2):
                same(read(coll, at, *items)[0], [every[i] for i in numbers])


test_ranges.cases = {name: (name,) for name in ("array", "layer", "part", "numbers", "list", "areas", "gathered")}


def test_ranges_written():
    from rnaslicer import Slicer
    made = random_mesh(random.Random(seed()))
    for at in (range(3, 90, 4), range(COUNT - 1, 2, -2), range(-40, -1)):
        known(made.vertices, at, "co")
        expected = np.array([vertex.co for vertex in made.vertices], "f4")
        with Slicer(made.vertices)[at, "co"] as vw:
            assert counted(vw.refresh) <= REFRESH
            cache = np.asarray(vw.memcache)
            cache += 1
            expected[list(at)] += 1
            assert counted(vw.update) <= UPDATE
            natively("update", vw.update)
            same(values(made.vertices, "co"), expected.tolist())
            cache[2:5] -= 3
            expected[list(at)[2:5]] -= 3
            natively("update", lambda: vw.update(vw.memcache[2:5]))
            same(values(made.vertices, "co"), expected.tolist())


def test_another_length():
    """A range counts from the start, or from the end; one that has lost a number is refused."""
    from rnaslicer import Slicer
    long, short = bpy.data.meshes.new("Long"), bpy.data.meshes.new("Short")
    for one, count in ((long, 40), (short, 12)):
        one.vertices.add(count)
        for i, vertex in enumerate(one.vertices):
            vertex.co = i, 0, 0
    for at in (range(2, 20, 3), range(-12, -1)):
        known(long.vertices, at, "co", "x")
        if at[0] < 0:
            same(read(short.vertices, at, "co", "x"), ([float(i % 12) for i in at], 1))
            continue
        with refused("ExpressionError", "17 is out of range for 12"):
            with Slicer(short.vertices)[at, "co", "x"]:
                pass
        with Slicer(long.vertices)[at, "co", "x"] as vw:
            long.clear_geometry()
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError"):
                    use()
            long.vertices.add(41)
            with refused("ShapeChangedError"):
                vw.refresh()
        same(read(long.vertices, at, "co", "x")[0], [0.0] * 6)


def test_steps_beyond_all_addresses():
    """What lies a step beyond the last row is never reckoned; nor do rows wrap around to those that are there."""
    from rnaslicer import Slicer
    made, most = random_mesh(random.Random(seed())), sys.maxsize
    objects = [bpy.data.objects.new(f"Far {i}", made) for i in range(7)]
    for coll, name in ((made.vertices, "co"), (objects, "location"), (bpy.data.objects, "location")):
        for i in range(min(len(coll), 9)):
            setattr(coll[i], name, (i, 2 * i, 3 * i))
        every, numbers = [tuple(getattr(one, name)) for one in coll], range(len(coll))
        for at in (slice(5, None, most), slice(5, None, -most), slice(None, None, -most - 1), slice(-most, most, most),
                   range(5, 6, most), range(5, 4, -most), range(-3, 0, most), range(-3, -2, 1 << 64)):
            chosen = numbers[at] if isinstance(at, slice) else list(at)
            for _ in range(3):
                same(read(coll, at, name)[0], [every[i] for i in chosen])
        for at in (range(0, 1 << 64, 1 << 62), range(5, most, most - 9), range(5, 1 << 64, most)):
            for _ in range(3):
                with refused("ExpressionError", "out of range"):
                    with Slicer(coll)[at, name]:
                        pass
