# tests/blender/transfer/test_foreach_calls.py: what foreach_get and foreach_set cost beside bpy's own, in counted calls
import contextlib
import random

import bpy
import numpy

from support import VERSION, random_keyframes, random_mesh, random_objects, refused
from test_foreach import FEW, boned, calls, forget_kinds, nothing_learnt, trails_at_once

TYPES = {"FLOAT": numpy.float32, "INT": numpy.int32, "ENUM": numpy.int32, "BOOLEAN": numpy.bool_}
OF_MESHES = ("vertices", "edges", "polygons", "loops", "loop_triangles", "vertex_normals", "polygon_normals",
             "corner_normals", "loop_triangle_polygons")
OF_DATA = "objects", "meshes", "materials", "scenes", "armatures", "actions"


def keyed(data):
    """Its shape keys; the object keeps them."""
    ob = bpy.data.objects.new("Keyed", data)
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Key")
    return data.shape_keys.key_blocks


def world(number):
    """(name, collection) of one datablock of each kind."""
    rng = random.Random(number)
    mesh = random_mesh(rng)
    objects = random_objects(rng, mesh)
    for name in ("pin", "vertex_selection", "edge_selection"):  # made here: bpy's own calls crash of one that is missing
        for _ in getattr(mesh.uv_layers["UV"], name, ()):
            break
    mesh.calc_loop_triangles()
    for name in OF_MESHES:
        if hasattr(mesh, name):
            yield f"Mesh.{name}", getattr(mesh, name)
    yield "uv", mesh.uv_layers["UV"].data
    yield "colors", mesh.vertex_colors["Col"].data
    for attribute in mesh.attributes:
        if attribute.name.endswith(("_POINT", "_CORNER")):
            yield attribute.name, mesh.attributes[attribute.name].data
    curve, lattice = bpy.data.curves.new("Curve", "CURVE"), bpy.data.lattices.new("Lattice")
    for kind in ("BEZIER", "NURBS", "NURBS"):
        spline = curve.splines.new(kind)
        (spline.bezier_points if kind == "BEZIER" else spline.points).add(5)
    for data in (mesh, curve, lattice):
        blocks = keyed(data)
        yield f"{type(data).__name__}.key_blocks", blocks
        yield f"{type(data).__name__} key", blocks[1].data
    yield "splines", curve.splines
    yield "bezier_points", curve.splines[0].bezier_points
    yield "points", curve.splines[1].points
    yield "points of another", curve.splines[2].points
    yield "lattice", lattice.points
    action, keys = random_keyframes(rng)
    keys.modifiers.new("NOISE")
    yield "keyframes", keys.keyframe_points
    yield "modifiers of keys", keys.modifiers
    objects[0].modifiers.new("Subdivision", "SUBSURF")
    objects[0].constraints.new("COPY_LOCATION")
    yield "modifiers", objects[0].modifiers
    yield "constraints", objects[0].constraints
    mesh.materials[0] = bpy.data.materials.new("Material")
    yield "slots", objects[0].material_slots
    for _ in range(3):
        objects[0].counted_groups.add()
    yield "groups", objects[0].counted_groups
    armed = boned()
    yield "pose bones", armed.pose.bones
    yield "bones", armed.data.bones
    material = bpy.data.materials.new("Nodes")
    material.use_nodes = True
    yield "nodes", material.node_tree.nodes
    yield "sockets", material.node_tree.nodes[0].inputs
    yield "links", material.node_tree.links
    yield from of_curves() if VERSION >= (4, 3) else ()
    yield "scene", bpy.context.scene.objects
    yield "layer", bpy.context.view_layer.objects
    yield "collection", bpy.context.scene.collection.objects
    for name in OF_DATA:
        yield f"data.{name}", getattr(bpy.data, name)


def of_curves():
    """The same of hair and Grease Pencil."""
    hair = bpy.data.hair_curves.new("Hair")
    hair.add_curves([4, 5, 6])
    for name in ("points", "curve_offset_data", "normals"):
        yield f"hair {name}", getattr(hair, name)
    pencils = bpy.data.grease_pencils if VERSION >= (5, 0) else bpy.data.grease_pencils_v3
    layer = pencils.new("Pencil").layers.new("Layer")
    layer.frames.new(1).drawing.add_strokes([3, 4])
    yield "drawing", layer.frames[0].drawing.attributes["position"].data
    yield "frames", layer.frames


def registered():
    class CountedGroup(bpy.types.PropertyGroup):
        weight: bpy.props.FloatProperty()
        number: bpy.props.IntProperty()
        place: bpy.props.FloatVectorProperty()
    bpy.utils.register_class(CountedGroup)
    bpy.types.Object.counted_groups = bpy.props.CollectionProperty(type=CountedGroup)
    return CountedGroup


def unregistered(group):
    del bpy.types.Object.counted_groups
    bpy.utils.unregister_class(group)


def above(call, own, coll, name, values):
    """How many calls ours takes above bpy's; None where it refuses."""
    from rnaslicer import SlicerError
    try:
        counted = calls(call, coll, name, values)
    except SlicerError:
        return None
    return counted - calls(own, name, values)


def properties(coll):
    """(property, zeros for all its values)."""
    for prop in coll[0].bl_rna.properties:
        if prop.type in TYPES:
            value = getattr(coll[0], prop.identifier)
            width = 1 if isinstance(value, (str, set, int, float)) else numpy.size(value)
            yield prop.identifier, numpy.zeros(len(coll) * width, TYPES[prop.type])


def test_counted_calls():
    """From the second call on of a kind, on whichever datablock, from arrays and lists, few above bpy's own."""
    from rnaslicer import foreach_get, foreach_set
    from rnaslicer.layout import layers
    layers.forget()  # a test of failing reads may have ended what this session had learnt of layers
    group = registered()
    try:
        ones, others = dict(world(1)), dict(world(2))
        too_many, seen = [], 0
        for name, one in ones.items():
            for prop, values in properties(one):
                other, seen = others[name], seen + 1
                if not len(other):
                    continue
                for call, own in ((foreach_get, "foreach_get"), (foreach_set, "foreach_set")):
                    for form in (numpy.array, numpy.ndarray.tolist):
                        counts = []
                        for coll in (one, one, other, other):
                            found = values if len(coll) == len(one) else numpy.resize(values, (
                                len(values) // len(one) * len(coll)))
                            try:
                                coll.foreach_get(prop, found)
                                with trails_at_once():
                                    counts.append(above(call, getattr(coll, own), coll, prop, form(found)))
                            except (TypeError, AttributeError, RuntimeError):  # bpy's own does not take that
                                break
                        if any(count is not None and count > FEW for count in counts[1:]):
                            too_many.append((name, prop, own, form.__name__, counts))
        assert seen > 500, seen
        assert not too_many, too_many
    finally:
        unregistered(group)


# Blender 3.4 crashes at its exit after these calls of bpy's own foreach_set, without one of ours, too.
test_counted_calls.min_version = (4, 3)


def test_calls_with_axes():
    from rnaslicer import foreach_get, foreach_set
    mesh = random_mesh(random.Random(4))
    count = len(mesh.vertices)
    own = calls(mesh.vertices.foreach_get, "co", numpy.zeros(3 * count, "f"))
    for enough in (1 << 40, 0):  # as long as bpy's own call is made, and along a trail
        with trails_at_once(enough):
            forget_kinds()
            for function in (foreach_get, foreach_set):
                for _ in range(3):
                    function(mesh.vertices, "co", numpy.zeros((count, 3), "f"))
                assert calls(function, mesh.vertices, "co", numpy.zeros((count, 3), "f")) - own <= FEW


def test_first_calls():
    """The first call of a kind is bpy's own where little is read, and so is a write of which no trail is worth looking for:
    what is asked before it native code asks."""
    from rnaslicer import foreach_get, foreach_set
    group = registered()
    try:
        too_many, seen = [], 0
        for name, one in dict(world(3)).items():
            if name == "groups":  # where RNA has their type is learnt once in a session
                foreach_get(one, "weight", [0.0] * len(one))
            for prop, values in properties(one):
                if VERSION < (4, 0) and one[0].bl_rna.properties[prop].type == "ENUM":
                    continue  # go as wrappers move them: hazards.FOREACH_SMALL_ENUMS
                for call, form in ((foreach_get, numpy.array), (foreach_get, numpy.ndarray.tolist),
                                   (foreach_set, numpy.ndarray.tolist), (foreach_set, numpy.float64)):  # the last has no trail
                    if call is foreach_set and (VERSION < (4, 3) or form is numpy.float64 and values.dtype != "f"):
                        continue
                    forget_kinds()
                    with nothing_learnt(), trails_at_once(1 << 40):
                        try:
                            own = getattr(one, call.__name__)
                            one.foreach_get(prop, values)
                            given = form(values)
                            own(prop, given)
                            counts = [above(call, own, one, prop, given) for _ in range(3)]
                        except (TypeError, AttributeError, RuntimeError):  # bpy's own does not take that
                            continue
                    seen += 1
                    if None not in counts and max(counts) > FEW:
                        too_many.append((name, prop, call.__name__, form.__name__, counts))
        assert seen > 500, seen
        assert not too_many, too_many
    finally:
        unregistered(group)


def test_a_trail_is_looked_for_when_it_pays():
    """Where much is read at once, or little so often that it was as much."""
    from rnaslicer import foreach_get
    from rnaslicer.calls import foreach
    forget_kinds()
    mesh = random_mesh(random.Random(4))
    values, large = numpy.zeros((len(mesh.vertices), 3), "f"), bpy.data.meshes.new("Large")
    needed = -(-foreach._ENOUGH // values.size)
    for i in range(1, needed + 3):
        foreach_get(mesh.vertices, "co", values)
        assert values.tolist() == [list(vertex.co) for vertex in mesh.vertices]
        assert any(recipe.trail for recipe in foreach._recipes.values()) == (i >= needed), i
    forget_kinds()
    large.vertices.add(foreach._ENOUGH)
    foreach_get(large.vertices, "co", numpy.zeros((len(large.vertices), 3), "f"))
    assert any(recipe.trail for recipe in foreach._recipes.values())


def test_a_class_registered_anew():
    """Its property is read-only now: bpy's own call would drop the values without a word."""
    from rnaslicer import foreach_get, foreach_set

    def register(options):
        class AnewGroup(bpy.types.PropertyGroup):
            weight: bpy.props.FloatProperty(options=options, get=(lambda self: 3.0) if options else None)
        bpy.utils.register_class(AnewGroup)
        bpy.types.Object.anew_groups = bpy.props.CollectionProperty(type=AnewGroup)
        return AnewGroup
    ob = bpy.data.objects.new("Anew", None)
    group = register(set())
    for _ in range(3):
        ob.anew_groups.add()
    for values in (numpy.ones(3, "f"), [1.0] * 3):
        for _ in range(2):
            foreach_set(ob.anew_groups, "weight", values)
    bpy.utils.unregister_class(group)
    group = register({"SKIP_SAVE"})
    try:
        for values in (numpy.ones(3, "f"), [1.0] * 3):
            with refused("ReadOnlyError", "weight"):
                foreach_set(ob.anew_groups, "weight", values)
        found = numpy.zeros(3, "f")
        foreach_get(ob.anew_groups, "weight", found)
        assert found.tolist() == [3.0] * 3
    finally:
        del bpy.types.Object.anew_groups
        bpy.utils.unregister_class(group)


def test_slots_become_empty():
    """A slot that was full when the kind was looked at: bpy's own call passes over an empty one."""
    from rnaslicer import foreach_get, foreach_set
    mesh = random_mesh(random.Random(3))
    for i in range(4):
        mesh.materials[i] = bpy.data.materials.new(f"Material {i}")
    for values in (numpy.zeros(4, "f"), [0.0] * 4):
        for _ in range(2):
            foreach_get(mesh.materials, "metallic", values)
            foreach_set(mesh.materials, "metallic", values)
        mesh.materials[2] = None
        for call in (foreach_get, foreach_set):
            with refused("ExpressionError", "element 2", "None"):
                call(mesh.materials, "metallic", values)
        mesh.materials[2] = bpy.data.materials.new("Material")


def test_another_type_stands_first():
    """What only a type of elements has, bpy looks for in the first; ours as bpy's own, whatever came before."""
    from rnaslicer import SlicerError, foreach_get
    objects = []
    for kinds in (("SUBSURF",), ("SUBSURF", "BEVEL"), ("BEVEL", "SUBSURF"), ()):
        objects.append(bpy.data.objects.new("First", random_mesh(random.Random(3))))
        for kind in kinds:
            objects[-1].modifiers.new(kind, kind)
    for modifiers in [ob.modifiers for ob in (*objects, *objects[::-1], *objects)]:
        for form in (list, numpy.array):
            ours, theirs = form([0] * len(modifiers)), form([0] * len(modifiers))
            try:
                modifiers.foreach_get("levels", theirs)
            except Exception:
                with contextlib.suppress(SlicerError):
                    foreach_get(modifiers, "levels", ours)
                    raise AssertionError(modifiers)
            else:
                foreach_get(modifiers, "levels", ours)
            assert list(ours) == list(theirs)


def test_what_an_edit_mode_edits():
    """Edit bones are written in edit mode; shape keys are not, their mesh being edited."""
    from rnaslicer import foreach_set
    ob = boned()
    bpy.ops.object.mode_set(mode="EDIT")
    bones = ob.data.edit_bones
    for values in (numpy.arange(3 * len(bones), dtype="f"), [float(i) for i in range(3 * len(bones))]):
        for _ in range(2):
            for bone in bones:
                bone.head = 0, 0, 0
            foreach_set(bones, "head", values)
            assert [tuple(bone.head) for bone in bones] == [tuple(values[3 * i:3 * i + 3]) for i in range(len(bones))]
    bpy.ops.object.mode_set(mode="OBJECT")
    mesh = random_mesh(random.Random(3))
    (ob, *_) = random_objects(random.Random(3), mesh, 1)
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Key")
    points = mesh.shape_keys.key_blocks[1].data
    for values in (numpy.zeros(3 * len(points), "f"), [0.0] * (3 * len(points)), numpy.zeros(3 * len(points), "d")):
        foreach_set(points, "co", values)
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        for coll, name, some in ((mesh.shape_keys.key_blocks[1].data, "co", values),
                                 (mesh.shape_keys.key_blocks, "value", values[:2])):
            with refused("ReadOnlyError", "edit mode"):
                foreach_set(coll, name, some)
        bpy.ops.object.mode_set(mode="OBJECT")
        points = mesh.shape_keys.key_blocks[1].data


def test_splines_are_of_one_kind():
    """One look is for the points of all splines of all curves, each of which has its own values."""
    from rnaslicer import foreach_get
    from rnaslicer.calls import foreach
    for number in range(2):
        curve = bpy.data.curves.new(f"Curve {number}", "CURVE")
        for i in range(5):
            spline = curve.splines.new("NURBS")
            spline.points.add(3 + i)
            for j, point in enumerate(spline.points):
                point.co = number, i, j, 1
        for spline in curve.splines:
            for _ in range(2):
                found = numpy.zeros((len(spline.points), 4), "f")
                with trails_at_once():
                    foreach_get(spline.points, "co", found)
                assert found.tolist() == [list(point.co) for point in spline.points]
    assert sum(key[0] == "foreach_get" and key[3:] == ("splines[].points", "co", "f") for key in foreach._recipes) == 1
