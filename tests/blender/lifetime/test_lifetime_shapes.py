# tests/blender/lifetime/test_lifetime_shapes.py: collections that change under a wrapper: followed, or named in time
import random

import bpy

from support import fill_memcache, random_image, random_mesh, random_objects, refused, same


def mesh(name="Random", columns=6):
    return random_mesh(random.Random(1), columns, 5, name=name, layers=False)


def untouched(vw, *uses):
    """Each use raises ShapeChangedError and leaves the cache alone; gives the messages."""
    held, messages = vw.memcache.tolist(), []
    for use in uses or (vw.refresh, vw.update):
        try:
            use()
        except BaseException as error:
            assert type(error).__name__ == "ShapeChangedError", repr(error)
            messages.append(str(error))
        else:
            raise AssertionError("not refused")
    same(vw.memcache.tolist(), held)
    return messages


def test_axes_are_named():
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co", :] as vw, Slicer(m)["vertices", 5:, "co", 0] as part:
        m.vertices.add(7)
        for message in untouched(vw):
            assert "axis 0 went from 42 to 49" in message, message
        for message in untouched(part):
            assert "axis 0 went from 37 to 44" in message, message
    image = random_image(random.Random(1))
    with Slicer(image)["pixels", :, :, :] as vw:
        image.scale(9, 4)
        for message in untouched(vw):
            assert "axis 0 went from 5 to 4; axis 1 went from 7 to 9" in message, message


def test_nothing_left():
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Animated", None)
    for frame in range(5):
        ob.keyframe_insert("location", index=0, frame=frame)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    points = curves[0].keyframe_points
    with Slicer(points)[:, "co", :] as vw:
        while len(points):
            points.remove(points[0])
        for message in untouched(vw):
            assert "axis 0 went from 5 to 0" in message, message


def test_nested_lengths_before_any_byte():
    """Three meshes in one transfer: the last one's length refuses it before the first has moved."""
    from rnaslicer import Slicer
    objects = []
    for i in range(3):
        ob = bpy.data.objects.new(f"Object{i}", mesh(f"Mesh{i}"))
        bpy.context.scene.collection.objects.link(ob)
        objects.append(ob)
    before = [[list(v.co) for v in ob.data.vertices] for ob in objects]
    with Slicer(bpy.data.objects)[:, "data", "vertices", :, "co", :] as vw:
        objects[2].data.vertices.add(1)
        fill_memcache(vw.memcache, [9.0] * (3 * 42 * 3))
        for message in untouched(vw):
            assert "Object2" in message or "objects[2]" in message, message
            assert "42" in message and "43" in message, message
        for ob, expected in zip(objects[:2], before):
            same([list(v.co) for v in ob.data.vertices], expected)
    with Slicer(bpy.data.objects, ragged="flat")[:, "data", "vertices", :, "co", :] as vw:
        same(vw.offsets.tolist(), [0, 42, 84, 127])
        objects[0].data.vertices.add(2)
        for message in untouched(vw):
            assert "axis 0 went from 127 to 129" in message, message
        objects[1].data.clear_geometry()
        untouched(vw)


def test_arrays_of_several_lengths():
    """Nested arrays (polygons' vertices): one that changes refuses the whole."""
    from rnaslicer import Slicer
    images = [random_image(random.Random(i)) for i in range(3)]
    with Slicer(images)[:, "pixels", :, :, 0] as vw:
        images[1].scale(3, 3)
        before = list(images[0].pixels)
        fill_memcache(vw.memcache, [0.5] * (3 * 5 * 7))
        untouched(vw)
        same(list(images[0].pixels), before)


def test_reallocated_with_equal_length():
    """Other allocations, the same data: nothing to be noticed."""
    from rnaslicer import Slicer
    m = mesh()
    ob = random_objects(random.Random(2), m, 1)[0]
    action_owner = bpy.data.objects.new("Animated", None)
    for frame in range(20):
        action_owner.location.x = frame
        action_owner.keyframe_insert("location", index=0, frame=frame)
    action = action_owner.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    with Slicer(m.vertices)[:, "co", :] as vw, Slicer(curves[0].keyframe_points)[:, "co", :] as keys:
        for step in range(3):
            copy = m.copy()
            bpy.context.view_layer.update()
            copied = [list(v.co) for v in copy.vertices]
            expected = [float(i + step) for i in range(126)]
            fill_memcache(vw.memcache, expected)
            vw.update()
            same([x for v in m.vertices for x in v.co], expected)
            same([list(v.co) for v in copy.vertices], copied, "the copy keeps its own")
            points = curves[0].keyframe_points
            points.insert(100.0 + step, 1.0)
            points.remove(points[len(points) - 1])
            points[3].co.y = 50.0 + step
            keys.refresh()
            same(keys.memcache[3, 1], 50.0 + step)
    assert ob


def test_layers_beside():
    """Added, removed, moved: the layer is found by its name."""
    from rnaslicer import Slicer
    m = mesh()
    names = ["first", 'qu"oted', "it's", "last"]
    for i, name in enumerate(names):
        m.attributes.new(name, "FLOAT", "POINT").data[0].value = float(i)
    wrappers = [Slicer(m.attributes[name].data)[:, "value"] for name in names[1:3]]
    uv = Slicer(m.uv_layers["UV"].data)[:, "uv", :]
    for vw in (*wrappers, uv):
        vw.__enter__()
    held = uv.memcache.tolist()
    m.attributes.remove(m.attributes["first"])
    m.uv_layers.new(name="Another")
    for i in range(7):
        m.attributes.new(f"more{i}", "FLOAT", "POINT")
    m.attributes.remove(m.attributes["last"])
    for i, vw in enumerate(wrappers, 1):
        vw.refresh()
        same(vw.memcache[0], float(i))
        vw.memcache[1] = 10.0 + i
        vw.update()
        same(m.attributes[names[i]].data[1].value, 10.0 + i)
    uv.refresh()
    same(uv.memcache.tolist(), held)
    for vw in (*wrappers, uv):
        vw.__exit__(None, None, None)


def test_a_layer_of_another_type():
    from rnaslicer import Slicer
    m = mesh()
    m.attributes.new("layer", "FLOAT", "POINT")
    with Slicer(m.attributes["layer"].data)[:, "value"] as vw:
        m.attributes.remove(m.attributes["layer"])
        m.attributes.new("layer", "INT", "POINT").data[3].value = 7
        messages = untouched(vw)
        assert "layer" in messages[0], messages
        same([d.value for d in m.attributes["layer"].data][3], 7)


def test_index_paths_mean_what_is_there():
    from rnaslicer import Slicer
    curve = bpy.data.curves.new("Curve", "CURVE")
    for i in range(4):
        curve.splines.new("BEZIER").bezier_points.add(2)
        curve.splines[i].bezier_points[0].co = i, 0, 0
    with Slicer(curve.splines[2].bezier_points)[:, "co", 0] as vw:
        same(vw.memcache[0], 2.0)
        curve.splines.remove(curve.splines[0])
        vw.refresh()
        same(vw.memcache[0], 3.0)
        curve.splines.remove(curve.splines[0])
        with refused("SupplierLostError", "splines[2]"):
            vw.refresh()
        assert not vw.alive
        curve.splines.new("BEZIER").bezier_points.add(2)
        vw.refresh()
        curve.splines[2].bezier_points.add(1)
        with refused("ShapeChangedError", "axis 0 went from 3 to 4"):
            vw.refresh()


def test_edit_mode_and_back():
    from rnaslicer import Slicer
    m = mesh()
    ob = random_objects(random.Random(2), m, 1)[0]
    bpy.context.view_layer.objects.active = ob
    with Slicer(m.vertices)[:, "co", :] as vw:
        bpy.ops.object.mode_set(mode="EDIT")
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.memcache[0, 0] = 12.0
        vw.update()
        same(m.vertices[0].co.x, 12.0)
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.mesh.delete(type="VERT")
        bpy.ops.object.mode_set(mode="OBJECT")
        for message in untouched(vw):
            assert f"axis 0 went from 42 to {len(m.vertices)}" in message, message
