# tests/blender/transfer/test_groups_kernel_writes.py: scripts' properties, written by a kernel in the groups that hold them
"""A loop of bpy's assignments says what is right; `Natively` says who wrote."""
import numpy as np

from groups_data import COUNT, NUMBERS, by_bpy, fill, owner, random, registered
from support import EVERY, plain
from trail_ways import counts


class Natively:
    """Counts updates of groups by the kernel, along a trail or not, and those that it left to bpy."""

    def __enter__(self):
        from rnaslicer.transfer.groups import GroupRoute
        self.before = counts()["update"][0]
        self.kind, self.written, self.found = GroupRoute, GroupRoute._written, []
        GroupRoute._written = lambda *args: self.found.append(self.written(*args)) or self.found[-1]
        return self.found

    def __exit__(self, *_):
        self.kind._written = self.written
        self.found += [True] * (counts()["update"][0] - self.before)


def test_written(name):
    """As a loop of assignments leaves them, also beyond the range; natively once each has a value."""
    from rnaslicer import Slicer
    with registered():
        theirs, ours, rng = owner(), owner(), np.random.default_rng(5)
        for ob in (theirs, ours):
            fill(ob.direct, name, range(0, COUNT, 2))
        for expected, rows in ((False, EVERY), (True, EVERY), (True, slice(60, 2, -7))):
            for i in range(COUNT)[rows]:
                setattr(theirs.direct[i], name, random(name, rng) if i % 4 else beyond(name))
            with Slicer(ours.direct)[rows, name] as vw, Natively() as natively:
                a = np.asarray(vw.memcache)
                a[...] = np.reshape(wanted(theirs, name, rows, rng), a.shape)
                vw.update()
            assert natively == [expected], natively
            assert content(ours) == content(theirs)


test_written.cases = {name: (name,) for name in NUMBERS}


def beyond(name):
    """A value that assigning clamps, where it does."""
    beyonds = {"x": float("inf"), "whole": 1000, "vec": [1e9, float("nan"), -1e9], "color": [-1, 2, float("nan"), 0.5]}
    return beyonds.get(name, random(name, np.random.default_rng(7)))


def wanted(ob, name, rows, rng):
    """What the loop was given: read back, but what it clamped, before it did."""
    found = by_bpy(ob.direct, name, rows)
    for at, i in enumerate(range(COUNT)[rows]):
        if i % 4 == 0 and name in ("x", "whole", "vec", "color"):
            found[at] = beyond(name)
    return found


def content(ob):
    return [[(name, one.is_property_set(name), plain(by_bpy([one], name).tolist())) for name in NUMBERS]
            + [one.title, [part.weight for part in one.parts]] for one in ob.direct]


def test_a_part_is_written():
    """What is not in it stays as it is, set or not; one that has no value yet leaves its part to bpy."""
    from rnaslicer import Slicer
    with registered():
        theirs, ours = owner(), owner()
        for ob in (theirs, ours):
            fill(ob.direct, "vec", range(10, COUNT))
        with Slicer(ours.direct)[:, "vec"] as vw, Natively() as natively:
            np.asarray(vw.memcache)[...] = np.arange(COUNT * 3).reshape(-1, 3) % 50
            vw.update(vw.memcache[12:50:3, 1])
            vw.update(vw.memcache[3:30, :2])
        assert natively == [False, False]  # bpy clamps a vector's other components
        for i in range(12, 50, 3):
            theirs.direct[i].vec[1] = (3 * i + 1) % 50
        for i in range(3, 30):
            theirs.direct[i].vec[:2] = 3 * i % 50, (3 * i + 1) % 50
        assert content(ours) == content(theirs)
