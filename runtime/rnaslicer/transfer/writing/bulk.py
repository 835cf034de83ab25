# runtime/rnaslicer/transfer/writing/bulk.py: when elements of a list may be written at once and one assigned for all.
"""RNA runs an update for each assignment. Where discovery saw that the last one leaves what all leave
(discovery/child/bulk.py), only that is assigned; not where a script's code would run for each, where bpy decides for
each element, or where somebody subscribed to one of the others."""

from ...blender import subscribers


def may_be_bulk(leaf):
    """Whether nothing that is declared of a property speaks against it: elements decide one by one what is
    editable, or which items an enum has; a script's update."""
    prop = leaf.property
    return prop.guarded is False and prop.type != "ENUM" and not prop.runtime


def hears_nobody(leaf, told, types, addresses):
    """Whether no subscriber of the elements at `addresses`, of `types`, would miss that they are not assigned, as
    `told` is."""
    import bpy

    if isinstance(told, bpy.types.ID) or told.is_property_readonly(leaf.property.identifier):
        return False
    return not subscribers.may_hear(addresses, types, type(told))
