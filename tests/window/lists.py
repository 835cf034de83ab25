# tests/window/lists.py: lists that are written at once, where the window's own panels and gizmos subscribe
"""As screen.py says. A window's regions subscribe to the message bus and draw what is written: both must find what a
loop of assignments leaves, and still it must be one assignment."""
import pathlib
import sys

import bpy
import numpy as np

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "blender")]
from known_discovery import prepare_discovery  # noqa: E402  (needs the path above)
from screen import KEPT, main  # noqa: E402
from view import compare, look_down, quad, view  # noqa: E402
from view import warm_up as draw_first  # noqa: E402

BONES = 40


def warm_up():
    """Examines this Blender."""
    prepare_discovery(KEPT)
    yield from draw_first()


def rig():
    """A posed armature; the square follows its first bone."""
    ob = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(BONES):
        bone = ob.data.edit_bones.new(f"Bone{i}")
        bone.head, bone.tail = (i, 0, 0), (i, 1, 0)
    bpy.ops.object.mode_set(mode="POSE")
    square = quad()
    square.parent, square.parent_type, square.parent_bone = ob, "BONE", "Bone0"
    return ob


def assigned(counts):
    """Counts what is assigned element by element from now on; returns what ends it."""
    from rnaslicer.transfer import direct
    write = direct.write

    def counted(leaf, reached, dense, *rest):
        counts.append(len(dense.rows))
        return write(leaf, reached, dense, *rest)
    direct.write = counted

    def end():
        direct.write = write
    return end


def test_bones():
    """In pose mode, with gizmos, both side bars and the tools that subscribe to them."""
    from rnaslicer import Slicer
    look_down()
    ob = rig()
    space = view()[2]
    space.show_gizmo = space.show_region_ui = space.show_region_toolbar = True
    counts = []

    def write():
        with Slicer(ob.pose.bones)[:, "location"] as vw:
            vw.update()  # once in a session one is assigned, to compare
            np.asarray(vw.memcache)[:, 0] = 3
            end = assigned(counts)
            vw.update()
            end()

    def assign(x):
        for bone in ob.pose.bones:
            bone.location = (x, 0, 0)
    yield from compare(write, lambda: assign(3), lambda: assign(0))
    assert sum(counts) == 0, f"assigned one by one: {counts}"
    bpy.ops.object.mode_set(mode="OBJECT")


def test_nodes():
    """A node editor that shows the tree."""
    from rnaslicer import Slicer
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for _ in range(BONES):
        tree.nodes.new("ShaderNodeMath")
    area = view()[0]
    area.ui_type = "ShaderNodeTree"
    area.spaces.active.node_tree = tree
    counts, name = [], "location" if bpy.app.version < (5, 0) else "location_absolute"
    try:
        yield 1.0
        with Slicer(tree.nodes)[:, name] as vw:
            vw.update()
            np.asarray(vw.memcache)[...] = np.arange(2 * BONES).reshape(BONES, 2)
            end = assigned(counts)
            vw.update()
            end()
        yield 1.0
        assert [tuple(getattr(node, name)) for node in tree.nodes] == [(2 * i, 2 * i + 1) for i in range(BONES)]
        assert sum(counts) == 0, f"assigned one by one: {counts}"
    finally:
        area.ui_type = "VIEW_3D"


main(globals())
