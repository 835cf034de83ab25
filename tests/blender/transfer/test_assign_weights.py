# tests/blender/transfer/test_assign_weights.py: assign_weights against a loop over VertexGroup.add
import array
import random

import bpy

from support import plain, random_mesh, random_objects, refused


def subject(seed=4, groups=5, kind="mesh"):
    rng = random.Random(seed)
    if kind == "mesh":
        ob = random_objects(rng, random_mesh(rng, 6, 5, layers=False), 1)[0]
    else:
        lattice = bpy.data.lattices.new("Lattice")
        lattice.points_u, lattice.points_v, lattice.points_w = 4, 3, 2
        ob = bpy.data.objects.new("Lattice", lattice)
        bpy.context.scene.collection.objects.link(ob)
    for i in range(groups):
        ob.vertex_groups.new(name=f"G{i}")
    return rng, ob


def elements(ob):
    return ob.data.vertices if ob.type == "MESH" else ob.data.points


def weights(ob):
    """Groups and weights of each vertex, in their order, bit for bit."""
    return [[(one.group, plain(one.weight)) for one in element.groups] for element in elements(ob)]


def loop(ob, vertex, group, weight, mode):
    for v, g, w in zip(vertex, group, weight):
        ob.vertex_groups[g].add([v], w, mode)


def assignments(rng, ob, count):
    return ([rng.randrange(len(elements(ob))) for _ in range(count)], [rng.randrange(len(ob.vertex_groups)) for _ in range(count)],
            array.array("f", [rng.choice((rng.random(), 2.5, -1.0, 0.0, -0.0, 1.0)) for _ in range(count)]).tolist())


def test_as_the_loop(kind, mode):
    from rnaslicer import assign_weights
    for seed in range(4):
        rng, ob = subject(seed, kind=kind)
        _, other = subject(seed, kind=kind)
        for count in (0, 1, 40, 500):
            vertex, group, weight = assignments(rng, ob, count)
            loop(other, vertex, group, weight, mode)
            result = assign_weights(ob, array.array("i", vertex), array.array("i", group), array.array("f", weight), mode)
            assert result is None
            assert weights(ob) == weights(other), (kind, mode, seed, count)


test_as_the_loop.cases = {f"{kind} {mode}": (kind, mode) for kind in ("mesh", "lattice") for mode in ("REPLACE", "ADD")}


def test_buffers_of_every_kind():
    import numpy as np
    from rnaslicer import assign_weights
    rng, ob = subject()
    _, other = subject()
    vertex, group, weight = assignments(rng, ob, 60)
    loop(other, vertex, group, weight, "REPLACE")
    wanted = weights(other)
    for integers in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        for floats in ("float32", "float64"):
            for step in (1, 2):
                ob.vertex_groups.clear()
                for i in range(5):
                    ob.vertex_groups.new(name=f"G{i}")
                parts = [np.repeat(np.array(one, kind), step)[::step] for one, kind in
                         ((vertex, integers), (group, integers), (weight, floats))]
                assign_weights(ob, *parts)
                assert weights(ob) == wanted, (integers, floats, step)
    halves = np.array(weight, "float16")  # of which Python 3.11 has no memoryviews
    loop(other, vertex, group, halves.tolist(), "REPLACE")
    assign_weights(ob, np.array(vertex), np.array(group), halves)
    assert weights(ob) == weights(other)


def test_what_is_there_keeps_its_place():
    """Only what is named changes, and nothing is made twice."""
    from rnaslicer import assign_weights
    rng, ob = subject()
    loop(ob, [3, 3, 4], [4, 0, 2], [0.25, 0.5, 0.75], "REPLACE")
    assign_weights(ob, array.array("i", [3, 5, 5]), array.array("i", [0, 3, 3]), array.array("f", [0.125, 0.5, 0.625]))
    assert [(one.group, one.weight) for one in ob.data.vertices[3].groups] == [(4, 0.25), (0, 0.125)]
    assert [(one.group, one.weight) for one in ob.data.vertices[4].groups] == [(2, 0.75)]
    assert [(one.group, one.weight) for one in ob.data.vertices[5].groups] == [(3, 0.625)]


def test_refusals_change_nothing():
    import numpy as np
    from rnaslicer import assign_weights
    rng, ob = subject()
    loop(ob, *assignments(rng, ob, 50), "REPLACE")
    before = weights(ob)
    good = np.arange(3, dtype=np.int32), np.zeros(3, np.int32), np.full(3, 0.5, np.float32)
    count = len(ob.data.vertices)

    def refuses(error, words, *arguments, **options):
        with refused(error, *words):
            assign_weights(*arguments, **options)
        assert weights(ob) == before, words

    for wrong in (count, -1, 2**31 - 1):
        refuses("ValueRangeError", ("vertex[1]", str(wrong), str(count)), ob, np.array([0, wrong, 2], np.int32), *good[1:])
    refuses("ValueRangeError", ("vertex", str(2**40)), ob, np.array([2**40, 1, 2]), *good[1:])
    for wrong in (5, -1):
        refuses("ValueRangeError", ("group[2]", str(wrong), "5 vertex groups"), ob, good[0], np.array([0, 1, wrong]), good[2])
    refuses("ExpressionError", ("one length",), ob, good[0][:2], *good[1:])
    refuses("ExpressionError", ("dimensions",), ob, good[0].reshape(3, 1), *good[1:])
    refuses("ExpressionError", ("vertex", "integers"), ob, good[2], *good[1:])
    refuses("ExpressionError", ("weight", "floats"), ob, good[0], good[1], good[1])
    refuses("ExpressionError", ("buffer",), ob, [0, 1, 2], *good[1:])
    refuses("ExpressionError", ("'REPLACE' or 'ADD'",), ob, *good, mode="SUBTRACT")
    refuses("ExpressionError", ("object",), ob.data, *good)
    refuses("ExpressionError", ("object",), bpy.data.objects.new("Empty", None), *good)
    ob.vertex_groups["G0"].lock_weight = True
    refuses("ReadOnlyError", ("'G0'", "locked"), ob, *good)
    ob.vertex_groups["G0"].lock_weight = False
    refuses("ReadOnlyError", (), ob.evaluated_get(bpy.context.evaluated_depsgraph_get()), *good)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    with refused("ReadOnlyError", "edit mode"):
        assign_weights(ob, *good)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert weights(ob) == before


def test_copies_and_undo_keep_theirs():
    from rnaslicer import assign_weights
    rng, ob = subject()
    loop(ob, *assignments(rng, ob, 50), "REPLACE")
    copy = ob.data.copy()
    before = [{one.group: one.weight for one in vertex.groups} for vertex in copy.vertices]
    for weight in (0.375, 0.625):  # made, and written where they are
        assign_weights(ob, array.array("i", range(20)), array.array("i", [1] * 20), array.array("f", [weight] * 20))
        assert before == [{one.group: one.weight for one in vertex.groups} for vertex in copy.vertices]
        assert all(ob.vertex_groups[1].weight(i) == weight for i in range(20))
        copy = ob.data.copy()
        before = [{one.group: one.weight for one in vertex.groups} for vertex in copy.vertices]


def test_the_first_of_a_session():
    """A mesh without weights is looked through once, for who may write, and not again for each step."""
    import sys
    from rnaslicer import assign_weights
    from rnaslicer.layout import deform
    ob = bpy.data.objects.new("First", bpy.data.meshes.new("First"))
    ob.data.vertices.add(5000)
    for name in "abc":
        ob.vertex_groups.new(name=name)
    deform.forget()
    calls = 0

    def count(frame, event, _):
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename == deform.__file__  # nothing that is imported or compiled
    sys.setprofile(count)
    try:
        assign_weights(ob, array.array("i", [7, 7, 4999]), array.array("i", [2, 1, 0]), array.array("f", [1, 0.5, 0.25]))
    finally:
        sys.setprofile(None)
    assert calls < 2 * 5000, calls
    assert [[(one.group, one.weight) for one in ob.data.vertices[i].groups] for i in (7, 4999)] == [
        [(2, 1.0), (1, 0.5)], [(0, 0.25)]]
    deform.forget()
    ob.vertex_groups[1].lock_weight = True
    before = weights(ob)
    with refused("ReadOnlyError", "locked"):
        assign_weights(ob, array.array("i", [8, 9]), array.array("i", [0, 1]), array.array("f", [1, 1]))
    assert weights(ob) == before


class Counted:
    """Stands for `_core`: counts what `assign_weights` asks bpy to make."""

    def __init__(self):
        from rnaslicer import _core
        self.core, self.calls, self.made = _core, 0, 0

    def __getattr__(self, name):
        return getattr(self.core, name)

    def missing_assignments(self, *arguments):
        found = self.core.missing_assignments(*arguments)
        self.calls += len(found)
        self.made += sum(len(members) for _, members in found)
        return found


def counted(*arguments):
    """(calls of bpy, assignments in them) of one assign_weights."""
    from rnaslicer import assign_weights  # with which all that it needs is loaded
    from rnaslicer.calls import assign
    core, assign._core = assign._core, Counted()
    try:
        assign_weights(*arguments)
        return assign._core.calls, assign._core.made
    finally:
        assign._core = core


def large(count=25000):
    """Three objects alike without weights, and assignments of each vertex to four of eight groups, in their order."""
    import numpy as np
    mesh = bpy.data.meshes.new("Large")
    mesh.vertices.add(count)
    obs = [bpy.data.objects.new("Large", data) for data in (mesh, mesh.copy(), mesh.copy())]
    for ob in obs:
        for i in range(8):
            ob.vertex_groups.new(name=str(i))
    return obs, np.repeat(np.arange(count, dtype=np.int32), 4), np.tile(np.array([0, 2, 5, 7], np.int32), count), (
        np.random.default_rng(1).random(4 * count, dtype=np.float32))


def test_few_calls_make_what_is_missing():
    """As many calls as groups for each 65536 assignments where a vertex gets its groups in their order; what is there
    is not made again."""
    obs, vertex, group, weight = large()
    calls, made = counted(obs[0], vertex, group, weight)
    assert calls == 8 and 0 <= 100_000 - made <= 1  # two times four groups; a session's first one shows where weights lie
    assert counted(obs[0], vertex, group, weight[::-1].copy()) == (0, 0)
    loop(obs[1], vertex.tolist(), group.tolist(), weight[::-1].tolist(), "REPLACE")
    assert weights(obs[0]) == weights(obs[1])
    order = group.reshape(-1, 4)[:, [3, 0, 2, 1]].reshape(-1).copy()
    calls, made = counted(obs[2], vertex, order, weight, "ADD")
    assert made == 100_000 and calls <= 2 * 4 * 4
    assert [one.group for one in obs[2].data.vertices[24999].groups] == [7, 0, 5, 2]


def test_groups_of_all_of_some_and_of_rows():
    """Members that follow each other, those of all, single ones and scattered ones, in one order and in several."""
    from rnaslicer import assign_weights
    for is_shuffled in (False, True):
        rng, ob = subject(groups=9)
        _, other = subject(groups=9)
        count = len(elements(ob))
        pairs = [(v, g) for v in range(count) for g in range(9) if g < 2 or g == 2 and 7 <= v < 20 or g == 3 and v == 9
                 or g == 4 and v % 3 == 0 or g == 5 and v > 30 and v != 33]
        if is_shuffled:
            pairs = pairs[::-1] + rng.sample(pairs, len(pairs)) + [(v, 8) for v in range(count)[::-1]]
        arguments = [*map(list, zip(*pairs)), array.array("f", (rng.random() for _ in pairs)).tolist()]
        loop(other, *arguments, "ADD")
        assign_weights(ob, *(array.array(code, one) for code, one in zip("iif", arguments)), "ADD")
        assert weights(ob) == weights(other)


def test_one_vertex_in_every_group():
    from rnaslicer import assign_weights
    rng, ob = subject(groups=300)
    _, other = subject(groups=300)
    group = rng.sample(range(300), 300) * 2
    arguments = [5] * 600, group, array.array("f", (rng.random() for _ in group)).tolist()
    loop(other, *arguments, "ADD")
    assign_weights(ob, *(array.array(code, one) for code, one in zip("iif", arguments)), "ADD")
    assert weights(ob) == weights(other)


def test_without_a_place_that_bpy_confirms(mode):
    """Where Blender's memory is not as expected, bpy makes all assignments."""
    from rnaslicer.calls import assign
    rng, ob = subject()
    _, other = subject()
    for one in (ob, other):
        loop(one, [1, 2, 3], [4, 0, 2], [0.25, 0.5, 1.0], "REPLACE")
    arguments = assignments(rng, ob, 200)
    loop(other, *arguments, mode)
    arguments, kept = [array.array(code, one) for code, one in zip("iif", arguments)], (assign.locate, assign.confirmed)
    assign.locate = assign.confirmed = lambda *_: None
    try:
        assign.assign_weights(ob, *arguments, mode)
    finally:
        assign.locate, assign.confirmed = kept
    assert weights(ob) == weights(other)


test_without_a_place_that_bpy_confirms.cases = {mode: (mode,) for mode in ("REPLACE", "ADD")}


def test_what_is_evaluated_follows():
    """An evaluated mesh has the weights after the next evaluation, and handlers hear of it."""
    from rnaslicer import assign_weights
    _, ob = subject()
    layer = bpy.context.view_layer
    layer.update()
    for weight in (0.25, 0.75):
        assign_weights(ob, array.array("i", [3]), array.array("i", [1]), array.array("f", [weight]))
        layer.update()
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        assert [(one.group, one.weight) for one in evaluated.vertices[3].groups] == [(1, weight)]
