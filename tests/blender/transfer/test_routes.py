# tests/blender/transfer/test_routes.py: which expressions must run a kernel on Blender's own memory, in each Blender
import random

from support import ATTRIBUTES, DOMAINS, EVERY, check_oracle, random_keyframes, random_mesh, random_objects


def assert_direct(supplier, subscript, **options):
    """The values are right and come straight from memory: proven by their route, not by their speed."""
    _, route = check_oracle(supplier, subscript, **options)
    assert route == "direct", f"{supplier}{subscript} takes the {route} route"


def mesh():
    return random_mesh(random.Random(1))


def test_positions():
    m = mesh()
    for subscript in ((EVERY, "co", EVERY), (EVERY, "co", "z"), (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY),
                      (slice(10, 100, 3), "co", slice(None, None, -1)), ([3, 99, 3], "co")):
        assert_direct(m.vertices, subscript)
    assert_direct(m.vertices, (EVERY, "co"), dtype="d")


def test_topology():
    m = mesh()
    assert_direct(m.edges, (EVERY, "vertices", EVERY))
    assert_direct(m.loops, (EVERY, "vertex_index"))
    assert_direct(m.polygons, (EVERY, "loop_start"))


def test_uv():
    assert_direct(mesh().uv_layers["UV"].data, (EVERY, "uv"))


def test_attributes(data_type):
    m = mesh()
    for domain in DOMAINS:
        assert_direct(m.attributes[f"{data_type}_{domain}"].data, (EVERY, ATTRIBUTES[data_type][0]))


# BYTE_COLOR waits for the table of sRGB values; BOOLEAN and INT8 have no declared storage in 3.4.
test_attributes.cases = {t: (t,) for t in ATTRIBUTES if t in ("FLOAT", "INT", "BOOLEAN", "FLOAT_VECTOR", "FLOAT_COLOR",
                                                              "FLOAT2", "INT32_2D", "QUATERNION", "FLOAT4X4")}


def test_bulk_at_least():
    """Where no declared storage is to be had: still never element by element."""
    _, curve = random_keyframes(random.Random(2))
    ob = random_objects(random.Random(4), random_mesh(random.Random(3), layers=False), 1)[0]
    ob.shape_key_add(name="Basis")
    for supplier, name in ((curve.keyframe_points, "co"), (ob.shape_key_add(name="Key").data, "co"),
                           (ob.data.vertices, "select"), (ob.data.polygons, "use_smooth")):
        _, route = check_oracle(supplier, (EVERY, name))
        assert route in ("direct", "foreach"), (name, route)


def test_computed_values_are_not_direct():
    """polygons.normal is recomputed by bpy at each call: a direct route could not be right."""
    m = mesh()
    for name in ("normal", "center", "area"):
        _, route = check_oracle(m.polygons, (EVERY, name))
        assert route in ("foreach", "element"), (name, route)


def test_the_report_tells_route_storage_and_proof():
    from rnaslicer import discovery
    m = mesh()
    assert_direct(m.vertices, (EVERY, "select"))
    _, route = check_oracle(m.polygons, (EVERY, "area"))
    session = {(row[0], row[2]): row[3:] for row in discovery.report().session}
    route, layout, proof = session["Mesh.vertices", "select"]
    assert route == "direct" and "b1" in layout and ".select_vert" in layout and proof, (route, layout, proof)
    assert session["Mesh.polygons", "area"][0] == "foreach", session["Mesh.polygons", "area"]
    assert "Mesh.vertices[].select" in str(discovery.report())
