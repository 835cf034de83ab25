# runtime/rnaslicer/supplier/types.py: which RNA types lead to which, as the running build declares it.
"""Blender tells no path to many structs. RNA tells which properties of which types lead where, so a way to a struct is
looked for only along those that can lead to its type: nothing else is read (reading some crashes, hazards.UV_SCULPT).
What scripts register comes and goes, so ways to their groups are worked out anew each time."""

import collections
import functools

from ..basis.records import Record
from ..blender.hazards import LEADS_ASTRAY
from ..blender.registered import BUILT_IN, leads_to_a_type, subclasses

_FAR = 99
_NO_DATA = {"Operator", "Panel", "Menu", "Header", "UIList", "KeyingSetInfo", "Gizmo", "GizmoGroup", "Macro",
            "AssetShelf", "FileHandler", "RenderEngine", "Property", "Struct", "Context"}
_OF_SCRIPTS = {"OperatorProperties", "PropertyGroup"}  # a type of its own for each operator, and for each class
_NO_ANCHOR = {"ID", "PropertyGroup"}  # what is declared as such may be of any type


class _Graph(Record):
    bases: dict  # type -> what it refines, or None
    refined: dict  # type -> types that refine it, directly
    own: dict  # type -> [(property, declared type)]
    into: dict  # type -> types that have a property declared as such


def _read(with_scripts):
    """The `_Graph` of now: what Blender declares, or with classes and properties that scripts registered."""
    import bpy

    bases, own, inherited = {}, {}, {}
    refined, into = collections.defaultdict(set), collections.defaultdict(set)
    for cls in _classes(with_scripts):
        rna = getattr(cls, "bl_rna", None)
        base = rna.base if rna is not None else None
        kinds = {rna and rna.identifier, base and base.identifier}
        if rna is None or rna.identifier in bases or _NO_DATA & kinds or base and base.identifier in _OF_SCRIPTS and not with_scripts:
            continue
        bases[rna.identifier] = base.identifier if base is not None else None
        if base is not None:
            refined[base.identifier].add(rna.identifier)
            if base.identifier not in inherited:
                inherited[base.identifier] = set(base.properties.keys())
        of_base = inherited[base.identifier] if base is not None else ()
        for prop in rna.properties:
            if prop.type in ("POINTER", "COLLECTION") and _leads(cls, prop, of_base, with_scripts):
                own.setdefault(rna.identifier, []).append((prop.identifier, prop.fixed_type.identifier))
    for name, pairs in own.items():
        for _, declared in pairs:
            if "ID" not in _line(declared, bases):  # what lies in another datablock has its path from there
                into[declared].add(name)
    return _Graph(bases, refined, own, into)


_graph = functools.cache(functools.partial(_read, False))


def _classes(with_scripts):
    """Those that Blender itself has, and those of scripts (groups, nodes, preferences), which bpy.types does not list."""
    import bpy

    yield from (getattr(bpy.types, name, None) for name in dir(bpy.types))
    if with_scripts:  # classes that bpy itself made, of an operator's properties, keep an RNA type that may be freed
        yield from (cls for cls in subclasses(bpy.types.bpy_struct)
                    if cls.__module__ not in BUILT_IN and "bl_rna" in vars(cls))


def _leads(cls, prop, inherited, with_scripts):
    if prop.is_runtime and not (with_scripts and leads_to_a_type(cls, prop)):
        return False
    return (prop.identifier != "rna_type" and prop.identifier not in inherited
            and (cls.bl_rna.identifier, prop.identifier) not in LEADS_ASTRAY and prop.fixed_type is not None)


def _line(name, bases):
    """A type and what it refines."""
    while name is not None:
        yield name
        name = bases.get(name)


def _below(name, refined):
    """All types that refine one."""
    for one in refined.get(name, ()):
        yield one
        yield from _below(one, refined)


class Towards:
    """Where ways to structs of one type may go."""

    def __init__(self, graph, target):
        self._graph, self.target = graph, target
        self._near = found = {name: 0 for name in _line(target, graph.bases)
                              if name not in _NO_ANCHOR or name == target}
        waiting = collections.deque(found)
        while waiting:
            declared = waiting.popleft()
            for owner in graph.into.get(declared, ()):
                # As which an owner may be declared; and those that refine it have its properties, too.
                for name in (*_line(owner, graph.bases), *_below(owner, graph.refined)):
                    if name not in found:
                        found[name] = found[declared] + 1
                        waiting.append(name)

    def _known(self, rna):
        """The type, or what it refines: that of a script's node is a node."""
        while rna.identifier not in self._graph.bases and rna.base is not None:
            rna = rna.base
        return rna.identifier

    def distance(self, rna):
        """Fewest steps from a struct of the RNA type `rna`; large where none lead there."""
        return min((self._near.get(declared, _FAR) + 1 for name in _line(self._known(rna), self._graph.bases)
                    for _, declared in self._graph.own.get(name, ())), default=_FAR)

    def leads(self, rna, steps):
        """Names of the properties of a struct of the type `rna` from which `steps - 1` more may lead there."""
        bases = self._graph.bases
        for kind in _line(self._known(rna), bases):
            for name, declared in self._graph.own.get(kind, ()):
                if self._near.get(declared, _FAR) < steps and "ID" not in _line(declared, bases):
                    yield name


def towards(rna):
    """The `Towards` for structs of an RNA type, or None where RNA declares no property that leads to such."""
    kinds, base = [], rna
    while base is not None:
        kinds.append(base.identifier)
        base = base.base
    if "PropertyGroup" in kinds:
        graph = _read(True)
        return Towards(graph, kinds[0]) if kinds[0] in graph.bases else None
    target = next((kind for kind in kinds if kind in _graph().bases), None)
    return target and _declared(target)


@functools.lru_cache(256)
def _declared(target):
    return Towards(_graph(), target)
