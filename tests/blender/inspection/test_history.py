# tests/blender/inspection/test_history.py: each way in which values move is recorded, and recording changes nothing.
import array
import random
import sys
from unittest import mock

import bpy

from support import random_mesh, refused


def mesh():
    return random_mesh(random.Random(3))


def meshes(count=3):
    made = []
    for i in range(count):
        one = bpy.data.meshes.new(f"Of{i}")
        one.vertices.add(300)
        made.append(one)
    return made


def test_what_moves_without_entering_is_recorded():
    """`read` and `write` keep no routes: those of the first time are seen, later ones go by a trail."""
    import rnaslicer
    from rnaslicer import Slicer
    m = mesh()
    size = 12 * len(m.vertices)
    values = array.array("f", bytes(size))
    shaped = memoryview(values).cast("B").cast("f", (len(m.vertices), 3))
    with rnaslicer.history() as h:
        for _ in range(2):
            Slicer(m.vertices)[:, "co", :].read()
            Slicer(m.vertices)[:, "co", :].read(shaped)
            Slicer(m.vertices)[:, "co", :].write(shaped)
            with Slicer(m.vertices)[:, "co", :].edit() as vw:
                signature = vw.kernel.signature
    assert [t.direction for t in h] == 2 * ["refresh", "refresh", "update", "refresh", "update"], list(h)
    for t in h:
        assert (t.routes, t.signatures, t.bytes, t.failed) == (("direct",), (signature,), size, ""), t
        assert t.origins[0] in ("compiled", "memory", "disk", "interpreter"), t


def test_what_bpy_moves_is_recorded():
    from rnaslicer import Slicer, history
    m = mesh()
    with history() as h:
        for _ in range(2):
            Slicer(m)["texspace_location", :].read()
        with Slicer(m.polygons)[:, "area"] as vw:
            vw.refresh(view=vw.memcache[1:3])
    assert [t.routes for t in h] == [("element",), ("element",), ("foreach",), ("foreach",)], list(h)
    with history() as h:  # along trails by now: of another mesh, too
        for _ in range(6):
            Slicer(m)["texspace_location", :].read()
            with Slicer(random_mesh(random.Random(3)).polygons)[:, "area"] as vw:
                vw.refresh()
    assert {t.routes for t in h} == {("element",), ("foreach",)}, list(h)
    with history() as h:
        for _ in range(2):
            Slicer(m)["texspace_location", :].read()
        with Slicer(m.polygons)[:, "area"] as vw:
            vw.refresh(view=vw.memcache[1:3])
    assert h.transfers[0].bytes == 12 and h.transfers[3].region == "((1, 1, 2),)" and h.transfers[3].bytes == 8, list(h)


def test_functions_in_place_of_bpys_are_recorded():
    from rnaslicer import assign_weights, foreach_get, foreach_set, history
    from rnaslicer.calls import foreach
    m = mesh()
    ob = bpy.data.objects.new("Weighted", m)
    ob.vertex_groups.new(name="one")
    values = array.array("f", bytes(12 * len(m.vertices)))
    name = f"Mesh {m.name!r}.vertices"
    with history() as h:
        with mock.patch.object(foreach, "_ENOUGH", 0):  # how much is moved before a trail is looked for
            foreach_get(m.vertices, "co", values)
            foreach_set(m.vertices, "co", values)
        foreach_get(m.vertices, "co", [0.0] * len(values))
        with refused("ExpressionError"):
            foreach_get(m.vertices, "coo", values)
        assign_weights(ob, array.array("i", [0, 1]), array.array("i", [0, 0]), array.array("f", [0.25, 0.5]))
    foreach_get(m.vertices, "co", values)
    found = [(t.expression, t.direction, t.routes, t.bytes, t.failed) for t in h]
    size = len(values) * 4
    assert found == [
        (f"foreach_get({name}, 'co')", "refresh", ("direct",), size, ""),
        (f"foreach_set({name}, 'co')", "update", ("direct",), size, ""),
        (f"foreach_get({name}, 'co')", "refresh", ("foreach",), 0, ""),
        (f"foreach_get({name}, 'coo')", "refresh", ("foreach",), size, "NoSuchPropertyError"),
        ("assign_weights(Object 'Weighted')", "update", ("direct",), 8, "")], found
    assert h.transfers[0].signatures[0] and not h.transfers[2].signatures[0], list(h)
    assert [one.weight for one in m.vertices[1].groups] == [0.5]


def test_functions_cost_no_call_when_nobody_records():
    from rnaslicer import foreach_get, history
    m = mesh()
    values = array.array("f", bytes(12 * len(m.vertices)))

    def calls():
        count = 0

        def profile(_frame, event, _argument):
            nonlocal count
            count += event == "call"
        sys.setprofile(profile)
        try:
            foreach_get(m.vertices, "co", values)
        finally:
            sys.setprofile(None)
        return count
    calls()
    alone = calls()
    with history():
        assert calls() > alone
    assert calls() == alone


def test_recording_resolves_nothing():
    """A wrapper that a trail has entered has neither view nor routes, and gets none by being recorded."""
    from rnaslicer import Slicer, history
    m = mesh()
    for _ in range(2):
        with Slicer(m.vertices)[:, "co", :] as vw:
            signature = vw.kernel.signature
    with history() as h, Slicer(m.vertices)[:, "co", :] as vw:
        vw.refresh()
        vw.update(vw.memcache[1:4])
        assert vw._run is not None and vw._routes is None and vw._view is None
    assert [t.signatures for t in h] == 3 * [(signature,)], list(h)


def test_many_datablocks_are_one_line():
    from rnaslicer import Slicer, history
    all_meshes = meshes(5)
    with history() as h:
        for _ in range(2):
            with Slicer(all_meshes)[:, "vertices", :, "co", :] as vw:
                vw.update()
    assert [(t.routes, len(t.signatures)) for t in h] == 4 * [(("direct",), 1)], list(h)
    assert all(t.bytes == 5 * 300 * 12 for t in h)


def test_settings_tell_expressions_apart():
    import rnaslicer
    from rnaslicer import Slicer, history
    m = mesh()
    with history() as h:
        for _ in range(2):  # as resolved, and along the trail
            Slicer(m.vertices, dtype="d")[:, "co", :].read()
            with Slicer(m.vertices, transform=[(1, 0, 0, 1), (0, 2, 0, 0), (0, 0, 1, 0)])[:, "co", :] as vw:
                signature = vw.kernel.signature
                assert vw.kernel.verdict.startswith(f"Slicer(Mesh {m.name!r}.vertices, transform=...)[:, 'co', :]\n")
    double, moved = f"Slicer(Mesh {m.name!r}.vertices, dtype='d')[:, 'co', :]", h.transfers[1].expression
    assert [t.expression for t in h] == 2 * [double, moved], list(h)
    (info,) = [one for one in rnaslicer.kernels() if one.signature == signature]
    assert moved in info.expressions, info.expressions
    assert any(double in info.expressions for info in rnaslicer.kernels())
