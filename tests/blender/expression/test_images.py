# tests/blender/expression/test_images.py: images whose pixels Blender gives to no script, and those that are made while it runs
import pathlib
import struct
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


def layers_file(path, names, width=4, height=3):
    """An OpenEXR file without compression, of one part that has a value for each channel in all pixels."""
    def attribute(name, kind, data):
        return b"%s\0%s\0%s%s" % (name.encode(), kind.encode(), struct.pack("<i", len(data)), data)
    names, box = sorted(names), struct.pack("<4i", 0, 0, width - 1, height - 1)
    channels = b"".join(name.encode() + b"\0" + struct.pack("<iB3x2i", 2, 0, 1, 1) for name in names)  # floats
    head = b"\x76\x2f\x31\x01" + struct.pack("<i", 2) + b"".join(attribute(*one) for one in (
        ("channels", "chlist", channels + b"\0"), ("compression", "compression", b"\0"), ("dataWindow", "box2i", box),
        ("displayWindow", "box2i", box), ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1)), ("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1)))) + b"\0"
    size = 4 * width * len(names)
    starts = (len(head) + 8 * height + y * (size + 8) for y in range(height))
    pixels = b"".join(struct.pack(f"<{width}f", *[i / 8] * width) for i in range(len(names)))
    rows = b"".join(struct.pack("<2i", y, size) + pixels for y in range(height))
    path.write_bytes(head + struct.pack(f"<{height}Q", *starts) + rows)


def test_layers_of_a_file():
    """Without a render; one file has layers, one has the same pixels without."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "layers.exr"
        layers_file(file, [f"{layer}.Combined.{channel}" for layer in ("First", "Second") for channel in "RGBA"])
        for act in (lambda image: enter(image, ("pixels", EVERY, EVERY, "r")), lambda image: enter(image.pixels, EVERY),
                    lambda image: enter([image], (EVERY, "pixels", EVERY))):
            image = bpy.data.images.load(str(file))  # which nobody has asked for pixels
            with refused("ExpressionError", "layers.exr", "has no pixels", "pixels of layers"):
                act(image)
            assert image.type == "MULTILAYER"
            bpy.data.images.remove(image)
        layers_file(file, "RGBA")
        image = bpy.data.images.load(str(file))
        assert enter(image, ("pixels", EVERY, EVERY, "rgba"))[2][3] == list(image.pixels)[-4:]


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
