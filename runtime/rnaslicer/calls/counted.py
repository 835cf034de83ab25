# runtime/rnaslicer/calls/counted.py: how many values foreach_get and foreach_set move
"""bpy reads and writes beside a buffer that is too short, and leaves what it finds in one that is too long:
hazards.FOREACH_BEYOND."""

from __future__ import annotations

import math

from ..blender.rna import find, numeric
from ..errors import ExpressionError, shown

# Arrays that declare a length, of which each struct has its own (by the function in RNA that tells it).
RAGGED = frozenset({("MeshPolygon", "vertices"), ("FModifierGenerator", "coefficients"), ("HookModifier", "vertex_indices"),
                    ("SplineIKConstraint", "joint_bindings"), ("FunctionNodeInputVector", "vector"),
                    ("FunctionNodeInputIntVector", "vector"), ("BoolProperty", "default_array"),
                    ("IntProperty", "default_array"), ("FloatProperty", "default_array"),
                    *(("FluidDomainSettings", f"{name}_grid")
                      for name in ("color", "density", "flame", "heat", "temperature", "velocity"))})


class BulkCallError(ExpressionError, RuntimeError):
    """bpy's bulk call failed, or would, most often because the buffer has not as many items as there are values."""


def count_of(items):
    """Of a sequence or a view of a buffer."""
    return math.prod(items.shape) if type(items) is memoryview else len(items)


def check_count(what, collection, name, declared, given):
    """Raises BulkCallError where other than as many items are given as there are values, or, for foreach_set, fewer: more
    bpy takes, or refuses before it writes any. `declared`: the RNA type of all elements, if that has the property."""
    if not given or what == "foreach_set" and not len(collection):  # of which bpy moves nothing
        return
    text = f"{what}({shown(name)}) of {shown(collection)}"
    end = "nothing was written" if what == "foreach_set" else "nothing was read"
    values = 0
    for index, element in enumerate(collection):
        rna = declared or element.bl_rna
        width = _width(element, rna, name)
        if not width:
            has = f"has no values of {shown(name)}" if find(rna, name) else f"has no {shown(name)}"
            raise BulkCallError(f"{text}: element {index} {has}, so that bpy's call would fail there; {end}")
        values += width
        if declared and not _is_ragged(rna, find(rna, name)):
            values = width * len(collection)
            break
    if given < values or given > values and what != "foreach_set":
        raise BulkCallError(f"{text}: sequence length mismatch: {given} items are given for {values} values of "
                            f"{len(collection)} elements; {end}")


def _width(element, rna, name):
    prop = find(rna, name)
    if not prop or not numeric(prop):
        return 0
    if not getattr(prop, "is_array", False):
        return 1
    return len(getattr(element, name)) if _is_ragged(rna, prop) else prop.array_length


def _is_ragged(rna, prop):
    return getattr(prop, "is_array", False) and (not prop.array_length or (rna.identifier, prop.identifier) in RAGGED)
