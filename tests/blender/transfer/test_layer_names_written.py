# tests/blender/transfer/test_layer_names_written.py: what has a name at the limits of a Blender, written by index, by key and all
import random

import bpy

from support import VERSION, random_mesh, same
from test_layer_names import names, numbers, owners, readable


def value_of(prop, number):
    """Another one for each element, exact in 32 bits, within what Blender keeps."""
    return [number / 256, 0.5, 0.25] if prop == "location" else number / 256


def listed(value):
    return list(value) if hasattr(value, "__len__") else value


def put(vw, value):
    for i, one in enumerate(value if isinstance(value, list) else ()):
        vw.memcache[i] = one
    if not isinstance(value, list):
        vw.memcache[()] = value
    vw.update()


def test_written_by_each_way():
    """Only the element that is meant changes: by index, by key, by itself and all at once."""
    from rnaslicer import Slicer
    for what, make, collection, prop in owners():
        if prop == "index":  # of vertex groups, read-only
            continue
        for name in names():
            make(name)
        count = len(collection())
        wide = 2 if what == "nodes" else 3
        expected = [listed(numbers(one, prop)) for one in collection()]
        for at in range(0, count, 3):
            name = readable(collection()[at])
            by_key = name is not None and name not in [readable(one) for i, one in enumerate(collection()) if i != at]
            for way in ("index", "itself", "key"):
                if way == "key" and not by_key:
                    continue
                value = value_of(prop, at + 5 + 20 * ("index", "itself", "key").index(way))
                value = value[:wide] if isinstance(value, list) else value
                if what == "keys":
                    value = min(value, 1.0)
                if way == "index":
                    wrapper = Slicer(collection())[at, prop]
                elif way == "itself":
                    wrapper = Slicer(collection()[at])[prop]
                else:
                    wrapper = Slicer(collection())[[name], prop]
                with wrapper as vw:
                    if way == "key":
                        vw.memcache[0] = value if not isinstance(value, list) else vw.memcache[0]
                        for i, one in enumerate(value if isinstance(value, list) else ()):
                            vw.memcache[0, i] = one
                        vw.update()
                    else:
                        put(vw, value)
                expected[at] = value
                same([listed(numbers(one, prop)) for one in collection()], expected, f"{what} {at} by {way}: {name!r}")
        with Slicer(collection())[:, prop] as vw:
            same(vw.memcache.tolist(), expected, what)
            vw.update()
        same([listed(numbers(one, prop)) for one in collection()], expected, f"all {what}")


def test_weights_of_groups():
    """Groups are told by their numbers: names that begin alike, or were cut, are others."""
    from rnaslicer import Slicer, assign_weights
    import numpy as np
    mesh = random_mesh(random.Random(2), 8, 6, layers=False)
    ob = bpy.data.objects.new("Named", mesh)
    for name in names():
        ob.vertex_groups.new(name=name)
    count = min(len(ob.vertex_groups), len(mesh.vertices))
    assign_weights(ob, np.arange(count, dtype="i"), np.arange(count, dtype="i"), np.arange(count, dtype="f") / 64)
    for i in range(count):
        found = [(g.group, g.weight) for g in mesh.vertices[i].groups]
        assert found == [(i, i / 64 if i < 64 else 1.0)], (i, found)
    with Slicer(mesh.vertices, ragged="flat")[:count, "groups", :, "weight"] as vw:
        for i in range(count):
            vw.memcache[i] = (count - i) / 128
        vw.update()
    same([mesh.vertices[i].groups[0].weight for i in range(count)], [(count - i) / 128 for i in range(count)])


def test_layers_of_drawings_and_curves():
    """Attributes of hair curves and Grease Pencil drawings, and the layers of these, by name."""
    from rnaslicer import Slicer
    if VERSION < (4, 3):
        return
    pencils = bpy.data.grease_pencils if VERSION >= (5, 0) else bpy.data.grease_pencils_v3
    curves, pencil = bpy.data.hair_curves.new("Hair"), pencils.new("Pencil")
    curves.add_curves([4] * 3)
    for name in names():
        if VERSION < (5, 0) and len(name.encode()) > 67:
            continue  # makes none there
        drawing = pencil.layers.new(name).frames.new(1).drawing
        drawing.add_strokes([4] * 3)
        kept = readable(pencil.layers[-1])
        for owner, root, way in ((curves, curves, ()), (drawing, pencil.layers, (len(pencil.layers) - 1, "frames", 0, "drawing"))):
            made = owner.attributes.new(name, "FLOAT", "POINT")
            if made is None or readable(made) is None:
                continue
            key, count = made.name, len(made.data)
            with Slicer(root)[(*way, "attributes", [key], "data", slice(None), "value")] as vw:
                for i in range(count):
                    vw.memcache[0, i] = i / 8
                vw.update()
            same([one.value for one in owner.attributes[key].data], [i / 8 for i in range(count)], repr(key))
            owner.attributes.remove(owner.attributes[key])
        if kept is not None and [readable(one) for one in pencil.layers].count(kept) == 1:
            with Slicer(pencil.layers)[[kept], "opacity"] as vw:
                vw.memcache[0] = 0.25
                vw.update()
            assert pencil.layers[-1].opacity == 0.25, name
        while len(pencil.layers) > 3:
            pencil.layers.remove(pencil.layers[0])
