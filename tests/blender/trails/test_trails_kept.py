# tests/blender/trails/test_trails_kept.py: layers that a mesh still has as bpy gave them
"""bpy says what is right. `natively` says who did it, `told` that no layer was looked for by its name."""
import random
import unittest

import bpy
import numpy as np

from support import EVERY, VERSION, refused, same, seed
from trail_layers import COUNT, LAYER, SELECT, UNIQUE, fresh, lost, pencil, ring, told, values
from trail_ways import known, natively


def test_layers_of_meshes():
    from rnaslicer import Slicer
    meshes = [ring(i) for i in range(6)]
    same(known(meshes, *LAYER), values(meshes))
    with Slicer(meshes)[LAYER] as vw:
        told(lambda: natively("refresh", vw.refresh), 0, 6)
        meshes[3].attributes["Layer"].data[2].value = 7
        told(lambda: natively("refresh", vw.refresh), 6)
        same(vw.memcache.tolist(), values(meshes))
        np.asarray(vw.memcache)[...] += 1
        natively("update", vw.update)
        same(values(meshes), vw.memcache.tolist())
        vw.refresh()
        told(lambda: natively("refresh", vw.refresh), 6)
        same(vw.memcache.tolist(), values(meshes))


def test_one_of_them():
    """One wrapper on one layer remembers as well."""
    from rnaslicer import Slicer
    mesh = ring()
    known(mesh.attributes["Layer"].data, EVERY, "value")
    with Slicer(mesh.attributes["Layer"].data)[:, "value"] as vw:
        vw.refresh()
        mesh.attributes["Layer"].data[5].value = 9
        told(lambda: natively("refresh", vw.refresh), 1)
        same([vw.memcache.tolist()], values([mesh]))


def test_what_is_listed_elsewhere():
    """Other layers come and go, so that the one that is read is listed at another place, or lies there."""
    from rnaslicer import Slicer
    meshes = [ring(i) for i in range(4)]
    known(meshes, *LAYER)
    with Slicer(meshes)[LAYER] as vw:
        for i in range(30):
            vw.refresh()
            mesh = meshes[i % 4]
            if i % 3:
                mesh.attributes.new(f"Other {i}", "FLOAT", ("POINT", "EDGE")[i % 2])
            else:
                mesh.attributes.remove(mesh.attributes["Layer"])
                fresh(mesh, i)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), values(meshes))


def test_layers_made_anew():
    """Of another type or domain, perhaps at the very place."""
    from rnaslicer import Slicer
    for kind, domain in (("INT", "POINT"), ("FLOAT", "EDGE"), ("BOOLEAN", "EDGE")):
        meshes = [ring(i) for i in range(4)]
        known(meshes, *LAYER)
        with Slicer(meshes)[LAYER] as vw:
            vw.refresh()
            for _ in range(5):
                meshes[2].attributes.remove(meshes[2].attributes["Layer"])
                fresh(meshes[2], 9, "Layer", domain, kind)
                with refused("ShapeChangedError", "Layer"):
                    vw.refresh()
                meshes[2].attributes.remove(meshes[2].attributes["Layer"])
                lost(vw)
                fresh(meshes[2], 5)
                vw.refresh()
                same(vw.memcache.tolist(), values(meshes))


def test_names():
    """A name that moves to another layer, short or long."""
    from rnaslicer import Slicer
    for name in "Layer", "A name that is longer than any that lies in the layer":
        meshes = [ring(i, name) for i in range(4)]
        for mesh in meshes:
            fresh(mesh, 50, "Other")
        items = (*LAYER[:2], f'["{name}"]', *LAYER[3:])
        known(meshes, *items)
        with Slicer(meshes)[items] as vw:
            for _ in range(3):
                vw.refresh()
                vw.refresh()
                same(vw.memcache.tolist(), values(meshes, name))
                meshes[1].attributes[name].name = name.swapcase()  # as long
                lost(vw)
                meshes[1].attributes["Other"].name = name
                vw.refresh()
                same(vw.memcache.tolist(), values(meshes, name))
                meshes[1].attributes[name.swapcase()].name = "Other"


def test_a_namesake_in_another_domain():
    """Blender gives the first of two, where it lets both have the name."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    for own, others in (("EDGE", "POINT"), ("POINT", "EDGE")):
        meshes = [ring(i, domain=own) for i in range(4)]
        for mesh in meshes:
            fresh(mesh, 70, "Other", others)
        known(meshes, *LAYER)
        with Slicer(meshes)[LAYER] as vw:
            vw.refresh()
            vw.refresh()
            meshes[2].attributes["Other"].name = "Layer"
            assert sum(one.name == "Layer" for one in meshes[2].attributes) == 1 or not UNIQUE
            try:
                vw.refresh()
            except SlicerError:
                assert meshes[2].attributes["Layer"].domain != own
                continue
            assert meshes[2].attributes["Layer"].domain == own
            same(vw.memcache.tolist(), values(meshes))


def test_more_than_are_looked_at():
    from rnaslicer import Slicer
    meshes = [ring(i) for i in range(3)]
    known(meshes, *LAYER)
    with Slicer(meshes)[LAYER] as vw:
        vw.refresh()
        for i in range(70):
            meshes[1].attributes.new(f"Other {i}", "FLOAT", "POINT")
        for _ in range(2):
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), values(meshes))


def test_copies_and_evaluated_data():
    """They share the array until one of them is written."""
    from rnaslicer import Slicer
    meshes = [ring(i) for i in range(3)]
    for mesh in meshes:
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("Ring", mesh))
    known(meshes, *LAYER)
    with Slicer(meshes)[LAYER] as vw:
        for i in range(4):
            vw.refresh()
            copies, before = [mesh.copy() for mesh in meshes], values(meshes)
            bpy.context.view_layer.update()
            evaluated = [ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
                         for ob in bpy.context.scene.collection.objects]
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), before)
            meshes[i % 3].attributes["Layer"].data[i].value = -i - 1
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), values(meshes))
            same(values(copies), before)
            same(values(evaluated), before)
            bpy.data.batch_remove(copies)


def test_edit_mode():
    """There the mesh's own layers are stale."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    meshes = [ring(i) for i in range(3)]
    ob = bpy.data.objects.new("Ring", meshes[1])
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    known(meshes, *LAYER)
    with Slicer(meshes)[LAYER] as vw, Slicer(meshes)[SELECT] as flags:
        for _ in range(2):
            vw.refresh()
            flags.refresh()
            bpy.ops.object.mode_set(mode="EDIT")
            try:
                vw.refresh()
            except SlicerError:
                assert len(meshes[1].attributes["Layer"].data) != COUNT
            bpy.ops.mesh.select_all(action="INVERT")
            flags.refresh()
            same(flags.memcache.tolist(), [[one.select for one in mesh.vertices] for mesh in meshes])
            bpy.ops.object.mode_set(mode="OBJECT")
            vw.refresh()
            same(vw.memcache.tolist(), values(meshes))
            flags.refresh()
            same(flags.memcache.tolist(), [[one.select for one in mesh.vertices] for mesh in meshes])


def test_undo():
    from rnaslicer import Slicer
    names = [ring(i).name for i in range(3)]
    for name in names:
        bpy.data.meshes[name].use_fake_user = True
    bpy.ops.ed.undo_push(message="made")

    def meshes():
        return [bpy.data.meshes[name] for name in names]

    known(meshes(), *LAYER)
    with Slicer(meshes())[LAYER] as vw:
        vw.refresh()
        meshes()[1].attributes["Layer"].data[1].value = 55
        bpy.ops.ed.undo_push(message="changed")
        for step in (bpy.ops.ed.undo, bpy.ops.ed.redo) * 2:
            vw.refresh()
            step()
            vw.refresh()
            same(vw.memcache.tolist(), values(meshes()))


def test_at_random():
    """Layers and drawings come, go and change; each refresh that is no error gives bpy's values."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    rng = random.Random(seed())
    meshes = [ring(i) for i in range(5)]
    known(meshes, *LAYER)

    def change(mesh):
        kind, layer = rng.randrange(8), mesh.attributes.get("Layer")
        others = [one.name for one in mesh.attributes if one.name.startswith("Other")]
        if kind == 0 and len(others) < 6:
            mesh.attributes.new(f"Other{rng.randrange(99)}", rng.choice(("FLOAT", "INT")),
                                rng.choice(("POINT", "EDGE")))
        elif kind == 1 and others:
            mesh.attributes.remove(mesh.attributes[rng.choice(others)])
        elif kind == 2 and layer is not None:
            mesh.attributes.remove(layer)
        elif kind == 3 and layer is None:
            fresh(mesh, rng.randrange(9), "Layer", rng.choice(("POINT", "POINT", "EDGE")),
                  rng.choice(("FLOAT", "FLOAT", "INT")))
        elif kind == 4 and layer is not None:
            layer.data[rng.randrange(COUNT)].value = rng.randrange(99)
        elif kind == 5 and others:
            mesh.attributes[rng.choice(others)].name = "Layer"
        elif kind == 6 and layer is not None:
            layer.name = f"Other{rng.randrange(99)}"
        elif kind == 7:
            bpy.data.meshes.remove(mesh.copy())

    def as_entered(mesh):
        layer = mesh.attributes.get("Layer")
        return layer is not None and (layer.data_type, layer.domain) == ("FLOAT", "POINT")

    done = 0
    with Slicer(meshes)[LAYER] as vw:
        for _ in range(600):
            change(rng.choice(meshes))
            if rng.random() < 0.4:  # most often all are as at enter again
                for i, mesh in enumerate(meshes):
                    if not as_entered(mesh):
                        if "Layer" in mesh.attributes:
                            mesh.attributes.remove(mesh.attributes["Layer"])
                        fresh(mesh, i)
            if not all(as_entered(mesh) for mesh in meshes):
                try:
                    vw.refresh()
                except SlicerError:
                    continue
                raise AssertionError("a layer that is another was read")
            vw.refresh()
            done += 1
            same(vw.memcache.tolist(), values(meshes))
    assert done > 100


def test_places_are_tried():
    """Where SDNA and what was learnt do not lead to what bpy lists, nothing is told."""
    from rnaslicer.transfer import kept
    owners = [(ring(), False)] + ([(pencil()[0].drawing, True)] if VERSION >= (4, 3) else [])
    for owner, has_sizes in owners:
        told = kept.tables_of(owner, has_sizes)
        assert told is not None, owner
        kind, tables, layer, places, sizes = told
        wrong = [(kind, tuple(at + 8 for at in tables), layer, tuple(at + 8 for at in places[:1]) + places[1:], sizes)]
        if places:
            at, keys_at, number_at, domain_at = places
            wrong += [(kind, tables, layer, (at, keys_at - 8, number_at, domain_at), sizes),
                      (kind, tables, layer, (at, keys_at, number_at + 8, domain_at), sizes)]
        else:
            wrong.append((kind, tables[:2], layer, places, sizes))  # those of one domain
            owner.attributes.new("Elsewhere", "FLOAT", "CURVE" if has_sizes else "EDGE")
        if has_sizes:
            wrong.append((kind, tables, layer, places, sizes[:1]))
            owner.attributes.new("Of curves", "FLOAT", "CURVE")
        assert kept._is_right(told, owner)
        for one in wrong:
            assert not kept._is_right(one, owner), one


def test_what_is_learnt_leaves_nothing_behind():
    if VERSION < (5, 0):
        raise unittest.SkipTest("SDNA tells all")
    from rnaslicer.transfer import kept
    before = len(bpy.data.meshes)
    found = kept._list()
    for _ in range(3):
        kept._list.cache_clear()
        assert kept._list() == found is not None
    assert len(bpy.data.meshes) == before
