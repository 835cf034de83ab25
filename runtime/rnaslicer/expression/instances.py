# runtime/rnaslicer/expression/instances.py: what a depsgraph's instances have: `Slicer(depsgraph.object_instances)`.
"""Blender makes an instance, and for many the object that it shows, for one step of an iteration. So nothing of them is
held: what is asked for is a chain of pointers and a number, which the route (transfer/own/instances.py) follows."""

from ..basis.records import replace
from . import components
from ..blender.rna import describe, find, numeric
from ..layout.leaf import Leaf
from ..supplier.depsgraph import graph_path
from .block import Block, skip_ellipsis
from .components import describe as describe_item
from .stacking import beside

_ALL = ("slice", None, None, None)


class InstancesLeaf(Leaf):
    """One property of the picked instances, or of what a chain of pointers from each leads to."""

    moved_by = "instances"

    chain: tuple = ()  # names of pointers
    length: int = 0  # of all instances
    only: int = -1  # the one that is picked without an axis, `rows` is None then


def only_iterates(path, coll):
    """Whether bpy has no element for an index: instances are made while one iterates over them."""
    import bpy

    return path.steps[-1:] == (("attr", "object_instances"),) and isinstance(coll.data, bpy.types.Depsgraph)


def rooted(path, reached):
    """The path of a pointer that was followed; of a depsgraph its own, for no view layer keeps one for ever."""
    import bpy

    return graph_path(reached) if isinstance(reached, bpy.types.Depsgraph) else path


def block(walk, path, coll, items):
    """The block of resolve's `walk` for the instances at `path`."""
    (number, item), rest = items[0], items[1:]
    # To count instances Blender makes each, which takes as long as to read them: the reading that follows compares it.
    length = path.root.counted() if walk.reads and item[0] != "int" else None
    length = len(coll) if length is None else length
    if item[0] in ("name", "names"):
        item, rest = _ALL, items
    only = -1
    if item[0] == "int":
        only = components.index(item[1], length, lambda t: walk.fail(number, f"{path}: {t}"))
        rows = None
    else:
        rows = walk.rows(item, number, length, str(path))

    def made(chain):
        return InstancesLeaf(path, rows, None, None, "", True, chain=tuple(chain), length=length, only=only)

    rna, chain, rest = coll.data.bl_rna.properties["object_instances"].fixed_type, [], skip_ellipsis(rest, 0)
    while rest and rest[0][1][0] == "name":
        number, (_, name) = rest[0]
        if name.startswith('["'):
            walk.fail(number, "custom properties are not read of instances; read them of the objects that these show, as in "
                              f"Slicer([one.object.original for one in instances])[:, {name!r}]")
        prop = walk.lookup(rna, name, number)
        if numeric(prop):
            return _leaf(walk, made(chain), rna, name, number, rest[1:])
        if prop.type != "POINTER":
            walk.fail(number, f"{rna.identifier}.{name} is a {prop.type.lower()}, and of instances only numbers can be "
                              "taken; an instance shows its object's data: slice that once, as in "
                              "Slicer(ob.evaluated_get(depsgraph).data), and place it by 'matrix_world'")
        chain.append(name)
        picked = {only} if rows is None else set(rows.indices())
        rna, rest = _reached(walk, path, coll, picked, chain, number), skip_ellipsis(rest[1:], 0)
    if rest and rest[0][1][0] == "names":
        number, (_, names) = rest[0]
        blocks = []
        for name in names:
            if not numeric(walk.lookup(rna, name, number)):
                walk.fail(number, f"{name!r} is no number; a tuple of names takes numeric properties")
            blocks.append(_leaf(walk, made(chain), rna, name, number, rest[1:]))
        return beside(walk, blocks, number, names, 0 if only >= 0 else 1)
    if rest:
        walk.fail(rest[0][0], f"{describe_item(rest[0][1])} on the instances of {path}; name a property of them")
    walk.fail(None, f"this ends at the instances of {path}; name a numeric property of them, such as 'matrix_world'")


def _leaf(walk, leaf, rna, name, number, items):
    prop = describe(rna, name)
    if prop.dims is None or find(rna, name).is_runtime:
        walk.fail(number, f"{prop.name} has no fixed length" if prop.dims is None else
                  f"{prop.name} is a script's property, which instances do not have")
    selected = components.select(prop.dims, items, prop.letters, prop.is_matrix,
                                 lambda n, t: walk.fail(n or number, f"{prop.name}: {t}"))
    leaf = replace(leaf, property=prop, components=selected, element=rna.identifier)
    leaf = replace(leaf, place=(("own", 0),) * len(leaf.axes))
    return Block(leaf.axes, [leaf])


def _reached(walk, path, coll, wanted, chain, number):
    """The RNA type that the chain leads to from all picked instances."""
    rna, kind = None, None
    if not wanted:
        walk.fail(number, f"no instance of {path} is selected, so {chain[-1]!r} leads nowhere")
    for i, reached in enumerate(coll):
        if i not in wanted:
            continue
        for name in chain:
            reached = getattr(reached, name)
            if reached is None:
                walk.fail(number, f"{path}[{i}].{'.'.join(chain)} is None" + (
                    "; is_instance tells which are instances" if chain[0] != "object" else ""))
        if kind is None:
            kind, rna = type(reached), reached.bl_rna
        if type(reached) is not kind:
            walk.fail(number, f"{path}[{i}].{'.'.join(chain)} is a {type(reached).__name__}, where those before are a "
                              f"{kind.__name__}")
    return rna
