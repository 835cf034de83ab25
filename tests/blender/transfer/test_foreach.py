# tests/blender/transfer/test_foreach.py: foreach_get and foreach_set beside bpy's own
import array
import contextlib
import random
import sys
from unittest import mock

import bpy
import numpy

from support import VERSION, random_keyframes, random_mesh, random_objects, refused

FEW = 10  # counted calls above bpy's own


@contextlib.contextmanager
def trails_at_once(enough=0):
    """A trail is looked for at the first call already, however few values it is for."""
    from rnaslicer.calls import foreach
    with mock.patch.object(foreach, "_ENOUGH", enough):
        yield


def forget_kinds():
    from rnaslicer.calls import foreach, sound
    for kept in (foreach._recipes, foreach._few, sound.KNOWN):
        kept.clear()


@contextlib.contextmanager
def nothing_learnt():
    """As in a new session: where numbers of geometry lie is not known."""
    from rnaslicer.layout import layers
    kept = dict(layers.looks)
    layers.looks.clear()
    try:
        yield
    finally:
        layers.looks.update(kept)


def calls(function, *arguments):
    """Python's and C's calls within one, as profilers count them."""
    count = 0

    def profile(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")
    sys.setprofile(profile)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return count


def collections(mesh, objects):
    """(collection, property, components)."""
    yield mesh.vertices, "co", 3
    yield mesh.vertices, "normal", 3
    yield mesh.vertices, "index", 1
    yield mesh.vertices, "select", 1
    yield mesh.edges, "vertices", 2
    yield mesh.polygons, "center", 3
    yield mesh.polygons, "material_index", 1
    yield mesh.polygons, "use_smooth", 1
    yield mesh.loops, "vertex_index", 1
    yield mesh.uv_layers["UV"].data, "uv", 2
    yield mesh.vertex_colors["Col"].data, "color", 4
    for name, components in (("FLOAT", 1), ("INT", 1), ("BOOLEAN", 1), ("FLOAT_VECTOR", 3), ("BYTE_COLOR", 4)):
        value = {"FLOAT_VECTOR": "vector", "BYTE_COLOR": "color"}.get(name, "value")
        yield mesh.attributes[f"{name}_POINT"].data, value, components
    yield bpy.data.objects, "location", 3
    yield bpy.data.objects, "pass_index", 1
    yield bpy.context.scene.objects, "scale", 3
    _, curve = random_keyframes(random.Random(len(objects)))
    yield curve.keyframe_points, "co", 2
    yield curve.keyframe_points, "handle_left", 2
    yield objects[0].modifiers, "show_viewport", 1  # empty
    yield mesh.loops, "normal", 3
    bones = boned().pose.bones
    yield bones, "location", 3
    keyed = bpy.data.objects.new("Keyed", mesh)
    keyed.shape_key_add(name="Basis")
    yield keyed.shape_key_add(name="Key").data, "co", 3  # what only a type of elements has
    objects[0].modifiers.new("Subdivision", "SUBSURF")
    yield objects[0].modifiers, "levels", 1
    yield bones[0].id_data.data.bones, "head_local", 3


def boned():
    """An object with an armature of some bones."""
    ob = bpy.data.objects.new("Boned", bpy.data.armatures.new("Boned"))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(7):
        ob.data.edit_bones.new(f"Bone{i}").tail = i, 1, 2
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob


def sequences(total, made=None):
    """Buffers and sequences of many formats, with what `made` gives or zeros."""
    numbers = made if made is not None else [0] * total
    for format in "fdi?BqhIe":
        with numpy.errstate(all="ignore"):
            yield numpy.array(numbers).astype(format)
        if format in "fdiq":
            kind = float if format in "fd" else int
            yield array.array(format, [kind(n) for n in numbers])
    yield list(numbers)
    strided = numpy.zeros(2 * total, "f")[::2]
    strided[...] = numbers
    yield strided


def outcome(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return error
    return None


def alike(ours, theirs, note):
    """An error where bpy has one, that scripts catch as they caught bpy's."""
    assert (ours is None) == (theirs is None), (note, ours, theirs)
    if theirs is not None:
        from rnaslicer import SlicerError
        assert isinstance(ours, SlicerError), (note, ours)
        assert isinstance(ours, type(theirs)) or isinstance(theirs, OverflowError), (note, ours, theirs)


def copy_of(sequence):
    return sequence.copy() if isinstance(sequence, numpy.ndarray) else sequence[:]


def test_get_as_bpy():
    """Twice: by bpy's own calls as long as little is read of a kind, and along trails."""
    for enough in (1 << 40, 0):
        with trails_at_once(enough):
            get_as_bpy()


def get_as_bpy():
    from rnaslicer import foreach_get
    from rnaslicer.calls import foreach
    foreach._few.clear()
    from rnaslicer.layout import layers
    layers.forget()  # a test of failing reads may have ended what this session had learnt of layers
    rng = random.Random(1)
    mesh = random_mesh(rng)
    for coll, name, components in collections(mesh, random_objects(rng, mesh)):
        for sequence in sequences(len(coll) * components):
            note = name, type(sequence), getattr(sequence, "dtype", "")
            ours, theirs = copy_of(sequence), copy_of(sequence)
            failed = outcome(coll.foreach_get, name, theirs)
            for _ in range(2):
                alike(outcome(foreach_get, coll, name, ours), failed, note)
                if failed is None:
                    assert list(ours) == list(theirs), note
            if failed is None:
                above = calls(foreach_get, coll, name, ours) - calls(coll.foreach_get, name, theirs)
                assert above <= FEW, (note, above)


def test_set_as_bpy():
    from rnaslicer import foreach_set
    rng = random.Random(2)
    mesh = random_mesh(rng)
    for coll, name, components in collections(mesh, random_objects(rng, mesh)):
        if name in ("normal", "center", "index", "head_local") or not len(coll):
            continue
        total = len(coll) * components
        kept = numpy.zeros(total, "d")
        coll.foreach_get(name, kept)
        numbers = [rng.uniform(0, 1) for _ in range(total)]
        if mesh.loops[0].bl_rna == coll[0].bl_rna or name in ("vertices", "pass_index", "material_index"):
            numbers = kept.tolist()
        for sequence in sequences(total, numbers):
            note = name, type(sequence), getattr(sequence, "dtype", "")
            found = []
            for _ in range(2):
                wanted, ours = numpy.zeros(total, "d"), numpy.zeros(total, "d")
                failed = outcome(coll.foreach_set, name, sequence)
                coll.foreach_get(name, wanted)
                coll.foreach_set(name, kept.tolist() if kept.dtype.kind == "d" and numbers == kept.tolist()
                                 and isinstance(sequence, list) else as_list(kept, sequence, coll, name))
                alike(outcome(foreach_set, coll, name, sequence), failed, note)
                coll.foreach_get(name, ours)
                if failed is None:
                    assert (ours == wanted).all(), (note, ours, wanted)
                    found.append(calls(foreach_set, coll, name, sequence) - calls(coll.foreach_set, name, sequence))
            assert not found or found[-1] <= FEW, (note, found)
        coll.foreach_set(name, as_list(kept, None, coll, name))


# Blender 3.4 crashes at its exit after these calls of bpy's own foreach_set, without one of ours, too.
test_set_as_bpy.min_version = (4, 3)


def as_list(kept, _sequence, coll, name):
    """What a list must hold for bpy to take it: ints for an integer property."""
    value = getattr(coll[0], name)
    one = value[0] if hasattr(value, "__len__") else value
    return [type(one)(n) for n in kept]


def test_infinities_as_bpy():
    from rnaslicer import foreach_set
    mesh = random_mesh(random.Random(3))
    total = 3 * len(mesh.vertices)
    for at in (0, 5):
        values = numpy.ones(total, "f")
        for _ in range(3):
            values[at], values[at + 4] = numpy.inf, numpy.nan
            foreach_set(mesh.vertices, "co", values)
            found = numpy.zeros(total, "f")
            mesh.vertices.foreach_get("co", found)
            assert numpy.array_equal(found, values, equal_nan=True), (at, found[:9])


def test_buffers_with_axes():
    from rnaslicer import foreach_get, foreach_set
    mesh = random_mesh(random.Random(4))
    count = len(mesh.vertices)
    wanted = numpy.zeros(3 * count, "f")
    mesh.vertices.foreach_get("co", wanted)
    for buffer in (numpy.zeros((count, 3), "f"), numpy.zeros((1, count, 3), "f"), numpy.zeros((count, 3), "d"),
                   numpy.zeros((3, count), "f").T, numpy.zeros((count, 4), "f")[:, :3]):
        for _ in range(2):
            buffer[...] = 0
            foreach_get(mesh.vertices, "co", buffer)
            assert (buffer.reshape(-1) == wanted).all(), (buffer.shape, buffer.strides)
            buffer += 1
            foreach_set(mesh.vertices, "co", buffer)
            wanted = numpy.asarray(buffer, "f").reshape(-1).copy()
            found = numpy.zeros(3 * count, "f")
            mesh.vertices.foreach_get("co", found)
            assert (found == wanted).all(), (buffer.shape, buffer.strides)
    centers = numpy.zeros((len(mesh.polygons), 3), "f")  # which bpy computes
    foreach_get(mesh.polygons, "center", centers)
    assert centers.tolist() == [list(p.center) for p in mesh.polygons]
    for function in (foreach_get, foreach_set):
        with refused("ExpressionError", "co"):
            function(mesh.vertices, "co", numpy.zeros((count, 2), "f"))


def test_memoryviews():
    """As NumPy's arrays, also where bpy itself refuses the view (3.4 any, 5.2 those of other numbers), and the first time."""
    from rnaslicer import foreach_get, foreach_set
    mesh = random_mesh(random.Random(4))
    total = 3 * len(mesh.vertices)
    for enough in (1 << 40, 0):
        with trails_at_once(enough):
            forget_kinds()
            for format in "fd":
                for step in (1, 2, -1):
                    array, single = numpy.zeros(2 * total, format), numpy.zeros(total, "f")
                    view = memoryview(array[:total] if step == 1 else array[::2] if step == 2 else array[:total][::-1])
                    for _ in range(2):
                        foreach_get(mesh.vertices, "co", view)
                        mesh.vertices.foreach_get("co", single)
                        assert view.tolist() == single.astype(format).tolist(), (enough, format, step)
                        numpy.asarray(view)[...] = single + 1
                        foreach_set(mesh.vertices, "co", view.toreadonly())
                        mesh.vertices.foreach_get("co", single)
                        assert view.tolist() == single.astype(format).tolist(), (enough, format, step)


def test_follows_from_a_write_by_the_direct_route():
    """Normals are right at once; bpy leaves that to mesh.update()."""
    from rnaslicer import foreach_set
    mesh = random_mesh(random.Random(5))
    values = numpy.random.default_rng(1).random((len(mesh.vertices), 3), "f")
    foreach_set(mesh.vertices, "co", values)
    foreach_set(mesh.vertices, "co", values[::-1].copy())
    found = [list(p.normal) for p in mesh.polygons]
    mesh.update()
    assert [list(p.normal) for p in mesh.polygons] == found


def test_lost_writes_raise():
    from rnaslicer import foreach_set
    rng = random.Random(6)
    mesh = random_mesh(rng)
    (ob, *_) = random_objects(rng, mesh, 1)
    count = len(mesh.vertices)
    before = [list(v.co) for v in mesh.vertices]
    inputs = (numpy.zeros(3 * count, "f"), numpy.zeros((count, 3), "f"), [0.0] * (3 * count), numpy.zeros(3 * count, "d"))
    with refused("ReadOnlyError", "read-only"):
        foreach_set(mesh.polygons, "center", numpy.zeros(3 * len(mesh.polygons), "f"))
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for values in inputs:
        with refused("ReadOnlyError", "edit mode"):
            foreach_set(mesh.vertices, "co", values)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert [list(v.co) for v in mesh.vertices] == before
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    for values in inputs:
        with refused("ReadOnlyError", "evaluated"):
            foreach_set(evaluated.vertices, "co", values)
    for values in inputs:
        foreach_set(mesh.vertices, "co", values)
    assert [list(v.co) for v in mesh.vertices] == [[0, 0, 0]] * count


def test_wrong_arguments():
    from rnaslicer import foreach_get, foreach_set
    mesh = random_mesh(random.Random(7))
    values = numpy.zeros(3 * len(mesh.vertices), "f")
    for arguments in ((mesh.vertices, "nothing", values), (mesh.vertices, "co", values[:-1]), (mesh.vertices, "co", None),
                      (mesh.vertices, 3, values), (None, "co", values), (mesh, "co", values), (mesh.vertices, "co", [0.0]),
                      (mesh.vertices, "co", b"123")):
        for function, own in ((foreach_get, "foreach_get"), (foreach_set, "foreach_set")):
            theirs = outcome(lambda: getattr(arguments[0], own)(*arguments[1:]))
            if theirs is not None:
                for _ in range(2):
                    alike(outcome(function, *arguments), theirs, arguments)


def test_too_little_writes_nothing():
    """bpy writes what there is before it finds that it is too little (4.3, 5.2)."""
    import rnaslicer
    mesh = random_mesh(random.Random(3))
    before = [tuple(vertex.co) for vertex in mesh.vertices]
    with refused("ExpressionError", "nothing was written"):
        rnaslicer.foreach_set(mesh.vertices, "co", array.array("f", [5.0] * (3 * len(mesh.vertices) - 1)))
    assert [tuple(vertex.co) for vertex in mesh.vertices] == before


def test_a_released_view():
    """3.4 itself crashes of it."""
    import rnaslicer
    mesh = random_mesh(random.Random(3))
    for call in (rnaslicer.foreach_get, rnaslicer.foreach_set):
        view = memoryview(array.array("f", [0.0] * (3 * len(mesh.vertices))))
        view.release()
        with refused("RegionError", "was released"):
            call(mesh.vertices, "co", view)


def test_no_stale_recipe():
    """Other meshes of the kind, a layer that goes, a mesh that goes."""
    from rnaslicer import foreach_get
    meshes = [random_mesh(random.Random(i), columns=3 + i) for i in range(3)]
    for mesh in meshes + meshes[::-1]:
        found, wanted = numpy.zeros((2, 3 * len(mesh.vertices)), "f")
        foreach_get(mesh.vertices, "co", found)
        mesh.vertices.foreach_get("co", wanted)
        assert (found == wanted).all()
    mesh = meshes[0]
    if VERSION >= (4, 3):
        names = "use_smooth", "material_index"
        for name in names:
            for _ in range(2):
                found = numpy.zeros(len(mesh.polygons), "i" if name[0] == "m" else "?")
                foreach_get(mesh.polygons, name, found)
                assert found.tolist() == [getattr(p, name) for p in mesh.polygons], name
                for layer in ("sharp_face", "material_index"):
                    if layer in mesh.attributes and not mesh.attributes[layer].is_required:
                        mesh.attributes.remove(mesh.attributes[layer])


def test_keys_of_any_curve():
    """One look at the keys of a curve is for those of all; what else a curve holds is its own."""
    from rnaslicer import foreach_get
    from rnaslicer.calls import foreach
    action, curve = random_keyframes(random.Random(8))
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    others = [curves.new(f'["number {i}"]', index=0) for i in range(4)]
    for i, other in enumerate(others):
        other.keyframe_points.add(3 + i)
        for j, key in enumerate(other.keyframe_points):
            key.co = j, i * j
    driver = random_objects(random.Random(8), random_mesh(random.Random(8)), 1)[0].driver_add("location", 0)
    driver.keyframe_points.insert(1, 5)
    driver.keyframe_points.insert(7, 3)
    for one in (*curves, driver):
        for _ in range(2):
            found, wanted = numpy.zeros((2, len(one.keyframe_points), 2), "f")
            with trails_at_once():
                foreach_get(one.keyframe_points, "co", found)
            one.keyframe_points.foreach_get("co", wanted.reshape(-1))
            assert (found == wanted).all(), one.data_path
    recipes = {key: recipe for key, recipe in foreach._recipes.items() if key[1:] == (bpy.types.Action, bpy.types.FCurve, "fcurve", "co", "f")}
    assert len(recipes) == 1, recipes
    (recipe,) = recipes.values()
    for one in curves:
        assert recipe.trail.read_of(one.keyframe_points, numpy.zeros((len(one.keyframe_points), 2), "f"))
    curve.modifiers.new("NOISE")
    found = numpy.zeros(1, "f")
    foreach_get(curve.modifiers, "blend_in", found)
    assert found[0] == curve.modifiers[0].blend_in
