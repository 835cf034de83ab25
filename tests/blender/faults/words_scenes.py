# tests/blender/faults/words_scenes.py: expressions, and what may happen to their data, for test_words_alike.py
"""A scene is what an expression is asked of, its items and options, and by name what takes its data away or changes it."""
from typing import Any, Callable, NamedTuple

import bpy
import numpy as np

from support import EVERY

SCENES: dict[str, Callable[[], "Scene"]] = {}


class Scene(NamedTuple):
    supplier: Callable[[], Any]
    items: tuple
    options: dict = {}
    changes: dict = {}  # name -> what happens


def scene(make):
    SCENES[make.__name__] = make
    return make


def mesh(at):
    made = bpy.data.meshes.new(f"M{at}")
    made.from_pydata([(at, k, k % 3) for k in range(8)], [], [(0, 1, 2, 3), (2, 3, 4, 5), (4, 5, 6)])
    made.uv_layers.new(name="UV")
    for k, one in enumerate(made.attributes.new("heat", "FLOAT", "POINT").data):
        one.value = k
    made.update()
    return made


def linked(at, modifiers=0):
    ob = bpy.data.objects.new(f"O{at}", mesh(at))
    bpy.context.scene.collection.objects.link(ob)
    ob.location = at, 2, 3
    for _ in range(modifiers):
        ob.modifiers.new("M", "DISPLACE")
    return ob


def edit_mode():
    bpy.context.view_layer.objects.active = next(ob for ob in bpy.context.scene.objects if ob.type == "MESH")
    bpy.ops.object.mode_set(mode="EDIT")


def of_mesh(*items, of="vertices", **options):
    ob = linked(1)
    data = ob.data
    return Scene(lambda: getattr(data, of), items, options, {
        "lost": lambda: bpy.data.meshes.remove(data), "more": lambda: data.vertices.add(2),
        "nothing left": data.clear_geometry, "edit mode": edit_mode})


@scene
def no_modifiers():
    ob = linked(1)
    return Scene(lambda: ob.modifiers, (EVERY, "show_render"), {}, {
        "lost": lambda: bpy.data.objects.remove(ob), "more": lambda: ob.modifiers.new("M", "DISPLACE"), "edit mode": edit_mode})


@scene
def no_places():
    ob = linked(1)
    data = ob.data
    data.clear_geometry()
    return Scene(lambda: ob, ("data", "vertices", EVERY, "co", "x"), {}, {
        "lost": lambda: bpy.data.objects.remove(ob), "more": lambda: data.vertices.add(2), "edit mode": edit_mode,
        "other data": lambda: setattr(ob, "data", mesh(3)), "gone": lambda: bpy.data.meshes.remove(data)})


@scene
def no_flags():
    data = linked(1).data
    data.clear_geometry()
    return Scene(lambda: data.polygons, (EVERY, "use_smooth"), {}, {
        "lost": lambda: bpy.data.meshes.remove(data), "more": lambda: data.polygons.add(2), "edit mode": edit_mode})


@scene
def places():
    return of_mesh(EVERY, "co")


@scene
def flags():
    return of_mesh(EVERY, "select")


@scene
def a_part():
    return of_mesh(slice(1, 6, 2), "co", "zx")


@scene
def numbers():
    return of_mesh([1, 7, 3], "co")


@scene
def a_mask():
    return of_mesh(np.arange(8) > 3, "co")


@scene
def one():
    return of_mesh(7, "co")


@scene
def only_read():
    return of_mesh(EVERY, "area", of="polygons")


def of_corners(*items, through=False, **options):
    made = of_mesh(*items, of="polygons", **options)
    data = bpy.data.meshes[-1]

    def more_corners():
        data.loops.add(2)
        for at in (-1, -2):
            data.loops[at].vertex_index = 0
    beyond = (EVERY, data.vertices, "co") if through else ()
    return made._replace(items=made.items + beyond, changes={**made.changes, "more corners": more_corners})


@scene
def flat():
    return of_corners(EVERY, "vertices", ragged="flat")


@scene
def flat_part():
    return of_corners(slice(2), "vertices", ragged="flat")


@scene
def padded():
    return of_corners(EVERY, "vertices", EVERY, ragged="pad", fill=-1)


@scene
def corners_gathered():
    return of_corners(EVERY, "vertices", through=True, ragged="flat")


@scene
def gathered():
    data = linked(1).data
    return Scene(lambda: data.loops, (EVERY, "vertex_index", data.vertices, "co"), {}, {
        "lost": lambda: bpy.data.meshes.remove(data), "more": lambda: data.vertices.add(2), "nothing left": data.clear_geometry})


@scene
def gathered_twice():
    data = linked(1).data
    items = EVERY, "edge_index", data.edges, "vertices", EVERY, data.vertices, "co"
    return Scene(lambda: data.loops, items, {}, {"more": lambda: data.vertices.add(2), "nothing left": data.clear_geometry})


def of_layer(supplier, *items):
    data = linked(1).data

    def other():
        data.attributes.remove(data.attributes["heat"])
        data.attributes.new("heat", "FLOAT_VECTOR", "POINT")
    return Scene(lambda: supplier(data), items, {}, {
        "lost": lambda: bpy.data.meshes.remove(data), "more": lambda: data.vertices.add(2), "edit mode": edit_mode,
        "layer lost": lambda: data.attributes.remove(data.attributes["heat"]), **({"other type": other} if len(items) != 4 else {})})


@scene
def a_layer():
    return of_layer(lambda data: data, "attributes", '["heat"]', "data", EVERY, "value")


@scene
def a_layer_by_keys():
    return of_layer(lambda data: data.attributes, ["heat"], "data", EVERY, "value")


@scene
def a_layer_itself():
    return of_layer(lambda data: data.attributes["heat"], EVERY)


def of_objects(*items, listed=False, count=4, changes=(), **options):
    obs = [linked(i, modifiers=2) for i in range(count)]
    every = {"more": lambda: bpy.data.objects.new("New", None), "fewer": lambda: bpy.data.objects.remove(obs[2]),
             "renamed": lambda: setattr(obs[2], "name", "Z"), "longer": lambda: obs[2].data.vertices.add(1),
             "longer list": lambda: obs[2].modifiers.new("M", "DISPLACE"), "no data": lambda: bpy.data.meshes.remove(obs[2].data),
             "shorter list": lambda: obs[2].modifiers.remove(obs[2].modifiers[1])}
    return Scene(lambda: obs if listed else bpy.data.objects, items, options, {name: every[name] for name in changes})


CO = EVERY, "data", "vertices", EVERY, "co"
LIST = "more", "fewer", "renamed"


@scene
def objects():
    return of_objects(EVERY, "location", changes=LIST)


@scene
def objects_two():
    return of_objects(EVERY, ("location", "scale"), changes=LIST)


@scene
def objects_by_numbers():
    return of_objects([3, 1], "location", changes=LIST)


@scene
def objects_by_names():
    return of_objects(["O3", "O2"], "location", changes=LIST)


@scene
def object_by_name():
    return of_objects('["O2"]', "location", changes=LIST)


@scene
def behind():
    return of_objects(*CO, changes=("more", "fewer", "longer", "no data"))


@scene
def behind_flat():
    return of_objects(*CO, changes=("fewer", "longer", "no data"), ragged="flat")


@scene
def behind_padded():
    return of_objects(*CO, changes=("fewer", "longer", "no data"), ragged="pad", width=8)


@scene
def behind_names():
    return of_objects(["O3", "O2"], *CO[1:], changes=("fewer", "longer", "no data"))


@scene
def listed():
    return of_objects([2, 1], "location", listed=True, changes=("fewer",))


@scene
def listed_behind():
    return of_objects(*CO, listed=True, changes=("fewer", "longer", "no data"))


@scene
def through_matrices():
    return of_objects(*CO, listed=True, changes=("fewer", "longer"), transform="WORLD")


@scene
def lists_behind():
    return of_objects(EVERY, "modifiers", EVERY, "strength", listed=True, changes=("fewer", "longer list", "shorter list"))


@scene
def through_a_matrix():
    ob = linked(1)
    return Scene(lambda: ob, CO[1:], {"transform": "WORLD"}, {
        "lost": lambda: bpy.data.objects.remove(ob), "more": lambda: ob.data.vertices.add(1), "nothing left": ob.data.clear_geometry})


@scene
def a_struct():
    ob = linked(1)
    return Scene(lambda: ob, (("location", "scale"), EVERY), {}, {"lost": lambda: bpy.data.objects.remove(ob)})


@scene
def modifiers():
    ob = linked(1, modifiers=3)

    def other():
        ob.modifiers.remove(ob.modifiers[2])
        ob.modifiers.new("M", "SUBSURF")
    return Scene(lambda: ob.modifiers, (EVERY, "strength"), {}, {
        "lost": lambda: bpy.data.objects.remove(ob), "more": lambda: ob.modifiers.new("M", "DISPLACE"),
        "fewer": lambda: ob.modifiers.remove(ob.modifiers[1]), "other type": other})


@scene
def modifiers_by_numbers():
    ob = linked(1, modifiers=3)
    return Scene(lambda: ob.modifiers, ([2, 1], "strength"), {}, {
        "lost": lambda: bpy.data.objects.remove(ob), "more": lambda: ob.modifiers.new("M", "DISPLACE"),
        "fewer": lambda: ob.modifiers.remove(ob.modifiers[1])})


@scene
def splines():
    curve = bpy.data.curves.new("C", "CURVE")
    for _ in range(3):
        curve.splines.new("POLY").points.add(2)
    return Scene(lambda: curve, ("splines", EVERY, "points", EVERY, "co"), {}, {
        "lost": lambda: bpy.data.curves.remove(curve), "longer": lambda: curve.splines[1].points.add(1),
        "fewer": lambda: curve.splines.remove(curve.splines[1])})


@scene
def one_spline():
    curve = bpy.data.curves.new("C", "CURVE")
    curve.splines.new("POLY").points.add(2)
    return Scene(lambda: curve, ("splines", 0, "points", EVERY, "co"), {}, {
        "longer": lambda: curve.splines[0].points.add(1), "none left": curve.splines.clear})


@scene
def layers_of_many():
    obs = [linked(i) for i in range(3)]
    return Scene(lambda: bpy.data.objects, (EVERY, "data", "uv_layers", EVERY, "data", EVERY, "uv"), {}, {
        "fewer": lambda: bpy.data.objects.remove(obs[1])})


@scene
def materials():
    data = linked(1).data
    for i in range(3):
        data.materials.append(bpy.data.materials.new(f"Mat{i}"))
    return Scene(lambda: data.materials, (EVERY, "diffuse_color"), {}, {
        "lost": lambda: bpy.data.meshes.remove(data), "more": lambda: data.materials.append(bpy.data.materials[0]),
        "fewer": data.materials.pop, "emptied": lambda: data.materials.__setitem__(1, None)})


@scene
def pixels():
    image = bpy.data.images.new("I", 4, 3)
    return Scene(lambda: image, ("pixels", EVERY, EVERY, EVERY), {}, {
        "lost": lambda: bpy.data.images.remove(image), "more": lambda: image.scale(5, 3)})


@scene
def custom():
    obs = [linked(i) for i in range(3)]
    for i, ob in enumerate(obs):
        ob["w"] = i + 0.5
    return Scene(lambda: obs, (EVERY, '["w"]'), {}, {
        "lost": lambda: bpy.data.objects.remove(obs[1]), "gone": lambda: obs[1].__delitem__("w"),
        "other type": lambda: obs[1].__setitem__("w", "text")})
