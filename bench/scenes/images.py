# bench/scenes/images.py: a 4K image to bytes and back
import bpy
import numpy as np
from rnaslicer import Slicer

from task import Task


def picture(small):
    width, height = (64, 36) if small else (3840, 2160)
    image = bpy.data.images.new("Picture", width, height)
    levels = np.random.default_rng(1).integers(0, 256, 4 * width * height).astype(np.float32)
    image.pixels.foreach_set(levels / 255)
    return image


def by_loop(image):
    """A part of it: reading and writing all pixels by assignment takes minutes."""
    part = max(4, len(image.pixels) // 100)
    values = image.pixels[:part]
    pixels = bytes(int(value * 255 + 0.5) for value in values)
    image.pixels[:part] = [(255 - value) / 255 for value in pixels]


def by_hand(image):
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    np.multiply(values, 255, out=values)
    np.add(values, 0.5, out=values)
    pixels = values.astype(np.uint8)
    np.subtract(255, pixels, out=pixels)
    np.divide(pixels, np.float32(255), out=values, dtype=np.float32)
    image.pixels.foreach_set(values)
    image.update()


def views(image):
    return (Slicer(image, dtype="B", normalized=True)["pixels", :, :, :],)


def work(_, vw):
    pixels = np.asarray(vw.memcache)
    np.subtract(255, pixels, out=pixels)
    vw.update()


def written(image):
    return [np.array(image.pixels[:max(4, len(image.pixels) // 100)])]


TASKS = (Task("4K image to bytes, inverted, and back", picture, by_loop, views, work, by_hand, written, 100),)
