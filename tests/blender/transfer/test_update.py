# tests/blender/transfer/test_update.py: what update leaves in Blender, and that Blender knows about it right after
import random

import bpy

from support import (ATTRIBUTES, DOMAINS, EVERY, fill_memcache, flat, plain, random_image, random_keyframes, random_mesh,
                     random_objects, random_values, same, snapshot, spec)


def twins(layers=True):
    """Two meshes with the same random data."""
    mesh = random_mesh(random.Random(1), name="One", layers=layers)
    return mesh, mesh.copy()


def differences(one, two):
    a, b = snapshot(one), snapshot(two)
    return [name for name in a if a[name] != b.get(name)]


def same_as_oracle(supplier_of, subscript, dtype=None, low=None, high=None):
    """Write random values to a mesh through rnaslicer, to its twin through setattr: all of both must agree."""
    from rnaslicer import Slicer
    one, two = twins()
    with Slicer(supplier_of(one), dtype=dtype)[subscript] as vw:
        values = random_values(random.Random(2), vw.format, _count(vw.shape), low, high)
        fill_memcache(vw.memcache, values)
        before = vw.memcache.tolist()
        vw.update()
        same(vw.memcache.tolist(), before, "update changed the MemCache")
        spec.assign(supplier_of(two), subscript, values, dtype)
        two.update()
        assert not differences(one, two), (subscript, differences(one, two))
        vw.refresh()
        same(vw.memcache.tolist(), spec.evaluate(supplier_of(one), subscript, dtype).tolist(), "refreshed")


def test_positions():
    for subscript in ((EVERY, "co", EVERY), (EVERY, "co", "z"), (EVERY, "co", 1), (EVERY, "co", "zyx"),
                      (slice(10, 100, 3), "co", slice(None, None, -1)), (slice(None, None, -2), "co"), (5, "co", EVERY),
                      ([3, 1, 77], "co", ("x", "z"))):
        same_as_oracle(lambda m: m.vertices, subscript)


def test_last_in_c_order_wins():
    same_as_oracle(lambda m: m.vertices, (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY))
    same_as_oracle(lambda m: m.vertices, (EVERY, "co", "xyx"))
    same_as_oracle(lambda m: m.vertices, ([4, 9, 4, 4, 2], "co"))


def test_flags():
    for elements, names in (("vertices", ("select", "hide")), ("edges", ("select", "use_seam", "use_edge_sharp")),
                            ("polygons", ("select", "use_smooth", "hide"))):
        for name in names:
            same_as_oracle(lambda m: getattr(m, elements), (EVERY, name))
            same_as_oracle(lambda m: getattr(m, elements), (slice(None, None, 3), name))


def test_integers():
    same_as_oracle(lambda m: m.polygons, (EVERY, "material_index"), low=0, high=3)


def test_colors():
    for bounds in ((0, 1), (-1, 2)):  # beyond 0…1 the setter clamps
        same_as_oracle(lambda m: m.vertex_colors, (["Col"], "data", EVERY, "color"), None, *bounds)
        same_as_oracle(lambda m: m.vertex_colors["Col"].data, (EVERY, "color", "bgr"), None, *bounds)
        same_as_oracle(lambda m: m.attributes["BYTE_COLOR_POINT"].data, (EVERY, "color"), None, *bounds)


def test_uv():
    same_as_oracle(lambda m: m.uv_layers["UV"].data, (EVERY, "uv"))
    same_as_oracle(lambda m: m.uv_layers["UV"].data, (EVERY, "uv", "y"))


def test_attributes_of_each_type(data_type):
    name, format, _ = ATTRIBUTES[data_type]
    for domain in DOMAINS:
        bounds = (-128, 127) if data_type == "INT8" else (0, 1) if "COLOR" in data_type else (None, None)
        same_as_oracle(lambda m: m.attributes[f"{data_type}_{domain}"].data, (EVERY, name), None, *bounds)


test_attributes_of_each_type.cases = {name: (name,) for name in ATTRIBUTES}


def test_narrow_integers_saturate():
    same_as_oracle(lambda m: m.attributes["INT8_POINT"].data, (EVERY, "value"), None, -1000, 1000)


def test_through_other_formats():
    same_as_oracle(lambda m: m.vertices, (EVERY, "co"), "d")
    same_as_oracle(lambda m: m.vertices, (EVERY, "co"), "i")
    same_as_oracle(lambda m: m.vertices, (EVERY, "select"), "f")
    same_as_oracle(lambda m: m.attributes["INT_FACE"].data, (EVERY, "value"), "d")


def test_nan_and_other_extremes():
    from rnaslicer import Slicer
    one, two = twins()
    special = [float("nan"), -0.0, 1e-45, 3.4028234663852886e38, -1.1754943508222875e-38]
    for data_of, subscript in ((lambda m: m.uv_layers["UV"].data, (EVERY, "uv")), (lambda m: m.vertices, (EVERY, "co"))):
        with Slicer(data_of(one))[subscript] as vw:
            for i, value in enumerate(special):
                vw.memcache[i, 1] = value
            vw.update()
        for i, value in enumerate(special):
            getattr(data_of(two)[i], subscript[1])[1] = value
    with Slicer(one.attributes["FLOAT_POINT"].data)[:, "value"] as vw:
        vw.memcache[0], vw.memcache[1] = float("inf"), -float("inf")
        vw.update()
    two.attributes["FLOAT_POINT"].data[0].value, two.attributes["FLOAT_POINT"].data[1].value = float("inf"), -float("inf")
    for m in (one, two):
        m.update()
    assert not differences(one, two), differences(one, two)


def test_regions():
    import numpy as np
    from rnaslicer import Slicer
    regions = {
        "rows": lambda m: m[10:20, :], "stepped": lambda m: m[3::7, :], "a column": lambda m: m[:, 1],
        "backwards": lambda m: m[20:5:-3, ::-1], "one row": lambda m: m[7], "one value": lambda m: m[7:8, 2:3],
        "none": lambda m: m[5:5, :], "all": lambda m: m, "numpy rows": lambda m: np.asarray(m)[4:9],
        "numpy transposed": lambda m: np.asarray(m).T[1:, 3:30:5], "numpy column": lambda m: np.asarray(m)[2:11, 0],
        "memoryview": memoryview,
    }
    for name, region_of in regions.items():
        one, two = twins(layers=False)
        with Slicer(one.vertices)[:, "co", :] as vw:
            values = random_values(random.Random(3), "f", _count(vw.shape))
            fill_memcache(vw.memcache, values)
            region = region_of(vw.memcache)
            vw.update(region)
            touched = _marked(vw.shape, region_of)
            spec.assign(two.vertices, (EVERY, "co", EVERY), values, where=touched)
            two.update()
            assert not differences(one, two), (name, differences(one, two))
            fill_memcache(vw.memcache, [0.125] * len(values))  # refresh must fill the region, and only it
            vw.refresh(region)
            held = [c for v in one.vertices for c in v.co]
            same(flat(vw.memcache.tolist()), [held[i] if i in touched else 0.125 for i in range(len(held))], name)


def test_regions_on_every_route():
    """A region of flags, byte colours, objects and computed values reaches only its elements."""
    from rnaslicer import Slicer
    objects = random_objects(random.Random(4), random_mesh(random.Random(5), 3, 3, layers=False))
    before = [list(o.location) for o in objects]
    with Slicer(bpy.data.objects)[:, "location", :] as vw:
        fill_memcache(vw.memcache, [0.5] * 27)
        vw.update(vw.memcache[2:5, 1:])
    for i, o in enumerate(objects):
        same(list(o.location), [before[i][0], 0.5, 0.5] if 2 <= i < 5 else before[i], o.name)
    for elements_of, subscript in ((lambda m: m.vertices, (EVERY, "select")), (lambda m: m.edges, (EVERY, "use_seam")),
                                   (lambda m: m.polygons, (EVERY, "use_smooth")),
                                   (lambda m: m.vertex_colors["Col"].data, (EVERY, "color", "r"))):
        one, two = twins(layers=False)
        with Slicer(elements_of(one))[subscript] as vw:
            values = random_values(random.Random(6), vw.format, _count(vw.shape), 0, 1)
            fill_memcache(vw.memcache, values)
            vw.update(vw.memcache[5:40:4])
            spec.assign(elements_of(two), subscript, values, where=range(5, 40, 4))
            two.update()
            assert not differences(one, two), (subscript, differences(one, two))


def test_neighbours_in_the_same_struct():
    """Bezier points hold everything in one struct: writing one field leaves the others alone."""
    from rnaslicer import Slicer
    rng = random.Random(7)
    curve = bpy.data.curves.new("Curve", "CURVE")
    spline = curve.splines.new("BEZIER")
    spline.bezier_points.add(20)
    names = ("co", "handle_left", "handle_right", "tilt", "radius", "weight_softbody", "select_control_point",
             "hide", "handle_left_type")
    for point in spline.bezier_points:
        point.handle_left_type = point.handle_right_type = "FREE"
        point.co, point.tilt, point.radius = [rng.random() for _ in range(3)], rng.random(), rng.random()
        point.select_control_point = rng.random() < 0.5
    for name, format in (("tilt", "f"), ("co", "f"), ("select_control_point", "?"), ("hide", "?"), ("radius", "f")):
        before = [{n: plain(getattr(p, n)) for n in names} for p in spline.bezier_points]
        with Slicer(spline.bezier_points)[:, name] as vw:
            values = random_values(rng, format, _count(vw.shape), 0, 1)
            fill_memcache(vw.memcache, values)
            vw.update()
            written = vw.memcache.tolist()
        for i, point in enumerate(spline.bezier_points):
            for n in names:
                assert plain(getattr(point, n)) == (plain(written[i]) if n == name else before[i][n]), (name, i, n)


def test_objects_and_tuples():
    from rnaslicer import Slicer
    objects = random_objects(random.Random(8), random_mesh(random.Random(9), 3, 3, layers=False))
    with Slicer(bpy.data.objects)[:, ("location", "scale"), :] as vw:
        values = random_values(random.Random(10), "f", _count(vw.shape))
        fill_memcache(vw.memcache, values)
        vw.update()
        same([[list(o.location), list(o.scale)] for o in objects], vw.memcache.tolist())
    bpy.context.view_layer.update()
    for o in objects:
        same(list(o.matrix_world.translation), list(o.location), "the scene knows the new place")


def test_shared_data_through_pointers():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(11), 3, 3, layers=False)
    random_objects(random.Random(12), mesh, 2)
    with Slicer(bpy.data.objects)[:, "data", "vertices", 0, "co"] as vw:
        fill_memcache(vw.memcache, [1, 2, 3, 4, 5, 6])
        vw.update()
    same(list(mesh.vertices[0].co), [4.0, 5.0, 6.0])


def test_images():
    from rnaslicer import Slicer
    image = random_image(random.Random(13))
    rng = random.Random(14)
    with Slicer(image)["pixels", :, :, :] as vw:
        values = random_values(rng, "f", _count(vw.shape), 0, 1)
        fill_memcache(vw.memcache, values)
        vw.update()
        same(list(image.pixels), values)
        fill_memcache(vw.memcache, [0.5] * len(values))
        vw.update(vw.memcache[1:3, 2, :3])
    expected = list(values)
    for y in (1, 2):
        for c in range(3):
            expected[4 * (7 * y + 2) + c] = 0.5
    same(list(image.pixels), expected, "region")
    with Slicer(image.pixels)[:] as vw:
        fill_memcache(vw.memcache, values)
        vw.update()
    same(list(image.pixels), values)


def test_keyframes():
    from rnaslicer import Slicer
    _, curve = random_keyframes(random.Random(15))
    for key in curve.keyframe_points:
        key.handle_left_type = key.handle_right_type = "FREE"
    with Slicer(curve.keyframe_points)[:, "co", "y"] as vw:
        values = random_values(random.Random(16), "f", len(curve.keyframe_points))
        fill_memcache(vw.memcache, values)
        vw.update()
    same([key.co.y for key in curve.keyframe_points], values)
    bpy.context.scene.frame_set(int(curve.keyframe_points[3].co.x))
    same(bpy.data.objects["Animated"].location.x, values[3], "the animation plays the new keys")


def test_positions_are_known_right_after():
    """Normals, bounds, ray casts and evaluated copies, compared with a mesh moved by bpy."""
    from rnaslicer import Slicer
    one, two = twins(layers=False)
    first, second = (bpy.data.objects.new(m.name, m) for m in (one, two))
    for ob in (first, second):
        bpy.context.scene.collection.objects.link(ob)
    for m in (one, two):  # have something cached that could go stale
        [list(v.normal) for v in m.vertices], [list(p.normal) for p in m.polygons]
    bpy.context.view_layer.update()
    for ob in (first, second):
        ob.ray_cast((4, 4, 50), (0, 0, -1)), list(ob.bound_box[0])
    with Slicer(one.vertices)[:, "co", :] as vw:
        for i in range(vw.shape[0]):
            vw.memcache[i, 2] = vw.memcache[i, 2] + 0.01 * i
        vw.update()
        for i, v in enumerate(two.vertices):
            v.co.z += 0.01 * i
    graph = bpy.context.evaluated_depsgraph_get()
    for read in (lambda o: [list(v.normal) for v in o.data.vertices], lambda o: [list(p.normal) for p in o.data.polygons],
                 lambda o: [list(v.co) for v in o.evaluated_get(graph).data.vertices],
                 lambda o: [list(v.normal) for v in o.evaluated_get(graph).data.vertices],
                 lambda o: [list(c) for c in o.evaluated_get(graph).bound_box],
                 lambda o: [list(x) if hasattr(x, "__len__") else x for x in o.ray_cast((4, 4, 50), (0, 0, -1))]):
        same(read(first), read(second))


def test_attributes_are_known_right_after():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(17))
    ob = bpy.data.objects.new("Object", mesh)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    with Slicer(mesh.attributes["FLOAT_POINT"].data)[:, "value"] as vw:
        fill_memcache(vw.memcache, [float(i) for i in range(vw.shape[0])])
        vw.update()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    same([e.value for e in evaluated.attributes["FLOAT_POINT"].data], [float(i) for i in range(len(mesh.vertices))])


def test_copies_keep_their_values():
    """Copies share arrays with their original (copy on write): an update reaches the one, not the other."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(18))
    for layer in ("FLOAT_POINT", "BOOLEAN_CORNER", "BYTE_COLOR_CORNER", "FLOAT_VECTOR_FACE"):
        copy = mesh.copy()
        before = snapshot(copy)
        data_type = mesh.attributes[layer].data_type
        name, format, _ = ATTRIBUTES[data_type]
        with Slicer(mesh.attributes[layer].data)[:, name] as vw:
            fill_memcache(vw.memcache, random_values(random.Random(19), format, _count(vw.shape), 0, 1))
            vw.update()
        assert snapshot(copy) == before, layer
    for elements, name in (("vertices", "co"), ("edges", "use_seam"), ("polygons", "use_smooth")):
        copy = mesh.copy()
        before = snapshot(copy)
        with Slicer(getattr(mesh, elements))[:, name] as vw:
            fill_memcache(vw.memcache, random_values(random.Random(20), vw.format, _count(vw.shape), 0, 1))
            vw.update()
        assert snapshot(copy) == before, (elements, name)
    for data_of, name in ((lambda m: m.uv_layers["UV"].data, "uv"), (lambda m: m.vertex_colors["Col"].data, "color")):
        copy = mesh.copy()
        before = snapshot(copy)
        with Slicer(data_of(mesh))[:, name] as vw:
            fill_memcache(vw.memcache, random_values(random.Random(21), "f", _count(vw.shape), 0, 1))
            vw.update()
        assert snapshot(copy) == before, name


def test_linked_data_is_read_only(tmp=None):
    import os
    import tempfile
    from rnaslicer import Slicer
    from support import refused
    mesh = random_mesh(random.Random(22), 3, 3, name="Linked", layers=False)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        bpy.data.libraries.write(path, {mesh}, fake_user=True)
        bpy.data.meshes.remove(mesh)
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.meshes = ["Linked"]
        linked = wanted.meshes[0]
        before = [list(v.co) for v in linked.vertices]
        with Slicer(linked.vertices)[:, "co"] as vw:
            same(vw.memcache.tolist(), before)
            assert vw.readonly
            vw.memcache[0, 0] = 99.0
            with refused("ReadOnlyError"):
                vw.update()
        same([list(v.co) for v in linked.vertices], before)


def _count(shape):
    count = 1
    for n in shape:
        count *= n
    return count


def _marked(shape, region_of):
    """The C-order positions that a region covers, found with NumPy on an array of the same shape."""
    import numpy as np
    marks = np.zeros(shape, np.int8)
    region = region_of(marks) if region_of is not memoryview else marks
    region[...] = 1
    return set(np.flatnonzero(marks).tolist())


def test_callbacks_of_scripts():
    """A script's property group hears of every element that an update writes, as of assignments."""
    from rnaslicer import Slicer
    heard = []

    class RnaslicerGroup(bpy.types.PropertyGroup):
        level: bpy.props.FloatProperty(max=5, update=lambda self, _: heard.append(self.level))

    bpy.utils.register_class(RnaslicerGroup)
    bpy.types.Scene.rnaslicer_groups = bpy.props.CollectionProperty(type=RnaslicerGroup)
    try:
        groups = bpy.context.scene.rnaslicer_groups
        for _ in range(12):
            groups.add()
        with Slicer(groups)[:, "level"] as vw:
            for i in range(12):
                vw.memcache[i] = i
            vw.update()
        assert heard == [group.level for group in groups] == [min(i, 5) for i in range(12)], heard
    finally:
        del bpy.types.Scene.rnaslicer_groups
        bpy.utils.unregister_class(RnaslicerGroup)
