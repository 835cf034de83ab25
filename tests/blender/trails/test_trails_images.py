# tests/blender/trails/test_trails_images.py: pixels that are entered again, of images that change
"""What an enter gives must not depend on whether it was entered before (entered/again.py)."""
import random

import bpy
import numpy as np

from counted_calls import ONE_SHOT, REFRESH, SHOT_THROUGH, UPDATE, counted
from support import EVERY, refused, same, seed
from trail_ways import natively

FORMS = {
    "flat": (lambda image: image.pixels, (EVERY,), {}),
    "part of flat": (lambda image: image.pixels, (slice(2, 30, 3),), {}),
    "whole": (lambda image: image, ("pixels", EVERY, EVERY, EVERY), {}),
    "rows": (lambda image: image, ("pixels", slice(1, 3), slice(None, None, -1), "rgb"), {}),
    "alpha": (lambda image: image, ("pixels", EVERY, EVERY, 3), {}),
    "numbers": (lambda image: image, ("pixels", [0, 2], range(2), EVERY), {}),
    "bytes": (lambda image: image, ("pixels", EVERY, EVERY, EVERY), {"dtype": "B", "normalized": True}),
    "doubles": (lambda image: image, ("pixels", EVERY, EVERY, EVERY), {"dtype": "d"}),
}


def image(rng, name="Image", width=6, height=4, **options):
    made = bpy.data.images.new(name, width, height, **options)
    made.pixels.foreach_set([rng.randrange(256) / 255 for _ in range(len(made.pixels))])
    return made


def expected(one, form):
    give, items, options = FORMS[form]
    told = np.empty(len(one.pixels), "f4")
    one.pixels.foreach_get(told)
    if give(one) is one:
        told = told.reshape(one.size[1], one.size[0], one.channels)
        items = items[1:]
    if form == "rows":
        told = told[1:3, ::-1, :3]
    elif form == "numbers":
        told = told[[0, 2]][:, range(2)]
    else:
        told = told[tuple(items)]
    return np.rint(told.astype("f8") * 255).astype("u1") if form == "bytes" else told


def entered(one, form):
    from rnaslicer import Slicer
    give, items, options = FORMS[form]
    with Slicer(give(one), **options)[items] as vw:
        return np.array(vw.memcache)


def shape_changed(rng, one):
    width, height = one.size
    one.scale(height, width)  # as many pixels


def filled(rng, one):
    one.pixels.foreach_set([rng.randrange(256) / 255 for _ in range(len(one.pixels))])


def removed(rng, one):
    bpy.data.images.remove(one)
    image(rng, "Image", rng.choice([4, 6]), 4)


CHANGES = {
    "nothing": lambda rng, one: None, "turned": shape_changed, "filled": filled, "removed": removed,
    "scaled": lambda rng, one: one.scale(rng.randrange(3, 7), rng.randrange(3, 7)),
    "renamed": lambda rng, one: setattr(one, "name", "Image"),
    "undone": lambda rng, one: (bpy.ops.ed.undo_push(message="a"), filled(rng, one), bpy.ops.ed.undo_push(message="b"),
                                bpy.ops.ed.undo()),
    "loaded": lambda rng, one: (bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True), image(rng)),
}


def test_images_change(form):
    rng = random.Random(seed())
    image(rng)
    bpy.ops.ed.undo_push(message="made")
    for step in range(40):
        change = rng.choice(list(CHANGES))
        CHANGES[change](rng, bpy.data.images["Image"])
        for _ in range(2):
            one = bpy.data.images["Image"]
            if min(one.size) >= 3 and one.channels == 4:
                same(entered(one, form).tolist(), expected(one, form).tolist(), (step, change))


test_images_change.cases = {name: (name,) for name in FORMS}


def test_written_when_entered_again(form):
    from rnaslicer import Slicer
    rng = random.Random(seed())
    one = image(rng, float_buffer=form == "doubles")
    give, items, options = FORMS[form]
    for _ in range(3):
        with Slicer(give(one), **options)[items] as vw:
            cache = np.asarray(vw.memcache)
            cache[...] = rng.randrange(2) * (255 if form == "bytes" else 1)  # kept by images of bytes, too
            vw.update()
            same(entered(one, form).tolist(), expected(one, form).tolist())
            same(expected(one, form).tolist(), cache.tolist())
            cache[:1] = 0
            vw.update(vw.memcache[:1])
            same(expected(one, form).tolist(), cache.tolist())
            one.scale(3, 3)
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError"):
                    use()
            one.scale(6, 4)


test_written_when_entered_again.cases = {name: (name,) for name in FORMS}


def test_wrappers_at_once():
    """Each has a cache and a state of its own."""
    from rnaslicer import Slicer
    one = image(random.Random(seed()))
    entered(one, "whole")
    with Slicer(one)["pixels", :, :, :] as first, Slicer(one)["pixels", :, :, :] as second:
        np.asarray(first.memcache)[...] = 0
        first.update()
        assert np.asarray(second.memcache).max() > 0
        second.refresh()
        same(second.memcache.tolist(), first.memcache.tolist())


def test_calls():
    from rnaslicer import Slicer
    one = image(random.Random(seed()), width=64, height=64)
    for form, (give, items, options) in FORMS.items():
        def one_shot():
            with Slicer(give(one), **options)[items]:  # noqa: B023
                pass

        found = {"one-shot": counted(one_shot)}
        with Slicer(give(one), **options)[items] as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
            natively("refresh", vw.refresh)
            natively("refresh", lambda: vw.refresh(vw.memcache[:2]))
            natively("update", vw.update)
            natively("update", lambda: vw.update(vw.memcache[:2]))
        natively("enter", one_shot)
        most = SHOT_THROUGH if form == "numbers" else ONE_SHOT  # those are told at each use
        assert found["one-shot"] <= most and found["refresh"] <= REFRESH and found["update"] <= UPDATE, (form, found)


def test_sizes_in_turns(form):
    """Each size that was met is entered natively, whichever came last."""
    rng = random.Random(seed())
    ones = [image(rng, f"Size {i}", 4 + i % 3, 3 + i // 3) for i in range(9)]
    for one in ones:
        entered(one, form)
    for one in ones * 2:
        got = natively("enter", lambda: entered(one, form))  # noqa: B023
        same(got.tolist(), expected(one, form).tolist())


test_sizes_in_turns.cases = {name: (name,) for name in FORMS}


def test_native_and_routes_write_the_same(form):
    from rnaslicer import Slicer, _core
    give, items, options = FORMS[form]
    ends = []
    for native in (True, False):
        rng = random.Random(7)
        one = image(rng, "Written")
        entered(one, form)
        with Slicer(give(one), **options)[items] as vw:
            cache = np.asarray(vw.memcache)
            for region in (None, (slice(1, 2),), (slice(None, None, 2),)):
                cache[...] = (np.arange(cache.size).reshape(cache.shape) * 7 % 256) / (1 if form == "bytes" else 255)
                if not native:
                    _core.forget_trails()
                call = vw.update if region is None else lambda: vw.update(vw.memcache[region])  # noqa: B023
                if native:
                    natively("update", call)
                else:
                    call()
                ends.append((native, list(one.pixels), one.is_dirty))
        bpy.data.images.remove(one)
    same([end[1:] for end in ends if end[0]], [end[1:] for end in ends if not end[0]])


test_native_and_routes_write_the_same.cases = {name: (name,) for name in FORMS}


def test_lost_and_refused(form):
    """What is gone, or a library's, is said by native code and routes alike; nothing is written."""
    import os
    import tempfile
    from rnaslicer import Slicer
    rng = random.Random(seed())
    give, items, options = FORMS[form]
    entered(image(rng, "Known"), form)
    one = image(rng, "Gone")
    with Slicer(give(one), **options)[items] as vw:
        before = vw.memcache.tolist()
        bpy.data.images.remove(one)
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "'Gone'"):
                use()
        same(vw.memcache.tolist(), before)
    one = image(rng, "Linked")
    one.pack()
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    bpy.data.libraries.write(path, {one})
    bpy.data.images.remove(one)
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.images = ["Linked"]
    for _ in range(3):
        linked = into.images[0]
        with Slicer(give(linked), **options)[items] as vw:
            before = list(linked.pixels)
            np.asarray(vw.memcache)[...] = 0
            with refused("ReadOnlyError", "linked"):
                vw.update()
            same(list(linked.pixels), before)


test_lost_and_refused.cases = {name: (name,) for name in FORMS}


def test_written_from_what_is_read_only():
    """First, along the trail, and by the route: bpy's foreach_set takes no such buffer."""
    from rnaslicer import Slicer, _core
    one = image(random.Random(seed()), float_buffer=True)
    for step in range(6):
        values = np.full((4, 6, 4), (step + 1) * 20 / 255, "f4")
        values.flags.writeable = False
        Slicer(one)["pixels", :, :, :].write(values if step % 2 else memoryview(bytes(values)).cast("B").cast("f", values.shape))
        same(list(one.pixels), values.ravel().tolist(), step)
        if step > 3:
            _core.forget_trails()


def test_without_pixels():
    """An image whose file is not there has none; nor has one that is not rendered yet."""
    from rnaslicer import Slicer
    entered(image(random.Random(seed())), "whole")
    missing = bpy.data.images.new("Missing", 4, 4)
    missing.source, missing.filepath = "FILE", "//not there.png"
    for _ in range(3):
        try:
            shape = Slicer(missing)["pixels", :, :, :].read().shape
        except Exception as error:
            assert type(error).__module__ == "rnaslicer.errors", error
        else:
            same(list(shape), [missing.size[1], missing.size[0], missing.channels])
            assert shape[0] * shape[1] * shape[2] == len(missing.pixels), shape
