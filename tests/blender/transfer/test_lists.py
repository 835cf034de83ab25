# tests/blender/transfer/test_lists.py: linked lists and tables are told from look-alikes, and give what bpy iterates
import random

import bpy

from support import VERSION, refused, seed


def pointers(coll):
    return [element.as_pointer() for element in coll]


def walked(owner, name, known=None):
    from rnaslicer.blender import lists
    found = lists.addresses(getattr(owner, name), name, known=known)
    return found


def is_list(owner, name):
    found = walked(owner, name)
    assert found is not None, f"{owner!r}.{name} was not proven"
    assert found.format == "q" and found.tolist() == pointers(getattr(owner, name)), (owner, name)
    return found


def is_table(owner, name):
    from rnaslicer.blender import lists
    found = walked(owner, name)
    assert found is not None and found.tolist() == pointers(getattr(owner, name)), (owner, name)
    assert isinstance(lists._proven[owner.bl_rna.identifier, name], lists.Table)
    assert memoryview(found).format == "q"
    return found


def scene():
    """Owners and names of linked lists with three elements and more each."""
    data, made = bpy.data, []
    mesh = data.meshes.new("Mesh")
    ob = data.objects.new("Object", mesh)
    bpy.context.scene.collection.objects.link(ob)
    for i in range(4):
        data.objects.new(f"Empty{i}", None)
        data.materials.new(f"Material{i}")
        ob.modifiers.new(f"Modifier{i}", "ARRAY")
        ob.constraints.new("COPY_LOCATION")
        ob.shape_key_add(name=f"Key{i}")
        bpy.context.scene.timeline_markers.new(f"Marker{i}", frame=i)
    made += [(data, "objects"), (data, "materials"), (ob, "modifiers"), (ob, "constraints"),
             (mesh.shape_keys, "key_blocks"), (bpy.context.scene, "timeline_markers")]
    curve, ball = data.curves.new("Curve", "CURVE"), data.metaballs.new("Ball")
    tree, palette = data.node_groups.new("Tree", "ShaderNodeTree"), data.palettes.new("Palette")
    for i in range(4):
        curve.splines.new("BEZIER")
        ball.elements.new()
        tree.nodes.new("ShaderNodeMath" if i % 2 else "ShaderNodeMixRGB")
        palette.colors.new()
    made += [(curve, "splines"), (ball, "elements"), (tree, "nodes"), (tree.nodes[0], "inputs"), (palette, "colors")]
    bpy.ops.object.armature_add(enter_editmode=True)
    rig = bpy.context.object
    for i in range(4):
        bone = rig.data.edit_bones.new(f"Bone{i}")
        bone.tail, bone.parent = (0, 0, 1 + i), rig.data.edit_bones[0]
    bpy.ops.object.mode_set(mode="OBJECT")
    for _ in range(3):
        rig.pose.bones[2].constraints.new("COPY_LOCATION")
    made += [(rig.pose, "bones"), (rig.pose.bones[2], "constraints")]
    if VERSION < (5, 0):
        ob.keyframe_insert("location")
        made.append((ob.animation_data.action, "fcurves"))
    return made


def test_lists_in_the_order_of_bpy():
    for owner, name in scene():
        first = is_list(owner, name)
        assert walked(owner, name, known=first).tolist() == first.tolist()


def test_changes_are_seen():
    random.seed(seed())
    for i in range(300):
        bpy.data.objects.new(f"Object{i:03}", None)
    known = is_list(bpy.data, "objects")
    for _ in range(12):
        victims = random.sample(list(bpy.data.objects), 10)
        for ob in victims[:4]:
            bpy.data.objects.remove(ob)
        for ob in victims[4:8]:
            ob.name = f"Other{random.random()}"  # re-sorts the list
        for _ in range(random.randrange(8)):
            bpy.data.objects.new("New", None)
        found = walked(bpy.data, "objects", known=known)
        assert found.tolist() == pointers(bpy.data.objects)
        assert is_list(bpy.data, "objects").tolist() == found.tolist()
        known = found


def test_a_wrong_count_is_refused():
    from rnaslicer.blender import lists
    for i in range(9):
        bpy.data.objects.new(f"Object{i}", None)
    is_list(bpy.data, "objects")
    for count in (8, 10, 10**6):
        assert lists.addresses(bpy.data.objects, "objects", count) is None
    assert lists.addresses(bpy.data.objects, "objects", 9).tolist() == pointers(bpy.data.objects)


def test_look_alikes_are_no_lists():
    """Chained in their order by the list of all materials and objects, and yet tables of pointers."""
    from rnaslicer.blender import lists
    lists.forget()
    mesh = bpy.data.meshes.new("Mesh")
    objects = []
    for i in range(6):
        mesh.materials.append(bpy.data.materials.new(f"Material{i}"))
        objects.append(bpy.data.objects.new(f"Object{i}", mesh))
        bpy.context.scene.collection.objects.link(objects[-1])
    assert pointers(mesh.materials) == pointers(bpy.data.materials)
    for _ in range(5):
        for owner, name in ((bpy.context.scene, "objects"), (objects[0], "material_slots"),
                            (bpy.context.scene.collection, "objects"), (mesh, "vertices")):
            assert walked(owner, name) is None, (owner, name)
    is_list(bpy.data, "materials")
    is_table(mesh, "materials")


def test_one_element_proves_nothing():
    from rnaslicer.blender import lists
    lists.forget()
    bpy.data.palettes.new("Palette").colors.new()
    palette = bpy.data.palettes["Palette"]
    assert walked(palette, "colors") is None and walked(bpy.data, "texts") is None
    palette.colors.new()
    is_list(palette, "colors")
    other = bpy.data.palettes.new("Other")
    other.colors.new()
    is_list(other, "colors")  # proven before
    assert walked(bpy.data.palettes.new("Empty"), "colors") is None


def test_a_proof_that_failed_is_looked_for_again():
    """Some times at once, then ever more seldom: the first ones may have had an empty slot."""
    from rnaslicer.blender import lists
    lists.forget()
    mesh = bpy.data.meshes.new("Mesh")
    for i in range(3):
        mesh.materials.append(bpy.data.materials.new(f"Material{i}") if i != 1 else None)
    assert [walked(mesh, "materials") for _ in range(9)] == [None] * 9
    mesh.materials[1] = bpy.data.materials["Material0"]
    mesh.materials[0] = bpy.data.materials.new("Another")
    found = [walked(mesh, "materials") for _ in range(7)]
    assert found[:6] == [None] * 6 and found[6].tolist() == pointers(mesh.materials), found


def test_a_hierarchy_is_no_list():
    from rnaslicer.blender import lists
    lists.forget()
    bpy.ops.object.armature_add(enter_editmode=True)
    rig = bpy.context.object
    for i in range(5):
        rig.data.edit_bones.new(f"Root{i}").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    is_list(rig.data, "bones")
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones[3].parent = rig.data.edit_bones[0]
    bpy.ops.object.mode_set(mode="OBJECT")
    assert walked(rig.data, "bones") is None


def test_edited_curves_have_another_list():
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.dimensions = "3D"
    for _ in range(4):
        curve.splines.new("POLY").points.add(2)
    ob = bpy.data.objects.new("Curve", curve)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    before = is_list(curve, "splines")
    bpy.ops.object.mode_set(mode="EDIT")
    found = walked(curve, "splines", known=before)
    assert found is None or found.tolist() == pointers(curve.splines)
    bpy.ops.object.mode_set(mode="OBJECT")
    is_list(curve, "splines")


def test_fcurves_of_slots():
    """Layered actions keep them in a table, old ones in a list."""
    from rnaslicer.blender import lists
    lists.forget()
    ob = bpy.data.objects.new("Object", None)
    for path in ("location", "rotation_euler", "scale"):
        ob.keyframe_insert(path)
    action = ob.animation_data.action
    if VERSION < (5, 0):
        is_list(action, "fcurves")
    for layer in getattr(action, "layers", ()):
        bag = layer.strips[0].channelbags[0]
        is_table(bag, "fcurves")
        bag.fcurves.remove(bag.fcurves[4])
        bag.fcurves.new("delta_location")
        is_table(bag, "fcurves")
        for fcurve in list(bag.fcurves):
            bag.fcurves.remove(fcurve)
        assert walked(bag, "fcurves") is None
    if hasattr(action, "fcurves"):
        found = walked(action, "fcurves")
        assert found is None or found.tolist() == pointers(action.fcurves)


def test_tables_that_change():
    from rnaslicer.blender import lists
    lists.forget()
    mesh, other = bpy.data.meshes.new("Mesh"), bpy.data.meshes.new("Other")
    materials = [bpy.data.materials.new(f"Material{i}") for i in (3, 1, 4, 0, 5)]
    for material in materials:
        mesh.materials.append(material)
    is_table(mesh, "materials")
    mesh.materials.pop(index=1)
    is_table(mesh, "materials")
    mesh.materials.append(materials[0])
    mesh.materials[0] = materials[2]
    is_table(mesh, "materials")
    for i in (0, 2, 4):
        before, mesh.materials[i] = mesh.materials[i], None
        assert walked(mesh, "materials") is None
        mesh.materials[i] = before
    is_table(mesh, "materials")
    other.materials.append(materials[4])
    is_table(other, "materials")  # one element, of a table that is proven
    other.materials.clear()
    assert walked(other, "materials") is None


def test_table_of_another_length():
    """Slots of materials that come or go are named, whatever the table's memory still holds."""
    from rnaslicer import Slicer
    mesh, made = bpy.data.meshes.new("Mesh"), [bpy.data.materials.new(f"M{i}") for i in range(5)]
    for i, material in enumerate(made[:4]):
        material.roughness = i / 10
        mesh.materials.append(material)
    for change in (lambda: mesh.materials.append(made[4]), mesh.materials.pop, mesh.materials.clear):
        with Slicer(mesh.materials)[:, "roughness"] as vw:
            change()
            with refused("ShapeChangedError", "materials"):
                vw.refresh()
            with refused("ShapeChangedError", "materials"):
                vw.update()


def test_a_list_whose_elements_lie_at_one_distance():
    """Two elements always do, and many can by chance: still a list, once nothing says what an array would hold."""
    from rnaslicer import Slicer
    from rnaslicer.layout import proof, sources
    block = bpy.data.metaballs.new("Ball")
    for i in range(4):
        block.elements.new().radius = 0.5 + i / 8
    stride, sources.array_stride = sources.array_stride, lambda coll: 4096
    proof.forget()
    try:
        with Slicer(block.elements)[:, "radius"] as vw:
            assert vw.memcache.tolist() == [0.5, 0.625, 0.75, 0.875]
            assert vw.kernel.route == "direct", f"takes the {vw.kernel.route} route"
    finally:
        sources.array_stride = stride
        proof.forget()


def test_lists_in_a_row_are_no_arrays():
    """Made one after the other, vertex groups may lie at equal distances (4.3); their order changes, the ends stay."""
    from rnaslicer import Slicer
    first, last = "ajihgfedcbz", "abcdefghijz"
    for trial in range(30):
        ob = bpy.data.objects.new("Owner", bpy.data.meshes.new("Owner"))
        bpy.context.scene.collection.objects.link(ob)
        bpy.context.view_layer.objects.active = ob
        for name in first:
            ob.vertex_groups.new(name=name).lock_weight = name in "aij"
        with Slicer(ob.vertex_groups)[:, "lock_weight"] as vw:
            assert vw.memcache.tolist() == [name in "aij" for name in first]
            bpy.ops.object.vertex_group_sort(sort_type="NAME")
            assert ob.vertex_groups.keys() == list(last)
            vw.refresh()
            assert vw.memcache.tolist() == [name in "aij" for name in last], trial
            for i in range(11):
                vw.memcache[i] = i % 3 == 0
            vw.update()
        assert [group.lock_weight for group in ob.vertex_groups] == [i % 3 == 0 for i in range(11)], trial


def test_neighbours_that_lead_to_each_other():
    """Elements side by side are an array unless the first holds the address of the second."""
    import ctypes
    from rnaslicer.layout.places import array_stride
    memory = (ctypes.c_uint64 * 60)()
    base = ctypes.addressof(memory)

    class Element:
        def __init__(self, i):
            self.i = i

        def as_pointer(self):
            return base + 80 * self.i

    elements = [Element(i) for i in range(6)]
    assert array_stride(elements) == 80
    for word in range(10):
        memory[word] = base + 80
        assert array_stride(elements) is None, word
        memory[word] = base + 160
        assert array_stride(elements) == 80
        memory[word] = 0
