# An image's pixels as bytes, changed, and back: (height, width, channels), bottom row first.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(image):
    pixels = bytes(int(value * 255 + 0.5) for value in image.pixels)
    image.pixels = [(255 - value) / 255 if i % 4 < 3 else value / 255 for i, value in enumerate(pixels)]
    return pixels


def by_slicer(image):
    with Slicer(image)['pixels', :, :, :] as vw:
        values = np.asarray(vw.memcache)
        pixels = (values * 255 + 0.5).astype(np.uint8)
        inverted = pixels.copy()
        inverted[:, :, :3] = 255 - inverted[:, :, :3]
        values[...] = inverted.astype(np.float32) / 255
        vw.update()
    return pixels.tobytes()


def example():
    image = bpy.data.images.new("Gradient", 64, 32)
    image.pixels = [c for y in range(32) for x in range(64) for c in (x / 63, y / 31, 0.5, 1.0)]
    return (image,)


if __name__ == "__main__":
    print(len(by_slicer(*example())), "bytes")
