# runtime/rnaslicer/inspection/seen.py: which expressions led to which kernel, by which route and why.
"""Filled while wrappers are entered, by a plain assignment; read when somebody looks."""

from .. import _core
from ..errors import text_of
from ..expression.gather import text_of_items

MOST = 4096  # beyond, it starts over: scripts may make expressions without end

#: (kernel's signature, or None where no kernel runs; expression): (route, why).
SEEN = {}

_WHY = {
    "": "",
    "nothing": "there is nothing to move",
    "struct": "one struct's value: bpy's own call is all it takes",
    "custom": "custom properties are each struct's own; bpy's item access reads and writes them",
    "instances": "instances exist only while bpy iterates over them",
    "computed": "bpy computes it when it is asked: no memory holds it",
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
    cause = _WHY.get(why, why)
    return f"{text}; not direct, for {cause}" if cause and route != "direct" else text


def reasons_of(text):
    """Why an expression takes its routes, in words."""
    _take_recent()
    return list(dict.fromkeys(reason(*how) for (_, known), how in list(SEEN.items()) if known == text))


def _take_recent():
    for signatures, path, expression in _core.take_recent():  # at no cost until somebody looks
        if len(SEEN) > MOST:
            SEEN.clear()
        for signature in signatures:
            SEEN[signature, text_of(path) + text_of_items(expression)] = "direct", ""


def note_seen(routes, expression):
    """An expression led to these routes."""
    if len(SEEN) > MOST:
        SEEN.clear()
    for route in routes:
        kernel = route.kernel
        SEEN[kernel and kernel.signature, expression] = route.name, route.why
