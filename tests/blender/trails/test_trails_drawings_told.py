# tests/blender/trails/test_trails_drawings_told.py: of many drawings of one datablock bpy assigns the first and the last
"""A twin of which bpy assigns every element says what is right: values, the datablock's tags, what is evaluated, which arrays
are whose. What bpy's assignment causes it causes to the datablock alone: a drawing is, byte for byte, what it was before."""
import bpy
import numpy as np

from counted_calls import UPDATE, counted
from support import EVERY, plain, same
from test_trails_drawings import PENCIL, pencil
from test_trails_tagging import tags
from trail_layers import fresh, ring
from trail_ways import known, natively

FRAMES = PENCIL[:6]
# name -> (data type, domain, name of the value): of attributes that drawings have, and of others
ATTRIBUTES = {"position": (None, "POINT", "vector"), "radius": (None, "POINT", "value"), "number": ("INT", "POINT", "value"),
              "flag": ("BOOLEAN", "CURVE", "value"), "tint": ("FLOAT_COLOR", "POINT", "color"), "weight": ("FLOAT", "CURVE", "value")}


def drawings(data):
    return [frame.drawing for frame in data.layers[0].frames]


def made(name, count=5):
    data = pencil(count)
    data_type, domain, _ = ATTRIBUTES[name]
    for drawing in drawings(data):
        if name not in drawing.attributes:
            drawing.attributes.new(name, data_type or "FLOAT", domain)
    return user(data)


def user(data):
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("User", data))
    return data


def told(drawing, name):
    prop = ATTRIBUTES[name][2]
    return [plain(getattr(one, prop)) for one in drawing.attributes[name].data]


def evaluated(data, name):
    """What is evaluated at each frame."""
    found, ob = [], next(one for one in bpy.data.objects if one.data == data)
    for number in range(1, len(data.layers[0].frames) + 1):
        bpy.context.scene.frame_set(number)
        graph = bpy.context.evaluated_depsgraph_get()
        found.append([told(drawing, name) for drawing in drawings(ob.evaluated_get(graph).data)])
    return found


def value(now, i):
    if isinstance(now, bool):
        return bool(i % 2)
    if isinstance(now, int):
        return now + i
    return now + i / 4 if isinstance(now, float) else [each + i / 8 for each in now]


def test_as_bpy_does(name):
    from rnaslicer import Slicer
    prop, items = ATTRIBUTES[name][2], (*FRAMES, [name], "data", EVERY, ATTRIBUTES[name][2])
    ours, bpys = made(name), made(name)
    known(made(name), *items)
    known(ours, *items)
    copies = []
    for turn, part in enumerate((EVERY, EVERY, slice(1, 3), slice(0, 1), slice(4, 5), slice(None, None, 2))):
        if turn % 2:
            copies.append(ours.copy())  # whose arrays are these until one is written
        kept = [[told(drawing, name) for drawing in drawings(copy)] for copy in copies]
        bpy.context.view_layer.update()
        with Slicer(ours)[items] as vw:
            cache = np.asarray(vw.memcache)
            for k in range(len(drawings(bpys)))[part]:
                data = drawings(bpys)[k].attributes[name].data
                for i, one in enumerate(data):
                    changed = value(getattr(one, prop), i + k + turn)
                    setattr(one, prop, changed)
                    cache[k, 0, i] = changed
            natively("update", lambda: vw.update() if part == EVERY else vw.update(vw.memcache[part]))
            assert tags(bpys) in (tags(ours), 0) and tags(ours)  # 0: of flags in 4.3, whose assignment tells nobody
            bpys.update_tag()
            assert counted(vw.update) <= UPDATE
        for one, other in zip(drawings(ours), drawings(bpys)):
            same(told(one, name), told(other, name))
        same([[told(drawing, name) for drawing in drawings(copy)] for copy in copies], kept)
        same(evaluated(ours, name), evaluated(bpys, name))
    for copy in copies:
        bpy.data.batch_remove([copy])


test_as_bpy_does.cases = {name: (name,) for name in ATTRIBUTES}


def test_assignments_leave_drawings_as_they_are():
    """What native code counts on: of the bytes of a drawing bpy's assignment changes none, once its array is its own."""
    from rnaslicer import _core
    from rnaslicer.blender.sdna import sdna
    size = sdna().structs["GreasePencilDrawing"].size if bpy.app.version >= (4, 3) else 0
    for name in ATTRIBUTES:
        data, prop = made(name), ATTRIBUTES[name][2]
        bpy.context.view_layer.update()
        for drawing in drawings(data):
            one = drawing.attributes[name].data[0]
            before, was = _core.read_memory(drawing.as_pointer(), size), _core.read_memory(drawing.attributes[name].as_pointer(), 64)
            setattr(one, prop, value(getattr(one, prop), 1))
            assert _core.read_memory(drawing.as_pointer(), size) == before != b""
            assert _core.read_memory(drawing.attributes[name].as_pointer(), 64) == was


def test_of_several_datablocks():
    """Each is tagged; one of which nothing is written is not."""
    from rnaslicer import Slicer
    every = [user(pencil(3)) for _ in range(3)]
    items = EVERY, "layers", 0, "frames", 1, *PENCIL[4:]
    known(every, *items)
    for part in (EVERY, slice(1, None), slice(0, 1)):
        bpy.context.view_layer.update()
        with Slicer(every)[items] as vw:
            np.asarray(vw.memcache)[part] += 1
            natively("update", lambda: vw.update(vw.memcache[part]))
            wanted = vw.memcache.tolist()
        for i, data in enumerate(every):
            assert bool(tags(data)) == (i in range(3)[part]), (part, i)
            positions = drawings(data)[1].attributes["position"].data
            same([plain(one.vector) for one in positions], plain(wanted[i][0]))


def test_handlers_hear():
    from rnaslicer import Slicer
    data, heard = user(pencil(4)), []

    def hears(_, graph):
        heard.extend(one.id.original for one in graph.updates)

    known(data, *PENCIL)
    bpy.context.view_layer.update()
    bpy.app.handlers.depsgraph_update_post.append(hears)
    try:
        with Slicer(data)[PENCIL] as vw:
            vw.memcache[2, 0, 0, 0] = 9
            natively("update", lambda: vw.update(vw.memcache[2:3]))
            bpy.context.view_layer.update()
        assert data in heard
        assert drawings(data)[2].attributes["position"].data[0].vector[0] == 9
    finally:
        bpy.app.handlers.depsgraph_update_post.remove(hears)


def test_attributes_of_meshes_are_their_own():
    """What was proven of drawings' attributes says nothing of a mesh's, which its datablock lists: these are read without a
    touch, so that a copy's array needs not become its own."""
    from rnaslicer.layout import proof
    from rnaslicer.transfer import trails
    proof.forget()
    trails.forget_all()
    data = made("radius")
    drawings(data)[0].attributes.new("Layer", "FLOAT", "POINT")
    for i, one in enumerate(drawings(data)[0].attributes["Layer"].data):
        one.value = i + 1
    known(data, "layers", 0, "frames", 0, "drawing", "attributes", '["Layer"]', "data", EVERY, "value")
    mesh = ring()
    fresh(mesh, 3)
    known(mesh.attributes["Layer"].data, EVERY, "value")
    places = {key[0]: type(found.place).__name__ for key, found in proof.proven() if key[2] == "FloatAttributeValue"}
    same(places, {"FloatAttribute": "Twin", "FloatAttribute of a drawing": "Own"})
