# tests/blender/faults/test_failure.py: memory, compiler, disk or system fail in the middle; nothing may be left behind
"""`_core.inject` makes points of the module fail (jit/faults.hpp)."""
import contextlib
import gc
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import traceback
import unittest
import warnings

import bpy

from support import EVERY, fill_memcache, flat, plain, random_image, random_mesh, random_objects, same, snapshot

ALWAYS = 1 << 40


def mesh(columns=4, rows=3):
    return random_mesh(random.Random(1), columns, rows, layers=False)


def wrappers(*size):
    """Name to wrapper: every route, several leaves, a ragged one."""
    from rnaslicer import Slicer
    m, rng = mesh(*size), random.Random(2)
    objects = random_objects(rng, m, 4)
    for name in "ab":
        objects[0].vertex_groups.new(name=name).add(range(len(m.vertices)), 0.25, "ADD")
    image = random_image(rng)
    return m, {"positions": Slicer(m.vertices)[EVERY, "co", :],
               "flags": Slicer(m.vertices)[EVERY, "select"],
               "uv": Slicer(m.uv_layers["UV"].data)[EVERY, "uv", ::-1],
               "wide": Slicer(m.vertices, dtype="d")[EVERY, "co", "zx"],
               "smooth": Slicer(m.polygons)[EVERY, ("use_smooth", "select")],
               "corners": Slicer(m.polygons, ragged="flat")[EVERY, "vertices", :],
               "weights": Slicer(m.vertices, ragged="flat")[EVERY, "groups", :, "weight"],
               "objects": Slicer(bpy.data.objects)[EVERY, ("location", "scale"), :],
               "struct": Slicer(bpy.data.objects[0])["location", :],
               "pixels": Slicer(image)["pixels", :, :, 1]}


@contextlib.contextmanager
def failing(point, good=0, bad=1):
    from rnaslicer import _core
    _core.inject(point, good, bad)
    try:
        yield
    finally:
        _core.inject(point, 0, 0)


def live(expected=None, counters=("objects", "leases", "bytes")):
    """MemCaches and leases, and their bytes; what is not as expected gets a garbage collection first."""
    from rnaslicer import _core
    counts = _core.live()
    found = tuple(counts[counter] for counter in counters)
    if found == expected:
        return found
    gc.collect()
    counts = _core.live()
    return tuple(counts[counter] for counter in counters)


ENTERED = "objects", "leases", "bytes", "runs", "segments"  # what goes with a context


def watching(vw):
    """Whether the events know this wrapper."""
    from rnaslicer.supplier import events
    return any(vw in root.watchers for root in events._roots)


def data(m):
    """All that a write could reach."""
    image = bpy.data.images["Random"]
    objects = [(plain(o.location), plain(o.scale), plain(o.rotation_euler)) for o in bpy.data.objects]
    weights = [[(g.group, plain(g.weight)) for g in v.groups] for v in m.vertices]
    return snapshot(m), objects, plain(list(image.pixels)), weights


def values_of(vw):
    return plain(vw.memcache.tolist())


def outcome(function):
    """The exception of a call, or None; without its frames, which hold MemCaches."""
    try:
        function()
    except BaseException as error:
        part = error
        while part is not None:
            traceback.clear_frames(part.__traceback__)
            part.__traceback__ = None
            part = part.__cause__ or part.__context__
        return error
    return None


def sweep(point, use, after, limit=400):
    """`use` with each pass of the point failing in turn, until none fails; how many did."""
    for good in range(limit):
        with failing(point, good):
            error = outcome(use)
        assert error is None or isinstance(error, MemoryError), (point, good, repr(error))
        after(good, error)
        if error is None:
            return good
    raise AssertionError(f"{limit} passes of {point}")


def check_failures(point):
    m, all_wrappers = wrappers()
    for vw in all_wrappers.values():  # proofs and handlers of the first time stay
        with vw:
            pass
    before, failed = data(m), 0
    for name, vw in all_wrappers.items():
        counts = live(counters=ENTERED)

        def after_enter(good, error, vw=vw, name=name, counts=counts):
            note = f"entering {name}, {point} {good}"
            if error is None:
                vw.__exit__(None, None, None)
            assert "entered" not in repr(vw) and not watching(vw), note
            assert live(counts, ENTERED) == counts, (note, live(counts, ENTERED), counts)

        failed += sweep(point, vw.__enter__, after_enter)
        with vw:
            outcome(lambda: vw.kernel)  # what an error is explained by holds memory
            held, counts = values_of(vw), live()

            def after_use(good, error, vw=vw, name=name, held=held, counts=counts):
                note = f"{name}, {point} {good}"
                assert values_of(vw) == held, note
                assert watching(vw) and vw.alive and live(counts) == counts, note
                if error is None or not good % 3:
                    assert data(m) == before, note

            for use in (vw.refresh, vw.update, lambda vw=vw: vw.refresh(vw.memcache[0:1])):
                failed += sweep(point, use, after_use)
    return failed


def test_failed_allocations():
    assert check_failures("allocate") > 12


def test_failed_transfers():
    """A kernel call that fails before it moves anything, as one does without memory for its region."""
    assert check_failures("transfer") > 12


def test_failed_second_leaf_says_what_was_written():
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices, dtype="i")[EVERY, ("select", "hide")] as vw:
        assert all(route.mover for route in vw._routes), vw.kernels
        selected = [not v.select for v in m.vertices]
        hidden = [v.hide for v in m.vertices]
        fill_memcache(vw.memcache, [value for value in selected for _ in range(2)])
        with failing("transfer", 1):  # native code hands over to the routes, which write both
            vw.update()
        same([v.hide for v in m.vertices], selected)
        fill_memcache(vw.memcache, [value for pair in zip(selected, hidden) for value in pair])
        vw.update()
        fill_memcache(vw.memcache, [value for value in selected for _ in range(2)])
        vw._run = None  # the routes by themselves
        with failing("transfer", 1):
            error = outcome(vw.update)
        assert isinstance(error, MemoryError), error
        assert any("select" in note for note in error.__notes__), error
        same([v.select for v in m.vertices], selected)
        same([v.hide for v in m.vertices], hidden)
        vw.update()
        same([v.hide for v in m.vertices], selected)


def test_failed_compilation_is_interpreted_with_one_warning():
    import rnaslicer
    rnaslicer.configure(jit=True, disk_cache=False)
    m, all_wrappers = wrappers(20, 16)  # more than is interpreted anyhow
    rnaslicer.clear_cache()
    try:
        with failing("compile", 0, ALWAYS), warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            for name, vw in all_wrappers.items():
                with vw:
                    expected = values_of(vw)
                    vw.refresh()
                    assert values_of(vw) == expected, name
                    for info in vw.kernels:
                        assert info.origin == info.update.origin == "interpreter", (name, info)
                    if all(info.plan for info in vw.kernels) and vw.kernel.route == "direct" and len(expected) > 256:
                        assert "a test wants" in vw.kernel.trouble, name
            with all_wrappers["positions"] as vw:
                wanted = [float(i % 50) for i in range(3 * len(m.vertices))]
                fill_memcache(vw.memcache, wanted)
                vw.update()
            same(flat([list(v.co) for v in m.vertices]), wanted)
        told = [w for w in told if "interpreted" in str(w.message)]
        assert [w.category for w in told] == [RuntimeWarning], [str(w.message) for w in told]
        assert "a test wants" in str(told[0].message)
    finally:
        rnaslicer.clear_cache()
    with all_wrappers["positions"] as vw:
        assert vw.kernel.origin in ("compiled", "memory") or vw.kernel.route != "direct"
        same(flat(vw.memcache.tolist()), wanted)



def test_an_unwritable_disk_cache_is_harmless():
    import rnaslicer
    m, all_wrappers = wrappers(20, 16)
    with tempfile.TemporaryDirectory() as folder:
        taken = os.path.join(folder, "file")
        with open(taken, "w", encoding="ascii") as file:
            file.write("in the way")
        open_to_all = os.path.join(folder, "open")
        os.mkdir(open_to_all)
        os.chmod(open_to_all, 0o777)
        for place in (taken, os.path.join(taken, "below"), open_to_all, "/proc/rnaslicer", "/dev/null"):
            rnaslicer.configure(jit=True, disk_cache=True, cache_directory=place)
            rnaslicer.clear_cache()
            for name, vw in all_wrappers.items():
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    with vw:
                        expected = values_of(vw)
                        vw.refresh()
                        vw.update()
                        assert values_of(vw) == expected, (place, name)
            with all_wrappers["positions"] as vw:
                same(vw.memcache.tolist(), [list(v.co) for v in m.vertices])
                if vw.kernel.route == "direct":
                    assert vw.kernel.origin in ("compiled", "memory"), vw.kernel.origin
                    assert rnaslicer.cache_info()["disk_trouble"], place
        assert os.listdir(open_to_all) == []
        with open(taken, encoding="ascii") as file:
            assert file.read() == "in the way"


def test_without_safe_reads_nothing_is_direct():
    """As where a system forbids process_vm_readv and pipes to read our own memory."""
    from rnaslicer import _core
    m, all_wrappers = wrappers()
    forget_everything()
    with contextlib.ExitStack() as stack:
        stack.callback(forget_everything)
        for point in ("process_vm_readv", "pipe"):
            stack.enter_context(failing(point, 0, ALWAYS))
        assert _core.probe_kind() == "none"
        assert _core.read_memory(m.vertices[0].as_pointer(), 4) is None
        before = data(m)
        for name, vw in all_wrappers.items():
            with vw:
                assert all(info.route != "direct" for info in vw.kernels), (name, vw.kernels)
                expected = values_of(vw)
                vw.refresh()
                assert values_of(vw) == expected
                vw.update()
                assert data(m) == before, name
        with all_wrappers["positions"] as vw:
            same(vw.memcache.tolist(), [list(v.co) for v in m.vertices])
            vw.memcache[3, 1] = 77.0
            vw.update()
            assert m.vertices[3].co.y == 77.0
        with all_wrappers["objects"] as vw:
            same(vw.memcache.tolist(), [[list(o.location), list(o.scale)] for o in bpy.data.objects])
        bpy.data.meshes.remove(m)
        assert not all_wrappers["positions"].alive
    assert _core.probe_kind() != "none"
    from rnaslicer.layout import layers
    m = mesh()
    found = [layers.learn(m, attribute.name) for attribute in list(m.attributes)]
    assert any(found) or bpy.app.version < (4, 0)  # what failed for a while is no property of the build


def test_where_the_system_forbids_safe_reads():
    """A Blender of its own, in which the system calls themselves fail (seccomp)."""
    import rnaslicer
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        raise unittest.SkipTest("the sanitizer itself needs pipes")
    script = pathlib.Path(__file__).with_name("without_safe_reads.py")
    child = subprocess.run([bpy.app.binary_path, "-b", "--factory-startup", "--python-exit-code", "1", "--python",
                            str(script), "--", str(pathlib.Path(rnaslicer.__file__).parents[1])],
                           capture_output=True, text=True, check=False)
    if "SKIP" in child.stdout:
        raise unittest.SkipTest("seccomp is not to be had")
    assert child.returncode == 0 and "ALL RIGHT" in child.stdout, child.stdout[-3000:] + child.stderr[-3000:]


def forget_everything():
    """What this session found out about the build, as far as modules remember it."""
    import rnaslicer
    from rnaslicer.transfer import foreach
    from rnaslicer.layout import proof
    from rnaslicer.blender import rna
    proof.forget()
    foreach._agreed.clear()
    rna._described.clear()
    for name, module in list(sys.modules.items()):
        if name.startswith("rnaslicer."):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
    rnaslicer.clear_cache()


def test_code_pages_are_never_writable():
    """After many kernels: no page of this process that was not so before may be written and run."""
    import rnaslicer

    def pages(rights):
        with open("/proc/self/maps", encoding="utf-8") as maps:
            return {line.split()[0] for line in maps if rights in line.split()[1]}

    rnaslicer.configure(jit=True, disk_cache=False)
    rnaslicer.clear_cache()
    before, code = pages("wx"), pages("r-x")
    m, all_wrappers = wrappers(20, 16)
    held = []
    for dtype in "?bBhHiIqQefd":
        for letters in ("x", "zyx", "xy"):
            vw = rnaslicer.Slicer(m.vertices, dtype=dtype)[EVERY, "co", letters]
            vw.__enter__()
            vw.update()
            held.append(vw)
            assert pages("wx") <= before, pages("wx") - before
    for vw in held:
        vw.__exit__(None, None, None)
    if any(kernel.origin != "interpreter" for kernel in rnaslicer.kernels()):
        assert pages("r-x") != code, "no code anywhere?"
    else:
        raise AssertionError("nothing was compiled")
    for vw in all_wrappers.values():
        with vw:
            vw.refresh()
    assert pages("wx") <= before, pages("wx") - before
