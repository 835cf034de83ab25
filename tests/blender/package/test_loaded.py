# tests/blender/package/test_loaded.py: what plain expressions load in a session that has done nothing else
import pathlib
import subprocess

import bpy

SCRIPT = """
import sys, bpy
sys.path.append({path!r})
mesh = bpy.data.meshes.new("m")
mesh.from_pydata([(1, 2, 3), (4, 5, 6), (7, 8, 9)], [], [(0, 1, 2)])
mesh.attributes.new("F", "FLOAT", "POINT")
obs = [bpy.data.objects.new("o", mesh) for _ in range(4)]
bpy.context.scene.collection.objects.link(obs[0])
obs[0].location = 1, 2, 3
for frame in (1, 5):
    obs[0].location.x = frame
    obs[0].keyframe_insert("location", index=0, frame=frame)
action = obs[0].animation_data.action
curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
from rnaslicer import Slicer
def do(supplier, *items):
    with Slicer(supplier)[items] as vw:
        vw.refresh()
        vw.update()
    return vw
def ours():
    return {{name for name in sys.modules if name.partition('.')[0] == 'rnaslicer'}}
Slicer(mesh.vertices)[:, 'co']  # all that is loaded for slicing
before = ours()
do(mesh.vertices, slice(None), 'co')
do(mesh.loops, slice(None), 'vertex_index')
do(mesh.edges, slice(None), 'vertices')
do(mesh.attributes['F'].data, slice(None), 'value')
do(curves[0].keyframe_points, slice(None), 'co')
print('AND', *sorted(ours() - before), 'END')
do(obs, slice(None), 'location')
do(mesh, 'polygons', slice(None), 'vertices')
print('OF THEIR OWN', *sorted(ours() - before), 'END')
"""


def test_plain_expressions_load_nothing_more():
    import rnaslicer

    script = SCRIPT.format(path=str(pathlib.Path(rnaslicer.__file__).parents[1]))
    child = subprocess.run([bpy.app.binary_path, "-b", "--factory-startup", "--python-exit-code", "1", "--python-expr",
                            script], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stdout[-3000:] + child.stderr[-3000:]
    assert "AND END" in child.stdout, child.stdout[-3000:]
    assert "rnaslicer.expression.corners" in child.stdout.partition("OF THEIR OWN")[2], child.stdout[-3000:]
