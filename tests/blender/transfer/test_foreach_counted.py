# tests/blender/transfer/test_foreach_counted.py: buffers that are too short or too long, and what others may be
"""bpy reads and writes beside them: hazards.FOREACH_BEYOND. At first calls, later ones and along trails."""
import array
import collections
import contextlib
import os
import random
import tempfile
import threading

import bpy
import numpy

from support import random_mesh, refused
from test_foreach import forget_kinds, trails_at_once

GUARD = 64


@contextlib.contextmanager
def stderr():
    """A list that has what anybody, Blender as well, writes to stderr within."""
    found, kept = [], os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield found
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            found.append(file.read().decode())


def nodes():
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(17):
        tree.nodes.new("ShaderNodeMath").width = 200 + i
    return tree.nodes


def places():
    """(collection, property, values of all its elements)."""
    mesh = random_mesh(random.Random(3))
    ob = bpy.data.objects.new("Counted", mesh)
    for i in range(5):
        ob.shape_key_add(name=str(i))
        ob.modifiers.new(str(i), "SUBSURF")
    count = len(mesh.vertices)
    yield mesh.vertices, "co", 3 * count
    yield mesh.vertices, "select", count
    yield mesh.vertices, "hide", count
    yield mesh.polygons, "material_index", len(mesh.polygons)
    yield mesh.polygons, "vertices", len(mesh.loops)
    yield mesh.attributes["FLOAT_POINT"].data, "value", count
    yield mesh.shape_keys.key_blocks, "value", 5
    yield mesh.shape_keys.key_blocks[1].data, "co", 3 * count
    yield ob.modifiers, "levels", 5
    yield ob.modifiers, "show_viewport", 5
    yield bpy.data.objects, "pass_index", len(bpy.data.objects)
    yield bpy.data.objects, "location", 3 * len(bpy.data.objects)
    found = nodes()
    yield found, "width", 17
    yield found, "hide", 17
    yield found, "location", 34
    yield found[0].inputs, "default_value", 3
    yield bpy.data.meshes.new("Empty").vertices, "select", 0
    yield bpy.data.meshes.new("Empty").vertices, "nothing", 0


def each_time():
    """At a first call, at later ones, and where a trail is looked for at once."""
    for enough in (1 << 40, 0):
        forget_kinds()
        with trails_at_once(enough):
            yield from range(3)


def wrong_buffers(total, format):
    """(what it is, its part that is given, all of it)."""
    for count in (total - 5, total - 1, total + 1, total + 5):
        if count > 0:
            for made in (numpy.zeros(count + GUARD, format), array.array("B", bytes(8 * (count + GUARD)))):
                whole = memoryview(made).cast("B")
                whole[:] = b"\1" * len(whole)
                part = numpy.frombuffer(made, format if isinstance(made, numpy.ndarray) else "d")[:count]
                yield f"array of {count}", part, whole
                yield f"view of {count}", memoryview(part), whole
                yield f"rows of {count}", part.reshape(count, 1), whole
            yield f"list of {count}", [1] * count, None
            yield f"tuple of {count}", (1,) * count, None


def values(coll, name):
    found = [getattr(one, name) for one in coll] if len(coll) else []
    return [one if isinstance(one, (bool, int, float)) else tuple(one) for one in found]


def test_other_numbers_of_items():
    from rnaslicer import foreach_get, foreach_set
    for coll, name, total in places():
        before = values(coll, name)
        for _ in each_time():
            for format in "fi?":
                for what, part, whole in wrong_buffers(total, format):
                    kept = bytes(whole) if whole is not None else list(part)
                    is_short = (len(part) if not isinstance(part, memoryview) else part.nbytes // part.itemsize) < total
                    for call in (foreach_get, foreach_set)[:1 + is_short]:
                        with refused("ExpressionError", "" if name == "nothing" else "nothing was"):
                            call(coll, name, part)
                        try:
                            call(coll, name, part)
                        except RuntimeError:
                            pass
                        assert (bytes(whole) if whole is not None else list(part)) == kept, (name, what)
                    assert values(coll, name) == before, (name, what)


def test_more_items_to_set():
    """bpy takes them, but where it copies arrays: what it takes is taken, to the same values. What it refuses leaves all, also
    where bpy has written something else by then."""
    from rnaslicer import foreach_set
    for coll, name, total in places():
        if name == "vertices":  # of polygons: there is nothing that may be written
            continue
        before = [0.0] * total
        coll.foreach_get(name, before)
        before = [type(one)(one) for one in before]
        wanted, kept = [one + 0.5 if type(one) is float else one for one in before[::-1]], values(coll, name)

        def tried(call, given):
            call_of = (lambda: coll.foreach_set(name, given)) if call is None else lambda: call(coll, name, given)
            try:
                call_of()
                return values(coll, name)
            except (RuntimeError, TypeError, AttributeError) as error:
                assert call is None or isinstance(error, rnaslicer_error()) and values(coll, name) == kept, error
                return "refused"
            finally:
                coll.foreach_set(name, before)
        for more in (1, 3, 6):
            for form in (list, tuple, lambda n: numpy.array(n, "f"), lambda n: numpy.array(n, "i"), lambda n: array.array("d", n)):
                given = form([*wanted, *[1] * more])
                expected = tried(None, given)
                for _ in each_time():
                    assert tried(foreach_set, given) == expected, (name, more, form)


def rnaslicer_error():
    import rnaslicer
    return rnaslicer.SlicerError


def test_as_many_items():
    from rnaslicer import foreach_get, foreach_set
    for coll, name, total in places():
        if not total or name == "vertices":
            continue
        wanted = [0.0] * total
        coll.foreach_get(name, wanted)
        for _ in each_time():
            for form in (list, lambda n: numpy.array(n, "f"), lambda n: numpy.array(n, "d").reshape(1, -1, 1)):
                found = form([0.0] * total)
                foreach_get(coll, name, found)
                assert numpy.ravel(found).tolist() == wanted, (name, form)
            foreach_set(coll, name, [type(one)(one) for one in wanted])


def test_no_items():
    """bpy moves none, whatever the collection has."""
    from rnaslicer import foreach_get, foreach_set
    for coll, name, _ in places():
        if name != "nothing":
            for given in ([], (), numpy.zeros(0, "f"), array.array("f")):
                for call in (foreach_get, foreach_set):
                    call(coll, name, given)


def test_lengths_that_change():
    """What a sequence's own code says later does not count; a generator has no length."""
    from rnaslicer import foreach_get, foreach_set

    class Growing(list):
        asked = 0

        def __len__(self):
            self.asked += 1
            return 17 if self.asked == 1 else 500

    class Wide(numpy.ndarray):
        def __len__(self):
            return 500

    found = nodes()
    for _ in each_time():
        given = Growing([0.0] * 17)
        foreach_get(found, "width", given)
        assert list.__getitem__(given, slice(None)) == [200.0 + i for i in range(17)]
        foreach_set(found, "width", Growing([210.0 + i for i in range(17)]))
        assert values(found, "width") == [210 + i for i in range(17)]
        whole = numpy.ones(17 + GUARD, "f")
        foreach_get(found, "width", whole[:17].view(Wide))
        assert whole.tolist() == values(found, "width") + [1.0] * GUARD
        for i, node in enumerate(found):
            node.width = 200 + i
        for call in (foreach_get, foreach_set):
            with refused("ExpressionError", "no sequence"):
                call(found, "width", (i for i in range(17)))


def test_axes_of_other_numbers():
    """NumPy's arrays with axes take what those without do, converted as an item that is set; nothing is printed."""
    from rnaslicer import SlicerError, foreach_get, foreach_set
    mesh = random_mesh(random.Random(4))
    count = len(mesh.vertices)
    for i, vertex in enumerate(mesh.vertices):
        vertex.co = i % 90 + .25, i % 90 + .5, i % 3
    with stderr() as printed:
        for _ in each_time():
            for format in ("i1", "u1", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ">f4", ">i8", "?"):
                flat = numpy.zeros(3 * count, format)
                foreach_get(mesh.vertices, "co", flat)
                for made in (lambda f: numpy.zeros((count, 3), f), lambda f: numpy.zeros((3, count), f).T,
                             lambda f: numpy.zeros((3 * count, 1), f), lambda f: numpy.zeros((count, 5), f)[:, 1:4],
                             lambda f: numpy.zeros((1, count, 3, 1), f), lambda f: numpy.zeros((count, 3), f)[::-1]):
                    buffer = made(format)
                    foreach_get(mesh.vertices, "co", buffer)
                    assert buffer.reshape(-1).tolist() == flat.tolist(), (format, buffer.shape)
            for shape in ((count, 3), (3 * count,)):  # these take no floats, as bpy's own call finds
                for wrong in (memoryview(numpy.zeros(shape, "i8")), memoryview(numpy.zeros(shape, "u1"))):
                    try:
                        foreach_get(mesh.vertices, "co", wrong)
                    except SlicerError as error:
                        assert isinstance(error, TypeError)
                    else:
                        raise AssertionError(shape)
            foreach_set(mesh.vertices, "co", numpy.arange(3 * count, dtype=">f4").reshape(count, 3))
            assert [x for one in mesh.vertices for x in one.co] == list(range(3 * count))
            for i, vertex in enumerate(mesh.vertices):
                vertex.co = i % 90 + .25, i % 90 + .5, i % 3
    assert printed == [""], printed


def test_another_thread():
    """There they are bpy's own call; that says nothing of those on the main thread."""
    from rnaslicer import foreach_get, foreach_set
    from rnaslicer.calls import foreach
    mesh = random_mesh(random.Random(6))
    buffer, failed = numpy.zeros(3 * len(mesh.vertices), "f"), []

    def moves():
        try:
            foreach_get(mesh.vertices, "co", buffer)
            foreach_set(mesh.vertices, "co", buffer + 1)
        except Exception as error:
            failed.append(error)
    with trails_at_once():
        forget_kinds()
        before = [x for one in mesh.vertices for x in one.co]
        thread = threading.Thread(target=moves)
        thread.start()
        thread.join()
        assert not failed and buffer.tolist() == before, failed
        foreach_get(mesh.vertices, "co", buffer)
        assert buffer.tolist() == [x for one in mesh.vertices for x in one.co] != before
        foreach_get(mesh.vertices, "co", buffer)
    assert any(recipe.trail is not None for recipe in foreach._recipes.values())


def test_ragged_arrays():
    """Which RNA arrays have their own length in each struct is a list that is right for this Blender."""
    from rnaslicer.blender.calibrate import is_dynamic
    from rnaslicer.calls.counted import RAGGED
    found = set()
    for name in dir(bpy.types):
        rna = getattr(getattr(bpy.types, name), "bl_rna", None)
        for prop in rna.properties if rna else ():
            if getattr(prop, "is_array", False) and prop.array_length and is_dynamic(prop):
                found.add((name, prop.identifier))
    assert found <= RAGGED, found - RAGGED
    assert ("MeshPolygon", "vertices") in found


def test_items_whose_code_changes_the_collection():
    """They become numbers before anything is counted."""
    from rnaslicer import foreach_set
    for method in "__float__", "__index__":
        for form in list, tuple, collections.deque:
            made = nodes()

            class Item:
                done = False

                def number(self):
                    if not Item.done:
                        Item.done = True
                        made.new("ShaderNodeMath").width = 321
                    return 150

            setattr(Item, method, Item.number)
            widths = [one.width for one in made]
            try:
                foreach_set(made, "width", form(Item() for _ in range(17)))
            except (RuntimeError, TypeError):
                pass
            else:
                raise AssertionError(f"{method}, {form}: 17 items for 18 nodes")
            assert [one.width for one in made] == widths + [321], (method, form)
            foreach_set(made, "width", form(numpy.float32(160 + i) for i in range(18)))
            assert [one.width for one in made] == [160 + i for i in range(18)]


def test_custom_properties():
    """bpy's own calls move what lies beside the buffer."""
    from rnaslicer import Slicer, foreach_get, foreach_set
    for i in range(4):
        bpy.data.objects.new(f"Custom{i}", None)
    for i, ob in enumerate(bpy.data.objects):
        ob["x"] = float(i)
    for _ in range(3):
        for given in [7.0] * len(bpy.data.objects), [7.0] * (len(bpy.data.objects) - 1), numpy.zeros(len(bpy.data.objects), "f"):
            for call in foreach_get, foreach_set:
                with refused("ExpressionError", "Slicer(collection)"):
                    call(bpy.data.objects, '["x"]', given)
    assert Slicer(bpy.data.objects)[:, '["x"]'].read().tolist() == [float(i) for i in range(len(bpy.data.objects))]
