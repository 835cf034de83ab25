# tests/blender/trails/test_trails_regions.py: parts of the cache where a view has several properties, or one in a tuple
"""Whatever lies beside a part stays as it is, in the cache and in Blender; the same at the first call and along a trail."""
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, seed
from trail_lists import rig
from trail_ways import counts

MATRIX = [[1, 2, 0, 1], [0, 1, 0, 2], [0, 0, 2, 3], [0, 0, 0, 1]]


def linked_objects(rng):
    obs = [bpy.data.objects.new(f"Ob{i}", random_mesh(rng, 4, 3, layers=False)) for i in range(4)]
    for ob in obs:
        bpy.context.scene.collection.objects.link(ob)
        ob.location = 1, 2, 3
    bpy.context.view_layer.update()
    return obs


def cases(rng):
    """Name -> (supplier, items, options, parts, whether updates are native)."""
    mesh, obs, rigs = random_mesh(rng, 4, 3, layers=False), linked_objects(rng), [rig(6, f"Rig{i}") for i in range(3)]
    return {
        "one in a tuple": (mesh.vertices, (EVERY, ("co",)), {}, [np.s_[2:5], np.s_[2:5, :, 1:]], True),
        "one through a matrix": (mesh.vertices, (EVERY, ("co",)), {"transform": MATRIX}, [np.s_[2:5], np.s_[::2, 0]], False),
        "flags": (mesh.vertices, (EVERY, ("select", "hide")), {}, [np.s_[2:5], np.s_[2:5, 1], np.s_[::3, :1]], True),
        "flags of many": (obs, (EVERY, "data", "vertices", EVERY, ("select", "hide")), {},
                          [np.s_[1:3], np.s_[:, 2:5, 1], np.s_[0, 3, :1]], True),
        "one of many through their worlds": (obs, (EVERY, "data", "vertices", EVERY, ("co",)), {"transform": "WORLD"},
                                             [np.s_[1:3], np.s_[:, 2:5]], False),
        "of an object": (obs[0], (("location", "scale"),), {}, [np.s_[1:], np.s_[:, 1], np.s_[0, ::-1]], True),
        "of objects": (obs, (EVERY, ("location", "scale")), {}, [np.s_[1:3], np.s_[::-1, 1], np.s_[1:, :, 1]], True),
        "of bones": (rigs[0].pose.bones, (EVERY, ("location", "scale")), {}, [np.s_[1:3], np.s_[::2, 1], np.s_[1:, :, 1]], True),
        "of many bones": (rigs, (EVERY, "pose", "bones", EVERY, ("location", "scale")), {},
                          [np.s_[1:3], np.s_[:, 1:4], np.s_[::2, 1:, 1], np.s_[:, :, :, ::2]], True),
    }


NAMES = ("one in a tuple", "one through a matrix", "flags", "flags of many", "one of many through their worlds", "of an object",
         "of objects", "of bones", "of many bones")


def test_parts(name):
    from rnaslicer import Slicer
    supplier, items, options, parts, is_native = cases(random.Random(seed()))[name]
    for round in range(4):
        with Slicer(supplier, **options)[items] as vw:
            cache = np.asarray(vw.memcache)
            for part in parts:
                vw.refresh()
                true = cache.copy()
                marked = ~true if cache.dtype == bool else np.full_like(true, 7)
                cache[...] = wanted = marked.copy()
                wanted = wanted.copy()
                wanted[part] = true[part]
                before = counts()["refresh"][0]
                vw.refresh(vw.memcache[part])
                assert (cache == wanted).all(), (name, part, round)
                assert round < 2 or counts()["refresh"][0] == before + 1, (name, part)
                wanted = true.copy()
                wanted[part] = ~true[part] if cache.dtype == bool else true[part] + 1
                cache[...] = marked
                cache[part] = wanted[part]
                before = counts()["update"][0]
                vw.update(vw.memcache[part])
                assert round < 2 or not is_native or counts()["update"][0] == before + 1, (name, part)
                vw.refresh()
                assert np.allclose(cache, wanted, atol=1e-3), (name, part, round)


test_parts.cases = {name: (name,) for name in NAMES}
