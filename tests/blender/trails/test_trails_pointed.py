# tests/blender/trails/test_trails_pointed.py: meshes that native code finds by their objects' own pointer
"""Where an object still points to the mesh that bpy gave for it, bpy is not asked again. Whatever becomes of objects and
meshes, each enter and refresh gives what bpy gives; `pointed` says how many were found so."""
import bpy

from support import EVERY, refused, same
from test_trails_kept_entered import CO, COUNT, by_bpy, known, objects, read
from trail_ways import counts


def pointed(act):
    before = counts()["pointer"][0]
    act()
    return counts()["pointer"][0] - before


def meshes_of(obs):
    return [ob.data for ob in obs]


def test_objects_point():
    obs = known(objects())
    assert pointed(lambda: read(obs)) >= 2 * (COUNT - 3)  # an enter, in which three are compared, and a refresh


def test_a_list_points():
    obs = list(objects())
    known(obs)
    assert pointed(lambda: read(obs)) >= 2 * (COUNT - 3)


def test_meshes_change_places(order):
    obs = known(objects())
    meshes = meshes_of(obs)
    from rnaslicer import Slicer
    with Slicer(obs)[CO] as vw:
        vw.refresh()
        for ob, at in zip(obs, ORDERS[order]):
            ob.data = meshes[at]
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, "co"))
        meshes[0].vertices[2].co = 1, 2, 3
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, "co"))
    read(obs)


ORDERS = {"turned": [*range(1, COUNT), 0], "swapped": [1, 0, *range(2, COUNT)], "one for all": [4] * COUNT}
test_meshes_change_places.cases = {name: (name,) for name in ORDERS}


def test_a_mesh_of_another_length():
    from rnaslicer import Slicer, ShapeChangedError
    obs = known(objects())
    with Slicer(obs)[CO] as vw:
        obs[5].data = bpy.data.meshes.new("Short")
        refused(ShapeChangedError, vw.refresh)
        obs[5].data = bpy.data.meshes["Kept5"]
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, "co"))
        obs[5].data.vertices.add(1)
        refused(ShapeChangedError, vw.refresh)


def test_other_objects_in_their_places():
    """Freed and made again, often where others were: of curves, too, which lie elsewhere in their struct."""
    from rnaslicer import Slicer, SlicerError
    for make in (lambda i: bpy.data.meshes.new(f"New{i}"), lambda i: bpy.data.curves.new(f"New{i}", "CURVE"),
                 lambda i: bpy.data.lattices.new(f"New{i}")):
        obs = known(objects())
        scene = bpy.context.scene
        for ob, mesh in [(ob, ob.data) for ob in obs]:
            bpy.data.objects.remove(ob)
            bpy.data.meshes.remove(mesh)
        for i in range(COUNT):
            scene.collection.objects.link(bpy.data.objects.new(f"Kept{i}", make(i)))

        def enter():
            with Slicer(scene.objects)[CO]:
                pass
        refused(SlicerError, enter)
        known(objects())


def test_evaluated_objects_are_asked():
    """Blender may give another mesh for such than the one they point to."""
    obs = known(objects())
    for ob in obs:
        ob.modifiers.new("Shift", "SIMPLE_DEFORM")
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert pointed(lambda: read([ob.evaluated_get(depsgraph) for ob in obs])) == 0
    read(obs)


def test_after_undo():
    obs = known(objects())
    bpy.ops.ed.undo_push(message="before")
    obs[3].data.vertices[1].co = 7, 8, 9
    bpy.ops.ed.undo_push(message="after")
    read(obs)
    bpy.ops.ed.undo()
    read(bpy.context.scene.objects)
    bpy.ops.ed.redo()
    read(bpy.context.scene.objects)


def test_edit_mode():
    obs = known(objects())
    bpy.context.view_layer.objects.active = obs[4]
    bpy.ops.object.mode_set(mode="EDIT")
    read(obs)
    bpy.ops.object.mode_set(mode="OBJECT")
    read(obs)


def test_two_scenes_in_turns():
    """What the last enter of one remembers is not the other's."""
    obs = known(objects())
    other = bpy.data.scenes.new("Other")
    for i in range(COUNT):
        mesh = bpy.data.meshes.new(f"Other{i}")
        mesh.from_pydata([(i, k, k + i) for k in range(12)], [], [])
        other.collection.objects.link(bpy.data.objects.new(f"Other{i}", mesh))
    for _ in range(3):
        read(other.objects)
        read(obs)


def test_rows_of_one_of_them_are_none():
    """A region, and a slice that picks no rows of some."""
    from rnaslicer import Slicer
    obs = known(objects())
    items = (EVERY, "data", "vertices", slice(8, None), "co")
    obs[2].data.clear_geometry()
    for _ in range(3):
        with Slicer(obs, ragged="flat")[items] as vw:
            vw.refresh()
            expected = [list(v.co) for ob in obs for v in list(ob.data.vertices)[8:]]
            same(vw.memcache.tolist(), expected)
