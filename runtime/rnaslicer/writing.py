# runtime/rnaslicer/writing.py: what must hold before a write, and what makes Blender notice it.
"""Permission, values that bpy would refuse, and the finishing assignment (DESIGN 4.6)."""

from . import _core
from .errors import ContextError, ReadOnlyError, ValueRangeError
from .rna import TOPOLOGY, TOPOLOGY_ATTRIBUTES


def check_context(what):
    """Raises ContextError off Blender's main thread or while a render job runs."""
    if not _core.is_main_thread():
        raise ContextError(f"{what} must run on Blender's main thread; hand the work to it, for "
                           "example with bpy.app.timers.register")
    import bpy

    if bpy.app.is_job_running("RENDER"):
        raise ContextError(f"{what} while a render job runs; wait until bpy.app.is_job_running('RENDER') "
                           "is False")


def why_readonly(leaf):
    """Why a leaf can never be written as long as its owner is what it is, or None."""
    prop, root = leaf.property, leaf.path.root
    if prop.readonly:
        return f"{prop.name} is read-only"
    if root.id is None:
        return None
    id_ = root.find()
    if not root.in_main and not root.is_embedded:
        return f"{root.name} is evaluated or temporary data: a write would be lost"
    if id_.library is not None and id_.override_library is None:
        return f"{root.name} is linked from {id_.library.filepath!r}: make it local or override it"
    return None


def check_writable(leaf):
    """Raises ReadOnlyError if the property is read-only or Blender would lose the write."""
    reason = why_readonly(leaf)
    if reason is None and leaf.path.root.id is not None:
        id_ = leaf.path.root.find()
        if getattr(id_, "is_editmode", False):
            reason = f"{leaf.path.root.name} is in edit mode: leaving it would overwrite the data"
    if reason:
        raise ReadOnlyError(f"cannot update {leaf.path}: {reason}")


def topology_limit(leaf):
    """(collection name, length) that a property's values must index, or None."""
    name = TOPOLOGY.get((leaf.element, leaf.property.identifier))
    if name is None and len(leaf.path.steps) >= 2:
        (_, owner), (_, last) = leaf.path.steps[-2:]
        if last == "data" and leaf.path.root.type.__name__ == "Mesh":
            name = TOPOLOGY_ATTRIBUTES.get(owner)
    if name is None:
        return None
    return name, len(getattr(leaf.path.root.find(), name))


def check_topology(leaf, limit, numbers):
    """Raises ValueRangeError if `numbers` (int32 buffer) would point outside (name, length)."""
    low, high = _core.int_range(numbers)
    name, length = limit
    if low < 0 or high >= length:
        raise ValueRangeError(f"{leaf.path}: {leaf.property.name} would be {low if low < 0 else high}, but "
                              f"there are {length} {name}; nothing was written")


def check_enum(leaf, reached, numbers):
    """Raises ValueRangeError if a number is no item (for flags: no combination) of the enum."""
    struct = reached if leaf.rows is None else reached[leaf.rows.indices()[0]]
    known = {item.value for item in struct.bl_rna.properties[leaf.property.identifier].enum_items}
    if not known:
        return  # items that depend on context: bpy itself decides at each assignment
    mask = 0
    for value in known:
        mask |= value
    for number in set(numbers.cast("B").cast("i")):
        good = (number & ~mask) == 0 if leaf.property.is_flag else number in known
        if not good:
            raise ValueRangeError(f"{leaf.path}: {number} is no item of {leaf.property.name}; it has "
                                  f"{sorted(known)}; nothing was written")


def translated(error, leaf, done, count):
    """bpy's refusal in our words; says how much was written before it."""
    written = f"; {done} of {count} elements were written before" if done else "; nothing was written"
    text = f"bpy refuses to write {leaf.path}: {error}{written}"
    if "context" in str(error):
        return ContextError(text)
    if isinstance(error, AttributeError):
        return ReadOnlyError(text)
    return ValueRangeError(text)


def reassign(leaf, element):
    """Assigns a property its own value through RNA: proves that bpy lets us write, un-shares the
    array, and tags what depends on it."""
    try:
        name = leaf.property.identifier
        setattr(element, name, getattr(element, name))
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise translated(error, leaf, 0, 1) from error


def finish(leaf, coll, at=0):
    """After a direct or bulk write: what the same assignments through bpy would have caused.

    Re-assigns element `at`; tags the owning ID, or each element where the elements are IDs (or parts
    of IDs) of their own.
    """
    element = coll[at]
    reassign(leaf, element)
    owner = leaf.path.root.find() if leaf.path.root.id is not None else None
    if element.id_data == owner:
        if topology_limit(leaf) is not None:
            owner.update()
        owner.update_tag()
        return
    for other in leaf.elements(coll, leaf.rows.indices()):
        other.id_data.update_tag()
