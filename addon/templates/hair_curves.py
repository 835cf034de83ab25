# Hair curves
#
# The points of all hair curves, and where each curve begins: shorten all strands to half their length.
# For Blender 4.3 and later.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(hair):
    for curve in hair.curves:
        root = curve.points[0].position.copy()
        for point in curve.points:
            point.position = root + (point.position - root) * 0.5


def by_slicer(hair):
    with Slicer(hair.points)[:, 'position', :] as vw, Slicer(hair.curve_offset_data)[:, 'value'] as offsets:
        co, first = np.asarray(vw.memcache), np.asarray(offsets.memcache)
        root = np.repeat(co[first[:-1]], np.diff(first), axis=0)
        co[:] = root + (co - root) * 0.5
        vw.update()


def example(size=10):
    hair = bpy.data.hair_curves.new("Hair")
    hair.add_curves([8] * size)
    hair.points.foreach_set('position', np.arange(24 * size, dtype=np.float32) / 8)
    return (hair,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
