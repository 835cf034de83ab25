# runtime/rnaslicer/supplier/types.py: which RNA types lead to which, as the running build declares it.
"""Blender tells no path to many structs. RNA tells which properties of which types lead where, so a way to a struct is
looked for only along those that can lead to its type: nothing else is read (reading some crashes, hazards.UV_SCULPT)."""

import collections
import functools
from typing import NamedTuple

from ..blender.hazards import LEADS_ASTRAY

_FAR = 99
_NO_DATA = {"Operator", "OperatorProperties", "Panel", "Menu", "Header", "UIList", "KeyingSetInfo", "PropertyGroup",
            "Gizmo", "GizmoGroup", "Macro", "AssetShelf", "FileHandler", "RenderEngine", "Property", "Struct", "Context"}


class _Graph(NamedTuple):
    bases: dict  # type -> what it refines, or None
    own: dict  # type -> [(property, declared type)]
    into: dict  # type -> types that have a property declared as such


@functools.cache
def _graph():
    import bpy

    bases, own, into, inherited = {}, {}, collections.defaultdict(set), {}
    for name in dir(bpy.types):
        rna = getattr(getattr(bpy.types, name, None), "bl_rna", None)
        base = rna.base if rna is not None else None
        if rna is None or _NO_DATA & {rna.identifier, base and base.identifier}:
            continue
        bases[rna.identifier] = base.identifier if base is not None else None
        if base is not None and base.identifier not in inherited:
            inherited[base.identifier] = set(base.properties.keys())
        of_base = inherited[base.identifier] if base is not None else ()
        for prop in rna.properties:
            if prop.type in ("POINTER", "COLLECTION") and _leads(rna, prop, of_base):
                own.setdefault(rna.identifier, []).append((prop.identifier, prop.fixed_type.identifier))
    for name, pairs in own.items():
        for _, declared in pairs:
            if "ID" not in _line(declared, bases):  # what lies in another datablock has its path from there
                into[declared].add(name)
    return _Graph(bases, own, into)


def _leads(rna, prop, inherited):
    return (not prop.is_runtime and prop.identifier != "rna_type" and prop.identifier not in inherited
            and (rna.identifier, prop.identifier) not in LEADS_ASTRAY and prop.fixed_type is not None)


def _line(name, bases):
    """A type and what it refines."""
    while name is not None:
        yield name
        name = bases.get(name)


@functools.lru_cache(256)
def _distances(target):
    """Declared type -> fewest properties from such a struct, which may be of any type that refines it, to a target."""
    graph = _graph()
    found = {name: 0 for name in _line(target, graph.bases) if name not in ("ID", "PropertyGroup")}
    waiting = collections.deque(found)
    while waiting:
        declared = waiting.popleft()
        for owner in graph.into.get(declared, ()):
            for name in _line(owner, graph.bases):
                if name not in found:
                    found[name] = found[declared] + 1
                    waiting.append(name)
    return found


def distance(rna, target):
    """Fewest steps from a struct of the RNA type `rna` to one of the type named `target`; large where none lead there."""
    near, graph = _distances(target), _graph()
    return min((near.get(declared, _FAR) + 1 for name in _line(rna.identifier, graph.bases)
                for _, declared in graph.own.get(name, ())), default=_FAR)


def leads(rna, target, steps):
    """Names of the properties of a struct of the type `rna` from which `steps - 1` more may lead to a `target`."""
    near, graph = _distances(target), _graph()
    for kind in _line(rna.identifier, graph.bases):
        for name, declared in graph.own.get(kind, ()):
            if near.get(declared, _FAR) < steps and "ID" not in _line(declared, graph.bases):
                yield name
