# tests/blender/transfer/test_groups_bounds.py: what bpy's assignment does to a script's property beyond storing it
"""Values without a range, numbers that are no item, components beside those that are written; and what one table may not
do to the rest of the session. bpy's loop of assignments says what is right."""
import bpy
import numpy as np
from mathutils import Matrix

from groups_data import COUNT, ITEMS, DirectElement, by_bpy, fill, owner, registered
from support import same
from trail_ways import counts

HOSTILE = float("inf"), float("-inf"), float("nan"), 3.4e38, 1.0, -1e-40


class MatrixElement(bpy.types.PropertyGroup):
    square: bpy.props.FloatVectorProperty(subtype="MATRIX", size=(3, 3))
    vec: bpy.props.FloatVectorProperty(size=3)
    kind: bpy.props.EnumProperty(items=ITEMS)


def update(coll, name, values, **options):
    from rnaslicer import Slicer
    with Slicer(coll, **options)[:, name] as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()


def test_no_range_is_the_floats_own():
    """First harmless values, for what is seen of a session's first update must not count for all."""
    with registered():
        for by_item in (False, True):
            theirs, ours = owner(), owner()
            for ob in (theirs, ours):
                fill(ob.direct, "x2")
                for one in ob.direct if by_item else ():
                    one.property_unset("x2")
                    one["x2"] = 1.0
            update(ours.direct, "x2", 1.0)
            for options, more in ({}, 0.0), ({"dtype": "d"}, 1e39):
                values = np.resize([*HOSTILE, more], COUNT)
                for one, value in zip(theirs.direct, values):
                    one.x2 = value
                update(ours.direct, "x2", values, **options)
                np.testing.assert_array_equal(by_bpy(ours.direct, "x2"), by_bpy(theirs.direct, "x2"))


def with_matrices():
    ob = bpy.data.objects.new("Owner", None)
    for i in range(COUNT):
        one = ob.matrices.add()
        one.square, one.vec, one.kind = np.full((3, 3), i), (i, i, i), "ABC"[i % 3]
    return ob


def test_matrices_and_vectors_without_a_range():
    bpy.utils.register_class(MatrixElement)
    bpy.types.Object.matrices = bpy.props.CollectionProperty(type=MatrixElement)
    try:
        for name, shape in ("square", (COUNT, 3, 3)), ("vec", (COUNT, 3)):
            theirs, ours = with_matrices(), with_matrices()
            update(ours.matrices, name, 1)
            for spiced in (np.ones(shape), np.resize(HOSTILE, shape)):
                for one, value in zip(theirs.matrices, spiced):
                    setattr(one, name, Matrix(value) if name == "square" else value.tolist())
                update(ours.matrices, name, spiced)
                np.testing.assert_array_equal(by_values(ours.matrices, name), by_values(theirs.matrices, name))
        check_numbers_that_are_no_item()
        check_other_components()
    finally:
        del bpy.types.Object.matrices
        bpy.utils.unregister_class(MatrixElement)


def by_values(coll, name):
    return np.array([np.array(getattr(one, name)) for one in coll])


def check_numbers_that_are_no_item():
    """Of the first row, which is assigned again: the others are written all the same, as a loop does, of each datablock."""
    from rnaslicer import Slicer
    one, other = with_matrices(), with_matrices()
    update(one.matrices, "kind", 4)
    with Slicer([one, other])[:, "matrices", :, "kind"] as vw:
        other.matrices[0]["kind"] = 99
        np.asarray(vw.memcache)[...] = 70001
        vw.update()
    assert {group.kind for ob in (one, other) for group in ob.matrices} == {"C"}


def check_other_components():
    """Those beyond the range, where foreach_set put them: what becomes of a row is for this row alone to say."""
    from rnaslicer import Slicer
    with registered():
        found = []
        for first in 9.0, 90.0:
            ob = owner()
            rows = np.tile(np.array([9, 90, -90], "f"), (COUNT, 1))
            rows[0] = 9.0, first, 0.0
            fill(ob.direct, "vec")
            ob.direct.foreach_set("vec", rows.ravel())
            with Slicer(ob.direct)[:, "vec", 0] as vw:
                np.asarray(vw.memcache)[...] = 1
                vw.update()
            found.append([tuple(group.vec) for group in ob.direct][1:])
        assert found[0] == found[1], found


def test_tables_of_two_kinds_leave_trails_alone():
    """One set by attribute, one by item access, in turn; and one that mixes both."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Plain")
    mesh.from_pydata([(i, 0, 0) for i in range(40)], [], [])
    for _ in range(6):  # how layers are kept may only be learnt here, which forgets trails
        with Slicer(mesh.vertices)[:, "co"] as vw:
            pass
    with registered():
        clean, doubles, mixed = owner(), owner(), owner()
        for i in range(COUNT):
            clean.direct[i].x2 = i
            doubles.direct[i].property_unset("x2")
            doubles.direct[i]["x2"] = float(i)
            mixed.direct[i].x2 = i
        mixed.direct[3].property_unset("x2")
        mixed.direct[3]["x2"] = 3.0
        for _ in range(3):
            for ob in (clean, doubles, mixed):
                same(Slicer(ob.direct)[:, "x2"].read().tolist(), by_bpy(ob.direct, "x2").tolist())
            before = counts()["enter"]
            with Slicer(mesh.vertices)[:, "co"] as vw:
                pass
            after = counts()["enter"]
            assert (after[0] - before[0], after[1] - before[1]) == (1, 0), (before, after)


def test_a_mixed_table_says_nothing_of_others():
    from rnaslicer import Slicer
    with registered():
        mixed, clean = owner(), owner()
        fill(clean.direct, "x2")
        fill(mixed.direct, "x2")
        mixed.direct[1].property_unset("x2")  # else the kind would stay from 4.0 on
        mixed.direct[1]["x2"] = 3.25
        is_mixed = mixed.direct[1].x2 == 3.25  # from 5.0 on items are something of their own
        for ob, route in (mixed, "foreach" if is_mixed else "direct"), (clean, "direct"):
            with Slicer(ob.direct)[:, "x2"] as vw:
                assert vw.kernel.route == route, (ob, vw.kernel.route)


def test_meshes_are_not_tagged():
    """A value of a script's is nothing that geometry is made of."""
    from rnaslicer import Slicer
    with registered():
        bpy.types.Mesh.direct = bpy.props.CollectionProperty(type=DirectElement)
        try:
            mesh = bpy.data.meshes.new("Owner")
            ob = bpy.data.objects.new("Owner", mesh)
            bpy.context.scene.collection.objects.link(ob)
            for i in range(COUNT):
                mesh.direct.add().x2 = i
            update(mesh.direct, "x2", 2.0)
            bpy.context.view_layer.update()
            heard = []
            listen = lambda _scene, depsgraph: heard.extend(one.id.name for one in depsgraph.updates)
            bpy.app.handlers.depsgraph_update_post.append(listen)
            try:
                for one in mesh.direct:
                    one.x2 = 3.0
                bpy.context.view_layer.update()
                by_loop, heard[:] = list(heard), []
                update(mesh.direct, "x2", 4.0)
                bpy.context.view_layer.update()
            finally:
                bpy.app.handlers.depsgraph_update_post.remove(listen)
            assert set(heard) <= set(by_loop), (heard, by_loop)
        finally:
            del bpy.types.Mesh.direct
