# tests/blender/transfer/test_read_write.py: read, write, edit, open and close; a wrapper as a buffer; every refusal
import ctypes
import gc
import mmap
import random
import tempfile
from unittest import mock

import bpy
import numpy

from support import random_mesh, random_objects, refused, same


def made(number=1):
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(number))
    return mesh, Slicer(mesh.vertices)[:, "co", :]


def held(mesh):
    return [list(v.co) for v in mesh.vertices]


def test_read_gives_a_memcache_of_the_callers():
    mesh, vw = made()
    cache = vw.read()
    with vw:
        inside = vw.read()
        vw.memcache[...] = 0
        same(vw.read().tolist(), held(mesh))
        same(vw.memcache.tolist(), numpy.zeros(vw.shape).tolist())  # which read leaves alone
    del vw
    gc.collect()
    same(cache.tolist(), held(mesh))
    same(inside.tolist(), held(mesh))
    assert cache.wrapper is None and not cache.readonly


def test_read_into_whatever_is_a_buffer():
    mesh, vw = made()
    count, nbytes = len(mesh.vertices), 12 * len(mesh.vertices)
    # Not multiprocessing's: it enters __main__ in sys.modules again, which Blender 3.4 frees, and then crashes.
    with tempfile.TemporaryFile(dir="/dev/shm") as shared, mmap.mmap(-1, nbytes) as pages:
        shared.truncate(nbytes)
        block = mmap.mmap(shared.fileno(), nbytes)
        for buffer in (numpy.empty((count, 3), "f"), memoryview(bytearray(nbytes)).cast("f", (count, 3)),
                       memoryview(pages).cast("f", (count, 3)), memoryview(block).cast("f", (count, 3)),
                       ((ctypes.c_float * 3) * count)(), vw.read(), numpy.empty((3, count), "f").T,
                       numpy.empty(count, [("id", "i1"), ("co", "f4", 3)])["co"], numpy.empty((count, 3), "d")):
            for _ in range(3):  # bpy's routes, the trail, the trail again
                assert vw.read(buffer) is buffer
                same(numpy.asarray(buffer).tolist(), held(mesh), type(buffer).__name__)
            with vw:
                numpy.asarray(buffer)[...] = 0
                vw.read(out=buffer)
                same(numpy.asarray(buffer).tolist(), held(mesh), type(buffer).__name__)
            if isinstance(buffer, memoryview):
                buffer.release()
        block.close()


def test_write_from_whatever_is_a_buffer():
    mesh, vw = made()
    count, rng = len(mesh.vertices), numpy.random.default_rng(1)
    for shape in (lambda a: a, lambda a: a.astype("d"), numpy.asfortranarray, lambda a: a[::-1].copy()[::-1],
                  lambda a: memoryview(a).toreadonly(), lambda a: numpy.broadcast_to(a[:1], a.shape),
                  lambda a: numpy.rint(a).astype("b")):
        for entered in (False, True, False):
            values = shape(rng.random((count, 3), "f") * 9)
            vw.open() if entered else vw.close()
            assert vw.write(values) is None
            same(held(mesh), numpy.asarray(values).astype("f").tolist())
    vw.close()


def test_writing_tells_blender():
    """Normals follow, as after an update."""
    mesh, vw = made(5)
    before = [list(p.normal) for p in mesh.polygons]
    values = numpy.asarray(vw.read()) * (1, 1, 3)
    values[:, 2] += numpy.arange(len(values)) % 5
    vw.write(values)
    after = [list(p.normal) for p in mesh.polygons]
    assert after != before
    mesh.update()
    same([list(p.normal) for p in mesh.polygons], after)


def test_other_shapes_of_views():
    from rnaslicer import Slicer
    mesh, _ = made()
    objects = random_objects(random.Random(1), mesh)
    scalar = Slicer(objects[0])["pass_index"]
    out = numpy.zeros((), "i")
    scalar.read(out)
    assert out == objects[0].pass_index and scalar.read()[()] == out
    scalar.write(numpy.array(7, "q"))
    assert objects[0].pass_index == 7
    many = Slicer(objects)[:, "data", "vertices", :, "co", :]
    out = numpy.zeros((9, len(mesh.vertices), 3), "f")
    for _ in range(2):
        same(many.read(out).tolist(), [held(mesh)] * 9)
        same(many.read().tolist(), out.tolist())
    flat = Slicer(mesh.polygons, ragged="flat")[:, "vertices", :]
    same(flat.read().tolist(), [i for p in mesh.polygons for i in p.vertices])
    empty = Slicer(mesh.vertices)[:0, "co", :]
    assert empty.read().shape == (0, 3) and empty.read(numpy.zeros((0, 3), "f")).size == 0
    empty.write(numpy.zeros((0, 3)))


def test_normalized_and_dtype():
    from rnaslicer import Slicer
    mesh, _ = made()
    colors = Slicer(mesh.vertex_colors["Col"].data, dtype="u1", normalized=True)[:, "color", :]
    out = numpy.zeros((len(mesh.loops), 4), "u2")
    colors.read(out)
    same((out // 257).tolist(), colors.read().tolist())
    with refused("ExpressionError", "normalized=True", "not f"):
        colors.read(numpy.zeros(out.shape, "f"))
    for spelled, format in (("f4", "f"), ("u1", "B"), ("i8", "q"), ("f2", "e"), ("b1", "?"), ("<i2", "h"), ("=f8", "d"),
                            ("|u1", "B"), (numpy.dtype("u4"), "I"), (numpy.int16, "h"), ("i4", "i")):
        vw = Slicer(mesh.vertices, dtype=spelled)[:, "index"]
        assert vw.format == vw.read().format == format, spelled
    for wrong in (">f4", "f16", "c8", "u3", "S1", "float"):
        with refused("ExpressionError", "dtype", wrong):
            Slicer(mesh.vertices, dtype=wrong)


def test_refusals_touch_nothing():
    from rnaslicer import Slicer
    mesh, vw = made()
    count, before = len(mesh.vertices), held(mesh)
    readonly = numpy.zeros((count, 3), "f")
    readonly.flags.writeable = False
    released = memoryview(bytearray(12 * count)).cast("f", (count, 3))
    released.release()
    wide = numpy.lib.stride_tricks.as_strided(numpy.ones(3, "f"), (count, 3), (0, 4), writeable=True)
    structured = numpy.zeros(count, "f4,f4,f4")
    for _ in range(2):  # by routes, and by trail
        for wrong, error, *words in (
                (numpy.ones((count, 3), ">f4"), "ExpressionError", "'>f'", "native"),
                (numpy.ones((count, 3), "c8"), "ExpressionError", "'Zf'"), (structured, "ExpressionError", "T{"),
                (numpy.ones((count, 2), "f"), "RegionError", f"({count}, 3)", "2)"),
                (numpy.ones((count + 1, 3), "f"), "RegionError", str(count + 1)),
                (numpy.ones((count - 1, 3), "d"), "RegionError", str(count - 1)),
                (numpy.ones(count * 3, "f"), "RegionError", "reshape"), (numpy.ones((3, count)).T[::2], "RegionError"),
                ([[1.0, 2.0, 3.0]] * count, "ExpressionError", "no buffer"), (None.__class__, "ExpressionError"),
                (released, "RegionError", "released")):
            kept = bytes(wrong) if isinstance(wrong, numpy.ndarray) else None
            for call in (vw.read, vw.write):
                with refused(error, *words, "Slicer(Mesh 'Random"):
                    call(wrong)
            assert kept is None or bytes(wrong) == kept
        for wrong in (readonly, bytes(12 * count), wide):
            with refused("RegionError", "out"):
                vw.read(wrong)
        same(held(mesh), before)
        vw.write(vw.read())
    with refused("ReadOnlyError", "normal"):
        Slicer(mesh.vertices)[:, "normal", :].write(numpy.ones((count, 3), "f"))
    bpy.data.meshes.remove(mesh)
    for call in (vw.read, lambda: vw.read(numpy.zeros((count, 3), "f")), lambda: vw.write(numpy.zeros((count, 3), "f"))):
        with refused("SupplierLostError", "removed"):
            call()


def test_buffers_without_items():
    """NumPy gives all axes of what is empty the stride 0, which is no broadcast."""
    from rnaslicer import Slicer
    meshes = [bpy.data.meshes.new("Empty") for _ in range(4)]
    objects = [bpy.data.objects.new("Empty", mesh) for mesh in meshes]
    for view in (Slicer(objects)[:, "data", "vertices", :, "co"], Slicer(meshes[0].vertices)[:, "co"],
                 Slicer(objects)[:, "data", "polygons", :, "material_index"]):
        shape = view.shape
        for buffer in (numpy.zeros(shape, "f"), numpy.zeros(shape, "i2")[::-1], numpy.zeros(shape[::-1], "d").T,
                       numpy.zeros(shape, "u1,=f4")["f1"], memoryview(numpy.zeros(shape, "?"))):
            for _ in range(3):
                assert view.read(buffer) is buffer
                view.write(buffer)
            with view:
                view.read(buffer)
                view.write(buffer)


def test_arguments_that_there_are_not():
    """Python's own refusals name the class that scripts know."""
    from rnaslicer import Slicer
    wrapper = Slicer(bpy.data.objects)[:, "location"]
    for name in ("read", "write", "refresh", "update", "changes", "edit", "open", "close"):
        for arguments, named in (((), {"buffer": None}), ((None, None, None), {})):
            try:
                getattr(wrapper, name)(*arguments, **named)
            except TypeError as error:
                assert str(error).startswith(f"ViewWrapper.{name}() "), error
            else:
                raise AssertionError(name)


def test_values_that_may_not_be():
    from rnaslicer import Slicer
    mesh, _ = made()
    objects = random_objects(random.Random(1), mesh)
    modes = Slicer(objects)[:, "rotation_mode"]
    before = [ob.rotation_mode for ob in objects]
    for format in "iqd":
        with refused("ValueRangeError", "99"):
            modes.write(numpy.array([0] * 8 + [99], format))
    assert [ob.rotation_mode for ob in objects] == before
    corners = Slicer(mesh.loops)[:, "vertex_index"]
    kept = [loop.vertex_index for loop in mesh.loops]
    wrong = numpy.array(kept, "i")
    wrong[5] = len(mesh.vertices)
    for buffer in (wrong, wrong[::-1][::-1].astype("q"), numpy.stack([wrong] * 2, 1)[:, 0]):
        with refused("ValueRangeError", str(len(mesh.vertices))):
            corners.write(buffer)
    assert [loop.vertex_index for loop in mesh.loops] == kept


def test_the_shape_changes_while_it_is_entered():
    mesh, vw = made()
    count = len(mesh.vertices)
    with vw:
        mesh.vertices.add(1)
        for call in (vw.read, lambda: vw.read(numpy.zeros((count, 3), "f")), lambda: vw.read(numpy.zeros((count, 3), "d")),
                     lambda: vw.write(numpy.zeros((count, 3), "f"))):
            with refused("ShapeChangedError", str(count + 1)):
                call()
        with refused("RegionError", str(count)):
            vw.read(numpy.zeros((count + 1, 3), "f"))
    assert vw.read().shape == vw.read(numpy.zeros((count + 1, 3), "f")).shape


def test_a_wrapper_is_the_buffer_of_its_memcache():
    mesh, vw = made()
    for make in (numpy.asarray, numpy.array, memoryview, lambda w: numpy.asarray(w, "d"), bytearray,
                 lambda w: numpy.add(w, 1)):
        with refused("ContextError", "not entered"):
            make(vw)
    with vw:
        array = numpy.asarray(vw)
        assert memoryview(vw).obj is vw.memcache and numpy.shares_memory(array, numpy.asarray(vw.memcache))
        assert array.dtype == "f" and array.shape == vw.shape and numpy.asarray(vw, "d").dtype == "d"
        assert vw.__array__().shape == vw.shape and vw.__array__("d", copy=True).dtype == "d"
        array += 1
        vw.update(vw)
    same(held(mesh), array.tolist())  # which lives on
    with refused("ContextError", "not entered"):
        memoryview(vw)
    other = made(2)[1]
    with vw:
        other.read(vw)  # one wrapper's MemCache as another's out


def test_edit():
    mesh, vw = made()
    before = numpy.asarray(vw.read())
    with vw.edit() as inside:
        assert inside is vw
        numpy.asarray(inside)[:] *= 2
    same(held(mesh), (before * 2).tolist())
    try:
        with vw.edit() as inside:
            inside.memcache[...] = 0
            raise KeyError("mine")
    except KeyError:
        pass
    same(held(mesh), (before * 2).tolist())
    assert vw._memcache is None
    with vw:
        cache = vw.memcache
        mesh.vertices[0].co = 7, 8, 9
        with vw.edit() as inside:
            assert inside.memcache is cache and list(cache[0].tolist()) == [7, 8, 9]  # refreshed
            cache[1] = 1
        assert vw.memcache is cache and list(mesh.vertices[1].co) == [1, 1, 1]
    with refused("ContextError", "within its edit()"):
        with vw.edit() as inside:
            inside.memcache[...] = 0
            inside.close()
    assert list(mesh.vertices[1].co) == [1, 1, 1]
    twice = vw.edit()
    with twice as inside:
        inside.memcache[...] = 4
        with refused("ContextError", "this edit", "entered already"):
            twice.__enter__()
    assert list(mesh.vertices[1].co) == [4, 4, 4] and vw._memcache is None
    with twice as inside:  # again, after the other
        inside.memcache[...] = 1
    assert list(mesh.vertices[1].co) == [1, 1, 1] and vw._memcache is None
    try:
        with vw.edit() as inside:
            inside.close()
            raise KeyError("mine")  # and no other error
    except KeyError:
        pass


def test_open_and_close():
    mesh, vw = made()
    assert vw.open() is vw and vw.memcache.shape == vw.shape
    with refused("ContextError", "entered already"):
        vw.open()
    view = vw.memcache[2:]
    vw.close()
    vw.close()
    with refused("ContextError", "not entered"):
        vw.memcache
    try:
        view[0]
    except ValueError:
        pass
    else:
        raise AssertionError("a sub-view lives on")
    bpy.data.meshes.remove(mesh)
    with refused("SupplierLostError"):
        vw.open()


def test_assignments_convert_and_broadcast():
    mesh, vw = made()
    with vw:
        cache, count = vw.memcache, len(mesh.vertices)
        cache[...] = [1, 2, 3]
        cache[0] = numpy.array([4, 5, 6], "q")
        cache[1:3] = numpy.arange(2.0)[:, None]
        vw.update()
        same(held(mesh), [[4.0, 5.0, 6.0], [0.0] * 3, [1.0] * 3] + [[1.0, 2.0, 3.0]] * (count - 3))
        for wrong, words in ((numpy.zeros((count, 2)), "broadcast"), (numpy.zeros(3, "c8"), "Zf")):
            try:
                cache[...] = wrong
            except ValueError as error:
                assert words in str(error), error
            else:
                raise AssertionError(words)


def test_a_wrapper_is_no_array():
    _, vw = made()
    def stores():
        vw[:, 2] = 0
    for call in (stores, lambda: vw[0], lambda: list(vw)):
        for _ in range(2):
            try:
                call()
            except TypeError as error:
                assert "wrapper.memcache[...]" in str(error) and "Slicer(" in str(error), error
            else:
                raise AssertionError(call)
        vw.open() if vw._memcache is None else None
    vw.close()


def test_off_the_main_thread():
    import threading
    _, vw = made()
    vw.read()
    found = []

    def ask():
        for call in (vw.read, lambda: vw.read(numpy.zeros((130, 3), "f")), lambda: vw.write(numpy.zeros((130, 3), "f"))):
            try:
                call()
            except Exception as error:
                found.append(type(error).__name__)
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == ["ContextError"] * 3, found


def test_history_records_them():
    import rnaslicer
    _, vw = made()
    out = numpy.zeros((len(vw.supplier), 3), "f")
    with rnaslicer.history() as h:
        vw.read(out)
        vw.write(out)
    assert [(t.direction, t.region, t.failed) for t in h] == [("refresh", "", ""), ("update", "", "")], h.transfers
    # What tells how it went may be forgotten by then: there is a record all the same.
    from rnaslicer.inspection import recording
    with rnaslicer.history() as h, mock.patch.object(recording, "_hows", lambda *_: iter(())):
        vw.write(out)
    assert [(t.direction, t.routes, t.failed) for t in h] == [("update", (), "")], h.transfers
