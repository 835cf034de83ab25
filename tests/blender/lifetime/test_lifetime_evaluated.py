# tests/blender/lifetime/test_lifetime_evaluated.py: evaluated data is followed from evaluation to evaluation, or lost
import random

import bpy

from support import plain, random_mesh, random_objects, refused, same


def mesh(name="Random"):
    return random_mesh(random.Random(1), 6, 5, name=name, layers=False)


def objects(count=1, modified=True):
    """Objects of one mesh, each moved along by a modifier of its own."""
    made = random_objects(random.Random(4), mesh(), count)
    for ob in made if modified else ():
        modifier = ob.modifiers.new("Displace", "DISPLACE")
        modifier.strength, modifier.mid_level, modifier.direction = 1.0, 0.0, "Z"
    return made


def graph():
    return bpy.context.evaluated_depsgraph_get()


def seen(ob):
    return [list(v.co) for v in ob.evaluated_get(graph()).data.vertices]


def test_followed_from_an_evaluated_object():
    """Three ways to the same evaluated mesh: of an object with modifiers, each follows the evaluations."""
    from rnaslicer import Slicer
    ob = objects()[0]
    evaluated = ob.evaluated_get(graph())
    ways = [Slicer(evaluated.data.vertices)[:, "co", :], Slicer(evaluated.data)["vertices", :, "co", :],
            Slicer(evaluated)["data", "vertices", :, "co", :]]
    told = []
    for vw in ways:
        vw.on_lost.append(told.append)
        vw.__enter__()
    for strength in (2.0, -3.0, 0.5):
        ob.modifiers[0].strength = strength
        bpy.context.view_layer.update()
        expected = seen(ob)
        for i, vw in enumerate(ways):
            vw.refresh()
            same(vw.memcache.tolist(), expected, f"way {i}, strength {strength}")
            assert vw.alive and vw.readonly
            with refused("ReadOnlyError", "evaluated"):
                vw.update()
    assert told == []
    for vw in ways:
        vw.__exit__(None, None, None)


def test_evaluated_again_by_frames():
    from rnaslicer import Slicer
    ob = objects()[0]
    for frame, strength in ((1, 1.0), (11, 5.0)):
        ob.modifiers[0].strength = strength
        ob.modifiers[0].keyframe_insert("strength", frame=frame)
    with Slicer(ob.evaluated_get(graph()).data.vertices)[:, "co", 2] as vw:
        for frame in (1, 6, 11, 3):
            bpy.context.scene.frame_set(frame)
            vw.refresh()
            same(vw.memcache.tolist(), [co[2] for co in seen(ob)], f"frame {frame}")


def test_another_shape_after_an_evaluation():
    from rnaslicer import Slicer
    ob = objects()[0]
    with Slicer(ob.evaluated_get(graph()).data.vertices)[:, "co"] as vw:
        ob.modifiers.new("Array", "ARRAY").count = 3
        bpy.context.view_layer.update()
        with refused("ShapeChangedError", "axis 0 went from 42 to 126"):
            vw.refresh()
        ob.modifiers.remove(ob.modifiers["Array"])
        bpy.context.view_layer.update()
        vw.refresh()
        same(vw.memcache.tolist(), seen(ob))


def test_undo_and_removal():
    from rnaslicer import Slicer
    ob = objects()[0]
    name = ob.name
    bpy.ops.ed.undo_push(message="made")
    told = []
    vw = Slicer(ob.evaluated_get(graph()).data.vertices)[:, "co"]
    vw.on_lost.append(told.append)
    with vw:
        before = vw.memcache.tolist()
        ob.modifiers[0].strength = 4.0
        bpy.ops.ed.undo_push(message="stronger")
        bpy.context.view_layer.update()
        vw.refresh()
        assert vw.memcache.tolist() != before
        bpy.ops.ed.undo()
        bpy.context.view_layer.update()
        vw.refresh()
        same(vw.memcache.tolist(), before)
        assert told == []
        bpy.data.objects.remove(bpy.data.objects[name])
        with refused("SupplierLostError", name, "removed"):
            vw.refresh()
        bpy.context.view_layer.update()
        assert told == [vw]


def test_no_longer_in_the_scene():
    from rnaslicer import Slicer
    ob = objects()[0]
    with Slicer(ob.evaluated_get(graph()).data.vertices)[:, "co"] as vw:
        bpy.context.scene.collection.objects.unlink(ob)
        bpy.context.view_layer.update()
        with refused("SupplierLostError", ob.name, "no longer evaluate"):
            vw.refresh()
        bpy.context.scene.collection.objects.link(ob)
        bpy.context.view_layer.update()
        vw.refresh()
        same(vw.memcache.tolist(), seen(ob))


def test_mesh_shown_by_several_objects():
    """Followed while all of them show the same; which one was meant, Blender does not tell."""
    from rnaslicer import Slicer
    made = objects(3, modified=False)
    with Slicer(made[1].evaluated_get(graph()).data.vertices)[:, "co"] as vw:
        made[0].data.vertices[5].co.x = 50.0
        made[0].data.update()
        bpy.context.view_layer.update()
        vw.refresh()
        same(vw.memcache.tolist(), seen(made[1]))
        same(vw.memcache[5, 0], 50.0)
        made[2].modifiers.new("Displace", "DISPLACE")
        bpy.context.view_layer.update()
        with refused("SupplierLostError", "shows data of its own"):
            vw.refresh()


def test_to_mesh_lives_until_the_next_evaluation():
    from rnaslicer import Slicer
    ob = objects()[0]
    told = []
    for owner in (ob.evaluated_get(graph()), ob):
        vw = Slicer(owner.to_mesh().vertices)[:, "co"]
        vw.on_lost.append(told.append)
        with vw:
            vw.refresh()
            assert vw.readonly
            ob.modifiers[0].strength += 1.0
            bpy.context.view_layer.update()
            assert told.pop() is vw and not vw.alive
            with refused("SupplierLostError", "evaluat"):
                vw.refresh()
            owner = ob.evaluated_get(graph()) if owner != ob else ob
            owner.to_mesh_clear()


def test_to_mesh_cleared():
    from rnaslicer import Slicer
    ob = objects()[0]
    with Slicer(ob.to_mesh().vertices)[:, "co"] as vw:
        ob.to_mesh_clear()
        with refused("SupplierLostError", "freed"):
            vw.refresh()
    vw = Slicer(ob.to_mesh().vertices)[:, "co"]
    ob.to_mesh()  # frees the one before
    with refused("SupplierLostError"):
        with vw:
            pass
    ob.to_mesh_clear()


def test_scenes_and_view_layers_removed():
    from rnaslicer import Slicer
    scene = bpy.data.scenes.new("Second")
    ob = objects()[0]
    scene.collection.objects.link(ob)
    layer = scene.view_layers.new("Layer")
    layer.update()
    with Slicer(ob.evaluated_get(layer.depsgraph).data.vertices)[:, "co"] as vw:
        vw.refresh()
        assert str(vw.supplier)
        scene.view_layers.remove(layer)
        with refused("SupplierLostError", "Layer", "Second"):
            vw.refresh()
    scene.view_layers[0].update()
    evaluated = ob.evaluated_get(scene.view_layers[0].depsgraph)
    with Slicer(evaluated.data.vertices)[:, "co"] as vw, Slicer(evaluated)["data", "vertices", :, "co"] as other:
        bpy.data.scenes.remove(scene)
        for lost in (vw, other):
            assert not lost.alive
            with refused("SupplierLostError", "Second"):
                lost.refresh()


def test_each_view_layer_has_its_own():
    """The wrapper stays with the view layer whose evaluation it was made from."""
    from rnaslicer import Slicer
    ob = objects()[0]
    scene = bpy.context.scene
    scene.view_layers.new("Other")
    for layer in scene.view_layers:
        layer.update()
    wrappers = [Slicer(ob.evaluated_get(layer.depsgraph))["data", "vertices", :, "co"] for layer in scene.view_layers]
    names = [vw._path.root._layer for vw in wrappers]
    assert names == [layer.name for layer in scene.view_layers], names
    for vw, layer in zip(wrappers, scene.view_layers):
        with vw:
            ob.modifiers[0].strength += 1.0
            layer.update()
            vw.refresh()
            same(vw.memcache.tolist(), [list(v.co) for v in ob.evaluated_get(layer.depsgraph).data.vertices])


def test_original_and_evaluated_at_once():
    """What is written to the original reaches the evaluated wrapper at the next evaluation, not before."""
    from rnaslicer import Slicer
    ob = objects()[0]
    with Slicer(ob.data.vertices)[:, "co"] as vw, Slicer(ob.evaluated_get(graph()).data.vertices)[:, "co"] as ev:
        for step in range(3):
            before = ev.memcache.tolist()
            vw.memcache[7, 0] = 20.0 + step
            vw.update()
            bpy.context.view_layer.update()
            ev.refresh()
            assert ev.memcache.tolist() != before
            same(ev.memcache.tolist(), seen(ob))
            same(vw.memcache[7, 0], 20.0 + step)
            same(ob.data.vertices[7].co.x, 20.0 + step)


def test_evaluated_shape_keys_and_materials():
    """What hangs on evaluated data in other ways: followed by its original."""
    from rnaslicer import Slicer
    ob = objects()[0]
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Key").data[3].co.x = 9.0
    material = bpy.data.materials.new("Material")
    material.use_nodes = True
    ob.data.materials[0] = material
    evaluated = material.evaluated_get(graph())
    suppliers = [(ob.data.shape_keys.evaluated_get(graph()).key_blocks["Key"].data, (slice(None), "co")),
                 (evaluated, ("diffuse_color", slice(None)))]
    for supplier, items in suppliers:
        with Slicer(supplier)[items] as vw:
            held = vw.memcache.tolist()
            for _ in range(2):
                ob.data.shape_keys.key_blocks["Key"].value += 0.25
                material.roughness += 0.01
                bpy.context.view_layer.update()
                vw.refresh()
                same(vw.memcache.tolist(), held)
            with refused("ReadOnlyError"):
                vw.update()


def test_evaluated_node_tree():
    from rnaslicer import Slicer
    material = bpy.data.materials.new("Material")
    material.use_nodes = True
    objects()[0].data.materials[0] = material
    tree = material.evaluated_get(graph()).node_tree
    with Slicer(tree.nodes)[:, "location", :] as vw:
        assert vw.readonly
        with refused("ReadOnlyError"):
            vw.update()
        bpy.context.scene.update_tag()
        bpy.context.view_layer.update()
        try:
            vw.refresh()
        except ReferenceError:  # named as lost
            pass


def test_read_only_whatever_the_way():
    from rnaslicer import Slicer
    ob = objects()[0]
    evaluated = ob.evaluated_get(graph())
    for supplier, items in ((evaluated, ("location",)), (evaluated.data, ("vertices", slice(None), "co")),
                            ([evaluated], ("location",)), (evaluated.modifiers[0], ("strength",))):
        with Slicer(supplier)[items] as vw:
            assert vw.readonly
            with refused("ReadOnlyError", "evaluated"):
                vw.update()


def test_evaluated_data_whose_original_was_removed():
    """Its pointer to that leads into freed memory until Blender evaluates: it is not followed (3.4, 4.3, 5.2 crash)."""
    from rnaslicer import Slicer, SupplierLostError
    rng = random.Random(5)
    obs = random_objects(rng, random_mesh(rng, 3, 2, layers=False), 20)
    for ob in obs:
        ob.data = ob.data.copy()
        ob.data.materials.clear()
        material = bpy.data.materials.new(ob.name)
        material.use_nodes = True
        ob.data.materials.append(material)
    layer = bpy.context.view_layer
    layer.update()
    held = [(found := ob.evaluated_get(layer.depsgraph), found.data, found.data.materials[0].node_tree) for ob in obs]
    wanted = [plain([*map(list, (v.co for v in mesh.vertices))]) for _, mesh, _ in held]
    places = [list(ob.location) for ob in obs]
    for ob in obs[::2]:
        mesh = ob.data
        material = mesh.materials[0]
        bpy.data.objects.remove(ob)
        bpy.data.meshes.remove(mesh)
        bpy.data.materials.remove(material)
    for i in range(300):
        bpy.data.texts.new("junk").write("junk" * (i * 7 % 500))
    for (ob, mesh, tree), co, place in zip(held, wanted, places):
        with Slicer(ob)["location", :] as vw:
            same(plain(vw.memcache.tolist()), plain(place))
        with Slicer(mesh.vertices)[:, "co"] as vw:
            same(plain(vw.memcache.tolist()), co)
        with Slicer(tree.nodes)[:, "location"] as vw:
            assert len(vw.memcache) == len(tree.nodes)
    kept = Slicer(held[1][1].vertices)[:, "co"], Slicer(held[0][1].vertices)[:, "co"]
    layer.update()
    with kept[0]:
        pass
    try:
        with kept[1]:
            raise AssertionError("its object is gone")
    except SupplierLostError:
        pass


def test_evaluated_data_is_known_after_a_rename():
    from rnaslicer import Slicer
    rng = random.Random(6)
    obs = random_objects(rng, random_mesh(rng, 3, 2, layers=False), 4)
    layer = bpy.context.view_layer
    layer.update()
    evaluated = obs[1].evaluated_get(layer.depsgraph)
    obs[1].name, obs[2].name = "other", obs[1].name
    vw = Slicer(evaluated)["location", :]
    obs[1].location = 4, 5, 6
    layer.update()
    with vw:
        assert list(vw.memcache) == [4, 5, 6]


def test_many_evaluated_are_captured_in_one_look():
    """Also where some have another name since: the originals are asked once, not for each."""
    import cProfile
    from rnaslicer import Slicer
    obs = objects(200, modified=False)
    layer = bpy.context.view_layer
    layer.update()
    evaluated = [ob.evaluated_get(layer.depsgraph) for ob in obs]
    for ob in obs[::5]:
        ob.name = f"other {ob.name}"
    profile = cProfile.Profile()
    profile.enable()
    slicer = Slicer(evaluated)
    profile.disable()
    with slicer[:, "location"] as vw:
        same(vw.memcache.tolist(), [list(ob.location) for ob in obs])
    assert sum(entry.callcount for entry in profile.getstats()) < 100 * len(obs)
