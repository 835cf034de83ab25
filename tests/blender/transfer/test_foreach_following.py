# tests/blender/transfer/test_foreach_following.py: what follows from a foreach_set of vertices' places, whichever way they went
import random

import bpy
import numpy

from support import random_mesh, random_objects
from test_building_derived import begun
from test_foreach import FEW, forget_kinds, nothing_learnt, trails_at_once
from test_foreach_calls import above


def derived(ob):
    """What Blender derives of an object's mesh, at once and evaluated."""
    mesh = ob.data
    layer = bpy.context.view_layer
    found = [list(polygon.normal) for polygon in mesh.polygons], [list(vertex.normal) for vertex in mesh.vertices]
    layer.update()
    return *found, [list(corner) for corner in ob.bound_box], [
        list(vertex.co) for vertex in ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices]


def test_what_follows_from_places():
    """Normals and bounds are those of the new places, however they were given, whether a trail was known or not, and
    whatever was learnt; while the mesh is being built nothing is called."""
    from rnaslicer import foreach_set
    rng = numpy.random.default_rng(5)
    mesh = random_mesh(random.Random(5))
    (ob, *_) = random_objects(random.Random(5), mesh, 1)
    count = len(mesh.vertices)
    for form in (numpy.array, numpy.ndarray.tolist, numpy.float64, lambda values: values.reshape(count, 3),
                 lambda values: numpy.repeat(values, 2)[::2]):
        for enough in (1 << 40, 0):
            forget_kinds()
            with trails_at_once(enough), nothing_learnt():
                for _ in range(2):
                    derived(ob)
                    values = rng.random(3 * count, "f")
                    foreach_set(mesh.vertices, "co", form(values))
                    found = derived(ob)
                    other = bpy.data.objects.new("Other", mesh.copy())
                    bpy.context.scene.collection.objects.link(other)
                    for vertex, place in zip(other.data.vertices, values.reshape(-1, 3)):
                        vertex.co = place.tolist()
                    wanted = derived(other)
                    differ = [i for i, (one, two) in enumerate(zip(found, wanted)) if one != two]
                    assert not differ, (form, enough, differ, str(found[differ[0]])[:200], str(wanted[differ[0]])[:200])
                    bpy.data.objects.remove(other)
    values[:3] = numpy.inf, 1, numpy.nan
    for form in (numpy.array, numpy.ndarray.tolist):
        foreach_set(mesh.vertices, "co", form(values))
        kept = numpy.zeros(3 * count, "f")
        mesh.vertices.foreach_get("co", kept)
        assert numpy.array_equal(kept, values, equal_nan=True)
    for enough in (1 << 40, 0):
        forget_kinds()
        with trails_at_once(enough), nothing_learnt():
            half = begun()
            for form in (numpy.array, numpy.ndarray.tolist):
                foreach_set(half.vertices, "co", form(rng.random(3 * len(half.vertices), "f")))


def test_a_first_write_of_places():
    """From arrays, too, it takes few calls: no trail is looked for as long as little is written."""
    from rnaslicer import foreach_set
    mesh = random_mesh(random.Random(6))
    values = numpy.zeros(3 * len(mesh.vertices), "f")
    mesh.vertices.foreach_get("co", values)
    for form in (numpy.array, numpy.ndarray.tolist, numpy.float64):
        forget_kinds()
        with nothing_learnt(), trails_at_once(1 << 40):
            counts = [above(foreach_set, mesh.vertices.foreach_set, mesh.vertices, "co", form(values)) for _ in range(3)]
        assert max(counts) <= FEW, (form, counts)
