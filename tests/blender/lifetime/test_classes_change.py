# tests/blender/lifetime/test_classes_change.py: classes and properties of scripts that come and go beside a wrapper
import contextlib

import bpy

from support import fill_memcache, refused, same

COUNT = 7


def group(name, **annotations):
    """A PropertyGroup class, not registered yet."""
    return type(name, (bpy.types.PropertyGroup,), {"__annotations__": annotations})


@contextlib.contextmanager
def registered(*classes, **properties):
    """The classes, and properties of Object that lead to them, until the end of the block."""
    for one in classes:
        bpy.utils.register_class(one)
    for name, prop in properties.items():
        setattr(bpy.types.Object, name, prop)
    try:
        yield
    finally:
        for name in properties:
            if name in bpy.types.Object.bl_rna.properties:
                delattr(bpy.types.Object, name)
        for one in reversed(classes):
            if "bl_rna" in vars(one):
                bpy.utils.unregister_class(one)


def point(name="TestPoint"):
    return group(name, weight=bpy.props.FloatProperty(), place=bpy.props.FloatVectorProperty(size=3),
                 number=bpy.props.IntProperty(), on=bpy.props.BoolProperty())


def filled(ob, name="test_points"):
    points = getattr(ob, name)
    while len(points) < COUNT:
        points.add()
    for i, one in enumerate(points):
        one.weight, one.place, one.number, one.on = i / 2, (i, 1, 2), 3 * i, i % 2
    return points


def uses(vw):
    first = (slice(0, 1),) * len(vw.shape)
    return (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[first]), lambda: vw.update(vw.memcache[first]),
            lambda: vw.supplier, lambda: vw.readonly)


def test_where_a_property_keeps_its_type():
    from rnaslicer.blender import registered as module
    for form in ("POINTER", "COLLECTION"):
        assert module.type_at(form) is not None, form


def test_class_unregistered():
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Owner", None)
    for part in ((slice(None), "weight"), (slice(None), "place", slice(None)), (slice(2, 5), "number"),
                 (slice(None), ("weight", "number")), (3, "on")):
        cls = point()
        with registered(cls, test_points=bpy.props.CollectionProperty(type=cls)):
            wrapper = Slicer(filled(ob))[part]
            lost = []
            wrapper.on_lost.append(lost.append)
            with wrapper as vw:
                held, shape = vw.memcache.tolist(), vw.shape
                bpy.utils.unregister_class(cls)
                for use in uses(vw) if vw.shape else uses(vw)[:2]:
                    with refused("SupplierLostError", "TestPoint", "unregistered"):
                        use()
                assert not vw.alive and vw.shape == shape and lost == [vw], lost
                same(vw.memcache.tolist(), held)
            with refused("SupplierLostError", "TestPoint"):
                wrapper.__enter__()
            with refused("SupplierLostError", "TestPoint"):
                wrapper.shape
            with refused("SupplierLostError", "TestPoint"):
                Slicer(ob)["test_points", :, "weight"].__enter__()


def test_class_behind_a_class():
    """The inner class goes; what the outer one has itself works on."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Owner", None)
    inner = point("TestInner")
    outer = group("TestOuter", inner=bpy.props.PointerProperty(type=inner), size=bpy.props.IntProperty(),
                  test_points=bpy.props.CollectionProperty(type=inner))
    with registered(inner, outer, test_outer=bpy.props.PointerProperty(type=outer)):
        filled(ob.test_outer)
        points = [ob.test_outer.test_points[i] for i in range(COUNT)]
        wrappers = [Slicer(ob.test_outer.inner)["weight"], Slicer(ob.test_outer)["inner", ("weight", "number")],
                    Slicer(ob.test_outer.test_points)[:, "weight"], Slicer(ob)["test_outer", "inner", "place", :],
                    Slicer(points)[:, "number"], Slicer(ob)["test_outer", "test_points", 1:, "on"]]
        own = Slicer(ob.test_outer)["size"]
        with contextlib.ExitStack() as stack:
            entered = [stack.enter_context(wrapper) for wrapper in (*wrappers, own)]
            del points
            bpy.utils.unregister_class(inner)
            for vw in entered[:-1]:
                for use in uses(vw)[:2]:
                    with refused("SupplierLostError", "TestInner"):
                        use()
            ob.test_outer.size = 12
            entered[-1].refresh()
            assert entered[-1].memcache[()] == 12
            entered[-1].update()


def test_registered_again():
    """The same class: where the property was declared anew, too, it is the same; if not it leads nowhere, or where
    bpy follows it, too."""
    from rnaslicer import Slicer, SlicerError
    ob = bpy.data.objects.new("Owner", None)
    cls = point()
    with registered(cls, test_points=bpy.props.CollectionProperty(type=cls)):
        with Slicer(filled(ob))[:, "weight"] as vw:
            bpy.utils.unregister_class(cls)
            keep = [point(f"TestBetween{i}") for i in range(8)]  # other types take the place of the freed one
            with registered(*keep):
                bpy.utils.register_class(cls)
                for use in uses(vw)[:2]:
                    with contextlib.suppress(SlicerError):
                        use()
                bpy.types.Object.test_points = bpy.props.CollectionProperty(type=cls)
                ob.test_points[2].weight = 7.5
                vw.refresh()
                same(vw.memcache.tolist(), [one.weight for one in ob.test_points])
                vw.update()


def values(ob):
    return [list(one.value) if hasattr(one.value, "__len__") else one.value for one in ob.test_changing]


def test_registered_with_another_layout():
    """Another class of the same name: nothing that was found out about the first one is taken for it."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Owner", None)
    kinds = ((bpy.props.FloatProperty(), 0.5), (bpy.props.IntProperty(), 3),
             (bpy.props.FloatVectorProperty(size=2), (1, 2)), (bpy.props.BoolProperty(), True),
             (bpy.props.IntVectorProperty(size=2), (5, 6)), (bpy.props.FloatProperty(), 0.25))
    entered = contextlib.ExitStack()
    with entered:
        before = None
        for number, (prop, value) in enumerate(kinds):
            cls = group("TestChanging", **{f"pad{i}": bpy.props.FloatProperty() for i in range(number)}, value=prop)
            with registered(cls, test_changing=bpy.props.CollectionProperty(type=cls)):
                ob.test_changing.clear()
                for _ in range(COUNT):
                    ob.test_changing.add().value = value
                if before is not None:
                    for use in uses(before)[:2]:
                        with refused("ShapeChangedError", "TestChanging", "value"):
                            use()
                with Slicer(ob.test_changing)[:, "value"] as vw:
                    wanted = values(ob)
                    same(vw.memcache.tolist(), wanted)
                    first = wanted[0][0] if isinstance(value, tuple) else wanted[0]
                    assert vw.format == {float: "f", int: "i", bool: "?"}[type(first)], vw.format
                    ob.test_changing[3].value = (7, 8) if isinstance(value, tuple) else 0
                    wanted = values(ob)
                    vw.refresh()
                    same(vw.memcache.tolist(), wanted)
                    vw.update()
                    same(values(ob), wanted)
                before = entered.enter_context(Slicer(ob.test_changing)[:, "value"])


def test_owner_registered_anew():
    """The class that has the collection: its name is what it was, so the message says that it is another."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Owner", None)
    item = point("TestItem")
    with registered(item), contextlib.ExitStack() as entered:
        before = None
        for _ in range(2):
            top = group("TestTop", items=bpy.props.CollectionProperty(type=item))
            with registered(top, test_top=bpy.props.PointerProperty(type=top)):
                points = ob.test_top.items
                while len(points) < COUNT:
                    points.add()
                if before is not None:
                    for use in uses(before)[:2]:
                        with refused("ShapeChangedError", "another class that was registered as TestTop now", "enter again"):
                            use()
                before = entered.enter_context(Slicer(ob.test_top.items)[:, "weight"])


def test_property_registered_anew():
    """A property of Blender's own type."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Owner", None)
    with registered(test_value=bpy.props.FloatProperty()):
        ob.test_value = 0.5
        with Slicer(ob)["test_value"] as vw, Slicer(bpy.data.objects)[:, "test_value"] as all_of_them:
            del bpy.types.Object.test_value
            for wrapper in (vw, all_of_them):
                for use in uses(wrapper)[:2]:
                    with refused("SupplierLostError", "test_value"):
                        use()
            bpy.types.Object.test_value = bpy.props.IntProperty()
            for wrapper in (vw, all_of_them):
                for use in uses(wrapper)[:2]:
                    with refused("ShapeChangedError", "test_value"):
                        use()
            bpy.types.Object.test_value = bpy.props.FloatProperty()
            ob.test_value = 0.75
            for wrapper in (vw, all_of_them):
                wrapper.refresh()
            assert vw.memcache[()] == 0.75
            fill_memcache(all_of_them.memcache, [0.25] * all_of_them.shape[0])
            all_of_them.update()
            assert ob.test_value == 0.25


def test_node_class_unregistered():
    """Nodes whose class is gone are of the type that Blender gives to unknown ones."""
    from rnaslicer import Slicer
    cls = type("TestNode", (bpy.types.ShaderNodeCustomGroup,),
               {"bl_name": "Test", "bl_label": "Test", "__annotations__": {"amount": bpy.props.FloatProperty()}})
    bpy.utils.register_class(cls)
    try:
        tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
        for i in range(COUNT):
            tree.nodes.new("TestNode").amount = i
        with Slicer(tree.nodes)[:, "amount"] as vw, Slicer(tree.nodes)[:, "location", :] as common:
            bpy.utils.unregister_class(cls)
            for use in uses(vw)[:2]:
                with refused("SlicerError", "amount"):
                    use()
            common.refresh()
            same(common.memcache.tolist(), [list(node.location) for node in tree.nodes])
    finally:
        if "bl_rna" in vars(cls):
            bpy.utils.unregister_class(cls)
