# tests/blender/expression/test_groups.py: groups of custom properties, and what custom properties point to
import random

import bpy

from support import EVERY, check_oracle, fill_memcache, random_mesh, random_objects, refused, same


def grouped(count=4):
    """Objects with groups in groups."""
    rng = random.Random(11)
    mesh = random_mesh(rng, 3, 2)
    obs = random_objects(rng, mesh, count)
    for i, ob in enumerate(obs):
        ob["rig"] = {"weight": i + 0.5, "count": i, "flag": bool(i % 2), "curve": [float(i), 2.0], 'say "hi"': 3.5,
                     "arm": {"length": 2.0 * i, "turns": [i, i + 1, i + 2]}}
        ob["rows"] = [{"x": 1.0}, {"x": 2.0}]
        ob["shown"] = mesh
    return rng, mesh, obs


def test_groups_are_entered_key_by_key():
    _, _, obs = grouped()
    for subscript in (('["rig"]', '["weight"]'), ('["rig"]', '["count"]'), ('["rig"]', '["flag"]'),
                      ('["rig"]', '["curve"]'), ('["rig"]', r'["say \"hi\""]'), ('["rig"]', '["arm"]', '["length"]'),
                      ('["rig"]', '["arm"]', '["turns"]', slice(None, None, -2))):
        check_oracle(obs[2], subscript)
        for supplier in (obs, bpy.context.scene.collection.objects, bpy.data.objects):
            check_oracle(supplier, (EVERY, *subscript))
        check_oracle(obs, (slice(None, None, -2), *subscript))
    check_oracle(obs[1], ('["rig"]', '["arm"]', '["turns"]', 1), dtype="d")


def test_groups_are_written_as_bpy_writes_them():
    from rnaslicer import Slicer
    _, _, obs = grouped()
    with Slicer(obs)[:, '["rig"]', '["arm"]', '["length"]'] as vw:
        fill_memcache(vw.memcache, [0.1, 0.2, 0.3, 0.4])
        vw.update(vw.memcache[1:3])
    same([ob["rig"]["arm"]["length"] for ob in obs], [0.0, 0.2, 0.3, 6.0])
    with Slicer(obs[1])['["rig"]', '["arm"]', '["turns"]', [0, 2]] as vw:
        fill_memcache(vw.memcache, [70, 72])
        vw.update()
    assert list(obs[1]["rig"]["arm"]["turns"]) == [70, 2, 72]


def test_groups_that_change_are_named():
    """An entered wrapper meets another type in the place of a group, a number, or nothing."""
    from rnaslicer import Slicer
    _, _, obs = grouped()
    with Slicer(obs)[:, '["rig"]', '["arm"]', '["length"]'] as vw:
        for change in (5, {"arm": 1.5}, {"arm": {"length": "long"}}, {"arm": {"length": [1.0, 2.0]}},
                       {"arm": {"length": 3}}, {}, None):
            if change is None:
                del obs[2]["rig"]
            else:
                obs[2]["rig"] = change
            before = obs[0]["rig"]["arm"]["length"]
            vw.memcache[0] = -1.0
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "Object02", '["rig"]["arm"]["length"]'):
                    use()
            assert obs[0]["rig"]["arm"]["length"] == before, "an update that was refused has written"
        obs[2]["rig"] = {"arm": {"length": 7.5}}
        vw.refresh()
        assert vw.memcache[2] == 7.5


def test_what_is_no_number_says_what_to_do():
    from rnaslicer import Slicer
    _, mesh, obs = grouped()
    for subscript, words in ((('["rig"]',), '\'["weight"]\''), (('["rig"]', '["wieght"]'), "'weight'"),
                             (('["rgi"]', '["weight"]'), "'rig'"), (('["rig"]', '["weight"]', '["x"]'), "no group"),
                             (('["rig"]["weight"]',), "each key is an item"),
                             (('["rows"]', EVERY, '["x"]'), "list of groups"), (('["shown"]',), "name a property")):
        with refused("ExpressionError", words):
            Slicer(obs[0])[subscript].__enter__()
    for supplier, words in ((obs[0]["rig"], '\'["group"]\''), (obs[0]["rows"], '\'["group"]\''),
                            (obs[0]["rig"]["curve"], '\'["name"]\''), ({"a": obs[0]}, "list(found.values())")):
        with refused("ExpressionError", words):
            Slicer(supplier)


def test_what_custom_properties_point_to():
    from rnaslicer import Slicer
    _, mesh, obs = grouped()
    other = mesh.copy()
    for _ in range(2):  # along a known trail, too
        check_oracle(obs[0], ('["shown"]', "vertices", EVERY, "co"))
    with Slicer(obs[0])['["shown"]', "vertices", :, "co"] as vw:
        obs[0]["shown"] = other
        vw.memcache[0, 0] = 55.0
        vw.update()
        assert other.vertices[0].co.x == 55.0 != mesh.vertices[0].co.x
        bpy.data.meshes.remove(other)
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "shown"):
                use()
        for change in (3.5, obs[1], None):
            if change is None:
                del obs[0]["shown"]
            else:
                obs[0]["shown"] = change
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "shown"):
                    use()
