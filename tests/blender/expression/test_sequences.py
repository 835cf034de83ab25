# tests/blender/expression/test_sequences.py: Python sequences of structs: read at their own addresses, written by bpy
import random

import bpy

from support import fill_memcache, flat, random_mesh, random_objects, refused, same

EVERY = slice(None)


def objects(count=30, seed=1):
    return random_objects(random.Random(seed), random_mesh(random.Random(seed), 3, 3, layers=False), count)


def test_values_are_direct():
    """Vectors, flags, enums and what lies behind a pointer; in the sequence's order, also where a struct repeats."""
    from rnaslicer import Slicer
    obs = objects()
    for i, ob in enumerate(obs):
        ob.hide_render = i % 3 == 0
    bpy.context.view_layer.update()
    chosen = [obs[i] for i in (7, 3, 29, 0, 3, 11)]
    for name in ("location", "scale", "rotation_euler", "rotation_quaternion", "hide_render", "show_name", "matrix_world",
                 "pass_index"):
        with Slicer(chosen)[EVERY, name] as vw:
            same(vw.memcache.tolist(), flat_rows(chosen, name), name)
            if name in ("location", "scale", "hide_render", "matrix_world"):
                assert vw.kernel.route == "direct", f"{name} takes the {vw.kernel.route} route"
    with Slicer(chosen)[::-2, "location", "zx"] as vw:
        same(vw.memcache.tolist(), [[ob.location.z, ob.location.x] for ob in chosen[::-2]], "picked")
        assert vw.kernel.route == "direct"


def flat_rows(structs, name):
    def value(struct):
        found = getattr(struct, name)
        if name.startswith("matrix"):
            return [list(row) for row in found]
        return list(found) if hasattr(found, "__len__") else found
    return [value(struct) for struct in structs]


def test_follows_what_bpy_does():
    from rnaslicer import Slicer
    obs = objects()
    with Slicer(obs)[EVERY, "location"] as vw:
        assert vw.kernel.route == "direct"
        obs[4].location = 1, 2, 3
        obs[9].name = "Another"  # re-sorts bpy.data.objects, not the sequence
        bpy.data.objects.new("Extra", None)
        vw.refresh()
        same(vw.memcache.tolist(), flat_rows(obs, "location"), "after changes")
        vw.memcache[2, 1] = 77.0
        vw.update(vw.memcache[2:5])
        assert obs[2].location.y == 77.0
        wanted = [[float(i), i + 0.5, 1.0 - i] for i in range(len(obs))]
        fill_memcache(vw.memcache, flat(wanted))
        vw.update()
        same(flat_rows(obs, "location"), wanted, "written")


def test_undo():
    """Undo gives datablocks new references and other addresses: the sequence's are found again by their uids."""
    from rnaslicer import Slicer
    obs = objects()
    names = [ob.name for ob in obs]
    bpy.ops.ed.undo_push(message="made")
    with Slicer(obs)[EVERY, "location"] as vw:
        before = vw.memcache.tolist()
        fill_memcache(vw.memcache, [3.0] * (3 * len(obs)))
        vw.update()
        bpy.ops.ed.undo_push(message="moved")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before, "undone")
        fill_memcache(vw.memcache, [4.0] * (3 * len(names)))
        vw.update()
        same([list(bpy.data.objects[name].location) for name in names], [[4.0] * 3] * len(names), "written after undo")


def test_one_lost_is_lost():
    """Nothing is read or written when one of them is gone; the others keep their values."""
    from rnaslicer import Slicer
    obs = objects()
    with Slicer(obs)[EVERY, "location"] as vw:
        assert vw.kernel.route == "direct"
        before = [list(ob.location) for ob in obs[:-1]]
        bpy.data.objects.remove(obs.pop())
        fill_memcache(vw.memcache, [5.0] * (3 * (len(obs) + 1)))
        for move in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[:3]), lambda: vw.update(vw.memcache[:3])):
            with refused("SupplierLostError"):
                move()
        same([list(ob.location) for ob in obs], before, "untouched")


def test_structs_of_several_types():
    """Where RNA tells other structs apart bpy's own calls do; what they share is read all the same."""
    from rnaslicer import Slicer
    kinds = ("POINT", "SUN", "SPOT", "AREA")
    lights = [bpy.data.lights.new(kind, kind) for kind in kinds * 3]
    for i, light in enumerate(lights):
        light.energy = 10 + i
    with Slicer(lights)[EVERY, "energy"] as vw:
        same(vw.memcache.tolist(), [light.energy for light in lights], "energy")
        fill_memcache(vw.memcache, [float(i) for i in range(len(lights))])
        vw.update()
        same([light.energy for light in lights], [float(i) for i in range(len(lights))], "written")
    with Slicer(lights[::4])[EVERY, "energy"] as vw:
        same(vw.memcache.tolist(), [light.energy for light in lights[::4]], "of one type")


def test_parts_of_one_datablock():
    """Structs that are no datablocks, by paths of several steps."""
    from rnaslicer import Slicer
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    nodes = [tree.nodes.new("ShaderNodeMath") for _ in range(12)]
    for i, node in enumerate(nodes):
        node.location = i, -i
    chosen = nodes[::2]
    with Slicer(chosen)[EVERY, "location"] as vw:
        same(vw.memcache.tolist(), [list(node.location) for node in chosen], "nodes")
        fill_memcache(vw.memcache, [float(i) for i in range(2 * len(chosen))])
        vw.update()
        same([list(node.location) for node in chosen], [[2.0 * i, 2.0 * i + 1] for i in range(len(chosen))], "written")


def test_the_home_of_many():
    """A sequence is captured by walking bpy's lists once; what is in none of them is refused as before."""
    from rnaslicer import Slicer
    obs, meshes = objects(), [bpy.data.meshes.new(f"Mesh{i}") for i in range(4)]
    mixed = [obs[3], meshes[1], obs[1], meshes[0]]
    with Slicer(mixed)[EVERY, "use_fake_user"] as vw:
        same(vw.memcache.tolist(), [one.use_fake_user for one in mixed], "objects and meshes")
    evaluated = obs[0].evaluated_get(bpy.context.evaluated_depsgraph_get())
    with Slicer([obs[1], evaluated])[EVERY, "location"] as vw:
        same(vw.memcache.tolist(), [list(obs[1].location), list(evaluated.location)], "one evaluated")
        assert vw.readonly
        with refused("ReadOnlyError"):
            vw.update()


def test_what_bpy_computes_when_asked():
    """The texture space of a mesh that nobody has asked for it lies in memory as it was made: bpy computes it into
    there first. Nor is it read where others' was proven."""
    from rnaslicer import Slicer
    rng = random.Random(3)

    def made(name):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(rng.random() * 9, 5, 3), (10, 7 + rng.random() * 9, 0), (0, 1, rng.random() * 9)], [], [(0, 1, 2)])
        return mesh
    meshes = [made(f"Known{i:02}") for i in range(12)]
    for mesh in meshes:
        mesh.use_auto_texspace = False
        mesh.texspace_size = [1 + rng.random() for _ in "xyz"]
        mesh.texspace_location = [rng.random() for _ in "xyz"]
        bpy.data.objects.new(mesh.name, mesh)
    for name in ("texspace_size", "texspace_location"):
        ways = {"sequence": lambda: (list(bpy.data.meshes), (EVERY, name)), "list": lambda: (bpy.data.meshes, (EVERY, name)),
                "pointer": lambda: (bpy.data.objects, (EVERY, "data", name))}
        for way, of in ways.items():
            supplier, subscript = of()
            with Slicer(supplier)[subscript]:
                pass
            fresh = made("Known03x")  # where no sample is taken
            bpy.data.objects.new(fresh.name, fresh)
            supplier, subscript = of()
            with Slicer(supplier)[subscript] as vw:
                found = vw.memcache.tolist()
                data = [ob.data for ob in bpy.data.objects] if way == "pointer" else list(bpy.data.meshes)
                same(found, [list(getattr(mesh, name)) for mesh in data], f"{name} by {way}")
            bpy.data.meshes.remove(fresh)


def test_an_element_that_no_sample_showed():
    """Storage that fails once more after it was looked for anew is left to bpy: never an error that tells of storage."""
    from rnaslicer import Slicer, _core
    from rnaslicer.layout import places
    from rnaslicer.errors import StorageChanged
    obs = objects()

    def gone(*_):
        raise StorageChanged("an element lacks what its values lie behind")
    with Slicer(obs)[EVERY, "location"] as vw:
        assert vw.kernel.route == "direct"
        find, places.Apart.find = places.Apart.find, gone
        _core.forget_trails()  # native code declines
        try:
            obs[5].location = 9, 8, 7
            vw.refresh()
        finally:
            places.Apart.find = find
        same(vw.memcache.tolist(), flat_rows(obs, "location"), "by bpy")
        assert vw.kernel.route == "element"
        vw.update()


def test_structs_without_a_path_are_looked_for_together():
    """Drawings, to which Blender tells no path: all of a list are found in one look, not each in one of its own."""
    import cProfile

    from rnaslicer import Slicer
    data = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils)
    if not hasattr(bpy.types, "GreasePencilDrawing"):
        return
    block = data.new("Drawings")
    for i in range(4):
        layer = block.layers.new(f"L{i}")
        for k in range(30):
            layer.frames.new(k + 1)
    made = [frame for layer in block.layers for frame in layer.frames]  # new ones have moved those before
    for i, frame in enumerate(made):
        frame.drawing.add_strokes([2])
        frame.drawing.attributes["position"].data[0].vector = i, 1, 2

    def calls(some):
        profile = cProfile.Profile()
        profile.enable()
        Slicer([frame.drawing for frame in some])
        profile.disable()
        return sum(entry.callcount for entry in profile.getstats())

    calls(made)
    few, many = calls(made[:60]), calls(made)
    assert many < 3 * few, (few, many)
    mixed = made[::-1] + made[:3]
    with Slicer([frame.drawing for frame in mixed])[:, "attributes", '["position"]', "data", 0, "vector", 0] as vw:
        assert vw.memcache.tolist() == [frame.drawing.attributes["position"].data[0].vector[0] for frame in mixed]
