# tests/blender/census/test_census_writing.py: every writable numeric property that RNA reaches: update against assignments
"""Random valid values by setattr, restored, then by `update`: the property and what lies beside it must end alike."""
import array
import collections
import os
import random
import traceback

import bpy

import census_scene
from census_walk import Unknown, Walk, properties
from census_write import (ALONE, comparable, elements_of, is_topology, neighbours, permuted, restore, snapshot,
                          unwritten, valid, writable)
from support import EVERY, seed
from test_census import LEGITIMATE, Census, captured


FULL = os.environ.get("RNASLICER_CENSUS") == "full"
MOST = 3  # times that a property is written in collections, and in single structs, of the types that inherit it
SEED = 22  # Blender itself crashes on some values: always the same ones, unless RNASLICER_SEED or FULL says otherwise

# Refusals that are right, beside those of reading.
REFUSED = (("its array is shared with", "Blender would write into copies, too: skin data that is shared (4.3, 5.2)"),)


GONE = (AttributeError, IndexError, KeyError, TypeError, ReferenceError)


class Sample:
    """Which properties are written: all if FULL, else the first few that inherit them from one type."""

    def __init__(self):
        self.seen = collections.Counter()

    def takes(self, site, kind, name, census):
        while kind.base is not None and name in kind.base.properties:
            kind = kind.base
        key = kind.identifier, name, site.is_collection and len(site.place.follow()) > 1
        self.seen[key] += 1
        if FULL or self.seen[key] <= MOST:
            return True
        census.skip(f"seen to be written {MOST} times elsewhere (RNASLICER_CENSUS=full writes everything)")
        return False


def drawn(rng, site, name):
    """(values for setattr, flat numbers for the cache) of all elements."""
    if is_topology(site, name):
        return permuted(rng, site, name)
    pairs = [valid(rng, element, name) for element in elements_of(site)]
    return [value for value, _ in pairs], [x for _, flat in pairs for x in flat]


def check_write(census, site, name, rng, sample):
    """What update writes, whole or a region, must be what the same assignments write, there and beside it."""
    label = f"{site.place}{'[:]' if site.is_collection else ''}.{name}"
    census.at(f"{label} ({site.kind}.{name})")
    elements = elements_of(site)
    reason = unwritten(site, elements[0].bl_rna, name)
    if reason or not writable(elements, name):
        census.skip(reason or "read-only")
        return
    if not sample.takes(site, elements[0].bl_rna, name, census):
        return
    try:
        values, flat = drawn(rng, site, name)
    except Unknown as unknown:
        census.skip(str(unknown))
        return
    rows = range(len(values))
    if len(rows) > 2 and rng.random() < 0.3 and not is_topology(site, name):
        rows = range(rng.randint(0, 1), rng.randint(2, len(rows)))
    names = neighbours(elements[0], name, rng, 400 if len(elements) < 50 else 6)
    before = snapshot(elements, names)
    try:
        expected, whole = assigned(site, name, values, rows, names, before)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        restore(site, before, names)
        census.skip(f"bpy refuses: {type(error).__name__}")
        return
    if name in ALONE:
        whole = False
        census.skip("Blender moves neighbours after each assignment: only the property itself is compared")
    elif not whole:
        census.skip("assignments that cannot be taken back: only the property itself is compared")
    census.at(f"{label} update ({site.kind}.{name})")
    route = updated(census, site, name, flat, rows, label)
    if route:
        found = comparable(snapshot(elements_of(site), names))
        other = next((n for n in (names if whole else [name]) if found.get(n) != expected.get(n)), None)
        if other is None:
            census.compared(site, name, route, len(flat) * len(rows) // len(values))
        else:
            beside = "" if other == name else f"{other} beside it "
            census.fail(f"{label} by {route}: {beside}is {found.get(other, '')[:200]} "
                        f"after the update of {rows}, {expected.get(other, '')[:200]} after the assignments of "
                        f"{str(values)[:200]}, {str(before.get(other))[:200]} before")
    restore(site, before, names)


def assigned(site, name, values, rows, names, before):
    """(snapshot after setattr on the rows, whether what was before could be put back)."""
    elements = elements_of(site)
    for i in rows:  # few are found anew each time: a setter may move the others
        setattr(elements_of(site)[i] if len(values) < 50 else elements[i], name, values[i])
    if is_topology(site, name):
        site.place.root.update()  # as rnaslicer does: normals
    expected = comparable(snapshot(elements_of(site), names))
    restore(site, before, names)
    return expected, comparable(snapshot(elements_of(site), names)) == comparable(before)


def updated(census, site, name, flat, rows, label):
    """The route by which the rows were written; None, and a skip or failure, where that was refused."""
    from rnaslicer import SlicerError
    slicer, steps = captured(site.place, census)
    try:
        with slicer[(*steps, EVERY, name) if site.is_collection else (*steps, name)] as vw:
            cache = memoryview(vw.memcache).cast("B").cast(vw.format)
            is_bool = vw.format == "?"
            cache[:] = memoryview(bytes(flat)).cast("?") if is_bool else array.array(vw.format, flat)
            whole = not site.is_collection or len(rows) == vw.shape[0]
            vw.update(None if whole else vw.memcache[rows.start:rows.stop])
            stored = all(route.layout.storage.writes for route in vw._by_routes()[1] if route.name == "direct" and route.leaf.rows
                         and hasattr(route, "layout"))
            return vw.kernel.route if stored else "element"  # its setter does more than store
    except SlicerError as error:
        reason = next((reason for text, reason in (*LEGITIMATE, *REFUSED) if text in str(error)), None)
        if reason:
            census.skip(reason)
        else:
            census.fail(f"{label} refused: {error}")
    except Exception:
        census.fail(f"{label}: {traceback.format_exc(limit=-3)}")
    return None


def check_weights(census, rng):
    """Weights of whole meshes and lattices, which no single collection holds."""
    from rnaslicer import Slicer
    for owner, name in [(mesh, "vertices") for mesh in bpy.data.meshes] + [(b, "points") for b in bpy.data.lattices]:
        points = getattr(owner, name)
        before = weights(points)
        if not before:
            continue
        census.at(f"{owner!r} weights")
        with Slicer(points, ragged="flat")[:, "groups", :, "weight"] as vw:
            values = array.array("f", (rng.uniform(-0.2, 1.2) for _ in before))
            memoryview(vw.memcache).cast("B").cast("f")[:] = values
            start, stop = sorted(rng.sample(range(len(before)), 2))
            vw.update(vw.memcache[start:stop])
            route, got = vw.kernel.route, weights(getattr(owner, name))
            stored = [min(max(value, 0.0), 1.0) for value in values]
            for rows in (range(start, stop), range(len(before))):
                wanted = [(group, stored[i] if i in rows else weight) for i, (group, weight) in enumerate(before)]
                if got != wanted:
                    census.fail(f"weights of {owner!r} by {route}, {rows}: {got} for {wanted}")
                    break
                vw.update()
                got = weights(getattr(owner, name))
        census.weights[route] += len(before)


def weights(points):
    return [(g.group, g.weight) for point in points for g in point.groups]


def test_writing():
    """A sample in a few seconds per Blender; RNASLICER_CENSUS=full writes everything, with random values."""
    rng = random.Random(seed() if FULL or "RNASLICER_SEED" in os.environ else SEED)
    census_scene.build(rng)
    census, walk, sample = Census(), Walk(visits=2, many=2), Sample()
    for site in list(walk.sites([])):
        try:
            names, _ = properties(site.place, site.is_collection, census.skips)
        except GONE:
            census.skip("gone since an earlier write")
            continue
        for name in names:
            try:
                elements_of(site)
            except GONE:
                census.skip("gone since an earlier write")
                break
            check_write(census, site, name, rng, sample)
    check_weights(census, rng)
    census.finish("writing")
