# tests/blender/lifetime/test_empty_slots.py: collections that hold None: view layers, material slots
import bpy
from support import check, random_mesh, refused

import random


def scene_with(count):
    mesh = random_mesh(random.Random(3), 4, 3, layers=False)
    objects = [bpy.data.objects.new(f"Slot{i:03d}", mesh.copy()) for i in range(count)]
    for ob in objects:
        bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return objects


def positions(mesh):
    return [list(vertex.co) for vertex in mesh.vertices]


def test_evaluated_after_removal():
    """Evaluated meshes and to_mesh() are found and read while the view layer may still list what was removed: the
    first, one in the middle, the last, all others, of a second scene, too."""
    for count, gone in ((2, [0]), (5, [2]), (5, [4]), (6, [0, 1, 3, 5]), (9, [8, 0])):
        objects = scene_with(count)
        other = bpy.data.scenes.new("other")
        other.collection.objects.link(objects[1] if 1 not in gone else objects[2])
        for i in gone:
            bpy.data.objects.remove(objects[i])
        graph = bpy.context.view_layer.depsgraph
        for i in set(range(count)) - set(gone):
            evaluated = objects[i].evaluated_get(graph)
            check(evaluated.data.vertices, (slice(None), "co"), positions(objects[i].data))
            check(evaluated, ("location",), list(objects[i].location))
            mesh = objects[i].to_mesh()
            check(mesh.vertices, (slice(None), "co"), positions(objects[i].data))
            objects[i].to_mesh_clear()
        for ob in list(bpy.data.objects):
            bpy.data.objects.remove(ob)
        bpy.data.scenes.remove(other)
        bpy.context.view_layer.update()


def test_the_collection_itself():
    """What holds None is refused by name, not by an AttributeError; once synchronised it is read."""
    from rnaslicer import Slicer
    for gone in (0, 3, 6):
        objects = scene_with(7)
        layer = bpy.context.view_layer
        with Slicer(layer.objects)[:, "location"] as vw:
            assert vw.shape == (7, 3)
            bpy.data.objects.remove(objects[gone])
            before = vw.memcache.tolist()
            for move in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[2:])):
                with refused("ShapeChangedError"):
                    move()
            assert vw.memcache.tolist() == before
        for subscript in ((slice(None), "location"), (slice(None), "data", "vertices", slice(None), "co"),
                          (gone, "location"), ([gone], "location"), (slice(None), ("location", "scale"))):
            with refused("SlicerError", "None"):
                with Slicer(layer.objects)[subscript]:
                    pass
        layer.update()
        check(layer.objects, (slice(None), "location"), [list(ob.location) for ob in layer.objects])
        for ob in list(bpy.data.objects):
            bpy.data.objects.remove(ob)
        layer.update()


def test_material_slots():
    """Keys beside an empty slot; elements beside it; the empty one is refused."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(4), 3, 3, layers=False)
    mesh.materials.clear()
    mesh.materials.append(None)
    for name in ("Red", "Blue"):
        mesh.materials.append(bpy.data.materials.new(name))
        mesh.materials[-1].metallic = len(name) / 8
    names = [material.name for material in mesh.materials if material]
    check(mesh.materials, ([names[1]], "metallic"), [mesh.materials[names[1]].metallic])
    check(mesh.materials, (2, "metallic"), mesh.materials[2].metallic)
    for subscript in ((0, "metallic"), (slice(None), "metallic"), ([0, 1], "metallic"), (slice(None), "diffuse_color"),
                      (slice(None), "node_tree", "nodes", slice(None), "location")):
        with refused("SlicerError", "None"):
            with Slicer(mesh.materials)[subscript]:
                pass
    with refused("ExpressionError", "Green"):
        with Slicer(mesh.materials)[["Green"], "metallic"]:
            pass
