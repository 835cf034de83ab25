# runtime/rnaslicer/layout/equivalents.py: properties whose values another collection or attribute layer stores.
"""Names, never offsets: which attribute holds what a getter gives (rna_mesh.cc, rna_curves.cc; the table was
measured on 3.4, 4.3 and 5.2). Each is a hypothesis; where names differ between versions all are listed.
"""

import struct

from .places import Attribute, Sibling, UVFlag

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
