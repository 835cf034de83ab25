# tests/blender/census/census_routes.py: by which route the census saw each property move, and why not by the direct one
"""`why_not_direct(...)` asks the runtime's own proposals and proofs, step by step, which one fails first."""
import collections
import json
import os
import pathlib

import bpy

from support import VERSION

ORDER = ("direct", "foreach", "element")
FEW = "fewer than two elements anywhere in the scene"


def why_not_direct(view):
    """The first reason why the leaf of a ViewWrapper on a collection lies in no proven storage."""
    from rnaslicer import discovery
    from rnaslicer.blender import lists
    from rnaslicer.layout import places, proof, sources
    leaves = view.leaves()
    if len(leaves) != 1:  # each element on its own, as their types have nothing in common
        return "elements of several types that have it each for itself"
    leaf, = leaves
    coll, prop = leaf.path.follow(), leaf.property
    if leaf.rows is None:
        return "no elements"
    if len(coll) < 2:
        return FEW
    if not (leaf.uniform or leaf.shared):
        return "elements of several types that have it each for itself"
    if prop.dims is None:
        return "arrays whose length differs from element to element"
    known = discovery.known()
    found = known.storage(leaf.element, prop.identifier) if known else []
    proposed = list(proof.candidates(leaf, coll))
    if not proposed:
        if found or sources._declared(prop) is not None:
            return "stored in the element, whose size no DNA struct confirms"
        if prop.readonly:
            return "read-only, computed by bpy or stored where discovery cannot vary it"
        return "enum whose storage discovery did not see" if prop.type == "ENUM" else "no storage found by discovery"
    if places.array_stride(coll) is None and lists.addresses(coll, proof.path_key(leaf, coll)[1]) is None:
        return "scattered: no array, linked list or table"
    samples = places.spread(len(coll))
    if not any(proof._agrees(candidate, leaf, coll, samples) for candidate in proposed):
        return "what lies at the proposed place is not bpy's value"
    return "declared only, and the scene's values tell it from no other"


class Routes:
    """What one census saw: for each property of an element type the best route."""

    def __init__(self):
        self.collections, self.structs = {}, {}
        self.values = collections.Counter()
        self.reasons = {}  # (kind, name) -> (length of the longest collection, reason)

    def add(self, kind, name, route, count, length, why=None):
        """`length`: of the collection, None for a struct; `why`: called to tell why not direct."""
        key, into = (kind, name), self.structs if length is None else self.collections
        if key not in into or ORDER.index(route) < ORDER.index(into[key]):
            into[key] = route
        self.values[route] += count
        if length is not None and route != "direct" and length > self.reasons.get(key, (0,))[0] and why is not None:
            self.reasons[key] = length, why()

    def counts(self):
        """JSON: numbers of properties by route, values moved, reasons with their numbers."""
        reasons = collections.Counter(self.reasons[key][1] for key, route in self.collections.items()
                                      if route != "direct" and key in self.reasons)
        by = lambda found: {route: sum(r == route for r in found.values()) for route in ORDER}
        return {"collections": by(self.collections), "structs": by(self.structs),
                "values": {route: self.values[route] for route in ORDER}, "reasons": dict(reasons.most_common())}

    def kinds(self, reason):
        """The element types whose properties have that reason, with how many each."""
        return dict(sorted(collections.Counter(f"{key[0]} ({self.collections[key]})" for key, (_, why) in self.reasons.items()
                                               if why == reason and self.collections.get(key) != "direct").items()))


def keep(title, found):
    """Adds a census's numbers to the JSON of this version, where RNASLICER_CENSUS_TABLE names a folder."""
    folder = os.environ.get("RNASLICER_CENSUS_TABLE")
    if folder:
        path = pathlib.Path(folder, f"{VERSION[0]}.{VERSION[1]}.json")
        kept = json.loads(path.read_text()) if path.exists() else {}
        kept |= {title: found, "version": bpy.app.version_string}
        path.write_text(json.dumps(kept, indent=1, sort_keys=True))
