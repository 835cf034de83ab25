# tests/window/view.py: the 3D view of a window test: an empty scene from above, and when its picture has settled
import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d

from screen import shot

PAUSE, LONGEST = 0.25, 20.0  # seconds between looks; until the screen must have settled


def view():
    """(area, window region, space) of the 3D view."""
    area = next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D")
    return area, next(region for region in area.regions if region.type == "WINDOW"), area.spaces.active


def look_down():
    """An empty scene from above, without anything that blinks."""
    for ob in list(bpy.data.objects):
        bpy.data.objects.remove(ob)
    space = view()[2]
    space.overlay.show_overlays = space.show_gizmo = space.show_region_ui = space.show_region_toolbar = False
    space.shading.type = "SOLID"
    space.region_3d.view_perspective = "ORTHO"
    space.region_3d.view_rotation = (1, 0, 0, 0)
    space.region_3d.view_location, space.region_3d.view_distance = (0, 0, 0), 14


def pixel(image, place):
    """The colour at a place of the 3D view."""
    region, space = view()[1:]
    x, y = location_3d_to_region_2d(region, space.region_3d, place)
    window = bpy.context.window_manager.windows[0]
    top = image.shape[0] - 1 - window.y - region.y  # the window's y counts from below
    return image[int(top - y), int(window.x + region.x + x)]


def settled():
    """Yields until the screen stays the same for four looks; returns it."""
    last, same, waited = shot(), 0, 0.0
    while same < 4:
        yield PAUSE
        waited += PAUSE
        now = shot()
        same = same + 1 if np.array_equal(inside(now), inside(last)) else 0
        last = now
        assert waited < LONGEST, "the screen does not settle"
    return last


def inside(image):
    """The part of the screen that is the 3D view."""
    region = view()[1]
    window = bpy.context.window_manager.windows[0]
    bottom = image.shape[0] - window.y - region.y
    return image[bottom - region.height : bottom, window.x + region.x : window.x + region.x + region.width]


def differ(one, two):
    """Number of pixels of the 3D view that differ by more than rounding."""
    return int((abs(inside(one) - inside(two)).max(axis=2) > 2).sum())


def quad(name="Quad"):
    """A square left of the centre."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(x, y, 0) for x in (-3, -2, -1) for y in (-1, 0, 1)], [],
                     [(0, 3, 4, 1), (1, 4, 5, 2), (3, 6, 7, 4), (4, 7, 8, 5)])
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def compare(write, write_by_bpy, put_back):
    """The screen after `write` must be another, and the one after the same through bpy."""
    before = yield from settled()
    write()
    after = yield from settled()
    put_back()
    again = yield from settled()
    write_by_bpy()
    expected = yield from settled()
    assert differ(before, again) == 0, "the scene did not come back: the test tells nothing"
    assert differ(before, expected) > 400, "bpy's own assignment shows nothing: the test tells nothing"
    assert differ(after, before) > 400, "the update did not reach the screen"
    assert differ(after, expected) == 0, f"{differ(after, expected)} pixels are not those after bpy's assignment"
    return before, after


def warm_up():
    """5.2 shades its first picture a little otherwise than the next ones."""
    look_down()
    vertices = quad().data.vertices
    for offset in (4, -4):
        yield from settled()
        for vertex in vertices:
            vertex.co.x += offset
    yield from settled()
