# tests/blender/expression/test_instances.py: a depsgraph as supplier: its instances, objects and datablocks
import random

import bpy

from support import EVERY, plain, random_mesh, random_objects, refused, same

THROUGH = "matrix_world", "location", "pass_index", "hide_render", "scale"
NAMES = "matrix_world", "random_id", "persistent_id", "is_instance", "show_self"


def instanced(count=4):
    """(view layer, objects): the first object shows others at its vertices."""
    rng = random.Random(7)
    obs = random_objects(rng, random_mesh(rng, 3, 2, layers=False), count)
    obs[0].instance_type = "VERTS"
    for ob in obs[1:3]:
        ob.parent = obs[0]
    layer = bpy.context.view_layer
    layer.update()
    return layer, obs


def numbers(value):
    return [list(row) for row in value] if hasattr(value, "row") else list(value) if hasattr(value, "__len__") else value


def asked(graph, *names):
    """What bpy gives while it iterates."""
    found = []
    for one in graph.object_instances:
        for name in names:
            one = getattr(one, name)
        found.append(numbers(one))
    return found


def read(supplier, subscript, **options):
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        first = vw.memcache.tolist()
        vw.refresh()
        same(vw.memcache.tolist(), first, "refreshed")
        return first


def test_instances():
    layer, _ = instanced()
    graph = layer.depsgraph
    for name in NAMES:
        wanted = asked(graph, name)
        for supplier, before in ((graph.object_instances, ()), (graph, ("object_instances",)),
                                 (layer, ("depsgraph", "object_instances")),
                                 (bpy.context.evaluated_depsgraph_get().object_instances, ())):
            same(read(supplier, (*before, EVERY, name)), wanted, name)
        same(read(graph.object_instances, (slice(None, None, -3), name)), wanted[::-3])
        same(read(graph.object_instances, ([2, -1, 2], name)), [wanted[2], wanted[-1], wanted[2]])
        same(read(graph.object_instances, (range(5, 1, -2), name)), [wanted[5], wanted[3]])
        same(read(graph.object_instances, (name,)), wanted)
        same(read(graph.object_instances, (4, name)), wanted[4])
        same(read(graph.object_instances, (slice(0), name)), [])
    same(read(graph.object_instances, (EVERY, "matrix_world", slice(3), 3)),
         [[row[3] for row in matrix[:3]] for matrix in asked(graph, "matrix_world")])
    same(read(graph.object_instances, (EVERY, ("is_instance", "show_self"))),
         [[i.is_instance, i.show_self] for i in graph.object_instances])
    same(read(graph.object_instances, (EVERY, "matrix_world"), dtype="d"), asked(graph, "matrix_world"))


def test_through_pointers():
    layer, _ = instanced()
    graph = layer.depsgraph
    for names in (("object", "matrix_world"), ("object", "pass_index"), ("object", "hide_render"), ("object", "location")):
        same(read(graph.object_instances, (EVERY, *names)), asked(graph, *names), names)
    which = [i for i, instance in enumerate(graph.object_instances) if instance.is_instance]
    for names in (("instance_object", "location"), ("parent", "matrix_world"), ("instance_object", "rotation_euler"),
                  ("parent", "instance_type")):
        wanted = []
        for instance in graph.object_instances:
            if instance.is_instance:
                value = getattr(getattr(instance, names[0]), names[1])
                wanted.append({"NONE": 0, "VERTS": 4}.get(value, value) if isinstance(value, str) else numbers(value))
        if names[1] == "instance_type":
            wanted = [bpy.types.Object.bl_rna.properties["instance_type"].enum_items["VERTS"].value] * len(which)
        same(read(graph.object_instances, (which, *names)), wanted, names)
    mask = [instance.is_instance for instance in graph.object_instances]
    same(read(graph.object_instances, (mask, "parent", "location", "zx")),
         [[i.parent.location.z, i.parent.location.x] for i in graph.object_instances if i.is_instance])
    same(read(graph.object_instances, (which[0], "instance_object", ("location", "scale"), 0)),
         [[i.instance_object.location.x, i.instance_object.scale.x] for i in graph.object_instances if i.is_instance][0])
    with refused("ExpressionError", "parent is None", "is_instance"):
        read(graph.object_instances, (EVERY, "parent", "location"))
    with refused("ExpressionError", "only numbers"):
        read(graph.object_instances, (EVERY, "object", "modifiers", 0, "show_viewport"))
    with refused("ExpressionError", "'matrix_worlds'", "'matrix_world'"):
        read(graph.object_instances, (EVERY, "matrix_worlds"))
    with refused("ExpressionError", "matrix_world"):
        read(graph.object_instances, (EVERY,))
    with refused("ExpressionError", "out of range"):
        read(graph.object_instances, (999, "random_id"))


def test_instances_are_found_anew():
    from rnaslicer import Slicer
    layer, obs = instanced()
    vw = Slicer(layer.depsgraph.object_instances)[:, "matrix_world"]
    with vw, Slicer(layer.depsgraph.object_instances)[:, "object", "location"] as through:
        obs[3].location.x = 77
        obs[1].location.y = 5
        layer.update()
        vw.refresh()
        same(vw.memcache.tolist(), asked(layer.depsgraph, "matrix_world"))
        through.refresh()
        same(through.memcache.tolist(), asked(layer.depsgraph, "object", "location"))
        for one in (vw, through):
            assert one.readonly
            with refused("ReadOnlyError"):
                one.update()
        vw.refresh(vw.memcache[3:9:2])
        obs[0].instance_type = "NONE"
        layer.update()
        for one in (vw, through):
            with refused("ShapeChangedError", "instances"):
                one.refresh()
        assert vw.alive
    with vw:  # with as many as there are now
        assert vw.shape == (len(obs), 4, 4)
    held = None
    for held in layer.depsgraph.object_instances:
        with refused("ExpressionError", "object_instances"):
            Slicer(held)
        break
    with refused("SlicerError"):  # dead
        Slicer([held])


class Graph:
    """A depsgraph's instances, whose count is asked of Blender `counts` times."""

    def __init__(self, instances):
        self.instances, self.counts = instances, 0

    def __len__(self):
        self.counts += 1
        return len(self.instances)

    def __iter__(self):
        return iter(self.instances)

    def __getattr__(self, name):
        return getattr(self.instances, name)


def test_instances_are_counted_once():
    """Blender makes each to count them: what was just read need not be counted for the next wrapper, which compares it
    as it reads. Where there are others, without any event, it counts after all."""
    from rnaslicer import Slicer
    from rnaslicer.expression import instances
    layer, obs = instanced()
    views = [Slicer(layer.depsgraph.object_instances)[:, "object", name] for name in THROUGH]
    block, counts = instances.block, []

    def counted(walk, path, coll, items):
        coll = Graph(coll)
        try:
            return block(walk, path, coll, items)
        finally:
            counts.append(coll.counts)
    instances.block = counted
    try:
        for vw in views:
            with vw:
                same(vw.memcache.tolist(), asked(layer.depsgraph, "object", vw._items[-1][1]))
        assert counts == [1, 0, 0, 0, 0], counts
        assert views[0].shape[0] == len(layer.depsgraph.object_instances) and counts[-1] == 1
        root = views[0]._path.root
        for wrong in (-3, 2):
            del counts[:]
            every = layer.depsgraph.object_instances
            for vw, rows in ((views[0], EVERY), (Slicer(every)[:, "object", "location"], EVERY),
                             (Slicer(every)[::-2, "object", ("hide_render", "hide_select")], slice(None, None, -2))):
                root.count(len(every) + wrong)
                with vw:
                    assert vw.shape[0] == len(range(len(every))[rows])
                    vw.refresh()
            assert counts == [0, 1] * 3, counts
        obs[0].instance_type = "NONE"
        layer.update()
        del counts[:]
        with views[0]:
            same(views[0].memcache.tolist(), asked(layer.depsgraph, "object", THROUGH[0]))
        assert counts == [1], counts
    finally:
        instances.block = block


def test_more_or_fewer_instances():
    """bpy's bulk call tells of neither by itself; what is in the MemCache stays."""
    from rnaslicer import Slicer
    layer, obs = instanced(6)
    wrappers = [Slicer(layer.depsgraph.object_instances)[rows, name] for name in NAMES
                for rows in (EVERY, slice(None, None, -2))]
    for wrapper in wrappers:
        wrapper.open()
    held = [wrapper.memcache.tolist() for wrapper in wrappers]
    count = wrappers[0].shape[0]
    seen = set()
    for hidden in ({3}, {3, 4}, set(), {1}, {3, 4, 5}):  # a hidden child is shown at no vertex
        for number, ob in enumerate(obs):
            ob.hide_viewport = number in hidden
        obs[1].parent = obs[0]
        layer.update()
        check_count(layer, wrappers, held, count, seen)
    for ob in obs:
        ob.hide_viewport = False
    obs[3].parent = obs[0]  # shown at each vertex, too
    layer.update()
    check_count(layer, wrappers, held, count, seen)
    assert min(seen) < count < max(seen) and count in seen, (count, seen)
    for wrapper in wrappers:
        wrapper.close()


def check_count(layer, wrappers, held, count, seen):
    now = len(layer.depsgraph.object_instances)
    seen.add(now)
    for wrapper, values in zip(wrappers, held):
        if now == count:
            wrapper.refresh()
            continue
        with refused("ShapeChangedError", f"had {count} instances", f"has {now} now"):
            wrapper.refresh()
        same(plain(wrapper.memcache.tolist()), plain(values), wrapper)


def test_depsgraphs_are_known_by_their_layer():
    from rnaslicer import Slicer
    layer, _ = instanced()
    scene = bpy.context.scene
    other = scene.view_layers.new("Other")
    same(read(layer.depsgraph.objects, (EVERY, "matrix_world")),
         [[list(row) for row in ob.matrix_world] for ob in layer.depsgraph.objects])
    same(read(layer.depsgraph.ids, (EVERY, "is_evaluated")), [True] * len(layer.depsgraph.ids))
    vw = Slicer(layer.depsgraph.objects)[:, "location"]
    with vw:
        assert vw.readonly
        with refused("ReadOnlyError"):
            vw.update()
    with Slicer(layer)["depsgraph", "object_instances", :, "random_id"] as one:
        bpy.context.window.view_layer = other if bpy.context.window else layer
        name = layer.name
        layer.name = "Renamed"
        with refused("SupplierLostError", name):
            one.refresh()
        layer.name = name
        one.refresh()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with refused("SupplierLostError", "loaded"):
        vw.__enter__()


def test_many_instances_by_one_call():
    """A call for each number would take seconds: bpy's bulk call is taken where it gives what getattr gives."""
    from rnaslicer import Slicer
    layer, _ = instanced()
    with Slicer(layer.depsgraph.object_instances)[:, "matrix_world"] as vw:
        assert vw.kernel.route == "foreach"
        assert plain(vw.memcache.tolist()) == plain(asked(layer.depsgraph, "matrix_world"))


def test_custom_properties_of_instances():
    """Not read, and the message's way leads to them."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Weighted", None)
    bpy.context.scene.collection.objects.link(ob)
    for i, one in enumerate(bpy.context.scene.objects):
        one["weight"] = i + 0.5
    instances = bpy.context.evaluated_depsgraph_get().object_instances
    with refused("ExpressionError", "are not read of instances", "one.object.original"):
        Slicer(instances)[:, "object", '["weight"]'].__enter__()
    wanted = [one.object.original["weight"] for one in instances]
    with Slicer([one.object.original for one in instances])[:, '["weight"]'] as vw:
        assert vw.memcache.tolist() == wanted and wanted
