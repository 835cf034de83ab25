# tests/blender/trails/test_trails_struct_lists.py: Python lists of structs, whose ways native code finds
"""Python's own capture of each, one by one, says which way is right; bpy says which values are."""
import random
import tempfile

import bpy

from counted_calls import FROM_LIST, REFRESH, counted
from support import EVERY, VERSION, refused, same, seed
from trail_lists import fcurves, rig, told, tree
from trail_ways import natively, read

PLAIN = "One", "Two", "Three", "Four"
NAMES = ("Plain", 'A "quoted" one', "back\\slash", "[0]", "['x']", "ümläut", "dot.ted", "x" * 70, "é" * 40, '"]["', " ", "0")


def animated(name, count=3):
    """An object whose action has curves of its own."""
    ob = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    bpy.context.scene.collection.objects.link(ob)
    for frame in range(4):
        ob.location = frame, 2 * frame, count
        ob.keyframe_insert("location", frame=frame * count)
    ob.keyframe_insert("hide_render", frame=count)
    ob.driver_add("scale", 0).driver.expression = "1.5"
    return ob


def lists(rng, names=NAMES):
    """Name -> (structs of several datablocks, property that can be read)."""
    objects = [animated(f"Animated {i}", i + 1) for i in range(5)]
    for i, ob in enumerate(objects):
        for k, name in enumerate(rng.sample(names, 4)):
            ob.modifiers.new(name, ("SUBSURF", "DISPLACE")[k % 2]).show_viewport = (i + k) % 2
            ob.constraints.new("COPY_LOCATION").name = name
            ob.constraints[-1].influence = (i + k) / 9
            ob.vertex_groups.new(name=name).lock_weight = (i + k) % 2
        ob.data.vertices.add(6)
        ob.data.materials.append(bpy.data.materials.new(f"Of {i}"))
        for k, name in enumerate(rng.sample(names, 3)):
            ob.shape_key_add(name=name).slider_max = k + i / 4
    rigs = [rig(6, f"Rig {i}") for i in range(2)]
    trees = [tree(count=7) for _ in range(2)]
    for one in trees:
        for node, name in zip(one.nodes, names):
            node.name = name
    materials = [ob.data.materials[0] for ob in objects]
    for material in materials:
        material.use_nodes = True
    found = {
        "F-curves": ([c for ob in objects for c in fcurves(ob.animation_data.action)], "mute"),
        "drivers": ([c for ob in objects for c in ob.animation_data.drivers], "mute"),
        "bones of poses": ([bone for one in rigs for bone in one.pose.bones], "location"),
        "bones": ([bone for one in rigs for bone in one.data.bones], "use_deform"),
        "modifiers": ([one for ob in objects for one in ob.modifiers], "show_viewport"),
        "constraints": ([one for ob in objects for one in ob.constraints], "influence"),
        "vertex groups": ([one for ob in objects for one in ob.vertex_groups], "lock_weight"),
        "key blocks": ([one for ob in objects for one in ob.data.shape_keys.key_blocks], "slider_max"),
        "material slots": ([ob.material_slots[0] for ob in objects], "link"),
        "nodes": ([node for one in trees for node in one.nodes], "location"),
        "sockets": ([socket for one in trees for node in one.nodes for socket in node.outputs], "hide"),
        "sockets of materials": ([m.node_tree.nodes["Principled BSDF"].inputs["Roughness"] for m in materials], "default_value"),
        "animation": ([ob.animation_data for ob in objects], "action_influence"),
        "vertices": ([one for ob in objects for one in ob.data.vertices], "co"),
        "keyframes": ([key for ob in objects for c in fcurves(ob.animation_data.action) for key in c.keyframe_points][1::2], "co"),
        "keyframes of one curve": (list(fcurves(objects[0].animation_data.action)[1].keyframe_points)[1:3], "co"),
        "evaluated objects": ([evaluated(ob) for ob in objects], "location"),
        "evaluated meshes": ([evaluated(ob).data for ob in objects], "use_auto_texspace"),
        "node groups": (trees, "use_fake_user"),
        "node trees": ([m.node_tree for m in materials], "use_fake_user"),
        "evaluated": ([one for ob in objects for one in evaluated(ob).modifiers], "show_viewport"),
    }
    return found


def evaluated(ob):
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get())


def texts(paths):
    return [str(path) for path in paths]


def test_ways(name):
    """Each is the way that Python finds for that struct alone, in any order, among others and several times."""
    from rnaslicer import captured
    from rnaslicer.supplier.capture import capture_struct
    rng = random.Random(seed())
    found = lists(rng)
    structs, prop = found[name]
    others = [one for kind, (some, _) in found.items() if kind not in (name, "evaluated") for one in some[:2]]
    for some in (structs, structs[::-1], rng.sample(structs, len(structs)), structs[:2] * 2, structs + others, others + structs):
        for _ in range(2):
            same(texts(captured.capture(some)), texts(map(capture_struct, some)))
    if name != "evaluated":
        expected = [told(getattr(one, prop)) for one in structs]
        got, _ = read(structs, EVERY, prop)
        for _ in range(3):
            same(read(structs, EVERY, prop)[0], got)
        if type(expected[0]) is not str:
            same(got, expected)


test_ways.cases = {name: (name,) for name in (
    "F-curves", "drivers", "bones of poses", "bones", "modifiers", "constraints", "vertex groups", "key blocks",
    "material slots", "nodes", "sockets", "sockets of materials", "animation", "vertices", "node trees", "evaluated",
    "keyframes", "keyframes of one curve", "evaluated objects", "evaluated meshes", "node groups")}


def test_calls(name):
    """What the list costs, however many structs it has."""
    from rnaslicer import Slicer
    structs, prop = lists(random.Random(seed()), PLAIN)[name]
    structs = [one for one in structs if type(one) is type(structs[0])]

    def use():
        with Slicer(structs)[EVERY, prop]:
            pass

    use()
    assert counted(use) <= FROM_LIST, counted(use)
    with Slicer(structs)[EVERY, prop] as vw:
        assert counted(vw.refresh) <= REFRESH
        same(vw.memcache.tolist(), [told(getattr(one, prop)) for one in structs])


test_calls.cases = {name: (name,) for name in (
    "F-curves", "bones of poses", "bones", "modifiers", "constraints", "vertex groups", "key blocks", "animation", "nodes",
    "sockets of materials", "vertices", "node trees", "keyframes", "keyframes of one curve", "evaluated objects",
    "evaluated meshes", "node groups")}


def test_written(kind):
    """Of one class and of several, in datablocks of their own and in such as live in another."""
    from rnaslicer import Slicer
    names = {"plain": PLAIN, "odd": NAMES}[kind]  # some odd ones are found by their index in 3.4 and 4.3, others not
    for name, (structs, prop) in lists(random.Random(seed()), names).items():
        if name.startswith("evaluated") or name in ("material slots", "node trees", "bones"):
            continue
        for i in range(3):
            with Slicer(structs)[EVERY, prop] as vw:
                some = vw.memcache.tolist()
                some = some[1:] + some[:1]
                vw.memcache[...] = some
                if i == 2 and kind == "plain" and name not in ("vertices", "drivers"):
                    natively("update", vw.update)
                    natively("refresh", vw.refresh)
                else:
                    vw.update()
            same([told(getattr(one, prop)) for one in structs], some, name)


test_written.cases = {kind: (kind,) for kind in ("plain", "odd")}


def test_of_linked_materials():
    """Nodes of what is linked are as read-only as it is, also where the others of a list are not."""
    from rnaslicer import Slicer
    own = bpy.data.materials.new("Own")
    own.use_nodes = True
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/linked.blend"
        linked = bpy.data.materials.new("Linked")
        linked.use_nodes = True
        bpy.data.libraries.write(file, {linked})
        bpy.data.materials.remove(linked)
        with bpy.data.libraries.load(file, link=True) as (_, to):
            to.materials = ["Linked"]
        linked = bpy.data.materials["Linked"]
        sockets = [m.node_tree.nodes["Principled BSDF"].inputs["Roughness"] for m in (own, own, linked)]
        read(sockets[:2], EVERY, "default_value")
        for some in (sockets, sockets[::-1]):
            for _ in range(3):
                with Slicer(some)[EVERY, "default_value"] as vw:
                    vw.memcache[...] = 0.25
                    with refused("ReadOnlyError"):
                        vw.update()
                assert own.node_tree.nodes["Principled BSDF"].inputs["Roughness"].default_value == 0.5
        bpy.data.libraries.remove(linked.library)


def test_what_changes_meanwhile():
    """A struct that is gone is named; one that is called otherwise now is another's."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    objects = [animated(f"Changing {i}") for i in range(4)]
    for ob in objects:
        for name in ("One", "Two", "Three"):
            ob.modifiers.new(name, "DISPLACE").strength = rng.random()
    for _ in range(3):
        structs = [ob.modifiers["Two"] for ob in objects]
        curves = [c for ob in objects for c in fcurves(ob.animation_data.action)]
        with Slicer(structs)[EVERY, "strength"] as vw, Slicer(curves)[EVERY, "mute"] as mutes:
            for ob in objects:
                ob.modifiers.remove(ob.modifiers["One"])
                ob.modifiers.new("One", "DISPLACE")  # the last one now
                ob.modifiers["Two"].strength = rng.random()
                fcurves(ob.animation_data.action)[1].mute ^= True
            vw.refresh()
            mutes.refresh()
            same(vw.memcache.tolist(), [ob.modifiers["Two"].strength for ob in objects])
            same(mutes.memcache.tolist(), [c.mute for ob in objects for c in fcurves(ob.animation_data.action)])
            objects[2].modifiers.remove(objects[2].modifiers["Two"])
            fcurves(objects[1].animation_data.action).remove(fcurves(objects[1].animation_data.action)[0])
            for one in (vw, mutes):
                for use in (one.refresh, one.update):
                    with refused("SupplierLostError"):
                        use()
        objects[2].modifiers.new("Two", "DISPLACE").strength = rng.random()
        objects[1].keyframe_insert("location", index=0, frame=2)


def test_curves_of_one_name():
    """Two slots of one action, or an action and drivers, have curves for the same property."""
    objects = [animated(f"Twin {i}") for i in range(2)]
    curves = [c for ob in objects for c in (*fcurves(ob.animation_data.action), *ob.animation_data.drivers)]
    if VERSION >= (5, 0):
        action = objects[0].animation_data.action
        other = animated("Other slot")
        other.animation_data.action = action
        other.animation_data.action_slot = action.slots.new("OBJECT", "Other slot")
        other.keyframe_insert("location", frame=7)
        curves += [c for bag in action.layers[0].strips[0].channelbags for c in bag.fcurves]
    for i, curve in enumerate(curves):
        curve.mute = i % 3 == 0
    for order in (curves, curves[::-1]):
        for _ in range(3):
            same(read(order, EVERY, "mute")[0], [c.mute for c in order])


def test_curves_that_animate_the_same():
    """Where two curves of one list do, their path leads to the first: keyframes of the other are not taken for its own."""
    from rnaslicer import Slicer, captured
    from rnaslicer.supplier.capture import capture_struct
    objects = [animated(f"Doubled {i}") for i in range(3)]
    curves = [c for ob in objects for c in fcurves(ob.animation_data.action)]
    for _ in range(2):  # as taught by such that are told apart
        captured.capture([key for c in curves for key in c.keyframe_points])
    fcurves(objects[1].animation_data.action)[2].array_index = 1
    keys = [key for c in curves for key in c.keyframe_points]
    for i, key in enumerate(keys):
        key.co.y = i
    for some in (keys, keys[::-1]):
        same(texts(captured.capture(some)), texts(map(capture_struct, some)))
        with Slicer(some)[EVERY, "co", "y"] as vw:
            same(vw.memcache.tolist(), [key.co.y for key in some])


def test_modifiers_of_curves():
    """Where two are called the same (5.2) a number tells which one it is, of that one alone."""
    from rnaslicer import captured
    from rnaslicer.supplier.capture import capture_struct
    objects = [animated(f"Modified {i}") for i in range(3)]
    curves = [c for ob in objects for c in fcurves(ob.animation_data.action)]
    for i, curve in enumerate(curves):
        for _ in range(2 if i in (0, 5) else 1):
            curve.modifiers.new("NOISE")
    modifiers = [one for c in curves for one in c.modifiers]
    for some in (modifiers, modifiers[::-1], modifiers[1:]) * 2:
        same(texts(captured.capture(some)), texts(map(capture_struct, some)))


def test_letters_that_paths_escape():
    """A tab or a line's end in a name is escaped in the path, which leads to it all the same, and along no detour."""
    from rnaslicer import captured
    from rnaslicer.supplier.capture import capture_struct
    ob = bpy.data.objects.new("Escaped", bpy.data.meshes.new("Escaped"))
    ob.data.vertices.add(2)
    for name in ("t\tab", "line\nend", "\\t", 'all\r\a\b\f"', "plain"):
        ob.shape_key_add(name=name)
        ob.modifiers.new(name, "CAST")
    for structs in ([one for block in ob.data.shape_keys.key_blocks for one in block.data], list(ob.modifiers)):
        for _ in range(2):
            found = texts(captured.capture(structs))
            same(found, texts(map(capture_struct, structs)))
            assert not any("reference_key" in text or "modifiers[0]" in text for text in found), found


def test_names_that_tell_nothing():
    """Of no name at all, and where two have one, the index tells which one it is, as when each is captured alone."""
    from rnaslicer import captured
    from rnaslicer.supplier.capture import capture_struct
    markers = bpy.context.scene.timeline_markers
    for i, name in enumerate(("One", "", "Two", "One", "", "Two")):
        markers.new(name, frame=i)
    structs = list(markers)
    for some in (structs, structs[::-1], structs[1:]):
        same(texts(captured.capture(some)), texts(map(capture_struct, some)))
        same(read(some, EVERY, "frame")[0], [marker.frame for marker in some])


def test_scripts_properties():
    """Of a script's own rows and pointers it is compared each time whether their types are registered as they were."""
    class OfScript(bpy.types.PropertyGroup):
        number: bpy.props.FloatProperty()

    bpy.utils.register_class(OfScript)
    bpy.types.Object.of_script = bpy.props.CollectionProperty(type=OfScript)
    try:
        objects = [bpy.data.objects.new(f"Scripted {i}", None) for i in range(3)]
        for i, ob in enumerate(objects):
            for k in range(3):
                row = ob.of_script.add()
                row.name, row.number = f"Row {k}", 10 * i + k
        structs = [row for ob in objects for row in ob.of_script]
        for _ in range(3):
            same(read(structs, EVERY, "number")[0], [row.number for row in structs])
        bpy.utils.unregister_class(OfScript)
        bpy.utils.register_class(OfScript)
        bpy.types.Object.of_script = bpy.props.CollectionProperty(type=OfScript)
        structs = [row for ob in objects for row in ob.of_script]
        for _ in range(3):
            same(read(structs, EVERY, "number")[0], [row.number for row in structs])
    finally:
        del bpy.types.Object.of_script
        bpy.utils.unregister_class(OfScript)
