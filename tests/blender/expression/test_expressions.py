# tests/blender/expression/test_expressions.py: the expressions that must work everywhere, element by element against bpy
import random

import bpy

from support import ATTRIBUTES, DOMAINS, EVERY, check, random_image, random_mesh, random_objects, same


def big_mesh():
    return random_mesh(random.Random(1), 52, 41, layers=False)  # 2226 vertices


def small_mesh(**options):
    return random_mesh(random.Random(2), **options)


def test_polygon_normals():
    mesh = big_mesh()
    expected = [list(p.normal) for p in mesh.polygons]
    check(mesh.polygons, (EVERY, "normal", EVERY), expected, "f")
    check(mesh.polygons, ("normal", EVERY), expected, "f")
    check(mesh.polygons, ("normal",), expected, "f")


def test_vertex_positions():
    mesh = big_mesh()
    co = [list(v.co) for v in mesh.vertices]
    check(mesh.vertices, (EVERY, "co", EVERY), co, "f")
    check(mesh.vertices, (EVERY, "co"), co, "f")
    check(mesh.vertices, (EVERY, "co", ...), co, "f")
    check(mesh.vertices, (..., "co"), co, "f")
    check(mesh.vertices, "co", co, "f")


def test_position_components():
    mesh = big_mesh()
    z = [v.co[2] for v in mesh.vertices]
    check(mesh.vertices, (EVERY, "co", "z"), z, "f")
    check(mesh.vertices, (EVERY, "co", 2), z, "f")
    check(mesh.vertices, (EVERY, "co", -1), z, "f")
    check(mesh.vertices, (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY),
          [[[c] * 3 for c in v.co] for v in mesh.vertices], "f")
    check(mesh.vertices, (EVERY, "co", "zyx"), [list(v.co)[::-1] for v in mesh.vertices], "f")
    check(mesh.vertices, (EVERY, "co", ("x", "z")), [[v.co.x, v.co.z] for v in mesh.vertices], "f")


def test_position_slices():
    mesh = big_mesh()
    co = [list(v.co) for v in mesh.vertices]
    check(mesh.vertices, (slice(10, 2000, 3), "co", slice(None, None, -1)), [c[::-1] for c in co[10:2000:3]], "f")
    check(mesh.vertices, (5, "co", EVERY), co[5], "f")
    check(mesh.vertices, (-1, "co", EVERY), co[-1], "f")
    check(mesh.vertices, (5, "co", 1), co[5][1], "f")
    check(mesh.vertices, (slice(None, None, -1), "co"), co[::-1], "f")
    check(mesh.vertices, (slice(-10, None), "co", slice(0, 2)), [c[:2] for c in co[-10:]], "f")
    check(mesh.vertices, (slice(7, 7), "co"), [], "f")


def test_gathers_and_masks():
    mesh = big_mesh()
    co = [list(v.co) for v in mesh.vertices]
    chosen = [5, 5, 2000, 0, -1]
    check(mesh.vertices, (chosen, "co"), [co[i] for i in chosen], "f")
    mask = [i % 3 == 0 for i in range(len(co))]
    check(mesh.vertices, (mask, "co", "y"), [c[1] for c in co[::3]], "f")
    check(mesh.vertices, (EVERY, "co", [2, 0]), [[c[2], c[0]] for c in co], "f")
    import numpy as np
    check(mesh.vertices, (np.array(chosen), "co"), [co[i] for i in chosen], "f")
    check(mesh.vertices, (np.array(mask), "co"), co[::3], "f")
    check(mesh.vertices, (np.int64(3), "co"), co[3], "f")


def test_byte_colors_by_key():
    mesh = big_mesh()
    expected = [[list(e.color) for e in mesh.vertex_colors["Col"].data]]
    check(mesh.vertex_colors, (["Col"], "data", EVERY, "color", EVERY), expected, "f")
    check(mesh.vertex_colors["Col"].data, (EVERY, "color", "bgra"),
          [[c[2], c[1], c[0], c[3]] for c in expected[0]], "f")


def test_topology():
    mesh = big_mesh()
    check(mesh.edges, (EVERY, "vertices", EVERY), [list(e.vertices) for e in mesh.edges], "i")
    check(mesh.loops, (EVERY, "vertex_index"), [c.vertex_index for c in mesh.loops], "i")
    check(mesh.loops, (EVERY, "edge_index"), [c.edge_index for c in mesh.loops], "i")
    check(mesh.polygons, (EVERY, "loop_start"), [p.loop_start for p in mesh.polygons], "i")
    check(mesh.polygons, (EVERY, "loop_total"), [p.loop_total for p in mesh.polygons], "i")
    check(mesh.polygons, (EVERY, "material_index"), [p.material_index for p in mesh.polygons], "i")


def test_flags():
    mesh = big_mesh()
    for elements, names in ((mesh.vertices, ("select", "hide")), (mesh.edges, ("select", "use_seam", "use_edge_sharp")),
                            (mesh.polygons, ("select", "hide", "use_smooth"))):
        for name in names:
            check(elements, (EVERY, name), [getattr(e, name) for e in elements], "?")


def test_attributes_of_each_type():
    mesh = small_mesh()
    for data_type, (name, format, _) in ATTRIBUTES.items():
        for domain in DOMAINS:
            data = mesh.attributes[f"{data_type}_{domain}"].data
            expected = [_listed(getattr(e, name)) for e in data]
            check(data, (EVERY, name), expected, format)
            assert len(expected) > 50


def test_color_srgb():
    mesh = small_mesh()
    data = mesh.attributes["BYTE_COLOR_POINT"].data
    check(data, (EVERY, "color_srgb"), [list(e.color_srgb) for e in data], "f")


def test_uv():
    mesh = big_mesh()
    data = mesh.uv_layers["UV"].data
    check(data, (EVERY, "uv", EVERY), [list(e.uv) for e in data], "f")
    check(data, (EVERY, "uv", "yx"), [[e.uv[1], e.uv[0]] for e in data], "f")
    check(mesh.uv_layers, (["UV"], "data", EVERY, "uv"), [[list(e.uv) for e in data]], "f")


def test_objects():
    random_objects(random.Random(3), small_mesh(layers=False))
    objects = bpy.data.objects
    check(objects, (EVERY, "location", EVERY), [list(o.location) for o in objects], "f")
    check(objects, (EVERY, ("location", "scale"), EVERY), [[list(o.location), list(o.scale)] for o in objects], "f")
    check(objects, (EVERY, "pass_index"), [o.pass_index for o in objects], "i")
    check(objects, (EVERY, "hide_render"), [o.hide_render for o in objects], "?")
    check(objects, (EVERY, "rotation_quaternion", "wz"),
          [[o.rotation_quaternion.w, o.rotation_quaternion.z] for o in objects], "f")
    check(objects, (["Object03", "Object01"], "location"),
          [list(objects[k].location) for k in ("Object03", "Object01")], "f")
    check(objects, (EVERY, "matrix_world"), [[list(row) for row in o.matrix_world] for o in objects], "f")
    check(objects, (EVERY, "matrix_world", slice(0, 3), 3), [list(o.matrix_world.translation) for o in objects], "f")
    check(objects, (EVERY, ("pass_index", "hide_render")), [[o.pass_index, int(o.hide_render)] for o in objects], "i")


def test_enums_are_numbers():
    random_objects(random.Random(4), small_mesh(layers=False))
    numbers = {item.identifier: item.value for item in bpy.types.Object.bl_rna.properties["rotation_mode"].enum_items}
    check(bpy.data.objects, (EVERY, "rotation_mode"), [numbers[o.rotation_mode] for o in bpy.data.objects], "i")


def test_a_struct():
    mesh = small_mesh(layers=False)
    ob = random_objects(random.Random(5), mesh, 1)[0]
    check(ob, "location", list(ob.location), "f")
    check(ob, ("location", "z"), ob.location.z, "f")
    check(ob, ("data", "vertices", EVERY, "co"), [list(v.co) for v in mesh.vertices], "f")
    check(mesh, ("vertices", EVERY, "co", EVERY), [list(v.co) for v in mesh.vertices], "f")
    check(mesh, ("vertices", "co"), [list(v.co) for v in mesh.vertices], "f")


def test_pointer_steps():
    mesh = small_mesh(layers=False)
    random_objects(random.Random(6), mesh, 3)
    co = [list(v.co) for v in mesh.vertices]
    check(bpy.data.objects, (EVERY, "data", "vertices", EVERY, "co"), [co] * 3, "f")
    check(bpy.data.objects, ("data", "vertices", 4, "co", "x"), [co[4][0]] * 3, "f")


def test_sequences_of_structs():
    objects = random_objects(random.Random(7), small_mesh(layers=False), 4)
    check([objects[2], objects[0]], (EVERY, "location"), [list(objects[2].location), list(objects[0].location)], "f")
    meshes = [random_mesh(random.Random(i), 3, 3, layers=False) for i in range(2)]
    check(meshes, (EVERY, "vertices", EVERY, "co"), [[list(v.co) for v in m.vertices] for m in meshes], "f")


def test_ragged_flat():
    from rnaslicer import Slicer
    mesh = small_mesh(layers=False)
    expected = [i for p in mesh.polygons for i in p.vertices]
    starts = [p.loop_start for p in mesh.polygons] + [len(mesh.loops)]
    with Slicer(mesh.polygons, ragged="flat")[:, "vertices"] as vw:
        same(vw.memcache.tolist(), expected, "polygons[:].vertices")
        same(vw.offsets.tolist(), starts, "offsets")
        assert vw.offsets.format == "q"
    meshes = [random_mesh(random.Random(i), 3 + i, 3, layers=False) for i in range(3)]
    with Slicer(meshes, ragged="flat")[:, "vertices", :, "co"] as vw:
        same(vw.memcache.tolist(), [list(v.co) for m in meshes for v in m.vertices], "vertices of three meshes")
        same(vw.offsets.tolist(), [0, 16, 36, 60], "offsets")


def test_vertex_weights():
    from rnaslicer import Slicer
    rng = random.Random(8)
    mesh = small_mesh(layers=False)
    ob = random_objects(rng, mesh, 1)[0]
    groups = [ob.vertex_groups.new(name=f"g{i}") for i in range(3)]
    for v in mesh.vertices:
        for group in rng.sample(groups, rng.randrange(4)):
            group.add([v.index], rng.random(), "REPLACE")
    expected = [g.weight for v in mesh.vertices for g in v.groups]
    offsets = [0]
    for v in mesh.vertices:
        offsets.append(offsets[-1] + len(v.groups))
    with Slicer(mesh.vertices, ragged="flat")[:, "groups", :, "weight"] as vw:
        same(vw.memcache.tolist(), expected, "weights")
        same(vw.offsets.tolist(), offsets, "offsets")


def test_image_pixels():
    image = random_image(random.Random(9))
    pixels = list(image.pixels)
    check(image.pixels, EVERY, pixels, "f")
    check(image.pixels, slice(3, None, 4), pixels[3::4], "f")
    width, height = image.size
    rows = [[[pixels[4 * (width * y + x) + c] for c in range(4)] for x in range(width)] for y in range(height)]
    check(image, ("pixels", EVERY, EVERY, EVERY), rows, "f")
    check(image, ("pixels", 2, ..., 3), [p[3] for p in rows[2]], "f")


def test_other_collections():
    mesh = small_mesh(layers=False)
    ob = random_objects(random.Random(10), mesh, 1)[0]
    ob.shape_key_add(name="Basis")
    key = ob.shape_key_add(name="Key")
    for point, v in zip(key.data, mesh.vertices):
        point.co = v.co * 1.5
    check(key.data, (EVERY, "co"), [list(p.co) for p in key.data], "f")
    check(mesh.shape_keys.key_blocks, (EVERY, "value"), [k.value for k in mesh.shape_keys.key_blocks], "f")
    curve = bpy.data.curves.new("Curve", "CURVE")
    spline = curve.splines.new("BEZIER")
    spline.bezier_points.add(6)
    for i, point in enumerate(spline.bezier_points):
        point.co, point.handle_left, point.handle_right = (i, 1, 2), (i - 0.5, 1, 2), (i + 0.5, 1, 2)
    check(spline.bezier_points, (EVERY, ("co", "handle_left", "handle_right"), EVERY),
          [[list(p.co), list(p.handle_left), list(p.handle_right)] for p in spline.bezier_points], "f")


def test_keyframes():
    from support import random_keyframes
    _, curve = random_keyframes(random.Random(11))
    check(curve.keyframe_points, (EVERY, ("co", "handle_left", "handle_right"), EVERY),
          [[list(k.co), list(k.handle_left), list(k.handle_right)] for k in curve.keyframe_points], "f")


def test_entering_again_is_a_new_cache():
    from rnaslicer import Slicer
    mesh = small_mesh(layers=False)
    vw = Slicer(mesh.vertices)[:, "co", :]
    with vw as entered:
        assert entered is vw
        first = vw.memcache
        co = first.tolist()
    with vw:
        assert vw.memcache is not first
        same(vw.memcache.tolist(), co, "second enter")


def _listed(value):
    if hasattr(value, "__len__"):
        return [_listed(v) for v in value]
    return value
