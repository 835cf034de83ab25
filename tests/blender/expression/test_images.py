# tests/blender/expression/test_images.py: images whose pixels Blender gives to no script, and those that are made while it runs
import pathlib
import tempfile

import bpy

from support import EVERY, VERSION, refused


def enter(supplier, subscript):
    from rnaslicer import Slicer
    with Slicer(supplier)[subscript] as vw:
        return vw.memcache.tolist()


def render(path=None):
    """Renders eight by eight pixels; into a file of several layers, if `path` is one."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    scene = bpy.context.scene
    settings = scene.render
    settings.engine, settings.resolution_percentage = "CYCLES", 100
    settings.resolution_x = settings.resolution_y = 8
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    if path is not None:
        if VERSION >= (5, 0):
            settings.image_settings.media_type = "MULTI_LAYER_IMAGE"
        settings.image_settings.file_format, settings.filepath = "OPEN_EXR_MULTILAYER", str(path)
    bpy.ops.render.render(write_still=path is not None)


def test_images_without_pixels():
    image = bpy.data.images.new("Tiled", 4, 4, tiled=True)
    assert len(enter(image, ("pixels", EVERY, EVERY, "r"))) == 4  # of the first tile, as bpy's
    with refused("ExpressionError", "first tile only"):
        enter(image.tiles, (EVERY, "pixels"))
    lost = bpy.data.images.new("Lost", 4, 4)
    lost.source, lost.filepath = "FILE", "//nowhere.png"
    with refused("ExpressionError", "no pixels", "nowhere.png"):
        enter(lost, ("pixels", EVERY, EVERY, "r"))
    assert enter(lost.pixels, EVERY) == []


def test_what_was_rendered():
    """The render's result and a file of several layers have no pixels for scripts, rendered or not."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "layers.exr"
        render(file)
        result, layers = bpy.data.images["Render Result"], bpy.data.images.load(str(file))
        assert len(result.pixels) == len(layers.pixels) == 0
        for image, words in ((result, "save_render"), (layers, "pixels of layers")):
            for supplier, subscript in ((image, ("pixels", EVERY, EVERY)), (image, ("pixels", EVERY, EVERY, "r")),
                                        (image.pixels, EVERY)):
                with refused("ExpressionError", image.name, "has no pixels", words):
                    enter(supplier, subscript)


def test_what_a_viewer_node_shows():
    """As bpy gives it, before anything was computed and after; no pixels say so."""
    render()
    image = bpy.data.images["Viewer Node"]
    width, height = image.size
    pixels = list(image.pixels)
    if pixels:
        assert enter(image.pixels, EVERY) == pixels
        rows = enter(image, ("pixels", EVERY, EVERY, "r"))
        assert [value for row in rows for value in row] == pixels[::4] and len(rows) == height
    else:
        with refused("ExpressionError", "has no pixels"):
            enter(image, ("pixels", EVERY, EVERY, "r"))
