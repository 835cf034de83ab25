# tests/blender/faults/test_hostile_calls.py: hostile arguments of the calls beside refresh and update, and that no public entry is left out
import contextlib
import copy
import importlib
import pickle
import random

import bpy
import numpy as np

from hostile import Judge, Trouble, objects, of_another_process
from support import EVERY, VERSION, random_mesh, refused, same, snapshot


def mesh():
    return random_mesh(random.Random(5), 4, 3, layers=False)


# What each entry is walked by: a name that the package has more than these fails test_every_entry_is_walked.
WALKED = {
    "rnaslicer": {
        "Slicer": "test_hostile: test_suppliers, test_keywords, test_expressions",
        "ViewWrapper": "test_made_by_hand", "MemCache": "test_made_by_hand", "KernelInfo": "test_made_by_hand",
        "History": "test_histories", "history": "test_histories", "assign_weights": "test_assign_weights",
        "foreach_get": "test_foreach", "foreach_set": "test_foreach", "kernels": "test_hostile: test_settings_and_caches",
        "cache_info": "test_hostile: test_settings_and_caches", "clear_cache": "test_hostile: test_settings_and_caches",
        "configure": "test_hostile: test_settings_and_caches", "discover": "test_hostile: test_settings_and_caches"},
    "ViewWrapper": {
        **dict.fromkeys("alive format kernel kernels lengths memcache offsets readonly shape supplier leaves on_lost".split(),
                        "test_hostile: test_every_attribute_of_a_wrapper"),
        "unclamped": "test_attributes_that_scripts_overwrite", "refresh": "test_hostile: test_regions",
        "update": "test_hostile: test_regions", "changes": "test_hostile: test_regions", "read": "test_read_and_write",
        "write": "test_read_and_write", "edit": "test_edit_open_and_close", "open": "test_edit_open_and_close",
        "close": "test_edit_open_and_close"},
    "MemCache": {
        **dict.fromkeys("cast tobytes hex".split(), "test_hostile_memcache: test_memcache_is_as_a_memoryview"),
        **dict.fromkeys("count index release tolist toreadonly c_contiguous contiguous f_contiguous format itemsize nbytes ndim "
                        "obj readonly shape strides suboffsets wrapper".split(), "test_what_a_memcache_has")},
    "KernelInfo": dict.fromkeys("asm beside bytes calls codes compile_seconds expressions idle ir listing origin others plan "
                                "reasons refresh route seconds signature tier trouble update verdict why".split(), "test_looks_at_kernels"),
    "History": {"table": "test_histories", "transfers": "test_histories"},
}


def public(thing):
    return {name for name in dir(thing) if not name.startswith("_")}


def test_every_entry_is_walked():
    import rnaslicer
    from rnaslicer import SlicerError
    errors = {name for name in rnaslicer.__all__ if isinstance(getattr(rnaslicer, name), type)
              and issubclass(getattr(rnaslicer, name), Exception)}
    assert set(rnaslicer.__all__) == errors | set(WALKED["rnaslicer"])
    assert all(issubclass(getattr(rnaslicer, name), SlicerError) for name in errors)
    with rnaslicer.Slicer(mesh().vertices)[:, "co"] as vw:
        for name, one in (("ViewWrapper", vw), ("MemCache", vw.memcache), ("KernelInfo", vw.kernel),
                          ("History", rnaslicer.history())):
            assert public(one) == set(WALKED[name]), public(one) ^ set(WALKED[name])
    for where in (name for entries in WALKED.values() for name in entries.values()):
        module, _, names = where.rpartition(": ")
        for name in names.split(", "):
            assert callable(getattr(importlib.import_module(module or __name__), name)), name


def test_made_by_hand():
    """The classes are public for annotations; scripts make none of them."""
    from rnaslicer import KernelInfo, MemCache, Slicer, ViewWrapper
    for kind in (MemCache, ViewWrapper, KernelInfo, Slicer):
        for name, value in objects():
            for arguments in ((), (value,), (value, value)):
                try:
                    made = kind(*arguments)
                except Exception:  # as Python says it of any class
                    continue
                if kind in (ViewWrapper, Slicer):
                    raise AssertionError(f"{kind.__name__} of {name}: {made!r}")


def test_foreach():
    """Ends as bpy's own call: a value, or an error of ours that is one of bpy's class, too."""
    from rnaslicer import SlicerError, foreach_get, foreach_set
    m = mesh()
    before = snapshot(m)
    count = len(m.vertices)
    judge = Judge()
    fine = np.zeros(3 * count, "f")
    suppliers = {"vertices": m.vertices, "objects": bpy.data.objects, "layers": m.uv_layers, "groups": m.vertices[0].groups}
    for function in (foreach_get, foreach_set):
        for name, value in objects():
            judge.call(f"{function.__name__} of {name}", function, value, "co", fine)
            judge.call(f"{function.__name__} named {name}", function, m.vertices, value, fine)
            for what, supplier in suppliers.items():
                judge.call(f"{function.__name__} {what} {name}", function, supplier, "nothing", value)
            if function is foreach_get or not fills(value, 3 * count):
                judge.call(f"{function.__name__} into {name}", function, m.vertices, "co", value)
    judge.verdict(600)
    assert snapshot(m) == before
    for name, value in objects():
        own, ours = np.zeros(3 * count, "f"), np.zeros(3 * count, "f")
        try:
            m.vertices.foreach_get(value, own)
            theirs = None
        except Exception as error:
            theirs = type(error)
        try:
            foreach_get(m.vertices, value, ours)
            mine = None
        except SlicerError as error:
            mine = error
        assert (theirs is None) == (mine is None) and (mine is None or isinstance(mine, theirs) or issubclass(theirs, ValueError) and isinstance(mine, ValueError)), (name, theirs, mine)
    with of_another_process(12 * count) as memory:
        foreach_get(m.vertices, "co", memoryview(memory).cast("f"))
        same(list(memoryview(memory).cast("f")), [x for v in m.vertices for x in v.co])


def test_buffers_with_gaps():
    """3.4 spoils memory of them, of which it crashes at its exit: the whole run fails then."""
    from rnaslicer import SlicerError, foreach_get, foreach_set
    m = mesh()
    count = 3 * len(m.vertices)
    wanted = [x for v in m.vertices for x in v.co]
    for format in ("f", "d", "i", "q", ">f4", "e"):
        room = np.zeros(2 * count, format)
        for buffer in (room[::2], room[::-2], room[:count][::-1], memoryview(room)[::2] if format in "fd" else room[1::2]):
            if isinstance(buffer, memoryview) and VERSION >= (4, 0):  # bpy itself takes no numbers out of some
                with contextlib.suppress(SlicerError):
                    foreach_get(m.vertices, "co", buffer)
                continue
            foreach_get(m.vertices, "co", buffer)
            theirs = [0.0] * count
            m.vertices.foreach_get("co", theirs)
            same([float(x) for x in buffer], [float(x) for x in np.array(theirs).astype(format)], format)
            foreach_set(m.vertices, "co", buffer)
            foreach_set(m.vertices, "co", np.array(wanted, "f"))
        for short in (room[:9][::3], room[::-3][:5]):
            for function in (foreach_get, foreach_set):
                with refused("SlicerError", "co"):
                    function(m.vertices, "co", short)  # of which bpy may have written some


def fills(value, count):
    """Whether bpy would take the values of an object."""
    try:
        return len(value) == count
    except Exception:
        return False


def test_assign_weights():
    from rnaslicer import assign_weights
    m = mesh()
    ob = bpy.data.objects.new("Weighted", m)
    for name in "ab":
        ob.vertex_groups.new(name=name)
    vertex, group, weight = np.arange(3, dtype="i"), np.zeros(3, "i"), np.full(3, 0.5, "f")
    judge = Judge()
    for name, value in objects():
        judge.call(f"object {name}", assign_weights, value, vertex, group, weight)
        judge.call(f"mode {name}", assign_weights, ob, vertex, group, weight, value)
        for place, arguments in (("vertex", (value, group, weight)), ("group", (vertex, value, weight)),
                                 ("weight", (vertex, group, value)), ("all", (value, value, value))):
            judge.call(f"{place} {name}", assign_weights, ob, *arguments)
            judge.call(f"{place} {name}, one", assign_weights, ob, *(one if one is value else one[:1] for one in arguments))
    judge.verdict(600)
    assert all(len(v.groups) == 0 or v.groups[0].weight in (0.0, 0.5, 1.0) for v in m.vertices)
    for values in ([np.nan] * 3, [np.inf] * 3, [-np.inf, -1, 2]):
        wanted = bpy.data.objects.new("Looped", m.copy())
        wanted.vertex_groups.new(name="a")
        assign_weights(ob, vertex, group, np.array(values, "f"))
        for v, value in zip(vertex.tolist(), values):
            wanted.vertex_groups[0].add([v], value, "REPLACE")
        same([[g.weight for g in m.vertices[v].groups if g.group == 0] for v in vertex],
             [[g.weight for g in wanted.data.vertices[v].groups if g.group == 0] for v in vertex], str(values))
    for wrong in (-1, 10**6, -2**31, 2**31 - 1):
        for vertices, groups in (([0, wrong, 1], [0, 0, 0]), ([0, 1, 2], [0, wrong, 0])):
            with refused("ValueRangeError", "nothing was changed"):
                assign_weights(ob, np.array(vertices, "i"), np.array(groups, "i"), weight)


def entered_and_not(supplier, expression):
    from rnaslicer import Slicer
    yield "outside", Slicer(supplier)[expression]
    with Slicer(supplier)[expression] as vw:
        yield "inside", vw


def test_read_and_write():
    from rnaslicer import Slicer
    m = mesh()
    before = snapshot(m)
    judge = Judge()
    for expression in ((EVERY, "co", EVERY), (EVERY, "co", 0), (0, "co", 1)):
        for where, vw in entered_and_not(m.vertices, expression):
            for name, value in objects():
                judge.call(f"read {where} into {name}", vw.read, value)
                if not is_scalar_buffer(value, vw.shape):
                    judge.call(f"write {where} {name}", vw.write, value)
            shape, cache = vw.shape, vw.read()
            for name, value in {"bytes": bytes(cache.nbytes), "transposed": np.zeros(shape[::-1], "f") if len(shape) > 1 else None,
                                "short": np.zeros((1,) * (len(shape) + 1), "f"), "objects": np.zeros(shape, object),
                                "complex": np.zeros(shape, "complex64"), "dates": np.zeros(shape, "M8[D]"),
                                "swapped": np.zeros(shape, ">f4"), "read-only": readonly(shape), "text": np.zeros(shape, "U3"),
                                "records": np.zeros(shape, "f4,i4"), "long": np.zeros(shape, "longdouble")}.items():
                judge.call(f"read {where} {name}", vw.read, value) if value is not None else None
                if name not in ("read-only", "bytes"):
                    judge.call(f"write {where} {name}", vw.write, value)
    assert snapshot(m) == before
    judge.verdict(500)
    with Slicer(m.vertices)[:, "co"] as vw:
        for use in (lambda: vw.read(vw.memcache[1:]), lambda: vw.write(vw.memcache[:3])):
            with refused("RegionError"):
                use()


def readonly(shape):
    made = np.zeros(shape, "f")
    made.flags.writeable = False
    return made


def is_scalar_buffer(value, shape):
    """Whether it may be written where one number is wanted."""
    try:
        return memoryview(value).shape == tuple(shape)
    except Exception:
        return False


def test_edit_open_and_close():
    from rnaslicer import Slicer
    m = mesh()
    before = snapshot(m)
    judge = Judge()
    for name, value in objects():
        for method in ("edit", "open", "close", "__enter__"):
            try:
                getattr(Slicer(m.vertices)[:, "co"], method)(value)
            except TypeError as error:  # as Python says it of a call with too many arguments
                assert "argument" in str(error), error
            else:
                raise AssertionError(f"{method} takes {name}")
    vw = Slicer(m.vertices)[:, "co"]
    for number in range(3):  # in orders that nobody should use
        edit = vw.edit()
        judge.call("end before the begin", edit.__exit__, None, None, None)
        judge.call("begin", edit.__enter__)
        judge.call("begin twice", edit.__enter__)
        judge.call("open while edited", vw.open)
        judge.call("another edit within", lambda: vw.edit().__enter__())
        judge.call("end with nonsense", edit.__exit__, ValueError, 3, "x")
        judge.call("end twice", edit.__exit__, None, None, None)
        judge.call("close", vw.close)
        judge.call("close twice", vw.close)
        edit = vw.edit()
        judge.call("begin", edit.__enter__)
        judge.call("close within", vw.close)
        judge.call("end of what was closed", edit.__exit__, None, None, None)
        judge.call("update of what was closed", vw.update)
    judge.verdict(6)
    assert snapshot(m) == before
    bpy.data.objects.new("Any", None)
    with refused("ValueRangeError"):
        with Slicer(bpy.data.objects)[:, "rotation_mode"].edit() as vw:
            vw.memcache[0] = 12345
    try:
        with Slicer(m.vertices)[:, "co"].edit() as vw:
            np.asarray(vw)[...] = 9
            raise Trouble("own")
    except Trouble:
        pass
    assert snapshot(m) == before


def test_attributes_that_scripts_overwrite():
    """`on_lost` and `unclamped` are plain attributes; the rest refuses or goes on."""
    from rnaslicer import Slicer
    m = mesh()
    judge = Judge(AttributeError)  # of a property without a setter, as Python says it
    for name, value in objects():
        for attribute in ("memcache", "shape", "format", "readonly", "alive", "kernel", "offsets", "lengths", "supplier"):
            vw = Slicer(m.vertices)[:, "co"]
            judge.call(f"{attribute} = {name}", setattr, vw, attribute, value)
            judge.call(f"{attribute} = {name}, entered", lambda: vw.__enter__().__exit__(None, None, None))
        vw = Slicer(m.vertices)[:, "co"]
        judge.call(f"unclamped = {name}", setattr, vw, "unclamped", value)
    judge.verdict(500)


def test_what_a_memcache_has():
    from rnaslicer import Slicer
    m = mesh()
    judge = Judge(TypeError, ValueError, AttributeError, NotImplementedError, OverflowError, Trouble, pickle.PicklingError,
                  RecursionError, RuntimeError, BufferError, KeyError, IndexError)  # as memoryview's own
    names = sorted(WALKED["MemCache"])
    for part in (EVERY, 0):
        for name, value in objects():
            with Slicer(m.vertices)[:, "co", part] as vw:
                view = vw.memcache[1:]
                for one in ("count", "index"):
                    judge.call(f"{one}({name})", getattr(view, one), value)
                for one in names:
                    judge.call(f"{one} = {name}", setattr, view, one, value)
                    judge.call(f"del {one}", delattr, view, one)
                for function in (copy.copy, copy.deepcopy, pickle.dumps, hash, repr, len, iter):
                    judge.call(f"{function.__name__} {name}", function, view)
                view.release()
        released = view
        for one in names:
            judge.call(f"{one} of a released one", getattr, released, one)
            if one in ("cast", "count", "index", "hex", "tobytes", "tolist", "toreadonly"):
                judge.call(f"{one}() of a released one", lambda: getattr(released, one)())
    judge.verdict(500)


def test_looks_at_kernels():
    """Of kernels that run, that are gone, and of wrappers that were left."""
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    judge = Judge(AttributeError, Trouble)
    with Slicer(m.vertices)[:, "co"] as vw, Slicer(m.polygons)[:, "normal"] as own:
        looks = [*vw.kernels, vw.kernel, *own.kernels, *rnaslicer.kernels()]
    assert len(looks) > 3

    def look():
        for info in looks:
            for name in WALKED["KernelInfo"]:
                judge.call(name, getattr, info, name)
            for entry in (info.refresh, info.update):
                for name in public(entry):
                    judge.call(name, getattr, entry, name)
            for function in (copy.copy, repr, str, hash, dir):
                judge.call(function.__name__, function, info)
        judge.call("kernels", rnaslicer.kernels)

    look()
    rnaslicer.clear_cache(memory=True)
    look()
    bpy.data.meshes.remove(m)
    look()
    for name, value in objects():
        judge.call(f"why = {name}", setattr, looks[0], "plan", value)
    judge.verdict(0)


def test_histories():
    import rnaslicer
    from rnaslicer import History, Slicer
    m = mesh()
    judge = Judge()
    method = rnaslicer.ViewWrapper.refresh
    for name, value in objects():
        kept = rnaslicer.history()
        judge.call("end before the begin", kept.__exit__, value, value, value)
        judge.call("begin", kept.__enter__)
        judge.call("begin twice", kept.__enter__)
        with Slicer(m.vertices)[:, "co"] as vw:
            judge.call(f"refresh {name}", vw.refresh, value)
            judge.call(f"read {name}", vw.read, value)
        for _ in range(3):
            judge.call("end", kept.__exit__, value, None, None)
        for look in (repr, len, list, lambda one: one.table, copy.copy, lambda one: one.transfers[:]):
            judge.call("look", look, kept)
        assert rnaslicer.ViewWrapper.refresh is method and isinstance(kept, History), name
    judge.verdict(100)
