# tests/blender/transfer/test_foreach_asks.py: native code's look before bpy's own calls beside the one that says what is wrong
import contextlib
import random

import bpy

from support import VERSION, random_mesh, seed
from test_building_derived import COMPUTED, OF_ELEMENTS, begun, whole
from test_building_looks import spoiled, without_looks
from test_foreach import nothing_learnt
from test_foreach_calls import registered, unregistered, world

CALLS = "foreach_get", "foreach_set"


def asked(what, coll, name):
    """Native code's answer: as the first of a kind, of one that is known, and of what was kept."""
    from rnaslicer import _core
    from rnaslicer.calls import sound
    sound.KNOWN.clear()
    first = _core.asks_of(what, coll, name, sound.TABLES)
    assert len(sound.KNOWN) == (type(first) is tuple), (what, coll, name, first)
    assert (_core.asks_of(what, coll, name, sound.TABLES) is None) == (first is None), (what, coll, name)
    if type(first) is tuple:
        assert _core.asks_hold(what, coll, name, sound.TABLES, first), (what, coll, name, first)
    return first


def is_checked(what, coll, name):
    """Python's: whether bpy's own call may be made."""
    from rnaslicer import SlicerError
    from rnaslicer.calls import sound
    try:
        assert sound.checked(what, coll, name) == name
    except SlicerError:
        return False
    return True


def agrees(what, coll, name):
    """Of what Blender computes nobody but Python looks for what the elements have not."""
    from rnaslicer.blender.rna import COMPUTED
    native, python = asked(what, coll, name) is not None, is_checked(what, coll, name)
    return native == python or python and any(coll == getattr(coll.data, member, None) for member in COMPUTED)


def names_of(coll):
    """Of all properties that its elements may have, and of some that they have not."""
    found = {"nothing", "rna_type", "name", "co", "bl_rna", ""}
    with contextlib.suppress(Exception):
        found.update(coll[0].bl_rna.properties.keys())
    return sorted(found)


def test_same_of_all_kinds():
    group = registered()
    try:
        seen = 0
        for kind, coll in world(6):
            for name in names_of(coll):
                for what in CALLS:
                    assert agrees(what, coll, name), (kind, name, what)
                    seen += 1
        assert seen > 1000, seen
    finally:
        unregistered(group)


def test_same_of_empty_ones():
    ob = bpy.data.objects.new("Empty", bpy.data.meshes.new("Empty"))
    for coll in (ob.modifiers, ob.constraints, ob.data.vertices, ob.data.materials, ob.data.loop_triangles, ob.material_slots,
                 ob.data.attributes if VERSION >= (4, 0) else ob.data.uv_layers, ob.vertex_groups):
        for name in ("name", "show_viewport", "co", "normal", "area", "link", "metallic", "index", "nothing"):
            for what in CALLS:
                assert agrees(what, coll, name), (coll, name, what)


def test_same_of_slots():
    mesh = random_mesh(random.Random(3))
    for i in range(4):
        mesh.materials[i] = bpy.data.materials.new(f"Material {i}")
    for empty in (None, 0, 2, 3):
        if empty is not None:
            mesh.materials[empty] = None
        for name in ("metallic", "users", "nothing"):
            for what in CALLS:
                assert (asked(what, mesh.materials, name) is not None) == is_checked(what, mesh.materials, name) == (
                    empty is None and (what, name) != ("foreach_set", "users")), (empty, name, what)
        if empty is not None:
            mesh.materials[empty] = bpy.data.materials.new("Material")


def derived(mesh):
    for collection, name, _ in COMPUTED:
        yield getattr(mesh, collection), name
    for collection, name, _ in OF_ELEMENTS:
        yield getattr(mesh, collection), name
    yield mesh.polygons, "vertices"
    yield mesh.vertices, "co"


def same_of_derived(mesh):
    from rnaslicer.layout import layers
    wanted = []
    with without_looks():
        for coll, name in derived(mesh):
            wanted.append(is_checked("foreach_get", coll, name))
    for known in (contextlib.nullcontext, nothing_learnt):
        with known():
            for (coll, name), right in zip(derived(mesh), wanted):
                assert (asked("foreach_get", coll, name) is not None) == right, (coll, name, right, bool(layers.looks))
    return wanted


def test_same_of_half_built_meshes():
    """Whatever its numbers are, and of meshes that have only some of their elements: what was learnt in the session does
    not count."""
    rng = random.Random(seed())
    mesh = whole()
    assert all(same_of_derived(mesh))
    assert not all(same_of_derived(begun()))
    seen = set()
    for _ in range(60):
        before = spoiled(mesh, rng)
        seen.update(same_of_derived(mesh))
        for coll, name, numbers in before:
            coll.foreach_set(name, numbers)
    assert len(seen) == 2, seen
    for counts in ((0, 0, 0, 0), (5, 0, 0, 0), (5, 3, 0, 0), (5, 0, 4, 0), (5, 3, 4, 0), (5, 0, 4, 1), (5, 3, 4, 1), (0, 3, 0, 0)):
        mesh = bpy.data.meshes.new("Part")
        for name, count in zip(("vertices", "edges", "loops", "polygons"), counts):
            getattr(mesh, name).add(count)
        if counts[3]:
            mesh.polygons.foreach_set("loop_start", [0])
        same_of_derived(mesh)


def test_same_of_half_built_hair():
    rng = random.Random(seed())
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([5] * 10)
    given = [one.value for one in curves.curve_offset_data]
    seen = set()
    for _ in range(100):
        changed = list(given)
        for _ in range(rng.randrange(3)):
            changed[rng.randrange(len(changed))] = rng.choice((-1, 0, 5, 45, 49, 50, 51, 1 << 30))
        curves.curve_offset_data.foreach_set("value", changed)
        with without_looks():
            right = is_checked("foreach_get", curves.normals, "vector")
        for known in (contextlib.nullcontext, nothing_learnt):
            with known():
                assert (asked("foreach_get", curves.normals, "vector") is not None) == right, changed
        seen.add(right)
        curves.curve_offset_data.foreach_set("value", given)
    assert len(seen) == 2


test_same_of_half_built_hair.min_version = (4, 3)


def test_what_is_no_collection_or_name():
    """Their code may do anything: Python says what they are."""
    class Name(str):
        pass
    mesh = random_mesh(random.Random(3))
    for coll in (None, 3, mesh, mesh.vertices[0], [], "co"):
        assert asked("foreach_get", coll, "co") is None
    for name in (None, 3, b"co", Name("co"), "c\0o", "\ud800", "co\udfff"):
        assert asked("foreach_get", mesh.vertices, name) is None
