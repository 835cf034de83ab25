# tests/blender/trails/test_trails_kept_entered.py: layers that bpy gave at an earlier enter, or to another wrapper
"""A session remembers of each mesh which of its layers bpy gave. Whatever becomes of the meshes between two enters, each
enter and refresh gives what bpy gives; `told` says by whom a layer was found."""
import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from trail_ways import counts, natively

COUNT, SIZE = 9, 12
CO, SELECT = (EVERY, "data", "vertices", EVERY, "co"), (EVERY, "data", "vertices", EVERY, "select")


def objects(size=SIZE):
    scene = bpy.context.scene
    for ob in list(scene.objects):
        bpy.data.objects.remove(ob)
    for i in range(COUNT):
        mesh = bpy.data.meshes.new(f"Kept{i}")
        mesh.from_pydata([(k, i, k * i) for k in range(size)], [(k, k + 1) for k in range(size - 1)], [])
        mesh.vertices[i].select = not mesh.vertices[i].select
        scene.collection.objects.link(bpy.data.objects.new(f"Kept{i}", mesh))
    bpy.context.view_layer.update()
    return scene.objects


def by_bpy(obs, name):
    values = [[getattr(v, name) for v in ob.data.vertices] for ob in obs]
    return [[list(v) if name == "co" else v for v in row] for row in values]


def entered(obs, items=CO):
    """One more enter, by native code, of bpy's values; how many layers it found as they were."""
    from rnaslicer import Slicer
    before = counts()["layer"][0]

    def enter():
        with Slicer(obs)[items] as vw:
            return vw.memcache.tolist()
    found = natively("enter", enter)
    told = counts()["layer"][0] - before
    same(found, by_bpy(obs, items[-1]))
    return told


def read(obs, items=CO):
    """The same, whoever does it."""
    from rnaslicer import Slicer
    with Slicer(obs)[items] as vw:
        same(vw.memcache.tolist(), by_bpy(obs, items[-1]))
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, items[-1]))


def known(obs, items=CO):
    for _ in range(3):
        read(obs, items)
    if items is CO or VERSION >= (4, 0):
        assert entered(obs, items) > 0
    return obs


def test_found_again(name):
    obs = known(objects(), WAYS[name])
    for i, ob in enumerate(obs):
        ob.data.vertices[i].co = 5, 6, i
        ob.data.vertices[3].select = bool(i % 2)
    read(obs, WAYS[name])
    entered(obs, WAYS[name])
    if WAYS[name] is CO or VERSION >= (4, 0):
        assert entered(obs, WAYS[name]) >= COUNT - 3


WAYS = {"co": CO, "select": SELECT}
test_found_again.cases = {name: (name,) for name in WAYS}


def test_asks_less():
    """Of what is as it was, a refresh asks no mesh for its vertices, and of a write all hear."""
    from rnaslicer import Slicer
    obs = known(objects())
    with Slicer(obs)[CO] as vw, Slicer(obs)[CO] as other:
        vw.refresh()
        before = counts()["layer"]
        natively("refresh", vw.refresh)
        assert [now - was for now, was in zip(counts()["layer"], before)] == [COUNT, 0]
        np.asarray(vw.memcache)[...] += 3
        natively("update", vw.update)
        natively("refresh", other.refresh)
        same(other.memcache.tolist(), vw.memcache.tolist())
        same(other.memcache.tolist(), by_bpy(obs, "co"))


def longer(mesh):
    mesh.vertices.add(1)


def made_anew(mesh):
    mesh.clear_geometry()
    mesh.from_pydata([(9, k, 9) for k in range(SIZE)], [(0, 1)], [])


def other_layers(mesh):
    for i in range(20):
        mesh.attributes.new(f"Other {i}", "FLOAT_VECTOR", "POINT")
        mesh.vertex_colors.new(name=f"Color {i}")
    mesh.attributes.remove(mesh.attributes["Other 0"])


def evaluated_and_written(mesh):
    bpy.context.view_layer.update()
    mesh.vertices[2].co = 8, 8, 8
    mesh.vertices[2].select = not mesh.vertices[2].select


def copied(mesh):
    copy = mesh.copy()
    mesh.vertices[4].co = copy.vertices[5].co = 1, 1, 7


def without_selection(mesh):
    if ".select_vert" in mesh.attributes:
        mesh.attributes.remove(mesh.attributes[".select_vert"])


CHANGES = {function.__name__: function for function in (
    longer, made_anew, other_layers, evaluated_and_written, copied, without_selection)}


def test_changed_between(name, way):
    for at in (1, COUNT // 2, COUNT - 1):
        obs = known(objects(), WAYS[way])
        for _ in range(2):
            CHANGES[name](obs[at].data)
            if name == "longer":
                with refused("ExpressionError", "the lengths differ"):
                    read(obs, WAYS[way])
                for i, ob in enumerate(obs):
                    if i != at:
                        longer(ob.data)
            read(obs, WAYS[way])
            entered(obs, WAYS[way])


test_changed_between.cases = {f"{name} {way}": (name, way) for name in CHANGES for way in WAYS}


def test_changed_while_held(name):
    """What a wrapper was told at an enter of another."""
    from rnaslicer import Slicer
    for way in WAYS.values():
        obs = known(objects(), way)
        with Slicer(obs)[way] as vw:
            CHANGES[name](obs[4].data)
            if name == "longer":
                held = vw.memcache.tolist()
                for move in (vw.refresh, vw.update):
                    with refused("ShapeChangedError"):
                        move()
                same(vw.memcache.tolist(), held)
            else:
                vw.refresh()
                same(vw.memcache.tolist(), by_bpy(obs, way[-1]))
                vw.memcache[2] = vw.memcache[4]
                vw.update()
                same(by_bpy(obs, way[-1]), vw.memcache.tolist())


test_changed_while_held.cases = {name: (name,) for name in CHANGES}


def test_objects_change_their_meshes():
    from rnaslicer import Slicer
    obs = known(objects())
    with Slicer(obs)[CO] as vw:
        obs[2].data, obs[5].data = obs[5].data, obs[2].data
        obs[7].data = obs[3].data
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, "co"))
        read(obs)
        for i in range(20):  # one that is made where another was
            mesh, at = obs[4].data, 4
            made = bpy.data.meshes.new("Made")
            obs[at].data = made
            bpy.data.meshes.remove(mesh)
            made.from_pydata([(k, i, 3) for k in range(SIZE)], [], [])
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), by_bpy(obs, "co"))
            entered(obs)
        obs[4].data.clear_geometry()
        with refused("ShapeChangedError"):
            vw.refresh()


def test_edit_mode(way):
    """bpy gives what the mesh itself has, which edit mode leaves as it was."""
    from rnaslicer import Slicer
    obs = known(objects(), WAYS[way])
    with Slicer(obs)[WAYS[way]] as vw:
        vw.refresh()
        bpy.context.view_layer.objects.active = obs[4]
        obs[4].select_set(True)
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_all(action="INVERT")
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, way))
        read(obs, WAYS[way])
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.refresh()
        same(vw.memcache.tolist(), by_bpy(obs, way))
        read(obs, WAYS[way])


test_edit_mode.cases = {name: (name,) for name in WAYS}


def test_undo_and_load():
    obs = known(objects())
    bpy.ops.ed.undo_push(message="before")
    obs[4].data.vertices[4].co = 7, 7, 7
    obs[5].data.vertices.add(2)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    for _ in range(2):
        read(bpy.context.scene.objects)
    bpy.ops.ed.redo()
    bpy.context.scene.objects[5].data.clear_geometry()
    with refused("ExpressionError", "the lengths differ"):
        read(bpy.context.scene.objects)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    for size in (SIZE, SIZE + 1):
        known(objects(size))


def test_linked_are_refused():
    """Without libraries no datablock is asked whether it is linked; with one each is."""
    import os
    import tempfile

    from rnaslicer import Slicer
    obs = known(objects())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        bpy.data.libraries.write(path, {obs[0].data})
        with Slicer(obs)[CO] as vw:
            natively("update", vw.update)
            with bpy.data.libraries.load(path, link=True) as (_, wanted):
                wanted.meshes = ["Kept0"]
            linked = wanted.meshes[0]
            natively("update", vw.update)
            obs[6].data = linked
            vw.refresh()
            before = by_bpy(obs, "co")
            np.asarray(vw.memcache)[...] += 1
            with refused("ReadOnlyError", "Kept0"):
                vw.update()
            same(by_bpy(obs, "co"), before)
