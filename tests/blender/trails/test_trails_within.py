# tests/blender/trails/test_trails_within.py: collections in datablocks that have no root of their own
"""A scene's own collection, a material's nodes, what is evaluated: native code captures their collections along the way that
Python found before, where that leads to the very collection."""
import bpy

from counted_calls import FROM_LIST, ONE_SHOT, counted
from support import EVERY, plain, refused, same
from trail_ways import read, values


def path_alone(member):
    """As Python finds it."""
    from rnaslicer.supplier.capture import _ways, capture_member
    held = dict(_ways)
    _ways.clear()
    try:
        return str(capture_member(member))
    finally:
        _ways.clear()
        _ways.update(held)


def emitter(name="Emitter", count=12):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2, 3)])
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    for part in ("One", "Two"):
        ob.modifiers.new(part, "PARTICLE_SYSTEM")
        settings = ob.particle_systems[-1].settings
        settings.count, settings.frame_start, settings.frame_end, settings.lifetime = count, 1, 2, 200
        count -= 5
    bpy.context.scene.frame_set(5)
    return ob


def particles(ob, name):
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).particle_systems[name].particles


def test_evaluated_particles():
    from rnaslicer import Slicer
    ob, other = emitter(), emitter("Other", 20)
    names = [system.name for system in ob.particle_systems]
    for one in (ob, other, ob):
        for name in (names[0], names[1], names[0]):
            name = one.particle_systems[names.index(name)].name
            for _ in range(3):
                same(plain(read(particles(one, name), EVERY, "location")[0]), values(particles(one, name), "location"))
            path = Slicer(particles(one, name))._path
            assert str(path) == path_alone(particles(one, name))

    def one_shot():
        with Slicer(particles(ob, names[0]))[:, "size"]:
            pass

    for _ in range(3):
        one_shot()
    assert counted(one_shot) <= ONE_SHOT + 2
    with Slicer(particles(ob, names[0]))[:, "location"] as vw:
        bpy.context.scene.frame_set(9)
        vw.refresh()
        same(plain(vw.memcache.tolist()), values(particles(ob, names[0]), "location"))
        ob.particle_systems[0].name = "Called otherwise"
        bpy.context.view_layer.update()
        with refused("SupplierLostError"):
            vw.refresh()
    ob.particle_systems[1].name = names[0]  # another of that name
    bpy.context.scene.frame_set(5)
    same(plain(read(particles(ob, names[0]), EVERY, "location")[0]), values(particles(ob, names[0]), "location"))
    assert len(particles(ob, names[0])) != len(particles(ob, "Called otherwise"))


def test_a_scenes_own_collection():
    from rnaslicer import Slicer
    scene = bpy.context.scene
    for i in range(5):
        ob = bpy.data.objects.new(f"Own{i}", None)
        scene.collection.objects.link(ob)
        ob.location = i, 1, 2
    other = bpy.data.scenes.new("Another")
    other.collection.objects.link(ob)
    for one in (scene, other, scene):
        for _ in range(3):
            same(plain(read(one.collection.objects, EVERY, "location")[0]), values(one.collection.objects, "location"))
        assert str(Slicer(one.collection.objects)._path) == path_alone(one.collection.objects)

    def one_shot():
        with Slicer(scene.collection.objects)[:, "location"]:
            pass

    assert counted(one_shot) <= FROM_LIST
    with Slicer(other.collection.objects)[:, "location"] as vw:
        bpy.data.scenes.remove(other)
        with refused("SupplierLostError"):
            vw.refresh()


def test_a_materials_nodes():
    from rnaslicer import Slicer
    materials = [bpy.data.materials.new(f"Within{i}") for i in range(2)]
    for material in materials:
        material.use_nodes = True
    for material in (*materials, materials[0]):
        nodes = material.node_tree.nodes
        for i, node in enumerate(nodes):
            node.location = 10 * i, len(materials)
        for _ in range(3):
            same(plain(read(nodes, EVERY, "location")[0]), values(nodes, "location"))
        assert str(Slicer(nodes)._path) == path_alone(nodes)
    with Slicer(materials[0].node_tree.nodes)[:, "location"] as vw:
        bpy.data.materials.remove(materials[0])
        with refused("SupplierLostError"):
            vw.refresh()
