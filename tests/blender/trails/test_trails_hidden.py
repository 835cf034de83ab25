# tests/blender/trails/test_trails_hidden.py: properties that scripts register for a type and for what that refines
"""getattr finds the type's own; a look-up by name among RNA properties gives the other (hazards.HIDDEN_PROPERTY). What is compared
at each call is the former."""
import bpy

from support import EVERY, refused, same
from trail_ways import counts

NAME = "test_hidden"


def nodes():
    among = bpy.data.node_groups.new("Tree", "ShaderNodeTree").nodes
    return [among.new("ShaderNodeMath") for _ in range(5)]


def meshes():
    for mesh in list(bpy.data.meshes):
        bpy.data.meshes.remove(mesh)
    return [bpy.data.meshes.new(f"Mesh{i}") for i in range(5)]


# name -> (what makes structs, supplier of them, type that is refined, their own)
KINDS = {"list of nodes": (nodes, list, "Node", "ShaderNodeMath"),
         "nodes": (nodes, lambda found: found[0].id_data.nodes, "Node", "ShaderNodeMath"),
         "list of meshes": (meshes, list, "ID", "Mesh"), "meshes": (meshes, lambda _: bpy.data.meshes, "ID", "Mesh")}


def whole(**options):
    return bpy.props.IntProperty(default=7, **options)


def told(structs):
    return [getattr(one, NAME) for one in structs]


class Registered:
    """A property of both types, until the end; of which comes first."""

    def __init__(self, base, own, order):
        self.kinds = [getattr(bpy.types, name) for name in (base, own)]
        for kind in self.kinds[::order]:
            setattr(kind, NAME, whole() if kind is self.kinds[1] else bpy.props.FloatProperty(default=2.5))

    def __enter__(self):
        return self.kinds

    def __exit__(self, *_):
        for kind in self.kinds:
            if NAME in kind.bl_rna.properties:
                try:
                    delattr(kind, NAME)
                except AttributeError:
                    pass  # it is the refined type's


def learnt(supplier):
    from rnaslicer import Slicer
    for _ in range(3):
        with Slicer(supplier)[EVERY, NAME] as vw:
            vw.update()
    before = counts()["enter"][0]
    with Slicer(supplier)[EVERY, NAME]:  # all nodes of a tree go by the routes
        assert counts()["enter"][0] == before + (type(getattr(supplier, "data", None)) is not bpy.types.ShaderNodeTree)


def test_another_type(which):
    """An integer, then a flag or a float: bpy's values are converted to integers without a word."""
    from rnaslicer import Slicer
    make, supplied, *kinds = KINDS[which]
    others = bpy.props.BoolProperty(default=True), bpy.props.FloatProperty(default=1.5)
    for order in (1, -1):
        for other in others:
            structs = make()
            supplier = supplied(structs)
            with Registered(*kinds, order) as (_, own):
                learnt(supplier)
                for one in structs:
                    one.property_unset(NAME)
                with Slicer(supplier)[EVERY, NAME] as vw:
                    setattr(own, NAME, other)
                    for use in (vw.refresh, vw.update, vw.read):
                        with refused("ShapeChangedError"):
                            use()
                for _ in range(3):
                    same(Slicer(supplier)[EVERY, NAME].read().tolist(), told(structs))  # a flag is no number there


test_another_type.cases = {which: (which,) for which in KINDS}


def test_it_comes_and_goes(which):
    """While a wrapper on the refined type's property is entered."""
    from rnaslicer import Slicer
    make, supplied, *kinds = KINDS[which]
    structs = make()
    supplier = supplied(structs)
    with Registered(*kinds, 1) as (_, own):
        delattr(own, NAME)
        learnt(supplier)
        with Slicer(supplier)[EVERY, NAME] as vw:
            same(vw.memcache.tolist(), told(structs))
            for one in structs:
                one.property_unset(NAME)
            setattr(own, NAME, whole())
            with refused("ShapeChangedError"):
                vw.refresh()
            delattr(own, NAME)
            vw.refresh()
            same(vw.memcache.tolist(), [2.5] * 5)
            setattr(own, NAME, bpy.props.FloatProperty(default=4))
            vw.refresh()
            same(vw.memcache.tolist(), [4.0] * 5)


test_it_comes_and_goes.cases = {which: (which,) for which in KINDS}


def test_functions_are_called(which):
    from rnaslicer import Slicer
    make, supplied, *kinds = KINDS[which]
    structs, calls = make(), []
    supplier = supplied(structs)
    with Registered(*kinds, 1) as (_, own):
        learnt(supplier)
        with Slicer(supplier)[EVERY, NAME] as vw:
            setattr(own, NAME, whole(update=lambda one, _: calls.append(one.name)))
            vw.memcache[...] = 9
            vw.update()
            same(sorted(calls), sorted(one.name for one in structs))
            same(told(structs), [9] * 5)


test_functions_are_called.cases = {which: (which,) for which in KINDS}


def test_groups_with_a_number_called_name():
    """All groups have a text of that name; a class may have another property instead."""
    from rnaslicer import Slicer
    group = type("TestHidden", (bpy.types.PropertyGroup,), {"__annotations__": {"name": whole()}})
    bpy.utils.register_class(group)
    bpy.types.Object.test_hidden = bpy.props.CollectionProperty(type=group)
    try:
        ob = bpy.data.objects.new("Owner", None)
        for i in range(9):
            ob.test_hidden.add()["name"] = i
        for _ in range(4):
            with Slicer(ob.test_hidden)[EVERY, "name"] as vw:
                vw.update()
                same(vw.memcache.tolist(), [one.name for one in ob.test_hidden])
        with Slicer(ob.test_hidden)[EVERY, "name"] as vw:
            for one in ob.test_hidden:
                one.property_unset("name")
            group.name = bpy.props.BoolProperty(default=True)
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError"):
                    use()
        for _ in range(3):
            same(Slicer(ob.test_hidden)[EVERY, "name"].read().tolist(), [True] * 9)
    finally:
        del bpy.types.Object.test_hidden
        bpy.utils.unregister_class(group)
