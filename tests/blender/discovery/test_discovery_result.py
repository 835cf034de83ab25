# tests/blender/discovery/test_discovery_result.py: what a discovery run says of this Blender, checked by values on other data
"""The expectations hold no offsets: each storage is asked for its value in memory and compared with getattr, on the
census's scene, which discovery has never seen."""
import random
import struct

import bpy

from census_scene import build, evaluated
from census_walk import Unknown, Walk, numbers, properties_of, skipped
from census_write import frozen, unwritten, valid
from support import VERSION

FORMATS = {"b1": "B", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "i64": "q", "f32": "f", "f64": "d"}
MOST = 60  # elements of one collection

# type: properties whose storage must be found: may be written to memory | may not | may or may not.
WANTED = {
    "Keyframe": "co handle_left handle_right handle_left_type handle_right_type interpolation type easing back "
                "amplitude period select_control_point select_left_handle select_right_handle | co_ui",
    "FCurve": "select lock mute hide color_mode color array_index || extrapolation",  # moves the keyframes (4.3, 5.2)
    "FCurveSample": "co select",
    "BezierSplinePoint": "co handle_left handle_right tilt radius weight_softbody hide select_control_point "
                         "select_left_handle select_right_handle | handle_left_type handle_right_type",
    "SplinePoint": "co weight tilt radius weight_softbody select hide",
    "MaskSplinePoint": "co handle_left handle_right weight",
    "LatticePoint": "co_deform select weight_softbody",
    "MetaElement": "co radius size_x size_y size_z stiffness use_negative use_scale_stiffness select hide type "
                   "| rotation",  # whose setter normalises
    "CurveMapPoint": "location handle_type select",
    "ColorRampElement": "color position alpha",
    "PaletteColor": "strength weight || color",
    "TimelineMarker": "frame select",
    "ShapeKey": "mute | value slider_min slider_max | interpolation",
    "ShapeKeyPoint": "co",
    "ShapeKeyBezierPoint": "co handle_left handle_right | tilt radius",
    "MeshVertex": "co",
    "MeshEdge": "| vertices",
    "MeshLoop": "| vertex_index",
    "MeshPolygon": "| loop_start",
    "MeshLoopTriangle": "| loops",
    "MeshNormalValue": "| vector",
    "MeshUVLoop": "uv",
    "MeshLoopColor": "color",
    "ByteColorAttributeValue": "color color_srgb",
    "FloatColorAttributeValue": "color",
    "FloatAttributeValue": "value",
    "IntAttributeValue": "value",
    "FloatVectorAttributeValue": "vector",
    "Float2AttributeValue": "vector",
    "BoolAttributeValue": "value",
    "ByteIntAttributeValue": "|| value",
    "MeshSkinVertex": "radius use_root use_loose",
    "VertexGroupElement": "weight | group",
    "VertexGroup": "lock_weight",
    "Bone": "| matrix matrix_local head tail | hide hide_select",
    "PoseBone": "location scale rotation_quaternion rotation_euler lock_location lock_rotation lock_scale | matrix "
                "matrix_channel head tail rotation_mode",
    "Object": "location scale rotation_quaternion rotation_euler lock_location color pass_index hide_viewport "
              "hide_select hide_render | matrix_world rotation_mode instance_type",
    "ShaderNodeMath": "select hide mute || width " + ("location" if VERSION < (5, 0) else "location_absolute"),
    "NodeSocketFloat": "|| default_value",
    "Particle": "location velocity rotation | is_exist is_visible",
    "ParticleHairKey": "co_local time weight",
    "CurvePoint": "position",
    "Point": "co",
}
if VERSION < (4, 0):
    WANTED |= {"MeshEdge": "use_seam use_edge_sharp | vertices", "MeshPolygon": "use_smooth | loop_start loop_total",
               "MeshUVLoop": "uv pin_uv select select_edge", "MeshLoop": "| vertex_index edge_index",
               "MeshLoopTriangle": "| loops polygon_index", "GPencilStrokePoint": "co pressure strength vertex_color"}
else:
    WANTED |= {"QuaternionAttributeValue": "value", "Float4x4AttributeValue": "value", "Int2AttributeValue": "value",
               "ReadOnlyInteger": "| value", "GreasePencilLayer": "hide lock select opacity"}
LISTS = (("BlendData", "objects"), ("BlendData", "meshes"), ("Object", "modifiers"), ("Object", "constraints"),
         ("ShaderNodeTree", "nodes"), ("ShaderNodeMath", "inputs"), ("Pose", "bones"), ("Key", "key_blocks"),
         ("Curve", "splines"), ("Palette", "colors"), ("MetaBall", "elements"))
# Equal to bytes of the element by chance of the scene: computed, as changing those bytes shows.
COMPUTED = (("Object", "matrix_local"), ("ParticleHairKey", "co"), ("MeshPolygon", "normal"), ("MeshPolygon", "center"),
            ("Object", "bound_box"), ("PoseBone", "matrix_basis"), ("LatticePoint", "co"), ("MeshVertex", "index"))
NO_LISTS = (("Mesh", "materials"), ("Mesh", "vertices"), ("Collection", "objects"), ("Armature", "bones"))


def known():
    from rnaslicer import discovery
    result = discovery.known()
    assert result is not None
    return result


def test_finds_what_is_wanted():
    missing = []
    for kind, names in WANTED.items():
        if not hasattr(bpy.types, kind):
            continue
        free, kept, either = (part.split() for part in (names + "||").split("|")[:3])
        for name in free + kept + either:
            if name not in getattr(bpy.types, kind).bl_rna.properties:
                continue
            found = known().storage(kind, name)
            if len(found) != 1:
                missing.append(f"{kind}.{name}: {found}")
            elif name not in either and found[0].writes != (name in free):
                missing.append(f"{kind}.{name}: writes is {found[0].writes}")
    assert not missing, "\n".join(missing)


def test_nothing_computed():
    assert [key for key in COMPUTED if known().storage(*key)] == []


def test_lists():
    found = known()
    assert (found.next_at, found.prev_at) == (0, 8)
    assert [key for key in LISTS if key not in found.lists] == []
    assert [key for key in NO_LISTS if key in found.lists] == []


def value_in(found, address, count, tables):
    """The flat values of a storage in memory, in an implementation of the test's own; None where it says nothing."""
    from rnaslicer import _core
    if found.unless is not None and any(_core.read_memory(address + found.unless, 8)):
        return None  # of such an element it says nothing
    if found.hop is not None:
        address = int.from_bytes(_core.read_memory(address + found.hop, 8), "little")
        if not address:
            return None
    size, values = struct.calcsize(FORMATS[found.scalar]), []
    assert len(found.steps) == count
    for i, step in enumerate(found.steps):
        memory = _core.read_memory(address + found.offset + step, size)
        (raw,) = struct.unpack(FORMATS[found.scalar], memory)
        if found.decode == "flag":
            raw = raw & (found.masks[i] if found.masks else found.mask) != 0
        elif found.decode == "field":
            raw &= found.mask
        elif found.decode == "unorm":
            raw = struct.unpack("f", struct.pack("f", raw * struct.unpack("f", struct.pack("f", 1 / 255))[0]))[0]
        elif found.decode == "lookup":
            raw = tables[found.lookups[i]][0][raw]
        values.append(not raw if found.inverted else raw)
    return values


def expected(element, name):
    """Flat numbers by getattr in RNA's order: matrices by columns."""
    shape, flat = numbers(element, name)
    prop = properties_of(element.bl_rna)[name]
    if len(shape) == 2 and prop.subtype == "MATRIX":
        flat = [flat[row * shape[1] + column] for column in range(shape[1]) for row in range(shape[0])]
    return flat


def differs(element, name, found, tables):
    """Why memory says another thing than bpy, or None."""
    try:
        wanted = expected(element, name)
    except Unknown:
        return None
    got = value_in(found, element.as_pointer(), len(wanted), tables)
    if got is None:
        return None
    if properties_of(element.bl_rna)[name].type == "BOOLEAN":
        got = [bool(x) for x in got]
    same = all(a == b or a != a and b != b for a, b in zip(got, wanted))
    return None if same else f"{element.bl_rna.identifier}.{name}: {wanted} by bpy, {got} in memory ({found})"


def sites(rng):
    build(rng)
    for site in Walk().sites(evaluated(rng)):
        if site.is_collection:
            yield site


def storages(kind):
    """(property, Found) of an RNA type."""
    for name, prop in properties_of(kind).items():
        if prop.type in ("BOOLEAN", "INT", "ENUM", "FLOAT") and not skipped(kind, name):
            for found in known().storage(kind.identifier, name):
                yield name, found


def test_values_of_the_census():
    """Every storage, on every element of a scene that discovery has never seen, by getattr."""
    tables, wrong, compared, kinds = known().tables, {}, 0, set()
    for site in sites(random.Random(5)):
        for element in list(site.place.follow())[:MOST]:
            if element is None:
                continue
            kinds.add(element.bl_rna.identifier)
            for name, found in storages(element.bl_rna):
                compared += 1
                if reason := differs(element, name, found, tables):
                    wrong.setdefault((element.bl_rna.identifier, name), f"{site.place}: {reason}")
    print(f"{compared} values of {len(kinds)} types compared")
    assert compared > 20000
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong.values())


def test_assignments_move_own_bytes_only():
    """Where `writes` says so: random values, some beyond the range, stand in memory as the storage says, and nothing
    else of the element moves."""
    from rnaslicer import _core
    rng, wrong, tried = random.Random(6), {}, 0
    tables = known().tables
    for site in sites(rng):
        wanted = WANTED.get(site.kind, "").replace("|", " ").split()
        if not wanted:
            continue
        elements = list(site.place.follow())[:4]
        for element in elements:
            if element is None:
                continue
            for name, found in storages(element.bl_rna):
                if (not found.writes or name not in wanted or element.is_property_readonly(name)
                        or unwritten(site, element.bl_rna, name)):
                    continue
                usual = frozen(getattr(element, name))
                size = found.size or 64
                value, _ = valid(rng, element, name)
                address = element.as_pointer()
                before = _core.read_memory(address, size)
                try:
                    setattr(element, name, value)
                except (TypeError, ValueError, AttributeError):
                    continue
                tried += 1
                after = _core.read_memory(address, size)
                if reason := differs(element, name, found, tables):
                    wrong[element.bl_rna.identifier, name] = reason
                setattr(element, name, usual)
                own = own_bits(found)
                for i, (a, b) in enumerate(zip(before, after)):
                    if (a ^ b) & ~own.get(i, 0):
                        wrong[element.bl_rna.identifier, name] = f"{site.place}.{name} = {value}: byte {i} moved, too"
    assert tried > 500, tried
    assert not wrong, "\n".join(map(str, wrong.values()))


def own_bits(found):
    own, size = {}, struct.calcsize(FORMATS[found.scalar])
    if found.hop is not None:
        return own
    for i, step in enumerate(found.steps):
        mask = found.masks[i] if found.masks else found.mask or -1
        for at, byte in enumerate((mask & (1 << 8 * size) - 1).to_bytes(size, "little")):
            own[found.offset + step + at] = own.get(found.offset + step + at, 0) | byte
    return own


def test_tables_of_byte_colours():
    """All 256 bytes through bpy, and the setter on both sides of each threshold."""
    mesh = bpy.data.meshes.new("Colours")
    mesh.vertices.add(1)
    layer = mesh.attributes.new("Bytes", "BYTE_COLOR", "POINT")
    from rnaslicer import _core
    for name in ("color", "color_srgb"):
        (found,) = known().storage("ByteColorAttributeValue", name)
        lookups = found.lookups or ("unorm",) * 4
        for i in range(4):
            decode, thresholds, nan = known().tables[lookups[i]]
            element = layer.data[0]
            for k, threshold in enumerate(thresholds):
                below = struct.unpack("f", struct.pack("I", struct.unpack("I", struct.pack("f", threshold))[0] - 1))[0]
                for x, byte in ((below, k), (threshold, k + 1), (float("nan"), nan)):
                    flat = [0.25] * 4
                    flat[i] = x
                    setattr(element, name, flat)
                    stored = _core.read_memory(element.as_pointer() + found.offset + found.steps[i], 1)[0]
                    assert stored == byte, (name, i, x, stored, byte)
                    assert getattr(element, name)[i] == decode[byte], (name, i, byte)
