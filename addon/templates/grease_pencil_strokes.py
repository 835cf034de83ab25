# Grease Pencil strokes
#
# The points of all strokes of a drawing, moved. Blender gives no way back from a drawing to its datablock, so the expression
# starts at that; in 3.4 it is Slicer(pencil, ragged='flat')['layers', 0, 'frames', 0, 'strokes', :, 'points', :, 'co', :].
# For Blender 4.3 and later.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(pencil):
    for stroke in pencil.layers[0].frames[0].drawing.strokes:
        for point in stroke.points:
            x, y, z = point.position
            point.position = x, y, z + 0.5 * x


def by_slicer(pencil):
    with Slicer(pencil)['layers', 0, 'frames', 0, 'drawing', 'attributes', '["position"]', 'data', :, 'vector', :] as vw:
        co = np.asarray(vw.memcache)
        co[:, 2] += 0.5 * co[:, 0]
        vw.update()


def example(size=10):
    pencil = getattr(bpy.data, 'grease_pencils_v3', bpy.data.grease_pencils).new("Pencil")
    drawing = pencil.layers.new("Layer").frames.new(1).drawing
    drawing.add_strokes([10] * size)
    positions = drawing.attributes['position'].data
    positions.foreach_set('vector', np.arange(3 * len(positions), dtype=np.float32) / 8)
    return (pencil,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
