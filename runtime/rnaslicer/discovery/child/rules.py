# runtime/rnaslicer/discovery/child/rules.py: what the probe must not touch.
"""Names, and why; no offsets, no versions."""

import re

# Assigning these makes data anew, moves other data, or crashes Blender (blender/hazards.py): only read.
READ_ONLY = {
    ("MeshEdge", "vertices"), ("MeshLoop", "vertex_index"), ("MeshLoop", "edge_index"),
    ("MeshPolygon", "loop_start"), ("MeshPolygon", "loop_total"), ("MeshPolygon", "vertices"),
    ("Lattice", "points_u"), ("Lattice", "points_v"), ("Lattice", "points_w"),
    ("Spline", "type"), ("Attribute", "data_type"), ("Attribute", "domain"), ("Image", "source"),
    ("Image", "generated_width"), ("Image", "generated_height"), ("Image", "generated_type"),
    ("Strip", "channel"), ("Sequence", "channel"), ("Modifier", "use_pin_to_last"),
}
# Not even looked at.
LEAVE = {("Text", None), ("Attribute", None), ("ID", "tag"), ("Image", "pixels")}
# What no declaration of a node reads: an update that declares nodes anew makes them as they were
# (node_tree_update.cc).
UNDECLARED = {("Node", name) for name in ("location", "location_absolute", "color", "use_custom_color", "hide",
                                          "select", "show_options")}
# What has no update at all, or one that only tags the datablock, in types of which most have another (rna_nla.cc,
# rna_sequencer.cc).
PLAIN = {*(("NlaStrip", name) for name in ("select", "influence", "strip_time", "mute", "use_reverse",
                                           "use_sync_length")),
         *((strip, name) for strip in ("Strip", "Sequence")
           for name in ("select", "select_left_handle", "select_right_handle", "show_retiming_keys")),
         ("SequenceTimelineChannel", "lock")}
# Their updates do something for the element that is assigned, which is in no datablock, or shows in other data than
# ours only.
EACH = {
    "Strip": "drops what the sequencer keeps of that strip (rna_sequencer.cc); not so selection",
    "Sequence": "drops what the sequencer keeps of that strip (rna_sequencer.cc); not so selection",
    "SequenceTimelineChannel": "drops what the sequencer keeps of its strips (rna_sequencer.cc); not so `lock`",
    "ViewLayer": "checks the passes of that view layer (rna_layer.cc)",
    "FModifier": "has handles of that f-curve computed, where it is a cycle (rna_fcurve.cc)",
    "NlaStrip": "moves what is within that strip (rna_nla.cc); not so selection, influence, `mute`, `use_reverse`",
    "Node": "tags that node (rna_nodetree.cc); not so places, colours, selection: no declaration reads them",
    "NodeSocket": "tags that socket (rna_nodetree.cc)",
    "NodeLink": "tags that link (rna_nodetree.cc)",
}
TYPE_LEVEL = re.compile("^bl_")
UV_FLAGS = {"pin_uv", "select", "select_edge"}
SMALLEST_UV_WITH_FLAGS = 9  # bytes: two floats and something more


def is_each(rna, declaring, name):
    """Whether an assignment is known to do something for its element alone."""
    while rna is not None:
        if rna.identifier in EACH and (declaring, name) not in UNDECLARED | PLAIN:
            return True
        rna = rna.base
    return False


def rule(rna, name, stride):
    """'leave', 'read' or 'write' for a property of an RNA type whose elements are `stride` bytes."""
    if TYPE_LEVEL.match(name):
        return "leave"
    if rna.identifier == "MeshUVLoop" and name in UV_FLAGS and 0 < stride < SMALLEST_UV_WITH_FLAGS:
        return "leave"  # flags in layers of their own: hazards.UV_FLAGS_WRITE
    while rna is not None:
        if (rna.identifier, name) in LEAVE or (rna.identifier, None) in LEAVE:
            return "leave"
        if (rna.identifier, name) in READ_ONLY:
            return "read"
        rna = rna.base
    return "write"
