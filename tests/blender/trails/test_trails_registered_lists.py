# tests/blender/trails/test_trails_registered_lists.py: Python lists of the groups that scripts registered behind pointers
"""Native code finds each along the way that the first of a kind has, while the classes and properties on it are registered as
they were. What is freed is never touched."""
import bpy

from counted_calls import FROM_LIST, counted
from support import EVERY, refused, same
from test_trails_registered import Scripted, group, objects
from trail_ways import known, natively, read


def filled(obs):
    for i, ob in enumerate(obs):
        ob.test_group.number, ob.test_group.inner.number = i / 4, -i / 2 + 1
        while len(ob.test_group.rows) < 3:
            ob.test_group.rows.add()
        for k, row in enumerate(ob.test_group.rows):
            row.number = k + i / 8
    return obs


LISTS = {"groups": lambda obs: [ob.test_group for ob in obs], "inner": lambda obs: [ob.test_group.inner for ob in obs],
         "rows": lambda obs: [row for ob in obs for row in ob.test_group.rows],
         "some rows": lambda obs: [ob.test_group.rows[2 - i % 3] for i, ob in enumerate(obs)][::-1]}


def told(structs, name="number"):
    return [getattr(one, name) for one in structs]


def paths(structs):
    """As Python captures each, one by one, and as native code finds all."""
    from rnaslicer.captured import capture
    from rnaslicer.supplier.roster import patterns
    held = dict(patterns)
    patterns.clear()
    alone = [str(capture(one)) for one in structs]
    patterns.clear()
    patterns.update(held)
    return alone, [str(path) for path in capture(list(structs))]


def test_values(which):
    from rnaslicer import Slicer
    with Scripted():
        obs = filled(objects())
        structs = LISTS[which](obs)
        known(structs, EVERY, "number")

        def one_shot():
            with Slicer(structs)[:, "number"]:
                pass

        assert counted(one_shot) <= FROM_LIST
        one, other = paths(structs)
        same(other, one)
        others = LISTS[which](filled(objects(5)))
        for some in (structs, others, structs[3:1:-1] + others):
            got, native = read(some, EVERY, "number")
            assert native
            same(got, told(some))
            with Slicer(some)[:, "number"] as vw:
                some[0].number = 0.75
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(), told(some))
                vw.memcache[1] = 2.5
                vw.update()
                same(told(some), vw.memcache.tolist())


test_values.cases = {which: (which,) for which in LISTS}


def test_unregistered():
    """The class is gone, then another one of its name is there: what a list holds is of neither."""
    from rnaslicer import Slicer
    with Scripted() as scripted:
        obs = filled(objects())
        structs = LISTS["inner"](obs)
        known(structs, EVERY, "number")
        wrapper = Slicer(structs)[:, "number"]
        bpy.utils.unregister_class(scripted.group)
        with refused("SupplierLostError"):
            wrapper.__enter__()
        again = group("TestGroup", inner=bpy.props.PointerProperty(type=scripted.inner))
        bpy.utils.register_class(again)
        bpy.types.Object.test_group = bpy.props.PointerProperty(type=again)
        try:
            for i, ob in enumerate(obs):
                ob.test_group.inner.number = i + 0.5
            fresh = LISTS["inner"](obs)
            for _ in range(3):
                same(read(fresh, EVERY, "number")[0], [i + 0.5 for i in range(len(obs))])
        finally:
            del bpy.types.Object.test_group
            bpy.utils.unregister_class(again)


def test_property_taken_away():
    from rnaslicer import Slicer
    with Scripted() as scripted:
        obs = filled(objects())
        structs = LISTS["groups"](obs)
        known(structs, EVERY, "number")
        with Slicer(structs)[:, "number"] as vw:
            del bpy.types.Object.test_group
            with refused("SupplierLostError"):
                vw.refresh()
            bpy.types.Object.test_group = bpy.props.PointerProperty(type=scripted.inner)  # leads to others
            with refused("SlicerError"):
                vw.refresh()
            same(read([ob.test_group for ob in obs], EVERY, "number")[0], told([ob.test_group for ob in obs]))
            del bpy.types.Object.test_group
            bpy.types.Object.test_group = bpy.props.PointerProperty(type=scripted.group)
        for _ in range(3):
            same(read([ob.test_group for ob in obs], EVERY, "number")[0], told([ob.test_group for ob in obs]))


def test_classes_do_not_live_on():
    """Once another list was captured nothing of them is kept for captures; each way is kept once."""
    from rnaslicer.supplier.roster import patterns
    for _ in range(2):
        with Scripted() as scripted:
            known(LISTS["rows"](filled(objects())), EVERY, "number")
            kept = {kind: len(ways) for (_, kind), ways in patterns.items() if kind.__name__.startswith("Test")}
            assert kept == {scripted.inner: 1}, [kind.__name__ for kind in kept]
