# tests/blender/test_census_writing.py: every writable numeric property that RNA reaches: update against assignments
"""Random valid values by setattr, restored, then by `update`: the property and what lies beside it must end alike."""
import os
import unittest
import array
import random
import traceback

import census_scene
from census_walk import Unknown, Walk, properties
from census_write import (ALONE, comparable, elements_of, is_topology, neighbours, permuted, restore, snapshot,
                          unwritten, valid, writable)
from support import EVERY, seed
from test_census import LEGITIMATE, Census, captured


# Defects of ours that wait for their repair; each is printed as left out.
KNOWN = {
    ("FloatColorAttributeValue", "color_srgb"):
        "known defect: the finishing assignment reads element 0 back and its setter rounds once more",
    ("Image", "pixels"): "known defect: an image without data raises RuntimeError from image.update()",
}


def drawn(rng, site, name):
    """(values for setattr, flat numbers for the cache) of all elements."""
    if is_topology(site, name):
        return permuted(rng, site, name)
    pairs = [valid(rng, element, name) for element in elements_of(site)]
    return [value for value, _ in pairs], [x for _, flat in pairs for x in flat]


def check_write(census, site, name, rng):
    """What update writes, whole or a region, must be what the same assignments write, there and beside it."""
    label = f"{site.place}{'[:]' if site.is_collection else ''}.{name}"
    census.at(f"{label} ({site.kind}.{name})")
    elements = elements_of(site)
    reason = unwritten(site, elements[0].bl_rna, name) or KNOWN.get((site.kind, name))
    if reason or not writable(elements, name):
        census.skip(reason or "read-only")
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
            census.compared(site.kind, name, route, len(flat) * len(rows) // len(values))
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
            return vw.kernel.route
    except SlicerError as error:
        reason = next((reason for text, reason in LEGITIMATE if text in str(error)), None)
        if reason:
            census.skip(reason)
        else:
            census.fail(f"{label} refused: {error}")
    except Exception:
        census.fail(f"{label}: {traceback.format_exc(limit=-3)}")
    return None


def test_writing():
    """Writes at random what Blender itself seldom gets: a campaign, for RNASLICER_CENSUS=write."""
    if os.environ.get("RNASLICER_CENSUS") != "write":
        raise unittest.SkipTest("the writing census is a campaign: set RNASLICER_CENSUS=write")
    rng = random.Random(seed())
    census_scene.build(rng)
    census, walk = Census(), Walk(visits=2, many=2)
    for site in list(walk.sites([])):
        try:
            names, _ = properties(site.place, site.is_collection, census.skips)
        except (AttributeError, IndexError, KeyError, TypeError, ReferenceError):
            census.skip("gone since an earlier write")
            continue
        for name in names:
            try:
                elements_of(site)
            except (AttributeError, IndexError, KeyError, TypeError, ReferenceError):
                census.skip("gone since an earlier write")
                break
            check_write(census, site, name, rng)
    census.finish("Census of writing")
