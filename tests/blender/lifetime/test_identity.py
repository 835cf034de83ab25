# tests/blender/lifetime/test_identity.py: suppliers that bpy gives no way back to, and which datablock a wrapper means
import random

import bpy

from support import random_mesh, random_objects, refused, same


def check_way(struct):
    """The path that is found for a struct leads to it."""
    from rnaslicer.supplier.capture import capture_struct
    path = capture_struct(struct)
    reached = path.follow()
    assert type(reached) is type(struct) and reached.as_pointer() == struct.as_pointer(), path
    return path


def test_ways_that_blender_does_not_tell():
    scene = bpy.context.scene
    editor = scene.sequence_editor_create()
    settings = scene.view_layers[0].freestyle_settings
    mask = bpy.data.masks.new("Mask")
    spline = mask.layers.new(name="Layer").splines.new()
    spline.points.add(3)
    ob = bpy.data.objects.new("Animated", None)
    ob.keyframe_insert("location")
    track = ob.animation_data.nla_tracks.new()
    palette = bpy.data.palettes.new("Palette")
    color = palette.colors.new()
    material = bpy.data.materials.new("Material")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes[0].inputs[0].keyframe_insert("default_value")
    driver = ob.driver_add("scale", 1).driver
    structs = [editor, settings, settings.linesets.new("Set"), spline, spline.points[1], ob.animation_data, track,
               color, scene.timeline_markers.new("Marker"), tree.links[0], tree.animation_data, driver,
               scene.view_layers[0].layer_collection]
    texts = [str(check_way(struct)) for struct in structs]
    assert texts[3] == "Mask 'Mask'.layers['Layer'].splines[0]", texts[3]
    assert texts[8].endswith(".timeline_markers['Marker']"), texts[8]
    assert "('scale', 1)" in texts[11], "drivers by what they drive, not by index"


def test_names_with_quotes():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1), 3, 3, layers=False)
    names = ["it's", 'q"q', "a'].data", "x]['y", "back\\slash", ".hidden", "a.b[0]", "Ünï"]
    for i, name in enumerate(names):
        layer = mesh.attributes.new(name, "FLOAT", "POINT")
        layer.data[2].value = i + 0.5
    for i, name in enumerate(names):
        with Slicer(mesh.attributes[name].data)[:, "value"] as vw:
            same(vw.memcache[2], i + 0.5, name)
            mesh.attributes.remove(mesh.attributes.new("beside", "FLOAT", "POINT"))
            mesh.attributes[name].data[2].value = -1.0
            vw.refresh()
            same(vw.memcache[2], -1.0, name)


def nodes_of(tree):
    from rnaslicer import Slicer
    return Slicer(tree.nodes)[:, "location", :]


def test_embedded_datablocks():
    """Node trees of materials and worlds, a scene's compositor and collection: by owner and property."""
    material = bpy.data.materials.new("Material")
    world = bpy.data.worlds.new("World")
    for owner in (material, world):
        owner.use_nodes = True
        owner.use_fake_user = True
    owners = [("materials", "Material"), ("worlds", "World")]
    if hasattr(bpy.context.scene, "node_tree"):
        bpy.context.scene.use_nodes = True
        owners.append(("scenes", "Scene"))
    for kind, name in owners:
        tree = getattr(bpy.data, kind)[name].node_tree
        assert tree.is_embedded_data
        tree.nodes.new("NodeReroute").location = 1, 2
        bpy.ops.ed.undo_push(message="made")
        with nodes_of(tree) as vw:
            before = vw.memcache.tolist()
            vw.memcache[0, 0] = 77.0
            vw.update()
            same(tree.nodes[0].location[0], 77.0)
            bpy.ops.ed.undo_push(message="moved")
            bpy.ops.ed.undo()
            vw.refresh()
            same(vw.memcache.tolist(), before, f"{name} undone")
            bpy.ops.ed.redo()
            vw.refresh()
            same(vw.memcache[0, 0], 77.0, "redone")
            getattr(bpy.data, kind)[name].name = "Renamed"
            vw.refresh()
            assert vw.alive
            getattr(bpy.data, kind)["Renamed"].name = name


def test_embedded_tree_of_a_removed_owner():
    material = bpy.data.materials.new("Material")
    material.use_nodes = True
    material.use_fake_user = True
    bpy.ops.ed.undo_push(message="made")
    with nodes_of(material.node_tree) as vw:
        bpy.data.materials.remove(material)
        other = bpy.data.materials.new("Material")
        other.use_nodes = True
        with refused("SupplierLostError", "Material", "removed"):
            vw.update()
        bpy.ops.ed.undo_push(message="removed")
        bpy.ops.ed.undo()
        vw.refresh()
        assert vw.alive


def test_scene_collection():
    from rnaslicer import Slicer
    random_objects(random.Random(1), random_mesh(random.Random(1), 3, 3, layers=False), 3)
    bpy.ops.ed.undo_push(message="made")
    with Slicer(bpy.context.scene.collection.objects)[:, "location", :] as vw:
        before = vw.memcache.tolist()
        for ob in bpy.context.scene.collection.objects:
            ob.location.x = 9
        bpy.ops.ed.undo_push(message="moved")
        vw.refresh()
        assert vw.memcache.tolist() != before
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before)


def test_two_that_swap_names():
    """The wrapper stays with its datablock, whatever that is called, also over an undo."""
    from rnaslicer import Slicer
    meshes = [random_mesh(random.Random(i), 3, 3, name=f"Mesh{i}", layers=False) for i in range(2)]
    for i, mesh in enumerate(meshes):
        mesh.use_fake_user = True
        mesh.vertices[0].co.x = 100.0 + i
    bpy.ops.ed.undo_push(message="made")
    with Slicer(meshes[0].vertices)[:, "co", :] as vw:
        meshes[0].name, meshes[1].name = "Other", "Mesh0"
        bpy.data.meshes["Other"].name = "Mesh1"
        bpy.ops.ed.undo_push(message="swapped")
        vw.refresh()
        same(vw.memcache[0, 0], 100.0)
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache[0, 0], 100.0)
        bpy.ops.ed.redo()
        vw.refresh()
        same(vw.memcache[0, 0], 100.0)
        vw.memcache[0, 0] = 55.0
        vw.update()
        same(bpy.data.meshes["Mesh1"].vertices[0].co.x, 55.0)
        same(bpy.data.meshes["Mesh0"].vertices[0].co.x, 101.0)


def test_library_reload_ends_it():
    """The reload replaces what was linked by other datablocks of the same names."""
    import tempfile
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1), 3, 3, name="Linked", layers=False)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/library.blend"
        bpy.data.libraries.write(path, {mesh}, fake_user=True)
        bpy.data.meshes.remove(mesh)
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.meshes = ["Linked"]
        local = random_mesh(random.Random(2), 3, 3, name="Linked", layers=False)
        local.name = "Linked"
        told = []
        vw = Slicer(wanted.meshes[0].vertices)[:, "co", :]
        vw.on_lost.append(told.append)
        with vw:
            held = vw.memcache.tolist()
            with refused("ReadOnlyError", "library.blend"):
                vw.update()
            bpy.data.libraries[0].reload()
            assert not vw.alive
            bpy.context.scene.update_tag()
            bpy.context.view_layer.update()
            assert told == [vw]
            with refused("SupplierLostError", "reloaded", "library.blend"):
                vw.refresh()
            same(vw.memcache.tolist(), held)
        linked = next(m for m in bpy.data.meshes if m.library)
        with Slicer(linked.vertices)[:, "co", :] as vw:
            same(vw.memcache.tolist(), held)


def test_one_root_for_all_who_ask():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1), 3, 3, layers=False)
    slicers = [Slicer(supplier) for supplier in (mesh, mesh.vertices, mesh.polygons[3], mesh.uv_layers[0].data)]
    assert len({id(slicer._path.root) for slicer in slicers}) == 1


def test_a_list_with_one_that_was_away():
    """An object that an undo brings back at another address is the same element of the list."""
    from rnaslicer import Slicer
    random_objects(random.Random(1), random_mesh(random.Random(1), 3, 3, layers=False), 4)
    bpy.ops.ed.undo_push(message="made")
    with Slicer(bpy.data.objects)[:, "location", :] as vw:
        bpy.data.objects.remove(bpy.data.objects["Object01"])
        bpy.ops.ed.undo_push(message="removed")
        bpy.ops.ed.undo()
        vw.memcache[1, 0] = 33.0
        vw.update()
        same(bpy.data.objects["Object01"].location.x, 33.0)
        bpy.data.objects["Object01"].name = "Z"
        with refused("ShapeChangedError", "changed places"):
            vw.update()


def test_lists_of_kinds():
    """5.x has a list of all datablocks, too, which is that of no kind."""
    from rnaslicer.supplier.uids import list_of
    for name, prop in bpy.data.bl_rna.properties.items():
        if prop.type == "COLLECTION" and prop.fixed_type.identifier != "ID":
            assert list_of(getattr(bpy.types, prop.fixed_type.identifier)) == getattr(bpy.data, name), name
    light = bpy.data.lights.new("Spot", "SPOT")
    assert list_of(type(light)) == bpy.data.lights and list_of(bpy.types.MeshVertex) is None


def test_a_row_is_not_the_whole():
    """bpy says that a row of an array equals the array: taken for it, its update would write the other rows too."""
    from rnaslicer import Slicer
    make = bpy.props.IntVectorProperty
    bpy.types.Object.square, bpy.types.Object.table = make(size=(2, 2)), make(size=(3, 2))
    bpy.types.Object.cube = bpy.props.FloatVectorProperty(size=(2, 3, 2), subtype="COLOR")
    bpy.types.Object.colors = bpy.props.FloatVectorProperty(size=(2, 3), subtype="COLOR")
    try:
        ob = bpy.data.objects.new("Rows", random_mesh(random.Random(1), 3, 3, layers=False))
        bpy.context.scene.collection.objects.link(ob)
        ob.square, ob.table = ((1, 2), (3, 4)), ((1, 2), (3, 4), (5, 6))
        ob.cube, ob.colors = (((1, 2), (3, 4), (5, 6)),) * 2, ((1, 2, 3), (4, 5, 6))
        bpy.context.view_layer.update()
        shown = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for _ in range(4):  # first calls, and when the whole is known
            for owner in (ob, shown):
                for row, said in ((owner.square[0], "['square', 0]"), (owner.table[1], "['table', 1]"),
                                  (owner.cube[1], "['cube', 1]"), (owner.cube[0][2], "['cube', 0, 2]"),
                                  (owner.colors[1], "['colors', 1]"), (owner.bound_box[3], "['bound_box', 3]")):
                    with refused("ExpressionError", "a part of an array", f"Slicer(owner){said}"):
                        Slicer(row)
                for name in ("square", "table", "cube", "colors", "bound_box"):
                    whole = getattr(owner, name)
                    same(Slicer(whole)[:].read().tolist(), plain_rows(whole), name)
                    same(Slicer(owner)[name, 1].read().tolist(), plain_rows(whole[1]), name)
        with Slicer(ob.table)[:] as vw:
            vw.memcache[1, 0] = 9
            vw.update()
        assert plain_rows(ob.table) == [[1, 2], [9, 4], [5, 6]]
    finally:
        for name in ("square", "table", "cube", "colors"):
            delattr(bpy.types.Object, name)


def plain_rows(array):
    return [plain_rows(one) if hasattr(one, "__len__") else one for one in array]
