# runtime/rnaslicer/blender/hints.py: what to write instead of a name that leads nowhere; for messages only.
"""Asks bpy what is there, but nothing that crashes or makes layers. Each hint is a clause that ends a sentence, or ''."""

import itertools

from .custom import known_keys
from .hazards import LEADS_ASTRAY
from .moved import instead
from .names import names_in
from .rna import near

_NEVER = {("UDIMTile", "pixels"): "Blender gives scripts the pixels of the first tile only, as the image's 'pixels'"}
_VALUES = "value", "vector", "color", "uv"
_MOST = 8  # names that a message lists
_LOOKED = 256  # elements that are looked at for one


def of_property(rna, name, struct=None, coll=None, listed=()):
    """For a property `name` that the RNA type has not. `struct`: one of that type; `coll`: a collection of such;
    `listed`: a sequence that may have more."""
    structs = [struct, *(one for one in listed[:_LOOKED] if one.bl_rna == rna and one != struct)] if struct else []
    if coll is not None and rna.name_property is not None:  # others are not touched: it un-shares arrays, or computes
        structs = [one for one in itertools.islice(coll, _LOOKED) if one]
        struct = structs[0] if structs else None
    if (rna.identifier, name) in _NEVER:
        return f"; {_NEVER[rna.identifier, name]}"
    if name.startswith('["'):
        return """; each key is an item, as in '["group"]', '["name"]'"""
    if rna.identifier == "ID" and not structs:
        return "; of which type these datablocks are only elements tell, and there are none"
    return (instead(rna, name) or _of_value(rna, name) or _of_any(_of_custom, name, structs) or _of_key(name, struct, coll)
            or _of_python(rna, name) or _of_any(_further, name, structs) or near(name, rna.properties.keys()))


def _of_any(clause, name, structs):
    """A clause for those of some structs that have what is asked for."""
    found = [(struct, said) for struct in structs for said in [clause(name, struct)] if said]
    if not found:
        return ""
    first, said = found[0]
    some = f", which not all have, as {first.name!r} does" if len(found) < len(structs) else ""
    return said + some


def of_key(key, names):
    """For a key that a collection has not: close ones, or what there is."""
    names = sorted(names, key=lambda name: name.startswith("."))  # layers that Blender hides come last
    clause = near(key, names)
    if clause or not names:
        return clause or "; there are none"
    listed = ", ".join(map(repr, names[:_MOST]))
    return f"; there {'is' if len(names) == 1 else 'are'} {listed}{', ...' if len(names) > _MOST else ''}"


def _of_value(rna, name):
    """For the elements of a layer: the name of their value."""
    if name not in _VALUES:
        return ""
    found = [one for one in _VALUES if one in rna.properties]
    return f"; its value is {found[0]!r}" if len(found) == 1 else ""


def _of_custom(name, struct):
    if struct is None or name not in known_keys(struct):
        return ""
    return f"; it is a custom property, written '[\"{name}\"]'"


def _of_key(name, struct, coll):
    if coll is None or struct is None or name not in names_in(coll):
        return ""
    return f"; {name!r} is a key: write '[\"{name}\"]' for that element, or the list [{name!r}] for an axis"


def _of_python(rna, name):
    """For what bpy's own Python adds to a type."""
    import bpy

    if name in rna.functions:
        return "; it is a function"
    kind = getattr(bpy.types, rna.identifier, None)
    found = getattr(kind, name, None)
    if found is None or name.startswith("_"):
        return ""
    if isinstance(found, property):
        return (f"; it is a Python property of bpy's, no data of Blender's: slice what it gives, if those are structs, as "
                f"in Slicer(list(struct.{name}))")
    return "; it is a function" if callable(found) else ""


def _further(name, struct):
    """One pointer further."""
    if struct is None:
        return ""
    found = []
    for prop in struct.bl_rna.properties:
        if prop.type != "POINTER" or prop.is_runtime or (struct.bl_rna.identifier, prop.identifier) in LEADS_ASTRAY:
            continue
        kind = prop.fixed_type
        if kind.identifier == "ID":  # which kind only the datablock tells
            other = getattr(struct, prop.identifier, None)
            kind = other.bl_rna if other is not None else None
        if kind is not None and prop.identifier != "rna_type" and name in kind.properties:
            found.append(prop.identifier)
    return f"; there is {' or '.join(f'{one!r}, {name!r}' for one in found[:3])}" if found else ""


_NO_PIXELS = {
    "RENDER_RESULT": "Blender gives scripts no pixels of a render's result; image.save_render(path) writes them, and an "
                     "image loaded from there has them",
    "COMPOSITING": "there are none before a viewer node was composited",
    "MULTILAYER": "Blender gives scripts no pixels of layers; save the one that is wanted as an image of its own",
}


def why_no_pixels(image, flat=False):
    """Why an image has none, or None. `flat`: no pixels are pixels, too, unless Blender keeps them to itself."""
    if len(image.pixels) or flat and image.type not in _NO_PIXELS:
        return None
    missing = f"its file ({image.filepath!r}) is not there or cannot be read" if image.filepath else (
        f"it is a {image.source.lower()} without a file")
    return _NO_PIXELS.get(image.type, missing)


def of_channel(name, flat, items):
    """For letters after an image's pixels where those are the supplier: no axis of them has channels."""
    if not flat or name != "pixels" or not any(item[0] in ("name", "names") for _, item in items):
        return ""
    return "; channels are an axis from the image on, as in Slicer(image)['pixels', :, :, 'r']"
