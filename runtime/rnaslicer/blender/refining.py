# runtime/rnaslicer/blender/refining.py: which RNA types' elements may turn out to be of another type.
"""A StructRNA has a function that tells the type of an element which is declared as that type (refine; rna_define.cc,
rna_access.cc). Where it is null, a collection's element is of the type that is declared. All kinds of datablocks have
that of ID, which goes by the ID's code, except those whose type changes (lights, textures). Where it lies is found by
types for which that is known: nothing of it is compiled in, and where no single place fits, nobody relies on it.
"""

import functools
import itertools
import struct

from .. import _core

_SPAN = 256  # bytes of StructRNA that are searched
_NEVER = ("MeshVertex", "MeshPolygon", "Keyframe", "SplinePoint", "ShapeKeyPoint", "PoseBone")
_AS_IDS = ("ID", "Mesh", "Object", "Scene", "Camera", "Material", "Action", "Armature")
_OWN = ("Light", "Texture", "Curve", "NodeTree", "Modifier", "Constraint", "Node", "Space")


def all_types():
    """bpy's classes that have an RNA type: thousands, so that no step of Python is made for each."""
    import bpy

    classes = list(map(getattr, itertools.repeat(bpy.types), dir(bpy.types), itertools.repeat(None)))
    classes = list(itertools.compress(classes, map(isinstance, classes, itertools.repeat(type))))
    return list(itertools.compress(classes, map(hasattr, classes, itertools.repeat("bl_rna"))))


def kinds_of(rna):
    """bpy's classes that refine an RNA type, by name."""
    import bpy

    base = getattr(bpy.types, rna.identifier, None)
    found = [kind for kind in all_types() if kind is not base and issubclass(kind, base)] if base else []
    return sorted(found, key=lambda kind: kind.bl_rna.identifier)


def _words(rna):
    memory = _core.read_memory(rna.as_pointer(), _SPAN)
    return struct.unpack(f"{_SPAN // 8}Q", memory) if memory else None


@functools.cache
def _place():
    """(index of the word in StructRNA, what stands there for datablocks), or None."""
    import bpy

    told = []
    for names in (_NEVER, _AS_IDS, _OWN):
        kinds = [getattr(bpy.types, name, None) for name in names]
        told.append([kind and _words(kind.bl_rna) for kind in kinds])
    never, ids, own = told
    if not all(never + ids + own):
        return None
    places = [(i, word) for i, word in enumerate(ids[0]) if word and all(words[i] == word for words in ids)
              and not any(words[i] for words in never) and all(words[i] not in (0, word) for words in own)]
    return places[0] if len(places) == 1 else None


def _function(rna):
    place = _place()
    words = place and _words(rna)
    return None if words is None else words[place[0]]


def refines(rna):
    """Whether what is declared as this RNA type may be of another; None if not known."""
    function = _function(rna)
    return None if function is None else function != 0


def refines_as_ids_do(rna):
    """Whether an ID's code alone tells the type of what is declared as this one; None if not known."""
    function = _function(rna)
    return None if function is None else function == _place()[1]
