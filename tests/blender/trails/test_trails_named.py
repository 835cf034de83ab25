# tests/blender/trails/test_trails_named.py: expressions that name elements on the way, by key or by index
"""bpy says what is right. `natively` says who did it."""
import bpy
import numpy as np

from support import EVERY, refused, same
from trail_layers import pencil
from trail_lists import add, edited, rig
from trail_ways import known, natively, read


def mesh(first=0, name="Named"):
    """A grid with layers that others lack, whose values begin at a number of its own."""
    made = bpy.data.meshes.new(name)
    made.from_pydata([(i % 4, i // 4, i) for i in range(12)], [], [(0, 1, 5, 4), (1, 2, 6, 5)])
    for at, layer in enumerate("AB"):
        for k, one in enumerate(made.attributes.new(layer, "FLOAT", "POINT").data):
            one.value = first + 100 * at + k
        for k, one in enumerate(made.uv_layers.new(name=f"UV {layer}").data):
            one.uv = first + at, k
    return made


def keyed(first=0):
    """An object with keys; the last one's points begin at that number."""
    ob = bpy.data.objects.new("Named", mesh(first))
    bpy.context.scene.collection.objects.link(ob)
    for at in range(3):
        for k, point in enumerate(ob.shape_key_add(name=f"Key {at}").data):
            point.co = first + at, k, at * k
    return ob


def drawn(first=0):
    """A pencil whose frames' points begin at that number."""
    frames = pencil(3)
    for at, frame in enumerate(frames):
        for k, one in enumerate(frame.drawing.attributes["position"].data):
            one.vector = first + at, k, 0
    return frames.id_data


WAYS = {
    "attribute": (mesh, ("attributes", '["B"]', "data", EVERY, "value"), lambda one: one.attributes["B"].data, "value"),
    "uv": (mesh, ("uv_layers", '["UV A"]', "data", EVERY, "uv"), lambda one: one.uv_layers["UV A"].data, "uv"),
    "uv by index": (mesh, ("uv_layers", 1, "data", EVERY, "uv"), lambda one: one.uv_layers[1].data, "uv"),
    "of an object": (keyed, ("data", "uv_layers", '["UV B"]', "data", EVERY, "uv"),
                     lambda one: one.data.uv_layers["UV B"].data, "uv"),
    "key": (lambda first=0: keyed(first).data.shape_keys, ("key_blocks", '["Key 1"]', "data", EVERY, "co"),
            lambda one: one.key_blocks["Key 1"].data, "co"),
    "key by index": (lambda first=0: keyed(first).data.shape_keys, ("key_blocks", 2, "data", EVERY, "co"),
                     lambda one: one.key_blocks[2].data, "co"),
    "the last key": (lambda first=0: keyed(first).data.shape_keys, ("key_blocks", -1, "data", EVERY, "co"),
                     lambda one: one.key_blocks[-1].data, "co"),
    "frame": (drawn, ("layers", 0, "frames", 1, "drawing", "attributes", '["position"]', "data", EVERY, "vector"),
              lambda one: one.layers[0].frames[1].drawing.attributes["position"].data, "vector"),
    "layer by name": (drawn, ("layers", '["Layer"]', "frames", 0, "drawing", "attributes", '["position"]', "data", EVERY,
                              "vector"),
                      lambda one: one.layers["Layer"].frames[0].drawing.attributes["position"].data, "vector"),
}


def values(data, name):
    found = [getattr(one, name) for one in data]
    return [list(one) if hasattr(one, "__len__") else one for one in found]


def test_one_element(make, items, data, name):
    """One trail for all datablocks of the kind: native code enters, refreshes and updates another one."""
    from rnaslicer import Slicer
    known(make(), *items)
    one = make(1000)
    found, native = read(one, *items)
    assert native == 1, items
    same(found, values(data(one), name))
    with Slicer(one)[items] as vw:
        vw.update()  # notes whether assignments tag
        cache = np.asarray(vw.memcache)
        cache += 1
        natively("update", vw.update)
        same(values(data(one), name), vw.memcache.tolist())
        cache += 1
        before = values(data(one), name)
        before[3] = vw.memcache[3].tolist() if cache.ndim > 1 else vw.memcache[3]
        natively("update", lambda: vw.update(vw.memcache[3:4]))
        same(values(data(one), name), before)
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), before)
        same(vw.read().tolist(), before)
        cache[...] = 5
        vw.write(vw.memcache)
        same(values(data(one), name), vw.memcache.tolist())


test_one_element.cases = WAYS


def test_an_index_counts():
    """Which element an index picks changes when one comes or goes: refused. A key does not care."""
    from rnaslicer import Slicer
    for items in (("key_blocks", 1, "data", EVERY, "co"), ("key_blocks", -1, "data", EVERY, "co"),
                  ("key_blocks", '["Key 1"]', "data", EVERY, "co")):
        known(keyed().data.shape_keys, *items)
        ob = keyed(7)
        keys = ob.data.shape_keys
        with Slicer(keys)[items] as vw:
            first = vw.memcache.tolist()
            ob.shape_key_add(name="Another", from_mix=False)
            for call in (vw.refresh, vw.update):
                if type(items[1]) is str:
                    call()
                    continue
                with refused("ShapeChangedError", "key_blocks had 3 elements when", "has 4 now"):
                    call()
            same(vw.memcache.tolist(), first)
        at = items[1] if type(items[1]) is int else "Key 1"
        same(read(keys, *items), (values(keys.key_blocks[at].data, "co"), 1))


def test_a_key_goes():
    from rnaslicer import Slicer
    items = "attributes", '["A"]', "data", EVERY, "value"
    known(mesh(), *items)
    one = mesh(50)
    with Slicer(one)[items] as vw:
        one.attributes["A"].name = "Other"
        for call in (vw.refresh, vw.update):
            with refused("SupplierLostError", "'A'"):
                call()
        one.attributes["Other"].name = "A"
        natively("refresh", vw.refresh)
        one.attributes.remove(one.attributes["A"])
        for k, color in enumerate(one.attributes.new("A", "FLOAT_COLOR", "POINT").data):
            color.color = k, 0, 0, 0
        with refused("SlicerError"):
            vw.refresh()
    with refused("ExpressionError", "value", "color"):
        read(one, *items)
    one.attributes.remove(one.attributes["A"])
    with refused("ExpressionError", "no 'A'"):
        read(one, *items)
    whole = one.attributes.new("A", "INT", "POINT")  # the same name, another type
    for k, number in enumerate(whole.data):
        number.value = -k
    same(read(one, *items)[0], [-k for k in range(12)])
    same(read(mesh(3), *items)[0], [3.0 + k for k in range(12)])


LISTS = {
    "attributes": (mesh, ("attributes", ["A", "B"], "data", EVERY, "value"), lambda one: one.attributes, "AB", "value"),
    "in turns": (mesh, ("attributes", ["B", "A", "B"], "data", EVERY, "value"), lambda one: one.attributes, "BAB", "value"),
    "one": (mesh, ("attributes", ["B"], "data", EVERY, "value"), lambda one: one.attributes, "B", "value"),
    "maps of an object": (keyed, ("data", "uv_layers", ["UV B", "UV A"], "data", EVERY, "uv"),
                          lambda one: one.data.uv_layers, ("UV B", "UV A"), "uv"),
    "keys": (lambda first=0: keyed(first).data.shape_keys, ("key_blocks", ["Key 2", "Key 0"], "data", EVERY, "co"),
             lambda one: one.key_blocks, ("Key 2", "Key 0"), "co"),
}


def test_key_lists(make, items, collection, names, prop):
    """Each a collection of its own, moved in one run; where one is named twice the last wins, as bpy's loop has it."""
    from rnaslicer import Slicer
    known(make(), *items)
    one = make(1000)

    def there():
        return [values(collection(one)[name].data, prop) for name in names]

    found, native = read(one, *items)
    assert native == 1, items
    same(found, there())
    with Slicer(one)[items] as vw:
        vw.update()
        cache = np.asarray(vw.memcache)
        cache += np.arange(len(names), dtype="f").reshape(-1, *[1] * (cache.ndim - 1))
        natively("update", vw.update)
        last = {name: vw.memcache[i].tolist() for i, name in enumerate(names)}
        same(there(), [last[name] for name in names])
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), there())
        cache[...] = 3
        before = there()
        before[-1][2:4] = vw.memcache[-1, 2:4].tolist()
        natively("update", lambda: vw.update(vw.memcache[-1:, 2:4]))
        written = dict(zip(names, before))
        same(there(), [written[name] for name in names])
        same(vw.read().tolist(), there())


test_key_lists.cases = LISTS


def test_key_lists_change():
    """One is removed, gets another length or type, or another name."""
    from rnaslicer import Slicer
    items = "attributes", ["A", "B"], "data", EVERY, "value"
    known(mesh(), *items)
    one = mesh(20)
    with Slicer(one)[items] as vw:
        one.attributes["B"].name = "Other"
        for call in (vw.refresh, vw.update):
            with refused("SupplierLostError", "'B'"):
                call()
    with refused("ExpressionError", "no 'B'"):
        read(one, *items)
    for k, number in enumerate(one.attributes.new("B", "INT", "POINT").data):
        number.value = k
    same(read(one, *items)[0], [[20.0 + k for k in range(12)], [float(k) for k in range(12)]])
    one.attributes.remove(one.attributes["B"])
    one.attributes.new("B", "FLOAT", "FACE")
    with refused("ExpressionError", "lengths differ"):
        read(one, *items)


def test_key_lists_keep_what_others_share():
    """A copy shares its layers' memory where Blender does that; an update gives it its own."""
    from rnaslicer import Slicer
    items = "attributes", ["A", "B"], "data", EVERY, "value"
    known(mesh(), *items)
    one = mesh(20)
    other = one.copy()
    before = [values(one.attributes[name].data, "value") for name in "AB"]
    with Slicer(other)[items] as vw:
        vw.update()
        np.asarray(vw.memcache)[...] = 9
        natively("update", vw.update)
    same([values(one.attributes[name].data, "value") for name in "AB"], before)
    same([values(other.attributes[name].data, "value") for name in "AB"], [[9.0] * 12] * 2)


def test_many_structs_behind_a_key():
    """What a key leads to may be a list, too."""
    items = "pose", "bones", '["Bone1"]', "constraints", EVERY, "influence"
    one, other = rig(3), rig(4)
    for ob in (one, other):
        for k in range(3):
            ob.pose.bones["Bone1"].constraints.new("LIMIT_LOCATION").influence = k / 4
    known(one, *items)
    same(read(other, *items), ([0.0, 0.25, 0.5], 1))


def test_lists_behind_an_index():
    """What native code declines to write is written by the routes, which are told how many elements there were."""
    from rnaslicer import Slicer
    one, other = rig(4), rig(5)
    items = "pose", "bones", 2, "constraints", EVERY
    for ob in (one, other):
        for k in range(3):
            ob.pose.bones[2].constraints.new("LIMIT_LOCATION").influence = k / 4
    for prop in ("influence", "mute", "min_x"):
        known(one, *items, prop)
        with Slicer(other)[(*items, prop)] as vw:
            vw.memcache[1] = not vw.memcache[1]
            vw.update()
            vw.refresh()
            same(vw.memcache.tolist(), [getattr(each, prop) for each in other.pose.bones[2].constraints])
            added(other)
            with refused("ShapeChangedError", "bones had"):
                vw.refresh()
            with refused("ShapeChangedError", "bones had"):
                vw.update()


def added(ob):
    edited(ob, lambda bones: add(bones, f"More {len(bones)}", 9))


def test_indices_behind_a_key():
    """An index that a script keeps in an attribute of its own."""
    from rnaslicer import Slicer

    def numbered(first):
        made = mesh(first)
        for k, one in enumerate(made.attributes.new("Index", "INT", "FACE").data):
            one.value = (first + 5 * k) % 12
        return made

    for i, one in enumerate((numbered(3), numbered(7))):
        items = "attributes", '["Index"]', "data", EVERY, "value", one.vertices, "co"
        expected = [list(one.vertices[index.value].co) for index in one.attributes["Index"].data]
        if i == 0:
            known(one, *items)
            continue
        same(read(one, *items), (expected, 1))
        with Slicer(one)[items] as vw:
            vw.update()
            vw.memcache[1] = [9] * 3
            natively("update", vw.update)
            same(list(one.vertices[one.attributes["Index"].data[1].value].co), [9.0] * 3)
            one.attributes["Index"].data[0].value = 12
            with refused("ValueRangeError", "is 12"):
                vw.refresh()


def test_after_undo():
    from rnaslicer import Slicer
    items = "attributes", ["A", "B"], "data", EVERY, "value"
    bpy.context.preferences.edit.use_global_undo = True
    one = mesh(4)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Holds", one))
    known(one, *items)
    bpy.ops.ed.undo_push(message="before")
    with Slicer(one)[items] as vw:
        before = vw.memcache.tolist()
        np.asarray(vw.memcache)[...] = 1
        vw.update()
        bpy.ops.ed.undo_push(message="after")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before)


def test_buffers_laid_out_otherwise():
    """read(out=) and write of strided arrays along the same ways."""
    from rnaslicer import Slicer
    for items, shape in ((("uv_layers", 1, "data", EVERY, "uv"), (8, 2)),
                         (("uv_layers", ["UV A", "UV B"], "data", EVERY, "uv"), (2, 8, 2))):
        one = mesh(30)
        vw = Slicer(one)[items]
        expected = vw.read().tolist()
        for _ in range(3):
            wide = np.zeros((*shape[:-1], 6), "f")
            vw.read(wide[..., 1:6:3])
            same(wide[..., 1:6:3].tolist(), expected)
            assert not wide[..., ::3].any()
            double = np.array(expected)[::-1] * 2
            vw.write(double[::-1])
            same(vw.read().tolist(), (np.array(expected) * 2).tolist())
            vw.write(np.array(expected, "f"))
