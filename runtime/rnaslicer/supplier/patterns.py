# runtime/rnaslicer/supplier/patterns.py: what the ways to a list's structs are like, for native code to find the others'.
"""Loaded with the first list of structs. The first of a kind was captured; its steps are a pattern (runtime/trail/capture/)."""

import functools

from .. import _core
from ..blender.registered import BUILT_IN, find, leads
from ..blender.rna import COMPUTED
from .capture import id_path, levels, parse_steps, text_of
from .identity import Path

_MOST_PATTERNS = 8  # of one type of struct in one type of datablock


def note_pattern(patterns, path, struct):
    """Remembers the steps from a struct's datablock to it, for structs like it: which asks of its properties only what
    cannot change, as the ways to collections are (capture.py)."""
    owner = struct.id_data
    if owner is None:
        return
    base = id_path(owner)
    before = len(base.steps)
    steps, kinds, registered, reached = path.steps[before:], [], [], owner
    if path.root is not base.root or path.steps[:before] != base.steps or not steps:
        return
    try:
        is_of_curve = any(kind == "fcurve" for kind, _ in steps)
        untold = not is_of_curve and text_of(struct) is None
        if untold and (any(kind != "attr" for kind, _ in steps[:-1]) or steps[-1] not in (
                ("attr", steps[-1][1]), ("key", getattr(struct, "name", None)))):
            return
        if is_of_curve and steps[-1][0] != "fcurve" and (steps[-1][0] != "item" or hasattr(struct, "name")):
            return  # of what has a name its number tells only where others are called the same
        if not untold and not is_of_curve and parse_steps(struct.path_from_id()) != steps:
            return
        for at, (kind, what) in enumerate(steps, before + 1):
            if kind == "attr":
                prop = find(type(reached).bl_rna, what)
                if what == "groups" or what in COMPUTED or prop is None or levels(prop) > 1:
                    return
                if prop.is_runtime:
                    registered.append(_step_of(type(reached), what))
                elif type(reached).__module__ not in BUILT_IN:  # a script's class would live on here
                    return
            kinds.append(type(reached))
            reached = Path(path.root, path.steps[:at]).follow()
    except (ValueError, AttributeError, TypeError):
        return
    if None in registered or not registered and type(struct).__module__ not in BUILT_IN:
        return
    for key in [key for key in patterns if key[1].__module__ not in BUILT_IN and "bl_rna" not in vars(key[1])]:
        del patterns[key]
    key, pattern = (type(owner), type(struct)), (steps, tuple(kinds), untold, tuple(registered))
    others = [one for one in patterns.get(key, ()) if one[:3] != pattern[:3]]
    patterns[key] = (pattern, *others[:_MOST_PATTERNS - 1])


def _step_of(kind, name):
    """What native code compares before it takes a step along a POINTER or COLLECTION that a script registered for a class
    (runtime/supplier/registered.hpp); None where this build does not tell."""
    prop = find(kind.bl_rna, name)
    to = leads(prop)
    memory = to and _core.read_memory(prop.as_pointer(), to[0] + 8)
    if not memory or "bl_rna" not in vars(kind):
        return None
    return kind, vars(kind)["bl_rna"], name, memory, functools.partial(_leads_as_before, name, to[2:]), *to[2:]


def _leads_as_before(name, to, kind):
    prop = find(kind.bl_rna, name)
    return prop is not None and (leads(prop) or ())[2:] == to
