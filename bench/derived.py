# bench/derived.py: more than a copy: gather, transform, normalised, padded rows, changes, beside the same by hand
"""Runs in Blender (`./run bench derived`); options after --: [--json FILE] [--figures FILE] [--small] [-k TEXT]

Ways to do the same run in turns. A ratio is that of best times and, in brackets, the median of the ratios of
neighbours; goals are those of a quiet machine, and what reaches its goal by neither is marked, no failure. `--figures`
writes the table between two markers of a page.
"""
import argparse
import json
import sys
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import Memcpy, alternate, discover, duration, load, machine, median_ratio  # noqa: E402

ALL = slice(None)
ROW = "  {:<58}{:>9}  {:<44}{:>9}{:>14}  {:<9}{}"
BEGIN, END = "<!-- more than a copy -->", "<!-- end of more than a copy -->"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--figures", type=Path, help="the Markdown page that has the markers")
    parser.add_argument("--small", action="store_true", help="10 000 vertices: to try the script itself")
    parser.add_argument("-k", dest="text", default="", help="only cases whose text contains this")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    facts = {"blender": bpy.app.version_string, "machine": machine(), "vertices": (100 if options.small else 1000) ** 2}
    print(f"\n  Blender {facts['blender']}, {facts['machine']}, load {load()}")
    discover(lambda text: print(f"  {text}", flush=True))
    rows = measure(100 if options.small else 1000, options.text)
    facts["load"] = load()
    if options.figures:
        write(options.figures, rows, facts)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({**facts, "rows": rows}, indent=1))


def measure(side, text=""):
    """One row for each comparison; prints them as it goes."""
    print(ROW.format("", "Slicer", "compared with", "", "ratio", "route", "goal"))
    rows = []
    for make in (gather, triangles, transform, normals, byte_colors, weight_bytes, image_bytes, padded, changes):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        for what, view, move, others in make(side):
            if text not in what:
                continue
            times = alternate({"slicer": move, **{name: way for name, (way, _) in others.items()}}, 41, 4.0, drawn=True)
            for name, (_, goal) in others.items():
                ratio = times["slicer"].best / times[name].best
                median = median_ratio(times["slicer"], times[name])
                missed = goal is not None and min(ratio, median) > goal
                rows.append({"what": what, "with": name, "slicer": times["slicer"].best, "other": times[name].best,
                             "ratio": ratio, "median": median, "goal": goal, "route": view.kernel.route})
                print(ROW.format(what, duration(times["slicer"].best), name, duration(times[name].best),
                                 f"{ratio:.2f} ({median:.2f})", view.kernel.route,
                                 "" if goal is None else f"≤ {goal}" + ("  MISSED" if missed else "")),
                      flush=True)
    return rows


# Each yields (what, entered wrapper, way to time, {compared with: (way, goal of the ratio)}).


def grid(side):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=side, y_subdivisions=side)
    return bpy.context.object


def entered(supplier, *items, **settings):
    from rnaslicer import Slicer
    return Slicer(supplier, **settings)[items]


def gather(side):
    mesh = grid(side).data
    index = np.asarray(entered(mesh.loops, ALL, "vertex_index").read())
    co = np.asarray(entered(mesh.vertices, ALL, "co", ALL).read())
    out = np.empty((len(index), 3), "f")
    with entered(mesh.loops, ALL, "vertex_index", mesh.vertices, "co", ALL) as vw:
        yield f"mesh.loops[:, 'vertex_index', mesh.vertices, 'co', :]: {len(index):,}", vw, vw.refresh, {
            "np.take(co, index, axis=0)": (lambda: np.take(co, index, axis=0), 0.35),
            "np.take(…, out=out, mode='clip')": (lambda: np.take(co, index, axis=0, out=out, mode="clip"), None),
            "memcpy of the bytes touched": (Memcpy((index.nbytes + 2 * out.nbytes) // 2), 1.6)}

        def by_hand():
            co[index] = out
            mesh.vertices.foreach_set("co", co.ravel())

        np.take(co, index, axis=0, out=out, mode="clip")
        yield "the same, update", vw, vw.update, {"co[index] = values, foreach_set": (by_hand, None)}


def triangles(side):
    mesh = grid(side).data
    mesh.calc_loop_triangles()
    corner = np.asarray(entered(mesh.loop_triangles, ALL, "vertices", ALL).read())
    co = np.asarray(entered(mesh.vertices, ALL, "co", ALL).read())
    matrix = spun()
    with entered(mesh.loop_triangles, ALL, "vertices", ALL, mesh.vertices, "co", ALL) as vw:
        yield f"mesh.loop_triangles[:, 'vertices', :, mesh.vertices, 'co', :]: {len(corner):,}", vw, vw.refresh, {
            "np.take(co, triangle, axis=0)": (lambda: np.take(co, corner, axis=0), 0.35),
            "memcpy of the bytes touched": (Memcpy((corner.nbytes + 24 * corner.size) // 2), 1.6)}
    with entered(mesh.loop_triangles, ALL, "vertices", ALL, mesh.vertices, "co", ALL, transform=matrix) as vw:
        turn, move = turning(matrix)
        yield "the same with transform=matrix", vw, vw.refresh, {
            "co[triangle] @ M.T + t in float32": (lambda: co[corner] @ turn + move, None)}


def spun():
    """A matrix that turns, scales and moves."""
    from mathutils import Euler, Matrix, Vector
    return Matrix.LocRotScale(Vector((1, 2, 3)), Euler((0.3, 0.2, 0.1)), Vector((1, 2, 0.5)))


def turning(matrix):
    """(M.T, t) in float32."""
    turn = np.array(matrix, "f")
    return np.ascontiguousarray(turn[:3, :3].T), turn[:3, 3]


def transform(side):
    mesh = grid(side).data
    matrix = spun()
    turn, move = turning(matrix)
    co = np.asarray(entered(mesh.vertices, ALL, "co", ALL).read())
    with entered(mesh.vertices, ALL, "co", ALL) as plain, \
            entered(mesh.vertices, ALL, "co", ALL, transform=matrix) as vw, \
            entered(mesh.vertices, ALL, "co", ALL, transform=matrix, dtype="d") as wide:
        yield f"mesh.vertices[:, 'co', :], transform=matrix: {len(co):,}", vw, vw.refresh, {
            "refresh without": (plain.refresh, 1.3),
            "co @ M.T + t in float32": (lambda: co @ turn + move, 0.1)}
        yield "the same as float64", wide, wide.refresh, {
            "co.astype('d') @ M.T + t": (lambda: co.astype("d") @ turn + move, None)}
        # No goal: three products and sums in float64 for each number take 0.6 ns a point, more than a copy within the caches.
        yield "the same, update", vw, vw.update, {"update without": (plain.update, None)}


def normals(side):
    mesh = grid(side).data
    matrix = spun()
    turn = np.ascontiguousarray(np.linalg.inv(turning(matrix)[0].T))
    with entered(mesh.vertices, ALL, "normal", ALL) as plain, \
            entered(mesh.vertices, ALL, "normal", ALL, transform=matrix) as vw:
        normal = np.array(plain.memcache)

        def by_hand():
            turned = normal @ turn
            return turned / np.linalg.norm(turned, axis=1, keepdims=True)

        yield f"mesh.vertices[:, 'normal', :], transform=matrix: {len(normal):,}", vw, vw.refresh, {
            "refresh without": (plain.refresh, None), "n @ inverse, divided by its length": (by_hand, 0.1)}


def byte_colors(side):
    mesh = grid(side).data
    layer = mesh.color_attributes.new("Col", "BYTE_COLOR", "CORNER")
    with entered(layer.data, ALL, "color_srgb", ALL, dtype="B", normalized=True) as vw, \
            entered(layer.data, ALL, "color_srgb", ALL) as floats:
        count = len(layer.data)
        color = np.array(floats.memcache)
        yield f"byte colours [:, 'color_srgb', :] as normalised bytes: {count:,}", vw, vw.refresh, {
            "memcpy of the bytes touched": (Memcpy(4 * count), 1.6),
            "(color * 255).astype('u1')": (lambda: (color * 255).astype("u1"), None)}


def weight_bytes(side):
    mesh = grid(side).data
    layer = mesh.attributes.new("Mask", "FLOAT", "POINT")
    values = np.random.default_rng(1).random(len(layer.data), np.float32)
    layer.data.foreach_set("value", values)
    with entered(layer.data, ALL, "value", dtype="B", normalized=True) as vw:
        yield f"attributes[…].data[:, 'value'] as normalised bytes: {len(values):,}", vw, vw.refresh, {
            "memcpy of the bytes touched": (Memcpy(5 * len(values) // 2), 1.6),
            "(value * 255).astype('u1')": (lambda: (values * 255).astype("u1"), None)}


def image_bytes(side):
    width, height = (3840, 2160) if side >= 1000 else (384, 216)
    image = bpy.data.images.new("Picture", width, height)
    pixels = np.empty(4 * width * height, np.float32)
    with entered(image, "pixels", ALL, ALL, ALL, dtype="B", normalized=True) as vw:
        yield f"byte image {width} × {height} as bytes", vw, vw.refresh, {
            "image.pixels.foreach_get as floats": (lambda: image.pixels.foreach_get(pixels), 1)}
        yield "the same, into a new array", vw, vw.read, {
            "image.pixels.foreach_get into a new array of floats":
                (lambda: image.pixels.foreach_get(np.empty(4 * width * height, np.float32)), 1)}
        yield "the same, update", vw, vw.update, {
            "image.pixels.foreach_set of floats": (lambda: image.pixels.foreach_set(pixels), 1)}


def padded(side):
    ob = grid(side)
    count = len(ob.data.vertices)
    for number in range(4):
        group = ob.vertex_groups.new(name=f"Group {number}")
        group.add(range(0, count, number + 1), 0.25 * number, "REPLACE")
    with entered(ob.data.vertices, ALL, "groups", ALL, "weight", ragged="pad", width=4) as vw, \
            entered(ob.data.vertices, ALL, "groups", ALL, "weight", ragged="flat") as flat:
        lengths, weights = np.diff(np.asarray(flat.offsets)), np.array(flat.memcache)
        real = np.arange(4) < lengths[:, None]

        def by_hand():
            table = np.zeros((count, 4), "f")
            table[real] = weights
            return table

        yield f"weights as ({count:,}, 4), ragged='pad'", vw, vw.refresh, {
            "refresh of ragged='flat'": (flat.refresh, None), "flat weights to a table in NumPy": (by_hand, None)}


def changes(side):
    mesh = grid(side).data
    with entered(mesh.vertices, ALL, "co", ALL) as vw:
        before = np.array(vw.memcache)
        co = np.asarray(vw.memcache)
        yield f"mesh.vertices[:, 'co', :], changes(): {len(co):,}", vw, vw.changes, {
            "refresh": (vw.refresh, 1.6),
            "np.flatnonzero((co != before).any(1))": (lambda: np.flatnonzero((co != before).any(1)), None)}


HEAD = """{begin}
## More than a copy

Written by bench/derived.py (`./run bench derived --figures {version}`) in Blender {blender} on {machine}: {vertices:,} vertices.
Load average of the last minute when it ended: {load}. Ways to do the same run in turns, in an order drawn each time; a ratio
is that of best times, in brackets the median of those of neighbours in time: below 1 Slicer is faster. A goal that neither
reaches: **bold**.

| Slicer | | compared with | | ratio | goal | route |
|---|--:|---|--:|--:|--:|---|
"""


def write(page, rows, facts):
    """The table between the markers of the page, or at its end."""
    lines = [HEAD.format(begin=BEGIN, version="{}.{}".format(*bpy.app.version), **facts)]
    before = None
    for one in rows:
        same, before = one["what"] == before, one["what"]
        goal = "" if one["goal"] is None else f"≤ {one['goal']}"
        goal = f"**{goal}**" if goal and min(one["ratio"], one["median"]) > one["goal"] else goal
        cells = ("" if same else one["what"], "" if same else duration(one["slicer"]), one["with"], duration(one["other"]),
                 f"{one['ratio']:.2f} ({one['median']:.2f})", goal, one["route"])
        lines.append("| " + " | ".join(cells) + " |\n")
    page.write_text(put(page.read_text(encoding="utf-8"), "".join(lines) + END), encoding="utf-8")


def put(text, section):
    if BEGIN in text:
        return text[:text.index(BEGIN)] + section + text[text.index(END) + len(END):]
    return text.rstrip("\n") + "\n\n" + section + "\n"


def kept(page):
    """The section that a page has, with what stands before it."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return "\n" + text[text.index(BEGIN):text.index(END) + len(END)] + "\n" if BEGIN in text else ""


if __name__ == "__main__":
    main()
