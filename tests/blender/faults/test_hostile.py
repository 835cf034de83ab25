# tests/blender/faults/test_hostile.py: hostile arguments at every public entry: right, or a SlicerError, nothing else
import array
import copy
import pickle
import random

import bpy
import numpy as np

from hostile import HUGE, Everything, Index, Judge, Trouble, objects, of_another_process, property_group
from support import EVERY, random_image, random_mesh, random_objects, refused, same, snapshot


def mesh():
    return random_mesh(random.Random(5), 4, 3, layers=False)


def entered_once(wrapper):
    """All that an entered wrapper can do with its own values; they stay as they are."""
    with wrapper as vw:
        vw.refresh()
        if not vw.readonly:
            vw.update()
        return vw.shape, vw.memcache.tolist()


def test_suppliers():
    from rnaslicer import Slicer
    judge = Judge()
    for name, value in objects():
        wrapper = judge.call(f"supplier {name}", Slicer, value)
        assert wrapper is None, name
        for wrap in (lambda x: [x], lambda x: (x, x), lambda x: [bpy.context.scene, x]):
            judge.call(f"sequence with {name}", Slicer, wrap(value))
    judge.verdict(400)


def test_keywords():
    from rnaslicer import Slicer
    m = mesh()
    for keyword in ("dtype", "ragged", "width", "fill", "transform", "normalized"):
        judge, more = Judge(), {"ragged": "pad"} if keyword in ("width", "fill") else {}
        more |= {"dtype": "h"} if keyword == "normalized" else {}
        for name, value in objects():
            made = judge.call(f"{keyword}={name}", Slicer, m, **more, **{keyword: value})
            if made is not None:
                judge.call(f"{keyword}={name}, entered", entered_once, made["vertices", :, "co"])
                judge.call(f"{keyword}={name}, entered", entered_once, made["polygons", :, "vertices"])
        judge.verdict(30)


def test_expressions():
    """As each item of expressions on a collection, a struct, a list of datablocks, a sequence and an array."""
    from rnaslicer import Slicer
    m = mesh()
    image = random_image(random.Random(1), 5, 4)
    random_objects(random.Random(2), m, 3)
    before = snapshot(m)
    suppliers = {"vertices": Slicer(m.vertices), "mesh": Slicer(m), "objects": Slicer(bpy.data.objects),
                 "sequence": Slicer(list(bpy.data.objects)), "pixels": Slicer(image.pixels), "image": Slicer(image)}
    shapes = {"vertices": (lambda x: x, lambda x: (x, "co"), lambda x: (EVERY, x), lambda x: (EVERY, "co", x),
                           lambda x: (slice(x), "co"), lambda x: (slice(None, x), "co", 0),
                           lambda x: (slice(None, None, x), "co"), lambda x: ([x, 0], "co"), lambda x: (EVERY, ("co", x)),
                           lambda x: (..., x), lambda x: (x,) * 70),
              "mesh": (lambda x: x, lambda x: ("vertices", x, "co"), lambda x: ("vertex_colors", [x], "data", EVERY, "color")),
              "objects": (lambda x: (x, "location"), lambda x: (EVERY, "data", x, 0, "co"), lambda x: ([x], "location")),
              "sequence": (lambda x: (x, "location"), lambda x: (EVERY, x)),
              "pixels": (lambda x: x, lambda x: slice(x, None, x)),
              "image": (lambda x: ("pixels", x), lambda x: ("pixels", slice(None, None, x), 0), lambda x: ("size", x))}
    judge = Judge()
    for supplier, slicer in suppliers.items():
        for number, shape in enumerate(shapes[supplier]):
            for name, value in objects():
                what = f"{supplier} {number} {name}"
                wrapper = judge.call(what, lambda: slicer[shape(value)])
                if wrapper is not None:
                    judge.call(f"{what}, repr", repr, wrapper)
                    judge.call(f"{what}, entered", entered_once, wrapper)
    assert snapshot(m) == before
    judge.verdict(1500)


def test_steps_and_bounds_beyond_all_extents():
    """As NumPy takes them."""
    from rnaslicer import Slicer
    m = mesh()
    image = random_image(random.Random(1), 6, 5)
    positions = np.array([v.co for v in m.vertices], np.float32)
    pixels = np.array(image.pixels, np.float32)
    steps = [s for n in HUGE[:-2] for s in (n, -n)] + [Index(2**62), Index(-2**63)]
    for step in steps:
        for bounds in ((None, None), (2, None), (None, 3), (-1, None), (Index(10**30), None), (-10**30, 10**30)):
            here = slice(*bounds, step)
            there = slice(*(b if b is None else max(-10**6, min(10**6, b.__index__())) for b in bounds),
                          max(-10**6, min(10**6, step.__index__())))
            for expression, wanted in (((here, "co"), positions[there]), ((EVERY, "co", here), positions[:, there])):
                with Slicer(m.vertices)[expression] as vw:
                    assert np.asarray(vw.memcache).tobytes() == wanted.tobytes(), (step, bounds, expression)
                    part = vw.memcache[here]
                    assert np.asarray(part).tobytes() == wanted[there].tobytes(), (step, bounds, expression)
                    vw.refresh(part)
                    vw.update(part)
            for supplier, expression in ((image.pixels, here), (image, ("pixels", here)), (image, ("pixels", EVERY, here))):
                wanted = pixels if supplier is not image else pixels.reshape(5, 6, 4)
                wanted = wanted[:, there] if len(np.shape(expression)) and expression[1:2] == (EVERY,) else wanted[there]
                with Slicer(supplier)[expression] as vw:
                    assert np.asarray(vw.memcache).tobytes() == wanted.tobytes(), (step, bounds, expression)
    same([list(v.co) for v in m.vertices], positions.tolist())


def test_scalars_of_other_meanings_are_no_indices():
    from rnaslicer import Slicer
    m = mesh()
    for odd in (np.datetime64("2020"), np.timedelta64(3, "D"), np.void(b"\0" * 8), np.float64(1), np.datetime64("NaT")):
        for expression in ((odd, "co"), (EVERY, "co", odd), ([0, odd], "co"), (slice(odd), "co")):
            with refused("ExpressionError"):
                Slicer(m.vertices)[expression].__enter__()
    for fine in (np.int8(1), np.uint64(1), np.array(1), Index(1)):
        with Slicer(m.vertices)[fine, "co"] as vw:
            same(vw.memcache.tolist(), list(m.vertices[1].co))


def regions(vw):
    """Views that are none of this wrapper."""
    cache = vw.memcache
    yield from {"another's memory": np.zeros(cache.shape, "f"), "cast": cache.cast("B"), "list": cache.tolist(),
                "copy": np.array(cache), "other format": np.asarray(cache).view("i4"), "bytes": bytes(cache.nbytes),
                "wide": np.asarray(cache).view(np.uint8), "wrapper": vw, "items": np.asarray(cache).astype(object),
                "run": np.asarray(cache).reshape(-1)[1:-1], "gathered": np.asarray(cache)[[0, 2, 5]],
                "broadcast": np.broadcast_to(np.asarray(cache)[0], (4, *cache.shape[1:]))}.items()
    yield from objects()


def test_regions():
    from rnaslicer import Slicer
    m = mesh()
    before = snapshot(m)
    with Slicer(m.vertices)[:, "co", :] as vw, Slicer(m.vertices)[:, "co", :] as other:
        memory = of_another_process(vw.memcache.nbytes)
        foreign = np.ndarray(vw.shape, "f", buffer=memory)
        judge = Judge()
        for move in (vw.refresh, vw.update, vw.changes):
            for name, view in [*regions(vw), ("other wrapper's", other.memcache), ("another process's", foreign)]:
                if view is not None:
                    judge.call(f"{move.__name__} {name}", move, view)
        left = Slicer(m.vertices)[:, "co", :]
        with left:
            gone = left.memcache[1:3]
        for move in (vw.refresh, vw.update):
            judge.call("left", move, gone)
        del foreign, view
        memory.close()
    assert snapshot(m) == before
    judge.verdict(180)


def test_every_attribute_of_a_wrapper():
    """Outside and inside its context: read, called, overwritten with nonsense, and then used."""
    from rnaslicer import Slicer
    m = mesh()
    judge = Judge()

    def use(vw, what):
        for name in ("supplier", "memcache", "shape", "format", "readonly", "alive", "kernel", "kernels", "offsets", "lengths"):
            judge.call(f"{what} {name}", getattr, vw, name)
        for name in ("refresh", "update", "changes", "leaves", "__repr__", "__enter__", "__exit__"):
            judge.call(f"{what} {name}()", getattr(vw, name))
        for function in (copy.copy, copy.deepcopy, pickle.dumps):
            judge.call(f"{what} {function.__name__}", function, vw)

    use(Slicer(m.vertices)[:, "co"], "outside")
    with Slicer(m.vertices)[:, "co"] as vw:
        use(vw, "inside")
    for name, value in objects():
        vw = Slicer(m.vertices)[:, "co"]
        vw.on_lost = value  # a script's mistake: printed, if ever
        with vw:
            vw.refresh()
    judge.verdict(9)


def test_settings_and_caches():
    import rnaslicer
    judge = Judge()
    before = rnaslicer.configure()
    for name, value in objects():
        for keyword in ("jit", "disk_cache", "cache_directory", "disk_limit", "threads", "tier", "nothing"):
            judge.call(f"configure({keyword}={name})", rnaslicer.configure, **{keyword: value})
            judge.call("configure back", rnaslicer.configure, **before)
        judge.call(f"configure({name})", rnaslicer.configure, value)
        judge.call(f"kernels({name})", rnaslicer.kernels, value)
        judge.call(f"cache_info({name})", rnaslicer.cache_info, value)
        judge.call(f"clear_cache(memory={name})", rnaslicer.clear_cache, memory=value)
        if name in ("everything", "__bool__", "__len__"):
            judge.call(f"clear_cache(disk={name})", rnaslicer.clear_cache, disk=value)
        if not is_number(value):  # else it would run
            judge.call(f"discover({name})", rnaslicer.discover, value, True)
    assert rnaslicer.configure() == before
    judge.verdict(500)
    for limit in (0, -1, float("nan"), "soon", None, Everything(), 10**400):
        with refused("ExpressionError", "limit"):
            rnaslicer.discover(limit=limit)


def is_number(value):
    try:
        return float(value) > 0
    except Exception:
        return False


def test_arguments_that_leave_the_context():
    """An __index__ or an exporter's buffer runs code that ends what is going on."""
    from rnaslicer import Slicer
    m = mesh()
    judge = Judge(ValueError, TypeError)  # of a released MemCache, as memoryview's
    for expression in ((EVERY, "co", EVERY), (EVERY, "co", 0)):
        for use in (lambda vw, i: vw.memcache[i], lambda vw, i: vw.memcache.__setitem__(i, 1.0),
                    lambda vw, i: vw.memcache[i:], lambda vw, i: vw.memcache[::i],
                    lambda vw, i: vw.memcache.__setitem__(slice(i, None), vw.memcache),
                    lambda vw, i: vw.memcache.cast("B", [i]), lambda vw, i: vw.memcache.hex(":", i),
                    lambda vw, i: vw.memcache.index(i), lambda vw, i: vw.refresh(vw.memcache[i:]),
                    lambda vw, i: vw.update(vw.memcache[i:])):
            for leave in (lambda vw: vw.__exit__(), lambda vw: (vw.__exit__(), vw.__enter__())):
                vw = Slicer(m.vertices)[expression]
                vw.__enter__()
                judge.call("index", use, vw, Index(1, lambda: leave(vw)))
                vw.__exit__()
    judge.verdict(10)


def test_own_errors_are_told():
    """What an argument raised is the cause of our error, which names the expression."""
    from rnaslicer import Slicer
    from rnaslicer.errors import ExpressionError
    m = mesh()

    class Bad:
        def __index__(self):
            raise Trouble("own reason")

    try:
        Slicer(m.vertices)[Bad(), "co"]
    except ExpressionError as error:
        assert type(error.__cause__) is Trouble and "own reason" in str(error) and "vertices" in str(error), error
    else:
        raise AssertionError("taken")


def test_values_of_enums_that_a_function_lists():
    """bpy tells no numbers of their items: read where there is nothing to tell, else refused by name, never a
    KeyError; written neither."""
    from rnaslicer import ExpressionError, Slicer
    Group = property_group({
        "one": bpy.props.EnumProperty(items=lambda _self, _context: [("P", "P", "", 0), ("Q", "Q", "", 7)]),
        "flags": bpy.props.EnumProperty(items=lambda _self, _context: [("P", "P", "", 4), ("Q", "Q", "", 8)],
                                        options={"ENUM_FLAG"})})
    bpy.utils.register_class(Group)
    bpy.types.Object.test_enums = bpy.props.CollectionProperty(type=Group)
    try:
        ob = bpy.data.objects.new("Enums", None)
        for _ in range(5):
            ob.test_enums.add()
        groups = ob.test_enums
        with Slicer(ob.test_enums)[:, "flags"] as vw:
            same(vw.memcache.tolist(), [0] * 5)
            vw.update()
            vw.memcache[2] = 12
            with refused("ValueRangeError", "function", "12"):
                vw.update()
        assert [g.flags for g in groups] == [set()] * 5
        groups[3].flags = {"P", "Q"}
        try:
            with Slicer(groups)[:, "flags"] as vw:  # bpy's bulk call may know the numbers
                same(vw.memcache.tolist(), [0, 0, 0, 12, 0])
        except ExpressionError as error:
            assert "flags" in str(error) and "number" in str(error), error
        with refused("ExpressionError", "one", "number"):
            Slicer(groups)[:, "one"].__enter__()
        for name in ("one", "flags"):
            with refused("ExpressionError", name, "number"):
                Slicer(groups[3])[name].__enter__()
        judge = Judge()
        for name in ("one", "flags"):
            for keyword in (None, "d", "b"):
                judge.call(name, entered_once, Slicer([ob], dtype=keyword)[:, "test_enums", :, name])
        judge.verdict(4)
    finally:
        del bpy.types.Object.test_enums
        bpy.utils.unregister_class(Group)


def test_copies():
    from rnaslicer import Slicer
    m = mesh()
    slicer = Slicer(m.vertices)
    assert copy.copy(slicer) is slicer and copy.deepcopy(slicer) is slicer
    vw = slicer[:, "co"]
    vw.on_lost.append(print)
    for made in (copy.copy(vw), copy.deepcopy(vw)):
        made.on_lost.clear()
        assert vw.on_lost == [print]
        with vw, made:
            same(made.memcache.tolist(), vw.memcache.tolist())
            made.memcache[0, 0] = 99.0
            assert vw.memcache[0, 0] != 99.0
    with vw:
        for function in (copy.copy, copy.deepcopy):
            with refused("ContextError", "copied", "co"):
                function(vw)
        assert vw.memcache[0, 0] == m.vertices[0].co.x
    for thing in (vw, slicer):
        with refused("ExpressionError", "pickled"):
            pickle.dumps(thing)


def test_what_is_dead_already():
    """Datablocks: collections of dead ones are bpy's affair (docs/contexts.md)."""
    from rnaslicer import Slicer
    m = mesh()
    ob = bpy.data.objects.new("Dead", m)
    bpy.data.objects.remove(ob)
    judge = Judge()
    for supplier in (ob, [ob], [m, ob], (ob, ob)):
        judge.call("dead", Slicer, supplier)
    with Slicer([m, bpy.context.scene])[:, "use_fake_user"] as vw:
        bpy.data.meshes.remove(m)
        for what in (vw.refresh, vw.update, lambda: vw.supplier, lambda: vw.readonly):
            judge.call("removed", what)
        assert not vw.alive
    judge.verdict(7)


def test_buffers_of_array_types():
    """What fills a MemCache: exporters of every kind, same as a memoryview would say or as NumPy would."""
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co", "x"] as vw:
        count = len(m.vertices)
        memory = of_another_process(count * 4)
        memory[:] = array.array("f", range(count)).tobytes()
        vw.memcache[:] = memoryview(memory).cast("f")
        same(vw.memcache.tolist(), [float(i) for i in range(count)])
        vw.update()
    same([v.co.x for v in m.vertices], [float(i) for i in range(count)])
