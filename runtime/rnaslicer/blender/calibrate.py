# runtime/rnaslicer/blender/calibrate.py: where the running build keeps what RNA declares of a property.
"""Finds two int32 fields of PropertyRNA by calibration against SDNA.

makesrna gives each plainly stored property the offset of its DNA field and a type code
(source/blender/makesrna/intern/rna_define.cc, rna_set_raw_property). Where in PropertyRNA they lie,
and what the codes mean, differs between versions. RNA types and properties that carry the very
name of a DNA struct and field tell it: the place where nearly all of them agree is the place. A few types tell it as
well as all do, and a session should not wait for a walk over thousands: all are asked where the few leave a doubt.
"""

import array
import collections
import functools
import operator
import struct

from .. import _core
from ..basis import proposed
from ..basis.records import Record
from .sdna import sdna

_SPAN = 512  # bytes of PropertyRNA that are searched
_DNA_SCALARS = {"float": "f32", "double": "f64", "int": "i32", "short": "i16", "char": "i8",
                "uchar": "u8", "ushort": "u16", "int8_t": "i8", "uint8_t": "u8", "int16_t": "i16",
                "uint16_t": "u16", "int64_t": "i64", "uint64_t": "u64", "bool": "b1"}
_RNA_TYPES = {"FLOAT": {"f32", "f64"}, "INT": {"i32", "i16", "i8", "u8", "u16", "i64"},
              "BOOLEAN": {"i8", "i16", "i32", "u8"}, "ENUM": {"i32", "i16", "i8", "u8"}}
# Types that keep numbers of every kind under DNA's names, and types with arrays of every kind, most of them computed.
_TELLING = ("FreestyleLineStyle", "Camera", "CacheFile", "BrushGpencilSettings", "ToolSettings",
            "Collection", "SpreadsheetRowFilter", "BrushCurvesSculptSettings", "GreasePencilLayer", "NodesModifierBake",
            "Volume")
_ARRAYS = ("Object", "PoseBone", "Bone", "EditBone", "Particle", "MeshVertex", "MeshLoop", "MeshLoopTriangle",
           "BezierSplinePoint", "Keyframe", "MovieTrackingMarker", "RegionView3D")
# Fewer, with small structs, of all codes at least two numbers: they confirm what an earlier run found by those above.
_CONFIRMING = ("FreestyleLineStyle", "CacheFile", "Volume", "GreasePencilLayer", "NodesModifierBake", "SpreadsheetRowFilter",
               "BrushCurvesSculptSettings")
_FEW_ARRAYS = ("MeshVertex", "MeshLoop", "MeshLoopTriangle", "BezierSplinePoint", "Keyframe", "MovieTrackingMarker")
_SCALARS = ("f32", "f64", "i32", "i16", "i8", "u8", "u16", "u32", "i64", "u64", "b1")  # as `told` numbers them
# Arrays that RNA declares without a length.
_DYNAMIC = (("Image", "pixels"), ("ImagePreview", "image_pixels"), ("ImagePreview", "image_pixels_float"),
            ("ImagePreview", "icon_pixels"), ("RenderPass", "rect"), ("SpaceProperties", "tab_search_results"))


class RawPlace(Record):
    """Byte positions in PropertyRNA, and the scalar each type code stands for."""

    offset_at: int
    type_at: int
    codes: dict


class Raw(Record):
    """A property's declared storage: byte offset in the element, scalar name."""

    offset: int
    scalar: str


def _known(names):
    """(property address, DNA field, scalar) of each RNA property of these types that shares both names with DNA."""
    import bpy

    structs = sdna().structs
    for name in names:
        rna = getattr(bpy.types, name, None)
        dna = structs.get(name) if rna is not None else None
        if dna is None:
            continue
        properties = rna.bl_rna.properties
        for identifier in properties.keys():
            field = dna.fields.get(identifier)
            if field is None or field.is_pointer or field.type not in _DNA_SCALARS:
                continue
            prop = properties[identifier]
            if prop.type not in _RNA_TYPES:
                continue
            scalar = _DNA_SCALARS.get(field.type)
            if scalar in _RNA_TYPES[prop.type] and field.offset > 8:
                yield prop.as_pointer(), field, scalar


@functools.cache
def raw_place():
    """The calibrated `RawPlace` of this build, or None where agreement is not overwhelming."""
    return (_confirmed_place() or _place_by(_TELLING) or whole_place()) if sdna() else None


@functools.cache
def whole_place():
    """`raw_place` by all types: slow."""
    return _place_by(sdna().structs.declared())


def _confirmed_place():
    """What an earlier run of this build found, where nearly all numbers of some types agree and none has another scalar
    than its code says; with the codes of which two tell. None in any doubt."""
    numbers = proposed.numbers("raw_place")
    if len(numbers) < 2:
        return None
    offset_at, type_at, *pairs = numbers
    codes = {code: _SCALARS[at] for code, at in zip(pairs[::2], pairs[1::2]) if at < len(_SCALARS)}
    if not all(proposed.is_place(at, _SPAN, 4) for at in (offset_at, type_at)) or offset_at == type_at:
        return None
    found = [(_core.read_memory(address, _SPAN), field.offset, scalar) for address, field, scalar in _known(_CONFIRMING)]
    agreed = [(struct.unpack_from("i", memory, type_at)[0], scalar) for memory, offset, scalar in found
              if memory and struct.unpack_from("i", memory, offset_at)[0] == offset]
    if len(agreed) < 40 or len(agreed) < 0.9 * len(found) or any(codes.get(code) != scalar for code, scalar in agreed):
        return None
    told = collections.Counter(code for code, _ in agreed)
    return RawPlace(offset_at, type_at, {code: codes[code] for code in told if told[code] >= 2})


def _place_by(names):
    found = [(_core.read_memory(address, _SPAN), field.offset, scalar) for address, field, scalar in _known(names)]
    found = [one for one in found if one[0]]
    if len(found) < 40:
        return None
    offset_at = _offset_at(_columns(found), [offset for _, offset, _ in found])
    if offset_at is None:
        return None
    agreed = [one for one in found if one[1] == struct.unpack_from("i", one[0], offset_at)[0]]
    place = _type_at(_columns(agreed), [scalar for _, _, scalar in agreed])
    return place and RawPlace(offset_at, *place)


def _columns(found):
    """For each place in PropertyRNA, the words that stand there. Arrays: thousands of Python's integers take time."""
    words = array.array("i", b"".join(memory for memory, *_ in found))
    return [words[i :: _SPAN // 4] for i in range(_SPAN // 4)]


def _offset_at(columns, offsets):
    """The place where most of these stand; None where that is in doubt."""
    hits = [sum(map(operator.eq, column, offsets)) for column in columns]
    second, most = sorted(hits)[-2:]
    if not most or most < len(offsets) // 2 or second * 4 > most:
        return None
    return 4 * hits.index(most)


def _type_at(columns, scalars):
    """(place of a word that tells the scalar, scalar of each code), or None."""
    best, most = None, 2 * len(set(_DNA_SCALARS.values()))  # codes are few, whatever they stand for
    for i, column in enumerate(columns):
        if len(set(column[: 2 * most])) > most or not 4 <= len(words := set(column)) <= most:
            continue
        if len(set(zip(column, scalars))) - len(words) > 0.1 * len(scalars):  # each scalar more of a word is wrong at least once
            continue
        votes = {word: {} for word in words}
        for (word, scalar), count in collections.Counter(zip(column, scalars)).items():
            votes[word][scalar] = count
        codes = {code: max(count, key=count.get) for code, count in votes.items()}
        right = sum(count[codes[code]] for code, count in votes.items())
        # One code per scalar type, and codes that tell the types apart.
        score = (right, -len(codes))
        if len(set(codes.values())) >= 4 and (best is None or score > best[0]):
            best = (score, i, votes)
    if best is None or best[0][0] < 0.9 * len(scalars):
        return None
    codes = {}
    for code, count in best[2].items():
        scalar = max(count, key=count.get)
        if code >= 0 and count[scalar] >= 0.9 * sum(count.values()) and count[scalar] >= 2:
            codes[code] = scalar
    return 4 * best[1], codes


def raw(prop):
    """The declared `Raw` storage of an RNA property, or None. A hypothesis, never a proof."""
    place = raw_place()
    if place is None:
        return None
    memory = _core.read_memory(prop.as_pointer(), _SPAN)
    if memory is None:
        return None
    (offset,) = struct.unpack_from("i", memory, place.offset_at)
    (code,) = struct.unpack_from("i", memory, place.type_at)
    scalar = place.codes.get(code)
    if scalar is None and code >= 0:  # one that the telling types do not have
        place = whole_place()
        scalar = place and place.codes.get(code)
    if scalar is None or not 0 <= offset < 1 << 20:
        return None
    return Raw(offset, scalar)


@functools.cache
def _length_function_at():
    """Byte position in PropertyRNA of the function that tells a dynamic array's length, or None.

    It is set for the arrays that RNA declares without a length, and null for nearly all others.
    """
    dynamic, at = _memories(_DYNAMIC), proposed.place("length_function", _SPAN, 8)
    if dynamic and at is not None:
        _, fixed = _arrays(_FEW_ARRAYS)
        if len(fixed) >= 12 and _is_set_and_null(at, dynamic, fixed):
            return at
    _, fixed = _arrays(_ARRAYS)
    places = _set_and_null(dynamic, fixed) if dynamic and len(fixed) >= 80 else ()
    return places[0] if len(places) == 1 else whole_length_function_at()


def whole_length_function_at():
    """`_length_function_at` by all types: slow."""
    import bpy

    dynamic, fixed = _arrays(dir(bpy.types))
    if len(dynamic) < 3 or len(fixed) < 100:
        return None
    return next(iter(_set_and_null(dynamic, fixed)), None)


def _arrays(names):
    """PropertyRNA's bytes for the arrays of these types: (those without a declared length, the others)."""
    import bpy

    dynamic, fixed = [], []
    for name in names:
        rna = getattr(getattr(bpy.types, name, None), "bl_rna", None)
        for prop in rna.properties if rna else ():
            if getattr(prop, "is_array", False):  # of numbers and booleans
                memory = _core.read_memory(prop.as_pointer(), _SPAN)
                if memory:
                    (fixed if prop.array_length else dynamic).append(memory)
    return dynamic, fixed


def _set_and_null(dynamic, fixed):
    """The places of pointers that are set in all of the first and null in nearly all of the second."""
    null = bytes(8)
    return [at for at in range(0, _SPAN, 8) if null not in [m[at : at + 8] for m in dynamic]
            and len([m for m in fixed if m[at : at + 8] != null]) * 20 < len(fixed)]


def _is_set_and_null(at, those, others):
    """Whether the pointer there is set in all of the first and null in all of the second."""
    null = bytes(8)
    return null not in [m[at : at + 8] for m in those] and {m[at : at + 8] for m in others} == {null}


def is_dynamic(prop):
    """True if an array property's length differs from element to element; None if not known.

    Where memory cannot be asked: only indices (polygon.vertices) declare a length and have another
    (rna_mesh.cc). What bpy gives in bulk is compared with its elements before it is trusted.
    """
    if not prop.array_length:
        return True
    at = _length_function_at()
    memory = at is not None and _core.read_memory(prop.as_pointer() + at, 8)
    if not memory:
        return None if prop.type == "INT" else False
    return memory != bytes(8)


# Properties that some structs refuse to have edited, and some that none does, whatever else their RNA has
# functions for (rna_lattice.cc, rna_nla.cc, rna_object.cc, rna_vfont.cc; rna_pose.cc and others).
_GUARDED = (("Lattice", "points_u"), ("Lattice", "points_v"), ("Lattice", "points_w"), ("NlaStrip", "action"),
            ("Object", "use_mesh_mirror_y"), ("VectorFont", "filepath"))
_FREE = (("Object", "location"), ("Object", "hide_render"), ("Object", "matrix_world"), ("Object", "rotation_euler"),
         ("Object", "pass_index"), ("PoseBone", "location"), ("Node", "location"), ("Camera", "lens"),
         ("MeshVertex", "co"), ("ShapeKey", "value"))


def _memories(names):
    """PropertyRNA's bytes for each (RNA type, property), or None where one is missing."""
    import bpy

    found = []
    for kind, name in names:
        rna = getattr(getattr(bpy.types, kind, None), "bl_rna", None)
        prop = rna and rna.properties.get(name)
        memory = prop and _core.read_memory(prop.as_pointer(), _SPAN)
        if not memory:
            return None
        found.append(memory)
    return found


@functools.cache
def editable_function_at():
    """Byte position in PropertyRNA of the function that tells whether a struct's property may be edited:
    the one place that is set for the guarded and null for the free. None if there is no such place."""
    guarded, free = _memories(_GUARDED), _memories(_FREE)
    if guarded is None or free is None:
        return None
    at = proposed.place("editable_function", _SPAN, 8)
    if at is not None and _is_set_and_null(at, guarded, free):
        return at
    places = [at for at in range(0, _SPAN, 8) if _is_set_and_null(at, guarded, free)]
    return places[0] if len(places) == 1 else None


def is_guarded(prop):
    """True if structs decide one by one whether this RNA property may be edited; None if not known."""
    at = editable_function_at()
    memory = at is not None and _core.read_memory(prop.as_pointer() + at, 8)
    return memory != bytes(8) if memory else None


def told():
    """(name, numbers) of what this session found, for later ones of the same build (`proposed`)."""
    place, found = raw_place(), sdna()
    if found is not None and found.at is not None:
        yield "sdna", (found.at,)
    if place is not None:
        codes = [number for code, scalar in place.codes.items() for number in (code, _SCALARS.index(scalar))]
        yield "raw_place", (place.offset_at, place.type_at, *codes)
    for name, at in (("length_function", _length_function_at()), ("editable_function", editable_function_at())):
        if at is not None:
            yield name, (at,)
