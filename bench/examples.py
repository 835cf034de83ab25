# bench/examples.py: expressions to show and to time, each with its plain Python and its foreach equivalent
from dataclasses import dataclass
from typing import Any, Callable, Optional

import numpy as np

EVERY = slice(None)


@dataclass
class Example:
    """One expression on one supplier.

    `pick` makes the result from all values as bpy's foreach_get gives them (elements × components);
    None: they are the result. `place` puts a result back into all values for foreach_set.
    """

    supplier_text: str
    text: str
    supplier: Callable
    subscript: Any
    collection: Callable
    properties: tuple
    components: int
    read: Callable  # element → nested list
    write_one: Callable  # element, list of the row's values
    raw: type = np.float32
    pick: Optional[Callable] = None
    place: Optional[Callable] = None
    rows_first: bool = True
    may_change: bool = True  # False for topology: writing other indices would tear the mesh
    winner: Callable = staticmethod(lambda result: result)  # what stays of a result once it is written

    def __post_init__(self):
        self.count = len(self.collection())
        width = (self.components,) if self.components > 1 else ()
        self._all = {name: np.empty((self.count, *width), self.raw) for name in self.properties}

    def foreach_read(self, target):
        """Fill `target` the way scripts do it today; gives it."""
        if self.pick is None and len(self.properties) == 1:
            self.collection().foreach_get(self.properties[0], target.reshape(-1))
            return target
        for name, values in self._all.items():
            self.collection().foreach_get(name, values.reshape(-1))
        target[...] = self.pick(*self._all.values())
        return target

    def foreach_write(self, result):
        if self.place is None:
            self.collection().foreach_set(self.properties[0], result.reshape(-1))
            return
        if not self.place(result, *self._all.values()):  # not all components: read the others first
            for name, values in self._all.items():
                self.collection().foreach_get(name, values.reshape(-1))
            self.place(result, *self._all.values())
        for name, values in self._all.items():
            self.collection().foreach_set(name, values.reshape(-1))

    def write(self, elements, values):
        """The plain Python loop."""
        for element, value in zip(elements, values):
            self.write_one(element, value)


def setter(name, scalar=False):
    if scalar:
        return lambda element, value: setattr(element, name, value[0])
    return lambda element, value: setattr(element, name, value)


def of_mesh(mesh, curve):
    """The examples of the proposal, in today's names, and their like."""
    vertices, edges, loops, polygons = (lambda n=n: getattr(mesh, n) for n in ("vertices", "edges", "loops", "polygons"))
    colors = lambda: mesh.vertex_colors["Col"].data  # noqa: E731
    keys = lambda: curve.keyframe_points  # noqa: E731
    yield Example("mesh.vertices", "[:, 'co', :]", vertices, (EVERY, "co", EVERY), vertices, ("co",), 3,
                  lambda v: list(v.co), setter("co"))
    yield Example("mesh.vertices", "[:, 'co', ('xxx','yyy','zzz'), :]", vertices,
                  (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY), vertices, ("co",), 3,
                  lambda v: [[c] * 3 for c in v.co], lambda v, row: setattr(v, "co", row[2::3]),
                  pick=lambda co: co[:, :, None], place=_place_last, winner=lambda r: np.repeat(r[:, :, 2:], 3, axis=2))
    yield Example("mesh.vertices", "[:, 'co', 'z']", vertices, (EVERY, "co", "z"), vertices, ("co",), 3,
                  lambda v: v.co.z, lambda v, row: setattr(v.co, "z", row[0]),
                  pick=lambda co: co[:, 2], place=_place_z())
    yield Example("mesh.edges", "[:, 'vertices', :]", edges, (EVERY, "vertices", EVERY), edges, ("vertices",), 2,
                  lambda e: list(e.vertices), setter("vertices"), np.int32, may_change=False)
    yield Example("mesh.loops", "[:, 'vertex_index']", loops, (EVERY, "vertex_index"), loops, ("vertex_index",), 1,
                  lambda c: c.vertex_index, setter("vertex_index", True), np.int32, may_change=False)
    yield Example("mesh.vertex_colors", "[['Col'], 'data', :, 'color', :]", lambda: mesh.vertex_colors,
                  (["Col"], "data", EVERY, "color", EVERY), colors, ("color",), 4,
                  lambda c: list(c.color), setter("color"), rows_first=False)
    yield Example("mesh.vertices", "[:, 'select']", vertices, (EVERY, "select"), vertices, ("select",), 1,
                  lambda v: v.select, setter("select", True), np.bool_)
    yield Example("fcurve.keyframe_points", "[:, ('co','handle_left','handle_right'), :]", keys,
                  (EVERY, ("co", "handle_left", "handle_right"), EVERY), keys, ("co", "handle_left", "handle_right"), 2,
                  lambda k: [list(k.co), list(k.handle_left), list(k.handle_right)], _write_key,
                  pick=lambda *parts: np.stack(parts, axis=1), place=_place_parts, may_change=False)
    yield Example("mesh.polygons", "[:, 'normal', :]", polygons, (EVERY, "normal", EVERY), polygons, ("normal",), 3,
                  lambda p: list(p.normal), None)


def _place_last(result, co):
    co[...] = result[:, :, 2]
    return True


def _place_z():
    seen = []

    def place(result, co):
        if not seen:  # the first call says that the rest of the vector is needed
            seen.append(True)
            return False
        seen.clear()
        co[:, 2] = result
        return True
    return place


def _place_parts(result, *parts):
    for i, part in enumerate(parts):
        part[...] = result[:, i]
    return True


def _write_key(key, row):
    key.co, key.handle_left, key.handle_right = row[:2], row[2:4], row[4:]
