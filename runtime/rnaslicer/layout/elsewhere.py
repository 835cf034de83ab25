# runtime/rnaslicer/layout/elsewhere.py: values that another collection or layer stores than the elements themselves.
"""By name, never by offset: which attribute holds what a getter gives (rna_mesh.cc, rna_curves.cc; the table was
measured on 3.4, 4.3 and 5.2). Each is a hypothesis; where names differ between versions all are listed. And a mesh's
layers that no attribute lists: no number of a layer's type is known here, a layer is told by its values.
"""

import struct

from .. import _core
from ..blender.customdata import all_layers, copies_on_write, layers
from .places import Attribute, Own, Sibling, UVFlag
from .storage import Storage

(_RADIUS,) = struct.unpack("f", struct.pack("f", 0.01))  # of a cloud without that layer (5.2)

# (element, property) -> (place, the value is the negated stored one)
_TABLE = {
    ("MeshVertex", "select"): (Attribute((".select_vert",), "BOOLEAN", "POINT", False), False),
    ("MeshVertex", "hide"): (Attribute((".hide_vert",), "BOOLEAN", "POINT", False), False),
    ("MeshVertex", "normal"): (Sibling("vertex_normals"), False),
    ("MeshEdge", "select"): (Attribute((".select_edge",), "BOOLEAN", "EDGE", False), False),
    ("MeshEdge", "hide"): (Attribute((".hide_edge",), "BOOLEAN", "EDGE", False), False),
    ("MeshEdge", "use_seam"): (Attribute(("uv_seam", ".uv_seam"), "BOOLEAN", "EDGE", False), False),
    ("MeshEdge", "use_edge_sharp"): (Attribute(("sharp_edge",), "BOOLEAN", "EDGE", False), False),
    ("MeshPolygon", "select"): (Attribute((".select_poly",), "BOOLEAN", "FACE", False), False),
    ("MeshPolygon", "hide"): (Attribute((".hide_poly",), "BOOLEAN", "FACE", False), False),
    ("MeshPolygon", "use_smooth"): (Attribute(("sharp_face",), "BOOLEAN", "FACE", True), True),
    ("MeshPolygon", "material_index"): (Attribute(("material_index",), "INT", "FACE", 0), False),
    ("MeshLoop", "edge_index"): (Attribute((".corner_edge",), "INT", "CORNER", None), False),
    ("MeshLoop", "normal"): (Sibling("corner_normals"), False),
    ("MeshLoopTriangle", "polygon_index"): (Sibling("loop_triangle_polygons"), False),
    ("MeshUVLoop", "pin_uv"): (UVFlag((".pn.{}",), "BOOLEAN", "CORNER", False), False),
    ("MeshUVLoop", "select"): (UVFlag((".vs.{}",), "BOOLEAN", "CORNER", False), False),
    ("MeshUVLoop", "select_edge"): (UVFlag((".es.{}",), "BOOLEAN", "CORNER", False), False),
    ("CurvePoint", "radius"): (Attribute(("radius",), "FLOAT", "POINT", 0.0), False),
    ("Point", "radius"): (Attribute(("radius",), "FLOAT", "POINT", _RADIUS), False),
}

# Lengths that are the distance to the next element's start; one more start than there are elements.
DIFFERENCES = {("MeshPolygon", "loop_total"), ("CurveSlice", "points_length")}

# (element, property) -> collection of the same owner that the stored indices count, and its property.
THROUGH = {("MeshLoopTriangle", "vertices"): ("loops", "vertex_index")}

PROPOSED = {*_TABLE, *DIFFERENCES, *THROUGH}


def equivalent(element, identifier):
    """(place, inverted) of a property that lies elsewhere, or None."""
    return _TABLE.get((element, identifier))


# (element, property) -> (bytes of a layer's item, place of the value in it): what the getters of rna_mesh.cc take
# from layers that only calc_normals_split (3.4) and calc_tangents make. They give zeros where there is none; 3.4's
# setter normalises.
_UNLISTED = {("MeshLoop", "normal"): (12, 0), ("MeshLoop", "tangent"): (16, 0),
             ("MeshLoop", "bitangent_sign"): (16, 12)}


class Layer(Own):
    """A layer that no attribute lists, of the CustomData at `offset` in the ID, of type number `kind`: items of
    `size` bytes with the values of property `name` at byte `at`."""

    def __init__(self, offset, kind, name, size, at):
        self.offset, self.kind, self.name, self.size, self.at = offset, kind, name, size, at
        self.key = f"{name}: type {kind} of @{offset}"  # as the discovery run names it

    def array(self, coll):
        """None: bpy shows the values one by one only."""
        return None

    def untouched(self, coll, length):
        address = self._address(coll)
        for i in (0, length - 1) if address else ():
            memory = _core.read_memory(address + i * self.size, self.size)
            if memory is None or not copies_on_write() and not self._is(memory, coll[i]):
                return None
        return address

    def _address(self, coll):
        found = [data for kind, data, _ in layers(coll.id_data.as_pointer() + self.offset) if kind == self.kind]
        return found[0] if len(found) == 1 and found[0] else None

    def _is(self, item, element):
        """Whether an item holds bpy's value of an element; any NaN equals any NaN."""
        value = getattr(element, self.name)
        value = (value,) if isinstance(value, float) else tuple(value)
        return all(struct.pack("f", a) == struct.pack("f", b) or a != a and b != b
                   for a, b in zip(struct.unpack_from(f"{len(value)}f", item, self.at), value))

    def samples(self, coll, storage, indices):
        address = self._address(coll)
        return [address + i * self.size for i in indices] if address else None

    def __repr__(self):
        return "layer that no attribute lists"


def unlisted(leaf, coll):
    """(`Layer`, `Storage`) of all layers that may hold what only the getter of a leaf's property gives."""
    prop, owner = leaf.property, coll.id_data
    if (leaf.element, prop.identifier) in _UNLISTED and not owner.is_editmode:  # then others are listed
        size, at = _UNLISTED[leaf.element, prop.identifier]
        listed = {attribute.as_pointer() for attribute in owner.attributes}  # a script may keep copies there
        for offset, kind, _, layer in all_layers(owner):
            if layer not in listed:
                place = Layer(offset, kind, prop.identifier, size, at)
                yield place, Storage(prop.value, at, size, writes=False)
