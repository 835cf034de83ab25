# tests/blender/transfer/test_named_twice.py: elements that one expression names twice, and parts of their matrices
"""bpy takes a matrix apart when it is assigned: of a part, what is not named is what the assignment before left."""
import bpy
import numpy as np
from mathutils import Euler, Matrix

from support import EVERY

COUNT = 4
PARTS = {"all": np.s_[:], "a number": np.s_[:, 0, 0], "a column": np.s_[:, :3, 3], "a row": np.s_[:, 1, :],
         "the first": np.s_[:1], "a corner of all but the first": np.s_[1:, :2, :2], "every second": np.s_[:, ::2, ::2]}
WAYS = [1, 1], [2, 1, 1, 2], [1, 2], [3, 3, 3]


def rig():
    armature = bpy.data.armatures.new("Rig")
    ob = bpy.data.objects.new("Rig", armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(COUNT):
        bone = armature.edit_bones.new(f"B{i}")
        bone.tail = 0, 0, 1 + i
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob.pose.bones


def empties():
    for ob in list(bpy.data.objects):
        bpy.data.objects.remove(ob)
    return [bpy.data.objects.new(f"E{i}", None) for i in range(COUNT)]


# name -> (supplier and its elements, the matrix)
SUPPLIERS = {
    "bones": (lambda: (lambda bones: (bones, list(bones)))(rig()), "matrix_basis"),
    "objects": (lambda: (lambda obs: (obs, obs))(empties()), "matrix_basis"),
    "bpy.data": (lambda: (bpy.data.objects, empties()), "matrix_basis"),
    "as it lies": (lambda: (bpy.data.objects, empties()), "matrix_parent_inverse"),
}


def start(i):
    return Matrix.LocRotScale((i, 1, 2), Euler((0.1 * i, 0.2, 0.3)), (1, 2, 1.5))


def assigned(structs, name, at, values, named):
    """As a loop of assignments leaves them."""
    for row, i in enumerate(at):
        if named[row].any():
            setattr(structs[i], name, Matrix(np.where(named[row], values[row], np.array(getattr(structs[i], name)))))
    return np.array([getattr(one, name) for one in structs])


def test_parts_of_a_matrix(kind):
    from rnaslicer import Slicer
    rng = np.random.default_rng(1)
    make, name = SUPPLIERS[kind]
    supplier, structs = make()

    def reset():
        for i, one in enumerate(structs):
            setattr(one, name, start(i))

    for at in WAYS:
        values = np.array([start(7 + row) for row in range(len(at))], "f")
        values[:, :3] += rng.random(values[:, :3].shape, "f") / 3
        for what, part in PARTS.items():
            named = np.zeros(values.shape, bool)
            named[part] = True
            reset()
            wanted = assigned(structs, name, at, values, named)
            for use in range(4):  # by the routes, then by trails
                for named_by in (lambda: Slicer(supplier)[at, name], lambda: Slicer([structs[i] for i in at])[EVERY, name]):
                    reset()
                    with named_by() as vw:
                        np.asarray(vw.memcache)[...] = values
                        vw.update(np.asarray(vw.memcache)[part])
                    found = np.array([getattr(one, name) for one in structs])
                    assert np.allclose(found, wanted, 1e-6, 1e-6), (at, what, use, np.abs(found - wanted).max())


test_parts_of_a_matrix.cases = {kind: (kind,) for kind in SUPPLIERS}
