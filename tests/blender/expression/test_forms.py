# tests/blender/expression/test_forms.py: layers, keys, custom properties, ranges and empty sequences, against the specification
import random

import bpy

from support import EVERY, VERSION, check_oracle, fill_memcache, plain, random_image, random_mesh, random_objects, refused, same

FORMATS = "?bBhHiIqQefd"


def data(seed=5, count=6):
    rng = random.Random(seed)
    mesh = random_mesh(rng, 4, 3)
    return rng, mesh, random_objects(rng, mesh, count)


def marked(seed=5, count=6):
    """Objects with custom properties of every form."""
    rng, mesh, obs = data(seed, count)
    for i, ob in enumerate(obs):
        ob["weight"] = rng.uniform(-9, 9) + 1e-9
        ob["count"] = rng.randrange(-2**31, 2**31)
        ob["flag"] = bool(i % 2)
        ob["curve"] = [rng.uniform(-1e3, 1e3) for _ in range(4)]
        ob["numbers"] = [rng.randrange(-300, 300) for _ in range(3)]
        ob['say "hi"\\'] = 0.5 * i
        ob["own"] = list(range(i + 1))
        ob["text"], ob["group"] = "x", {"a": 1}
    return rng, mesh, obs


# ---- layers

def test_a_layer_is_its_values():
    _, mesh, _ = data()
    for layer in [*mesh.attributes, *mesh.uv_layers, *mesh.vertex_colors]:
        if "STRING" in getattr(layer, "data_type", "") or not len(layer.data):
            continue
        for subscript in (EVERY, (), (...,), (slice(3, None, -2),), 2, ([4, 0],), (..., 0), (EVERY, ...)):
            try:
                check_oracle(layer, subscript)
            except TypeError as error:
                assert subscript == (..., 0) and "Mesh" not in str(error), (layer, subscript, error)
    check_oracle(mesh.vertex_colors[0], (EVERY, "bgr"))
    check_oracle(mesh.vertex_colors[0], (..., "gr"))
    check_oracle(mesh.vertex_colors[0], (..., ("r", "g")))
    check_oracle(mesh.uv_layers[0], (range(1, 9, 3), "yx"))


def test_layers_by_name_and_all():
    _, mesh, _ = data()
    names = ["FLOAT_VECTOR_FACE", "FLOAT_VECTOR_FACE", "FLOAT_VECTOR_FACE"]
    check_oracle(mesh.attributes, (names, EVERY))
    check_oracle(mesh.attributes, (names[:1], EVERY, "zx"))
    check_oracle(mesh, ("attributes", ["INT_EDGE", "INT8_EDGE"], EVERY))
    mesh.uv_layers.new(name="Second")
    check_oracle(mesh.uv_layers, (EVERY,))
    check_oracle(mesh.uv_layers, (EVERY, slice(2, 9), "x"))
    check_oracle(mesh.uv_layers, (0, EVERY))
    with refused("ExpressionError", "FLOAT_POINT", "FLOAT_VECTOR_FACE"):
        check(mesh.attributes, (["FLOAT_POINT", "FLOAT_VECTOR_FACE"], EVERY))


def check(supplier, subscript, **options):
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        return vw.memcache.tolist()


def test_a_layer_is_written():
    from rnaslicer import Slicer
    rng, mesh, _ = data()
    with Slicer(mesh.attributes["FLOAT_VECTOR_POINT"])[:, "y"] as vw:
        for i in range(len(mesh.vertices)):
            vw.memcache[i] = float(i)
        vw.update()
    same([p.vector[1] for p in mesh.attributes["FLOAT_VECTOR_POINT"].data], [float(i) for i in range(len(mesh.vertices))])
    with Slicer(mesh.uv_layers)[["UV"], 3] as vw:
        vw.memcache[0, 0] = 0.625
        vw.update()
    assert mesh.uv_layers["UV"].data[3].uv[0] == 0.625
    with Slicer(mesh.attributes["INT_FACE"])[:] as vw:  # another one has the name later
        mesh.attributes.remove(mesh.attributes["INT_FACE"])
        with refused("SupplierLostError", "INT_FACE"):
            vw.refresh()
        mesh.attributes.new("INT_FACE", "FLOAT", "FACE")
        with refused("ShapeChangedError"):
            vw.update()


# ---- keys

def test_one_element_by_its_key():
    _, mesh, obs = data()
    for name in ("FLOAT_POINT", "INT_CORNER"):
        check_oracle(mesh, ("attributes", f'["{name}"]', "data", EVERY, "value"))
        check_oracle(mesh.attributes, (f'["{name}"]', "data", "value"))
        check_oracle(mesh.attributes, f'["{name}"]')
    check_oracle(bpy.data.objects, ('["Object03"]', "location", EVERY))
    check_oracle(bpy.data.objects, ('["Object03"]', "data", "vertices", EVERY, "co", "x"))
    odd = bpy.data.objects.new('a "b"\\c', None)
    odd.location = 1, 2, 3
    check_oracle(bpy.data.objects, (r'["a \"b\"\\c"]', "location"))
    check_oracle(obs, (EVERY, "data", "attributes", '["FLOAT_POINT"]', "data", EVERY, "value"))
    if VERSION >= (4, 3):
        check_oracle(mesh, ("attributes", '["position"]', "data", EVERY, "vector"))
    with refused("ExpressionError", "'FLOAT_PONT'", "FLOAT_POINT"):
        check(mesh.attributes, ('["FLOAT_PONT"]', "data", "value"))
    with refused("ExpressionError", "have no keys"):
        check(mesh.vertices, ('["x"]', "co"))
    with refused("ExpressionError", "no keys", ":"):
        check(obs, ('["weight"]',))
    for broken in ('["x', '[x]', '["x"]y', "['x']"):
        with refused("ExpressionError"):
            check(mesh.attributes, (broken, "data", "value"))


# ---- custom properties

def test_custom_properties_of_every_form():
    _, _, obs = marked()
    scene = bpy.context.scene.collection.objects
    for subscript in ('["weight"]', '["count"]', '["flag"]', '["curve"]', '["numbers"]', r'["say \"hi\"\\"]'):
        for supplier in (obs, scene, bpy.data.objects, obs[::-2]):
            check_oracle(supplier, (EVERY, subscript))
        check_oracle(obs[2], subscript)
        for format in FORMATS:
            check_oracle(obs, (slice(None, None, -1), subscript), dtype=format)
    check_oracle(obs, (EVERY, '["curve"]', slice(None, None, -2)))
    check_oracle(obs, ([4, 1, 1], '["curve"]', "wx"))
    check_oracle(scene, (range(4, 0, -2), '["numbers"]', 1))
    check_oracle(obs[1], ('["curve"]', [0, 3]))
    check_oracle(obs, (EVERY, ('["weight"]', '["count"]', "pass_index")))
    check_oracle(scene, (EVERY, ('["count"]', '["flag"]')))
    check_oracle(obs[3], (('["count"]', '["weight"]'),))
    check_oracle(obs, (EVERY, '["own"]'), ragged="flat")
    check_oracle(obs, (EVERY, '["own"]'), ragged="pad", fill=7)


def test_custom_properties_of_what_lies_in_datablocks():
    _, _, obs = marked(count=2)
    armature = bpy.data.armatures.new("Arm")
    ob = bpy.data.objects.new("Arm", armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(4):
        bone = armature.edit_bones.new(f"B{i}")
        bone.tail = 0, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    for i, bone in enumerate(ob.pose.bones):
        bone["stretch"] = i / 3
    check_oracle(ob, ("pose", "bones", EVERY, '["stretch"]'))
    write(ob.pose.bones, (EVERY, '["stretch"]'), [1.5, 2.5, -3.5, 1e300])
    same([bone["stretch"] for bone in ob.pose.bones], [1.5, 2.5, -3.5, 1e300])
    check_oracle(obs, (EVERY, "data", "polygons", 0, "vertices", 0))


def write(supplier, subscript, values, region=None, **options):
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        fill_memcache(vw.memcache, values)
        vw.update(vw.memcache if region is None else vw.memcache[region])


def test_custom_properties_are_written_as_bpy_writes_them():
    rng, _, obs = marked()
    write(obs, (EVERY, '["weight"]'), [0.1 * i for i in range(6)])
    same([ob["weight"] for ob in obs], [0.1 * i for i in range(6)])
    write(obs, (EVERY, '["weight"]'), [i / 4 for i in range(6)], dtype="f")
    same([ob["weight"] for ob in obs], [i / 4 for i in range(6)])
    write(obs, (EVERY, '["count"]'), [float("nan"), 1e30, -1e30, 2.5, 3.5, -0.5], dtype="d")
    same([ob["count"] for ob in obs], [0, 2**31 - 1, -2**31, 2, 4, 0])
    write(obs, (EVERY, '["flag"]'), [7, 0, 1, 0, 0, 2], dtype="b")
    assert [bool(ob["flag"]) for ob in obs] == [True, False, True, False, False, True]
    assert len({type(ob["flag"]) for ob in obs}) == 1
    before = [list(ob["curve"]) for ob in obs]
    write(obs, (EVERY, '["curve"]', "zx"), list(range(12)), region=(slice(1, 5, 2), slice(0, 1)))
    for i, ob in enumerate(obs):
        wanted = [*before[i][:2], 2.0 * i, *before[i][3:]] if i in (1, 3) else before[i]
        same(list(ob["curve"]), wanted)
        assert ob["curve"].typecode == "d"
    write(obs[1], ('["numbers"]',), [-1, 5, 9])
    assert list(obs[1]["numbers"]) == [-1, 5, 9] and obs[1]["numbers"].typecode == "i"


def test_custom_properties_that_change_are_named():
    from rnaslicer import Slicer
    _, _, obs = marked()
    with Slicer(obs)[:, '["weight"]'] as vw, Slicer(obs)[:, '["curve"]'] as curve:
        before = vw.memcache.tolist()
        vw.memcache[0] = 99.0
        for value in (3, [1.0, 2.0], "text", None):
            if value is None:
                del obs[4]["weight"]
            else:
                obs[4]["weight"] = value
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "Object04", '["weight"]'):
                    use()
        assert obs[0]["weight"] == before[0], "an update that was refused has written"
        obs[4]["weight"] = 8.0
        vw.refresh()
        assert vw.memcache[4] == 8.0
        obs[2]["curve"] = [1.0, 2.0]
        with refused("ShapeChangedError", "Object02", "2 floats"):
            curve.refresh()
    obs[3]["weight"] = 1
    with refused("ExpressionError", "Object03", "an int"):
        check(obs, (EVERY, '["weight"]'))
    for name, words in (("text", "str"), ("group", "it is a group"), ("nothing", "no such"), ("Curve", "'curve'")):
        with refused("ExpressionError", "Object00", words):
            check(obs, (EVERY, f'["{name}"]'))
    with refused("ExpressionError", "MeshVertex"):
        check(obs[0].data.vertices, (EVERY, '["x"]'))
    with refused("ExpressionError"):
        check(obs, (EVERY, '["curve"]', 9))
    with refused("ExpressionError"):
        check(obs, (EVERY, '["weight"]'), dtype="B", normalized=True)
    bpy.data.objects.remove(obs[5])
    with refused("SupplierLostError"):
        check(obs, (EVERY, '["flag"]'))


def test_custom_properties_that_nobody_keeps_are_refused():
    from rnaslicer import Slicer
    _, mesh, obs = marked()
    mesh["m"] = 1.5
    obs[0].update_tag()
    evaluated = obs[0].evaluated_get(bpy.context.evaluated_depsgraph_get())
    check_oracle(evaluated, '["weight"]')
    with Slicer(evaluated)['["weight"]'] as vw:
        with refused("ReadOnlyError", "evaluated"):
            vw.update()
    bpy.context.view_layer.objects.active = obs[0]
    with Slicer(mesh)['["m"]'] as vw:  # edit mode keeps what is the mesh's own
        bpy.ops.object.mode_set(mode="EDIT")
        vw.memcache[()] = 2.5
        vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
    assert mesh["m"] == 2.5


# ---- ranges, empty sequences, channels

def test_ranges():
    _, mesh, obs = data()
    for one in (range(3, 19, 2), range(19, 3, -5), range(0), range(-1, -5, -1), range(-2, 2), range(4, 5), range(7, 7, -1)):
        check_oracle(mesh, ("vertices", one, "co"))
        check_oracle(mesh, ("vertices", one, "co", range(2, -1, -2)))
    check_oracle(obs, (range(4, 0, -3), "matrix_world", range(1, 3), range(0, 4, 3)))
    check_oracle(mesh.loops, (range(5), "vertex_index", mesh.vertices, "co", range(2)))
    image = random_image(random.Random(3), 20, 30)
    check_oracle(image, ("pixels", range(29, 0, -7), range(3), range(0, 4, 2)))
    for one in (range(100), range(-100, 3), range(10**30)):
        with refused("ExpressionError", "out of range", "range("):
            check(mesh.vertices, (one, "co"))
    with refused("ExpressionError", "out of range"):
        check(mesh.vertices, (EVERY, "co", range(4)))


def test_empty_sequences():
    _, _, obs = data()
    for subscript in ((EVERY, "location"), ("location", "xz"), (EVERY, "matrix_world"), (EVERY, "pass_index"),
                      (EVERY, ("location", "scale"), "zx"), (EVERY, "display", "show_shadows"), ([], "color", "rgb")):
        check_oracle([], subscript, of=bpy.types.Object)
        check_oracle(obs, (slice(0), *subscript[1:]) if subscript[0] in (EVERY, []) else (slice(0), *subscript))
        check_oracle([], subscript, of=bpy.types.Object, dtype="d")
    check_oracle(obs, (EVERY, "location"), of=bpy.types.Object)
    from rnaslicer import Slicer
    with Slicer([], of=bpy.types.Object)[:, "location"] as vw:
        vw.update()
        assert vw.alive and not vw.readonly and vw.supplier == []
    with refused("ExpressionError", "of=bpy.types.Object"):
        check([], (EVERY, "location"))
    with refused("ExpressionError", "'locations'", "'location'"):
        check([], (EVERY, "locations"), of=bpy.types.Object)
    with refused("ExpressionError", "Material"):
        check(obs, (EVERY, "location"), of=bpy.types.Material)
    with refused("ExpressionError", "'vertices'", "only elements tell"):
        check([], (EVERY, "data", "vertices", EVERY, "co"), of=bpy.types.Object)
    for wrong in (3, int, "Object", bpy.types):
        with refused("ExpressionError", "bpy.types.Object"):
            check([], (EVERY, "location"), of=wrong)
    with refused("ExpressionError", "sequence"):
        check(bpy.data.objects, (EVERY, "location"), of=bpy.types.Object)


def test_image_channels():
    for size in ((7, 5), (60, 50)):
        image = random_image(random.Random(2), *size)
        for channels in ("r", "a", "rgb", "bgr", ("rg", "ab")):
            check_oracle(image, ("pixels", EVERY, EVERY, channels))
        check_oracle(image, ("pixels", 2, slice(1, 4), "rgba"))
        with refused("ExpressionError", "rgba"):
            check(image, ("pixels", EVERY, EVERY, "x"))
        for channels in ("r", "rgb", ("r", "g")):
            with refused("ExpressionError", "Slicer(image)['pixels', :, :, 'r']"):
                check(image.pixels, channels)
    write(image, ("pixels", EVERY, EVERY, "g"), [0.25] * (60 * 50))
    assert plain(list(image.pixels)[1::4]) == plain([0.25] * (60 * 50))
