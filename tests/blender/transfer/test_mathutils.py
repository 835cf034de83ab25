# tests/blender/transfer/test_mathutils.py: vectors and matrices of mathutils where buffers go, which those of 5.2 are
import bpy
import mathutils

from support import EVERY, VERSION, refused, same


def thing():
    ob = bpy.data.objects.new("Thing", None)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def point():
    mesh = bpy.data.meshes.new("Point")
    mesh.from_pydata([(1, 2, 3)], [], [])
    return mesh


def test_they_are_no_items():
    """5.2's vectors are buffers that tell no shape, not even who asks for it."""
    from rnaslicer import Slicer
    ob = thing()
    for what in (mathutils.Vector((0, 1, 2)), mathutils.Quaternion(), mathutils.Euler(), mathutils.Color(),
                 mathutils.Matrix()):
        for subscript in ((what,), ("location", what), ("matrix_world", what, EVERY)):
            with refused("ExpressionError", "item "):
                Slicer(ob)[subscript]


def test_they_are_values():
    from rnaslicer import Slicer
    ob = thing()
    vector, matrix = mathutils.Vector((1, 2, 3)), mathutils.Matrix.Translation((4, 5, 6))
    if VERSION < (5, 0):
        with refused("ExpressionError", "is no buffer"):
            Slicer(ob)["location", :].write(vector)
        return
    Slicer(ob)["location", :].write(vector)
    same(list(ob.location), [1.0, 2.0, 3.0])
    Slicer(ob)["matrix_basis", :, :].write(matrix)
    same([list(row) for row in ob.matrix_basis], [list(row) for row in matrix])
    with Slicer(ob)["location", :] as vw:
        vw.memcache[:] = mathutils.Vector((7, 8, 9))
        assert vw.memcache == mathutils.Vector((7, 8, 9)) and vw.memcache != vector
        with refused("RegionError", "not a region"):
            vw.update(vector)


def test_they_are_read_into():
    """Those of 5.2 are read-only to all that do not ask for more; a datablock's own is assigned by bpy."""
    from rnaslicer import Slicer
    ob, other, mesh = thing(), thing(), point()
    ob.location = 1, 2, 3
    vector, matrix = mathutils.Vector((0, 0, 0)), mathutils.Matrix()
    view = Slicer(ob)["location", :]
    if VERSION < (5, 0):
        with refused("ExpressionError", "is no buffer"):
            view.read(out=vector)
        return
    for _ in range(3):  # the second by what was learnt from the first
        vector.zero()
        assert view.read(out=vector) is vector and vector[:] == (1, 2, 3)
        view.read(out=other.location)
        assert other.location[:] == (1, 2, 3)
        other.location.zero()
        Slicer(ob)["matrix_basis", :, :].read(out=matrix)
        assert matrix == ob.matrix_basis
        Slicer(mesh.vertices)[0, "co"].read(out=vector)
        assert vector == mesh.vertices[0].co
    with Slicer(ob)["location", :] as vw:
        ob.location = 4, 5, 6
        vw.read(out=vector)
        assert vector[:] == (4, 5, 6) and vw.memcache.tolist() == [1, 2, 3]
    with refused("RegionError", "out is read-only"):
        view.read(out=mathutils.Vector((0, 0, 0)).freeze())
    vector.resize_4d()  # nobody holds it any more
    with refused("RegionError", "shape (4,)"):
        view.read(out=vector)


def test_foreach_takes_them_as_bpy_does():
    """One loan at a time: ours must be over before bpy asks."""
    import rnaslicer
    mesh = point()
    mesh.vertices.foreach_set("co", mathutils.Vector((4, 5, 6)))
    rnaslicer.foreach_set(mesh.vertices, "co", mathutils.Vector((4, 6, 8)))
    same(list(mesh.vertices[0].co), [4.0, 6.0, 8.0])
    vector = mathutils.Vector((0, 0, 0))
    outcomes = []
    for get in (lambda: mesh.vertices.foreach_get("co", vector),
                lambda: rnaslicer.foreach_get(mesh.vertices, "co", vector)):
        vector[:] = 0, 0, 0
        try:
            get()
        except Exception as error:
            outcomes.append(isinstance(error, RuntimeError))
        else:
            outcomes.append(list(vector))
    assert outcomes[0] == outcomes[1], outcomes
