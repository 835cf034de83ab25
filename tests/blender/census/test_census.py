# tests/blender/census/test_census.py: every numeric property that RNA reaches in a rich scene: Slicer against getattr
"""What differs, is refused without a known reason or crashes is a failure. Everything left out is printed with its
reason, and so are the numbers of properties by route. RNASLICER_CENSUS_LOG names a file whose last line tells
where Blender died, should it die."""
import collections
import math
import os
import pathlib
import random
import sys
import time
import traceback

import bpy

import census_scene
from census_routes import Routes, keep, why_not_direct
from census_walk import Unknown, Walk, bits, numbers, properties
from support import EVERY, VERSION, seed

DOC = pathlib.Path(__file__).resolve().parents[3] / "docs" / "census.md"

# Refusals that are right: message, reason.
LEGITIMATE = (
    ("stands for no number", "an enum's value names no item"),
    ("elements have different shapes", "images of several sizes"),
    ("Blender frees the elements of", "elements that are gone once bpy has given one"),
)
# Types of structs to which no way leads, and why; any other is a failure.
NO_WAY = {"KeyingSetInfo": "a keying set's class, which scripts register: it is no data"}


class Census:
    """Counts, skips and failures of one run."""

    def __init__(self):
        self.routes = Routes()
        self.skips = collections.Counter()
        self.weights = collections.Counter()  # values by route, of whole meshes
        self.failures, self.start = [], time.perf_counter()
        path = os.environ.get("RNASLICER_CENSUS_LOG")
        self.log = open(path, "w", encoding="utf-8") if path else None

    def at(self, text):
        """Called before anything is touched."""
        if self.log:
            self.log.write(f"{time.perf_counter() - self.start:.3f} {text}\n")
            self.log.flush()

    def compared(self, site, name, route, count, why=None):
        length = len(site.place.follow()) if site.is_collection else None
        self.routes.add(site.kind, name, route, count, length, why)

    def skip(self, reason):
        self.skips[reason] += 1

    def fail(self, text):
        self.failures.append(text)

    def finish(self, title):
        version = ".".join(map(str, bpy.app.version))
        counts = self.routes.counts()
        print(f"Census of {title} in Blender {version}, {time.perf_counter() - self.start:.0f} s:")
        for route, values in counts["values"].items():
            print(f"  {route:<8}{counts['collections'][route]:>6} properties of collections' elements, "
                  f"{counts['structs'][route]:>6} of single structs, {values:>9} values")
        for route, count in self.weights.items():
            print(f"  {route:<8}{count:>6} vertex weights in bulk")
        for reason, count in counts["reasons"].items():
            print(f"  not direct {count:>6}: {reason}: {self.routes.kinds(reason)}")
        for reason, count in sorted(self.skips.items()):
            print(f"  left out {count:>6} times: {reason}")
        keep(title, counts | {"skips": dict(self.skips)})
        for failure in self.failures[:200]:
            print(f"  DIFFERS {failure}")
        assert not self.failures, f"{len(self.failures)} differences, the first: {self.failures[0]}"


def captured(place, census):
    """(Slicer, the items that lead from its supplier to the place), the supplier as near as it can be found again."""
    from rnaslicer import Slicer
    reached = place.follow()
    if isinstance(reached, bpy.types.VertexGroupElement) and isinstance(place.root, bpy.types.Lattice):
        census.skip("as supplier itself: VertexGroupElement: Blender crashes when asked for the path of a "
                    "lattice's weight")
        return Slicer(place.root), place.steps
    slicer = Slicer(reached)
    if not slicer._path.root.is_passing:
        return slicer, ()
    kinds, rna = [], reached.bl_rna
    while rna is not None:
        kinds.append(rna.identifier)
        rna = rna.base
    known = next((kind for kind in kinds if kind in NO_WAY), None)
    if known is None:
        census.fail(f"no way leads to {place}, a {kinds[0]}")
    census.skip(f"as supplier itself: {known or kinds[0]}: {NO_WAY.get(known)}")
    return Slicer(bpy.data if place.root is None else place.root), place.steps


def wanted(place, is_collection, name):
    """(shape, flat numbers, None where unknown) by getattr, of a struct or of all elements."""
    if not is_collection:
        return numbers(place.follow(), name)
    shapes, flat = set(), []
    for element in place.follow():
        shape, values = numbers(element, name)
        shapes.add(shape)
        flat += values
    if len(shapes) > 1:
        return None, flat
    return (len(place.follow()), *shapes.pop()), flat


def flattened(values):
    return [x for part in values for x in flattened(part)] if isinstance(values, list) else [values]


def check_read(census, site, name, slicer, steps):
    """Compares one property of one site."""
    from rnaslicer import Slicer, SlicerError
    place, label = site.place, f"{site.place}{'[:]' if site.is_collection else ''}.{name}"
    census.at(label)
    try:
        shape, flat = wanted(place, site.is_collection, name)
    except Unknown as reason:
        census.skip(str(reason))
        return
    ragged = shape is None
    if ragged:
        slicer = Slicer(bpy.data if place.root is None else place.root, ragged="flat")
        steps, shape = place.steps, (len(flat),)
    expression = (*steps, EVERY, name) if site.is_collection else (*steps, name)
    try:
        with slicer[expression] as vw:
            got, got_shape, route = vw.memcache.tolist(), tuple(vw.shape), vw.kernel.route
    except SlicerError as error:
        for text, reason in LEGITIMATE:
            if text in str(error):
                census.skip(reason)
                return
        census.fail(f"{label} refused: {error}")
        return
    except Exception:
        census.fail(f"{label}: {traceback.format_exc(limit=-3)}")
        return
    kind = next(iter(place.follow())).bl_rna if site.is_collection else place.follow().bl_rna
    kind = kind.properties[name].type
    got = flattened(got)
    if name == "pixels" and math.prod(got_shape) == math.prod(shape):
        got_shape = shape
    if got_shape != shape or bits(got, kind) != bits(flat, kind):
        if wanted(place, site.is_collection, name)[1] != flat:
            census.skip("bpy's own value changes from one reading to the next")
            return
        at = next((i for i, (a, b) in enumerate(zip(got, flat)) if bits([a], kind) != bits([b], kind)), None)
        detail = f"shape {got_shape} for {shape}" if at is None else f"at {at} of {shape}: {got[at]!r} for {flat[at]!r}"
        census.fail(f"{label} by {route}: {detail}")
        return
    census.compared(site, name, route, len(flat), lambda: why_not_direct(slicer[expression]))


def check_mixed(census, site, name, slicer, steps):
    """A property that other elements lack, or have in another form, must be refused."""
    from rnaslicer import SlicerError
    census.at(f"{site.place}[:].{name} (mixed)")
    try:
        with slicer[(*steps, EVERY, name)] as vw:
            census.fail(f"{site.place}[:].{name} holds {vw.shape} though elements of other types have no such property")
    except SlicerError:
        census.skip("elements of several types")
    except Exception:
        census.fail(f"{site.place}[:].{name}, of several types: {traceback.format_exc(limit=-2)}")


def test_reading():
    rng = random.Random(seed())
    census_scene.build(rng)
    # Half as many structs of each type as for the table in docs/census.md: these make up most of the time.
    full = os.environ.get("RNASLICER_CENSUS") == "full" or "RNASLICER_CENSUS_TABLE" in os.environ
    census, walk = Census(), Walk(many=6 if full else 3)
    for site in walk.sites(census_scene.evaluated(rng)):
        census.at(str(site.place))
        slicer, steps = captured(site.place, census)
        names, mixed = properties(site.place, site.is_collection, census.skips)
        for name in names:
            check_read(census, site, name, slicer, steps)
        for name in mixed:
            check_mixed(census, site, name, slicer, steps)
    census.skips += walk.skips
    census.finish("reading")
    sys.stdout.flush()
    kept = kept_row("properties of collections' elements: direct").get(f"{VERSION[0]}.{VERSION[1]}")
    found = census.routes.counts()["collections"]["direct"]
    assert kept is None or found > 0.9 * kept, f"{found} properties are direct, in docs/census.md {kept}"


def kept_row(name):
    """{version: number} of the first such row of docs/census.md."""
    rows = [line.strip("| ").split(" | ") for line in DOC.read_text(encoding="utf-8").splitlines()]
    versions = next(row for row in rows if row[0] == "Reading")[1:]
    return dict(zip(versions, map(int, next(row for row in rows if row[0] == name)[1:])))


def test_the_table_names_every_version():
    assert sorted(kept_row("properties of collections' elements: direct")) == ["3.4", "4.3", "5.2"]
    for heading in ("not read directly", "What reading leaves out", "What writing leaves out"):
        assert heading in DOC.read_text(encoding="utf-8"), heading
