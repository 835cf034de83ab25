# tests/blender/expression/test_hints.py: what errors offer instead: where data went, keys, custom properties, other suppliers
import collections
import random

import bmesh
import bpy
import mathutils

from support import EVERY, VERSION, random_mesh, random_objects, refused


def enter(supplier, subscript, **options):
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        return vw.memcache.tolist()


def mesh_and_object():
    rng = random.Random(3)
    mesh = random_mesh(rng, 3, 2)
    return mesh, random_objects(rng, mesh, 3)


# ---- the table

def test_every_way_of_the_table_is_there():
    """Where this Blender lacks what an entry names, it has one of its ways."""
    from rnaslicer.blender import moved
    used = 0
    for (kind, name), entry in moved.TABLE.items():
        rna = getattr(getattr(bpy.types, kind, None), "bl_rna", None)
        if rna is None:
            continue
        start = getattr(bpy.types, entry.start).bl_rna if entry.start else rna
        if name in rna.properties:
            continue
        used += 1
        assert any(moved.leads(start, way) for way in entry.ways), (kind, name)
        clause = moved.instead(rna, name)
        assert clause.startswith("; in this Blender it is ") and "'" in clause, clause
    assert used >= {3: 5, 4: 15, 5: 20}[VERSION[0]], used


def test_ways_of_the_table_lead_there():
    mesh, obs = mesh_and_object()
    ob = obs[0]
    ob.location = 1, 2, 3
    ob.keyframe_insert("location")
    action = ob.animation_data.action
    if VERSION >= (5, 0):
        with refused("ExpressionError", "'layers', 0, 'strips', 0, 'channelbags', 0, 'fcurves'", "slot"):
            enter(action, ("fcurves", EVERY, "array_index"))
        assert enter(action, ("layers", 0, "strips", 0, "channelbags", 0, "fcurves", EVERY, "array_index")) == [0, 1, 2]
    else:
        enter(action, ("fcurves", EVERY, "array_index"))
    if VERSION >= (4, 0):
        with refused("ExpressionError", "from the Mesh", """'attributes', '["crease_edge"]', 'data', :, 'value'"""):
            enter(mesh.edges, (EVERY, "crease"))
        mesh.edge_creases_ensure()
        assert enter(mesh, ("attributes", '["crease_edge"]', "data", EVERY, "value")) == [0.0] * len(mesh.edges)
        with refused("ExpressionError", "bevel_weight_vert"):
            enter(mesh.vertices, (EVERY, "bevel_weight"))
    for name, words in (("faces", "'polygons'"), ("verts", "'vertices'"), ("normals", "'vertex_normals', :, 'vector'")):
        with refused("ExpressionError", words):
            enter(mesh, (name, EVERY, "co"))
    if VERSION >= (4, 1):
        with refused("ExpressionError", "'edges', :, 'use_edge_sharp'"):
            enter(mesh, "use_auto_smooth")
        from rnaslicer import Slicer
        with Slicer(mesh.loops)[:, "normal"] as vw:
            with refused("ReadOnlyError", "normals_split_custom_set"):
                vw.update()
    editor = bpy.context.scene.sequence_editor_create()
    there, gone = ("strips_all", "sequences_all") if VERSION >= (5, 0) else ("sequences_all", "strips_all")
    with refused("ExpressionError", f"'{there}'"):
        enter(editor, (gone, EVERY, "channel"))
    if VERSION >= (5, 0) or VERSION < (4, 3):
        with refused("ExpressionError", "'grease_pencils'"):
            enter(bpy.data, ("grease_pencils_v3", EVERY, "use_fake_user"))


# ---- names

def test_names_that_are_something_else():
    mesh, obs = mesh_and_object()
    for name, words in (("cO", "'co'"), ("CO", "'co'"), ("hidden", "hide")):
        with refused("ExpressionError", words):
            enter(mesh.vertices, (EVERY, name))
    with refused("ExpressionError", "'data', 'vertices'"):
        enter(obs[0], ("vertices", EVERY, "co"))
    with refused("ExpressionError", "'data', 'vertices'"):
        enter(bpy.data.objects, (EVERY, "vertices", EVERY, "co"))
    with refused("ExpressionError", """'["FLOAT_POINT"]'""", "['FLOAT_POINT']"):
        enter(mesh, ("attributes", "FLOAT_POINT", "data", EVERY, "value"))
    with refused("ExpressionError", """'["Object01"]'"""):
        enter(bpy.data.objects, ("Object01", "location"))
    obs[0]["weight"] = 1.5
    for supplier, subscript in ((obs[0], "weight"), (obs, (EVERY, "weight")), (bpy.data.objects, (EVERY, "weight"))):
        with refused("ExpressionError", """'["weight"]'""", "custom"):
            enter(supplier, subscript)
    bpy.data.objects.new("AFirst", None)  # which has neither, nor a mesh
    for supplier in (bpy.data.objects, list(bpy.data.objects)):
        with refused("ExpressionError", """'["weight"]'""", "custom", f"not all have, as {obs[0].name!r} does"):
            enter(supplier, (EVERY, "weight"))
    with refused("ExpressionError", "'data', 'vertices'", "not all have"):
        enter(bpy.data.objects, (EVERY, "vertices", EVERY, "co"))
    with refused("ExpressionError", "'vector'"):
        enter(mesh.attributes["FLOAT_VECTOR_POINT"].data, (EVERY, "value"))
    with refused("ExpressionError", "'color'"):
        enter(mesh.attributes["FLOAT_COLOR_POINT"].data, (EVERY, "value"))
    with refused("ExpressionError", "'uv'"):
        enter(mesh.uv_layers[0].data, (EVERY, "vector"))
    with refused("ExpressionError", "'Absent'", "'UV'"):
        enter(mesh.uv_layers, (["Absent"], "data", EVERY, "uv"))
    for i in range(9):  # what Blender hides comes last, also where it comes first
        mesh.attributes.new(f".hidden{i}", "FLOAT", "POINT")
    with refused("ExpressionError", "'Absent'", "'FLOAT_POINT'"):
        enter(mesh.attributes, (["Absent"], "data", EVERY, "value"))
    with refused("ExpressionError", "there are none"):
        enter(bpy.data.worlds if not bpy.data.worlds else bpy.data.speakers, (["x"], "use_fake_user"))


def test_python_properties_are_named_as_such():
    _, obs = mesh_and_object()
    with refused("ExpressionError", "Python"):
        enter(obs[0], ("children_recursive", EVERY, "location"))
    with refused("ExpressionError", "function"):
        enter(obs[0], ("select_get",))
    if VERSION >= (4, 3):
        kinds = bpy.data.grease_pencils_v3 if VERSION < (5, 0) else bpy.data.grease_pencils
        drawing = kinds.new("P").layers.new("L").frames.new(1).drawing
        drawing.add_strokes([2])
        with refused("ExpressionError", """'attributes', '["position"]', 'data', :, 'vector'""", "curve_offsets", "Python"):
            enter(drawing, ("strokes", EVERY, "x"))
        assert enter(drawing, ("attributes", '["position"]', "data", EVERY, "vector")) == [[0.0] * 3] * 2
        try:
            enter(drawing, ("attributes", '["none"]', EVERY))
        except TypeError as error:
            assert "frames[frame_number=1].drawing" in str(error) and "grease_pencils" not in str(error)


# ---- suppliers

def test_suppliers_that_are_none():
    from rnaslicer import Slicer
    mesh, obs = mesh_and_object()
    obs[0]["curve"] = [1.0, 2.0]
    work = bmesh.new()
    work.from_mesh(mesh)
    for supplier, words in (((ob for ob in obs), "list("), (iter(obs), "list("), (set(obs), "no order"), (None, "not there"),
                            ("Cube", "bpy.data.objects['Cube']"), (bpy.types.Object, "class"), (work.verts, "to_mesh"),
                            (work, "to_mesh"), (mathutils.Vector((1, 2, 3)), "'location'"), (obs[0].location, "'location'"),
                            (obs[0]["curve"], '["name"]'), ({"a": 1}, "list"), ([obs], "flat")):
        with refused("ExpressionError", words):
            Slicer(supplier)
    work.free()
    with refused("ExpressionError", "with Slicer(mesh.vertices)[:, 'co', :]"):
        with Slicer(mesh.vertices):
            pass


def test_dead_structs_in_a_sequence():
    from rnaslicer import Slicer
    _, obs = mesh_and_object()
    bpy.data.objects.remove(obs[1])
    with refused("SupplierLostError", "item 1"):
        Slicer(obs)
    with refused("SupplierLostError"):
        Slicer(obs[1])


def test_arrays_that_are_no_regions():
    import numpy as np
    from rnaslicer import Slicer
    mesh, _ = mesh_and_object()
    with Slicer(mesh.vertices)[:, "co"] as vw:
        for use, doing in ((vw.update, "updating"), (vw.refresh, "refreshing"), (vw.changes, "refreshing")):
            for view in (np.zeros(vw.shape, np.float32), np.zeros(3, "i")):
                with refused("RegionError", f"{doing} Slicer(Mesh 'Random'.vertices)[:, 'co']", "not a region"):
                    use(view)
        with refused("RegionError", "memcache[...] = values"):
            vw.update(np.zeros(vw.shape, np.float32))


def test_what_is_no_supplier_at_all():
    """bpy.ops has an attribute of every name."""
    from rnaslicer import Slicer
    mesh, obs = mesh_and_object()
    for wrong, words in ((bpy.ops, "no data"), (bpy.ops.mesh, "no data"), (bpy.ops.mesh.delete, "no data"),
                         (bpy, "no data"), ({"a": obs[0]}.values(), "Slicer(list(objects))"),
                         (collections.deque(obs), "Slicer(list(objects))"), ([mesh.vertices], "'vertices', :, 'co'"),
                         (Slicer(mesh.vertices), "what it was made of"),
                         (Slicer(mesh.vertices)[:, "co"], "what it was made of")):
        with refused("ExpressionError", words):
            Slicer(wrong)
    try:
        import numpy
    except ImportError:
        return
    for numbers in (range(3), bytes(3), memoryview(bytes(3))):
        try:
            Slicer(numbers)
        except TypeError as error:
            assert "make a list" not in str(error), error
    array = numpy.array([obs[0]], dtype=object)
    with refused("ExpressionError", "array.ravel().tolist()"):
        Slicer(array)
    assert enter(array.ravel().tolist(), (EVERY, "pass_index")) == [obs[0].pass_index]


def test_arguments_that_slicer_has_not():
    from rnaslicer import Slicer
    mesh, _obs = mesh_and_object()
    for arguments, named, words in (
            ((), {}, ("needs a supplier",)), ((mesh.vertices, "f"), {}, ("one supplier, not 2", "dtype")),
            ((mesh.vertices,), {"dtyp": "f"}, ("'dtyp'", "did you mean 'dtype'?")),
            ((mesh.vertices,), {"normalised": True}, ("did you mean 'normalized'?",)),
            ((mesh.vertices,), {"path": None}, ("no setting 'path'", "transform")),
            ((mesh.vertices,), {"supplier": mesh}, ("one supplier, not 2",))):
        with refused("ExpressionError", *words):
            Slicer(*arguments, **named)
    for named in ({"supplier": mesh.vertices}, {"supplier": mesh.vertices, "dtype": "float64"}):
        with Slicer(**named)[:, "co", 0] as vw:
            assert vw.memcache.tolist() == [v.co.x for v in mesh.vertices]
            assert vw.format == ("d" if "dtype" in named else "f")


def test_matrices_that_are_none():
    from rnaslicer import Slicer
    mesh, _obs = mesh_and_object()
    with refused("ExpressionError", "to_4x4"):
        Slicer(mesh.vertices, transform=mathutils.Matrix.Identity(3))
    rows = [[2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 2.0, 0], [0, 0, 0, 1]]
    wrong = [[[complex(x) for x in row] for row in rows]]
    try:
        import numpy
        Slicer(mesh.vertices, transform=numpy.asmatrix(rows))
        wrong += [numpy.array(wrong[0]), numpy.array(wrong[0], "F"), [numpy.array(wrong[0])] * 12]
    except ImportError:
        pass
    for matrix in wrong:
        with refused("ExpressionError", "complex"):
            Slicer(mesh.vertices, transform=matrix)
