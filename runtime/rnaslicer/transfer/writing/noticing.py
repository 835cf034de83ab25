# runtime/rnaslicer/transfer/writing/noticing.py: what makes Blender notice a write: assignments around it, and tags.
"""The kernel's writes end as the same assignments through bpy would (DESIGN 4.6)."""

import contextlib
import functools

from ... import _core
from ...blender.rna import TOPOLOGY_ATTRIBUTES
from ...blender.sdna import sdna
from ...errors import SupplierLostError
from ...layout.findings import known as known_of_build
from ...layout.values import flat_value
from ...layout.whole import fault_of_written
from ...supplier import events
from ...supplier.identity import MAIN, Path
from ...supplier.several import Several
from .checks import attribute_name, topology
from .permission import let_write, owner_of, translated


def reassign(leaf, element):
    """Assigns a property its own value through RNA: proves that bpy lets us write, un-shares the
    array, and tags what depends on it. Where geometry is not whole yet it only asks whether bpy lets us, and
    gives False."""
    owner = leaf.path.root.ref if leaf.of_root else element.id_data
    if not may_derive(leaf, owner):
        let_write(leaf, owner)
        return False
    if _is_noticed(leaf, owner):
        _assign_again(leaf, element)
    else:
        with noticing_tags(leaf, element):
            _assign_again(leaf, element)
    return True


def notice(leaf, element):
    """Assigns an element its own value, after values were written; notes whether that tags."""
    if _is_noticed(leaf, element.id_data):
        _assign_again(leaf, element, 1)
    else:
        with noticing_tags(leaf, element):
            _assign_again(leaf, element, 1)


def _assign_again(leaf, element, done=0):
    try:
        name = leaf.property.identifier
        value = getattr(element, name)
        setattr(element, name, flat_value(leaf.property, value) if leaf.property.is_flat else value)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise translated(error, leaf, done, 1) from error


_tagging = {}  # _key -> whether bpy's assignment tags the ID
_unclear = {}  # _key -> number of the event since which an ID with tags could not tell; evaluation takes them


def _key(leaf, owner):
    return owner and type(owner), leaf.element, leaf.property.identifier


def _is_noticed(leaf, owner):
    """Whether there is nothing (new) to notice."""
    key = _key(leaf, owner)
    return key in _tagging or _unclear.get(key) == events.now()[0]


def told_of_tags(leaf, owner):
    """Whether bpy's assignment tags the ID; None where that was not seen yet, "proposed" where only discovery saw it
    do so: an ID without tags shall confirm it."""
    told, known = _tagging.get(_key(leaf, owner)), known_of_build()
    if told is not None or known is None or tags_at() is None:
        return told
    return "proposed" if f"{type(owner).__name__} {leaf.element}.{leaf.property.identifier}" in known.tagging else None


@contextlib.contextmanager
def noticing_tags(leaf, element):
    """Around an assignment through bpy: notes whether it tags the ID. Only an ID without tags tells."""
    owner = element.id_data
    key = _key(leaf, owner)
    if key in _tagging:
        owner = None
    clean = owner is not None and _tags(owner) == 0
    yield
    try:
        if clean:
            _tagging[key] = _tags(owner) != 0
            return
    except ReferenceError:  # a script's code has removed it
        pass
    _unclear[key] = events.now()[0]


@functools.cache
def tags_at():
    """Byte place of an ID's tags, those that evaluation clears; None where the build does not tell."""
    found = sdna()
    field = found and found.structs["ID"].fields.get("recalc")
    return field.offset if field and field.size == 4 else None


def _tags(owner):
    at = tags_at()
    memory = at and _core.read_memory(owner.as_pointer() + at, 4)
    return int.from_bytes(memory, "little") if memory else None


def finish(leaf, coll, at, whole):
    """After a direct write: what the same assignments through bpy would have caused. Re-assigns element
    `at`, then settles; nothing of that while geometry is not whole, as it was before the write or not."""
    element = coll[at]
    owner = leaf.path.root.ref if leaf.of_root else element.id_data
    if whole or may_derive(leaf, owner):  # checked values leave whole what was
        _assign_again(leaf, element, 1)
        if not leaf.property.runtime:  # of what scripts register Blender derives nothing
            _settle(leaf, coll, owner)


def may_derive(leaf, owner, fault=fault_of_written):
    """Whether Blender may derive what it derives from the geometry of the ID that a leaf's values belong to, now or
    when something evaluates it: not while it is being built (layout/whole.py)."""
    kind = type(owner).__name__
    if kind == "Key":
        owner = owner.user
        kind = type(owner).__name__
    if kind in ("Mesh", "Curves"):
        return fault(owner) is None
    if kind.startswith("GreasePencil"):
        at = next((i for i, step in enumerate(leaf.path.steps, 1) if step == ("attr", "drawing")), None)
        return at is None or fault(Path(leaf.path.root, leaf.path.steps[:at]).follow()) is None
    return True


# IDs whose evaluated geometry Blender makes anew when told that their data changed.
GEOMETRY = {"Mesh", "Curve", "SurfaceCurve", "TextCurve", "Lattice", "MetaBall", "Curves", "PointCloud",
             "GreasePencil", "GreasePencilv3", "Key"}


def settle(leaf, reached, owner=None):
    """After the values are there: what bpy's assignments leave stale, too (docs/after-update.md). `owner` is
    the ID that they belong to, if known.

    Assigning runs a property's own update. Where that tags the ID, no more is needed, and handlers are
    told what bpy tells; many layers of geometry have none, and neither have images.
    """
    owners = [owner_of(leaf, reached) if owner is None else owner]
    if type(leaf.path) is Several and topology(leaf, reached) is not None:  # of which no assignment tells the geometry
        owners = dict.fromkeys(struct.id_data for struct in reached)
    for owner in owners:
        if owner is not None and may_derive(leaf, owner):
            _settle(leaf, reached, owner)


def settle_all(leaf, reached, structs):
    """The same, each datablock that one of the structs belongs to."""
    if type(leaf.path) is Path and leaf.path.root is not MAIN or type(structs[0].id_data).__name__ not in GEOMETRY:
        settle(leaf, reached)
        return
    for owner in dict.fromkeys(struct.id_data for struct in structs):
        settle(leaf, reached, owner)


def settle_again(leaf):
    """`settle`, after assignments whose scripts may have changed or removed anything."""
    try:
        reached = leaf.path.follow()
    except SupplierLostError:  # all was written before
        return
    settle(leaf, reached)


def _settle(leaf, reached, owner):
    kind = type(owner).__name__
    if kind == "Mesh":
        _settle_mesh(leaf, reached, owner)
    if kind in GEOMETRY:
        if not _tagging.get(_key(leaf, owner)):
            owner.update_tag()
    elif leaf.property.dynamic and hasattr(owner, "update"):
        try:
            owner.update()
        except RuntimeError:  # an image without a buffer of its own (Viewer Node)
            pass
        owner.update_tag()


SHARPNESS = {"sharp_face", "sharp_edge", "use_smooth", "use_edge_sharp"}
# Names of attributes by which an update compares their numbers, or has more to do than to tag.
TELLING = frozenset({"position", *TOPOLOGY_ATTRIBUTES, *SHARPNESS})


def settles(leaf, reached, owner):
    """What `settle` does beside tagging the owner: (whether it has a mesh update itself, whether it gives a vertex
    its own place again).

    4.3: an attribute's own update leaves normals and bounds as they were, a flag's leaves corner normals unless its
    value changes. All: `Mesh.update` leaves the triangles of other corners."""
    if type(owner).__name__ != "Mesh":
        return False, False
    names = _names_of(leaf, reached)
    moved = topology(leaf, reached) is not None or leaf.element.startswith("Int") and not names.isdisjoint(TOPOLOGY_ATTRIBUTES)
    return (moved or not SHARPNESS.isdisjoint(names) and hasattr(owner, "corner_normals")), moved or "position" in names


def _names_of(leaf, reached):
    """The names of the attributes that a leaf's values belong to, or the property's. Structs of a list may be of several."""
    if type(leaf.path) is not Several or not leaf.element.endswith("AttributeValue"):
        return {attribute_name(leaf, reached) or leaf.property.identifier}
    ways = {(id(one.root), one.steps[:-2]): one for one in leaf.path.paths}
    layers = [Path(one.root, one.steps[:-2]).follow() for one in ways.values()]
    return {layer.name for layer in layers if hasattr(layer, "data_type")} or {leaf.property.identifier}


def _settle_mesh(leaf, reached, mesh):
    remakes, moves = settles(leaf, reached, mesh)
    if remakes:
        mesh.update()
    if moves:
        for vertex in mesh.vertices[:1]:
            vertex.co = vertex.co
