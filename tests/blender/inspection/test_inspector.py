# tests/blender/inspection/test_inspector.py: the add-on's tab without a window: its buttons, texts, and the command line.
import importlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import bpy
import rnaslicer
from rnaslicer import Slicer

EXTENSION = bpy.app.version >= (4, 2)
MODULE = "bl_ext.user_default.rnaslicer_addon" if EXTENSION else "rnaslicer_addon"


def part(name):
    return importlib.import_module(f"{MODULE}.inspector.{name}")


def used(*subscripts):
    """Kernels of a new mesh's positions, and the list that shows them."""
    rnaslicer.configure(jit=True)
    rnaslicer.clear_cache()
    importlib.import_module("rnaslicer.inspection.seen").SEEN.clear()
    mesh = bpy.data.meshes.new("Inspected")
    mesh.from_pydata([(i, 2 * i, 0.5 * i) for i in range(3000)], [], [])
    for subscript in subscripts or (("co",),):
        with Slicer(mesh.vertices)[(slice(None), *subscript)] as vw:
            vw.update()
            signature = vw.kernel.signature
    assert bpy.ops.rnaslicer.refresh_kernels() == {"FINISHED"}
    return signature


def select(signature):
    listed = part("rows").group()
    listed.active = next(i for i, item in enumerate(listed.rows) if item.signature == signature)


def test_the_list():
    signature = used(("co",), ("co", "z"))
    rows = part("rows")
    listed = rows.group()
    found = {item.signature: item for item in listed.rows if item.signature}
    assert signature in found and found[signature].name.endswith("[:, 'co', 'z']"), found[signature].name
    assert found[signature].compiled and "GB/s" in found[signature].rate
    for sort in ("bytes", "rate", "memcpy", "calls", "expression", "time"):
        select(signature)
        listed.sort = sort
        assert listed.rows[listed.active].signature == signature, "another one is chosen after sorting"
    assert rows.verdict.splitlines()[0].endswith("[:, 'co', 'z']"), rows.verdict
    assert not rows.refresh(), "nothing is new"


def test_names_for_narrow_sidebars():
    brief = part("panel").brief
    for expression, expected in (
            ("Slicer(Mesh 'A, b'.vertices, dtype='d')[:, 'co', ('xxx', 'zyx'), :]", "co of vertices"),
            ("Slicer(Object 'O', transform='WORLD')['data', 'vertices', :, 'co', :]", "co of vertices"),
            ("Slicer(Mesh 'M'.loop_triangles)[:, 'vertices', :, Mesh 'M'.vertices, 'co', :]", "co of vertices"),
            ("Slicer(Curve 'P'.splines[0].bezier_points)[:, ('co', 'handle_left'), :]", "co, ... of bezier_points"),
            ("Slicer(Mesh 'M'.attributes[\"x\"].data)[:, 'value']", "value of data"),
            ("Slicer([Object 'O', ...])[:, 'location', 'x']", "location of list"),
            ("Slicer(Scene 'S'.rows)[:, 'x']", "x of rows"),
            ("Slicer(Image 'I'.pixels)[:]", "Slicer(Image 'I'.pixels)[:]"),
            ("f32 x 3, stride 16 to 12", "f32 x 3, stride 16 to 12")):
        assert brief(expression) == expected, brief(expression)


def test_each_view_is_a_text():
    signature = used()
    select(signature)
    for view, words in (("plan", "storage f32"), ("ir", "define void @"), ("asm", "ret"), ("linked", "loop strided")):
        before = set(bpy.data.texts.keys())
        assert bpy.ops.rnaslicer.show_kernel(view=view) == {"FINISHED"}
        (name,) = set(bpy.data.texts.keys()) - before
        assert signature[:8] in name and "Inspected" in name, name
        content = bpy.data.texts[name].as_string()
        assert content.startswith("Slicer(Mesh 'Inspected'.vertices)[:, 'co']") and words in content, content
        bpy.ops.rnaslicer.show_kernel(view=view)
        assert bpy.data.texts[name].as_string() == content, "replaced, not appended"
        assert len(bpy.data.texts) == len(before) + 1


def test_what_was_never_compiled_has_a_plan():
    used()
    mesh = bpy.data.meshes["Inspected"]
    with Slicer(mesh)["texspace_location", :] as vw:
        signature = vw.kernel.signature
    bpy.ops.rnaslicer.refresh_kernels()
    select(signature)
    assert bpy.ops.rnaslicer.show_kernel(view="plan") == {"FINISHED"}
    (text,) = [text.as_string() for text in bpy.data.texts if text.name.startswith("plan")]
    assert "storage f32" in text and "interpreted, for too little was moved" in text, text
    assert not bpy.ops.rnaslicer.compare_kernels.poll()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "k.json")
        assert bpy.ops.rnaslicer.save_kernel(filepath=path) == {"FINISHED"}
        assert json.loads(pathlib.Path(path).read_text())["codes"] == []


def test_a_text_of_the_users_is_not_touched():
    signature = used()
    select(signature)
    bpy.ops.rnaslicer.show_kernel(view="plan")
    name = bpy.data.texts[0].name
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    used()
    mine = bpy.data.texts.new(name)
    mine.write("mine")
    select(signature)
    bpy.ops.rnaslicer.show_kernel(view="plan")
    assert mine.as_string() == "mine" and len(bpy.data.texts) == 2


def test_files_keep_no_view_unless_renamed():
    signature = used()
    select(signature)
    with tempfile.TemporaryDirectory() as folder:
        bpy.ops.rnaslicer.show_kernel(view="plan")
        bpy.ops.rnaslicer.show_kernel(view="ir")
        kept = next(text for text in bpy.data.texts if text.name.startswith("ir"))
        kept.name = mine = "m" * 60  # as long as the old one, whose end Blender leaves in place
        names = set(bpy.data.texts.keys())
        path = os.path.join(folder, "saved.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True, compress=False)
        assert set(bpy.data.texts.keys()) == names, "what was open is open again"
        assert len(part("rows").group().rows), "and listed"
        with bpy.data.libraries.load(path) as (inside, _):
            assert inside.texts == [mine], inside.texts
        data = pathlib.Path(path).read_bytes()
        assert mine.encode() in data, "the file is readable as it is"
        assert data.count(b"Slicer(Mesh") == kept.as_string().count("Slicer(Mesh"), "the list's rows are in the file"


def test_compare_report_and_save():
    one = used(("co", "x"))
    other = used(("co", "x"), ("co", ("xy", "zz")))
    select(one)
    assert bpy.ops.rnaslicer.compare_kernels(other=other) == {"FINISHED"}
    text = next(text for text in bpy.data.texts if text.name.startswith("compare")).as_string()
    assert "[:, 'co', 'x'] (" in text.splitlines()[0] and "('xy', 'zz')" in text.splitlines()[1], text[:300]
    with tempfile.TemporaryDirectory() as folder:
        page, plain, data = (os.path.join(folder, name) for name in ("k.html", "k.txt", "k.json"))
        assert bpy.ops.rnaslicer.kernel_report(filepath=page) == {"FINISHED"}
        assert one in pathlib.Path(page).read_text()
        assert bpy.ops.rnaslicer.save_kernel(filepath=plain) == {"FINISHED"}
        assert "main loop" in pathlib.Path(plain).read_text() or "all of it" in pathlib.Path(plain).read_text()
        assert bpy.ops.rnaslicer.save_kernel(filepath=data) == {"FINISHED"}
        found = json.loads(pathlib.Path(data).read_text())
        assert found["signature"] == one and found["codes"][0]["assembly"], list(found)
        try:
            bpy.ops.rnaslicer.kernel_report(filepath=os.path.join(folder, "no", "such", "folder.html"))
        except RuntimeError as error:
            assert "No such file" in str(error), error
        else:
            raise AssertionError("not refused")


def test_buttons_need_a_kernel():
    rnaslicer.clear_cache()
    seen = importlib.import_module("rnaslicer.inspection.seen").SEEN
    seen.clear()
    bpy.ops.rnaslicer.refresh_kernels()
    assert len(part("rows").group().rows) == 0
    for operator in (bpy.ops.rnaslicer.show_kernel, bpy.ops.rnaslicer.compare_kernels, bpy.ops.rnaslicer.save_kernel):
        assert not operator.poll()
    assert bpy.ops.rnaslicer.kernel_report.poll()
    seen[None, "Slicer(X)['y']"] = "element", "struct"
    bpy.ops.rnaslicer.refresh_kernels()
    (row,) = part("rows").group().rows
    assert (row.name, row.route, row.compiled) == ("Slicer(X)['y']", "element", False)
    assert "one struct's value" in part("rows").verdict, part("rows").verdict
    assert not bpy.ops.rnaslicer.show_kernel.poll()
    seen.clear()


def test_a_kernel_that_is_gone():
    """Cleared while it is listed: the buttons see that, nothing falls over."""
    select(used())
    rnaslicer.clear_cache()
    assert not bpy.ops.rnaslicer.show_kernel.poll()
    part("rows").tick()
    bpy.ops.rnaslicer.refresh_kernels()


def test_command_of_blender():
    if bpy.app.version < (4, 2):
        raise unittest.SkipTest("needs Blender 4.2")
    signature = used()
    for words, expected, code in ((["kernels"], signature, 0), (["show", signature[:9], "--plan"], "storage f32", 0),
                                  (["discover"], "properties of", 0),
                                  (["show", "xyz"], "no kernel on disk begins with 'xyz'", 1), (["nonsense"], "invalid choice", 2)):
        done = subprocess.run([bpy.app.binary_path, "--command", "rnaslicer", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        assert expected in done.stdout, done.stdout
        assert done.returncode == code, (words, done.returncode, done.stdout)
        assert "Traceback" not in done.stdout, done.stdout
