# runtime/rnaslicer/discovery/scene/pieces.py: helpers of the scratch data.

import bpy


def vector(rng, count=3, low=-5.0, high=5.0):
    """Random components."""
    return [rng.uniform(low, high) for _ in range(count)]


def linked(name, data):
    """A new object in the scene."""
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def activate(ob):
    """Makes an object the one that operators take."""
    bpy.context.view_layer.objects.active = ob
    for other in bpy.context.view_layer.objects:
        other.select_set(other is ob)


def curves_of(action):
    """The f-curves of an action in the version's form."""
    if hasattr(action, "fcurves"):
        return action.fcurves
    return action.layers[0].strips[0].channelbags[0].fcurves


def choices(struct, name):
    """The items of an enum of an RNA type."""
    return [item.identifier for item in struct.bl_rna.properties[name].enum_items]


def fill(elements, name, value, components=None):
    """Assigns `value()` to each element at once."""
    values = [value() for _ in range(len(elements))]
    elements.foreach_set(name, [c for vector in values for c in vector] if components else values)


def attributes(owner, domains, rng):
    """One attribute of each type."""
    for kind in choices(bpy.types.Attribute, "data_type"):
        for domain in domains:
            if kind != "STRING":
                try:
                    owner.attributes.new(f"{kind}_{domain}", kind, domain)
                except (RuntimeError, TypeError):
                    pass
