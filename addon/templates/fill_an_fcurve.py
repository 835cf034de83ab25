# Fill an f-curve
#
# Keyframes of an f-curve with handles and interpolation, all in one go.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(curve, values):
    for frame, (key, value) in enumerate(zip(curve.keyframe_points, values)):
        key.co = frame, value
        key.handle_left = frame - 0.25, value
        key.handle_right = frame + 0.25, value
        key.interpolation = 'LINEAR'
    curve.update()


def by_slicer(curve, values):
    with Slicer(curve.keyframe_points)[:, ('handle_left', 'co', 'handle_right'), :] as vw:
        keys = np.asarray(vw.memcache)  # (keys, 3, 2)
        keys[:, :, 0] = np.arange(len(values))[:, None] + np.array([-0.25, 0, 0.25], np.float32)
        keys[:, :, 1] = values[:, None]
        vw.update()
    linear = bpy.types.Keyframe.bl_rna.properties['interpolation'].enum_items['LINEAR'].value
    with Slicer(curve.keyframe_points)[:, 'interpolation'] as vw:
        np.asarray(vw.memcache)[:] = linear
        vw.update()
    curve.update()


def example(size=300):
    values = np.sin(np.arange(size) * 0.1).astype(np.float32)
    ob = bpy.data.objects.new("Swing", None)
    bpy.context.collection.objects.link(ob)
    ob.keyframe_insert("location", index=2, frame=0)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, 'fcurves') else action.layers[0].strips[0].channelbags[0].fcurves
    curves[0].keyframe_points.add(len(values) - 1)
    return curves[0], values


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
