# tests/blender/census/census_write.py: what the census writes: random valid values, and where it must not write
"""`valid(...)` makes values as setattr takes them; `snapshot` and `restore` keep what was there."""
import math
import re

import bpy
import mathutils

from census_walk import NUMERIC, Place, Unknown, enum_number, numbers, properties_of, skipped

# (RNA type, property or None for all) never written, with the reason. Derived types are meant too.
UNWRITTEN = {
    ("WindowManager", None): "the user interface",
    ("Window", None): "the user interface",
    ("Screen", None): "the user interface",
    ("Area", None): "the user interface",
    ("Region", None): "the user interface",
    ("Space", None): "the user interface",
    ("WorkSpace", None): "the user interface",
    ("MeshPolygon", "loop_start"): "topology: Blender crashes on it at the next evaluation",
    ("MeshPolygon", "loop_total"): "topology: Blender crashes on it at the next evaluation",
    ("MeshPolygon", "vertices"): "topology: written through loops",
    ("Sequence", "channel"): "strips make way for one another: the outcome depends on what was before",
    ("Strip", "channel"): "strips make way for one another: the outcome depends on what was before",
    ("Text", None): "the cursor's setters loop for ever beyond the text (3.4)",
    ("Image", "generated_width"): "makes the image anew, in any size",
    ("Image", "generated_height"): "makes the image anew, in any size",
    ("Image", "source"): "makes the image anew",
    ("Lattice", "points_u"): "makes all points anew",
    ("Lattice", "points_v"): "makes all points anew",
    ("Lattice", "points_w"): "makes all points anew",
    ("Attribute", "data_type"): "makes the attribute anew",
    ("Attribute", "domain"): "makes the attribute anew",
}
# Beside these, Blender moves other values after each single assignment, so that their order shows.
ALONE = {"handle_type", "handle_left_type", "handle_right_type", "handle_1", "handle_2"}
TYPE_LEVEL = re.compile("^bl_")
INDICES = {("MeshEdge", "vertices"), ("MeshLoop", "vertex_index"), ("MeshLoop", "edge_index")}
INDEX_ATTRIBUTES = (".edge_verts", ".corner_vert", ".corner_edge")


def unwritten(site, kind, name):
    """Why a property of an RNA type is not written at a site, or None."""
    if isinstance(site.place.root, bpy.types.Lattice) and site.kind == "VertexGroupElement":
        return "Blender crashes when a lattice's weights are written"
    if {"curve_offset_data", "curve_offsets"} & set(site.place.steps):
        return "topology: Blender crashes where curves leave gaps"
    if TYPE_LEVEL.match(name):
        return "type-level properties: Blender crashes when they are written blindly"
    while kind is not None:
        for key in ((kind.identifier, name), (kind.identifier, None)):
            if key in UNWRITTEN:
                return UNWRITTEN[key]
        kind = kind.base
    return None


def writable(elements, name):
    """True if bpy lets every element be written."""
    return all(not element.is_property_readonly(name) for element in elements)


def valid(rng, element, name):
    """(value for setattr, flat numbers in C order): random, now and then a little beyond the hard range."""
    prop = properties_of(element.bl_rna)[name]
    if prop.type == "ENUM":
        return valid_enum(rng, prop)
    shape, flat = numbers(element, name)
    one = {"BOOLEAN": lambda: rng.random() < 0.5, "INT": lambda: valid_int(rng, prop),
           "FLOAT": lambda: valid_float(rng, prop)}[prop.type]
    flat = [one() for _ in flat]
    value = shaped(flat, shape)
    if prop.subtype == "MATRIX" and len(shape) == 2:  # bpy takes nested lists by columns
        value = mathutils.Matrix(value)
    return value, flat


def valid_enum(rng, prop):
    items = list(prop.enum_items)
    if not items:
        raise Unknown("the enum's items depend on context, or its value names none")
    if prop.is_enum_flag:
        chosen = {item.identifier for item in items if rng.random() < 0.5}
        return chosen, [sum({item.value for item in items if item.identifier in chosen})]
    item = rng.choice(items)
    return item.identifier, [enum_number(prop, item.identifier)]


def bounds(prop, most):
    low, high = max(prop.soft_min, prop.hard_min, -most), min(prop.soft_max, prop.hard_max, most)
    return (low, high) if low <= high else (prop.hard_min, prop.hard_max)


def valid_int(rng, prop):
    low, high = bounds(prop, 100)
    if rng.random() < 0.1 and prop.hard_min > -2**31:
        return prop.hard_min - rng.randint(1, 9) if prop.hard_min > -2**31 + 9 else low
    if rng.random() < 0.1 and prop.hard_max <= 100:
        return prop.hard_max + rng.randint(1, 9)
    return rng.randint(int(low), int(high))


def valid_float(rng, prop):
    low, high = bounds(prop, 100.0)
    if rng.random() < 0.1 and prop.hard_min > -1e6:
        return prop.hard_min - rng.random()
    if rng.random() < 0.1 and prop.hard_max <= 100:
        return prop.hard_max + rng.random()
    return rng.uniform(low, high)


def shaped(flat, shape):
    """Flat numbers as nested lists; a single value if there is no axis."""
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return list(flat)
    size = math.prod(shape[1:])
    return [shaped(flat[i * size:(i + 1) * size], shape[1:]) for i in range(shape[0])]


def is_topology(site, name):
    """True where the numbers name other elements of the same mesh."""
    if (site.kind, name) in INDICES:
        return True
    steps = site.place.steps
    if "attributes" not in steps:
        return False
    attribute = Place(site.place.root, steps[:steps.index("attributes") + 2]).follow()
    return attribute.name in INDEX_ATTRIBUTES


def permuted(rng, site, name):
    """Topology in another order that is still valid: an edge's ends swapped. Corners stay as they are: any other
    order does not fit the edges, and Blender 5.2 corrupts its memory in mesh.update()."""
    values = [numbers(element, name)[1] for element in elements_of(site)]
    if len(values[0]) == 2:
        values = [pair[::-1] if rng.random() < 0.5 else pair for pair in values]
        return [list(pair) for pair in values], [x for pair in values for x in pair]
    flat = [x for value in values for x in value]
    return flat, flat


def frozen(value):
    """A value as getattr gives it, kept: not a view of Blender's memory."""
    if isinstance(value, (str, set, frozenset, mathutils.Matrix)):
        return value.copy() if isinstance(value, mathutils.Matrix) else value
    if not hasattr(value, "__len__"):
        return value
    return [frozen(part) for part in value]


def snapshot(elements, names):
    """{name: values of all elements} by getattr."""
    seen = {}
    for name in names:
        try:
            seen[name] = [frozen(getattr(element, name)) for element in elements]
        except Exception:  # not readable here; the reading census tells
            pass
    return seen


def comparable(seen):
    """A snapshot in which NaNs are equal and floats differ by their bits."""
    return {name: repr(sorted_sets(values)) for name, values in seen.items()}


def sorted_sets(value):
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    is_sequence = isinstance(value, (list, mathutils.Matrix, mathutils.Vector))
    return [sorted_sets(part) for part in value] if is_sequence else value


def restore(site, seen, names):
    """Assign what was there before, `names` in order; bpy's refusals are none of our business."""
    for name in names:
        for element, value in zip(elements_of(site), seen.get(name, ())):
            try:
                if not element.is_property_readonly(name) and frozen(getattr(element, name)) != value:
                    setattr(element, name, value)
            except (AttributeError, TypeError, ValueError, RuntimeError):
                pass


def elements_of(site):
    """The structs of a site now."""
    reached = site.place.follow()
    return list(reached) if site.is_collection else [reached]


def neighbours(element, name, rng, most):
    """The property and others of the same element type that a write could disturb."""
    kind = element.bl_rna
    out = (name, "pixels", "select_index")  # the last counts all selections ever made
    names = [p.identifier for p in properties_of(kind).values()
             if p.type in NUMERIC and p.identifier not in out and not skipped(kind, p.identifier)]
    if len(names) > most:
        names = rng.sample(names, most)
    return [name, *names]
