# tests/blender/trails/test_trails_found.py: collections to which no text of bpy's leads, found again by native code
"""Drawings and strokes: they are searched for once. Then native code tries the ways that led there before; where one leads to
the collection itself, it is that."""
import bpy

from counted_calls import ONE_SHOT, counted
from support import EVERY, VERSION, plain, same
from trail_ways import read


def pencil(count=5):
    """(datablock, its frames, what each has for points, their property, what changes the points of one)."""
    if VERSION >= (4, 3):
        data = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Found")
        layer = data.layers.new("L")
        for i in range(count):
            layer.frames.new(i + 1).drawing.add_strokes([3 + i])
        return data, layer.frames, lambda frame: frame.drawing.attributes["position"].data, "vector"
    data = bpy.data.grease_pencils.new("Found")
    layer = data.layers.new("L")
    for i in range(count):
        layer.frames.new(i + 1).strokes.new().points.add(3 + i)
    return data, layer.frames, lambda frame: frame.strokes[0].points, "co"


def number(points, prop, start):
    for i, one in enumerate(points):
        setattr(one, prop, (start, i, 1))


def known(member):
    from rnaslicer import _core
    return _core.known_path(member)


def told(points, prop):
    return [plain(getattr(one, prop)) for one in points]


def test_each_is_its_own():
    from rnaslicer import Slicer
    data, frames, points_of, prop = pencil()
    for i, frame in enumerate(frames):
        number(points_of(frame), prop, i)
    for _ in range(3):
        for frame in frames:
            points = points_of(frame)
            same(plain(read(points, EVERY, prop)[0]), told(points, prop))
    for frame in frames:
        path = known(points_of(frame))
        assert path is not None and path.follow() == points_of(frame)

    def one_shot():
        with Slicer(points_of(frames[2]))[:, prop]:
            pass

    assert counted(one_shot) <= 2 * ONE_SHOT  # what the items lead to is asked by Python


def test_what_changes():
    """Frames and layers that come, go and change places: the way leads to the very collection, or is searched for anew."""
    data, frames, points_of, prop = pencil()
    for i, frame in enumerate(frames):
        number(points_of(frame), prop, i)
        read(points_of(frame), EVERY, prop)

    def all_right():
        for layer in data.layers:
            for frame in layer.frames:
                points = points_of(frame)
                path = known(points)
                assert path is None or path.follow() == points
                same(plain(read(points, EVERY, prop)[0]), told(points, prop))

    def remove(frame):
        frames.remove(frame.frame_number if VERSION >= (4, 3) else frame)

    all_right()
    remove(frames[1])
    all_right()
    new = frames.new(9)
    if VERSION >= (4, 3):
        new.drawing.add_strokes([4])
    else:
        new.strokes.new().points.add(4)
    number(points_of(new), prop, 40)
    all_right()
    if VERSION < (4, 3):
        new.frame_number = 30
        all_right()
    other = data.layers.new("Other")
    frame = other.frames.new(3)
    if VERSION >= (4, 3):
        frame.drawing.add_strokes([2])
    else:
        frame.strokes.new().points.add(2)
    number(points_of(frame), prop, 70)
    all_right()
    if VERSION >= (4, 3):
        data.layers.move(other, "DOWN")
    all_right()
    setattr(other, "name" if VERSION >= (4, 3) else "info", 'New "name"')
    all_right()
    data.layers.remove(data.layers["L"])
    all_right()


def test_attributes_made_anew():
    if VERSION < (4, 3):
        return
    data, frames, _, _ = pencil()
    for turn in range(3):
        for frame in frames:
            attribute = frame.drawing.attributes.new("F", "FLOAT", "POINT")
            for i, one in enumerate(attribute.data):
                one.value = i + turn
            for _ in range(2):
                same(read(attribute.data, EVERY, "value")[0], [float(i + turn) for i in range(len(attribute.data))])
            assert known(attribute.data).follow() == attribute.data
        for frame in frames:
            frame.drawing.attributes.remove(frame.drawing.attributes["F"])


def test_gone():
    data, frames, points_of, prop = pencil()
    points = points_of(frames[0])
    for _ in range(2):
        read(points, EVERY, prop)
    assert known(points) is not None
    del points
    name = data.name
    getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).remove(data)
    data, frames, points_of, prop = pencil()
    data.name = name
    number(points_of(frames[0]), prop, 5)
    path = known(points_of(frames[0]))
    assert path is None or path.follow() == points_of(frames[0])
    same(plain(read(points_of(frames[0]), EVERY, prop)[0]), told(points_of(frames[0]), prop))
