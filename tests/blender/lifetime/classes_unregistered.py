# tests/blender/lifetime/classes_unregistered.py: an add-on forgets to delete the collections of a class that it unregisters
"""Run by test_classes_unregistered.py, with a case's name: where a freed type is read, Blender crashes."""
import array
import pathlib
import sys

sys.path[:0] = [sys.argv[-2], str(pathlib.Path(__file__).parents[1])]
import bpy  # noqa: E402

ROUNDS = 10
OWNERS = bpy.types.Object, bpy.types.PoseBone, bpy.types.Key, bpy.types.NodeTree


def group(name, **properties):
    return type(name, (bpy.types.PropertyGroup,), {"__annotations__": properties})


def registered(name, **properties):
    cls = group(name, **properties)
    bpy.utils.register_class(cls)
    return cls


def forgotten(owners, name="forgotten", held=lambda: None):
    """Registers, is used, is unregistered; then others take the freed memory. Gives what `held` gave in between."""
    cls = registered("Forgotten", x=bpy.props.FloatProperty())
    for owner in owners:
        setattr(owner, name, bpy.props.CollectionProperty(type=cls))
    found = held()
    bpy.utils.unregister_class(cls)
    for i in range(5):
        bpy.utils.unregister_class(registered(f"Between{i}", y=bpy.props.FloatProperty()))
    return found


def scene():
    """An armature with bones and constraints, a mesh with shape keys, a node tree; drivers and links, to which bpy tells
    no way."""
    armature = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", armature)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(5):
        armature.edit_bones.new(f"Bone{i}").tail = i, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    for kind in ("COPY_LOCATION", "LIMIT_LOCATION", "COPY_ROTATION"):
        rig.constraints.new(kind)
        rig.pose.bones[0].constraints.new(kind)
    mesh = bpy.data.meshes.new("Shaped")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0)], [], [(0, 1, 2)])
    shaped = bpy.data.objects.new("Shaped", mesh)
    for kind in ("SUBSURF", "ARRAY", "WAVE"):
        shaped.modifiers.new(kind, kind)
    for name in "abc":
        shaped.shape_key_add(name=name)
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    nodes = [tree.nodes.new("ShaderNodeMath") for _ in range(4)]
    for one, other in zip(nodes, nodes[1:]):
        tree.links.new(one.outputs[0], other.inputs[0])
    keys = mesh.shape_keys
    for owner, path in (rig, "location"), (keys, 'key_blocks["a"].value'), (tree, 'nodes["Math"].location'):
        owner.driver_add(path)
    return rig, shaped, keys, tree


def unrelated():
    """What has nothing to do with the class works on, on whichever of these its collection was."""
    from rnaslicer import Slicer, foreach_get, foreach_set
    from rnaslicer.blender.moved import leads
    rig, shaped, keys, tree = scene()
    for _ in range(ROUNDS):
        forgotten(OWNERS)
        assert not leads(bpy.types.Object.bl_rna, ("forgotten", "x"))
        for collection, name, kind in ((rig.constraints, "influence", "f"), (rig.pose.bones, "location", "f"),
                                       (rig.pose.bones[0].constraints, "influence", "f"),
                                       (shaped.modifiers, "show_viewport", "b"), (keys.key_blocks, "value", "f"),
                                       (keys.key_blocks, "mute", "b"), (tree.nodes, "location", "f"),
                                       (tree.nodes, "select", "b")):
            with Slicer(collection)[:, name] as vw:
                wanted = vw.memcache.tolist()
                vw.update()
                vw.refresh()
                assert vw.memcache.tolist() == wanted, (collection, name)
                values = array.array(kind, vw.memcache.tobytes())
            foreach_get(collection, name, values)
            foreach_set(collection, name, values)
        for owner in (rig, keys, tree):
            driver = owner.animation_data.drivers[0].driver
            assert Slicer(driver)["use_self"].read().tolist() is False
        assert Slicer(tree.links[1])["is_valid"].read().tolist() == tree.links[1].is_valid
        Slicer(rig.pose, ragged="flat")["bones", :, "constraints", :, "influence"].read()


def lists():
    """Groups that have collections of a class that is gone."""
    from rnaslicer import Slicer, SlicerError, foreach_get
    rig, *_ = scene()
    for _ in range(ROUNDS):
        inner = registered("Inner", value=bpy.props.FloatProperty())
        outer = registered("Outer", data=bpy.props.CollectionProperty(type=inner), size=bpy.props.IntProperty())
        bpy.types.Object.outers = bpy.props.CollectionProperty(type=outer)
        rig.outers.clear()
        for _ in range(3):
            rig.outers.add().data.add()
        forgotten(OWNERS)
        assert Slicer(rig.outers, ragged="flat")[:, "data", :, "value"].read().tolist() == [0, 0, 0]
        bpy.utils.unregister_class(inner)
        bpy.utils.unregister_class(registered("Between", y=bpy.props.FloatProperty()))
        assert Slicer(rig.outers)[:, "size"].read().tolist() == [0, 0, 0]
        assert Slicer(rig.outers[1])["size"].read().tolist() == 0
        foreach_get(rig.outers, "size", [0] * 3)
        for items in ((slice(None), "data", slice(None), "value"), (0, "data", slice(None), "value"),
                      (slice(0), "data", slice(None), "value"), (0, "value"), (0, ..., "value")):
            for ragged in ("error", "flat"):
                try:
                    Slicer(rig.outers, ragged=ragged)[items].read()
                except SlicerError:
                    continue
                raise AssertionError(items)
        del bpy.types.Object.outers
        bpy.utils.unregister_class(outer)


def foreach():
    """A collection that was held, whatever was asked of it before."""
    from rnaslicer import foreach_get, foreach_set
    from support import refused
    rig, *_ = scene()
    buffers = [0.0], array.array("f", [0.0]), array.array("d", [0.0]), memoryview(bytearray(4)).cast("f", (1, 1))

    def asked(*calls):
        rig.forgotten.clear()
        rig.forgotten.add().x = 2
        for call in calls:
            for values in buffers:
                call(rig.forgotten, "x", values)
        return rig.forgotten

    for number in range(ROUNDS):
        for calls in (), (foreach_get,), (foreach_set,), (foreach_get, foreach_set):
            held = forgotten(OWNERS, held=lambda: asked(*calls))
            for call in (foreach_get, foreach_set) if number % 2 else (foreach_set, foreach_get):
                for values in buffers:
                    with refused("SupplierLostError", "Forgotten", "unregistered"):
                        call(held, "x", values)


def preferences():
    """There bpy tells no way to the collection."""
    from rnaslicer import foreach_get, foreach_set
    from support import refused
    for _ in range(ROUNDS):
        item = registered("Forgotten", x=bpy.props.FloatProperty())
        prefs = type("Prefs", (bpy.types.AddonPreferences,), {
            "bl_idname": "made_up", "__annotations__": {"items": bpy.props.CollectionProperty(type=item)}})
        bpy.utils.register_class(prefs)
        addon = bpy.context.preferences.addons.new()
        addon.module = "made_up"
        held = addon.preferences.items
        held.add()
        for call in (foreach_get, foreach_set):
            for values in ([1.0], array.array("f", [1.0])):
                call(held, "x", values)
        bpy.utils.unregister_class(item)
        bpy.utils.unregister_class(registered("Between", y=bpy.props.FloatProperty()))
        for call in (foreach_get, foreach_set):
            for values in ([0.0], array.array("f", [0.0])):
                with refused("SupplierLostError", "items", "unregistered"):
                    call(held, "x", values)
        del held
        bpy.context.preferences.addons.remove(addon)
        bpy.utils.unregister_class(prefs)


globals()[sys.argv[-1]]()
print("SURVIVED")
