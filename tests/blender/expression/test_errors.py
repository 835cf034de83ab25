# tests/blender/expression/test_errors.py: every refusal: its class, what its message names, and that nothing changed
import random
import threading

import bpy

from support import EVERY, random_image, random_mesh, random_objects, refused, same, snapshot


class Unchanged:
    """Asserts at exit that the mesh is what it was."""

    def __init__(self, mesh):
        self.mesh, self.before = mesh, snapshot(mesh)

    def __enter__(self):
        return self.mesh

    def __exit__(self, kind, *_):
        if kind is None:
            after = snapshot(self.mesh)
            changed = [name for name in self.before if after.get(name) != self.before[name]]
            assert not changed and len(after) == len(self.before), changed


def mesh(**options):
    options.setdefault("layers", False)
    return random_mesh(random.Random(1), **options)


def enter(supplier, subscript, **options):
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        return vw


def test_misspelt_properties_name_the_near_one():
    with Unchanged(mesh()) as m:
        with refused("ExpressionError", "normals", "'normal'"):
            enter(m.polygons, (EVERY, "normals", EVERY))
        with refused("ExpressionError", "vertexindex", "'vertex_index'"):
            enter(m.loops, (EVERY, "vertexindex"))
        with refused("ExpressionError", "vertexes", "'vertices'"):
            enter(m, ("vertexes", EVERY, "co"))
        with refused("ExpressionError", "zzzzqqq"):
            enter(m.vertices, (EVERY, "zzzzqqq"))
        with refused("ExpressionError", "Cool", "Col"):
            enter(m.vertex_colors, (["Cool"], "data", EVERY, "color"))


def test_wrong_item_kinds():
    m = mesh()
    with Unchanged(m):
        for subscript in ((EVERY, "co", EVERY, EVERY), (EVERY, EVERY, "co"), (EVERY, 0), (EVERY, ["x"], "co"),
                          (EVERY, "co", ["x"]), (EVERY, "select", 0), (EVERY, "select", EVERY),
                          (["0"], "co"), (EVERY, "co", "z", 0), (EVERY, "co", "zyx", "x"), (EVERY, "co", "r"),
                          (EVERY, "co", ("xx", "y")), (EVERY, ("co", "select")), (..., "co", ...),
                          (EVERY, "co", 1.5), (None, "co"), (True, "co"), (slice(0, 9, 0), "co"),
                          (slice(0.5, None), "co"), (EVERY, ()), (EVERY, ""), ({"co"},), (EVERY, ["co", 1])):
            with refused("ExpressionError"):
                enter(m.vertices, subscript)
        with refused("ExpressionError"):
            enter(m, (EVERY, "co"))
        with refused("ExpressionError"):
            enter(m, (0, "co"))


def test_expression_errors_are_type_errors():
    m = mesh()
    try:
        enter(m.vertices, (EVERY, "nothing"))
    except TypeError as e:
        assert "nothing" in str(e)
    else:
        raise AssertionError("no TypeError")


def test_the_message_names_the_expression():
    m = mesh()
    with refused("ExpressionError", "[:, 'coo', 'x']", "'co'"):
        enter(m.vertices, (EVERY, "coo", "x"))


def test_indices_out_of_range():
    m = mesh()
    count = len(m.vertices)
    with Unchanged(m):
        for i in (count, -count - 1, 10**9):
            with refused("ExpressionError", str(i)):
                enter(m.vertices, (i, "co"))
            with refused("ExpressionError", str(i)):
                enter(m.vertices, ([0, i], "co"))
        for i in (3, -4):
            with refused("ExpressionError", str(i)):
                enter(m.vertices, (EVERY, "co", i))
            with refused("ExpressionError", str(i)):
                enter(m.vertices, (EVERY, "co", [i]))
        with refused("ExpressionError"):
            enter(m.vertices, ([True, False], "co"))


def test_strings_and_pointers_are_no_leaves():
    m = mesh()
    random_objects(random.Random(2), m, 2)
    with refused("ExpressionError", "name"):
        enter(bpy.data.objects, (EVERY, "name"))
    with refused("ExpressionError", "data"):
        enter(bpy.data.objects, (EVERY, "data"))
    with refused("ExpressionError"):
        enter(m.vertices, (EVERY,))
    with refused("ExpressionError"):
        enter(m, ("vertices",))
    with refused("ExpressionError"):
        enter(m, ())


def test_a_none_on_the_way_is_named():
    random_objects(random.Random(3), mesh(), 3)
    bpy.data.objects.new("Object01b", None)  # third in the list, which is sorted by name
    with refused("ExpressionError", "objects[2]"):
        enter(bpy.data.objects, (EVERY, "data", "vertices", 0, "co"))


def test_another_type_on_the_way_is_named():
    random_objects(random.Random(3), mesh(), 2)
    bpy.data.objects.new("ZCamera", bpy.data.cameras.new("Camera"))
    with refused("ExpressionError", "objects[2]", "Camera"):
        enter(bpy.data.objects, (EVERY, "data", "vertices", 0, "co"))
    with refused("ExpressionError", "objects[2]", "Camera"):  # though both types have it
        enter(bpy.data.objects, (EVERY, "data", "use_fake_user"))


def test_ragged_lists_lengths():
    m = mesh()
    with refused("ExpressionError", "3", "4", "flat"):
        enter(m.polygons, (EVERY, "vertices"))


def test_bad_options():
    from rnaslicer import Slicer
    m = mesh()
    for options in ({"dtype": "g"}, {"dtype": "ff"}, {"dtype": 3}, {"ragged": "yes"}):
        try:
            enter(m.vertices, (EVERY, "co"), **options)
        except (TypeError, ValueError):
            continue
        raise AssertionError(options)
    for supplier in (None, 3, "mesh", bpy, object()):
        try:
            Slicer(supplier)
        except TypeError:
            continue
        raise AssertionError(supplier)


def test_regions_of_another_wrapper():
    from rnaslicer import Slicer
    m = mesh()
    with Unchanged(m):
        with Slicer(m.vertices)[:, "co", :] as one, Slicer(m.vertices)[:, "co", :] as two:
            for method in (one.refresh, one.update):
                with refused("RegionError"):
                    method(two.memcache[0:2, :])
                with refused("RegionError"):
                    method(two.memcache)


def test_regions_that_are_none():
    import numpy as np
    from rnaslicer import Slicer
    m = mesh()
    with Unchanged(m):
        with Slicer(m.vertices)[:, "co", :] as vw:
            a = np.asarray(vw.memcache)
            views = {"copy": a[2:4].copy(), "list": [1.0, 2.0], "bytes": bytes(24), "int": 3,
                     "flat run across rows": a.reshape(-1)[1:5], "other item size": a[2:4].view(np.uint8),
                     "other format": a[2:4].view(np.int32), "repeated": np.broadcast_to(a[3:4, :], (2, 3)),
                     "diagonal": np.lib.stride_tricks.as_strided(a, (3,), (16,))}
            for name, view in views.items():
                for method in (vw.refresh, vw.update):
                    try:
                        method(view)
                    except TypeError:
                        continue
                    raise AssertionError(f"{method.__name__} took a {name}")


def test_regions_of_an_earlier_enter():
    import numpy as np
    from rnaslicer import Slicer
    m = mesh()
    vw = Slicer(m.vertices)[:, "co", :]
    with vw:
        before = np.asarray(vw.memcache)
    with Unchanged(m):
        with vw:
            with refused("RegionError"):
                vw.update(before[0:2])
            with refused("RegionError"):
                vw.refresh(before)


def test_read_only_properties():
    from rnaslicer import Slicer
    m = mesh()
    with Unchanged(m):
        for elements, name in ((m.polygons, "normal"), (m.vertices, "index"), (m.polygons, "area"),
                               (m.loops, "index")):
            with Slicer(elements)[:, name] as vw:
                assert vw.readonly, name
                with refused("ReadOnlyError", name):
                    vw.update()
        with Slicer(m.vertices)[:, "co"] as vw:
            assert not vw.readonly


def test_edit_mode_updates_are_refused():
    from rnaslicer import Slicer
    m = mesh()
    ob = random_objects(random.Random(4), m, 1)[0]
    with Slicer(m.vertices)[:, "co"] as vw:
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        try:
            with refused("ReadOnlyError"):
                vw.update()
        finally:
            bpy.ops.object.mode_set(mode="OBJECT")


def test_released_memcaches():
    from rnaslicer import Slicer
    m = mesh()
    vw = Slicer(m.vertices)[:, "co", :]
    _any_error(lambda: vw.memcache)
    with vw:
        whole = vw.memcache
        part = whole[2:5, :]
        part.tolist()
    for action in (whole.tolist, part.tolist, lambda: whole[0, 0], lambda: part[0, 0],
                   lambda: memoryview(whole), lambda: memoryview(part), lambda: whole.shape):
        _value_error(action)
    _any_error(lambda: vw.memcache)
    for method in (vw.refresh, vw.update):
        _any_error(method)


def test_exports_outlive_the_context():
    import numpy as np
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co", :] as vw:
        a = np.asarray(vw.memcache)
    same(a.tolist(), [list(v.co) for v in m.vertices])
    a *= 2


def test_entering_twice_at_once():
    from rnaslicer import Slicer
    vw = Slicer(mesh().vertices)[:, "co", :]
    with vw:
        _any_error(vw.__enter__)
        vw.memcache.tolist()


def test_exceptions_pass_and_nothing_is_written():
    from rnaslicer import Slicer
    m = mesh()
    with Unchanged(m):
        try:
            with Slicer(m.vertices)[:, "co", :] as vw:
                vw.memcache[0, 0] = 99.0
                raise KeyError("mine")
        except KeyError:
            pass
        else:
            raise AssertionError("the exception was swallowed")


def test_off_the_main_thread():
    from rnaslicer import Slicer
    m = mesh()
    ready = Slicer(m.vertices)[:, "co", :]
    with Unchanged(m), ready as vw:
        vw.memcache[0, 0] = 99.0
        uses = {"enter": lambda: Slicer(m.vertices)[:, "co", :].__enter__(), "refresh": vw.refresh,
                "update": vw.update}
        for name, use in uses.items():
            error = _in_thread(use)
            assert type(error).__name__ == "ContextError" and isinstance(error, RuntimeError), (name, error)
            assert "thread" in str(error), error
    vw = Slicer(m.vertices)[:, "co", :]
    with vw:
        vw.refresh()


def test_enum_numbers_are_checked():
    from rnaslicer import Slicer, SlicerError
    objects = random_objects(random.Random(5), mesh(), 3)
    before = [o.rotation_mode for o in objects]
    with Slicer(bpy.data.objects)[:, "rotation_mode"] as vw:
        vw.memcache[0] = 3
        vw.memcache[2] = 12345
        try:
            vw.update()
        except (SlicerError, ValueError) as e:
            assert "12345" in str(e), e
        else:
            raise AssertionError("a number that is no item was written")
    assert [o.rotation_mode for o in objects] == before


def test_topology_is_range_checked():
    from rnaslicer import Slicer, SlicerError
    m = mesh()
    with Unchanged(m):
        for elements, name, shape in ((m.edges, "vertices", 2), (m.loops, "vertex_index", 1), (m.loops, "edge_index", 1)):
            for bad in (-1, 2**31 - 1, max(len(m.vertices), len(m.edges))):
                with Slicer(elements)[:, name] as vw:
                    vw.memcache[(3, 1) if shape == 2 else 3] = bad
                    try:
                        vw.update()
                    except (SlicerError, ValueError) as e:
                        assert str(bad) in str(e), e
                        continue
                    raise AssertionError(f"{name} = {bad} was written")


def test_an_update_inside_a_refused_context_of_images():
    from rnaslicer import Slicer
    image = random_image(random.Random(6))
    before = list(image.pixels)
    with Slicer(image.pixels)[:] as vw:
        vw.memcache[0] = 0.25
        with refused("RegionError"):
            vw.update(bytes(16))
    same(list(image.pixels), before)


def _value_error(action):
    try:
        action()
    except ValueError:
        return
    raise AssertionError("no ValueError")


def _any_error(action):
    from rnaslicer import SlicerError
    try:
        action()
    except (SlicerError, ValueError, RuntimeError):
        return
    raise AssertionError("no error")


def _in_thread(use):
    caught = []

    def work():
        try:
            use()
        except BaseException as e:
            caught.append(e)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return caught[0] if caught else None


def test_a_refusal_after_the_kernel_says_that_all_is_written():
    """Between kernel and finishing assignment nothing of Blender's runs; so the setter is made to fail here."""
    from rnaslicer import ReadOnlyError, Slicer
    from rnaslicer.transfer.writing import noticing as writing
    m = bpy.data.meshes.new("Refused")
    m.from_pydata([(i, 0, 0) for i in range(9)], [], [])
    real, calls = writing._assign_again, []

    def failing(leaf, element, done=0):
        calls.append(done)
        if done:
            raise writing.translated(AttributeError("not now"), leaf, done, 1)
        real(leaf, element)

    with Slicer(m.vertices)[:, "co", "y"] as vw:
        cache = vw.memcache
        for i in range(9):
            cache[i] = i
        writing._assign_again = failing
        vw._run = None  # the routes' way, not native code's
        try:
            vw.update()
            raise AssertionError("no refusal")
        except ReadOnlyError as error:
            assert "all values were written" in str(error), error
        finally:
            writing._assign_again = real
    assert calls == [0, 1] and [v.co.y for v in m.vertices] == list(range(9))
