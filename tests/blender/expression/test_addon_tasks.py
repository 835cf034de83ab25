# tests/blender/expression/test_addon_tasks.py: whole tasks of real add-ons, each beside the plain loop
import random

import bpy
import numpy as np
from mathutils import Matrix

from support import VERSION, random_image, random_mesh, refused, same


def loop(values, dtype="f"):
    return np.array([tuple(value) for value in values], dtype)


def test_corner_dots_of_an_exporter():
    """Index, normal, uv as halves and colour as bytes, side by side in one array."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1))
    uvs, colors = mesh.uv_layers["UV"].data, mesh.vertex_colors["Col"].data
    dots = np.zeros(len(mesh.loops), [("vertex", "i4"), ("normal", "f4", 3), ("uv", "f2", 2), ("color", "u1", 4)])
    assert dots.dtype.itemsize == 24
    Slicer(mesh.loops)[:, "vertex_index"].read(out=dots["vertex"])
    Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "normal"].read(out=dots["normal"])
    Slicer(uvs)[:, "uv"].read(out=dots["uv"])
    Slicer(colors, dtype="u1", normalized=True)[:, "color"].read(out=dots["color"])
    expected = np.zeros_like(dots)
    for i, corner in enumerate(mesh.loops):
        color = [round(255 * channel) for channel in colors[i].color]
        expected[i] = (corner.vertex_index, mesh.vertices[corner.vertex_index].normal, uvs[i].uv, color)
    same(dots.tolist(), expected.tolist())


def test_triangle_soup_of_mirrored_and_sheared_objects():
    from rnaslicer import Slicer
    rng = random.Random(2)
    mesh = random_mesh(rng)
    mesh.calc_loop_triangles()
    for mirrored in (False, True):
        ob = bpy.data.objects.new("O", mesh)
        rows = [[rng.uniform(-1, 1) + 2 * (row == column) for column in range(4)] for row in range(3)]
        shear = Matrix([*rows, [0, 0, 0, 1]])
        if (shear.determinant() < 0) != mirrored:
            shear = shear @ Matrix.Diagonal((-1, 1, 1, 1))
        ob.matrix_world = shear
        world = np.array(ob.matrix_world, "d")
        soup = Slicer(mesh.loop_triangles, transform=world)[:, "vertices", :, mesh.vertices, "co"].read()
        winding = -1 if np.linalg.det(world[:3, :3]) < 0 else 1
        assert winding == (-1 if mirrored else 1)
        found = np.asarray(soup)[:, ::winding]
        placed = [world[:3, :3] @ np.array(v.co) + world[:3, 3] for v in mesh.vertices]
        expected = [[placed[v] for v in list(triangle.vertices)[::winding]] for triangle in mesh.loop_triangles]
        assert found.dtype == "f" and np.allclose(found, expected, rtol=1e-6, atol=1e-5)
        normals = np.cross(found[:, 1] - found[:, 0], found[:, 2] - found[:, 0])
        inverse = np.linalg.inv(world[:3, :3]).T
        turned = np.array([inverse @ np.array(triangle.normal) for triangle in mesh.loop_triangles])
        assert ((normals * turned).sum(axis=1) > -1e-3).all(), "every triangle still faces outwards"


def test_frames_as_an_axis_while_the_count_changes():
    from rnaslicer import Slicer
    scene = bpy.context.scene
    mesh = random_mesh(random.Random(3), layers=False)
    ob = bpy.data.objects.new("Animated", mesh)
    scene.collection.objects.link(ob)
    for frame, x in ((1, 0.0), (6, 5.0)):
        ob.data.vertices[0].co.x = x
        ob.data.vertices[0].keyframe_insert("co", frame=frame)
    array = ob.modifiers.new("A", "ARRAY")
    for frame, count in ((1, 1), (4, 2)):
        array.count = count
        array.keyframe_insert("count", frame=frame)
        for curve in curves_of(ob):
            for point in curve.keyframe_points:
                point.interpolation = "CONSTANT"
    frames, expected, first = [], [], 0
    for frame in range(1, 7):
        scene.frame_set(frame)
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        positions = Slicer(evaluated.data.vertices)[:, "co"]
        if not frames or frames[-1].shape[1] != positions.shape[0]:
            if frames:
                with refused("RegionError", "shape", str(positions.shape)):
                    positions.read(out=frames[-1][frame - 1 - first])
            first = frame - 1
            frames.append(np.zeros((6 - first, *positions.shape), "f"))
        positions.read(out=frames[-1][frame - 1 - first])
        expected.append(loop(v.co for v in evaluated.data.vertices))
    assert [part.shape[1] for part in frames] == [len(mesh.vertices), 2 * len(mesh.vertices)]
    assert frames[0].shape[0] == 6 and frames[1].shape[0] == 3
    for frame in range(6):
        part = frames[0][frame] if frame < 3 else frames[1][frame - 3]
        same(part.tolist(), expected[frame].tolist(), f"frame {frame + 1}")


def curves_of(ob):
    action = ob.animation_data.action
    if VERSION < (5, 0):
        return list(action.fcurves)
    bags = [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]
    return [curve for bag in bags for curve in bag.fcurves]


def test_image_to_bytes_and_back():
    from rnaslicer import Slicer
    image = random_image(random.Random(4))
    width, height = image.size
    pixels = Slicer(image, dtype="u1", normalized=True)["pixels", :, :, :]
    found = np.asarray(pixels.read())
    expected = np.array([round(255 * min(max(value, 0), 1)) for value in image.pixels], "B").reshape(height, width, 4)
    same(found.tolist(), expected.tolist())
    flipped = np.ascontiguousarray(255 - found[::-1])
    pixels.write(flipped)
    same([round(255 * value) for value in image.pixels], flipped.ravel().tolist())


def test_geographic_coordinates():
    """Eight million metres from here, floats are half a metre apart: the offset comes before the cast."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(5), layers=False)
    offset = (8_000_000.125, -5_400_000.25, 312.5)
    placed = np.eye(4)
    placed[:3, 3] = offset
    view = Slicer(mesh.vertices, dtype="f8", transform=placed)[:, "co"]
    found = np.asarray(view.read())
    expected = np.array([[float(c) + o for c, o in zip(v.co, offset)] for v in mesh.vertices])
    same(found.tolist(), expected.tolist())
    assert len(np.unique(found[:, 0])) > len(np.unique(found[:, 0].astype("f"))), "floats would not tell them apart"
    before = loop(v.co for v in mesh.vertices)
    view.write(found + (0, 0, 2))
    assert np.allclose(loop(v.co for v in mesh.vertices), before + np.array((0, 0, 2), "f"), rtol=0, atol=1e-6)


def test_weights_padded_to_four():
    from rnaslicer import Slicer
    rng = random.Random(6)
    mesh = random_mesh(rng, layers=False)
    ob = bpy.data.objects.new("Weighted", mesh)
    groups = [ob.vertex_groups.new(name=f"G{i}") for i in range(6)]
    for vertex in range(len(mesh.vertices)):
        for group in rng.sample(groups, rng.randint(0, 4)):
            group.add([vertex], rng.random(), "REPLACE")
    options = dict(ragged="pad", width=4)
    with Slicer(mesh.vertices, **options)[:, "groups", :, "weight"] as weights, \
            Slicer(mesh.vertices, fill=-1, **options)[:, "groups", :, "group"] as indices:
        table, numbers = np.asarray(weights.memcache), np.asarray(indices.memcache)
        assert table.shape == numbers.shape == (len(mesh.vertices), 4)
        for i, vertex in enumerate(mesh.vertices):
            own = [(g.group, g.weight) for g in vertex.groups]
            assert weights.lengths[i] == len(own)
            same(numbers[i].tolist(), [g for g, _ in own] + [-1] * (4 - len(own)))
            same(table[i].tolist(), [w for _, w in own] + [0.0] * (4 - len(own)))
        sums = table.sum(axis=1, keepdims=True)
        table /= np.where(sums > 0, sums, 1)
        weights.update()
    for i, vertex in enumerate(mesh.vertices):
        same([g.weight for g in vertex.groups], table[i, :len(vertex.groups)].tolist())
