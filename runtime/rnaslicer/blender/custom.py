# runtime/rnaslicer/blender/custom.py: custom properties as bpy's item access gives them: numbers and arrays of numbers.
"""A float is a double, and so a 'd' (what one is stored as, bpy does not tell); arrays tell their own type."""

from typing import NamedTuple

_SCALARS = {bool: "b1", int: "i32", float: "f64"}
_ARRAYS = {"b": "b1", "i": "i32", "f": "f32", "d": "f64"}
_WORDS = {"b1": "bool", "i32": "int", "f32": "32 bit float", "f64": "float"}


class FormError(Exception):
    """A struct has no such property, or one that is no number; its text says which."""


class Form(NamedTuple):
    """What one custom property holds."""

    scalar: str
    dims: tuple  # () for a number

    def __str__(self):
        word = _WORDS[self.scalar]
        return f"an array of {self.dims[0]} {word}s" if self.dims else f"{'an' if word == 'int' else 'a'} {word}"


def known_keys(struct):
    """The keys that a struct has."""
    try:
        return [str(key) for key in struct.keys()]
    except (AttributeError, TypeError, ReferenceError):
        return []


def value_of(struct, key):
    """The value; FormError where there is none."""
    try:
        return struct[key]
    except KeyError:
        raise FormError("there is no such custom property") from None
    except TypeError as error:
        raise FormError(f"a {type(struct).__name__} has no custom properties ({error})") from None


def form_of(struct, key):
    """The `Form` of a struct's custom property. Raises FormError."""
    return form(value_of(struct, key))


def form(value):
    """The `Form` of a value that item access gave. Raises FormError if it is no number or array of numbers."""
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return Form(scalar, ())
    scalar = _ARRAYS.get(getattr(value, "typecode", None))
    if scalar is not None:
        return Form(scalar, (len(value),))
    raise FormError(f"it is a {type(value).__name__}, neither a number nor an array of numbers")
