# tests/blender/trails/test_trails_kept_drawings.py: layers that a Grease Pencil drawing still has as bpy gave them
"""bpy says what is right. `natively` says who did it, `told` that no layer was looked for by its name."""
import numpy as np

from support import refused, same
from trail_layers import POINTS, draw, drawn, pencil, told
from trail_ways import known, natively


def test_drawings():
    from rnaslicer import Slicer
    frames = pencil()
    same(known(frames, *POINTS), drawn(frames))
    with Slicer(frames)[POINTS] as vw:
        told(lambda: natively("refresh", vw.refresh), 0, 5)
        frames[3].drawing.attributes["position"].data[2].vector = 9, 8, 7
        told(lambda: natively("refresh", vw.refresh), 5)
        same(vw.memcache.tolist(), drawn(frames))
        np.asarray(vw.memcache)[...] += 1
        natively("update", vw.update)
        vw.refresh()
        same(vw.memcache.tolist(), drawn(frames))


def test_drawings_change():
    """Strokes come and go: another length, or the same again in another array."""
    from rnaslicer import Slicer
    frames = pencil()
    known(frames, *POINTS)
    with Slicer(frames)[POINTS] as vw:
        for i in range(12):
            vw.refresh()
            drawing = frames[i % 5].drawing
            drawing.add_strokes([3])
            with refused("ShapeChangedError"):
                vw.refresh()
            drawing.remove_strokes(indices=[i % 2])
            if len(drawing.attributes["position"].data) != 11:
                with refused("ShapeChangedError"):
                    vw.refresh()
                drawing.remove_strokes()
                drawing.add_strokes([6, 5])
            draw(frames)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), drawn(frames))


def test_frames_change():
    """A frame that goes takes its drawing with it; another one may lie where that lay."""
    from rnaslicer import Slicer
    frames = pencil()
    known(frames, *POINTS)
    with Slicer(frames)[POINTS] as vw:
        for i in range(8):
            vw.refresh()
            frames.remove(frames[i % 5].frame_number)
            with refused("ShapeChangedError"):
                vw.refresh()
            frames.new(20 + i).drawing.add_strokes([6, 5])
            draw(frames)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), drawn(frames))
