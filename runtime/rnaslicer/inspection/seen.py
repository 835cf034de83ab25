# runtime/rnaslicer/inspection/seen.py: which expressions led to which kernel, by which route and why.
"""Filled while wrappers are entered, by a plain assignment; read when somebody looks."""

from typing import Any

from .. import _core
from ..errors import text_of
from ..expression.gather import text_of_items
from ..layout.storage import FORMAT

MOST = 4096  # beyond, the older half goes: scripts may make expressions without end

#: (kernel's signature, or None where no kernel runs; expression): (route, why).
SEEN = {}

#: While a history is kept: the routes of the call that was just done, where no trail did it. Else None.
last = None

wrapper_class: Any = None  # whose methods move data
calls: Any = None  # calls/given.py: where functions that move data look for who notes them
hook: Any = None  # recording.py, while a history is kept: what it does where these become known
_known_for = None  # what is known for a key of trails


def hand_in(known_for, wrapper, given):
    """Who tells that, and whom a history watches (assembly.py)."""
    global _known_for, wrapper_class, calls
    _known_for, wrapper_class, calls = known_for, wrapper, given
    if hook is not None:
        hook()


_WHY = {
    "": "",
    "nothing": "there is nothing to move",
    "struct": "one struct's value: bpy's own call is all it takes",
    "custom": "custom properties are each struct's own; bpy's item access reads and writes them",
    "instances": "instances exist only while bpy iterates over them",
    "computed": "bpy computes it when it is asked: no memory holds it",
    "script": "the property has functions of a script's (get, set or update), which bpy calls for each element",
    "alone": "there is one element, which alone does not tell where bpy keeps the value",
    "undiscovered": "where Blender keeps it is not known, for discovery has not run in this build; "
                    "rnaslicer.discover() may find it",
    "unproven": "no memory was found whose values agree with bpy's",
    "changed": "its storage changed while it was entered; bpy's own calls are used until it is entered again",
}
_ROUTES = {
    "direct": "a kernel works on Blender's own memory",
    "foreach": "bpy's bulk call, and a kernel where shapes or types differ",
    "element": "bpy, one element after the other",
}
# What is said of routes whatever they are.
_BESIDE = {
    "assigned each": "; an update has bpy assign each element, for what its setter or update function does",
    "written in bulk": "; an update is bpy's bulk call",
}


def expressions(signature):
    """(expression, route, why) of what led to a kernel, oldest first."""
    _take_recent()
    return [(text, *how) for (known, text), how in list(SEEN.items()) if known == signature]


def without_kernel():
    """(expression, route, why) of what was moved by bpy alone."""
    return expressions(None)


def reason(route, why):
    """Both in one sentence."""
    text = f"{route}: {_ROUTES[route]}" if route in _ROUTES else route
    if why == "instances" and route == "foreach":
        text = "foreach: all in one go through bpy's iterator, and a kernel that puts them in place"
    if type(why) is tuple:  # a composed route, one of whose parts takes another
        part, why = why
        return f"{text}; but what leads there by {part}" + (f", for {_WHY.get(why, why)}" if why else "")
    if why in _BESIDE:
        return text + _BESIDE[why]
    cause = _WHY.get(why, why)
    return f"{text}; not direct, for {cause}" if cause and route != "direct" else text


def reasons_of(text):
    """Why an expression takes its routes, in words."""
    _take_recent()
    return list(dict.fromkeys(reason(*how) for (_, known), how in list(SEEN.items()) if known == text))


def title(wrapper, scalar=None):
    """A wrapper's expression, with the settings that tell it from others. scalar: of a buffer that `read` or `write` was
    given, where it is not what RNA has."""
    more = wrapper._more or {}
    settings = (more.get("normalized"), more.get("transform")) if more else ()
    return _with_settings(wrapper._text, text_of(wrapper._path), wrapper._scalar or scalar, wrapper._ragged, settings)


def _with_settings(text, supplier, scalar, ragged, settings):
    said = "" if scalar is None else f", dtype={FORMAT[scalar]!r}"
    said += "" if ragged == "error" else f", ragged={ragged!r}"
    normalized, transform = settings or (False, None)
    said += ", normalized=True" if normalized else ""
    if transform is not None:
        said += f", transform={transform!r}" if isinstance(transform, str) else ", transform=..."
    at = len(supplier) - 1  # its bracket
    return text[:at] + said + text[at:] if said and text.startswith(supplier) else text + said


def _make_room():
    if len(SEEN) > MOST:
        for key in list(SEEN)[:MOST // 2]:
            SEEN.pop(key, None)


def _take_recent():
    for signatures, path, expression, key in _core.take_recent():  # at no cost until somebody looks
        _make_room()
        supplier = text_of(path)
        text = _with_settings(supplier + text_of_items(expression), supplier, *key[3:6])
        for signature in signatures:
            SEEN.setdefault((signature, text), (route_of(_known_for(key)), ""))


def route_of(known):
    """The route whose place a trail takes; of most it is that of memory."""
    return getattr(known, "route", "direct")


def note_seen(routes, wrapper, key=None):
    """A wrapper's values went by these routes. key: of the trail that will do it from now on."""
    if last is not None:
        last[:] = routes
    _make_room()
    scalar = key and key[3]
    text = title(wrapper, None if any(scalar == route.leaf.property.value for route in routes) else scalar)
    for route in routes:
        how = route.name, route.why
        for kernel in set(kernels_of(route)) or (None,):
            SEEN[kernel and kernel.signature, text] = how


def kernels_of(route):
    """Its kernels, and those of the routes that it is made of."""
    found = list(route.own_kernels())
    for part in route.parts():
        found += kernels_of(part)
    return found
