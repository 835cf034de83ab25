# runtime/rnaslicer/transfer/kept.py: how a struct leads to its layers; native code sees whether it still has them.
"""A mesh or a drawing has tables of layers (CustomData), or a list of pointers to them (AttributeStorage). SDNA of the
running build tells where. What that list looks like no SDNA tells: it is learnt once in a session, from meshes in a
file of their own that nobody else sees. Each description is tried on a struct of the session: it must lead to all
attributes that bpy lists there, and to no other list. Native code then compares (runtime/trail/kept.hpp).
"""

import functools
import struct

from .. import _core
from ..basis import proposed
from ..blender.customdata import number
from ..blender.hazards import temporary
from ..blender.sdna import sdna
from ..supplier.identity import Path

_SPAN = 512  # bytes of a list that are searched
_COUNTS = 1, 3, 4, 6, 9, 17  # attributes of the meshes that are learnt from
_CONFIRMING = 6  # of the only one that confirms
# Numbers of elements beside layers (DNA_curves_types.h, DNA_mesh_types.h).
_SIZES = {"point_size", "curve_size", "totvert", "totedge", "totpoly", "totloop", "verts_num", "edges_num", "faces_num",
          "corners_num"}
_MOST = 64  # layers of a struct; more are left to bpy
# The DNA structs of those that bpy asks nothing else of to give their arrays and count them (rna_fcurve.cc,
# rna_curve.cc): {RNA type: (DNA struct, collections)}.
_TELLING = {"FCurve": ("FCurve", ("keyframe_points",)), "Spline": ("Nurb", ("points", "bezier_points"))}


@functools.cache
def described(kind, has_sizes):
    """(class, tables, places in a layer, list, sizes) as runtime/trail/trail.hpp has them of a class of bpy's; None
    where SDNA does not tell, or what it tells was not understood. `has_sizes`: the struct itself is asked how many
    elements it has."""
    found = sdna()
    dna = found and found.structs.get(kind.bl_rna.identifier)
    if dna is None:
        return None
    storages = list(_within(found, dna, "AttributeStorage"))
    if storages:
        return _of_list(found, kind, storages, has_sizes)
    layer, data = found.structs["CustomDataLayer"], found.structs["CustomData"].fields
    tables = [at + data[name].offset for _, at in _within(found, dna, "CustomData") for name in ("layers", "totlayer")]
    sizes = _sizes(list(_within(found, dna, "CustomData"))) if has_sizes else ()
    name = layer.fields["name"]
    if not tables or has_sizes and not sizes:
        return None
    places = layer.size, name.offset, name.size, layer.fields["type"].offset, layer.fields["data"].offset
    return kind, tuple(tables), places, (), sizes


def _of_list(found, kind, storages, has_sizes):
    learnt = _list() if len(storages) == 1 else None
    sizes = _sizes(storages) if has_sizes else ()
    if learnt is None or has_sizes and not sizes:
        return None
    (_, at), = storages
    return kind, (), (), (at + found.structs["AttributeStorage"].fields["runtime"].offset, *learnt), sizes


def _pointer_of(kind, name):
    """(class, byte places of its pointer, of a datablock's to its original, of a datablock's name) of a class of bpy's
    whose property is but that pointer, which native code compares with what bpy gives; None for others."""
    structs = sdna().structs if sdna() else {}
    dna, ids = structs.get(kind.bl_rna.identifier), structs.get("ID")
    if (kind.bl_rna.identifier, name) != ("Object", "data") or dna is None or ids is None:
        return None
    places = dna.fields.get(name), ids.fields.get("orig_id"), ids.fields.get("name")
    is_known = None not in places and places[0].is_pointer and places[1].is_pointer
    return (kind, *(one.offset for one in places)) if is_known else None


def pointer_along(steps, leaf):
    """How what the steps begin at points to what has the collection; None where more steps lead there, or bpy must be
    asked."""
    if len(steps) != 2 or leaf.path.steps[-2:] != tuple(steps) or {kind for kind, _ in steps} != {"attr"}:
        return None
    return _pointer_of(type(Path(leaf.path.root, leaf.path.steps[:-2]).follow()), steps[0][1])


def holder_of(routes, place):
    """(byte place of the pointer to its array in a struct, bytes of the struct that tell the array and its length) as
    runtime/trail/trail.hpp has them; 0 bytes where bpy may ask more than that for it. None of None."""
    if place is None:
        return None
    path = routes[0].leaf.path
    name, names = _TELLING.get(type(path.follow().data).__name__, (None, ()))
    dna = sdna().structs.get(name) if sdna() and path.steps[-1] in (("attr", one) for one in names) else None
    is_there = dna is not None and any(one.is_pointer and one.offset == place for one in dna.fields.values())
    return place, dna.size if is_there else 0


def tables_of(owner, has_sizes=False):
    """The description for a struct's class, if it leads to what bpy lists of this one; else None."""
    told = described(type(owner), has_sizes) if hasattr(owner, "attributes") else None
    return told if told is not None and _is_right(told, owner) else None


def _is_right(told, owner):
    _, tables, layer, places, sizes = told
    listed, address = [one.as_pointer() for one in owner.attributes], owner.as_pointer()
    counts = {number("i", address + at) for at in sizes}
    if sizes and not {len(one.data) for one in owner.attributes} <= counts or len(listed) > _MOST:
        return False
    if not places:
        there = [number("Q", address + at) + i * layer[0] for at, count in zip(tables[::2], tables[1::2])
                 for i in range(number("i", address + count))]
        return set(listed) <= set(there)
    at, keys_at, count_at, _ = places
    first = number("Q", address + at)
    return not listed if not first else (number("q", first + count_at) == len(listed)
                                         and _numbers(number("Q", first + keys_at), len(listed)) == listed)


def _within(found, dna, kind, base=0):
    """(the struct that has it, byte place from the outermost) of each field of a DNA struct's kind, however deep."""
    for field in dna.fields.values():
        if field.is_pointer or field.count != 1 or field.type == dna.name:
            continue
        if field.type == kind:
            yield (dna, base), base + field.offset
        elif field.type in found.structs and field.type not in ("CustomData", "AttributeStorage"):
            yield from _within(found, found.structs[field.type], kind, base + field.offset)


def _sizes(within):
    """Byte places of the numbers of elements beside layers; nothing where these lie in several structs."""
    owners = {(dna.name, base): dna for (dna, base), _ in within}
    if len(owners) != 1:
        return ()
    ((_, base), dna), = owners.items()
    return tuple(base + one.offset for one in dna.fields.values()
                 if one.type == "int" and one.size == 4 and not one.is_pointer and one.name in _SIZES)


def _numbers(address, count):
    memory = _core.read_memory(address, 8 * count) if address and count else b""
    return list(struct.unpack(f"{len(memory) // 8}Q", memory)) if memory else []


@functools.cache
def _list():
    """(byte place in a list of the pointer to its pointers, of their number, in a layer of its domain); None where that
    is not learnt."""
    import bpy

    try:
        with temporary(bpy.data.temp_data()) as data:
            return _learnt(data)
    except RuntimeError:  # where bpy lets nobody have one
        return None


def _learnt(data):
    """The same. No object of bpy's outlives this, also where it fails: Blender frees them after it."""
    try:
        return _learnt_from_meshes(data)
    except (RuntimeError, AttributeError, TypeError, KeyError, struct.error):
        return None


def _learnt_from_meshes(data):
    """From such with more and more attributes, of all domains; from one, where that confirms what an earlier run of this
    build learnt from all."""
    told = proposed.numbers("layer_list")
    if len(told) == 3:
        keys, counts, domains = _told_by(data, _CONFIRMING)
        if told[0] in keys and told[1] in counts and told[2] in domains and told[1] < told[0]:
            return told
    keys, counts, domains = None, None, None
    for many in _COUNTS:
        leads, tells, apart = _told_by(data, many)
        keys, counts = (leads, tells) if keys is None else (keys & leads, counts & tells)
        domains = apart if domains is None else domains & apart
    if not keys or not counts or len(keys) != 1 or not domains:
        return None
    key, = keys
    return (key, min(counts), min(domains)) if min(counts) < key else None


def _told_by(data, many):
    """(places that lead to the layers, that tell their number, bytes of a layer that tell its domain) of a mesh with as
    many attributes."""
    structs = sdna().structs
    at = structs["Mesh"].fields["attribute_storage"].offset + structs["AttributeStorage"].fields["runtime"].offset
    mesh = data.meshes.new("Layers")
    for i in range(many):
        mesh.attributes.new(f"layer {i}", "FLOAT", ("POINT", "EDGE", "FACE", "CORNER")[i % 4])
    listed = [one.as_pointer() for one in mesh.attributes]
    memory = _core.read_memory(number("Q", mesh.as_pointer() + at), _SPAN)
    words = struct.unpack(f"{_SPAN // 8}Q", memory) if memory else ()
    # A pointer to a pointer to the only layer may be anything: such a mesh only tells what they are not.
    leads = {8 * i for i, word in enumerate(words) if _numbers(word, len(listed)) == listed}
    return leads, {8 * i for i, word in enumerate(words) if word == len(listed)}, _domains(mesh)


def told():
    """The same as (name, numbers) for later sessions of this build (`proposed`)."""
    learnt = _list() if sdna() and "AttributeStorage" in sdna().structs else None
    if learnt is not None:
        yield "layer_list", learnt


def _domains(mesh):
    """Bytes of a layer that tell its domain."""
    layers = [(one.domain, _core.read_memory(one.as_pointer(), 64)) for one in mesh.attributes]
    domains = [domain for domain, memory in layers if memory]
    columns = [[*zip(domains, bytes_there)] for bytes_there in zip(*[memory for _, memory in layers if memory])]
    count = len({domain for domain, _ in layers})
    return {i for i, column in enumerate(columns) if len({*column}) == count == len({byte for _, byte in column})}
