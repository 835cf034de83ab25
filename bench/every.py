# bench/every.py: a case for each property that must be direct, with its data at full size
"""Yields `Case`s; each group makes its own data in the open file and leaves it there."""
from dataclasses import dataclass
from typing import Callable, Optional

import bpy
import numpy as np

RNG = np.random.default_rng(1)
KEYS, ELEMENTS, BONES, NODES, PARTICLES = 1_000_000, 10_000, 2_000, 500, 100_000
RAW = {"FLOAT": np.float32, "INT": np.int32, "ENUM": np.int32, "BOOLEAN": np.bool_}
# Multiples of foreach with a matching buffer that issue 3 saw room for; two thirds of them are the goal.
ROOM = {"vertices.co": 50, "vertices.normal": 85, "edges.vertices": 150, "loops.vertex_index": 300, "uv_layers[0].data.uv": 40,
        "polygons.material_index": 500, "vertices.select": 2000, "vertex_colors['Col'].data.color": 25,
        "key_blocks[1].data.co": 110, "keyframe_points.co": 50, "vertices.co as float64": 90}
# What bpy works out at each call, the grid's own places and (3.4) a unit vector: held to foreach, not to memcpy.
COMPUTED = {("lattice.points.co", "refresh"), ("loops.normal", "update")}
TYPES = {"FLOAT": "value", "INT": "value", "BOOLEAN": "value", "FLOAT_VECTOR": "vector", "FLOAT_COLOR": "color",
         "BYTE_COLOR": "color", "FLOAT2": "vector", "INT8": "value", "INT16_2D": "value", "INT32_2D": "value",
         "QUATERNION": "value", "FLOAT4X4": "value"}


@dataclass
class Case:
    """One property of one collection; `dtype` is the Slicer's and that of foreach's buffer."""

    text: str
    collection: Callable
    name: str
    dtype: Optional[str] = None

    @property
    def room(self):
        """What issue 3 saw room for, or None."""
        return ROOM.get(self.text)

    def computed(self, direction):
        """Whether bpy does more than to copy."""
        return (self.text, direction) in COMPUTED

    def buffer(self, cache):
        """As many values as foreach moves, in a buffer that it need not convert: it wants the stored type."""
        prop = self.collection()[0].bl_rna.properties[self.name]
        for dtype in (self.dtype or RAW[prop.type], np.uint8, np.int8, np.int32):
            buffer = np.empty(cache.size, dtype)
            try:
                self.collection().foreach_get(self.name, buffer)
                if not prop.is_readonly:
                    self.collection().foreach_set(self.name, buffer)
                return buffer
            except TypeError:
                continue
        raise TypeError(f"foreach takes no buffer for {self.text}")

    def loop(self, cache):
        """The assignment loop of a script that has the values in an array."""
        values = cache.swapaxes(1, 2) if cache.ndim == 3 else cache  # of matrices bpy takes lists by columns
        names = {"collection": self.collection, "values": values}
        exec("def every():\n"  # setattr would be slower
             "    for element, value in zip(collection(), values.tolist()):\n"
             f"        element.{self.name} = value\n", names)
        return names["every"]

    def finishing(self, settles):
        """bpy's own part of an update: the value of one element assigned to itself before and after; then
        `Mesh.update` where that is what makes Blender notice."""
        coll, name = self.collection(), self.name
        owner = coll.id_data

        def twice():
            for _ in range(2):
                element = self.collection()[0]
                setattr(element, name, getattr(element, name))
            if settles:
                owner.update()
        return twice


def of(text, collection, *names):
    """Cases of a collection; a name may be (name, what to call it)."""
    for name in names:
        yield Case(f"{text}.{name}", collection, name)


def cases(side):
    """All cases, for meshes of side² vertices; fewer elements of the rest where the side is small."""
    part = side / 1000
    mesh = bpy.context.object.data
    for group in (lambda: of_mesh(mesh), lambda: of_layers(mesh), lambda: of_shape_keys(bpy.context.object),
                  lambda: of_keys(int(KEYS * part)), lambda: of_curves(int(KEYS * part)), lambda: of_hair(int(KEYS * part)),
                  lambda: of_objects(int(ELEMENTS * part)), lambda: of_bones(int(BONES * part)),
                  lambda: of_nodes(int(NODES * part)), lambda: of_particles(int(PARTICLES * part))):
        try:
            yield from group()
        except (AttributeError, TypeError, RuntimeError) as error:  # this Blender has no such data
            print(f"  left out: {error}")


def of_mesh(mesh):
    for elements, names in (("vertices", ("select", "hide")), ("edges", ("select", "hide", "use_seam", "use_edge_sharp")),
                            ("polygons", ("select", "hide", "use_smooth", "material_index"))):
        coll = getattr(mesh, elements)
        for name in names:
            whole = name == "material_index"
            coll.foreach_set(name, RNG.integers(0, 3, len(coll), np.int32) if whole else RNG.random(len(coll)) < 0.5)
    mesh.calc_loop_triangles()
    if hasattr(mesh, "calc_normals_split"):  # 3.4; later there always
        mesh.calc_normals_split()
    for elements, names in (("vertices", ("co", "normal", "select", "hide")),
                            ("edges", ("vertices", "select", "hide", "use_seam", "use_edge_sharp")),
                            ("polygons", ("loop_start", "loop_total", "material_index", "use_smooth", "select", "hide")),
                            ("loops", ("vertex_index", "edge_index", "normal")),
                            ("loop_triangles", ("vertices", "loops", "polygon_index"))):
        yield from of(elements, lambda e=elements: getattr(mesh, e), *names)
    yield Case("vertices.co as float64", lambda: mesh.vertices, "co", "d")


def of_layers(mesh):
    yield from of("uv_layers[0].data", lambda: mesh.uv_layers[0].data, "uv")
    if hasattr(mesh.uv_layers[0], "uv"):
        yield from of("uv_layers[0].uv", lambda: mesh.uv_layers[0].uv, "vector")
    yield from of("vertex_colors['Col'].data", lambda: mesh.vertex_colors["Col"].data, "color")
    for kind, domain in (("BYTE_COLOR", "CORNER"), ("FLOAT_COLOR", "CORNER")):
        colors = mesh.color_attributes.new(f"Bench {kind}", kind, domain)
        colors.data.foreach_set("color", RNG.random(4 * len(colors.data), np.float32))
        names = ("color", "color_srgb") if kind == "BYTE_COLOR" else ("color",)
        yield from of(f"color_attributes[{kind}].data", lambda n=colors.name: mesh.color_attributes[n].data, *names)
        mesh.attributes.remove(mesh.attributes[f"Bench {kind}"])
    for kind, domain in [(kind, "POINT") for kind in TYPES] + [("FLOAT", "CORNER"), ("BOOLEAN", "CORNER")]:
        try:
            mesh.attributes.new("Bench", kind, domain)
        except TypeError:
            print(f"  left out: no attributes of type {kind}")
            continue
        fill(mesh.attributes["Bench"].data, TYPES[kind])
        yield from of(f"attributes[{kind} {domain}].data", lambda: mesh.attributes["Bench"].data, TYPES[kind])
        mesh.attributes.remove(mesh.attributes["Bench"])


def fill(data, name):
    prop = data[0].bl_rna.properties[name]
    n = len(data) * max(1, prop.array_length)
    data.foreach_set(name, {"FLOAT": lambda: RNG.random(n, np.float32), "BOOLEAN": lambda: RNG.random(n) < 0.5,
                            "INT": lambda: RNG.integers(-100, 100, n, np.int32)}[prop.type]())


def of_shape_keys(ob):
    ob.shape_key_add(name="Basis")
    ob.shape_key_add(name="Key")
    blocks = ob.data.shape_keys.key_blocks
    yield from of("key_blocks[1].data", lambda: ob.data.shape_keys.key_blocks[1].data, "co")
    if hasattr(blocks[1], "points"):
        yield from of("key_blocks[1].points", lambda: ob.data.shape_keys.key_blocks[1].points, "co")
    ob.shape_key_clear()


def of_keys(count):
    import scene
    ob = bpy.data.objects.new("Animated", None)
    bpy.context.scene.collection.objects.link(ob)
    curve = scene.keyframes(ob, count)
    yield from of("keyframe_points", lambda: curve.keyframe_points, "co", "handle_left", "handle_right", "handle_left_type",
                  "handle_right_type", "interpolation", "easing", "type", "select_control_point", "select_left_handle",
                  "select_right_handle")


def of_curves(count):
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.dimensions = "3D"
    for kind in ("BEZIER", "NURBS"):
        spline = curve.splines.new(kind)
        points = spline.bezier_points if kind == "BEZIER" else spline.points
        points.add(count - len(points))
    fill(curve.splines[0].bezier_points, "co")
    fill(curve.splines[1].points, "co")
    yield from of("bezier_points", lambda: curve.splines[0].bezier_points, "co", "handle_left", "handle_right", "radius", "tilt",
                  "weight_softbody", "select_control_point", "hide")
    yield from of("points", lambda: curve.splines[1].points, "co", "radius", "tilt", "weight", "weight_softbody", "select", "hide")
    bpy.data.curves.remove(curve)
    lattice = bpy.data.lattices.new("Lattice")
    lattice.points_u = lattice.points_v = lattice.points_w = 64 if count > 100_000 else 16
    yield from of("lattice.points", lambda: lattice.points, "co_deform", "co", "select")


def of_hair(count):
    curves = bpy.data.hair_curves.new("Hair")
    if hasattr(curves, "add_curves"):
        curves.add_curves([8] * (count // 8))
        fill(curves.points, "position")
        yield from of("hair points", lambda: curves.points, "position", "radius")
    cloud = bpy.data.pointclouds.new("Points")
    cloud.resize(count)
    fill(cloud.points, "co")
    yield from of("cloud points", lambda: cloud.points, "co", "radius")


def of_objects(count):
    import scene
    scene.objects(count)
    yield from of("bpy.data.objects", lambda: bpy.data.objects, "location", "rotation_euler", "rotation_quaternion", "scale",
                  "hide_render", "hide_select", "show_name", "matrix_world")


def of_bones(count):
    armature = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", armature)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(count):
        bone = armature.edit_bones.new(f"Bone{i:05d}")
        bone.tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    yield from of("pose.bones", lambda: rig.pose.bones, "location", "rotation_quaternion", "rotation_euler", "scale", "matrix")


def of_nodes(count):
    tree = bpy.data.node_groups.new("Nodes", "ShaderNodeTree")
    for i in range(count):
        tree.nodes.new("ShaderNodeMath").location = (i, -i)
    yield from of("nodes", lambda: tree.nodes, "location")


def of_particles(count):
    mesh = bpy.data.meshes.new("Emitter")
    mesh.from_pydata([(0, 0, 0), (3, 0, 0), (3, 3, 1), (0, 3, 0)], [], [(0, 1, 2, 3)])
    ob = bpy.data.objects.new("Emitter", mesh)
    bpy.context.scene.collection.objects.link(ob)
    ob.modifiers.new("Particles", "PARTICLE_SYSTEM")
    settings = ob.particle_systems[-1].settings
    settings.count, settings.frame_start, settings.frame_end, settings.lifetime = count, 1, 2, 200
    bpy.context.scene.frame_set(3)
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    yield from of("particles (evaluated)", lambda: evaluated.particle_systems[0].particles, "location", "velocity", "size",
                  "is_exist")
