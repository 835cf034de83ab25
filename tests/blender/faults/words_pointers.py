# tests/blender/faults/words_pointers.py: what pointers lead to, and how it may go; geometry that is not whole; for
# test_words_alike.py
import bpy

from support import EVERY
from words_scenes import Scene, linked, mesh, scene


def led(*items, **options):
    """An object and its parent, which may go."""
    ob, other = linked(1), linked(2)
    ob.parent = other
    return Scene(lambda: ob, ("parent", *items), options, {
        "removed": lambda: bpy.data.objects.remove(other), "none": lambda: setattr(ob, "parent", None),
        "no data": lambda: bpy.data.meshes.remove(other.data)})


def many_led(*items):
    obs, other = [linked(i) for i in range(4)], linked(7)
    for ob in obs:
        ob.parent = other
    return Scene(lambda: obs, (EVERY, "parent", *items), {}, {
        "removed": lambda: bpy.data.objects.remove(other), "none": lambda: setattr(obs[2], "parent", None)})


CO = "data", "vertices", EVERY, "co"


@scene
def pointer():
    return led("location")


@scene
def pointer_of_two():
    return led(("location", "scale"))


@scene
def pointer_to_mesh():
    return led(*CO)


@scene
def pointer_through_matrix():
    return led(*CO, transform="WORLD")


@scene
def pointers():
    return many_led("location")


@scene
def pointers_to_meshes():
    return many_led(*CO)


def of_modifiers(supplier, *items):
    ob, other = linked(1, modifiers=3), linked(7)
    for modifier in ob.modifiers:
        modifier.texture_coords_object = other
    return Scene(lambda: supplier(ob), (*items, "texture_coords_object", "location"), {}, {
        "removed": lambda: bpy.data.objects.remove(other),
        "none": lambda: setattr(ob.modifiers[1], "texture_coords_object", None)})


@scene
def pointers_in_list():
    return of_modifiers(lambda ob: ob.modifiers, EVERY)


@scene
def pointer_in_list():
    return of_modifiers(lambda ob: ob, "modifiers", 1)


@scene
def pointer_to_action():
    ob = linked(1)
    ob.keyframe_insert("location")
    return Scene(lambda: ob, ("animation_data", "action", "frame_range"), {}, {
        "none": lambda: setattr(ob.animation_data, "action", None), "cleared": ob.animation_data_clear})


def of_keys(*items):
    ob = linked(1)
    for name in "ab":
        ob.shape_key_add(name=name)
    return Scene(lambda: ob.data, ("shape_keys", "key_blocks", *items), {}, {"cleared": ob.shape_key_clear})


@scene
def pointer_to_keys():
    return of_keys(EVERY, "value")


@scene
def pointer_to_key():
    return of_keys(1, "data", EVERY, "co")


@scene
def pointer_to_pixels():
    texture, image = bpy.data.textures.new("T", "IMAGE"), bpy.data.images.new("I", 4, 3)
    texture.image = image
    return Scene(lambda: texture, ("image", "pixels", EVERY, EVERY, EVERY), {}, {
        "none": lambda: setattr(texture, "image", None), "removed": lambda: bpy.data.images.remove(image)})


@scene
def pointer_and_indices():
    ob = linked(1)
    return Scene(lambda: ob, ("data", "loops", EVERY, "vertex_index", ob.data.vertices, "co"), {}, {
        "removed": lambda: bpy.data.meshes.remove(ob.data)})


# ---- what an index or a key picks behind each of many

def picked(*items):
    obs = [linked(i, modifiers=2) for i in range(4)]
    for ob in obs:
        for k, one in enumerate(ob.modifiers):
            one.name = f"m{k}"
    these = obs[2].modifiers

    def other():
        these.clear()
        for kind in ("SUBSURF", "DISPLACE"):
            these.new("m0", kind)
    return Scene(lambda: obs, (EVERY, "modifiers", *items, "strength"), {}, {
        "longer": lambda: these.new("x", "DISPLACE"), "shorter": lambda: these.remove(these[1]), "without the first": lambda: these.remove(these[0]),
        "renamed": lambda: setattr(these[0], "name", "Z"), "none": these.clear, "of another type": other})


@scene
def picked_first():
    return picked(0)


@scene
def picked_last():
    return picked(-1)


@scene
def picked_by_name():
    return picked('["m0"]')


@scene
def picked_by_numbers():
    return picked([1, 0])


def of_maps(*items):
    obs = [linked(i) for i in range(4)]
    for ob in obs:
        ob.data.uv_layers.new(name="B")
    these = obs[2].data.uv_layers
    return Scene(lambda: obs, (EVERY, "data", "uv_layers", *items, "data", EVERY, "uv"), {}, {
        "more": lambda: these.new(name="C"), "fewer": lambda: these.remove(these[1]), "renamed": lambda: setattr(these[0], "name", "Z"),
        "none": lambda: [these.remove(these[0]) for _ in range(2)]})


@scene
def map_by_number():
    return of_maps(1)


@scene
def map_by_name():
    return of_maps('["UV"]')


# ---- geometry that is not whole: nothing must evaluate it, so that no object shows it

def unfinished(data):
    return {"a polygon more": lambda: data.polygons.add(1), "a corner nowhere": lambda: setattr(data.loops[0], "vertex_index", 1000)}


def of_unfinished(*items, of="polygons", **options):
    data = mesh(1)
    return Scene(lambda: getattr(data, of), items, options, unfinished(data))


@scene
def computed():
    return of_unfinished(EVERY, "area")


@scene
def computed_vectors():
    return of_unfinished(EVERY, "normal", of="vertices")


@scene
def computed_part():
    return of_unfinished(slice(1), "area")


@scene
def triangles():
    return of_unfinished(EVERY, "vertices", of="loop_triangles")


@scene
def unfinished_corners():
    return of_unfinished(EVERY, "vertices", ragged="flat")


@scene
def computed_of_many():
    obs = [bpy.data.objects.new(f"O{i}", mesh(i)) for i in range(3)]
    return Scene(lambda: obs, (EVERY, "data", "polygons", EVERY, "area"), {}, unfinished(obs[1].data))
