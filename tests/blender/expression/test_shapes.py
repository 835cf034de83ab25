# tests/blender/expression/test_shapes.py: values of several dimensions on every route: matrices, large arrays, images
import random

import bpy
import numpy as np

from rnaslicer import Slicer
from support import EVERY, random_image, random_mesh, random_objects, refused, same

ROWS = [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [0.0, 0.0, 0.0, 1.0]]


def test_matrices_are_indexed_by_rows_on_every_route():
    objects = random_objects(random.Random(1), random_mesh(random.Random(2), 3, 3, layers=False), 4)
    ob = objects[1]
    with Slicer(ob)["matrix_parent_inverse", :, :] as vw:
        np.asarray(vw.memcache)[...] = ROWS
        vw.update()
        same([list(row) for row in ob.matrix_parent_inverse], ROWS, "a struct's")
        vw.refresh()
        same(vw.memcache.tolist(), ROWS)
    ob.matrix_parent_inverse.identity()
    with Slicer(bpy.data.objects)[EVERY, "matrix_parent_inverse"] as vw:
        np.asarray(vw.memcache)[...] = ROWS
        vw.update(vw.memcache[1:2])
        same([list(row) for row in bpy.data.objects[1].matrix_parent_inverse], ROWS, "a region's")
        vw.update()
        for other in bpy.data.objects:
            same([list(row) for row in other.matrix_parent_inverse], ROWS, "the whole list's")


def test_arrays_beyond_256_components():
    bpy.types.Object.rnaslicer_test = bpy.props.FloatVectorProperty(size=(32, 32))
    try:
        objects = [bpy.data.objects.new(f"O{i}", None) for i in range(3)]
        for k, ob in enumerate(objects):
            ob.rnaslicer_test = [[k * 1e4 + r * 32 + c for c in range(32)] for r in range(32)]
        expected = [[list(row) for row in ob.rnaslicer_test] for ob in objects]
        with Slicer(objects[1])["rnaslicer_test", :, :] as vw:
            same(vw.memcache.tolist(), expected[1])
        with Slicer(objects[1])["rnaslicer_test", 5, 7] as vw:
            assert vw.memcache[()] == expected[1][5][7]
        with Slicer(objects[1])["rnaslicer_test", [3, 1], ::-2] as vw:
            same(vw.memcache.tolist(), [expected[1][r][::-2] for r in (3, 1)])
        with Slicer(bpy.data.objects)[EVERY, "rnaslicer_test"] as vw:
            same(vw.memcache.tolist(), expected)
            np.asarray(vw.memcache)[1:, 4:7, 2:30:3] += 0.5
            changed = vw.memcache.tolist()
            vw.update(vw.memcache[1:, 4:7, 2:30:3])
        same([[list(row) for row in ob.rnaslicer_test] for ob in objects], changed)
    finally:
        del bpy.types.Object.rnaslicer_test


def test_large_images_are_shaped():
    image = bpy.data.images.new("Large", 37, 23, float_buffer=True, alpha=True)
    flat = np.random.default_rng(1).random(37 * 23 * 4, dtype=np.float32)
    image.pixels.foreach_set(flat)
    expected = flat.reshape(23, 37, 4)
    for subscript in ((), (slice(3, 20, 4),), (EVERY, slice(None, None, -3)), (5, EVERY, "b"), ([4, 2], [7, 7, 1]),
                      (EVERY, 6, slice(0, 3))):
        with Slicer(image)[("pixels", *subscript)] as vw:
            index = tuple(2 if s == "b" else s for s in subscript)
            if subscript == ([4, 2], [7, 7, 1]):
                wanted = expected[np.ix_(*subscript)]
            else:
                wanted = expected[index]
            assert np.array_equal(np.asarray(vw.memcache), wanted), subscript
    with Slicer(image)["pixels", 2:5, ::2, 1] as vw:
        np.asarray(vw.memcache)[...] = 9.0
        vw.update(vw.memcache[1:])
    expected[3:5, ::2, 1] = 9.0
    after = np.empty_like(flat)
    image.pixels.foreach_get(after)
    assert np.array_equal(after.reshape(23, 37, 4), expected)


def test_an_image_of_another_shape_with_as_many_pixels():
    image = random_image(random.Random(1), 8, 4)
    with Slicer(image)["pixels", :, :, :] as vw:
        image.scale(4, 8)
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()


def _with_a_constant(value):
    """An object whose modifier stores an attribute of one value for all (5.x: storage SINGLE)."""
    mesh = random_mesh(random.Random(8), 5, 5, layers=False)
    ob = random_objects(random.Random(8), mesh, 1)[0]
    group = bpy.data.node_groups.new("Constant", "GeometryNodeTree")
    for way in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    nodes = [group.nodes.new(kind) for kind in ("NodeGroupInput", "GeometryNodeStoreNamedAttribute", "NodeGroupOutput")]
    nodes[1].inputs["Name"].default_value = "constant"
    nodes[1].inputs["Value"].default_value = value
    group.links.new(nodes[0].outputs[0], nodes[1].inputs[0])
    group.links.new(nodes[1].outputs[0], nodes[2].inputs[0])
    ob.modifiers.new("Constant", "NODES").node_group = group
    return ob


def test_attributes_stored_as_a_single_value():
    ob = _with_a_constant(3.5)
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    attribute = evaluated.attributes["constant"]
    assert getattr(attribute, "storage_type", "SINGLE") == "SINGLE"
    with Slicer(attribute.data)[:, "value"] as vw:
        assert vw.memcache.tolist() == [3.5] * len(evaluated.vertices)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.modifier_apply(modifier="Constant")
    with Slicer(ob.data.attributes["constant"].data)[:, "value"] as vw:
        vw.memcache[3] = 7
        vw.update()
        wanted = [3.5] * 3 + [7] + [3.5] * (len(ob.data.vertices) - 4)
        assert [element.value for element in ob.data.attributes["constant"].data] == wanted
        vw.refresh()
        assert vw.memcache.tolist() == wanted


test_attributes_stored_as_a_single_value.min_version = (4, 3)
