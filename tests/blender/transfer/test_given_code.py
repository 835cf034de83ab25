# tests/blender/transfer/test_given_code.py: buffers whose own code runs when they are lent (PEP 688)
import random

import bpy
import numpy as np

from support import random_mesh, refused


class Lent:
    """A buffer that does something the first time it is asked for."""

    def __init__(self, array, happens):
        self.array, self.happens = array, [happens]

    def __buffer__(self, flags):
        if self.happens:
            self.happens.pop()()
        return memoryview(self.array)


def interrupt():
    raise KeyboardInterrupt


def cases(values):
    """Buffers that lie as a MemCache, and with gaps."""
    wide = np.zeros((2 * len(values), *values.shape[1:]), values.dtype)
    wide[::2] = values
    return values.copy(), wide[::2]


def test_interrupts_go_on():
    from rnaslicer import Slicer
    vw = Slicer(random_mesh(random.Random(3)).vertices)[:, "co"]
    for entered in (False, True):
        if entered:
            vw.open()
        for array in cases(np.array(vw.read())):
            for move in (vw.read, vw.write):
                try:
                    move(Lent(array, interrupt))
                except KeyboardInterrupt:
                    continue
                raise AssertionError("an interrupt is lost")
    vw.close()


def test_left_meanwhile():
    """What leaves the context, enters anew, or takes the mesh away."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(3))
    for prop in ("co", "select"):
        vw = Slicer(mesh.vertices)[:, prop]
        wanted = np.array(vw.read())
        for happens in (vw.close, lambda: (vw.close(), vw.open())):
            for array in cases(wanted):
                vw.open()
                vw.write(Lent(array, happens))
                array[...] = 0
                vw.open() if vw._memcache is None else None
                vw.read(Lent(array, happens))
                assert (array == wanted).all(), prop
                vw.close()
        for array in cases(wanted):
            copy = mesh.copy()
            with Slicer(copy.vertices)[:, prop] as other:
                with refused("SupplierLostError"):
                    other.read(Lent(array, lambda copy=copy: bpy.data.meshes.remove(copy)))


test_interrupts_go_on.min_version = test_left_meanwhile.min_version = (4, 3)  # Python 3.12
