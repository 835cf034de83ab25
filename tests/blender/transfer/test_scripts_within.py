# tests/blender/transfer/test_scripts_within.py: scripts' code that runs within our assignments and changes what is written
"""The oracle is a script's own loop over indices, with the same code within its assignments: the same values must
arrive in the same places, or a SlicerError must say how many did."""
import contextlib
import gc

import bpy
import numpy as np

from support import EVERY, plain, refused

COUNT = 40
hook = [None]


def called(self, _context):
    if hook[0] is not None:
        hook[0](self)


def taken(self, value):
    self["kept"] = value
    if hook[0] is not None:
        hook[0](self)


def given(self):
    value = self.get("kept", 0.0)
    if hook[0] is not None:
        hook[0](self)
    return value


class ScriptsSub(bpy.types.PropertyGroup):
    val: bpy.props.FloatProperty(update=called)
    pad: bpy.props.FloatVectorProperty(size=32)


class ScriptsItem(bpy.types.PropertyGroup):
    val: bpy.props.FloatProperty(update=called)
    whole: bpy.props.IntProperty(update=called)
    vec: bpy.props.FloatVectorProperty(size=3, update=called)
    flags: bpy.props.BoolVectorProperty(size=4, update=called)
    kind: bpy.props.EnumProperty(items=[("A", "A", ""), ("B", "B", ""), ("C", "C", "")], update=called)
    set_val: bpy.props.FloatProperty(get=given, set=taken)
    pad: bpy.props.FloatVectorProperty(size=32)
    sub: bpy.props.PointerProperty(type=ScriptsSub)
    items: bpy.props.CollectionProperty(type=ScriptsSub)


@contextlib.contextmanager
def registered():
    for kind in (ScriptsSub, ScriptsItem):
        bpy.utils.register_class(kind)
    bpy.types.Mesh.scripts = bpy.props.CollectionProperty(type=ScriptsItem)
    bpy.types.Bone.scripts_val = bpy.props.FloatProperty(update=called)
    bpy.types.Object.scripts_val = bpy.props.FloatProperty(update=called)
    hook[0] = None
    try:
        yield
    finally:
        hook[0] = None
        del bpy.types.Mesh.scripts, bpy.types.Bone.scripts_val, bpy.types.Object.scripts_val
        for kind in (ScriptsItem, ScriptsSub):
            bpy.utils.unregister_class(kind)
        gc.collect()


def scene():
    """A mesh with items, each with items of its own."""
    for mesh in list(bpy.data.meshes):
        bpy.data.meshes.remove(mesh)
    mesh = bpy.data.meshes.new("Owner")
    for i in range(COUNT):
        item = mesh.scripts.add()
        item.name, item.val, item.sub.val = f"item {i}", i, -i
        for k in range(4):
            item.items.add().val = 10 * i + k
    return mesh


def mine():
    return bpy.data.meshes["Owner"]


def add(_):
    for _ in range(50):
        mine().scripts.add().name = "added"


def clear(_):
    mine().scripts.clear()


def clear_and_add(_):
    mine().scripts.clear()
    for i in range(COUNT):
        mine().scripts.add().name = f"new {i}"


def remove_first(_):
    mine().scripts.remove(0)


def remove_last(_):
    mine().scripts.remove(len(mine().scripts) - 1)


def move(_):
    mine().scripts.move(0, len(mine().scripts) - 1)


def grow_nested(_):
    for item in mine().scripts:
        for _ in range(30):
            item.items.add()


def clear_nested(_):
    for item in mine().scripts:
        item.items.clear()


def remove_mesh(_):
    bpy.data.meshes.remove(mine())


def collect(_):
    gc.collect()


CHANGES = (add, clear, clear_and_add, remove_first, remove_last, move, grow_nested, clear_nested, remove_mesh, collect)

# name: (expression on mesh.scripts, how a script assigns value i, how many values)
WAYS = {
    "val": ((EVERY, "val"), lambda i, v: setattr(mine().scripts[i], "val", v), COUNT),
    "whole": ((EVERY, "whole"), lambda i, v: setattr(mine().scripts[i], "whole", v), COUNT),
    "set_val": ((EVERY, "set_val"), lambda i, v: setattr(mine().scripts[i], "set_val", v), COUNT),
    "kind": ((EVERY, "kind"), lambda i, v: setattr(mine().scripts[i], "kind", "ABC"[v]), COUNT),
    "vec": ((EVERY, "vec", EVERY), lambda i, v: setattr(mine().scripts[i], "vec", (v,) * 3), COUNT),
    "flags": ((EVERY, "flags", EVERY), lambda i, v: setattr(mine().scripts[i], "flags", (bool(v),) * 4), COUNT),
    "vec.y": ((EVERY, "vec", "y"),
              lambda i, v: setattr(mine().scripts[i], "vec", [v if k == 1 else x for k, x in
                                                              enumerate(mine().scripts[i].vec)]), COUNT),
    "reversed": ((slice(None, None, -1), "val"), lambda i, v: setattr(mine().scripts[COUNT - 1 - i], "val", v), COUNT),
    "table": (([7, 3, 30, 12], "val"), lambda i, v: setattr(mine().scripts[[7, 3, 30, 12][i]], "val", v), 4),
    "keys": ((["item 9", "item 2", "item 30"], "val"),
             lambda i, v: setattr(mine().scripts[("item 9", "item 2", "item 30")[i]], "val", v), 3),
    "pointer": ((EVERY, "sub", "val"), lambda i, v: setattr(mine().scripts[i].sub, "val", v), COUNT),
    "nested": ((3, "items", EVERY, "val"), lambda i, v: setattr(mine().scripts[3].items[i], "val", v), 4),
    "all nested": ((EVERY, "items", EVERY, "val"),
                   lambda i, v: setattr(mine().scripts[i // 4].items[i % 4], "val", v), 4 * COUNT),
}


def content():
    """Everything that is there now."""
    if "Owner" not in bpy.data.meshes:
        return None
    return [[item.name, plain(item.val), item.whole, plain(list(item.vec)), list(item.flags), item.kind,
             plain(item.get("kept", 0.0)), plain(item.sub.val), [plain(one.val) for one in item.items]]
            for item in mine().scripts]


def armed(change, each):
    """The change as a hook: at each assignment, or at the first alone, but never within itself."""
    state = {"on": True}

    def run(self):
        if not state["on"]:
            return
        state["on"] = False
        change(self)
        state["on"] = each
    return run


def test_changes(name, change, each):
    """Whole, and by a region in two halves."""
    from rnaslicer import Slicer, SlicerError
    expression, assign, count = WAYS[name]
    with registered():
        for regions in (1, 2):
            scene()
            hook[0], done = armed(change, each), 0
            try:
                for i in range(count):
                    assign(i, number(name, i))
                    done += 1
            except (IndexError, KeyError, ReferenceError):
                pass
            hook[0] = None
            wanted = content()

            scene()
            try:
                with Slicer(mine().scripts)[expression] as vw:
                    cache = np.asarray(vw.memcache).reshape(count, -1)
                    cache[...] = np.array([number(name, i) for i in range(count)]).reshape(count, 1)
                    hook[0] = armed(change, each)
                    if regions == 1 or name == "all nested":
                        vw.update()
                    else:
                        vw.update(vw.memcache[:count // 2])
                        vw.update(vw.memcache[count // 2:])
                error = None
            except SlicerError as problem:
                error = problem
            hook[0] = None
            found = content()
            note = name, change.__name__, each, regions, str(error), getattr(error, "__notes__", ())
            if error is None:
                assert found == wanted and done == count, (note, first_difference(found, wanted))
            else:
                said = " ".join([str(error), *getattr(error, "__notes__", ())])
                assert any(word in said for word in ("written", "when the context was entered", "gone",
                                                "does not exist any more")), note
                if regions == 1 and "were written" in str(error) and name != "all nested":  # of which each part counts
                    assert f"{done} of {count} elements" in str(error), (note, done)
                    assert found == wanted, (note, first_difference(found, wanted))


def number(name, i):
    return {"kind": i % 3, "whole": 1000 + i, "flags": i % 2}.get(name, 1000.5 + i)


def first_difference(a, b):
    if a is None or b is None or len(a) != len(b):
        return a and len(a), b and len(b)
    return next(((i, x, y) for i, (x, y) in enumerate(zip(a, b)) if x != y), None)


test_changes.cases = {f"{name}, {change.__name__}, {'each' if each else 'once'}": (name, change, each)
                      for name in WAYS for change in CHANGES for each in (False, True)
                      if not each or change in (remove_first, remove_last, move) and name != "all nested"}


def test_in_sequences():
    """A list of elements, each found anew."""
    from rnaslicer import Slicer, SlicerError
    with registered():
        for change in CHANGES:
            scene()
            with Slicer([mine().scripts[i] for i in (5, 2, 9, 30)])[EVERY, "val"] as vw:
                np.asarray(vw.memcache)[...] = [50, 20, 90, 300]
                hook[0] = armed(change, False)
                try:
                    vw.update()
                    assert [mine().scripts[i].val for i in (2, 9, 30)] == [20, 90, 300], change
                except SlicerError as error:
                    assert "written" in str(error), (change, error)
                hook[0] = None


def test_leaving_and_refreshing():
    """Code within an update that uses the wrapper itself."""
    from rnaslicer import Slicer, SlicerError
    with registered():
        for expression, count in (((EVERY, "val"), COUNT), ((EVERY, ("val", "set_val")), 2 * COUNT),
                                  ((EVERY, "items", EVERY, "val"), 4 * COUNT)):
            for use in ("leave", "refresh", "leave and enter"):
                scene()
                vw = Slicer(mine().scripts)[expression]
                vw.__enter__()
                np.asarray(vw.memcache)[...] = 7

                def inside(_, vw=vw, use=use):
                    if use == "refresh":
                        vw.refresh()
                    else:
                        vw.__exit__(None, None, None)
                        if use == "leave and enter":
                            vw.__enter__()

                hook[0] = armed(inside, False)
                try:
                    vw.update()
                except SlicerError as error:
                    assert use != "refresh" and count != COUNT, (expression, use, error)
                    assert "left" in str(error)
                else:
                    assert expression[1] != "val" or all(item.val == 7 for item in mine().scripts)
                hook[0] = None
                vw.__exit__(None, None, None)


def test_getters_that_change():
    """`get=` may do the same to what is read one by one. (In bulk Blender's own foreach_get reads, and crashes.)"""
    from rnaslicer import Slicer, SlicerError
    with registered():
        for change in CHANGES:
            for each in (False, True):
                if each and change in (add, grow_nested):
                    continue
                scene()
                for i, item in enumerate(mine().scripts):
                    item.set_val = i
                with Slicer(mine().scripts)[EVERY, "set_val"] as vw:
                    hook[0] = armed(change, each)
                    with contextlib.suppress(SlicerError):
                        vw.refresh(vw.memcache[4:6])
                    hook[0] = None


def test_bones_and_objects():
    """Elements of linked lists, and datablocks, which notice themselves when they die."""
    from rnaslicer import Slicer
    with registered():
        armature = bpy.data.armatures.new("A")
        rig = bpy.data.objects.new("A", armature)
        bpy.context.scene.collection.objects.link(rig)
        bpy.context.view_layer.objects.active = rig
        bpy.ops.object.mode_set(mode="EDIT")
        for i in range(20):
            bone = armature.edit_bones.new(f"bone {i}")
            bone.head, bone.tail = (0, 0, i), (0, 1, i)
        bpy.ops.object.mode_set(mode="OBJECT")
        with Slicer(armature.bones)[EVERY, "scripts_val"] as vw:
            np.asarray(vw.memcache)[...] = range(20)
            hook[0] = armed(lambda _: bpy.data.armatures.remove(armature), False)
            with refused("SupplierLostError", "1 of 20 elements"):
                vw.update()
        hook[0] = None
        for i in range(20):
            bpy.data.objects.new(f"object {i:02}", None)
        with Slicer(bpy.data.objects)[EVERY, "scripts_val"] as vw:
            np.asarray(vw.memcache)[...] = range(1, vw.shape[0] + 1)
            victim = bpy.data.objects["object 10"]
            at = list(bpy.data.objects).index(victim)
            count = len(bpy.data.objects)
            hook[0] = armed(lambda _: bpy.data.objects.remove(victim), False)
            with refused("SupplierLostError", f"{at} of {count} elements"):
                vw.update()
        hook[0] = None


class ScriptsNode(bpy.types.Node):
    bl_idname, bl_label = "ScriptsNode", "Scripts"

    def update(self):
        called(self, None)


class ScriptsTree(bpy.types.NodeTree):
    bl_idname, bl_label, bl_icon = "ScriptsTree", "Scripts", "NODETREE"

    def update(self):
        called(self, None)


def test_nodes_of_scripts():
    """Nodes and trees of scripts hear of each change in their tree. (Blender itself crashes where they remove nodes
    then, 5.2.)"""
    from rnaslicer import Slicer
    from rnaslicer.transfer import scripts
    for kind in (ScriptsTree, ScriptsNode):
        bpy.utils.register_class(kind)
    hook[0] = None
    try:
        assert scripts.has_node_scripts()
        for tree_kind in ("ScriptsTree", "ShaderNodeTree"):
            tree = bpy.data.node_groups.new("T", tree_kind)
            for _ in range(12):
                tree.nodes.new("ScriptsNode").inputs.new("NodeSocketFloat", "x")
            for expression in ((EVERY, "mute"), (EVERY, "width"), (EVERY, "inputs", 0, "default_value")):
                with Slicer(tree.nodes)[expression] as vw:
                    np.asarray(vw.memcache)[...] = 200 if expression[1] == "width" else 1
                    hook[0] = armed(lambda _, tree=tree: tree.nodes.new("ScriptsNode"), False)
                    vw.update()
                    hook[0] = None
                    for node in list(tree.nodes)[:12]:
                        assert (node.inputs[0].default_value == 1 if "inputs" in expression
                                else getattr(node, expression[1]) in (True, 200))
                while len(tree.nodes) > 12:
                    tree.nodes.remove(tree.nodes[-1])
    finally:
        hook[0] = None
        for tree in list(bpy.data.node_groups):
            bpy.data.node_groups.remove(tree)
        for kind in (ScriptsNode, ScriptsTree):
            bpy.utils.unregister_class(kind)
        gc.collect()
