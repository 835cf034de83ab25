# tests/blender/transfer/test_foreach_right.py: what bpy's bulk calls get wrong, refuse in part or leave undone
"""At first calls, which are bpy's own, and along trails."""
import array

import bpy
import numpy as np

from support import VERSION, refused
from test_foreach import forget_kinds, trails_at_once


def each_way():
    """Runs what follows with bpy's own calls as long as little is read, and with trails from the first call on."""
    for enough in (1 << 40, 0):
        forget_kinds()
        with trails_at_once(enough):
            yield enough


def grid(count=6):
    mesh = bpy.data.meshes.new("Grid")
    mesh.from_pydata([(x, y, 0) for y in range(count) for x in range(count)], [], [
        (y * count + x, y * count + x + 1, y * count + x + count + 1, y * count + x + count)
        for y in range(count - 1) for x in range(count - 1)])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Grid", mesh))
    return mesh


def test_matrices_lie_by_columns():
    from rnaslicer import foreach_get, foreach_set
    mesh = grid()
    data = mesh.attributes.new("Matrix", "FLOAT4X4", "POINT").data
    values = np.arange(16 * len(data), dtype="f")
    for _ in each_way():
        for form in (np.array, np.ndarray.tolist, lambda a: a.reshape(-1, 4, 4)):
            data.foreach_set("value", values * 0)
            foreach_set(data, "value", form(values))
            assert [list(row) for row in data[0].value] == np.arange(16).reshape(4, 4).T.tolist()
            found = form(values * 0)
            foreach_get(data, "value", found)
            assert np.array_equal(np.array(found, "f").reshape(-1), values)


test_matrices_lie_by_columns.min_version = (4, 3)


def test_read_only_buffers():
    from rnaslicer import foreach_get
    mesh = grid()
    for _ in each_way():
        for small in (True, False):
            kept = bytes(12 * len(mesh.vertices) * (1 if small else 2))
            for buffer in (np.frombuffer(kept, "f"), memoryview(kept).cast("f"), np.frombuffer(kept, "f").reshape(-1, 3)):
                for _ in range(3):
                    with refused("SlicerError", "co"):
                        foreach_get(mesh.vertices, "co", buffer)
                assert not any(kept)


def test_half_floats():
    from rnaslicer import foreach_get, foreach_set
    mesh = grid()
    for _ in each_way():
        values = np.arange(3 * len(mesh.vertices)).astype("e")
        foreach_set(mesh.vertices, "co", memoryview(values))
        assert [x for vertex in mesh.vertices for x in vertex.co] == values.tolist()
        found = np.zeros_like(values)
        foreach_get(mesh.vertices, "co", memoryview(found))
        assert found.tolist() == values.tolist()


def test_polygons_of_one_corner():
    """Blender makes as many triangles as corners less two, and takes memory for a negative number of them."""
    from rnaslicer import Slicer, foreach_get
    for totals in ((1, 4), (4, 1), (1, 1, 1)):
        mesh = bpy.data.meshes.new("Half")
        mesh.vertices.add(4)
        mesh.edges.add(4)
        mesh.loops.add(sum(totals))
        mesh.polygons.add(len(totals))
        mesh.polygons.foreach_set("loop_start", np.cumsum((0, *totals))[:-1].tolist())
        if VERSION < (4, 0):
            mesh.polygons.foreach_set("loop_total", totals)
        mesh.loops.foreach_set("vertex_index", [i % 4 for i in range(sum(totals))])
        mesh.edges.foreach_set("vertices", [0, 1, 1, 2, 2, 3, 3, 0])
        for _ in each_way():
            with refused("ContextError", "polygon"):
                foreach_get(mesh.loop_triangles, "area", array.array("f", [0] * 8))
            for items in ((slice(None), "area"), (slice(None), "vertices", slice(None))):
                for _ in range(3):
                    with refused("ContextError", "polygon"), Slicer(mesh.loop_triangles)[items]:
                        pass


def test_enums_of_few_bits():
    from rnaslicer import foreach_get, foreach_set
    curve = bpy.data.curves.new("Curve", "CURVE")
    points = curve.splines.new("BEZIER").bezier_points
    points.add(5)
    names = [item.identifier for item in points[0].bl_rna.properties["handle_left_type"].enum_items]
    objects = [bpy.data.objects.new(f"O{i}", None) for i in range(5)]
    for _ in each_way():
        for i, point in enumerate(points):
            point.handle_left_type = names[i % 4]
        wanted = [point.bl_rna.properties["handle_left_type"].enum_items[point.handle_left_type].value for point in points]
        for form in (lambda v: array.array("i", v), list, lambda v: np.array(v).reshape(2, 3)):
            found = form([77] * len(points))
            foreach_get(points, "handle_left_type", found)
            assert np.array(found).reshape(-1).tolist() == wanted
            foreach_set(points, "handle_left_type", form(wanted[::-1]))
            foreach_get(points, "handle_left_type", found)
            assert np.array(found).reshape(-1).tolist() == wanted[::-1]
            foreach_set(points, "handle_left_type", form(wanted))
        for ob in objects:
            ob.rotation_mode, ob.track_axis = "QUATERNION", "POS_X"
        found = array.array("i", [77] * len(bpy.data.objects))
        foreach_get(bpy.data.objects, "rotation_mode", found)
        assert found.tolist() == [0] * len(found)
        item = objects[0].bl_rna.properties["track_axis"].enum_items["POS_Z"].value
        foreach_set(bpy.data.objects, "track_axis", array.array("i", [item] * len(found)))
        assert {ob.track_axis for ob in objects} == {"POS_Z"}


def test_enums_beside_other_bits():
    from rnaslicer import foreach_get, foreach_set
    points = bpy.data.brushes.new("Brush").curve.curves[0].points if VERSION < (5, 0) else (
        bpy.context.scene.view_settings.curve_mapping.curves[0].points)
    for point in points:
        point.handle_type, point.select = "AUTO", True
    for _ in each_way():
        found = [7] * len(points)
        foreach_get(points, "handle_type", found)
        assert found == [0] * len(points)
        foreach_set(points, "handle_type", found)
        assert all(point.select for point in points)


def test_places_are_followed():
    """Where the first is none that stays as it is, too."""
    from rnaslicer import foreach_set
    for _ in each_way():
        for first in (float("inf"), float("nan")):
            mesh = grid()
            ob = bpy.context.scene.collection.objects[-1]
            bpy.context.view_layer.update()
            assert mesh.vertices[14].normal.z == 1
            values = np.array([(v.co.x, v.co.y, v.co.x * 3) for v in mesh.vertices], "f").reshape(-1).tolist()
            values[0] = first
            foreach_set(mesh.vertices, "co", values)
            assert mesh.vertices[14].normal.z < 0.9, (first, mesh.vertices[14].normal)
            evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
            assert list(evaluated.vertices[14].co) == list(mesh.vertices[14].co), first
