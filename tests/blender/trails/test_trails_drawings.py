# tests/blender/trails/test_trails_drawings.py: Grease Pencil drawings, which one native run writes
"""bpy says what is right. `natively` says who did it."""
import os
import tempfile
import unittest

import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from trail_ways import counts, known, natively

PENCIL = ("layers", 0, "frames", EVERY, "drawing", "attributes", ["position"], "data", EVERY, "vector", EVERY)


def pencil(frames=4, strokes=(5, 2), layers=2, name="Pencil"):
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such drawings")
    data = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new(name)
    for i in range(layers):
        layer = data.layers.new(f"L{i}")
        for j in range(frames):
            drawing = layer.frames.new(j + 1).drawing
            drawing.add_strokes(list(strokes))
            for k, point in enumerate(drawing.attributes["position"].data):
                point.vector = i, j, k
    return data


def drawn(data, layer=0, name="position"):
    return [[[list(point.vector) for point in frame.drawing.attributes[name].data]]
            for frame in data.layers[layer].frames]


def test_drawings():
    from rnaslicer import Slicer
    data = pencil()
    same(known(data, *PENCIL), drawn(data))
    other = pencil(3, (2, 2, 2))
    same(known(other, *PENCIL), drawn(other))
    with Slicer(data)[PENCIL] as vw:
        vw.update()
        cache, expected = np.asarray(vw.memcache), np.array(drawn(data), "f")
        for part in (EVERY, slice(1, None), slice(3, None, -2), (slice(1, 3), EVERY, slice(2, 6, 3)),
                     (EVERY, slice(0, 1), EVERY, slice(1, 2))):
            cache += 1
            native = part != slice(3, None, -2)  # a region goes forwards
            view = vw.memcache[part] if native else vw.memcache[1::2]
            natively("update", lambda view=view: vw.update(view))
            expected[part] = cache[part]
            same(drawn(data), expected.tolist(), str(part))
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), expected.tolist())
        assert drawn(data, 1) == drawn(pencil(), 1)


def test_frames_of_layers_in_part():
    from rnaslicer import Slicer
    data = pencil(layers=3)
    items = EVERY, "frames", *PENCIL[3:]
    known(data.layers, *items)
    with Slicer(data.layers)[items] as vw:
        assert vw.memcache.shape == (3, 4, 1, 7, 3)
        vw.update()
        cache, expected = np.asarray(vw.memcache), np.array([drawn(data, i) for i in range(3)], "f")
        for part in (EVERY, slice(2, None), (EVERY, slice(1, 3)), (slice(0, 2), slice(3, None), EVERY, slice(1, 5))):
            cache += 1
            natively("update", lambda part=part: vw.update(vw.memcache[part]))
            expected[part] = cache[part]
            same([drawn(data, i) for i in range(3)], expected.tolist(), str(part))
            natively("refresh", lambda part=part: vw.refresh(vw.memcache[part]))
            vw.refresh()


def test_other_attributes_of_drawings():
    """Per point and per curve, and such as Blender keeps in one byte."""
    from rnaslicer import Slicer
    data = pencil()
    for data_type, domain, name, value in (
            ("FLOAT", "POINT", "value", 2.5), ("INT", "CURVE", "value", 3), ("BOOLEAN", "POINT", "value", True),
            ("FLOAT2", "POINT", "vector", (1, 2))):
        for frame in data.layers[0].frames:
            for i, one in enumerate(frame.drawing.attributes.new(data_type, data_type, domain).data):
                setattr(one, name, value if i % 3 else type(value)(0) if type(value) is not tuple else (0, 0))
        items = (*PENCIL[:6], [data_type], "data", EVERY, name)
        known(data, *items)

        def now():
            return [[[getattr(one, name) if name == "value" else list(one.vector)
                      for one in frame.drawing.attributes[data_type].data]] for frame in data.layers[0].frames]
        with Slicer(data)[items] as vw:
            same(vw.memcache.tolist(), now())
            vw.update()
            cache = np.asarray(vw.memcache)
            cache[...] = cache[:, :, ::-1].copy()
            natively("update", vw.update)
            same(now(), vw.memcache.tolist())


def test_drawings_of_a_copy_stay():
    """A copy shares the arrays until one of both is written."""
    from rnaslicer import Slicer
    data = pencil()
    known(data, *PENCIL)
    with Slicer(data)[PENCIL] as vw:
        vw.update()
        natively("update", vw.update)
        for _ in range(2):
            copy, before = data.copy(), drawn(data)
            np.asarray(vw.memcache)[...] += 1
            natively("update", vw.update)
            same(drawn(copy), before)
            same(drawn(data), vw.memcache.tolist())
            natively("refresh", vw.refresh)


def test_what_changes_between_calls():
    from rnaslicer import Slicer

    def refuses(change, *fragments):
        data = pencil(layers=3)
        known(data, *PENCIL)
        with Slicer(data)[PENCIL] as vw:
            before = vw.memcache.tolist()
            change(data)
            there = [drawn(data, i) for i in range(len(data.layers))]
            for call in (vw.refresh, vw.update, lambda: vw.update(vw.memcache[:1])):
                try:
                    call()
                except Exception as error:
                    from rnaslicer.errors import SlicerError
                    assert isinstance(error, SlicerError) and any(text in str(error) for text in fragments), error
                else:
                    raise AssertionError(fragments)
            same(vw.memcache.tolist(), before)
            same([drawn(data, i) for i in range(len(data.layers))], there)

    refuses(lambda data: data.layers.remove(data.layers[2]), "elements")  # the index counts among others
    refuses(lambda data: data.layers.new("New"), "elements")
    refuses(lambda data: data.layers[0].frames.remove(2), "elements", "shape")
    refuses(lambda data: data.layers[0].frames.new(9).drawing.add_strokes([7]), "elements", "shape")
    refuses(lambda data: data.layers[0].frames[2].drawing.add_strokes([1]), "length", "elements")
    refuses(lambda data: [frame.drawing.add_strokes([1]) for frame in data.layers[0].frames], "length", "shape",
            "elements")


def test_what_changes_places():
    """Places in the path count: others are read and written, as by bpy."""
    from rnaslicer import Slicer
    data = pencil(layers=3)
    known(data, *PENCIL)
    with Slicer(data)[PENCIL] as vw:
        vw.update()
        data.layers.move(data.layers[0], "UP")
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), drawn(data))
        assert vw.memcache.tolist()[0][0][0][0] == 1
        data.layers[0].frames.remove(2)
        data.layers[0].frames.new(9).drawing.add_strokes([4, 3])
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), drawn(data))
        np.asarray(vw.memcache)[...] += 2
        natively("update", vw.update)
        same(drawn(data), vw.memcache.tolist())


def test_a_drawing_that_two_frames_share():
    """What is last in C order wins; reading gives it twice."""
    from rnaslicer import Slicer
    data = pencil()
    data.layers[0].frames.copy(1, 9, instance_drawing=True)
    known(data, *PENCIL)
    with Slicer(data)[PENCIL] as vw:
        assert vw.memcache.shape[0] == 5
        vw.update()
        cache = np.asarray(vw.memcache)
        cache[0], cache[4] = 1, 2
        natively("update", vw.update)
        assert (np.array(drawn(data))[[0, 4]] == 2).all()
        natively("refresh", vw.refresh)
        assert (cache[[0, 4]] == 2).all()


def test_attributes_made_anew():
    """Of another type or domain under the same name, or none: refused, or read as it is now."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    for again in (("INT", "POINT"), ("FLOAT_VECTOR", "CURVE"), None, ("FLOAT_VECTOR", "POINT")):
        data = pencil(3)
        for frame in data.layers[0].frames:
            for i, one in enumerate(frame.drawing.attributes.new("Mine", "FLOAT_VECTOR", "POINT").data):
                one.vector = i, 1, 2
        items = (*PENCIL[:6], ["Mine"], "data", EVERY, "vector")
        known(data, *items)
        with Slicer(data)[items] as vw:
            vw.update()
            attributes = data.layers[0].frames[1].drawing.attributes
            attributes.remove(attributes["Mine"])
            if again:
                attributes.new("Mine", *again)
            if again == ("FLOAT_VECTOR", "POINT"):
                vw.refresh()
                same(vw.memcache.tolist(), drawn(data, name="Mine"))
                np.asarray(vw.memcache)[...] += 1
                vw.update()
                same(drawn(data, name="Mine"), vw.memcache.tolist())
                continue
            for call in (vw.refresh, vw.update):
                try:
                    call()
                except SlicerError:
                    pass
                else:
                    raise AssertionError(again)


def test_drawings_that_are_not_whole():
    """Values arrive, and nothing that reads the drawing is called: by the routes."""
    from rnaslicer import Slicer
    data = pencil()
    known(data, *PENCIL)
    with Slicer(data)[PENCIL] as vw:
        vw.update()
        natively("update", vw.update)
        drawing = data.layers[0].frames[2].drawing
        given = [one.value for one in drawing.curve_offsets]
        for wrong in ([0, 1 << 29, 7], [0, 6, 5], [1, 5, 7], [0, 5, 9]):
            drawing.curve_offsets.foreach_set("value", wrong)
            np.asarray(vw.memcache)[...] += 1
            before = counts()["update"][0]
            vw.update()
            assert counts()["update"][0] == before, wrong
            same(drawn(data), vw.memcache.tolist())
        drawing.curve_offsets.foreach_set("value", given)
        natively("update", vw.update)


def test_drawings_after_undo():
    from rnaslicer import Slicer
    pencil()

    def now():
        return getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils)["Pencil"]
    bpy.ops.ed.undo_push(message="made")
    known(now(), *PENCIL)
    with Slicer(now())[PENCIL] as vw:
        vw.update()
        np.asarray(vw.memcache)[...] += 1
        natively("update", vw.update)
        bpy.ops.ed.undo_push(message="written")
        before = vw.memcache.tolist()
        np.asarray(vw.memcache)[...] += 1
        vw.update()
        bpy.ops.ed.undo_push(message="written again")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before)
        same(drawn(now()), before)
        vw.update()
        getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).remove(now())
        for call in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Pencil"):
                call()


def test_linked_drawings():
    from rnaslicer import Slicer
    data = pencil()
    known(data, *PENCIL)
    with Slicer(data)[PENCIL] as vw:
        vw.update()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        bpy.data.libraries.write(path, {data})
        name = "grease_pencils_v3" if hasattr(bpy.data, "grease_pencils_v3") else "grease_pencils"
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            setattr(wanted, name, [data.name])
        linked = getattr(wanted, name)[0]
        with Slicer(linked)[PENCIL] as vw:
            before = drawn(linked)
            np.asarray(vw.memcache)[...] = 5
            with refused("ReadOnlyError", "linked"):
                vw.update()
            same(drawn(linked), before)


def test_written_drawings_are_evaluated():
    """As after an assignment by bpy, Blender is told."""
    from rnaslicer import Slicer
    data = pencil()
    ob = bpy.data.objects.new("Pencil", data)
    bpy.context.scene.collection.objects.link(ob)
    told = []

    def note(_, graph):
        told.extend(update.id.original for update in graph.updates)

    bpy.app.handlers.depsgraph_update_post.append(note)
    try:
        with Slicer(data)[PENCIL] as vw:
            for way in (vw.update, vw.update, lambda: natively("update", vw.update)):
                bpy.context.view_layer.update()
                told.clear()
                np.asarray(vw.memcache)[...] += 1
                way()
                bpy.context.view_layer.update()
                assert data in told, told
                graph = bpy.context.evaluated_depsgraph_get()
                evaluated = ob.evaluated_get(graph).data
                same(drawn(evaluated), vw.memcache.tolist())
    finally:
        bpy.app.handlers.depsgraph_update_post.remove(note)


def arrays(data):
    """Where the layers of positions say that their arrays lie: asked without touching an element."""
    from rnaslicer import _core
    from rnaslicer.layout import layers
    found = []
    for frame in data.layers[0].frames:
        attribute = frame.drawing.attributes["position"]
        at, _, _ = layers.places_of(type(frame.drawing), "FLOAT_VECTOR")
        found.append(_core.read_memory(attribute.as_pointer() + at, 8))
    return found


def test_reading_leaves_arrays_shared():
    """The layer tells the address: no element is touched, so that a copy's array needs not become its own."""
    from rnaslicer import Slicer, _core
    data = pencil(strokes=(9, 9))
    mesh = bpy.data.meshes.new("Mesh")
    mesh.vertices.add(20)
    for i, one in enumerate(mesh.attributes.new("Other", "FLOAT_VECTOR", "POINT").data):
        one.vector = i, 1, 2
    known(mesh.attributes["Other"].data, EVERY, "vector", EVERY)  # what was proven there holds for drawings, too
    _core.forget_trails()  # one of shorter drawings has not told where layers have the address
    known(data, *PENCIL)
    copy = data.copy()
    assert arrays(copy) == arrays(data), "Blender does not share them"
    with Slicer(copy)[PENCIL] as vw:
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), drawn(data))  # this touches the original's
    assert arrays(copy) != arrays(data)
    again = copy.copy()
    with Slicer(copy)[PENCIL] as vw:
        natively("refresh", vw.refresh)
        assert arrays(copy) == arrays(again)
        np.asarray(vw.memcache)[...] += 1
        vw.update()
        natively("update", vw.update)
        assert all(one != other for one, other in zip(arrays(copy), arrays(again)))
        same(drawn(again), drawn(data))
        same(drawn(copy), vw.memcache.tolist())


def test_fresh_attributes_of_drawings():
    """Blender may keep one value for all until an element is touched."""
    from rnaslicer import Slicer
    data = pencil(strokes=(9, 9))
    items = (*PENCIL[:6], ["Fresh"], "data", EVERY, "value")
    for _ in range(3):
        for frame in data.layers[0].frames:
            frame.drawing.attributes.new("Fresh", "FLOAT", "POINT")
        with Slicer(data)[items] as vw:
            for _ in range(3):
                vw.refresh()
                assert np.shape(vw.memcache) == (4, 1, 18) and not np.asarray(vw.memcache).any()
            np.asarray(vw.memcache)[...] = 3
            vw.update()
        for frame in data.layers[0].frames:
            attributes = frame.drawing.attributes
            assert all(one.value == 3 for one in attributes["Fresh"].data)
            attributes.remove(attributes["Fresh"])
