# tests/blender/trails/test_trails_assigned_refused.py: what bpy assigns element by element, in native code: what is refused
"""A refusal comes before anything is written, and says so; what changed since is seen. First calls, trails and routes alike."""
import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from test_trails_asked_again import Answering
from test_trails_assigned import bezier, constrained, kept, material_nodes, nested, objects, rigs
from trail_lists import edited, fcurves, rig
from trail_ways import counts, natively


def entered(supplier, items):
    """An entered wrapper whose updates native code does."""
    from rnaslicer import Slicer
    for _ in range(3):
        with Slicer(supplier)[items] as vw:
            vw.update()
    vw = Slicer(supplier)[items].open()
    natively("update", vw.update)
    return vw


def test_no_item():
    """A number that is none: nothing is written, of no struct; also where only a part is."""
    if VERSION > (3, 4):  # hazards.FOREACH_SMALL_ENUMS
        bones = nested().data.bones
        _no_item(entered(bones, (EVERY, "inherit_scale")), lambda: list(bones), "inherit_scale")
        obs = rigs()
        _no_item(entered(obs, (EVERY, "data", "bones", EVERY, "inherit_scale")),
                 lambda: [bone for ob in obs for bone in ob.data.bones], "inherit_scale")
    pose = rig(9).pose.bones
    _no_item(entered(pose, (EVERY, "rotation_mode")), lambda: list(pose), "rotation_mode")
    points = bezier()
    _no_item(entered(points, (EVERY, "handle_left_type")), lambda: list(points), "handle_left_type")
    made = objects()
    _no_item(entered(made, (EVERY, "rotation_mode")), lambda: made, "rotation_mode")
    ob = made[0]
    vw = entered(ob, ("rotation_mode",))
    np.asarray(vw.memcache)[...] = 99
    with refused("ValueRangeError", "99"):
        vw.update()
    vw.close()


def _no_item(vw, structs, name):
    before = kept(structs(), name)
    cache = np.asarray(vw.memcache)
    item = next(item.value for item in structs()[0].bl_rna.properties[name].enum_items if item.identifier != before[0])
    cache[...] = item
    cache.reshape(-1)[-1] = 99
    with refused("ValueRangeError", "99", "nothing was written"):
        vw.update()
    same(kept(structs(), name), before, name)
    with refused("ValueRangeError", "99", "nothing was written"):
        vw.update(vw.memcache[-1:])
    same(kept(structs(), name), before, name)
    natively("update", lambda: vw.update(vw.memcache[(slice(0, -1),) * 1] if cache.ndim == 1 else vw.memcache[:-1]))
    vw.close()


def test_other_lengths():
    """One less, one more: refused, whole and in part; then entered again."""
    for make, of, items in ((nested, lambda ob: ob.data.bones, (EVERY, "use_deform")),
                            (rig, lambda ob: ob.pose.bones, (EVERY, "rotation_mode"))):
        ob = make()
        vw = entered(of(ob), items)
        edited(ob, lambda bones: bones.remove(bones["Bone3"]))
        before = kept(of(ob), items[-1])
        cache = np.asarray(vw.memcache)
        cache[...] = 1 - cache if cache.dtype == bool else 2
        for part in (None, vw.memcache[2:4]):
            with refused("ShapeChangedError"):
                vw.update(part)
        same(kept(of(ob), items[-1]), before)
        vw.close()
        entered(of(ob), items).close()
    obs = constrained()
    vw = entered(obs, (EVERY, "constraints", EVERY, "influence"))
    obs[4].constraints.remove(obs[4].constraints[1])
    np.asarray(vw.memcache)[...] = 0.25
    for part in (None, vw.memcache[1:2], vw.memcache[4:]):
        with refused("ShapeChangedError"):
            vw.update(part)
    assert all(one.influence == 1 for ob in obs for one in ob.constraints)
    vw.close()


def test_edit_mode():
    """What leaving it would overwrite is refused; what it edits is written."""
    ob = nested()
    vw = entered(ob.data.bones, (EVERY, "use_deform"))
    pose = entered(ob.pose.bones, (EVERY, "rotation_mode"))
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    np.asarray(vw.memcache)[...] = False
    for one in (vw, vw):
        with refused("ReadOnlyError", "edit mode"):
            one.update()
    bones = ob.data.edit_bones
    for name, value in (("roll", 0.5), ("head_radius", 0.25), ("use_deform", False)):
        edits = entered(bones, (EVERY, name))
        np.asarray(edits.memcache)[...] = value
        natively("update", edits.update)
        assert all(abs(getattr(bone, name) - value) < 1e-6 for bone in bones), name
        edits.close()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert all(not bone.use_deform for bone in ob.data.bones)
    pose.close()
    vw.close()


def test_not_ones_own():
    """Linked, evaluated: refused, and nothing is written, however often others of the kind were."""
    from rnaslicer import Slicer
    ob = nested()
    entered(ob.data.bones, (EVERY, "use_deform")).close()
    entered(ob.pose.bones, (EVERY, "lock_ik_x")).close()
    entered(ob, ("location",)).close()
    deps = bpy.context.evaluated_depsgraph_get()
    evaluated = ob.evaluated_get(deps)
    for supplier, items in ((evaluated.data.bones, (EVERY, "use_deform")), (evaluated.pose.bones, (EVERY, "lock_ik_x")),
                            (evaluated, ("location",))):
        with Slicer(supplier)[items] as vw:
            for part in (None, vw.memcache[1:2]):
                with refused("ReadOnlyError"):
                    vw.update(part)


def test_linked(kind):
    """Of a library: no trail that others of the kind have made lets it be written."""
    import os
    import tempfile
    from rnaslicer import Slicer
    ob = nested(name="Linked")
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "library.blend")
    bpy.data.libraries.write(path, {ob})
    with bpy.data.libraries.load(path, link=True) as (_, to):
        to.objects = ["Linked"]
    linked = to.objects[0]
    assert linked.library is not None
    of, items = {"bones": (lambda one: one.data.bones, (EVERY, "use_deform")),
                 "enums": (lambda one: one.data.bones, (EVERY, "inherit_scale")),
                 "pose": (lambda one: one.pose.bones, (EVERY, "rotation_mode")),
                 "many": (lambda one: [one], (EVERY, "data", "bones", EVERY, "use_deform")),
                 "lists": (lambda one: [one], (EVERY, "pose", "bones", EVERY, "rotation_mode")),
                 "apart": (lambda one: [one], (EVERY, "location")),
                 "one": (lambda one: one, ("location",))}[kind]
    for _ in range(3):
        with Slicer(of(ob))[items] as vw:
            vw.update()
    with Slicer(of(linked))[items] as vw:
        cache = np.asarray(vw.memcache)
        before = cache.tolist()
        cache[...] = 1 - cache
        for part in (None, vw.memcache[:1]):
            with refused("ReadOnlyError", "linked"):
                vw.update(part)
        vw.refresh()
        same(cache.tolist(), before)


test_linked.cases = {kind: (kind,) for kind in ("bones", "enums", "pose", "many", "lists", "apart", "one")}


def test_read_only_elements():
    """Where one of many may not be written none is: also if bpy's own function says so late."""
    ob = nested()
    vw = entered(ob.data.bones, (EVERY, "use_deform"))
    np.asarray(vw.memcache)[...] = False

    def one_goes():
        edited(ob, lambda bones: bones.remove(bones["Bone3"]))
    with Answering(bpy.types.Bone, one_goes) as script:
        with refused("ShapeChangedError"):
            vw.update()
    assert script.calls
    assert all(bone.use_deform for bone in ob.data.bones)
    vw.close()


def test_undo():
    """Undo and redo between: what was entered goes on."""
    ob = nested()
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="before")
    vw = entered(ob.data.bones, (EVERY, "use_deform"))
    name = ob.name
    np.asarray(vw.memcache)[...] = False
    vw.update()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    bones = bpy.data.objects[name].data.bones
    assert all(bone.use_deform for bone in bones)
    vw.update()
    assert not any(bone.use_deform for bone in bpy.data.objects[name].data.bones)
    vw.close()


def test_tags():
    """What assignments tag is tagged: the pose follows."""
    ob = rig(5)
    bpy.context.view_layer.update()
    vw = entered(ob.pose.bones, (EVERY, "matrix_basis"))
    np.asarray(vw.memcache)[:, :3, 3] = 3
    natively("update", vw.update)
    bpy.context.view_layer.update()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert all(max(abs(x) for x in bone.matrix.translation) > 2.5 for bone in evaluated.pose.bones)
    vw.close()


def test_within_materials():
    """A material's own nodes: in native code; of a linked material not."""
    nodes = material_nodes()
    place = "location" if VERSION < (5, 0) else "location_absolute"
    vw = entered(nodes[2], (place,))
    np.asarray(vw.memcache)[...] = 5, 7
    natively("update", vw.update)
    assert list(getattr(nodes[2], place)) == [5, 7]
    np.asarray(vw.memcache)[...] = 9
    natively("update", lambda: vw.update(vw.memcache[1:]))
    assert list(getattr(nodes[2], place)) == [5, 9]
    vw.close()


def test_flags_of_one():
    """Flags that lie in layers: the layer is made; one of its name and another type refuses."""
    from support import random_mesh
    import random
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(3), 4, 3, layers=False)
    for items, value in (((5, "use_seam"), True), ((5, "use_edge_sharp"), True), ((5, "select"), True), ((5, "hide"), True)):
        for wanted in (value, not value):
            vw = entered(mesh.edges, items) if VERSION > (3, 4) else Slicer(mesh.edges)[items].open()  # no layer, no name
            np.asarray(vw.memcache)[...] = wanted
            vw.update()
            assert getattr(mesh.edges[5], items[1]) == wanted, items
            vw.close()
    for name, value in (("use_smooth", False), ("material_index", 3), ("hide", True)):
        vw = entered(mesh.polygons, (4, name))
        np.asarray(vw.memcache)[...] = value
        natively("update", vw.update)
        assert getattr(mesh.polygons[4], name) == value, name
        vw.close()
    if VERSION >= (5, 0):  # before, bpy makes no such attribute, or both
        vw = entered(mesh.edges, (5, "use_edge_sharp"))
        mesh.attributes.remove(mesh.attributes["sharp_edge"])
        mesh.attributes.new("sharp_edge", "FLOAT", "POINT")
        np.asarray(vw.memcache)[...] = True
        before = counts()["update"][0]
        try:
            vw.update()
        except TypeError:  # ReadOnlyError, where bpy cannot make the layer
            pass
        else:
            assert mesh.edges[5].use_edge_sharp
        assert counts()["update"][0] == before
        vw.close()


def test_groups_of_scripts_stay():
    """What scripts registered is never written so: update callbacks may do anything."""
    calls = []

    class Group(bpy.types.PropertyGroup):
        value: bpy.props.FloatProperty(update=lambda self, context: calls.append(self.value))
    bpy.utils.register_class(Group)
    bpy.types.Bone.rnaslicer_test = bpy.props.FloatProperty(update=lambda self, context: calls.append(self.rnaslicer_test))
    try:
        from rnaslicer import Slicer
        bones = nested().data.bones
        for _ in range(4):
            del calls[:]
            with Slicer(bones)[:, "rnaslicer_test"] as vw:
                np.asarray(vw.memcache)[...] = 2
                vw.update()
            assert calls == [2.0] * len(bones)
    finally:
        del bpy.types.Bone.rnaslicer_test
        bpy.utils.unregister_class(Group)


def test_curves_of_actions():
    """Extrapolation: each curve's own, and the action is tagged."""
    ob = bpy.data.objects.new("Animated", None)
    for frame in range(3):
        ob.keyframe_insert("location", frame=frame)
    curves = fcurves(ob.animation_data.action)
    vw = entered(curves, (EVERY, "extrapolation"))
    np.asarray(vw.memcache)[...] = curves[0].bl_rna.properties["extrapolation"].enum_items["LINEAR"].value
    natively("update", lambda: vw.update(vw.memcache[1:2]))
    assert [one.extrapolation for one in curves] == ["CONSTANT", "LINEAR", "CONSTANT"]
    vw.close()
