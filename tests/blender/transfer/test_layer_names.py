# tests/blender/transfer/test_layer_names.py: names at the limits of each Blender, of layers and of all that has a name
import random
import unittest

import bpy
from support import VERSION, check, plain, random_mesh, refused, seed

LETTERS = ("k", "ß", "字", "🙂")  # 1, 2, 3 and 4 bytes
LENGTHS = (59, 62, 63, 64, 65, 66, 67, 68, 69, 90, 255)
FLAGS = [name for name in ("pin_uv", "select", "select_edge") if name in bpy.types.MeshUVLoop.bl_rna.properties]


def names():
    """Names of every length in bytes, filled with letters of each size, the rest in front."""
    for letter in LETTERS:
        size = len(letter.encode())
        for length in LENGTHS:
            yield "a" * (length % size) + letter * (length // size)


def layer_and_flags(name, rng):
    mesh = random_mesh(rng, 5, 4, layers=False)
    while mesh.uv_layers:
        mesh.uv_layers.remove(mesh.uv_layers[0])
    mesh.uv_layers.new(name="before")
    layer = mesh.uv_layers.new(name=name)
    if layer is None:
        return None
    at = len(mesh.uv_layers) - 1
    for other in ("pin", "vertex_selection", "edge_selection") if VERSION == (4, 3) else ():
        for _ in getattr(mesh.uv_layers[at], other):  # Blender corrupts its memory without
            break
    return mesh, at


def by_bpy(mesh, at, flag):
    return [bool(getattr(corner, flag)) for corner in mesh.uv_layers[at].data]


def kept_by_blender(name, flag, wanted, rng):
    mesh, at = layer_and_flags(name, rng)
    for i, value in enumerate(wanted):
        setattr(mesh.uv_layers[at].data[i], flag, value)
    return by_bpy(mesh, at, flag) == wanted


def test_flags_of_uv_maps():
    """What bpy keeps arrives, all of it, and is read again; what bpy itself loses is refused."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    met = set()
    for name in names():
        for flag in FLAGS:
            made = layer_and_flags(name, rng)
            if made is None:
                continue
            mesh, at = made
            count = len(mesh.uv_layers[at].data)
            with Slicer(mesh)["uv_layers", at, "data", :, flag] as vw:
                assert vw.memcache.tolist() == [False] * count
                wanted = [rng.random() < 0.3 for _ in range(count - 1)] + [True]
                for i, value in enumerate(wanted):
                    vw.memcache[i] = value
                if not kept_by_blender(name, flag, wanted, rng):
                    before = len(mesh.attributes)
                    with refused("ReadOnlyError", flag):
                        vw.update()
                    assert len(mesh.attributes) == before, "the refusal left a layer"
                    continue
                met.add(len(name.encode()))
                vw.update()
                assert by_bpy(mesh, at, flag) == wanted, (name, flag, vw.kernel.route)
                vw.refresh()
                assert vw.memcache.tolist() == wanted, (name, flag)
                # A region, and values that bpy assigned meanwhile.
                for i in range(3, 9):
                    vw.memcache[i] = wanted[i] = not wanted[i]
                vw.update(vw.memcache[3:9])
                setattr(mesh.uv_layers[at].data[0], flag, not wanted[0])
                wanted[0] = not wanted[0]
                vw.refresh()
                assert vw.memcache.tolist() == wanted == by_bpy(mesh, at, flag), (name, flag)
            assert by_bpy(mesh, 0, flag) == [False] * count, "another map's flags"
            check(mesh.uv_layers[at].data, (slice(None), flag), wanted)
    assert {59, 63} <= met


def test_flags_that_two_maps_share():
    """4.3 cuts the names of flags: two maps whose names begin alike have one layer. bpy's values, whatever they are."""
    from rnaslicer import Slicer
    if VERSION != (4, 3):
        raise unittest.SkipTest("only 4.3 cuts them")
    mesh, first = layer_and_flags("m" * 63 + "ab", random.Random(seed()))
    mesh.uv_layers.new(name="m" * 63 + "ac")
    count = len(mesh.loops)
    with Slicer(mesh)["uv_layers", first, "data", :, "select"] as one, \
            Slicer(mesh)["uv_layers", first + 1, "data", :, "select"] as other:
        for i in range(0, count, 3):
            one.memcache[i] = True
        one.update()
        other.refresh()
        assert one.memcache.tolist() == by_bpy(mesh, first, "select")
        assert other.memcache.tolist() == by_bpy(mesh, first + 1, "select")


def test_beside_an_unreadable_name():
    """A layer whose name bpy cannot read keeps nothing else from being read, written or refused."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    for name in ("字" * 22, "ab" + "字" * 21, "z" * 64, "z" * 66, "z" * 120):
        made = layer_and_flags(name, rng)
        if made is None:
            continue
        mesh, at = made
        for i in range(0, 30, 7):
            if FLAGS:
                setattr(mesh.uv_layers[at].data[i], FLAGS[0], True)
        for owner, prop, other in (("vertices", "select", True), ("polygons", "hide", True),
                                   ("edges", "use_seam", True), ("polygons", "material_index", 3),
                                   ("polygons", "use_smooth", False)):
            elements = getattr(mesh, owner)
            wanted = [other if i % 3 else getattr(e, prop) for i, e in enumerate(elements)]
            with Slicer(elements)[:, prop] as vw:
                for i, value in enumerate(wanted):
                    vw.memcache[i] = value
                vw.update()
            assert [getattr(e, prop) for e in getattr(mesh, owner)] == wanted, (name, prop)
        for element in mesh.attributes:
            if element.data_type == "BOOLEAN":
                check(element.data, (slice(None), "value"), [e.value for e in element.data])
        with refused("ExpressionError", "missing"):
            with Slicer(mesh.attributes)[["missing"], "data", :, "value"]:
                pass
        with refused("ExpressionError", "missing"):
            with Slicer(mesh.uv_layers)[["missing"], "data", :, "uv"]:
                pass


LAYERS = {
    "uv_layers": (lambda mesh, name: mesh.uv_layers.new(name=name), "uv"),
    "vertex_colors": (lambda mesh, name: mesh.vertex_colors.new(name=name), "color"),
    "attributes": (lambda mesh, name: mesh.attributes.new(name, "FLOAT_VECTOR", "POINT"), "vector"),
}


def test_layers():
    """A layer made with any name is sliced from the mesh, from itself, from its elements and from one of these."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    for owner, (make, prop) in LAYERS.items():
        for name in names():
            mesh = random_mesh(rng, 4, 3, layers=False)
            if VERSION == (4, 3) and len(name.encode()) > 67:
                continue  # vertex_colors.new crashes, the others make none
            known = set(map(readable, getattr(mesh, owner)))
            if make(mesh, name) is None:
                continue
            layers = getattr(mesh, owner)
            at = next(i for i, layer in enumerate(layers) if readable(layer) not in known)
            for element in layers[at].data:
                setattr(element, prop, [rng.random() for _ in getattr(element, prop)])
            wanted = [list(getattr(element, prop)) for element in layers[at].data]
            check(mesh, (owner, at, "data", slice(None), prop), wanted)
            check(layers, (at, "data", slice(None), prop), wanted)
            check(layers[at], ("data", slice(None), prop), wanted)
            check(layers[at].data, (slice(None), prop), wanted)
            with Slicer(layers[at].data)[:, prop] as vw:
                for i in range(vw.shape[0]):
                    for k in range(vw.shape[1]):
                        vw.memcache[i, k] = (i + k) % 2
                vw.update()
                written = [list(getattr(element, prop)) for element in getattr(mesh, owner)[at].data]
                assert plain(written) == plain(vw.memcache.tolist()), (owner, name)


def test_elements_of_layers():
    """One corner of a layer is found again."""
    rng = random.Random(seed())
    for owner, prop in (("uv_layers", "uv"), ("vertex_colors", "color")):
        for name in ("a" + "字" * 20, "a" + "字" * 21, "é" * 33, "q" * 63):
            mesh = random_mesh(rng, 3, 3, layers=False)
            LAYERS[owner][0](mesh, name)
            layer = getattr(mesh, owner)[-1]
            check(layer.data[5], (prop,), list(getattr(layer.data[5], prop)))


def test_writing_reaches_no_copy():
    """A layer's own array is un-shared before each write, along a trail, too, whatever the map's name, and beside
    attributes of that name in other domains."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    for owner, prop in (("uv_layers", "uv"), ("vertex_colors", "color")):
        for name in ("map", "m" * 63, "m" * 64, "字" * 21, "字" * 22, "ab" + "字" * 21):
            for namesake in (None, "before", "after"):
                mesh = random_mesh(rng, 5, 5, layers=False)
                if namesake == "before":
                    mesh.attributes.new(name, "FLOAT_VECTOR", "POINT")
                getattr(mesh, owner)[0].name = name
                if namesake == "after" and mesh.attributes.new("other", "FLOAT_VECTOR", "POINT"):
                    mesh.attributes["other"].name = name
                if not len(getattr(mesh, owner)):  # 5.2: renaming an attribute removes what has its new name
                    continue
                with Slicer(getattr(mesh, owner)[0].data)[:, prop] as vw:
                    for number in range(4):
                        copy = mesh.copy()
                        before = [plain(getattr(corner, prop)) for corner in getattr(mesh.copy(), owner)[0].data]
                        for i in range(vw.shape[0]):
                            vw.memcache[i, 0] = number % 2
                        vw.update()
                        assert {getattr(corner, prop)[0] for corner in getattr(mesh, owner)[0].data} == {number % 2}
                        after = [plain(getattr(corner, prop)) for corner in getattr(copy, owner)[0].data]
                        assert after == before, (owner, name, namesake, number)


def test_pins_reach_no_copy():
    """The collection of a map's pins is an array of its own."""
    from rnaslicer import Slicer
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such collection in this Blender")
    mesh, at = layer_and_flags("map", random.Random(seed()))
    for i in range(0, 20, 3):
        mesh.uv_layers[at].data[i].pin_uv = True
    before = by_bpy(mesh, at, "pin_uv")
    for number in range(3):
        copy = mesh.copy()
        with Slicer(mesh)["uv_layers", at, "pin", :, "value"] as vw:
            for i in range(vw.shape[0]):
                vw.memcache[i] = (i + number) % 2
            vw.update()
            wanted = vw.memcache.tolist()
        assert by_bpy(mesh, at, "pin_uv") == wanted, number
        assert by_bpy(copy, at, "pin_uv") == before, number
        before = wanted


def owners():
    """(collection, property, numbers of one element) of everything else that has names."""
    mesh = random_mesh(random.Random(1), 3, 3, layers=False)
    ob = bpy.data.objects.new("named", mesh)
    bpy.context.scene.collection.objects.link(ob)
    armature = bpy.data.objects.new("bones", bpy.data.armatures.new("bones"))
    bpy.context.scene.collection.objects.link(armature)
    tree = bpy.data.node_groups.new("tree", "ShaderNodeTree")

    def bone(name):
        bpy.context.view_layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        made = armature.data.edit_bones.new(name)
        made.tail = (0, 0, 1)
        bpy.ops.object.mode_set(mode="OBJECT")
        return len(armature.data.bones) > 0

    def node(name):
        tree.nodes.new("ShaderNodeValue").name = name
        return True

    yield "keys", (lambda name: ob.shape_key_add(name=name)), (lambda: mesh.shape_keys.key_blocks), "value"
    yield "groups", (lambda name: ob.vertex_groups.new(name=name)), (lambda: ob.vertex_groups), "index"
    yield "bones", bone, (lambda: armature.data.bones), "head_radius"
    yield "pose", (lambda name: True), (lambda: armature.pose.bones), "location"
    yield "nodes", node, (lambda: tree.nodes), "location"
    yield "modifiers", (lambda name: ob.modifiers.new(name, "DECIMATE")), (lambda: ob.modifiers), "ratio"
    yield "constraints", (lambda name: ob.constraints.new("COPY_LOCATION").__setattr__("name", name) or True), (
        lambda: ob.constraints), "influence"
    yield "objects", (lambda name: bpy.data.objects.new(name, None)), (lambda: bpy.data.objects), "location"
    yield "materials", (lambda name: bpy.data.materials.new(name)), (lambda: bpy.data.materials), "metallic"


def numbers(element, prop):
    value = getattr(element, prop)
    return list(value) if hasattr(value, "__len__") else value


def readable(element):
    """The name, or None where the Blender has cut it in the middle of a letter."""
    try:
        return element.name if "\0" not in element.name and element.name.encode() else None
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None


def test_everything_with_names():
    """Keys, groups, bones, nodes, modifiers, constraints, datablocks: by element, by key and all."""
    for what, make, collection, prop in owners():
        for name in names():
            make(name)
        coll = collection()
        assert len(coll) > 20, what
        check(coll, (slice(None), prop), [numbers(element, prop) for element in coll])
        seen = []
        for i, element in enumerate(list(collection())):
            name = readable(element)
            check(collection(), (i, prop), numbers(element, prop))
            if name in seen:
                continue
            if name is not None:
                seen.append(name)
                check(collection(), ([name], prop), [numbers(element, prop)])
            check(element, (prop,), numbers(element, prop))


# collection, property, another value, the layer that 4.3 and 5.2 keep it in
KEPT_IN = (("vertices", "select", True, ".select_vert"), ("vertices", "hide", True, ".hide_vert"),
           ("edges", "use_edge_sharp", True, "sharp_edge"), ("polygons", "material_index", 2, "material_index"))


def test_name_taken_along_a_trail():
    """An update that native code follows refuses as the first one does where another attribute has the layer's name,
    or writes the layer that is there beside it."""
    from rnaslicer import Slicer
    from rnaslicer.errors import ReadOnlyError
    rng = random.Random(seed())
    for owner, prop, other, layer in KEPT_IN:
        for kind in (("FLOAT", "POINT"), ("FLOAT_VECTOR", "EDGE"), ("INT", "CORNER"), ("FLOAT", "FACE")):
            written = []
            for taken in (False, False, True, False, True):
                mesh = random_mesh(rng, 4, 4, layers=False)
                for name in [a.name for a in mesh.attributes if a.name == layer]:
                    mesh.attributes.remove(mesh.attributes[name])
                if taken and mesh.attributes.new(layer, *kind) is None:
                    continue
                elements = getattr(mesh, owner)
                wanted = [other if i % 3 == 1 else getattr(e, prop) for i, e in enumerate(elements)]
                with Slicer(elements)[:, prop] as vw:
                    for i, value in enumerate(wanted):
                        vw.memcache[i] = value
                    try:
                        for _ in range(2):
                            vw.update()
                    except ReadOnlyError:
                        assert taken
                        continue
                    assert [getattr(e, prop) for e in getattr(mesh, owner)] == wanted, (prop, kind, taken)
                    written.append(taken)
            assert written.count(False) == 3
