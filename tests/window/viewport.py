# tests/window/viewport.py: what a real window shows after an update, and what drawing may not do
"""As screen.py says. Nothing here asks Blender to redraw, for that is what an update must do."""
import pathlib
import sys

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from screen import main, shot  # noqa: E402  (needs the path above)

PAUSE, LONGEST = 0.25, 20.0  # seconds between looks; until the screen must have settled


def view():
    """(area, window region, space) of the 3D view."""
    area = next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D")
    return area, next(region for region in area.regions if region.type == "WINDOW"), area.spaces.active


def look_down():
    """An empty scene from above, without anything that blinks."""
    for ob in list(bpy.data.objects):
        bpy.data.objects.remove(ob)
    space = view()[2]
    space.overlay.show_overlays = space.show_gizmo = space.show_region_ui = space.show_region_toolbar = False
    space.shading.type = "SOLID"
    space.region_3d.view_perspective = "ORTHO"
    space.region_3d.view_rotation = (1, 0, 0, 0)
    space.region_3d.view_location, space.region_3d.view_distance = (0, 0, 0), 14


def pixel(image, place):
    """The colour at a place of the 3D view."""
    region, space = view()[1:]
    x, y = location_3d_to_region_2d(region, space.region_3d, place)
    window = bpy.context.window_manager.windows[0]
    top = image.shape[0] - 1 - window.y - region.y  # the window's y counts from below
    return image[int(top - y), int(window.x + region.x + x)]


def settled():
    """Yields until the screen stays the same for four looks; returns it."""
    last, same, waited = shot(), 0, 0.0
    while same < 4:
        yield PAUSE
        waited += PAUSE
        now = shot()
        same = same + 1 if np.array_equal(inside(now), inside(last)) else 0
        last = now
        assert waited < LONGEST, "the screen does not settle"
    return last


def inside(image):
    """The part of the screen that is the 3D view."""
    region = view()[1]
    window = bpy.context.window_manager.windows[0]
    bottom = image.shape[0] - window.y - region.y
    return image[bottom - region.height : bottom, window.x + region.x : window.x + region.x + region.width]


def differ(one, two):
    """Number of pixels of the 3D view that differ by more than rounding."""
    return int((abs(inside(one) - inside(two)).max(axis=2) > 2).sum())


def quad(name="Quad"):
    """A square left of the centre."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(x, y, 0) for x in (-3, -2, -1) for y in (-1, 0, 1)], [],
                     [(0, 3, 4, 1), (1, 4, 5, 2), (3, 6, 7, 4), (4, 7, 8, 5)])
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    return ob


LEFT, RIGHT = (-2.0, 0.5, 0.0), (2.0, 0.5, 0.0)


def compare(write, write_by_bpy, put_back):
    """The screen after `write` must be another, and the one after the same through bpy."""
    before = yield from settled()
    write()
    after = yield from settled()
    put_back()
    again = yield from settled()
    write_by_bpy()
    expected = yield from settled()
    assert differ(before, again) == 0, "the scene did not come back: the test tells nothing"
    assert differ(before, expected) > 400, "bpy's own assignment shows nothing: the test tells nothing"
    assert differ(after, before) > 400, "the update did not reach the screen"
    assert differ(after, expected) == 0, f"{differ(after, expected)} pixels are not those after bpy's assignment"
    return before, after


def warm_up():
    """5.2 shades its first picture a little otherwise than the next ones."""
    look_down()
    vertices = quad().data.vertices
    for offset in (4, -4):
        yield from settled()
        for vertex in vertices:
            vertex.co.x += offset
    yield from settled()


def test_positions():
    from rnaslicer import Slicer
    look_down()
    mesh = quad().data
    places = [tuple(v.co) for v in mesh.vertices]

    def write():
        with Slicer(mesh.vertices)[:, "co", "x"] as vw:
            np.asarray(vw.memcache)[...] += 4
            vw.update()

    def assign(offset):
        for vertex, place in zip(mesh.vertices, places):
            vertex.co = (place[0] + offset, *place[1:])

    before, after = yield from compare(write, lambda: assign(4), lambda: assign(0))
    for image, full, empty in ((before, LEFT, RIGHT), (after, RIGHT, LEFT)):
        ground = pixel(image, (0.0, 3.0, 0.0))  # which shades off a little
        assert abs(pixel(image, full) - ground).max() > 40 > 5 > abs(pixel(image, empty) - ground).max()


def test_a_region_of_positions():
    from rnaslicer import Slicer
    look_down()
    mesh = quad().data
    places = [tuple(v.co) for v in mesh.vertices]

    def write():
        with Slicer(mesh.vertices)[:, "co", "x"] as vw:
            np.asarray(vw.memcache)[...] -= 2
            vw.update(vw.memcache[6:])

    def assign(offset):
        for vertex, place in list(zip(mesh.vertices, places))[6:]:
            vertex.co = (place[0] - offset, *place[1:])
    yield from compare(write, lambda: assign(2), lambda: assign(0))


def test_object_places():
    from rnaslicer import Slicer
    look_down()
    objects = [quad(f"Quad{i}") for i in range(3)]

    def write():
        with Slicer(bpy.context.scene.objects)[:, "location", :2] as vw:
            np.asarray(vw.memcache)[...] = [[0, 0], [3, 1], [5, -1]]
            vw.update()

    def assign(places):
        for ob, (x, y) in zip(objects, places):
            ob.location = (x, y, 0)
    yield from compare(write, lambda: assign([(0, 0), (3, 1), (5, -1)]), lambda: assign([(0, 0)] * 3))


def test_vertex_colors():
    from rnaslicer import Slicer
    look_down()
    view()[2].shading.color_type = "VERTEX"
    mesh = quad().data
    layer = mesh.vertex_colors.new(name="Color")
    index = list(mesh.color_attributes.keys()).index("Color")
    mesh.color_attributes.active_color_index = mesh.color_attributes.render_color_index = index

    def write():
        with Slicer(mesh.vertex_colors["Color"].data)[:, "color", :] as vw:
            np.asarray(vw.memcache)[...] = (1, 0, 0, 1)
            vw.update()

    def assign(color):
        for corner in mesh.vertex_colors["Color"].data:
            corner.color = color
    assert layer
    assign((1, 1, 1, 1))
    yield from compare(write, lambda: assign((1, 0, 0, 1)), lambda: assign((1, 1, 1, 1)))
    view()[2].shading.color_type = "MATERIAL"


def test_image_pixels():
    """A picture on a plane."""
    from rnaslicer import Slicer
    look_down()
    view()[2].shading.color_type = "TEXTURE"
    mesh = quad().data
    mesh.uv_layers.new(name="UV")
    image = bpy.data.images.new("Picture", 8, 8)
    material = bpy.data.materials.new("Material")
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image, material.node_tree.nodes.active = image, node
    mesh.materials.append(material)

    def write():
        with Slicer(image.pixels)[:] as vw:
            np.asarray(vw.memcache)[...] = np.tile([0, 1, 0, 1], 64)
            vw.update()

    def assign(color):
        image.pixels[:] = color * 64
        image.update()
        image.update_tag()  # which bpy leaves to the script
    assign([1, 0, 0, 1])
    yield from compare(write, lambda: assign([0, 1, 0, 1]), lambda: assign([1, 0, 0, 1]))
    view()[2].shading.color_type = "MATERIAL"


def test_drawing_may_read_but_not_write():
    """A header's draw: bpy refuses to write datablocks there."""
    from rnaslicer import Slicer
    look_down()
    mesh = quad().data
    before = [tuple(v.co) for v in mesh.vertices]
    raised = []

    def draw(header, context):
        try:
            with Slicer(mesh.vertices)[:, "co", :] as vw:
                assert np.asarray(vw.memcache).tolist() == [list(co) for co in before]
                vw.memcache[0, 0] = 99.0
                vw.update()
            raised.append(None)
        except BaseException as error:
            raised.append(error)
    bpy.types.VIEW3D_HT_header.append(draw)
    view()[0].tag_redraw()
    yield 1.0
    bpy.types.VIEW3D_HT_header.remove(draw)
    assert raised, "the header was not drawn: the test tells nothing"
    assert all(type(error).__name__ == "ContextError" for error in raised), raised
    assert [tuple(v.co) for v in mesh.vertices] == before


main(globals())
