# runtime/rnaslicer/transfer/scripts.py: properties whose getters and setters may run a script's code.
"""`update=`, `set=` and `get=` of bpy.props run at once, within an assignment or a look, and may add, move, clear or
remove whatever is being written (not where a property has no such functions: callbacks.py). bpy's foreach_set would
call none of them (hazards.FOREACH_LEAVES_OUT). bpy's references to datablocks notice when theirs is freed; those to
structs in collections do not. So of such properties each struct is found anew right before it is touched, as a script's
own loop over indices does. Of what is built in only nodes call scripts: those of trees that have Python nodes
(hazards.NODES_REMOVED_WITHIN)."""

import functools

from .. import _core
from ..blender.callbacks import has_callbacks, place_of_callbacks
from ..blender.registered import BUILT_IN, leads, refuse_unregistered
from ..blender.rna import describe, find
from ..supplier.identity import IDRoot, MainRoot
from .kinds import form_of

_STEPS = {"attr", "item", "key"}


def may_run(leaf, struct):
    """Whether reading or assigning a leaf's property of `struct`, one of its own, may run a script's code that
    frees the struct without bpy's noticing."""
    import bpy

    if isinstance(struct, bpy.types.ID):
        return False
    prop = find(struct.bl_rna, leaf.property.identifier)
    return prop is None or prop.is_runtime and has_callbacks(prop) or (
        isinstance(struct.id_data, bpy.types.NodeTree) and has_node_scripts())


def calls_scripts(leaf):
    """Whether assigning a script's property may call the script; so also where its class is not to be found."""
    import bpy

    kind = getattr(bpy.types, leaf.element, None)
    prop = kind and find(kind.bl_rna, leaf.property.identifier)
    return not prop or has_callbacks(prop)


def is_built_in(leaf):
    """Whether no script registered the elements' type or the property."""
    import bpy

    kind = getattr(bpy.types, leaf.element, None)
    if kind is None or issubclass(kind, bpy.types.PropertyGroup):
        return False
    prop = find(kind.bl_rna, leaf.property.identifier)
    return prop is not None and not prop.is_runtime


def is_plain(leaf):
    """Whether it is built in, or a script's property without functions: to look at it or to assign it is all that
    happens. Not of an enum, whose items lie elsewhere: that they are the same is not seen at once."""
    if is_built_in(leaf):
        return True
    paths = getattr(leaf.path, "paths", None)
    struct = leaf.path.follow() if paths is None else paths[0].follow()
    if paths is None and leaf.rows is not None:
        struct = next(iter(struct), None)
    prop = find(struct.bl_rna, leaf.property.identifier) if hasattr(struct, "bl_rna") else None
    return prop is not None and prop.is_runtime and prop.type != "ENUM" and not has_callbacks(prop)


def registered_for(leaf, struct, path):
    """What native code compares of that which scripts registered, on the way that a path goes (None: there is none) and of
    the leaf's property, which `struct` has: as runtime/supplier/registered.hpp says. None where that cannot be told."""
    if path is not None and ("attr", "groups") in path.steps:
        return None
    found = []
    for reached, name in (*_taken(path), (struct, leaf.property.identifier)):
        prop = find(reached.bl_rna, name)
        if prop is None or not prop.is_runtime:
            continue
        to = leads(prop) if prop.type in ("POINTER", "COLLECTION") else (place_of_callbacks(), None, None, None)
        kind = type(reached)
        # What all properties have ends with their functions; what is behind that does not change a value's form.
        memory = to and to[0] is not None and _core.read_memory(prop.as_pointer(), to[0] + 8)
        if not memory or "bl_rna" not in vars(kind):
            return None
        form = None if to[2] else form_of(describe(kind.bl_rna, name))
        ask = functools.partial(_is_as_it_was, name, form, to[2:])
        found.append((kind, vars(kind)["bl_rna"], name, memory, ask, *to[2:]))
    return tuple(found)


def _taken(path):
    """(struct, name of the property) of each step by name."""
    passed = path.passed() if path is not None and path.steps else ()
    return [(one, what) for one, (kind, what) in zip(passed, path.steps if passed else ()) if kind == "attr"]


def _is_as_it_was(name, form, to, kind):
    """Whether a class has a property as it was: leading to the same class, or of the same form and without functions."""
    prop = find(kind.bl_rna, name)
    if prop is None or form is None:
        return prop is not None and (leads(prop) or ())[2:] == to
    return not has_callbacks(prop) and form_of(describe(kind.bl_rna, name)) == form


# Blender's classes that scripts' nodes, sockets and trees derive from. bpy may make such a class anew when one is
# registered, and older ones do not derive from it then: all classes of the name are looked through.
NODE_NAMES = frozenset((
    "NodeInternal", "NodeCustomGroup", "ShaderNode", "CompositorNode", "TextureNode", "GeometryNode", "FunctionNode",
    "ShaderNodeCustomGroup", "CompositorNodeCustomGroup", "GeometryNodeCustomGroup", "NodeSocketStandard"))


def has_node_scripts():
    """Whether a script has registered nodes, sockets or trees: theirs hear of each change in a tree."""
    return _core.has_scripts(node_bases(), NODE_NAMES, BUILT_IN)


@functools.cache
def node_bases():
    """The classes that all nodes, sockets and trees are made of."""
    import bpy

    return bpy.types.Node, bpy.types.NodeSocket, bpy.types.NodeTree


def finds(leaf, rows):
    """What `_core.assign_anew` takes to find the structs at `rows` one by one."""
    path = leaf.path
    if hasattr(path, "paths"):
        return [_found_from(path.paths[row]) for row in rows]
    if leaf.rows is None:
        return [path.follow]
    if isinstance(path.root, (IDRoot, MainRoot)) and all(kind in _STEPS for kind, _ in path.steps):
        return _stepped(path, rows)
    return [lambda row=row: path.follow()[row] for row in rows]


def _found_from(path):
    """What finds one struct again: from the last datablock on the way that an index or a key picked."""
    base, at = _datablock_on(path)
    return path.follow if not at else functools.partial(_follow, base, path.steps[at:])


def _datablock_on(path):
    """(the last datablock on the way that an index or a key picked, so many steps lead there); (None, 0) where there
    is none."""
    import bpy

    if isinstance(path.root, (IDRoot, MainRoot)) and all(kind in _STEPS for kind, _ in path.steps):
        for at in range(len(path.steps), 0, -1):
            if path.steps[at - 1][0] != "attr" and isinstance(way := type(path)(path.root, path.steps[:at]).follow(),
                                                              bpy.types.ID):
                return way, at
    return None, 0


def _follow(struct, steps):
    for kind, what in steps:
        if kind == "attr":
            refuse_unregistered(struct, what)
        struct = getattr(struct, what) if kind == "attr" else struct[what]
    return struct


def _stepped(path, rows):
    """(base, steps from there, rows, whether the elements are one array, classes that must stay registered as they are).
    The base is the last datablock on the way that an index or a key picked, for another may be there by then."""
    base, at = _datablock_on(path)
    reached = base = path.root.find() if base is None else base
    classes, kind, prop = {}, None, None
    for kind, what in path.steps[at:]:
        if kind == "attr":
            prop = find(reached.bl_rna, what)
        reached = getattr(reached, what) if kind == "attr" else reached[what]
        _note_class(classes, reached)
    _note_class(classes, reached[rows[0]])
    # The elements of what a script registered are ID-properties in one array.
    is_array = kind == "attr" and prop is not None and prop.type == "COLLECTION" and prop.is_runtime
    return base, path.steps[at:], rows, is_array, tuple(classes.items())


def _note_class(classes, struct):
    """A script's class, with its type as registered now: unregistering frees that, and what lies behind cannot be asked
    for any more."""
    kind = type(struct)
    if kind.__module__ not in BUILT_IN and "bl_rna" in vars(kind):
        classes[kind] = vars(kind)["bl_rna"]


def one_by_one(leaf, rows):
    """The structs at `rows`, each found when it is wanted."""
    path = leaf.path
    for row in rows:
        if hasattr(path, "paths"):
            yield path.paths[row].follow()
        else:
            yield path.follow() if leaf.rows is None else path.follow()[row]
