# bench/small_given.py: what a caller's own buffer costs: read(out=), write(values), foreach_get and foreach_set
"""A part of `./run bench small` (small.py), in the same u, beside the wrapper's own refresh and update. A field is one of a
structured array of 24 bytes; the bytes touched are those of Blender's memory that are read and all of that array, halved."""
from statistics import median

import numpy as np

from measure import Memcpy, alternate, bytes_touched, counted

SIZES = (64, 2500, 10_000, 1_000_000)
LARGE = 1_000_000  # from here on ratios of times have goals, below the calls' own cost
RATIOS = {"read": 1.05, "field": 1.6, "write": 1.05}  # × refresh, × memcpy, × update
BEYOND = {"read": 4, "write": 5, "read once": 15, "write once": 15}  # u
CALLS = {"read": 6, "write": 10, "read once": 45, "write once": 45}
ABOVE = 10  # counted calls of foreach_get and foreach_set above bpy's own
ENOUGH = 10_000
FIELD = 24  # bytes of a struct
FIELDS = "field × NumPy's"  # own assignment of the same values to the same field
PROPERTIES = ("vertices.co", "vertices.select", "uv_layers[0].data.uv")
ROW = "  {:<10}{:<24}{:>12}{:>18}{:>12}{:>34}{:>18}{:>32}"


def given_rows(scene, cases):
    """A row for each size and property; prints them as it goes. scene, cases: those of small.py."""
    print(ROW.format("size", "a caller's buffer", "read", "field", "write", "read/write, once", "foreach get/set", "calls"))
    print(ROW.format("", "", "× refresh", "× memcpy (NumPy)", "× update", "u beyond", "× bpy's", ""))
    rows = []
    for size in SIZES:
        mesh, curve = scene(size)
        for name, give, prop in cases(mesh, curve):
            if name in PROPERTIES:
                rows.append(measured(size, mesh, name, give, prop))
    return rows


def measured(size, mesh, name, give, prop):
    import rnaslicer
    from rnaslicer import Slicer

    def unit():
        vertices = mesh.vertices
        len(vertices)
        vertices[0].as_pointer()

    def assignments():
        for _ in range(2):
            element = give()[0]
            setattr(element, prop, getattr(element, prop))

    def bpys_set():
        give().foreach_set(prop, flat)
        mesh.update_tag()

    with Slicer(give())[:, prop] as vw:
        out = np.array(vw.memcache)
        flat = out.reshape(-1)
        padded = np.zeros(len(out), {"names": ["of"], "formats": [(out.dtype, out.shape[1:])], "offsets": [4],
                                     "itemsize": FIELD})
        touched = bytes_touched(vw, out)
        ways = {
            "u": unit, "refresh": vw.refresh, "read": lambda: vw.read(out=out), "update": vw.update,
            "write": lambda: vw.write(out), "assignments": assignments, "copy": Memcpy(touched),
            "field": lambda: vw.read(out=padded["of"]), "NumPy's": lambda: padded["of"].__setitem__(slice(None), out),
            "field's copy": Memcpy(touched + (padded.nbytes - out.nbytes) // 2),
            "read once": lambda: Slicer(give())[:, prop].read(out=out),
            "write once": lambda: Slicer(give())[:, prop].write(out),
            "get": lambda: rnaslicer.foreach_get(give(), prop, flat), "bpy's get": lambda: give().foreach_get(prop, flat),
            "set": lambda: rnaslicer.foreach_set(give(), prop, flat), "bpy's set": bpys_set}
        for _ in range(2 + ENOUGH // size):  # the functions look for a trail once so many values were read
            ways["get"]()
        times = alternate(ways, rounds=300 if size < LARGE else 25, seconds=3.0, drawn=True)
        calls = {way: counted(ways[way]) - 1 for way in CALLS}  # without the lambda
        calls["get"] = counted(ways["get"]) - counted(ways["bpy's get"])
        calls["set"] = counted(ways["set"]) - counted(ways["bpy's set"]) + 1  # of update_tag
    return judged(size, name, {way: times[way].runs for way in times}, calls)


def judged(size, name, runs, calls):
    """The row of it, printed. runs: seconds by way; calls: counted ones."""
    def over(way, other):
        return median(a / b for a, b in zip(runs[way], runs[other]))

    def beyond(way):
        others = runs["assignments"] if way.startswith("write") else [0.0] * len(runs["u"])
        return median((all_ - copy - other) / u
                      for u, all_, copy, other in zip(runs["u"], runs[way], runs["copy"], others))

    ratios = {"read": over("read", "refresh"), "field": over("field", "field's copy"), "write": over("write", "update"),
              FIELDS: over("field", "NumPy's")}
    found = {way: beyond(way) for way in BEYOND}
    foreach = {"get": over("get", "bpy's get"), "set": over("set", "bpy's set")}
    missed = ([way for way in RATIOS if ratios[way] > RATIOS[way]] if size >= LARGE
              else [way for way in BEYOND if found[way] > BEYOND[way]])
    missed += [f"calls of {way}" for way in calls if calls[way] > CALLS.get(way, ABOVE)]
    print(ROW.format(f"{size:,}", name, f"{ratios['read']:.2f}", f"{ratios['field']:.2f} ({ratios[FIELDS]:.2f})",
                     f"{ratios['write']:.2f}",
                     " / ".join(f"{found[way]:.1f}" for way in BEYOND), f"{foreach['get']:.2f} / {foreach['set']:.2f}",
                     " / ".join(str(count) for count in calls.values()))
          + (f"  MISSED {', '.join(missed)}" if missed else ""), flush=True)
    return {"size": size, "what": name, "ratios": ratios, "beyond": found, "foreach": foreach, "calls": calls,
            "u": median(runs["u"]), "missed": missed}
