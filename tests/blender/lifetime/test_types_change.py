# tests/blender/lifetime/test_types_change.py: elements replaced by ones of another type while a wrapper is entered
import tempfile

import bpy

from support import VERSION, fill_memcache, refused, same

COUNT = 9


class Stack:
    """An object's modifiers or constraints: `COUNT` of one kind, told by values of `name`."""

    def __init__(self, owner, member, kind, other, name, low=1.0):
        self.owner, self.member, self.kind, self.other, self.name = owner, member, kind, other, name
        for i in range(COUNT):
            setattr(self.list.new(**self.arguments(kind, f"E{i}")), name, low + i / 8)

    @property
    def list(self):
        return getattr(self.owner, self.member)

    def arguments(self, kind, name):
        return {"name": name, "type": kind} if self.member == "modifiers" else {"type": kind}

    def replace(self, at, kind=None):
        """The element at `at` by one of another kind."""
        behind = [one.type for one in self.list[at + 1 :]]
        while len(self.list) > at:
            self.list.remove(self.list[at])
        for one in [kind or self.other, *behind]:
            self.list.new(**self.arguments(one, "New"))
        return self.list[at]


def empty(name="Empty"):
    return bpy.data.objects.new(name, None)


def with_mesh():
    return bpy.data.objects.new("Holder", bpy.data.meshes.new("Held"))


def fcurve():
    ob = empty("Animated")
    ob.keyframe_insert("location", index=0, frame=1)
    action = ob.animation_data.action
    return (action.fcurves if hasattr(action, "fcurves") else
            action.layers[0].strips[0].channelbags[0].fcurves)[0]


def numbers(struct):
    """All numbers of a struct that bpy tells."""
    found = {}
    for prop in struct.bl_rna.properties:
        if prop.type in ("FLOAT", "INT", "BOOLEAN", "ENUM"):
            value = getattr(struct, prop.identifier)
            listed = hasattr(value, "__len__") and not isinstance(value, str)
            found[prop.identifier] = str(list(value) if listed else value)
    return found


def named_and_untouched(vw, structs, *words):
    """Every use raises ShapeChangedError that says `words`; cache and structs stay what they are."""
    held, before = vw.memcache.tolist(), [numbers(one) for one in structs]
    first = (slice(0, 1),) * len(vw.shape)
    uses = [vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[first]), lambda: vw.update(vw.memcache[first])]
    for use in uses if vw.shape else uses[:2]:
        with refused("ShapeChangedError", *words):
            use()
        same(vw.memcache.tolist(), held)
    assert [numbers(one) for one in structs] == before


def stacks():
    yield Stack(with_mesh(), "modifiers", "BEVEL", "SOLIDIFY", "width")
    yield Stack(with_mesh(), "modifiers", "DISPLACE", "WAVE", "strength")
    yield Stack(empty(), "constraints", "LIMIT_SCALE", "LIMIT_ROTATION", "min_x")  # of its own in each
    yield Stack(empty(), "constraints", "DAMPED_TRACK", "LIMIT_DISTANCE", "head_tail", 0.0)


def test_replaced_in_a_list():
    from rnaslicer import Slicer
    for stack in stacks():
        for at in (4, 0, COUNT - 1):
            with Slicer(stack.list)[:, stack.name] as vw:
                same(vw.memcache.tolist(), [getattr(one, stack.name) for one in stack.list])
                new = stack.replace(at)
                named_and_untouched(vw, [new], f"[{at}]", type(new).__name__, repr(stack.name))
                setattr(stack.replace(at, stack.kind), stack.name, 0.75)
                vw.refresh()  # it is what it was
                same(vw.memcache.tolist(), [getattr(one, stack.name) for one in stack.list])


def test_same_name_in_another_type():
    """Both types have the property, each its own, in another place."""
    from rnaslicer import Slicer
    stack = Stack(with_mesh(), "modifiers", "SOLIDIFY", "WIREFRAME", "thickness")
    with Slicer(stack.list)[:, "thickness"] as vw:
        new = stack.replace(3)
        named_and_untouched(vw, [new], "[3]", "WireframeModifier", "another property")
    with Slicer(stack.list)[:, "thickness"] as vw:  # entered anew it is one property in two types
        same(vw.memcache.tolist(), [one.thickness for one in stack.list])
        fill_memcache(vw.memcache, [0.25 + i / 16 for i in range(COUNT)])
        vw.update()
        same([one.thickness for one in stack.list], vw.memcache.tolist())
        stack.replace(5)
        named_and_untouched(vw, stack.list, "[5]", "another property")


def test_what_all_types_have_goes_on():
    from rnaslicer import Slicer
    for stack, name in ((Stack(with_mesh(), "modifiers", "BEVEL", "SOLIDIFY", "width"), "show_render"),
                        (Stack(empty(), "constraints", "LIMIT_SCALE", "COPY_ROTATION", "min_x"), "influence")):
        with Slicer(stack.list)[:, name] as vw:
            for at in (2, 7, 2):
                setattr(stack.replace(at), name, False if name == "show_render" else 0.5)
                vw.refresh()
                same(vw.memcache.tolist(), [getattr(one, name) for one in stack.list])
                fill_memcache(vw.memcache, [i % 3 == 0 if name == "show_render" else i / 16 for i in range(COUNT)])
                stack.replace(at, stack.kind)
                vw.update()
                same([getattr(one, name) for one in stack.list], vw.memcache.tolist())
                part = vw.memcache[at:]
                fill_memcache(part, [True if name == "show_render" else 1.0] * (COUNT - at))
                stack.replace(at)
                vw.update(part)
                same([getattr(one, name) for one in stack.list], vw.memcache.tolist())


def test_not_selected_goes_on():
    from rnaslicer import Slicer
    for stack in stacks():
        with Slicer(stack.list)[1:4, stack.name] as vw, Slicer(stack.list)[[1, 6], stack.name] as gathered:
            stack.replace(8)
            for one, picks in ((vw, (1, 2, 3)), (gathered, (1, 6))):
                one.refresh()
                same(one.memcache.tolist(), [getattr(stack.list[i], stack.name) for i in picks])
                one.memcache[0] = 0.5
                one.update()
                assert getattr(stack.list[1], stack.name) == 0.5
            stack.replace(1)
            named_and_untouched(vw, stack.list, "[1]")
            named_and_untouched(gathered, stack.list, "[1]")


def test_modifiers_of_curves():
    from rnaslicer import Slicer
    modifiers = fcurve().modifiers
    for i in range(COUNT):
        modifiers.new("NOISE").strength = i / 4
    with Slicer(modifiers)[:, "strength"] as vw, Slicer(modifiers)[:, "influence"] as common:
        modifiers.remove(modifiers[COUNT - 1])
        new = modifiers.new("STEPPED")
        named_and_untouched(vw, [new], "[8]", "FModifierStepped")
        new.influence = 0.25
        common.refresh()
        same(common.memcache.tolist(), [one.influence for one in modifiers])


def shader_tree():
    return bpy.data.node_groups.new("Tree", "ShaderNodeTree")


def test_nodes():
    from rnaslicer import Slicer
    tree = shader_tree()
    for i in range(COUNT):
        tree.nodes.new("ShaderNodeTexBrick").offset_frequency = 1 + i
    with Slicer(tree.nodes)[:, "offset_frequency"] as vw, Slicer(tree.nodes)[:, "location", :] as common, \
            Slicer(tree)["nodes", COUNT - 1, "offset_frequency"] as one:
        tree.nodes.remove(tree.nodes[COUNT - 1])
        new = tree.nodes.new("ShaderNodeTexNoise")
        named_and_untouched(vw, [new], f"[{COUNT - 1}]", "ShaderNodeTexNoise")
        named_and_untouched(one, [new], f"[{COUNT - 1}]", "ShaderNodeTexNoise")
        new.location = 3, 4
        common.refresh()
        same(common.memcache.tolist(), [list(node.location) for node in tree.nodes])


def group_with_inputs():
    """(tree with a group node, function that makes input `at` of that group one of another type)."""
    group, tree = shader_tree(), shader_tree()
    if VERSION >= (4, 0):
        sockets = [group.interface.new_socket(f"s{i}", in_out="INPUT", socket_type="NodeSocketInt")
                   for i in range(COUNT)]

        def change(at, kind):
            sockets[at].socket_type = kind
    else:
        for i in range(COUNT):
            group.inputs.new("NodeSocketInt", f"s{i}")

        def change(at, kind):
            group.inputs.remove(group.inputs[at])
            group.inputs.new(kind, f"n{at}")
            group.inputs.move(COUNT - 1, at)
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    for i, socket in enumerate(node.inputs):
        socket.default_value = 3 * i
    return tree, change


def test_sockets():
    from rnaslicer import Slicer
    tree, change = group_with_inputs()
    node = tree.nodes[0]
    lists = [tree.nodes[0].inputs[i] for i in range(COUNT)]
    with Slicer(node.inputs)[:, "default_value"] as vw, Slicer(lists)[:, "default_value"] as apart, \
            Slicer(tree)["nodes", 0, "inputs", 2, "default_value"] as one:
        change(2, "NodeSocketFloat")
        bpy.context.view_layer.update()
        tree.nodes[0].inputs[2].default_value = 0.5
        for wrapper in (vw, apart, one):
            with refused("ShapeChangedError", "default_value"):
                wrapper.refresh()
            with refused("ShapeChangedError", "default_value"):
                wrapper.update()
        assert tree.nodes[0].inputs[2].default_value == 0.5


def test_lights_at_each_enter():
    """The same at the first one, which resolves all in Python, and along trails."""
    from rnaslicer import Slicer, SlicerError
    for one in list(bpy.data.lights):
        bpy.data.lights.remove(one)
    lights = [bpy.data.lights.new(f"L{i}", "SPOT") for i in range(6)]
    for items in ((slice(None), "energy"), ([2, 0, 5], "energy"), (["L2", "L0"], "energy"), (slice(0, 4), "energy"),
                  (slice(None), "spot_size"), ([2, 0, 5], "spot_size")):
        for use in ("refresh", "update"):
            outcomes = []
            for _ in range(4):
                lights[2].type = "SPOT"
                with Slicer(bpy.data.lights)[items] as vw:
                    lights[2].type = "SUN"
                    try:
                        getattr(vw, use)()
                        outcomes.append("done")
                    except SlicerError as error:
                        outcomes.append(type(error).__name__)
            assert len(set(outcomes)) == 1, (items, use, outcomes)
            assert items[1] == "energy" or outcomes[0] == "ShapeChangedError", (items, use, outcomes)


def test_lights_and_textures():
    """Datablocks whose type changes while everything else of them stays."""
    from rnaslicer import Slicer
    for one in list(bpy.data.lights):
        bpy.data.lights.remove(one)
    lights = [bpy.data.lights.new(f"L{i}", "AREA") for i in range(COUNT)]
    objects = [bpy.data.objects.new(f"O{i}", light) for i, light in enumerate(lights)]
    textures = [bpy.data.textures.new(f"T{i}", "CLOUDS") for i in range(COUNT)]
    for i in range(COUNT):
        lights[i].size, textures[i].noise_depth = 0.5 + i, i % 5
    for data, lists, name, other in ((bpy.data.lights, lights, "size", "POINT"),
                                     (bpy.data.textures, textures, "noise_depth", "VORONOI")):
        usual = lists[5].type
        with Slicer(data)[:, name] as vw, Slicer(lists)[:, name] as apart, Slicer(lists[5])[name] as one:
            common = "color" if data == bpy.data.lights else "contrast"
            with Slicer(lists[5])[common] as goes_on:
                lists[5].type = other
                now = [data[5]]
                for wrapper in (vw, apart):
                    named_and_untouched(wrapper, now, type(now[0]).__name__, repr(name))
                for use in (one.refresh, one.update):
                    with refused("ShapeChangedError", repr(name)):
                        use()
                goes_on.refresh()
                goes_on.update()
            with refused("ExpressionError", repr(name)):  # the reference is of the type that it was
                Slicer(lists[5])[name].__enter__()
            with Slicer(lists[5])[common] as again:
                again.update()
            assert one.alive
            lists[5].type = usual
            for wrapper in (vw, apart, one):
                wrapper.refresh()
            same(vw.memcache.tolist(), [getattr(one, name) for one in data])
    with Slicer(objects)[:, "data", "size"] as vw:
        lights[3].type = "SPOT"
        named_and_untouched(vw, [bpy.data.lights[3]], "SpotLight", "'size'")
    lights[3].type = "AREA"
    with Slicer(bpy.data.lights)[:, "color", :] as vw:
        lights[2].type, lights[2].color = "SUN", (0.5, 0.25, 1)
        vw.refresh()
        same(vw.memcache.tolist(), [list(light.color) for light in bpy.data.lights])


def test_a_reference_that_bpy_forgot(how, off):
    """After a change of the class bpy makes another object and tells that one alone of the end: ours, of before, leads
    to freed memory."""
    from rnaslicer import Slicer, events
    with tempfile.TemporaryDirectory() as folder:
        bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/saved.blend")
        for kind, before, after in (("lights", "POINT", "SPOT"), ("textures", "CLOUDS", "WOOD")):
            made = [getattr(bpy.data, kind).new(f"made {i}", before) for i in range(20)]
            held = [Slicer(one)["type"] for one in made]
            for vw in held:
                vw.__enter__()
            for one in made:
                one.type = after
            names = [one.name for one in made]
            del made
            assert all(getattr(bpy.data, kind)[name].type == after for name in names)  # bpy's new objects
            if off:
                events.unsubscribe()
            if how == "remove":
                for name in names:
                    getattr(bpy.data, kind).remove(getattr(bpy.data, kind)[name])
            else:
                bpy.ops.wm.open_mainfile(filepath=f"{folder}/saved.blend")
            for i in range(300):
                bpy.data.texts.new("junk").write("junk" * (i * 7 % 400))
            if off:
                events.resume()
            for vw in held:
                assert not vw.alive
                with refused("SupplierLostError"):
                    vw.refresh()
                vw.__exit__(None, None, None)


test_a_reference_that_bpy_forgot.cases = {
    "removed": ("remove", False), "loaded": ("load", False), "loaded while switched off": ("load", True)}


def test_structs_by_key_and_index():
    """Replaced by one of the same name or number."""
    from rnaslicer import Slicer
    objects = [empty(f"E{i}") for i in range(COUNT)]
    for i, ob in enumerate(objects):
        ob.constraints.new("FLOOR").name = "C"
        ob.constraints["C"].offset = i
    wrappers = [Slicer([ob.constraints[0] for ob in objects])[:, "offset"],
                Slicer(objects)[:, "constraints", 0, "offset"],
                Slicer(objects)[:, "constraints", :, "offset"],
                Slicer(objects)[:, "constraints", ["C"], "offset"],
                Slicer(objects[4])["constraints", ["C"], "offset"],
                Slicer(objects[4].constraints["C"])["offset"],
                Slicer(objects[4])["constraints", 0, ("offset", "influence")]]
    for wrapper in wrappers:
        with wrapper as vw:
            objects[4].constraints.remove(objects[4].constraints[0])
            new = objects[4].constraints.new("STRETCH_TO")
            new.name = "C"
            named_and_untouched(vw, [new], "StretchToConstraint", "'offset'")
            objects[4].constraints.remove(new)
            again = objects[4].constraints.new("FLOOR")
            again.name, again.offset = "C", 7
            vw.refresh()
            assert "7.0" in str(vw.memcache.tolist())


def strips_of(editor):
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def new_strip(editor, kind, channel):
    span = {"length": 9} if VERSION >= (5, 0) else {"frame_end": 10}
    return strips_of(editor).new_effect(name=f"{channel:02d}", type=kind, channel=channel, frame_start=1, **span)


def test_strips():
    from rnaslicer import Slicer
    editor = bpy.context.scene.sequence_editor_create()
    for i in range(COUNT):
        new_strip(editor, "COLOR", 1 + i).color = i / 16, 0.5, 1
    strips = strips_of(editor)
    with Slicer(strips)[:, "color", :] as vw, Slicer(strips)[:, "channel"] as common:
        at = strips.keys().index("05")
        strips.remove(strips[at])
        new = new_strip(editor, "ADJUSTMENT", 5)
        at = strips.keys().index("05")
        named_and_untouched(vw, [new], f"[{at}]", type(new).__name__, "'color'")
        common.refresh()
        same(common.memcache.tolist(), [one.channel for one in strips])


def test_keys_of_curves():
    """Points of a curve's shape keys are Bezier points or others, as its splines are."""
    from rnaslicer import Slicer
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.splines.new("BEZIER").bezier_points.add(COUNT - 1)
    curve.splines.new("BEZIER").bezier_points.add(COUNT - 1)
    ob = bpy.data.objects.new("Curve", curve)
    ob.shape_key_add(name="Basis")
    points = curve.shape_keys.key_blocks[0].data
    kinds = [type(one) for one in points]
    with Slicer(points)[:, "radius"] as vw, Slicer(points)[:9, "tilt"] as part:
        curve.splines.remove(curve.splines[1])
        curve.splines.new("POLY").points.add(COUNT - 1)
        key = curve.shape_keys.key_blocks[0]
        now = [type(one) for one in key.data]
        assert len(set(kinds)) == 1 and now[:9] == kinds[:9] and set(now[9:]).isdisjoint(kinds), (kinds, now)
        named_and_untouched(vw, [], "[9]", now[9].__name__)
        part.refresh()
        same(part.memcache.tolist(), [one.tilt for one in key.data[:9]])
