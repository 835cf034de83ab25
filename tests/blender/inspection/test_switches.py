# tests/blender/inspection/test_switches.py: what a performance engineer sees of kernels, and the switches that must not change results
import random
import re

from support import EVERY, fill_memcache, random_mesh, random_objects, random_values, same, snapshot


def mesh():
    return random_mesh(random.Random(1), 20, 16)  # fewer values would be interpreted anyhow


def test_a_kernel_shows_itself():
    import rnaslicer
    from rnaslicer import Slicer
    rnaslicer.configure(jit=True)
    m = mesh()
    with Slicer(m.vertices)[:, "co", "z"] as vw:
        vw.update()
        kernel = vw.kernel
        assert re.fullmatch("[0-9a-f]{16,}", kernel.signature), kernel.signature
        assert kernel.plan.startswith("plan 1"), kernel.plan
        for word in ("storage f32", "format f32", "loop strided", "lane"):
            assert word in kernel.plan, word
        assert "define" in kernel.ir and kernel.signature in kernel.ir, kernel.ir[:400]
        assert "ret" in kernel.asm, kernel.asm[:400]
        assert kernel.route == "direct"
        assert kernel.origin in ("compiled", "memory", "disk"), kernel.origin
        assert kernel.calls >= 2 and kernel.bytes >= 8 * len(m.vertices) and kernel.seconds > 0, repr(kernel)


def test_plans_parse_back():
    import rnaslicer._core as core
    from rnaslicer import Slicer
    m = mesh()
    for supplier, subscript in ((m.vertices, (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY)), (m.edges, (EVERY, "vertices")),
                                (m.loops, (EVERY, "vertex_index")), (m.vertices, (5, "co"))):
        with Slicer(supplier)[subscript] as vw:
            again = core.Plan(vw.kernel.plan)
            assert (again.text, again.signature) == (vw.kernel.plan, vw.kernel.signature)


def test_kernels_are_listed_and_shared():
    import rnaslicer
    from rnaslicer import Slicer
    m, other = mesh(), random_mesh(random.Random(2), 5, 5)
    with Slicer(m.vertices)[:, "co", "x"] as one, Slicer(other.vertices)[:, "co", "x"] as two:
        assert one.kernel.signature == two.kernel.signature  # extents are no part of a layout
        signatures = [k.signature for k in rnaslicer.kernels()]
        assert signatures.count(one.kernel.signature) == 1
    with Slicer(m.vertices)[:, "co", "yzzxy"] as vw:
        assert vw.kernel.signature not in signatures


def test_cache_info_and_clearing():
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    assert isinstance(rnaslicer.cache_info(), dict)
    vw = Slicer(m.vertices)[:, "co", "zxy"]
    with vw:
        signature = vw.kernel.signature
        rnaslicer.clear_cache()
        assert signature not in [k.signature for k in rnaslicer.kernels()]
        vw.refresh()  # an entered wrapper keeps its kernel
        same(vw.memcache.tolist(), [[v.co.z, v.co.x, v.co.y] for v in m.vertices])
    with vw:
        same(vw.memcache.tolist(), [[v.co.z, v.co.x, v.co.y] for v in m.vertices])
        assert signature in [k.signature for k in rnaslicer.kernels()]


def test_the_second_enter_finds_the_kernel():
    import rnaslicer
    from rnaslicer import Slicer
    rnaslicer.configure(jit=True)
    m = mesh()
    vw = Slicer(m.edges)[:, "vertices", 1]
    with vw:
        first = vw.kernel.refresh.compile_seconds
    with vw:
        assert vw.kernel.origin in ("compiled", "memory", "disk")
        assert vw.kernel.refresh.compile_seconds == first or vw.kernel.origin == "memory"


EXPRESSIONS = (("vertices", (EVERY, "co")), ("vertices", (slice(3, None, 2), "co", ("xxx", "yzy"))),
               ("vertices", (EVERY, "select")), ("edges", (EVERY, "vertices", 0)), ("edges", (EVERY, "use_seam")),
               ("loops", (EVERY, "vertex_index")), ("polygons", ("normal",)), ("polygons", (EVERY, "use_smooth")))


def test_the_interpreter_gives_the_same():
    """The switch takes effect at the next refresh, also for wrappers that are entered."""
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    for dtype in (None, "d", "h"):
        for elements, subscript in EXPRESSIONS:
            rnaslicer.configure(jit=True)
            with Slicer(getattr(m, elements), dtype=dtype)[subscript] as vw:
                compiled = vw.memcache.tolist()
                fill_memcache(vw.memcache, [0] * _count(vw.shape))
                rnaslicer.configure(jit=False)
                vw.refresh()
                assert vw.kernel.origin == "interpreter", vw.kernel.origin
                same(vw.memcache.tolist(), compiled, f"{elements} {subscript} {dtype}")
                rnaslicer.configure(jit=True)
                vw.refresh()
                same(vw.memcache.tolist(), compiled)


def test_updates_of_interpreter_and_kernel_agree():
    import rnaslicer
    from rnaslicer import Slicer
    one, two = mesh(), None
    two = one.copy()
    for elements, subscript in EXPRESSIONS:
        if subscript[0] == "normal" or elements in ("loops",) or "vertices" in subscript:
            continue
        values = None
        for jit, m in ((True, one), (False, two)):
            rnaslicer.configure(jit=jit)
            with Slicer(getattr(m, elements), dtype="d")[subscript] as vw:
                values = values or random_values(random.Random(3), "d", _count(vw.shape))
                fill_memcache(vw.memcache, values)
                vw.update()
    a, b = snapshot(one), snapshot(two)
    assert a == b, [k for k in a if a[k] != b[k]]


def test_instruction_sets_agree():
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    for elements, subscript in EXPRESSIONS:
        results = []
        for tier in ("", "baseline", "avx2"):
            rnaslicer.configure(jit=True, tier=tier)
            with Slicer(getattr(m, elements), dtype="e")[subscript] as vw:
                results.append(vw.memcache.tolist())
        same(results[1], results[0])
        same(results[2], results[0])


def test_configure_reports_and_refuses():
    import rnaslicer
    settings = rnaslicer.configure()
    assert isinstance(settings, dict) and "jit" in settings, settings
    assert rnaslicer.configure(jit=False)["jit"] is False
    assert rnaslicer.configure(jit=True)["jit"] is True
    try:
        rnaslicer.configure(jitt=True)
    except (TypeError, ValueError, KeyError):
        pass
    else:
        raise AssertionError("an unknown setting was taken")


def test_every_leaf_has_its_kernel():
    import bpy
    from rnaslicer import Slicer
    random_objects(random.Random(4), mesh(), 4)
    with Slicer(bpy.data.objects)[:, ("location", "scale"), :] as vw:
        assert vw.kernel.route in ("direct", "foreach", "element")
        repr(vw.kernel)


def test_text_of_objects():
    from rnaslicer import Slicer
    m = mesh()
    slicer = Slicer(m.vertices)
    assert "Random" in repr(slicer) and "vertices" in repr(slicer), repr(slicer)
    with slicer[:, "co", :] as vw:
        assert "[:, 'co', :]" in repr(vw), repr(vw)


def _count(shape):
    count = 1
    for n in shape:
        count *= n
    return count
