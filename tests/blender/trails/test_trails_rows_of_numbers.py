# tests/blender/trails/test_trails_rows_of_numbers.py: properties that are tables of numbers, by trails
"""bpy gives such a value by rows: native code compares all its numbers, row by row, as they lie."""
import pathlib

import bpy

from counted_calls import ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively, read


def markers(count=9, clips=["0"]):
    """The markers of a track, each with a pattern of its own."""
    path = pathlib.Path(bpy.app.tempdir) / f"rows{clips[0]}.png"
    clips[0] += "0"
    image = bpy.data.images.new("Clip", 8, 8)
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    track = bpy.data.movieclips.load(str(path)).tracking.tracks.new(name="T", frame=1)
    for frame in range(2, count + 1):
        track.markers.insert_frame(frame, co=(0.1, frame / 20))
    for i, marker in enumerate(track.markers):
        marker.pattern_corners = [[-0.02 - i / 500, -0.01], [0.03, -0.02 - i / 700], [0.01, 0.05 + i / 300], [-0.04, 0.02]]
    return track.markers


def told(found, *items):
    return [plain([list(row) for row in one.pattern_corners]) for one in found]


def test_values():
    from rnaslicer import Slicer
    every = markers()
    known(every, EVERY, "pattern_corners")
    for count in (9, 5, 2):
        some = markers(count)
        got, native = read(some, EVERY, "pattern_corners")
        assert native
        same(plain(got), told(some))
        with Slicer(some)[:, "pattern_corners"] as vw:
            assert vw.shape == (count, 4, 2)
            some[1].pattern_corners = [[-0.5, -0.25], [0.5, -0.25], [0.5, 0.75], [-0.5, 0.25]]
            natively("refresh", vw.refresh)
            same(plain(vw.memcache.tolist()), told(some))
            vw.memcache[0, 2, 1] = 0.625
            natively("update", vw.update)
            same(told(some), plain(vw.memcache.tolist()))
            assert counted(vw.refresh) <= REFRESH and counted(vw.update) <= UPDATE
        known(some, EVERY, "pattern_corners", 3, 1)
        same(plain(read(some, EVERY, "pattern_corners", 3, 1)[0]), [rows[3][1] for rows in told(some)])


def test_counted():
    from rnaslicer import Slicer
    every = markers()
    known(every, EVERY, "pattern_corners")

    def one_shot():
        with Slicer(every)[:, "pattern_corners"]:
            pass

    assert counted(one_shot) <= ONE_SHOT


def test_other_lengths():
    from rnaslicer import Slicer
    every = markers()
    known(every, EVERY, "pattern_corners")
    with Slicer(every)[:, "pattern_corners"] as vw:
        every.insert_frame(90, co=(0.5, 0.5))
        with refused("ShapeChangedError", "had 9 elements", "has 10 now"):
            vw.refresh()
