# tests/blender/trails/test_trails_datablocks_behind.py: datablocks of many collections, which one native run moves
"""`Slicer(bpy.data.collections)[:, 'objects', :, 'location']`. bpy says what is right, `natively` who did it, and the routes
(`forget_trails`) what is written and refused."""
import bpy
import numpy as np

from counted_calls import BY_PYTHON, REFRESH, SHOT_THROUGH, UPDATE, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively, read

ITEMS = EVERY, "objects", EVERY, "location"


def collections(sizes=(5, 5, 5), prefix="C"):
    """Each with objects of its own."""
    made = []
    for i, size in enumerate(sizes):
        made.append(bpy.data.collections.new(f"{prefix}{i}"))
        bpy.context.scene.collection.children.link(made[-1])
        for k in range(size):
            ob = bpy.data.objects.new(f"{prefix}{i}.{k:02}", None)
            ob.location, ob.scale = (i, k, i * k + 1), (1 + i, 2 + k, 3)
            ob.hide_render = bool((i + k) % 2)
            ob.pass_index = 10 * i + k
            made[-1].objects.link(ob)
    bpy.context.view_layer.update()
    return made


def values(found, name="location"):
    return [[list(value) if hasattr(value, "__len__") else value for value in (getattr(ob, name) for ob in one.objects)]
            for one in found]


def only(sizes=(5, 5, 5)):
    """Nothing else in bpy.data.collections."""
    for one in list(bpy.data.collections):
        bpy.data.collections.remove(one)
    return collections(sizes)


def ways(sizes=(5, 5, 5)):
    """(supplier, items before the datablocks' property) that lead to the same objects."""
    made = only(sizes)
    return {"bpy.data.collections": (bpy.data.collections, ITEMS[:3]), "bpy.data": (bpy.data, ("collections", *ITEMS[:3])),
            "children": (bpy.context.scene.collection, ("children", *ITEMS[:3])), "list": (made, ITEMS[:3]),
            "keys": (bpy.context.scene.collection, ("children", [one.name for one in made], *ITEMS[1:3]))}


def test_values(way):
    from rnaslicer import Slicer, _core
    supplier, items = ways()[way]
    made = [one for one in bpy.data.collections]
    for name in ("location", "hide_render", "pass_index", "scale", "matrix_world"):
        same(known(supplier, *items, name), values(made, name), name)
    both = known(supplier, *items, ("location", "scale"))
    same(both, [[[list(ob.location), list(ob.scale)] for ob in one.objects] for one in made])
    same(known(supplier, *items, "location", "zx"), [[[v[2], v[0]] for v in one] for one in values(made)])
    for native in (True, False):
        with Slicer(supplier)[(*items, ("location", "scale"))] as vw:
            cache = np.asarray(vw.memcache)
            if not native:
                _core.forget_trails()
            cache += 1
            if native:
                natively("update", vw.update)
            else:
                vw.update()
            same([[[list(ob.location), list(ob.scale)] for ob in one.objects] for one in made], cache.tolist())
            for region in ((slice(1, 3), slice(0, 4, 2)), (1,), (slice(None), 2), (slice(None), slice(None), 1)):
                cache[...] += 1
                vw.update(vw.memcache[region])
                wanted = cache.copy()
                vw.refresh()
                same(cache[region].tolist(), wanted[region].tolist(), (native, region))
                assert not (cache == wanted).all(), (native, region)


test_values.cases = {way: (way,) for way in ("bpy.data.collections", "bpy.data", "children", "list", "keys")}


def test_calls(way):
    from rnaslicer import Slicer
    supplier, items = ways()[way]

    def one_shot():
        with Slicer(supplier)[(*items, "location")]:
            pass

    found = {"one-shot": counted(one_shot)}
    with Slicer(supplier)[(*items, "location")] as vw:
        assert vw.kernel.route == "direct"
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        natively("refresh", vw.refresh)
        natively("refresh", lambda: vw.refresh(vw.memcache[1:, ::2]))
        natively("update", vw.update)
        natively("update", lambda: vw.update(vw.memcache[1, 2:4]))
    natively("enter", one_shot)
    most = SHOT_THROUGH if way == "bpy.data" else BY_PYTHON
    assert found["one-shot"] <= most and found["refresh"] <= REFRESH and found["update"] <= UPDATE, found


test_calls.cases = test_values.cases


def test_of_other_lengths():
    """Flat, some of them empty; other collections of the kind need no Python; of rows that differ in length the error is
    the first enter's."""
    from rnaslicer import Slicer
    made = only((3, 0, 5, 0))
    flat = [value for one in values(made) for value in one]
    same(known(bpy.data.collections, *ITEMS, ragged="flat"), flat)
    with Slicer(bpy.data.collections, ragged="flat")[ITEMS] as vw:
        same(list(vw.offsets), [0, 3, 3, 8, 8])
        natively("refresh", lambda: vw.refresh(vw.memcache[1:6]))
        cache = np.asarray(vw.memcache)
        cache[2:5] += 7
        natively("update", lambda: vw.update(vw.memcache[2:5]))
        same([value for one in values(made) for value in one], cache.tolist())
    known(made[::2], *ITEMS[:3], "location", ragged="flat")
    with refused("ExpressionError", "the lengths differ"):
        read(bpy.data.collections, *ITEMS)
    only((2, 2))
    known(bpy.data.collections, *ITEMS)
    only((4, 4, 4, 4))
    got, native = read(bpy.data.collections, *ITEMS)
    assert native
    same(got, values(bpy.data.collections))
    some = bpy.data.collections[0].objects[0]
    bpy.data.collections[0].objects.unlink(some)
    with refused("ExpressionError", "the lengths differ"):
        read(bpy.data.collections, *ITEMS)


def test_an_object_in_several():
    """Written collection by collection, so that the last one's values stay."""
    from rnaslicer import Slicer, _core
    made = only((3, 3))
    shared = made[0].objects[0]
    made[1].objects.unlink(made[1].objects[2])
    made[1].objects.link(shared)
    bpy.context.view_layer.update()
    known(bpy.data.collections, *ITEMS)
    ends = []
    for native in (True, False):
        with Slicer(bpy.data.collections)[ITEMS] as vw:
            np.asarray(vw.memcache)[...] = np.arange(18).reshape(2, 3, 3)
            if not native:
                _core.forget_trails()
            vw.update()
            ends.append(values(made))
    same(*ends)


def changes(made):
    """Name -> (what changes, error of an update, of a refresh; '' for none)."""
    def renamed_object():
        made[1].objects[0].name = "zzz"

    def renamed_collection():
        made[0].name = "zzz"

    def unlinked():
        made[1].objects.unlink(made[1].objects[1])

    def swapped():
        one = made[1].objects[0]
        made[1].objects.unlink(one)
        made[1].objects.link(one)

    def removed():
        bpy.data.objects.remove(made[2].objects[0])

    def collection_gone():
        bpy.data.collections.remove(made[1])

    def another():
        bpy.data.collections.new("Another")

    return {"an object was renamed": (renamed_object, "", ""),
            "a collection was renamed": (renamed_collection, "ShapeChangedError", ""),
            "an object was unlinked": (unlinked, "ShapeChangedError", "ShapeChangedError"),
            "objects changed places": (swapped, "ShapeChangedError", ""),
            "an object was removed": (removed, "ShapeChangedError", "ShapeChangedError"),
            "a collection was removed": (collection_gone, "ShapeChangedError", "ShapeChangedError"),
            "a collection was added": (another, "ShapeChangedError", "ShapeChangedError")}


def test_changed_while_entered(name, native):
    """Native code and the routes take and refuse the same."""
    from rnaslicer import Slicer, _core
    made = only()
    known(bpy.data.collections, *ITEMS)
    with Slicer(bpy.data.collections)[ITEMS] as vw:
        cache = np.asarray(vw.memcache)
        if not native:
            vw._by_routes()
            _core.forget_trails()
        change, on_update, on_refresh = changes(made)[name]
        change()
        there = {ob.name: list(ob.location) for ob in bpy.data.objects}
        cache += 5
        for call, error in ((vw.update, on_update), (vw.refresh, on_refresh)):
            if not error:
                call()
                continue
            with refused(error):
                call()
            same({ob.name: list(ob.location) for ob in bpy.data.objects}, there, call.__name__)
        if not on_refresh:
            same(cache.tolist(), values(bpy.data.collections))


test_changed_while_entered.cases = {
    f"{name}, {native}": (name, native) for name in (
        "an object was renamed", "a collection was renamed", "an object was unlinked", "objects changed places",
        "an object was removed", "a collection was removed", "a collection was added") for native in (True, False)}


def test_fewer_collections_are_told_as_such():
    """The lengths that native code has counted are those of other collections then: the first of what is left was compared
    with its own, and the list of collections with a collection."""
    from rnaslicer import Slicer
    for sizes, gone, left in (((4, 4, 4), 0, 2), ((4, 4, 4, 4), 3, 3), ((2, 2, 2), 1, 2)):
        only(sizes)
        known(bpy.data.collections, *ITEMS)
        with Slicer(bpy.data.collections)[ITEMS] as vw:
            bpy.data.collections.remove(bpy.data.collections[gone])
            for call in (vw.refresh, vw.update):
                with refused("ShapeChangedError", f"bpy.data.collections had {len(sizes)} elements", f"has {left} now"):
                    call()


def test_after_undo():
    """bpy's references die, the datablocks live on."""
    from rnaslicer import Slicer
    only()
    known(bpy.data.collections, *ITEMS)
    bpy.ops.ed.undo_push(message="before")
    bpy.data.collections[0].objects[0].location = 9, 9, 9
    bpy.ops.ed.undo_push(message="after")
    with Slicer(bpy.data.collections)[ITEMS] as vw:
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), values(bpy.data.collections))
        np.asarray(vw.memcache)[...] += 3
        vw.update()
        same(vw.memcache.tolist(), values(bpy.data.collections))


def test_a_linked_one_is_refused():
    """An update that reaches a library's datablock writes nothing."""
    import os
    import tempfile
    from rnaslicer import Slicer
    made = only((2,), )
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    bpy.data.libraries.write(path, {made[0]})
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.collections = [made[0].name]
    linked = into.collections[0]
    other = collections((2,), "D")[0]
    for _ in range(3):
        with Slicer([other, linked])[ITEMS] as vw:
            before = values([other, linked])
            np.asarray(vw.memcache)[...] += 1
            with refused("ReadOnlyError"):
                vw.update()
            same(values([other, linked]), before)


def test_finalizers_between_places_and_values():
    """What a class of a script's does when its last reference goes may remove the datablocks whose places are known."""
    from rnaslicer import Slicer
    only((4, 4, 4))
    items = "children", EVERY, "collection", "objects", EVERY, "location"
    layer = bpy.context.view_layer.layer_collection
    known(layer, *items)
    left = [0]

    def finalize(_):
        left[0] -= 1
        if left[0] == 0:
            bpy.data.batch_remove(list(bpy.data.objects))
            for i in range(12):
                bpy.data.objects.new(f"N{i}", None).location = (99, 99, 99)

    bpy.types.LayerCollection.__del__ = finalize
    try:
        for at in range(1, 9):
            left[0] = -1
            made = only((4, 4, 4))
            there = values(made)
            left[0] = at
            with Slicer(bpy.context.view_layer.layer_collection)[items] as vw:
                found = vw.memcache.tolist()
            assert found == there or not any(found), (at, found)
    finally:
        del bpy.types.LayerCollection.__del__


def test_overrides_that_bpy_lets_nobody_edit():
    """Such a one keeps the others of an update from being written, too, though they come first."""
    import os
    import tempfile
    from rnaslicer import Slicer, _core
    made = only((3,))
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    bpy.data.libraries.write(path, {made[0]})
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (there, into):
        into.collections = list(there.collections)
    bpy.context.scene.collection.children.link(into.collections[0])
    override = into.collections[0].override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
    for i, ob in enumerate(override.objects):
        ob.override_library.is_system_override = i > 0
    other = collections((3,), "D")[0]
    bpy.types.Object.registered = bpy.props.IntProperty(override={"LIBRARY_OVERRIDABLE"})
    try:
        for name in ("location", "pass_index", "registered"):
            def now(name=name):
                return [[plain(getattr(ob, name)) for ob in one.objects] for one in (other, override)]
            for _ in range(3):
                with Slicer([other, override])[:, "objects", :, name] as vw:
                    before = now()
                    np.asarray(vw.memcache)[...] += 1
                    with refused("ReadOnlyError", "is read-only", "nothing was written"):
                        vw.update()
                    same(now(), before, name)
        for ob in override.objects:
            ob.override_library.is_system_override = False
        with Slicer([other, override])[:, "objects", :, "location"] as vw:
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            same(vw.memcache.tolist(), values([other, override]))
    finally:
        del bpy.types.Object.registered
        _core.forget_trails()
