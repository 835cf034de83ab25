# tests/blender/faults/test_collected.py: finalizers that run in the middle of a call
"""Up to Python 3.11 the garbage collector may begin with any object that is made. What a script's finalizer then frees must
not be memory that native code has just been told of."""
import gc

import bpy
import numpy as np

COUNT = 20_000


class Garbage:
    """A cycle; the one that is collected as number `count` frees the mesh's memory and makes others of it."""

    count, kill = 0, None

    def __init__(self):
        self.cycle = self

    def __del__(self):
        Garbage.count -= 1
        if Garbage.count == 0 and Garbage.kill:
            kill, Garbage.kill = Garbage.kill, None
            kill()
        elif Garbage.count > 0:
            Garbage()


def mesh(value):
    made = bpy.data.meshes.new("Garbage")
    made.vertices.add(COUNT)
    made.vertices.foreach_set("co", np.full(3 * COUNT, value, np.float32))
    return made


def test_enter_reads_no_freed_memory():
    from rnaslicer import Slicer, SlicerError
    read = 0
    for picked in (slice(None), np.arange(0, COUNT, 2)):
        for count in range(1, 30):
            one, others = mesh(1), []

            def kill(one=one, others=others):
                one.clear_geometry()
                others.extend(mesh(7) for _ in range(3))
            with Slicer(one.vertices)[picked, "co"]:  # known from here on
                pass
            vw = Slicer(one.vertices)[picked, "co"]
            gc.collect()
            gc.disable()
            Garbage.count, Garbage.kill = count, kill
            Garbage()
            old = gc.get_threshold()
            gc.set_threshold(1)
            gc.enable()
            try:
                with vw:
                    seen = np.asarray(vw.memcache).copy()
                    read += 1
            except SlicerError:  # it was gone in time
                seen = np.ones(3)
            finally:
                gc.set_threshold(*old)
                fired, Garbage.kill, Garbage.count = Garbage.kill is None, None, -1
            assert (seen == 1).all(), (picked, count)
            for made in (one, *others):
                bpy.data.meshes.remove(made)
            if not fired:
                break
    assert read > 2, "all were refused: nothing was tried"
