# tests/blender/transfer/test_after_update.py: after an update all that Blender derives is what the same assignments give
"""docs/after-update.md has a table; its rows drive these tests, so a row without a test fails, and so does
a test without a row. The oracle is a second run of the same scene in which bpy assigns the same values."""
import random
import unittest
from pathlib import Path
from typing import NamedTuple

import bpy
from mathutils import Matrix

import derived_scenes as scenes
import derived_values as derived
from support import EVERY, VERSION, fill_memcache, flat, random_values


class Kind(NamedTuple):
    """One thing that is written: the scene, the path from its datablock; `low`, `high` of the values.
    `quiet`: nothing is derived from it. `since`: the first Blender that has it."""

    make: object
    path: tuple
    low: float = -3.0
    high: float = 3.0
    quiet: bool = False
    since: tuple = (3, 4)
    before: tuple = (99,)
    besides: object = None  # what bpy has to do besides, where its own assignment leaves things stale
    region: bool = True  # a part makes sense, too
    sound: bool = True  # leaves a mesh that Blender takes for one (corners and edges agree)


def fcurves(*rest):
    return (("fcurves",) if VERSION < (5, 0) else ("layers", 0, "strips", 0, "channelbags", 0, "fcurves")) + rest


def attribute(name):
    stale = VERSION < (5, 0) and name.startswith(("BOOLEAN", "INT8"))  # assigning tells nobody
    return Kind(scenes.mesh, ("attributes", name, "data", EVERY,
                              "vector" if "VECTOR" in name or "FLOAT2" in name else "color" if "COLOR" in name else "value"),
                0, 1, besides=touch if stale else None)


def touch_positions(mesh):
    mesh.vertices[0].co = mesh.vertices[0].co


def touch_topology(mesh):
    mesh.update()
    touch_positions(mesh)


def renew(mesh):
    mesh.update()


def touch(datablock):
    datablock.update_tag()


def pinned():
    """A mesh whose UV map has the layer of that flag (hazards.UV_FLAGS_WRITE)."""
    mesh = scenes.mesh()
    for _ in getattr(mesh.uv_layers[0], "pin", ()):
        break
    mesh.uv_layers[0].data[0].pin_uv = True
    return mesh


KINDS = {
    "vertex positions": [Kind(scenes.mesh, ("vertices", EVERY, "co")),
                         Kind(scenes.keyed_mesh, ("vertices", EVERY, "co"))],
    "positions by attribute": [Kind(scenes.mesh, ("attributes", "position", "data", EVERY, "vector"), since=(4, 3),
                                    besides=touch_positions)],
    "topology": [Kind(scenes.mesh, ("edges", EVERY, "vertices"), besides=touch_topology, region=False),
                 Kind(scenes.mesh, ("loops", EVERY, ("vertex_index", "edge_index")), besides=touch_topology, region=False)],
    "topology by attribute": [Kind(scenes.mesh, ("attributes", ".edge_verts", "data", EVERY, "value"), since=(4, 3),
                                   besides=touch_topology, region=False),
                              Kind(scenes.mesh, ("attributes", ".corner_vert", "data", EVERY, "value"), since=(4, 3),
                                   besides=touch_topology, region=False, sound=False)],
    "select flags": [Kind(scenes.mesh, (name, EVERY, "select")) for name in ("vertices", "edges", "polygons")],
    "hide flags": [Kind(scenes.mesh, (name, EVERY, "hide")) for name in ("vertices", "edges", "polygons")],
    "smooth, seam and sharp flags": [Kind(scenes.mesh, ("polygons", EVERY, "use_smooth")),
                                     Kind(scenes.mesh, ("edges", EVERY, "use_seam")),
                                     Kind(scenes.mesh, ("edges", EVERY, "use_edge_sharp"))],
    "material indices": [Kind(scenes.mesh, ("polygons", EVERY, "material_index"), 0, 3)],
    "uv": [Kind(scenes.mesh, ("uv_layers", 0, "data", EVERY, "uv")),
           Kind(scenes.mesh, ("uv_layers", 0, "uv", EVERY, "vector"), since=(4, 3)),
           Kind(pinned, ("uv_layers", 0, "data", EVERY, "pin_uv"), besides=touch, quiet=VERSION < (4, 0))],
    "byte colours": [Kind(scenes.mesh, ("vertex_colors", 0, "data", EVERY, "color"), 0, 1),
                     attribute("BYTE_COLOR_POINT"), attribute("BYTE_COLOR_CORNER")],
    "float colours": [attribute("FLOAT_COLOR_POINT"), attribute("FLOAT_COLOR_CORNER")],
    "attributes": [attribute(name) for name in scenes.LAYERS if "COLOR" not in name],
    "flags by attribute": [Kind(scenes.mesh, ("attributes", name, "data", EVERY, "value"), 0, 3, since=(4, 3),
                                besides=None if VERSION >= (5, 0) else {".": touch, "s": renew}.get(name[0]))
                           for name in ("sharp_face", "sharp_edge", ".select_vert", ".hide_vert", "material_index",
                                        "crease_edge")],
    "vertex weights": [Kind(scenes.mesh, ("vertices", EVERY, "groups", 0, "weight"), 0, 1),
                       Kind(scenes.mesh, ("vertices", EVERY, "groups", EVERY, "weight"), 0, 1)],
    "shape key points": [Kind(scenes.shape_keys, ("key_blocks", 1, "data", EVERY, "co"))],
    "shape key values": [Kind(scenes.shape_keys, ("key_blocks", EVERY, "value"), 0, 1)],
    "bezier points": [Kind(scenes.curve, ("splines", 0, "bezier_points", EVERY, name))
                      for name in ("co", "handle_left", "handle_right", "tilt")]
    + [Kind(scenes.curve, ("splines", 0, "bezier_points", EVERY, "radius"), 0, 2),
       Kind(scenes.curve, ("splines", 0, "bezier_points", EVERY, "handle_left_type"), 0, 3)],
    "curve and NURBS points": [Kind(scenes.curve, ("splines", 1, "points", EVERY, name), 0.5, 2)
                               for name in ("co", "tilt", "radius", "weight")],
    "spline settings": [Kind(scenes.curve, ("splines", EVERY, "resolution_u"), 1, 9)],
    "lattice points": [Kind(scenes.lattice, ("points", EVERY, "co_deform"), -0.6, 0.6)],
    "metaball elements": [Kind(scenes.metaballs, ("elements", EVERY, "co")),
                          Kind(scenes.metaballs, ("elements", EVERY, "radius"), 0.5, 2)],
    "hair curves": [Kind(scenes.hair, ("points", EVERY, "position")),
                    Kind(scenes.hair, ("attributes", "position", "data", EVERY, "vector"))],
    "point clouds": [Kind(scenes.point_cloud, ("points", EVERY, "co"), since=(5, 0)),
                     Kind(scenes.point_cloud, ("attributes", "position", "data", EVERY, "vector"), since=(5, 0))],
    "Grease Pencil": [Kind(scenes.grease_pencil, ("layers", 0, "frames", 0, "drawing", "attributes", "position", "data",
                                                  EVERY, "vector"), since=(4, 3)),
                      Kind(scenes.grease_pencil, ("layers", 0, "frames", 0, "strokes", 0, "points", EVERY, "co"),
                           before=(4, 0))],
    "keyframes": [Kind(scenes.action, fcurves(1, "keyframe_points", EVERY, name))
                  for name in ("handle_left", "handle_right")]
    + [Kind(scenes.action, fcurves(1, "keyframe_points", EVERY, "co", 1)),
       Kind(scenes.action, fcurves(1, "keyframe_points", EVERY, "interpolation"), 0, 2)],
    "f-curve flags": [Kind(scenes.action, fcurves(EVERY, "mute"))],
    "pose bones": [Kind(scenes.armature, ("pose", "bones", EVERY, name), -1, 1)
                   for name in ("location", "rotation_quaternion", "scale")],
    "edit bones": [Kind(scenes.edited_armature, ("edit_bones", EVERY, "tail"))],
    "object transforms": [Kind(scenes.objects, ("objects", EVERY, name))
                          for name in ("location", "rotation_euler", "scale", "delta_location")]
    + [Kind(scenes.objects, ("objects", 0, "matrix_world"), region=False)],
    "object flags": [Kind(scenes.objects, ("objects", EVERY, name)) for name in ("hide_viewport", "hide_render")],
    "node values": [Kind(scenes.nodes, ("nodes", "Value", "outputs", EVERY, "default_value"), region=False),
                    Kind(scenes.nodes, ("nodes", "Value", "outputs", 0, "default_value"), region=False)],
    "node places": [Kind(scenes.nodes, ("nodes", EVERY, "location"), quiet=True)],
    "image pixels": [Kind(scenes.image, ("pixels",), 0, 1, region=False, besides=touch), Kind(scenes.byte_image, ("pixels",), 0, 1, region=False, besides=touch)],
    "settings": [Kind(scenes.settings, ("modifiers", EVERY, "strength")),
                 Kind(scenes.settings, ("constraints", EVERY, "max_x")),
                 Kind(scenes.settings, ("data", "materials", EVERY, "diffuse_color"), 0, 1)],
}


def rows():
    """The names in the first column of the first table."""
    lines = [line for line in page().split("## Lists")[0].splitlines() if line.startswith("| ")]
    return [line.split("|")[1].strip() for line in lines[1:]]


def page():
    """The text of docs/after-update.md."""
    import rnaslicer
    for here in (*Path(__file__).resolve().parents, *Path(rnaslicer.__file__).resolve().parents):
        page = here / "docs" / "after-update.md"
        if page.is_file():
            return page.read_text(encoding="utf-8")
    raise AssertionError("docs/after-update.md is missing")


def by_index(datablock, path):
    """The path with names of elements as indices: a name after a collection means something else there."""
    found, reached = [], datablock
    for step in path:
        if step is EVERY:
            return tuple(found) + path[len(found):]
        if isinstance(step, str) and hasattr(reached, "keys") and hasattr(reached, "foreach_get"):
            step = reached.keys().index(step)
        found.append(step)
        reached = reached[step] if isinstance(step, int) else getattr(reached, step, None)
    return tuple(found)


def topology_values(mesh, path):
    """Valid ones: edges turned round, corners of each face moved on by one."""
    if "edges" in path or ".edge_verts" in path:
        return [v for e in mesh.edges for v in reversed(e.vertices)]
    turned = [p.loop_start + (i + 1) % p.loop_total for p in mesh.polygons for i in range(p.loop_total)]
    vertices = [mesh.loops[i].vertex_index for i in turned]
    if "loops" not in path:
        return vertices
    return [n for i in turned for n in (mesh.loops[i].vertex_index, mesh.loops[i].edge_index)]


def assign(datablock, path, values, only_odd):
    """The same assignments through bpy: whole values, element by element."""
    if EVERY not in path:
        put(follow(datablock, path[:-1]), path[-1:], values)
        return
    at = path.index(EVERY)
    coll = follow(datablock, path[:at])
    width = len(values) // len(coll)
    for i in range(len(coll)):
        if i % 2 or not only_odd:
            put(coll[i], path[at + 1:], values[i * width : (i + 1) * width])


def follow(reached, path):
    for step in path:
        reached = reached[step] if isinstance(step, int) else getattr(reached, step)
    return reached


def put(struct, path, values):
    """One element's part: a property, properties side by side, a component, or something further on."""
    *way, name = path
    if EVERY in way:  # one of each
        for element in follow(struct, way[: way.index(EVERY)]):
            put(element, path[way.index(EVERY) + 1 :], values)
        return
    if isinstance(name, tuple):
        width = len(values) // len(name)
        for i, each in enumerate(name):
            put(struct, (each,), values[i * width : (i + 1) * width])
        return
    struct = follow(struct, way)
    if isinstance(name, int):
        struct[name] = values[0]
        return
    prop = struct.bl_rna.properties[name]
    if prop.type == "ENUM":
        setattr(struct, name, next(item.identifier for item in prop.enum_items if item.value == values[0]))
    elif name == "matrix_world":
        struct.matrix_world = Matrix([values[i : i + 4] for i in range(0, 16, 4)])
    else:
        setattr(struct, name, values if prop.is_array else values[0])


def values_for(kind, datablock, format, count):
    if kind.besides is touch_topology:
        return topology_values(datablock, kind.path)
    return random_values(random.Random(3), format, count, kind.low, kind.high)


def written(kind, by_bpy, region):
    """(derived at once, after evaluation, at another frame), what handlers were told, the three before."""
    from rnaslicer import Slicer
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    datablock = kind.make()
    path = by_index(datablock, kind.path)
    before = derived.at_once(), derived.evaluated(), derived.at_another_frame()
    with Slicer(datablock, ragged="flat")[path] as vw:  # also where bpy writes: entering must not make the difference
        values = values_for(kind, datablock, vw.format, len(flat(vw.memcache.tolist())))
        bpy.context.view_layer.update()
        with derived.Updates() as updates:
            if by_bpy:
                assign(datablock, path, values, region)
                if kind.besides:
                    kind.besides(datablock)
            else:
                fill_memcache(vw.memcache, values)
                vw.update(vw.memcache[1::2] if region else None)
            once = derived.at_once()
            later = derived.evaluated()
    if not by_bpy and kind.sound:
        found = differing(once, remade())
        assert not found, f"Blender makes it otherwise when asked: {found[:9]}"
    leave_edit_mode(later)
    return (once, later, derived.at_another_frame()), updates.calls, before


def remade():
    """What meshes derive whose caches are all out of date."""
    copies = {mesh.name: mesh.copy() for mesh in bpy.data.meshes}
    for copy in copies.values():
        for elements, name in ((copy.vertices, "co"), (copy.polygons, "use_smooth"), (copy.edges, "use_edge_sharp")):
            setattr(elements[0], name, getattr(elements[0], name))
        copy.update()
    seen = derived.at_once(copies)
    for copy in copies.values():
        bpy.data.meshes.remove(copy)
    return seen


def leave_edit_mode(later):
    if bpy.context.object and bpy.context.object.mode == "EDIT":
        bpy.ops.object.mode_set(mode="OBJECT")
        later.update({("left", *key) if isinstance(key, tuple) else ("left", key): value
                      for key, value in derived.evaluated().items()})


def differing(one, two, at=""):
    """Where two nestings differ, at the deepest keys. Blender sums normals in threads, in any order: the
    last bits of floats do not count."""
    if one == two:
        return []
    if isinstance(one, dict) and isinstance(two, dict):
        return [d for key in {**one, **two} for d in differing(one.get(key), two.get(key), f"{at} {key}")]
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)) and len(one) == len(two):
        return [d for i, (a, b) in enumerate(zip(one, two)) for d in differing(a, b, f"{at} {i}")][:2]
    a, b = number(one), number(two)
    if isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 1e-4 * max(1, abs(a)):
        return []
    return [f"{at}: {a} instead of {b}"]


def number(value):
    return float.fromhex(value) if isinstance(value, str) and "0x" in value else value


def check(kind, region):
    theirs, their_updates, before = written(kind, True, region)
    ours, updates, _ = written(kind, False, region)
    assert kind.quiet or any(differing(a, b) for a, b in zip(theirs, before)), (
        "nothing is derived from this: the test tells nothing")
    for when, mine, bpys in zip(("at once", "after evaluation", "two frames on"), ours, theirs):
        found = differing(mine, bpys)
        assert not found, f"{when}: {found[:9]}"
    assert updates == their_updates, f"handlers: {difference_of(updates, their_updates)}"


def difference_of(ours, theirs):
    if len(ours) != len(theirs):
        return f"{len(ours)} calls instead of {len(theirs)}: {ours}, {theirs}"
    return [(sorted(set(a) - set(b)), "instead of", sorted(set(b) - set(a))) for a, b in zip(ours, theirs)]


def test_row(row):
    assert row in KINDS, f"no test for the row {row!r} of docs/after-update.md"
    assert row in rows(), f"docs/after-update.md has no row {row!r}"
    failed, ran = [], 0
    for kind in KINDS[row]:
        if not kind.since <= VERSION < kind.before:
            continue
        for region in (False, True)[: 1 + kind.region]:
            ran += 1
            try:
                check(kind, region)
            except Exception as error:
                failed.append(f"{kind.path} {'region' if region else 'whole'}: {type(error).__name__} {error}")
    assert not failed, "\n" + "\n".join(failed)
    if not ran:
        raise unittest.SkipTest("this Blender has no such data")


test_row.cases = {name: (name,) for name in dict.fromkeys((*rows(), *KINDS))}
