# runtime/rnaslicer/blender/names.py: names that Blender keeps otherwise than it was given them.
"""How long a layer's name can be differs by Blender, and some are cut in the middle of a letter, or without an end.
Such a name cannot be read, or what is read leads nowhere: then an index or an address tells which layer it is.
"""

import functools
import re

from .sdna import sdna


def name_of(struct):
    """The name of a struct as bpy gives it, or None where bpy cannot read it as text, or not to its end."""
    try:
        return whole(struct.name)
    except UnicodeDecodeError:
        return None


def whole(name):
    """A name that bpy gave if it can be asked for, else None: the bytes of a letter that was cut are read as surrogates or
    zeros (hazards.CUT_NAMES), which no key may have (hazards.SURROGATE_KEYS)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return None
    return None if "\0" in name else name


@functools.cache
def _key():
    return re.compile(r'\["((?:[^"\\]|\\.)*)"\]', re.DOTALL)


def key_in(name):
    """The key in a name written as RNA paths write one, `'["key"]'`; None where a name is a property's or letters."""
    match = _key().fullmatch(name) if name[:1] == "[" else None
    return None if match is None else re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)


def names_in(coll):
    """The names of a collection's elements that can be read. Its `keys()` fails if one cannot."""
    try:
        return coll.keys()
    except (UnicodeDecodeError, SystemError):
        return [name for name in map(name_of, coll) if name is not None]


@functools.cache
def _layer_name_size():
    """Bytes that a layer has for its name and the zero that ends it; None where the build does not tell."""
    found = sdna()
    layer = found and found.structs.get("CustomDataLayer")
    field = layer and layer.fields.get("name")
    return field.size if field else None


def fits_layer(name):
    """Whether a layer can have that name, uncut."""
    size = _layer_name_size()
    return size is not None and len(name.encode("utf-8", "surrogatepass")) < size


def attribute_at(layer):
    """The attribute that is the same layer as `layer` (a UV map's, a colour layer's): by its address, for other
    domains may have attributes of that name, too (4.3). None where no attribute is."""
    here = layer.as_pointer()
    return next((one for one in getattr(layer.id_data, "attributes", ()) if one.as_pointer() == here), None)


def animates(curve):
    """(path, index) of what an F-curve animates; None where the path was cut within a letter, as long names of bones are."""
    try:
        path = whole(curve.data_path)
    except UnicodeDecodeError:
        return None
    return None if path is None else (path, curve.array_index)
