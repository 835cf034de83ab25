# tests/blender/trails/test_trails_groups_each.py: a collection of scripts' groups in each of many groups
"""`Slicer([ob.of_script for ob in objects])[:, 'rows', :, 'number']`. bpy says what is right; native code must have done it."""
import bpy

from counted_calls import FROM_LIST, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from test_trails_registered import Scripted, objects
from trail_ways import known, natively, read

FORMS = {"number": "number", "count": "count", "place": "place", "several": ("number", "number")}


def filled(count=6, rows=4, start=0):
    obs = objects(count)
    for i, ob in enumerate(obs):
        for k in range(rows):
            row = ob.test_group.rows.add()
            row.number, row.count, row.flag, row.place = i + k / 8 + start, i * k, (i + k) % 2, (i, k, start)
    return obs


def groups(obs):
    return [ob.test_group for ob in obs]


def told(obs, name):
    if type(name) is tuple:
        return [[[plain(getattr(row, one)) for one in name] for row in ob.test_group.rows] for ob in obs]
    return [[plain(getattr(row, name)) for row in ob.test_group.rows] for ob in obs]


def test_values(name):
    from rnaslicer import Slicer
    with Scripted():
        obs = filled()
        items = EVERY, "rows", EVERY, name
        known(groups(obs), *items)
        for some in (obs, filled(3, 4, 7), filled(9, 2, 3), obs[::-1]):
            got, native = read(groups(some), *items)
            assert native
            same(plain(got), told(some, name))
            with Slicer(groups(some))[items] as vw:
                some[1].test_group.rows[1].number = 0.375
                natively("refresh", vw.refresh)
                same(plain(vw.memcache.tolist()), told(some, name))
                some[-1].test_group.rows[0].number = 0.625
                if type(name) is not tuple:
                    natively("refresh", lambda: vw.refresh(vw.memcache[1:]))
                vw.refresh()
                same(plain(vw.memcache.tolist()), told(some, name))
                assert counted(vw.refresh) <= REFRESH
                for _ in range(3):
                    if type(name) is not tuple:
                        vw.memcache[0] = vw.memcache[1]
                    vw.update()
                    same(told(some, name), plain(vw.memcache.tolist()))
                natively("update", vw.update)
                assert counted(vw.update) <= UPDATE * (2 if type(name) is tuple else 1)  # for each property

        def one_shot():
            with Slicer(groups(obs))[items]:
                pass

        assert counted(one_shot) <= FROM_LIST + len(obs)  # the script's own attributes


test_values.cases = {form: (name,) for form, name in FORMS.items()}


def test_regions_are_written():
    from rnaslicer import Slicer
    with Scripted():
        obs = filled()
        items = EVERY, "rows", EVERY, "number"
        known(groups(obs), *items)
        with Slicer(groups(obs))[items] as vw:
            vw.update()
            vw.update()
            before = told(obs, "number")
            vw.memcache[:] = [[50 + 4 * i + k for k in range(4)] for i in range(len(obs))]
            natively("update", lambda: vw.update(vw.memcache[1:5:2, 2:]))
            for i in (1, 3):
                before[i][2:] = [50.0 + 4 * i + k for k in (2, 3)]
            same(told(obs, "number"), before)
            natively("refresh", lambda: vw.refresh(vw.memcache[::2, ::3]))
            wanted = [[50.0 + 4 * i + k for k in range(4)] for i in range(len(obs))]
            for i in range(0, len(obs), 2):
                wanted[i][0], wanted[i][3] = before[i][0], before[i][3]
            same(vw.memcache.tolist(), wanted)


def test_defaults_and_other_forms():
    """Rows without a value of their own have the default; a custom property of another type in its place is none."""
    with Scripted():
        obs = filled()
        items = EVERY, "rows", EVERY, "number"
        known(groups(obs), *items)
        bare = filled()
        for ob in bare[2:4]:
            ob.test_group.rows[1].property_unset("number")
        for _ in range(3):
            same(read(groups(bare), *items)[0], told(bare, "number"))


def test_other_lengths():
    from rnaslicer import Slicer
    with Scripted():
        obs = filled()
        items = EVERY, "rows", EVERY, "number"
        known(groups(obs), *items)
        with Slicer(groups(obs))[items] as vw:
            held = vw.memcache.tolist()
            obs[4].test_group.rows.add()
            for use in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[:2]), lambda: vw.update(vw.memcache[:2])):
                with refused("ShapeChangedError", "4", "5"):
                    use()
            same(vw.memcache.tolist(), held)
            with refused("ExpressionError", "lengths differ"):
                read(groups(obs), *items)
            obs[4].test_group.rows.remove(4)
            natively("refresh", vw.refresh)
            for ob in obs:
                ob.test_group.rows.add().number = 9
            with refused("ShapeChangedError", "had 4", "has 5"):
                vw.refresh()
        got, native = read(groups(obs), *items)
        assert native
        same(got, told(obs, "number"))


def test_gone_and_unregistered():
    from rnaslicer import Slicer
    with Scripted() as scripted:
        obs = filled()
        items = EVERY, "rows", EVERY, "number"
        known(groups(obs), *items)
        with Slicer(groups(obs))[items] as vw:
            bpy.data.objects.remove(obs[3])
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError"):
                    use()
        obs = filled()
        with Slicer(groups(obs))[items] as vw:
            bpy.utils.unregister_class(scripted.inner)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError"):
                    use()
