# tests/blender/trails/test_trails_unproven.py: trails of what bpy tells, on a machine where nothing was discovered
"""Values that are all alike prove no storage, and nobody has told where they lie: bpy's own calls move them. Native code
makes these calls, and asks all that the routes ask."""
import random
import struct

import bpy

from counted_calls import FROM_LIST, REFRESH, SHOT_THROUGH, UPDATE, counted
from support import plain, random_keyframes, refused
from trail_ways import counts, natively, values
from unproven import ALL, grid, of_meshes, of_structs, undiscovered

MESHES = ("select", "hide", "seam", "sharp", "smooth", "material", "two", "some", "picked",
          "masked", "picked colors", "reversed", "floats", "color", "red",
          "color by key", "bytes", "bytes as such", "flags", "small", "many", "many faces")
STRUCTS = ("keys", "interpolation", "key flags", "scale of bones", "places of nodes", "width of nodes", "hidden nodes",
           "colors of nodes", "shown modifiers", "influence", "muted", "strips", "blending", "cyclic", "objects", "turned",
           "rendered", "pass", "world", "shown as", "all objects", "all passes", "of the scene", "materials",
           "all materials", "objects by keys", "some objects", "axis", "two of objects", "some nodes")


def entered_now(give, items, options):
    from rnaslicer import Slicer
    return Slicer(give(), **options)[items]


def test_counted(name):
    """As many calls as where memory is known: what native code does, nobody counts."""
    with undiscovered():
        give, items, options = {**of_meshes(), **of_structs()}[name]
        bpy.context.view_layer.update()

        def one_shot():
            with entered_now(give, items, options):
                pass

        found = {"one-shot": counted(one_shot)}
        with entered_now(give, items, options) as vw:
            part = vw.memcache[len(vw.memcache) // 2:]
            found["refresh"] = counted(vw.refresh)
            natively("refresh", vw.refresh)
            found["region"] = counted(lambda: vw.refresh(part))
            if not vw.readonly:
                found["update"], found["of a region"] = counted(vw.update), counted(lambda: vw.update(part))
                natively("update", vw.update)
                natively("update", lambda: vw.update(part))
        limits = {"one-shot": FROM_LIST if type(give()) is list else SHOT_THROUGH, "refresh": REFRESH, "region": REFRESH,
                  "update": UPDATE, "of a region": UPDATE}
        if name == "strips" or name == "blending":
            limits["one-shot"] = 120  # in 3.4 the way to them is asked for by bpy.context
        assert all(found[way] <= limits[way] for way in found), (found, limits)


test_counted.cases = {name: (name,) for name in MESHES + STRUCTS}


def other_values(vw, name):
    """Other values of the cache's kind, none of which any property refuses."""
    count = vw.memcache.nbytes // vw.memcache.itemsize
    if vw.format == "?":
        return [i % 3 == 0 for i in range(count)]
    if vw.format in "iB":
        return [i * 5 % 2 for i in range(count)]
    least = 200 if name in ("width of nodes", "some nodes") else 0
    return [float(i % 3 == 0) if name == "floats" else least + i % 3 / 8 for i in range(count)]


def test_written(name):
    """The values that bpy reads afterwards, and those that another context does, whole and by region."""
    with undiscovered():
        give, items, options = {**of_meshes(), **of_structs()}[name]
        with entered_now(give, items, options) as vw:
            if vw.readonly or vw.kernel.route == "direct":
                return
            results, wanted = [], other_values(vw, name)
            for way in range(6):  # of colours what Blender rounds to, of widths what it clamps to
                put(vw, wanted if way % 2 == 0 else wanted[1:] + wanted[:1])
                natively("update", vw.update) if way > 3 else vw.update()  # by the routes as well, until all is known
                with entered_now(give, items, options) as other:
                    results.append(other.memcache.tolist())
                natively("refresh", vw.refresh) if way > 3 else vw.refresh()
                assert vw.memcache.tolist() == results[-1], (name, way)
            assert results[:2] == results[2:4] == results[4:] and results[0] != results[1], name
            at = len(vw.memcache) // 2
            before, part = vw.memcache.tolist(), vw.memcache[at:at + 1]
            put(vw, [type(one)(1 - one) for one in memoryview(vw.memcache).cast("B").cast(vw.format)])
            natively("update", lambda: vw.update(part))
            vw.refresh()
            after = vw.memcache.tolist()
            assert after[:at] + after[at + 1:] == before[:at] + before[at + 1:] and after[at] != before[at], name


def put(vw, numbers):
    """All numbers of a cache, whatever its shape."""
    memoryview(vw.memcache).cast("B")[:] = struct.pack(f"{len(numbers)}{vw.format}", *numbers)


test_written.cases = {name: (name,) for name in MESHES + STRUCTS if name not in ("interpolation", "shown as")}


def test_read_by_bpy():
    """What a loop writes is what a refresh reads, of each kind of value."""
    from rnaslicer import Slicer
    with undiscovered():
        objects = [bpy.data.objects.new(f"O{i}", None) for i in range(9)]
        for name, change in (("location", lambda i: (i, 2, i / 8)), ("hide_render", lambda i: i % 2 == 0),
                             ("pass_index", lambda i: 3 * i), ("display_type", lambda i: ("WIRE", "BOUNDS")[i % 2]),
                             ("matrix_basis", None), ("color", lambda i: (i / 8, 0, 1, 0.5))):
            with Slicer(objects)[:, name] as vw:
                for i, ob in enumerate(objects) if change else ():
                    setattr(ob, name, change(i))
                natively("refresh", vw.refresh)
                if name == "display_type":
                    items = {item.identifier: item.value for item in ob.bl_rna.properties[name].enum_items}
                    assert vw.memcache.tolist() == [items[ob.display_type] for ob in objects]
                else:
                    assert plain(vw.memcache.tolist()) == values(objects, name), name


def test_names_that_are_taken():
    """hazards.LAYER_NAME_TAKEN: where another attribute has the name of the layer, an update is refused as before."""
    from rnaslicer import Slicer
    with undiscovered():
        mesh = grid().data
        with Slicer(mesh.vertices)[:, "hide"] as vw:
            vw.memcache[3] = True
            vw.update()
            natively("update", vw.update)
        if ".hide_vert" not in mesh.attributes:
            return
        other = grid("Other").data
        for domain in ("POINT", "EDGE"):
            other.attributes.new(".hide_vert", "FLOAT", domain)
            with Slicer(other.vertices)[:, "hide"] as vw:
                vw.memcache[3] = True
                try:
                    with refused("ReadOnlyError", "hide_vert"):
                        vw.update()
                except AssertionError:  # older Blenders make theirs beside it
                    assert other.vertices[3].hide, domain
            other.attributes.remove(other.attributes[".hide_vert"])


def test_copies_keep_theirs():
    """hazards.UV_SHARED: Blender does not un-share all layers by itself."""
    from rnaslicer import Slicer
    with undiscovered():
        mesh = grid().data
        for items in ((ALL, "color"), (slice(1, 40, 2), "color")):
            with Slicer(mesh.vertex_colors["Col"].data)[items] as vw:
                vw.update()
                for value in (0.0, 1.0):
                    copy = mesh.copy()
                    before = values(copy.vertex_colors["Col"].data, "color")
                    put(vw, [value] * (vw.memcache.nbytes // 4))
                    natively("update", vw.update)
                    assert values(copy.vertex_colors["Col"].data, "color") == before
                    assert mesh.vertex_colors["Col"].data[1].color[0] == value


def test_attributes_by_index():
    """What follows from a write depends on the attribute's name, which an index does not tell."""
    from rnaslicer import Slicer
    with undiscovered():
        mesh = grid().data
        at = mesh.attributes.keys().index("INT8")
        for _ in range(3):
            with Slicer(mesh.attributes[at].data)[:, "value"] as vw:
                vw.memcache[:] = [i % 5 for i in range(len(vw.memcache))]
                vw.update()
        assert values(mesh.attributes["INT8"].data, "value") == [i % 5 for i in range(len(mesh.vertices))]


def test_elements_of_other_classes():
    """A list's elements may be replaced by others: as long as they have the very same property they are read."""
    from rnaslicer import Slicer
    with undiscovered():
        ob = grid()
        for kind in ("DISPLACE", "SUBSURF", "DISPLACE"):
            ob.modifiers.new(kind, kind)
        with Slicer(ob.modifiers)[:, "show_viewport"] as vw:
            natively("refresh", vw.refresh)
            ob.modifiers.remove(ob.modifiers[1])
            ob.modifiers.new("Cast", "CAST").show_viewport = False
            vw.refresh()
            assert vw.memcache.tolist() == [True, True, False]
            vw.memcache[0] = False
            vw.update()
            assert [one.show_viewport for one in ob.modifiers] == [False, True, False]
            ob.modifiers.new("Wave", "WAVE")
            for call in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "had 3 elements"):
                    call()
        with Slicer(ob.modifiers)[:, "show_viewport"] as vw:
            assert vw.memcache.tolist() == [False, True, False, True]


def test_datablocks_in_another_order():
    """An update is for the datablocks that were entered; one that is gone is told."""
    from rnaslicer import Slicer
    with undiscovered():
        for name in "ABC":
            bpy.data.objects.new(name, None).pass_index = 0
        a, b, c = (bpy.data.objects[name] for name in "ABC")
        with Slicer(bpy.data.objects)[:, "pass_index"] as vw:
            vw.memcache[:] = range(len(bpy.data.objects))
            natively("update", vw.update)
            a.name = "Z"
            natively("refresh", vw.refresh)
            assert vw.memcache.tolist() == values(bpy.data.objects, "pass_index")
            vw.memcache[:] = [7, 8, 9]
            try:
                vw.update()
            except Exception as error:
                assert type(error).__name__ in ("ShapeChangedError", "SupplierLostError"), error
            else:
                assert (a.pass_index, b.pass_index, c.pass_index) == (7, 8, 9)
        with Slicer([a, b, c])[:, "location"] as vw:
            natively("refresh", vw.refresh)
            bpy.data.objects.remove(b)
            for call in (vw.refresh, vw.update):
                with refused("SupplierLostError"):
                    call()


def test_discovered_meanwhile():
    """Where memory tells the values by now, Python is asked now and then, and finds it."""
    from rnaslicer import Slicer
    objects = [bpy.data.objects.new(f"O{i}", None) for i in range(9)]
    with undiscovered():
        def route():
            with Slicer(objects)[:, "location"] as vw:
                return vw.kernel.route

        assert route() == "element"
        for i, ob in enumerate(objects):
            ob.location = i, 2 * i, 3 - i
        assert "direct" in {route() for _ in range(8)}
        before = counts()["enter"]
        assert route() == "direct" and counts()["enter"] != before


def test_keys_are_not_sorted():
    """As before: an update of keyframes stores what it is given."""
    from rnaslicer import Slicer
    with undiscovered():
        _, curve = random_keyframes(random.Random(3))
        points = curve.keyframe_points
        with Slicer(points)[:, "co"] as vw:
            for way in range(3):
                vw.memcache[:] = [(100 - i + way, i / 4) for i in range(len(points))]
                vw.update()
                assert [plain(point.co) for point in points] == plain(vw.memcache.tolist())


def test_rows_of_datablocks(name):
    """Slices and ranges of a collection's datablocks, of which there may be more or fewer another time."""
    from rnaslicer import Slicer
    materials = bpy.data.materials
    with undiscovered():
        for count in (5, 11, 4):
            while len(materials) < count:
                materials.new("M").pass_index = 0
            while len(materials) > count:
                materials.remove(materials[0])
            for value in (None, *range(3)):  # alike at first, so that bpy tells them
                for i, one in enumerate(materials):
                    one.pass_index = 0 if value is None else 10 * value + i
                for items in (slice(None, None, -1), slice(1, None, 2), slice(-3, None), slice(0, 3), slice(3, None, -1),
                              range(1, 4), range(3, 0, -1), slice(-4, 1, -1), [2, 0], range(-2, 0), slice(1, 2)):
                    every = list(materials)
                    wanted = [one.pass_index for one in (
                        every[items] if type(items) is slice else [every[i] for i in items])]
                    with Slicer(materials)[items, "pass_index"] as vw:
                        assert vw.memcache.tolist() == wanted, (count, value, items)
                        if name == "written":
                            before = [one.pass_index for one in every]
                            vw.memcache[:] = [100 + i for i in range(len(wanted))]
                            vw.update()
                            vw.refresh()
                            assert vw.memcache.tolist() == [100 + i for i in range(len(wanted))], (count, items)
                            vw.memcache[:] = wanted
                            vw.update()
                            assert before == [one.pass_index for one in every], (count, items)


test_rows_of_datablocks.cases = {name: (name,) for name in ("read", "written")}
