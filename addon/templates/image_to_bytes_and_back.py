# Image to bytes and back
#
# An image's pixels as bytes, inverted, and back: (height, width, channels), bottom row first.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(image):
    pixels = bytes(int(value * 255 + 0.5) for value in image.pixels)
    image.pixels = [(255 - value) / 255 if i % 4 < 3 else value / 255 for i, value in enumerate(pixels)]
    image.update()
    return pixels


def by_slicer(image):
    # normalized: bytes 0 to 255 stand for 0.0 to 1.0, both ways
    with Slicer(image, dtype='B', normalized=True)['pixels', :, :, :] as vw:
        pixels = np.asarray(vw.memcache)
        before = pixels.tobytes()
        pixels[:, :, :3] = 255 - pixels[:, :, :3]
        vw.update()
    return before


def example(size=32):
    image = bpy.data.images.new("Gradient", 2 * size, size)
    y, x = np.mgrid[0:size, 0:2 * size].astype(np.float32)
    rgba = np.stack((x / (2 * size - 1), y / (size - 1), np.full_like(x, 0.5), np.ones_like(x)), axis=-1)
    image.pixels.foreach_set(rgba.ravel())
    return (image,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
