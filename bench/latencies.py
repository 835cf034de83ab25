# bench/latencies.py: the figures that do not grow with the data: regions, entering, compiling, importing
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import bpy

from measure import alternate


def measure(side):
    """Rows of {'what', 'min', 'median', 'goal'} in seconds; the mesh 'Grid' has side² vertices."""
    return [*regions(), entering(), *cold_kernels(), importing()]


def result(what, seconds, goal):
    return {"what": what, "min": min(seconds), "median": statistics.median(seconds), "goal": goal}


def beyond(what, times, contained, goal):
    """What one way takes beyond another that it contains: best less best, and the median of neighbours' differences."""
    differences = [t - c for t, c in zip(times.runs, contained.runs)]
    return {"what": what, "min": max(0.0, times.best - contained.best), "median": statistics.median(differences),
            "goal": goal}


def regions():
    """1000 rows of the whole; of an update, what it takes beyond bpy's own finishing assignment."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes["Grid"]

    def finishing():
        vertex = mesh.vertices[0]
        vertex.co = vertex.co

    with Slicer(mesh.vertices)[:, "co", :] as vw:
        region = vw.memcache[5000:6000, :]
        times = alternate({"refresh": lambda: vw.refresh(region), "update": lambda: vw.update(region),
                           "finishing": finishing}, rounds=400)
        yield result("refresh of 1000 rows", times["refresh"].runs, 15e-6)
        yield beyond("update of 1000 rows, beyond bpy's finishing assignment", times["update"], times["finishing"], 15e-6)


def entering():
    """Enter and leave with a known kernel, beyond the refresh that it contains."""
    from rnaslicer import Slicer
    mesh = small_mesh()
    vw = Slicer(mesh.vertices)[:, "co", :]

    def enter():
        with vw:
            pass

    with Slicer(mesh.vertices)[:, "co", :] as filled:
        times = alternate({"enter": enter, "fill": filled.refresh}, rounds=400)
    return beyond("enter and leave with a known kernel, beyond filling", times["enter"], times["fill"], 50e-6)


def cold_kernels():
    """Compiling a kernel that neither memory nor disk knows."""
    import rnaslicer
    from rnaslicer import Slicer
    mesh = small_mesh()
    before = rnaslicer.configure()
    rnaslicer.configure(disk_cache=False)
    refresh, update = [], []
    try:
        for swizzle in ("xyz", "zyx", "xx", "zzz", "zx", "y", "xyzx", "yx"):
            rnaslicer.clear_cache(memory=True)
            with Slicer(mesh.vertices)[:, "co", swizzle] as vw:
                vw.update()
                for entry, seconds in ((vw.kernel.refresh, refresh), (vw.kernel.update, update)):
                    if entry.origin == "compiled":
                        seconds.append(entry.compile_seconds)
    finally:
        rnaslicer.configure(disk_cache=before["disk_cache"])
    for what, seconds in (("refresh", refresh), ("update", update)):
        if seconds:
            yield result(f"a cold kernel, {what}", seconds, 4e-3)


def importing():
    """`import rnaslicer` in a fresh interpreter of the same Python, which finds no .pyc files."""
    import rnaslicer
    folder = str(Path(rnaslicer.__file__).resolve().parents[1])
    script = "import time; t = time.perf_counter(); import rnaslicer; print(time.perf_counter() - t)"
    environment = dict(os.environ, PYTHONPATH=folder, PYTHONDONTWRITEBYTECODE="1")
    seconds = []
    with tempfile.TemporaryDirectory() as empty:
        for _ in range(8):
            done = subprocess.run([python(), "-X", f"pycache_prefix={empty}", "-c", script], env=environment, text=True,
                                  capture_output=True, check=True)
            seconds.append(float(done.stdout))
    return result("import rnaslicer, without .pyc files", seconds[1:], 25e-3)  # the first reads them from disk


def python():
    """The interpreter beside Blender's Python; sys.executable can be Blender itself."""
    if "python" in Path(sys.executable).name:
        return sys.executable
    return f"python{sys.version_info[0]}.{sys.version_info[1]}"


def small_mesh():
    mesh = bpy.data.meshes.get("Small") or bpy.data.meshes.new("Small")
    if not mesh.vertices:
        mesh.vertices.add(100)
    return mesh
