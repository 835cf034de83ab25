# tests/window/viewport.py: what a real window shows after an update, and what drawing may not do
"""As screen.py says. Nothing here asks Blender to redraw, for that is what an update must do."""
import pathlib
import sys

import bpy
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from screen import main  # noqa: E402  (needs the path above)
from view import compare, look_down, pixel, quad, view, warm_up  # noqa: E402

LEFT, RIGHT = (-2.0, 0.5, 0.0), (2.0, 0.5, 0.0)


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
