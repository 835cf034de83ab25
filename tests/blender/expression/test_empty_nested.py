# tests/blender/expression/test_empty_nested.py: lists and arrays in elements of which there are none, or none in some
import bpy

from support import EVERY, refused, same


def moved(supplier, items, **settings):
    """What entering gives, each time the same, after all that can be done with it: (shape, format, offsets, lengths)."""
    from rnaslicer import Slicer
    found = set()
    for _ in range(3):
        with Slicer(supplier, **settings)[items] as vw:
            vw.refresh()
            vw.update()
            assert vw.changes().tolist() == []
            offsets = None if vw.offsets is None else tuple(vw.offsets.tolist())
            lengths = None if vw.lengths is None else tuple(vw.lengths.tolist())
            found.add((vw.shape, vw.format, offsets, lengths))
        values = Slicer(supplier, **settings)[items].read()
        assert values.shape == vw.shape
        Slicer(supplier, **settings)[items].write(values)
    (one,) = found
    return one


def empty_curves():
    action = bpy.data.actions.new("Empty")
    if hasattr(action, "fcurves"):
        return action.fcurves
    slot = action.slots.new("OBJECT", "Empty")
    return action.layers.new("Layer").strips.new().channelbag(slot, ensure=True).fcurves


def test_lists_of_no_elements():
    """NumPy's shapes: an axis of nothing for each list."""
    mesh, curves = bpy.data.meshes.new("Empty"), empty_curves()
    splines = bpy.data.curves.new("Empty", "CURVE").splines
    for supplier, items, shape in (
            (mesh.vertices, (EVERY, "groups", EVERY, "weight"), (0, 0)),
            (mesh.vertices, (EVERY, "groups", 0, "weight"), (0,)),
            (mesh.vertices, ("groups", ("weight", "weight")), (0, 0, 2)),
            (curves, (EVERY, "keyframe_points", EVERY, "co"), (0, 0, 2)),
            (curves, (EVERY, "keyframe_points", EVERY, ("co", "handle_left"), "x"), (0, 0, 2)),
            (curves, ("keyframe_points", "co"), (0, 0, 2)),
            (curves, (EVERY, "keyframe_points", ..., "co", "x"), (0, 0)),
            (curves, (EVERY, "keyframe_points", [0, -1], "co"), (0, 2, 2)),
            (splines, (EVERY, "bezier_points", slice(2, 9), "co"), (0, 0, 3)),
            (bpy.data.objects, (slice(0, 0), "particle_systems", EVERY, "particles", EVERY, "location"), (0, 0, 0, 3)),
            (mesh.polygons, (EVERY, "vertices"), (0, 0)),
            (mesh.polygons, (EVERY, "vertices", 0), (0,)),
            (mesh.polygons, (EVERY, "vertices", slice(3)), (0, 0)),
            (mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co"), (0, 0, 3)),
            (mesh.polygons, (EVERY, "vertices", 0, mesh.vertices, "co", "z"), (0,))):
        assert moved(supplier, items)[0] == shape, (items, moved(supplier, items))
        assert moved(supplier, items, dtype="d")[:2] == (shape, "d"), items
    assert moved(curves, (EVERY, "keyframe_points", EVERY, "co"), ragged="flat") == ((0, 2), "f", (0,), None)
    assert moved(curves, (EVERY, "keyframe_points", EVERY, "co"), ragged="pad", width=3)[0] == (0, 3, 2)
    assert moved(curves, (EVERY, "keyframe_points", 0, "co"), ragged="flat") == ((0, 2), "f", None, None)
    assert moved(mesh.polygons, (EVERY, "vertices", slice(3)), ragged="flat") == ((0,), "i", (0,), None)


def test_what_no_type_tells_is_refused():
    from rnaslicer import Slicer
    curves = empty_curves()
    with refused("ExpressionError", "Keyframe has no property 'coo'", "'co'"):
        Slicer(curves)[:, "keyframe_points", :, "coo"].read()
    with refused("ExpressionError", "keyframe_points"):
        Slicer(curves)[:, "keyframe_points"].read()
    with refused("ExpressionError", "join one level"):
        Slicer(bpy.data.objects, ragged="flat")[:0, "particle_systems", :, "particles", :, "location"].read()
    with refused("ExpressionError", "data"):
        Slicer(bpy.data.objects)[:0, "data", "vertices", :, "co"].read()


def test_lists_of_no_elements_of_several_types():
    """A property that the declared type lacks is told by the types that have it."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Empty", bpy.data.meshes.new("Empty"))
    nodes = bpy.data.node_groups.new("Empty", "ShaderNodeTree").nodes

    def check():
        for supplier, items, shape, format in (
                (ob.modifiers, (slice(0, 0), "levels"), (0,), "i"), (ob.modifiers, ([], ("levels", "render_levels")), (0, 2), "i"),
                (ob.modifiers, (slice(0, 0), "strength"), (0,), "f"), (ob.modifiers, (slice(0, 0), "limits", 0), (0,), "f"),
                (ob.modifiers, (slice(0, 0), "object", "location"), (0, 3), "f"), (nodes, (slice(0, 0), "use_clamp"), (0,), "?"),
                (ob, ("modifiers", slice(0, 0), "projectors", EVERY, "object", "location"), (0, 0, 3), "f")):
            assert moved(supplier, items)[:2] == (shape, format), items
        with refused("ExpressionError", "Modifier has no property 'nothing'" if not len(ob.modifiers) else "'nothing'"):
            Slicer(ob.modifiers)[:0, "nothing"].read()
    assert moved(ob.modifiers, (EVERY, "levels"))[:2] == ((0,), "i")
    check()
    ob.modifiers.new("Displace", "DISPLACE")  # which has none of the most
    check()
    ob.modifiers.clear()
    with Slicer(ob.modifiers)[:, "levels"] as vw:
        ob.modifiers.new("Subsurf", "SUBSURF")
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "had 0 elements"):
                use()


def test_forms_of_several_types():
    from rnaslicer import Slicer
    from rnaslicer.blender.refining import kinds_of
    from rnaslicer.expression.kinds import _form_of
    forms = {}
    for kind in kinds_of(bpy.types.Modifier.bl_rna):
        for prop in kind.bl_rna.properties:
            if prop.identifier not in bpy.types.Modifier.bl_rna.properties:
                forms.setdefault(prop.identifier, set()).add(_form_of(kind.bl_rna, prop.identifier))
    ob = bpy.data.objects.new("Empty", bpy.data.meshes.new("Empty"))
    several = [name for name, found in forms.items() if len(found) > 1]
    assert several
    for name in several:
        with refused("ExpressionError", name, "is of another form in a"):
            Slicer(ob.modifiers)[:, name].read()


def test_no_matrices_for_no_elements():
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Empty")
    assert moved(mesh.vertices, (EVERY, "co"), transform=[])[0] == (0, 3)
    assert moved(mesh.vertices, (EVERY, "co", "y"), transform=())[0] == (0,)
    assert moved(mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co"), transform=[])[0] == (0, 0, 3)
    assert moved(mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co"), transform=[], ragged="pad",
                 width=4)[0] == (0, 4, 3)
    mesh.vertices.add(2)
    for items in ((EVERY, "co"), (1, "co"), (1, "co", "x")):
        with refused("ExpressionError", "0 matrices"):
            Slicer(mesh.vertices, transform=[])[items].read()


def square(count):
    """As many separate quads."""
    mesh = bpy.data.meshes.new("Squares")
    mesh.from_pydata([(i // 4, i % 4, i) for i in range(4 * count)], [], [range(4 * i, 4 * i + 4) for i in range(count)])
    return bpy.data.objects.new("Squares", mesh)


def test_arrays_of_some_without_elements():
    """The first element that there is tells the form of what none tells."""
    from rnaslicer import Slicer
    empty, some, more = square(0), square(2), square(3)
    for objects in ([empty, some, more], [some, empty, more], [some, more, empty], [empty, empty, some]):
        wanted = [[polygon.vertices[0] for polygon in ob.data.polygons] for ob in objects]
        for _ in range(3):
            with Slicer(objects, ragged="flat")[:, "data", "polygons", :, "vertices", 0] as vw:
                vw.refresh()
                same(vw.memcache.tolist(), sum(wanted, []))
                same([b - a for a, b in zip(vw.offsets.tolist(), vw.offsets.tolist()[1:])], list(map(len, wanted)))
            with Slicer(objects, ragged="pad", fill=-1, width=4)[:, "data", "polygons", :, "vertices", 0] as vw:
                vw.refresh()
                same(vw.memcache.tolist(), [(row + [-1] * 4)[:4] for row in wanted])
            points = Slicer(objects, ragged="flat")[:, "data", "polygons", :, "vertices", 0, more.data.vertices, "co"]
            same(points.read().tolist(), [list(more.data.vertices[i].co) for i in sum(wanted, [])])
            with refused("ExpressionError", "join one level"):
                Slicer(objects, ragged="flat")[:, "data", "polygons", :, "vertices"].read()
            with refused("ExpressionError", "the lengths differ"):
                Slicer(objects)[:, "data", "polygons", :, "vertices", :3].read()
    for _ in range(3):
        assert moved([empty, empty], (EVERY, "data", "polygons", EVERY, "vertices"))[0] == (2, 0, 0)
        assert moved([empty, empty], (EVERY, "data", "polygons", EVERY, "vertices", 0), ragged="flat") == (
            (0,), "i", (0, 0, 0), None)


def test_elements_that_come_are_noticed():
    from rnaslicer import Slicer
    empty, some = square(0), square(2)
    view = Slicer([empty, some], ragged="flat")[:, "data", "polygons", :, "vertices", 0]
    alone = Slicer(empty.data.polygons)[:, "vertices"]
    for _ in range(3):
        assert view.read().shape == (2,) and alone.read().shape == (0, 0)
    with view, alone:
        empty.data.from_pydata([(i, 0, 0) for i in range(3)], [], [(2, 1, 0)])
        for one in (view, alone):
            for use in (one.refresh, one.update):
                with refused("ShapeChangedError", "enter again"):
                    use()
    same(view.read().tolist(), [ob.data.polygons[i].vertices[0] for ob in (empty, some) for i in range(len(ob.data.polygons))])
    same(alone.read().tolist(), [list(empty.data.polygons[0].vertices)])


def test_pointers_of_some_without_elements():
    """Their types are declared: an object without any slot joins nothing, as one without modifiers does."""
    from rnaslicer import Slicer
    objects = [bpy.data.objects.new(f"Slots {i}", bpy.data.meshes.new("Slots")) for i in range(4)]
    for i, ob in enumerate(objects):
        for k in range(i % 3):
            material = bpy.data.materials.new("Of a slot")
            material.diffuse_color, material.roughness = (i / 4, k / 4, 0, 1), i / 8
            ob.data.materials.append(material)
    items = EVERY, "material_slots", EVERY, "material"
    for some in (objects, objects[::-1], objects[1:], objects[2:]):
        slots = [[slot.material for slot in ob.material_slots] for ob in some]
        for _ in range(3):
            with Slicer(some, ragged="flat")[(*items, "diffuse_color")] as vw:
                vw.refresh()
                same(vw.memcache.tolist(), [list(one.diffuse_color) for row in slots for one in row])
                same(vw.offsets.tolist(), [sum(map(len, slots[:i])) for i in range(len(slots) + 1)])
                vw.memcache[:, 2] = [0.25] * vw.shape[0]
                vw.update()
                assert all(one.diffuse_color[2] == 0.25 for row in slots for one in row)
            with Slicer(some, ragged="pad", fill=-1)[(*items, ("roughness", "metallic"))] as vw:
                vw.refresh()
                same(vw.lengths.tolist(), list(map(len, slots)))
                same(vw.memcache.tolist(), [([[one.roughness, one.metallic] for one in row] + [[-1.0, -1.0]] * 2)[:2] for row in slots])
    none = [objects[0], objects[3]]
    assert moved(none, (*items, "diffuse_color"), ragged="flat") == ((0, 4), "f", (0, 0, 0), None)
    assert moved(none, (*items, "roughness"), ragged="pad") == ((2, 0), "f", None, (0, 0))
    with refused("ExpressionError", "the lengths differ"):
        Slicer(objects)[(*items, "roughness")].read()
    with refused("ExpressionError", "leads nowhere"):
        Slicer(none, ragged="flat")[:, "modifiers", :, "projectors", :, "object", "location"].read()
    with Slicer(none, ragged="flat")[(*items, "roughness")] as vw:
        objects[3].data.materials.append(material)
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "enter again"):
                use()
