# tests/blender/transfer/test_layers.py: the address inside an attribute's layer: the array bpy gives, and nobody un-shared
import ctypes
import random

import bpy

from support import ATTRIBUTES, DOMAINS, VERSION, plain, random_mesh, same

# attribute data type: (ctypes of an item, items per element)
NUMBERS = {"FLOAT": (ctypes.c_float, 1), "INT": (ctypes.c_int32, 1), "FLOAT_VECTOR": (ctypes.c_float, 3),
           "FLOAT_COLOR": (ctypes.c_float, 4), "BOOLEAN": (ctypes.c_bool, 1), "FLOAT2": (ctypes.c_float, 2),
           "INT8": (ctypes.c_int8, 1), "INT32_2D": (ctypes.c_int32, 2), "QUATERNION": (ctypes.c_float, 4)}
SHARES = VERSION >= (4, 3)


def learnt(mesh):
    """The module after it has seen one layer of a mesh that is thrown away."""
    from rnaslicer.layout import layers
    layers.forget()
    scratch = random_mesh(random.Random(7), name="Scratch")
    assert layers.learn(scratch, "FLOAT_POINT")
    bpy.data.meshes.remove(scratch)
    return layers


def keys(mesh):
    for attribute in mesh.attributes:
        yield attribute.name, attribute.data_type, attribute.domain, len(attribute.data)


def numbers_at(address, data_type, length):
    kind, count = NUMBERS[data_type]
    return list((kind * (count * length)).from_address(address))


def test_values_and_sharing():
    """Original and copy name one address before and after the reading; what lies there is what bpy gives."""
    mesh = random_mesh(random.Random(1))
    layers = learnt(mesh)
    layers_of = {name: mesh.attributes[name].data[0].as_pointer() for name, *_ in keys(mesh)}  # all its own now
    copy = mesh.copy()
    seen = {}
    for key in keys(mesh):
        address = layers.address_without_unsharing(mesh, *key)
        assert address == layers_of[key[0]], key
        if SHARES:
            assert layers.address_without_unsharing(copy, *key) == address, key
        if key[1] in NUMBERS:
            seen[key] = numbers_at(address, key[1], key[3])
    for key in keys(mesh):
        assert layers.address_without_unsharing(mesh, *key) == layers_of[key[0]], key
    if SHARES:  # the copy still shares: touching it gives it another array, and leaves the original alone
        for key in keys(copy):
            assert copy.attributes[key[0]].data[0].as_pointer() != layers_of[key[0]], key
    for key, numbers in seen.items():
        data = mesh.attributes[key[0]].data
        assert data[0].as_pointer() == layers_of[key[0]], key
        name = ATTRIBUTES[key[1]][0] if key[1] in ATTRIBUTES else "value"
        values = [v for e in data for v in (getattr(e, name) if NUMBERS[key[1]][1] > 1 else [getattr(e, name)])]
        assert plain(values) == plain(numbers), key
    assert len(seen) >= 6 * len(DOMAINS), len(seen)


def test_evaluated_meshes_keep_sharing():
    mesh = random_mesh(random.Random(2))
    layers = learnt(mesh)
    ob = bpy.data.objects.new("Object", mesh)
    bpy.context.scene.collection.objects.link(ob)
    key = "FLOAT_VECTOR_POINT", "FLOAT_VECTOR", "POINT", len(mesh.vertices)
    mesh.attributes[key[0]].data[0].as_pointer()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    address = layers.address_without_unsharing(mesh, *key)
    assert address is not None
    if SHARES:
        assert layers.address_without_unsharing(evaluated, *key) == address
    before = numbers_at(address, key[1], key[3])
    for element in mesh.attributes[key[0]].data:
        element.vector = (1, 2, 3)
    if SHARES:  # un-shared by bpy: the evaluated mesh kept the old one
        assert layers.address_without_unsharing(evaluated, *key) == address
        assert layers.address_without_unsharing(mesh, *key) != address
        same(numbers_at(address, key[1], key[3]), before)
    here = layers.address_without_unsharing(mesh, *key)
    same(numbers_at(here, key[1], key[3]), [1.0, 2.0, 3.0] * key[3])


def test_after_reallocation():
    mesh = random_mesh(random.Random(3))
    layers = learnt(mesh)
    mesh.vertices.add(50)
    for i in range(20):
        mesh.attributes.new(f"More{i}", "FLOAT", "POINT")
    for key in keys(mesh):
        assert (layers.address_without_unsharing(mesh, *key)
                == mesh.attributes[key[0]].data[0].as_pointer()), key


def test_what_is_not_the_array_asked_for():
    mesh = random_mesh(random.Random(4))
    layers = learnt(mesh)
    name, count = "FLOAT_POINT", len(mesh.vertices)
    find = layers.address_without_unsharing
    assert find(mesh, name, "FLOAT", "POINT", count)
    for wrong in (("Missing", "FLOAT", "POINT", count), (name, "INT", "POINT", count),
                  (name, "FLOAT", "EDGE", count), (name, "FLOAT", "POINT", count - 1),
                  (name, "FLOAT", "POINT", count + 1), (name, "FLOAT", "POINT", 0)):
        assert find(mesh, *wrong) is None, wrong
    ob = bpy.data.objects.new("Object", mesh)
    assert find(ob, name, "FLOAT", "POINT", count) is None, "no attributes"
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        assert find(mesh, name, "FLOAT", "POINT", count) is None, "edit mode"
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
    element = mesh.attributes[name].data[0].as_pointer()  # first: an undo step may share the array
    assert find(mesh, name, "FLOAT", "POINT", count) == element


def test_nothing_learnt_nothing_told():
    from rnaslicer.layout import layers
    mesh = random_mesh(random.Random(5))
    layers.forget()
    key = "FLOAT_POINT", "FLOAT", "POINT", len(mesh.vertices)
    assert layers.address_without_unsharing(mesh, *key) is None
    small = random_mesh(random.Random(5), 1, 1, name="Small")
    layers.learn(small, "FLOAT_POINT")  # four elements: a length that anything can be
    assert layers.address_without_unsharing(mesh, *key) is None
    assert layers.learn(mesh, "FLOAT_POINT")
    assert layers.address_without_unsharing(mesh, *key) is not None
    assert not layers.learn(mesh, "Missing")


def test_a_layer_that_disagrees_ends_it():
    """What was learnt from two layers that have nothing in common is nothing."""
    from rnaslicer.layout import layers
    mesh = random_mesh(random.Random(6))
    layers.forget()
    places = layers._places[bpy.types.Mesh] = layers._Places()
    places.add(bytes(128), 0x7F00, 20)
    assert not layers.learn(mesh, "FLOAT_POINT")
    key = "FLOAT_POINT", "FLOAT", "POINT", len(mesh.vertices)
    assert layers.address_without_unsharing(mesh, *key) is None
    layers.forget()


def test_single_values():
    """5.2 stores a constant attribute as one value: the layer's pointer is no array then."""
    mesh = random_mesh(random.Random(8), layers=False)
    layers = learnt(mesh)
    tree = bpy.data.node_groups.new("Store", "GeometryNodeTree")
    for side in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=side, socket_type="NodeSocketGeometry")
    start, store, end = (tree.nodes.new(k) for k in ("NodeGroupInput", "GeometryNodeStoreNamedAttribute",
                                                     "NodeGroupOutput"))
    store.inputs["Name"].default_value = "Single"
    next(s for s in store.inputs if s.name == "Value" and s.enabled).default_value = 2.5
    tree.links.new(start.outputs[0], store.inputs["Geometry"])
    tree.links.new(store.outputs[0], end.inputs[0])
    ob = bpy.data.objects.new("Object", mesh)
    bpy.context.scene.collection.objects.link(ob)
    ob.modifiers.new("Store", "NODES").node_group = tree
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    made = bpy.data.meshes.new_from_object(evaluated)
    attribute = made.attributes["Single"]
    single = getattr(attribute, "storage_type", "ARRAY") == "SINGLE"
    assert single or VERSION < (5, 0), "this Blender stores an array: the test tells nothing"
    key = "Single", attribute.data_type, attribute.domain, len(made.vertices)
    address = layers.address_without_unsharing(made, *key)
    assert address is None if single else address, address
    assert getattr(made.attributes["Single"], "storage_type", "ARRAY") == ("SINGLE" if single else "ARRAY")
    made.attributes["Single"].data[0].as_pointer()  # bpy makes it an array
    address = layers.address_without_unsharing(made, *key)
    assert address == made.attributes["Single"].data[0].as_pointer()
    same(numbers_at(address, "FLOAT", key[3]), [2.5] * key[3])


test_single_values.min_version = (4, 3)
