# runtime/rnaslicer/transfer/writing.py: what must hold before a write, and what makes Blender notice it.
"""Permission, values that bpy would refuse, and the finishing assignment (DESIGN 4.6)."""

import array
import contextlib
import functools
import operator
from dataclasses import replace

from .. import _core
from ..supplier import events
from ..layout.equivalents import equivalent
from ..errors import ContextError, ReadOnlyError, SupplierLostError, ValueRangeError
from ..supplier.identity import Path
from ..layout.places import Attribute
from ..blender.rna import PARTITION_ARRAYS, PARTITIONS, TOPOLOGY, TOPOLOGY_ATTRIBUTES, find
from ..blender.sdna import sdna
from ..supplier.several import Several
from .sharing import is_shared


def owners(leaf, reached, rows=None, where_they_differ=False):
    """The IDs that a leaf's values belong to: that of the collection or struct, or each element's own
    where the elements are IDs (bpy.data.objects, scene.objects), of those in `rows` (None: all).
    `where_they_differ`: one may answer for all if nothing can make one writable and another not."""
    if leaf.of_root:
        return [leaf.path.root.ref]
    owner, first = reached.id_data, first_of(leaf, reached)
    if first is None:
        return [owner] if owner is not None else []
    if first.id_data == owner:
        return [owner]
    if where_they_differ and _all_alike(leaf, first):
        return [first]
    return [element.id_data for element in leaf.elements(reached, leaf.rows.indices() if rows is None else rows)]


def first_of(leaf, reached):
    """The first element that a leaf selects; None where there is none (or none any more: who writes counts
    them, which takes a walk along a list)."""
    if leaf.rows is None or not leaf.rows.count:
        return None
    try:
        return reached[leaf.rows.at(0)]
    except IndexError:
        return None


def _all_alike(leaf, first):
    """Whether IDs of one type are writable or not together: in a file without libraries nothing is linked
    or overridden, and only some types have an edit mode, or users that have one."""
    import bpy

    return (leaf.uniform and isinstance(first, bpy.types.ID) and not len(bpy.data.libraries)
            and not hasattr(first, "is_editmode") and not hasattr(first, "user"))


def why_readonly(leaf, reached, now=False, rows=None):
    """Why a leaf (of it, `rows`) cannot be written, or None. `now` also looks at what may pass, such as
    edit mode."""
    if isinstance(leaf.path, Several):
        pairs = list(zip(leaf.path.paths, reached))
        if pairs and _all_alike(leaf, pairs[0][1]) and all(path.root.in_main for path in leaf.path.paths):
            pairs = pairs[:1]
        reasons = (why_readonly(replace(leaf, path=path, rows=None), struct, now) for path, struct in pairs)
        return next((reason for reason in reasons if reason), None)
    prop, root = leaf.property, leaf.path.root
    if prop.readonly:
        return f"{prop.name} is read-only"
    if not root.in_main:
        return f"{root.name} is evaluated or temporary data: a write would be lost"
    if leaf.element == "VertexGroupElement" and leaf.moved_by != "weights" and (
            reached.id_data.bl_rna.identifier != "Mesh"):
        return ("Blender takes the owner for a mesh and crashes where one weight is assigned (3.4, 4.3, 5.2); "
                "slice all of them from the points: [:, 'groups', :, 'weight']")
    own = leaf.of_root and type(root.ref).__name__ != "Key" and root.is_own()
    for owner in owners(leaf, reached, rows, where_they_differ=True):
        reason = None if own else _why_foreign(leaf, reached, owner)
        if reason:
            return reason
        edited = owner.user if type(owner).__name__ == "Key" else owner  # the mesh, curve or lattice of shape keys
        # Bones of edit mode are what it edits, not what leaving it overwrites.
        if now and leaf.element != "EditBone" and getattr(edited, "is_editmode", False):
            return f"{edited.name!r} is in edit mode: leaving it would overwrite the data"
    return None


def _why_foreign(leaf, reached, owner):
    if owner.library is not None and owner.override_library is None:
        return f"{owner.name!r} is linked from {owner.library.filepath!r}: make it local or override it"
    return _why_not_overridden(leaf, reached, owner)


def _why_not_overridden(leaf, reached, owner):
    """A library override keeps some properties only; bpy lets the others be written until the file is
    loaded again (measured)."""
    holder = _holder(leaf, owner)
    if holder is None or holder.override_library is None:
        return None
    struct = reached if leaf.rows is None else next(iter(leaf.elements(reached, leaf.rows.indices()[:1])), None)
    asked = getattr(struct, "is_property_overridable_library", None)  # weights in bulk: no struct at hand
    if struct is None or asked and asked(leaf.property.identifier):
        return None
    return (f"{holder.name!r} is a library override, which keeps no {leaf.property.name}: the write would be "
            "lost when the file is loaded again")


def _holder(leaf, owner):
    """The ID that an ID belongs to (shape keys, a material's nodes), which is what is overridden."""
    if type(owner).__name__ == "Key":
        return owner.user
    if not getattr(owner, "is_embedded_data", False):
        return owner
    import bpy  # not above: it takes microseconds, for each of thousands of objects

    holder, root, steps = None, leaf.path.root, leaf.path.steps
    for i in range(len(steps)):
        reached = Path(root, steps[:i]).follow()
        if isinstance(reached, bpy.types.ID) and reached != owner:
            holder = reached
    return holder


def check_writable(leaf, reached, rows=None, probe=True):
    """Raises ReadOnlyError if the property is read-only or Blender would lose the write (to `rows`); with
    `probe` ContextError if bpy refuses writes here."""
    reason = why_readonly(leaf, reached, now=True, rows=rows)
    if reason:
        raise ReadOnlyError(f"cannot update {leaf.path}: {reason}")
    if probe:
        probe_writing(leaf, reached)


def _attribute_name(leaf, reached):
    """The name of the attribute that a leaf's values belong to, or None."""
    if not leaf.element.endswith("AttributeValue"):
        return None
    if leaf.rows is None:
        reached = Path(leaf.path.root, leaf.path.steps[:-1]).follow()
    owner = getattr(reached, "data", None)
    return getattr(owner, "name", None) if hasattr(owner, "data_type") else None


def topology(leaf, reached):
    """What a leaf's values index in their own mesh: the name of a collection, "" for the borders of
    polygons and curves, or None."""
    key = leaf.element, leaf.property.identifier
    if key in PARTITIONS or leaf.path.steps[-1:] and leaf.path.steps[-1][1] in PARTITION_ARRAYS:
        return ""
    name = TOPOLOGY.get(key)
    if name is None and leaf.element in ("IntAttributeValue", "Int2AttributeValue"):
        name = TOPOLOGY_ATTRIBUTES.get(_attribute_name(leaf, reached))
    return name


def check_topology(leaf, reached, numbers):
    """Raises ValueRangeError if `numbers` (int32 or int64 buffer) would point outside. An element's borders
    (loop_start, curve offsets) may only stay what they are: Blender crashes on any that leave gaps."""
    name = topology(leaf, reached)
    if name == "":
        raise ReadOnlyError(f"cannot update {leaf.path}: {leaf.property.name} divides the mesh's corners (or "
                            "the curves' points) among its elements; Blender crashes where a change leaves "
                            "gaps, so build the geometry anew instead")
    indexed = getattr(reached.id_data, name, None)
    if indexed is None:  # a look-alike on no mesh
        return
    low, high = _core.int_range(numbers)
    if low < 0 or high >= len(indexed):
        raise ValueRangeError(f"{leaf.path}: {leaf.property.name} would be {low if low < 0 else high}, but "
                              f"there are {len(indexed)} {name}; nothing was written")


def check_enum(leaf, reached, numbers):
    """Raises ValueRangeError if a number is no item (for flags: no combination) of the enum.
    Elements of several types are compared one by one, before the first is written (element.py)."""
    if not leaf.uniform:
        return
    struct = reached if leaf.rows is None else reached[leaf.rows.indices()[0]]
    known = {item.value for item in find(struct.bl_rna, leaf.property.identifier).enum_items}
    if not known:
        return  # items that depend on context: bpy itself decides at each assignment
    if leaf.property.is_flag:
        outside = _core.int_bits(numbers) & ~functools.reduce(operator.or_, known) & 0xFFFFFFFF or None
    else:
        outside = _core.int_outside(numbers, array.array("i", known))
    if outside is not None:
        raise ValueRangeError(f"{leaf.path}: {outside} is no item of {leaf.property.name}; it has "
                              f"{sorted(known)}; nothing was written")


_UV_FLAGS = {"pin_uv": "pin", "select": "vertex_selection", "select_edge": "edge_selection"}


def make_ready(leaf):
    """Between the checks of all leaves and the first write."""
    if leaf.element in OF_LAYERS:
        _ensure_layer(leaf)
        _unshare(leaf)


def _ensure_layer(leaf):
    """4.3.2 corrupts its memory when a uv flag is set on several corners while the flag's layer is
    missing (measured with --debug-memory); reading the flags as a collection creates the layer."""
    name = _UV_FLAGS.get(leaf.property.identifier)
    if leaf.element != "MeshUVLoop" or name is None:
        return
    corners = leaf.path if leaf.rows is not None else Path(leaf.path.root, leaf.path.steps[:-1])
    flags = getattr(corners.follow().data, name, None)
    for _ in flags or ():
        break


def check_name_is_free(leaf, reached):
    """Raises ReadOnlyError where bpy's setter would have to make a layer whose name another attribute has: it
    loses the value (3.4, 4.3) or crashes (5.2)."""
    place, _ = equivalent(leaf.element, leaf.property.identifier) or (None, None)
    if not isinstance(place, Attribute) or place.default is None:
        return
    if leaf.rows is None:
        reached = Path(leaf.path.root, leaf.path.steps[:-1]).follow()
    other = place.occupied(reached)
    if other is not None:
        raise ReadOnlyError(f"cannot update {leaf.path}: {leaf.property.name} belongs in an attribute "
                            f"{other.name!r} of {place.data_type} in the domain {place.domain}, but there is one "
                            f"of {other.data_type} in {other.domain}, so that Blender cannot make it; rename that")


# What the layers hold that Blender does not un-share by itself.
OF_LAYERS = {"MeshUVLoop", "Float2AttributeValue", "BoolAttributeValue", "MeshLoopColor", "MeshSkinVertex"}


def _unshare(leaf):
    """Where Blender does not give a collection an array of its own before it writes (measured), a copy
    of the mesh, its evaluated mesh or an undo step would change, too. 4.3: uv and vertex colours; the
    attribute of the same name does un-share. 4.3 and 5.2: skin; nothing does, so a shared one is refused.
    """
    corners = leaf.path if leaf.rows is not None else Path(leaf.path.root, leaf.path.steps[:-1])
    layer = getattr(corners.follow(), "data", None) if corners.steps else None
    kind = layer.bl_rna.identifier if layer is not None else None
    if kind in ("MeshUVLoopLayer", "MeshLoopColorLayer"):
        attribute = getattr(layer.id_data, "attributes", {}).get(layer.name)
        if attribute is not None and len(attribute.data):
            attribute.data[0].as_pointer()
    elif kind == "MeshSkinVertexLayer":
        _check_own(leaf, layer)


def _check_own(leaf, layer):
    try:
        reason = is_shared(layer) and ("its array is shared with a copy, the evaluated mesh or an undo step, and "
                                       "Blender gives it none of its own")
    except LookupError as error:
        reason = str(error)
    except (AttributeError, RuntimeError) as error:  # no scratch meshes in a restricted context
        raise translated(error, leaf, 0, 1) from error
    if reason:
        raise ReadOnlyError(f"cannot update {leaf.path}: {reason}, so the write would reach them; nothing "
                            "was written")


def _owner(leaf, reached):
    """The ID of the first element that is written, or of the struct; None where there is none. What a
    collection's `id_data` says may be another: that of mesh.materials is the mesh."""
    if leaf.of_root:
        return leaf.path.root.ref
    first = first_of(leaf, reached)
    return reached.id_data if first is None else first.id_data


def probe_writing(leaf, reached):
    """Raises ContextError where bpy refuses writes to IDs (drawing, poll), by giving one its own tag
    again."""
    owner = _owner(leaf, reached)
    try:
        if owner is not None:
            owner.tag = owner.tag
    except AttributeError as error:
        raise translated(error, leaf, 0, 1) from error


def translated(error, leaf, done, count):
    """bpy's refusal in our words; says how much was written before it."""
    written = f"; {done} of {count} elements were written before" if done else "; nothing was written"
    if done == count:
        written = "; all values were written before, but what Blender derives from them may be stale"
    text = f"bpy refuses to write {leaf.path}: {error}{written}"
    if "context" in str(error):
        return ContextError(text)
    if isinstance(error, ReferenceError):  # a setter's script removed the element
        return SupplierLostError(text)
    if isinstance(error, AttributeError):
        return ReadOnlyError(text)
    return ValueRangeError(text)


def reassign(leaf, element):
    """Assigns a property its own value through RNA: proves that bpy lets us write, un-shares the
    array, and tags what depends on it."""
    if _is_noticed(leaf, leaf.path.root.ref if leaf.of_root else element.id_data):
        _assign_again(leaf, element)
        return
    with noticing_tags(leaf, element):
        _assign_again(leaf, element)


def _assign_again(leaf, element, done=0):
    try:
        name = leaf.property.identifier
        setattr(element, name, getattr(element, name))
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


@contextlib.contextmanager
def noticing_tags(leaf, element):
    """Around an assignment through bpy: notes whether it tags the ID. Only an ID without tags tells."""
    owner = element.id_data
    key = _key(leaf, owner)
    if key in _tagging:
        owner = None
    clean = owner is not None and _tags(owner) == 0
    yield
    if clean:
        _tagging[key] = _tags(owner) != 0
    else:
        _unclear[key] = events.now()[0]


@functools.cache
def _tags_at():
    """Byte place of an ID's tags, those that evaluation clears; None where the build does not tell."""
    found = sdna()
    field = found and found.structs["ID"].fields.get("recalc")
    return field.offset if field and field.size == 4 else None


def _tags(owner):
    at = _tags_at()
    memory = at and _core.read_memory(owner.as_pointer() + at, 4)
    return int.from_bytes(memory, "little") if memory else None


def finish(leaf, coll, at):
    """After a direct write: what the same assignments through bpy would have caused. Re-assigns element
    `at`, then settles."""
    element = coll[at]
    _assign_again(leaf, element, 1)
    settle(leaf, coll, leaf.path.root.ref if leaf.of_root else element.id_data)


# IDs whose evaluated geometry Blender makes anew when told that their data changed.
_GEOMETRY = {"Mesh", "Curve", "SurfaceCurve", "TextCurve", "Lattice", "MetaBall", "Curves", "PointCloud",
             "GreasePencil", "GreasePencilv3", "Key"}


def settle(leaf, reached, owner=None):
    """After the values are there: what bpy's assignments leave stale, too (docs/after-update.md). `owner` is
    the ID that they belong to, if known.

    Assigning runs a property's own update. Where that tags the ID, no more is needed, and handlers are
    told what bpy tells; many layers of geometry have none, and neither have images.
    """
    owner = _owner(leaf, reached) if owner is None else owner
    if owner is None:
        return
    kind = type(owner).__name__
    if kind == "Mesh":
        _settle_mesh(leaf, reached, owner)
    if kind in _GEOMETRY:
        if not _tagging.get(_key(leaf, owner)):
            owner.update_tag()
    elif leaf.property.dynamic and hasattr(owner, "update"):
        try:
            owner.update()
        except RuntimeError:  # an image without a buffer of its own (Viewer Node)
            pass
        owner.update_tag()


_SHARPNESS = {"sharp_face", "sharp_edge", "use_smooth", "use_edge_sharp"}


def _settle_mesh(leaf, reached, mesh):
    """4.3: an attribute's own update leaves normals and bounds as they were, a flag's leaves corner
    normals unless its value changes. All: `Mesh.update` leaves the triangles of other corners."""
    name = _attribute_name(leaf, reached) or leaf.property.identifier
    moved = topology(leaf, reached) is not None
    if moved or name in _SHARPNESS and hasattr(mesh, "corner_normals"):
        mesh.update()
    if moved or name == "position":
        for vertex in mesh.vertices[:1]:
            vertex.co = vertex.co
