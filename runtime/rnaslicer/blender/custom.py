# runtime/rnaslicer/blender/custom.py: custom properties as bpy's item access gives them: numbers and arrays of numbers.
"""Where such a property is a group, more keys lead into it: a property is named by a tuple of keys. A float is a
double, and so a 'd' (what one is stored as, bpy does not tell); arrays tell their own type."""

from ..basis.records import Record

_SCALARS = {bool: "b1", int: "i32", float: "f64"}
_ARRAYS = {"b": "b1", "i": "i32", "f": "f32", "d": "f64"}
_WORDS = {"b1": "bool", "i32": "int", "f32": "32 bit float", "f64": "float"}


class FormError(Exception):
    """A struct has no such property, or one that is no number; its text says which."""


class Form(Record):
    """What one custom property holds."""

    scalar: str
    dims: tuple  # () for a number

    def __str__(self):
        word = _WORDS[self.scalar]
        return f"an array of {self.dims[0]} {word}s" if self.dims else f"{'an' if word == 'int' else 'a'} {word}"


def item(key):
    """A key as an item of an expression."""
    return f"""'["{key}"]'"""


def _what(value):
    """The kind of a value, in words."""
    name = type(value).__name__
    return "None" if value is None else f"a{'n' if name[0] in 'aeiouAEIOU' else ''} {name}"


def known_keys(struct):
    """The keys that a struct has."""
    try:
        return [str(key) for key in struct.keys()]
    except (AttributeError, TypeError, ReferenceError):
        return []


def is_group(value):
    """Whether a value that item access gave is a group, which has properties of its own."""
    return type(value).__name__ == "IDPropertyGroup"


def holder_of(struct, keys):
    """The struct, or group in it, that has the last of the keys. Raises FormError."""
    for done, key in enumerate(keys[:-1], 1):
        struct = value_of(struct, (key,))
        if not is_group(struct):
            raise FormError(f"{written(keys[:done])} is {_what(struct)}, no group of properties")
    return struct


def value_of(struct, keys):
    """The value; FormError where there is none."""
    holder = holder_of(struct, keys)
    try:
        return holder[keys[-1]]
    except KeyError:
        raise FormError("there is no such custom property") from None
    except TypeError as error:
        raise FormError(f"a {type(holder).__name__} has no custom properties ({error})") from None


def written(keys):
    """Keys as RNA paths write them."""
    return "".join(f'["{key}"]' for key in keys)


def form(value):
    """The `Form` of a value that item access gave. Raises FormError if it is no number or array of numbers."""
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return Form(scalar, ())
    scalar = _ARRAYS.get(getattr(value, "typecode", None))
    if scalar is not None:
        return Form(scalar, (len(value),))
    if is_group(value):
        raise FormError(f"it is a group; name one of its properties, as in {item(next(iter(value.keys()), 'key'))}")
    if isinstance(value, list):
        raise FormError("it is a list of groups, which bpy gives as a list anew each time; read them by bpy")
    more = "; name a property of it" if hasattr(value, "bl_rna") else ""
    raise FormError(f"it is {_what(value)}, neither a number nor an array of numbers{more}")
