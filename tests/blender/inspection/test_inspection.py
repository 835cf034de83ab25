# tests/blender/inspection/test_inspection.py: reasons, expressions and history of real transfers; what looking costs.
import importlib
import random
import sys
from unittest import mock

import bpy

from support import random_mesh, refused


def mesh():
    return random_mesh(random.Random(3))


def test_the_verdict_names_expression_route_and_speed():
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co", ("xxx", "zyx"), :] as vw:
        vw.update()
        text = vw.kernel.verdict
        assert text.startswith(f"Slicer(Mesh {m.name!r}.vertices)[:, 'co', ('xxx', 'zyx'), :]\ndirect: "), text
        assert f"kernel {vw.kernel.signature}" in text and "of memcpy's" in text, text
        signature = vw.kernel.signature
    (info,) = [one for one in rnaslicer.kernels() if one.signature == signature]
    assert any("('xxx', 'zyx')" in text for text in info.expressions), info.expressions  # also after leaving
    assert any(reason.startswith("direct") for reason in info.reasons), info.reasons


def test_why_not_direct():
    """`polygons.center` is computed by bpy at each call."""
    from rnaslicer import Slicer
    from rnaslicer.transfer import choice
    m = mesh()
    for known, words in ((None, "discovery has not run"), (choice.discovery.known(), "no memory was found")):
        with mock.patch.object(choice.discovery, "known", lambda: known):
            if known is None and choice.discovery.known() is not None:
                continue
            with Slicer(m.polygons)[:, "center", :] as vw:
                assert vw.kernel.route != "direct"
                assert words in vw.kernel.verdict, vw.kernel.verdict
    with Slicer(m)["texspace_location", :] as vw:
        assert "one struct's value" in vw.kernel.verdict, vw.kernel.verdict


def test_why_not_direct_of_scripts_and_single_elements():
    from rnaslicer import Slicer, discovery

    class Row(bpy.types.PropertyGroup):
        plain: bpy.props.IntProperty()
        told: bpy.props.IntProperty(update=lambda self, context: None)
    bpy.utils.register_class(Row)
    bpy.types.Scene.rows_of_reasons = bpy.props.CollectionProperty(type=Row)
    try:
        rows = bpy.context.scene.rows_of_reasons
        for _ in range(3):
            rows.add()
        with Slicer(rows)[:, "told"] as vw:
            assert "functions of a script's" in vw.kernel.verdict, vw.kernel.verdict
    finally:
        del bpy.types.Scene.rows_of_reasons
        bpy.utils.unregister_class(Row)
    ob = bpy.data.objects.new("Modified", mesh())
    ob.modifiers.new("Only", "SUBSURF")
    with Slicer(ob.modifiers)[:, "show_render"] as vw:
        words = "discovery has not run" if discovery.known() is None else "there is one element"
        assert vw.kernel.route == "direct" or words in vw.kernel.verdict, vw.kernel.verdict


def test_how_updates_go_is_told():
    """Values of objects are read by a kernel, and assigned one by one."""
    from rnaslicer import Slicer
    for i in range(5):
        bpy.context.scene.collection.objects.link(bpy.data.objects.new(f"Placed{i}", None))
    with Slicer(bpy.data.objects)[:, "location", :] as vw:
        assert vw.kernel.route != "direct" or "bpy assign each element" in vw.kernel.verdict, vw.kernel.verdict
    with Slicer(mesh().vertices)[:, "co", :] as vw:
        assert "assign" not in vw.kernel.verdict, vw.kernel.verdict


def test_the_reason_of_a_composed_route_is_that_of_its_parts():
    """Vectors that bpy alone gives, through a matrix; and where only a part of several is slow."""
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.polygons, transform=[(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)])[:, "center", :] as vw:
        text = vw.kernel.verdict
        assert vw.kernel.route == "foreach" and "not direct, for" in text, text
        assert "its parts have kernels of their own" in text, text
    from rnaslicer.inspection.seen import reason
    assert reason("direct", ("foreach", "unproven")).endswith(
        "; but what leads there by foreach, for no memory was found whose values agree with bpy's")


def test_the_verdict_says_what_its_figures_are_of():
    import rnaslicer
    from rnaslicer import Slicer
    rnaslicer.clear_cache()
    seen = importlib.import_module("rnaslicer.inspection.seen")
    seen._take_recent()  # what was entered before
    seen.SEEN.clear()
    m = mesh()
    with Slicer(m.vertices)[:, "co", :] as vw:
        assert "other expression" not in vw.kernel.verdict, vw.kernel.verdict
        with Slicer(mesh().vertices)[:, "co", :] as other:
            assert other.kernel.signature == vw.kernel.signature
            assert "with those of 1 other expression" in vw.kernel.verdict, vw.kernel.verdict
    with Slicer(m)["texspace_location", :] as vw:
        assert "refresh: interpreted, for too little was moved" in vw.kernel.verdict, vw.kernel.verdict
        assert "without bpy's calls" in vw.kernel.verdict, vw.kernel.verdict
    with Slicer(m.polygons)[:, "area"] as vw:
        assert "bpy fills the whole cache itself" in vw.kernel.verdict, vw.kernel.verdict


def test_the_newest_expressions_stay():
    """Where there are too many of them the older ones go: what a script has just entered is there."""
    from rnaslicer import Slicer
    seen = importlib.import_module("rnaslicer.inspection.seen")
    m = mesh()
    for _ in range(2):
        with Slicer(m.vertices)[:, "co", :] as vw:
            kernel = vw.kernel
    assert vw._text in kernel.expressions
    for i in range(seen.MOST + 1 - len(seen.SEEN)):
        seen.SEEN.setdefault((None, f"made up {i}"), ("foreach", ""))
    before = list(seen.SEEN)[-100:]
    with Slicer(m.edges)[:, "vertices", :] as vw:
        assert vw._text in vw.kernel.expressions
    assert len(seen.SEEN) < seen.MOST and set(before) <= set(seen.SEEN)


def test_kernels_of_parts_and_of_writes_have_an_expression():
    import rnaslicer
    from rnaslicer import Slicer
    rnaslicer.clear_cache()
    importlib.import_module("rnaslicer.inspection.seen").SEEN.clear()
    m = mesh()
    m.calc_loop_triangles()
    with Slicer(m.loop_triangles)[:, "vertices", :, m.vertices, "co", :] as vw:
        kernel = vw.kernel
        assert kernel.beside, "its parts"
        for info in rnaslicer.kernels():
            if info.signature in kernel.beside:
                assert kernel.expressions[0] in info.expressions, (info.signature, info.expressions)
    values = Slicer(m.vertices, dtype="d")[:, "co", "z"].read()
    rnaslicer.clear_cache()
    Slicer(m.vertices, dtype="d")[:, "co", "z"].write(values)
    assert any("dtype='d')[:, 'co', 'z']" in text for info in rnaslicer.kernels() for text in info.expressions)
    assert all(row.expression for row in rnaslicer.inspection.rows())


def test_history_records_each_transfer():
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    with rnaslicer.history() as h:
        with Slicer(m.vertices)[:, "co", :] as vw:
            vw.refresh()
            vw.update(vw.memcache[2:5])
            with refused("RegionError"):
                vw.update(b"123")
            signature, size = vw.kernel.signature, vw.memcache.nbytes
            with rnaslicer.history() as inner:
                vw.refresh(vw.memcache[::2, 0])
        outside = vw
    with outside:
        outside.refresh()
    assert [(t.direction, t.region, t.failed) for t in h] == [
        ("refresh", "", ""), ("refresh", "", ""), ("update", "((2, 1, 3), (0, 1, 3))", ""),
        ("update", "?", "RegionError"), ("refresh", h.transfers[4].region, "")], list(h)
    assert list(inner) == h.transfers[4:]
    first, last = h.transfers[0], h.transfers[4]
    assert first.expression == f"Slicer(Mesh {m.name!r}.vertices)[:, 'co', :]"
    assert (first.routes, first.signatures, first.bytes) == (("direct",), (signature,), size)
    assert first.origins[0] in ("compiled", "memory", "disk", "interpreter") and first.threads >= 1
    assert all(t.seconds > 0 for t in h) and last.bytes == 4 * ((len(m.vertices) + 1) // 2)
    assert "5 transfers" in repr(h)
    lines = h.table.splitlines()
    assert lines[0].split()[:2] == ["share", "calls"] and len(lines) == 4, h.table
    assert sum(int(line.split()[2]) for line in lines[1:]) == 5 and "RegionError" in h.table, h.table


def test_history_off_costs_no_call():
    """The same methods as before, and as many calls."""
    import rnaslicer
    from rnaslicer import Slicer, ViewWrapper
    m = mesh()
    names = [name for name, value in vars(ViewWrapper).items() if callable(value)]
    before = {name: vars(ViewWrapper)[name] for name in names}

    def calls(vw):
        count = 0

        def profile(_frame, event, _argument):
            nonlocal count
            count += event == "call"
        vw.refresh()
        sys.setprofile(profile)
        try:
            vw.refresh()
            vw.update()
        finally:
            sys.setprofile(None)
        return count
    with Slicer(m.vertices)[:, "co", :] as vw:
        calls(vw)  # the first write looks at more
        alone = calls(vw)
        with rnaslicer.history():
            assert calls(vw) > alone
        assert calls(vw) == alone
    assert {name: vars(ViewWrapper)[name] for name in names} == before


def test_history_of_generators_and_errors_in_the_body():
    import rnaslicer
    from rnaslicer import Slicer, ViewWrapper
    method = ViewWrapper.refresh
    m = mesh()
    try:
        with rnaslicer.history() as h, Slicer(m.vertices)[:, "co", "x"]:
            raise KeyError("mine")
    except KeyError:
        pass
    assert len(h) == 1 and ViewWrapper.refresh is method


def test_a_listing_of_a_wrapper():
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices, dtype="d")[:, "co", :] as vw:
        vw.update()
        for entry in (vw.kernel.refresh, vw.kernel.update):
            listing = entry.listing
            assert listing.plan[0] == "plan 1" and listing.asm and listing.ir
            used = {one.line for one in listing.asm}
            assert len(used) > 2, used
            assert all(line <= len(listing.plan) for line in used)


def test_looking_neither_compiles_nor_calls():
    import rnaslicer
    from rnaslicer import Slicer
    from rnaslicer.inspection import overview
    m = mesh()
    with Slicer(m.vertices)[:, "co", "y"] as vw:
        kernel = vw.kernel
        before = (kernel.calls, kernel.compile_seconds, rnaslicer.cache_info()["memory_kernels"])
        for _ in range(2):
            kernel.verdict, kernel.listing, kernel.codes, overview(), [info.verdict for info in rnaslicer.kernels()]
        assert kernel.update.codes == [] and kernel.update.origin == "interpreter"
        assert (kernel.calls, kernel.compile_seconds, rnaslicer.cache_info()["memory_kernels"]) == before


def test_expressions_entered_along_a_known_trail_are_listed():
    """Native code notes nothing while it enters; who looks finds them all the same."""
    import rnaslicer
    from rnaslicer import Slicer
    meshes = []
    for name in ("First", "Second", "Third"):
        mesh = bpy.data.meshes.new(name)
        mesh.vertices.add(300)
        meshes.append(mesh)
    for mesh in meshes:
        with Slicer(mesh.vertices)[:, "co"] as vw:
            signature = vw.kernel.signature
    (info,) = [one for one in rnaslicer.kernels() if one.signature == signature]
    for mesh in meshes:
        assert f"Slicer(Mesh {mesh.name!r}.vertices)[:, 'co']" in info.expressions, info.expressions
