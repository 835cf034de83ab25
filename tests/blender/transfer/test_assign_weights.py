# tests/blender/transfer/test_assign_weights.py: assign_weights against a loop over VertexGroup.add
import array
import random
import time

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
    """Group to weight of each vertex, bit for bit."""
    return [{one.group: plain(one.weight) for one in element.groups} for element in elements(ob)]


def loop(ob, vertex, group, weight, mode):
    for v, g, w in zip(vertex, group, weight):
        ob.vertex_groups[g].add([v], w, mode)


def assignments(rng, ob, count):
    return ([rng.randrange(len(elements(ob))) for _ in range(count)], [rng.randrange(len(ob.vertex_groups)) for _ in range(count)],
            array.array("f", [rng.choice((rng.random(), 2.5, -1.0, 0.0, 1.0)) for _ in range(count)]).tolist())


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
    assign_weights(ob, array.array("i", range(20)), array.array("i", [1] * 20), array.array("f", [0.375] * 20))
    assert before == [{one.group: one.weight for one in vertex.groups} for vertex in copy.vertices]
    assert all(ob.vertex_groups[1].weight(i) == 0.375 for i in range(20))


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
        [(1, 0.5), (2, 1.0)], [(0, 0.25)]]
    deform.forget()
    ob.vertex_groups[1].lock_weight = True
    before = weights(ob)
    with refused("ReadOnlyError", "locked"):
        assign_weights(ob, array.array("i", [8, 9]), array.array("i", [0, 1]), array.array("f", [1, 1]))
    assert weights(ob) == before


def test_faster_than_the_loop():
    import numpy as np
    from rnaslicer import assign_weights
    mesh = bpy.data.meshes.new("Large")
    mesh.vertices.add(25000)
    obs = [bpy.data.objects.new("Large", data) for data in (mesh, mesh.copy(), mesh.copy())]
    for ob in obs:
        for i in range(8):
            ob.vertex_groups.new(name=str(i))
    vertex = np.repeat(np.arange(25000, dtype=np.int32), 4)
    group = np.tile(np.array([0, 2, 5, 7], np.int32), 25000)
    weight = np.random.default_rng(1).random(100000, dtype=np.float32)
    assign_weights(obs[2], vertex[:9], group[:9], weight[:9])  # what is compiled once
    start = time.thread_time()
    assign_weights(obs[0], vertex, group, weight)
    ours = time.thread_time() - start
    numbers = vertex.tolist(), group.tolist(), weight.tolist()
    start = time.thread_time()
    loop(obs[1], *numbers, "REPLACE")
    theirs = time.thread_time() - start
    print(f"assign_weights {ours * 1e3:.1f} ms, loop {theirs * 1e3:.1f} ms: {theirs / ours:.1f} times")
    assert ours * 3 < theirs
    assert weights(obs[0]) == weights(obs[1])
