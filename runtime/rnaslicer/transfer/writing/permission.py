# runtime/rnaslicer/transfer/writing/permission.py: who may write a leaf's values, and why not.
"""Asked before anything is written: read-only properties, linked data, edit mode, where bpy refuses."""

import operator

from ...blender import hazards
from ...blender.moved import SET_OTHERWISE
from ...errors import ContextError, ReadOnlyError, SupplierLostError, ValueRangeError
from ...basis.records import replace
from ...supplier.identity import Path
from ...supplier.several import Several
from .sculpting import has_dynamic_topology


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
        picked = leaf.rows.indices() if rows is None else rows
        if reached and _all_alike(leaf, reached[0]) and leaf.path.in_main:
            picked = picked[:1]
        pairs = zip(picked, leaf.elements(reached, picked))  # which compares their number first
        reasons = (why_readonly(replace(leaf, path=leaf.path.paths[i], rows=None), struct, now) for i, struct in pairs)
        return next((reason for reason in reasons if reason), None)
    prop, root = leaf.property, leaf.path.root
    if prop.readonly:
        other = SET_OTHERWISE.get((prop.struct, prop.identifier))
        return f"{prop.name} is read-only{'; ' + other if other else ''}"
    if not root.in_main:
        return f"{root.name} {root.unwritable}"
    if leaf.element == "VertexGroupElement" and leaf.moved_by not in ("weights", "pad") and (
            reached.id_data is not None and reached.id_data.bl_rna.identifier != "Mesh"):
        return ("Blender takes the owner for a mesh and crashes where one weight is assigned "
                f"({hazards.LATTICE_WEIGHT.where}); slice all of them from the points: [:, 'groups', :, 'weight']")
    own = leaf.of_root and type(root.ref).__name__ != "Key" and root.is_own()
    for owner in filter(None, owners(leaf, reached, rows, where_they_differ=True)):  # preferences have none
        reason = None if own else _why_foreign(leaf, reached, owner)
        if reason:
            return reason
        edited = owner.user if type(owner).__name__ == "Key" else owner  # the mesh, curve or lattice of shape keys
        # hazards.EDIT_MODE; bones of edit mode are what it edits, not what leaving it overwrites.
        if now and leaf.element != "EditBone" and getattr(edited, "is_editmode", False):
            return f"{edited.name!r} is in edit mode: leaving it would overwrite the data"
        if now and type(edited).__name__ == "Mesh" and has_dynamic_topology(edited):
            return f"{edited.name!r} is sculpted with dynamic topology: leaving that would overwrite the data"
    return None


def why_not_kept(leaf, struct):
    """Why what is written to a datablock of its own right would be lost, or None: evaluated, linked, not overridden."""
    if not leaf.path.root.in_main:
        return f"{leaf.path.root.name} {leaf.path.root.unwritable}"
    return _why_foreign(leaf, struct, struct.id_data)


def _why_foreign(leaf, reached, owner):
    if owner.library is not None and owner.override_library is None:  # hazards.LINKED
        return f"{owner.name!r} is linked from {owner.library.filepath!r}: make it local or override it"
    return _why_not_overridden(leaf, reached, owner)


def _why_not_overridden(leaf, reached, owner):
    """A library override keeps some properties only; hazards.OVERRIDDEN."""
    holder = _holder(leaf, owner)
    if holder is None or holder.override_library is None:
        return None
    struct = reached if leaf.rows is None else next(iter(leaf.elements(reached, leaf.rows.indices()[:1])), None)
    asked = getattr(struct, "is_property_overridable_library", None)  # weights in bulk: no struct at hand
    within_group = len(getattr(leaf, "keys", ())) > 1  # of custom properties: bpy does not tell of its own
    if struct is None or asked and not within_group and asked(leaf.property.identifier):
        return None
    return (f"{holder.name!r} is a library override, which keeps no {leaf.property.name}: the write would be "
            "lost when the file is loaded again")


def is_locked(leaf, reached):
    """Whether a leaf's values belong to a library override that nobody may edit, as the system makes them."""
    import bpy

    if not len(bpy.data.libraries):
        return False
    if isinstance(leaf.path, Several):
        pairs = ((one, one.follow()) for one in map(leaf.path.paths.__getitem__, leaf.rows.indices()))
        return any(is_locked(replace(leaf, path=path, rows=None), struct) for path, struct in pairs)
    holders = (_holder(leaf, owner) for owner in filter(None, owners(leaf, reached)))
    return any(one is not None and one.override_library is not None and getattr(one.override_library, "is_system_override", False)
               for one in holders)


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


def check_each(leaf, structs):
    """Raises ReadOnlyError if bpy would refuse one of the structs: before any is written."""
    refusing = list(map(operator.methodcaller("is_property_readonly", leaf.property.identifier), structs))
    if True in refusing:
        at = refusing.index(True)
        raise ReadOnlyError(f"cannot update {leaf.path}: {leaf.property.name} of {structs[at]!r} is read-only; "
                            "nothing was written")


def differs_by_struct(leaf):
    """Whether bpy may let one struct's property be written and not another's of its type. It asks the datablock,
    which must be no linked one, and a function of the property, where it has one (rna_access.cc)."""
    import bpy

    return leaf.property.guarded or len(bpy.data.libraries) > 0


def owner_of(leaf, reached):
    """The ID of the first element that is written, or of the struct; None where there is none. What a
    collection's `id_data` says may be another: that of mesh.materials is the mesh."""
    if leaf.of_root:
        return leaf.path.root.ref
    first = first_of(leaf, reached)
    return reached.id_data if first is None else first.id_data


def probe_writing(leaf, reached):
    """Raises ContextError where bpy refuses writes to IDs (drawing, poll), by giving one its own tag
    again."""
    let_write(leaf, owner_of(leaf, reached))


def let_write(leaf, owner):
    """The same, of the ID that the values belong to."""
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
