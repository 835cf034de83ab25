# Read f-curves
#
# Frames and values of many f-curves of equal length: (curves, keys, 2). Of different lengths: ragged='flat' or 'pad'.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(curves):
    return np.array([[tuple(key.co) for key in curve.keyframe_points] for curve in curves], np.float32)


def by_slicer(curves):
    with Slicer(curves)[:, 'keyframe_points', :, 'co', :] as vw:
        return np.asarray(vw.memcache)  # stays valid after the context


def example(size=60):
    ob = bpy.data.objects.new("Parts", None)
    bpy.context.collection.objects.link(ob)
    for path in ("location", "rotation_euler", "scale"):
        ob.keyframe_insert(path, frame=0)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, 'fcurves') else action.layers[0].strips[0].channelbags[0].fcurves
    frames = np.arange(size, dtype=np.float32)
    for number, curve in enumerate(curves):
        curve.keyframe_points.add(size - 1)
        curve.keyframe_points.foreach_set('co', np.column_stack((frames, np.sin(frames / 9 + number))).ravel())
        curve.update()
    return (curves,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
