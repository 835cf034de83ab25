# bench/scenes/geometry.py: tasks on meshes: a scene's export, a character, a head, a very large mesh
import bpy
import numpy as np
from rnaslicer import Slicer

from task import Task

# ---- the export of a scene


def scene(small):
    """Objects with meshes of their own, in a row of places."""
    side, row = (4, 5) if small else (8, 9)
    objects = []
    for number in range(20 if small else 2000):
        mesh = bpy.data.meshes.new("Part")
        mesh.from_pydata([(x, y, 0.1 * (x * y % 5) + number % 3) for y in range(row) for x in range(row)], [],
                         [(i, i + 1, i + row + 1, i + row) for i in range(side * row) if i % row != side])
        mesh.uv_layers.new(name="UV").data.foreach_set("uv", np.random.default_rng(number).random(
            2 * len(mesh.loops), np.float32))
        for _ in range(3):
            mesh.materials.append(None)
        mesh.polygons.foreach_set("material_index", np.arange(len(mesh.polygons), dtype=np.int32) % 3)
        mesh.update()
        mesh.calc_loop_triangles()
        ob = bpy.data.objects.new("Part", mesh)
        ob.location, ob.rotation_euler.z = (number % 40, number // 40, 0), 0.1 * number
        bpy.context.collection.objects.link(ob)
        objects.append(ob)
    bpy.context.view_layer.update()
    return objects


def export_by_loop(objects):
    positions, normals, uvs, materials, triangles = [], [], [], [], []
    for ob in objects:
        mesh, matrix = ob.data, ob.matrix_world
        turn = matrix.to_3x3().inverted().transposed()
        first = len(positions)
        for vertex in mesh.vertices:
            positions.append((matrix @ vertex.co)[:])
            normals.append((turn @ vertex.normal).normalized()[:])
        uvs += [corner.uv[:] for corner in mesh.uv_layers.active.data]
        materials += [polygon.material_index for polygon in mesh.polygons]
        triangles += [[first + i for i in triangle.vertices] for triangle in mesh.loop_triangles]
    return [np.array(part) for part in (positions, normals, uvs, materials, triangles)]


def export_by_hand(objects):
    parts, first = [[] for _ in range(5)], 0
    for ob in objects:
        mesh, matrix = ob.data, np.array(ob.matrix_world)
        count = len(mesh.vertices)
        co, normal = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
        _positions(mesh).foreach_get(_positions_name(mesh), co.ravel())
        mesh.vertex_normals.foreach_get("vector", normal.ravel())
        uv = np.empty((len(mesh.loops), 2), np.float32)
        uvs = mesh.uv_layers.active
        (uvs.uv if hasattr(uvs, "uv") else uvs.data).foreach_get("vector" if hasattr(uvs, "uv") else "uv", uv.ravel())
        material = np.empty(len(mesh.polygons), np.int32)
        if "material_index" in mesh.attributes:
            mesh.attributes["material_index"].data.foreach_get("value", material)
        else:
            mesh.polygons.foreach_get("material_index", material)
        triangle = np.empty((len(mesh.loop_triangles), 3), np.int32)
        mesh.loop_triangles.foreach_get("vertices", triangle.ravel())
        turned = normal @ np.linalg.inv(matrix[:3, :3])
        parts[0].append(co @ matrix[:3, :3].T + matrix[:3, 3])
        parts[1].append(turned / np.linalg.norm(turned, axis=1, keepdims=True))
        parts[2].append(uv)
        parts[3].append(material)
        parts[4].append(triangle + first)
        first += count
    return [np.concatenate(part) for part in parts]


def _positions(mesh):
    return mesh.attributes["position"].data if "position" in mesh.attributes else mesh.vertices


def _positions_name(mesh):
    return "vector" if "position" in mesh.attributes else "co"


EVERY = slice(None)


def export_views(objects):
    def of(*steps, **settings):
        return Slicer(objects, ragged="flat", **settings)[(EVERY, "data", *steps)]
    return (of("vertices", EVERY, ("co", "normal"), EVERY, transform="WORLD"), of("uv_layers", 0, "data", EVERY, "uv"),
            of("polygons", EVERY, "material_index"), of("loop_triangles", EVERY, "vertices"))


def export_work(_, vertices, uvs, materials, triangles):
    first = np.repeat(np.asarray(vertices.offsets)[:-1], np.diff(np.asarray(triangles.offsets)))
    both = np.asarray(vertices.memcache)
    return [both[:, 0], both[:, 1], np.asarray(uvs.memcache), np.asarray(materials.memcache),
            np.asarray(triangles.memcache) + first[:, None]]


# ---- the weights of a character

def character(small):
    count = 300 if small else 50_000
    mesh = bpy.data.meshes.new("Character")
    mesh.vertices.add(count)
    ob = bpy.data.objects.new("Character", mesh)
    bpy.context.collection.objects.link(ob)
    for number in range(4):
        group = ob.vertex_groups.new(name=f"Bone {number}")
        group.add(range(count), 0.1 + 0.2 * number, "REPLACE")
    return mesh


def weights_by_loop(mesh):
    table = np.array([[entry.weight for entry in vertex.groups] for vertex in mesh.vertices])
    table = 1 - table
    for vertex, row in zip(mesh.vertices, table.tolist()):
        for entry, weight in zip(vertex.groups, row):
            entry.weight = weight


def weights_views(mesh):
    return (Slicer(mesh.vertices)[:, "groups", :, "weight"],)


def weights_work(_, vw):
    np.subtract(1, vw.memcache, out=np.asarray(vw.memcache))
    vw.update()


def weights_written(mesh):
    return [np.array([[entry.weight for entry in vertex.groups] for vertex in mesh.vertices])]


# ---- 40 shape keys

def head(small):
    count = 100 if small else 20_000
    mesh = bpy.data.meshes.new("Head")
    mesh.vertices.add(count)
    rng = np.random.default_rng(1)
    mesh.vertices.foreach_set("co", rng.random(3 * count, np.float32))
    ob = bpy.data.objects.new("Head", mesh)
    bpy.context.collection.objects.link(ob)
    for number in range(40):
        ob.shape_key_add(name=f"Key {number}").data.foreach_set("co", rng.random(3 * count, np.float32))
    return mesh


def keys_by_loop(mesh):
    keys = mesh.shape_keys.key_blocks
    base = [tuple(point.co) for point in keys[0].data]
    for key in keys[1:]:
        for point, rest in zip(key.data, base):
            x, y, z = point.co
            point.co = [(a + b) / 2 for a, b in zip((x, y, z), rest)]


def _points(key):
    return key.points if hasattr(key, "points") else key.data


def keys_by_hand(mesh):
    keys = mesh.shape_keys.key_blocks
    co = np.empty((len(keys), len(mesh.vertices), 3), np.float32)
    for key, row in zip(keys, co):
        _points(key).foreach_get("co", row.ravel())
    co[1:] = (co[1:] + co[0]) / 2
    for key, row in zip(keys[1:], co[1:]):
        _points(key).foreach_set("co", row.ravel())
    mesh.update()


def keys_views(mesh):
    return (Slicer(mesh.shape_keys.key_blocks)[:, "data", :, "co", :],)


def keys_work(_, vw):
    co = np.asarray(vw.memcache)
    co[1:] = (co[1:] + co[0]) / 2
    vw.update(vw.memcache[1:])


def keys_written(mesh):
    return [np.array([[tuple(point.co) for point in key.data] for key in mesh.shape_keys.key_blocks])]


# ---- ten million vertices

def large(small):
    count = 1000 if small else 10_000_000
    mesh = bpy.data.meshes.new("Large")
    mesh.vertices.add(count)
    co = np.random.default_rng(1).random((count, 3), np.float32)
    _positions(mesh).foreach_set(_positions_name(mesh), co.ravel())
    mesh.update()
    return mesh


def raised_by_loop(mesh):
    vertices = mesh.vertices
    for i in range(max(1, len(vertices) // 100)):
        vertices[i].co.z += 0.25


def raised_by_hand(mesh):
    co = np.empty((len(mesh.vertices), 3), np.float32)
    _positions(mesh).foreach_get(_positions_name(mesh), co.ravel())
    co[:, 2] += 0.25
    _positions(mesh).foreach_set(_positions_name(mesh), co.ravel())
    mesh.update()


def raised_views(mesh):
    return (Slicer(mesh.vertices)[:, "co", "z"],)


def raised_work(_, vw):
    z = np.asarray(vw.memcache)
    z += 0.25
    vw.update()


def raised_written(mesh):
    return [np.array([tuple(mesh.vertices[i].co) for i in range(max(1, len(mesh.vertices) // 100))])]


def selected_by_loop(mesh):
    vertices = mesh.vertices
    for i in range(max(1, len(vertices) // 100)):
        vertices[i].select = vertices[i].co.z > 0.5


def selected_by_hand(mesh):
    co = np.empty((len(mesh.vertices), 3), np.float32)
    _positions(mesh).foreach_get(_positions_name(mesh), co.ravel())
    chosen = co[:, 2] > 0.5
    if bpy.app.version >= (4, 0):
        layer = mesh.attributes.get(".select_vert") or mesh.attributes.new(".select_vert", "BOOLEAN", "POINT")
        layer.data.foreach_set("value", chosen)
    else:
        mesh.vertices.foreach_set("select", chosen)
    mesh.update()


def selected_views(mesh):
    return Slicer(mesh.vertices)[:, "co", "z"], Slicer(mesh.vertices)[:, "select"]


def selected_work(_, z, select):
    np.greater(z.memcache, 0.5, out=np.asarray(select.memcache))
    select.update()


def selected_written(mesh):
    return [np.array([mesh.vertices[i].select for i in range(max(1, len(mesh.vertices) // 100))])]


TASKS = (
    Task("export of 2000 objects, world space", scene, export_by_loop, export_views, export_work, export_by_hand),
    Task("200 000 weights, in and out", character, weights_by_loop, weights_views, weights_work, None, weights_written),
    Task("40 shape keys of 20 000 points, in and out", head, keys_by_loop, keys_views, keys_work, keys_by_hand, keys_written),
    Task("10 million vertices raised", large, raised_by_loop, raised_views, raised_work, raised_by_hand, raised_written, 100),
    Task("10 million vertices selected by height", large, selected_by_loop, selected_views, selected_work, selected_by_hand,
         selected_written, 100),
)
