# tests/window/kernels.py: the tab "Kernels" in a real Text Editor: what it shows, by itself, and each of its buttons.
"""As screen.py says. Mouse and clicks are simulated (--enable-event-simulate)."""
import importlib
import json
import pathlib
import sys
import tempfile

import bpy
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from screen import main, shot  # noqa: E402  (needs the path above)

MODULE = next(name for name in bpy.context.preferences.addons.keys() if name.endswith("rnaslicer_addon"))
TAB = (12, 75)  # from the sidebar's upper right corner to the middle of our tab, in pixels; below the tab "Text"


def part(name):
    return importlib.import_module(f"{MODULE}.inspector.{name}")


def window():
    return bpy.context.window_manager.windows[0]


def editor():
    """The largest area, a Text Editor with its sidebar open."""
    area = max(window().screen.areas, key=lambda one: one.width * one.height)
    if area.type != "TEXT_EDITOR":
        area.type = "TEXT_EDITOR"
    area.spaces.active.show_region_ui = True
    return area


def region(kind):
    return next(one for one in editor().regions if one.type == kind)


def here():
    area = editor()
    return bpy.context.temp_override(window=window(), area=area, region=region("WINDOW"), space_data=area.spaces.active)


def click(x, y):
    for dx in (1, 0):
        window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x + dx, y=y)
    yield 0.3
    window().event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
    yield 0.1
    window().event_simulate(type="LEFTMOUSE", value="RELEASE", x=x, y=y)
    yield 0.5


def sidebar(image):
    """The sidebar's part of the screen."""
    side, bottom = region("UI"), image.shape[0] - window().y - region("UI").y
    left = window().x + side.x
    return image[bottom - side.height : bottom, left : left + side.width]


def until(condition, what, seconds=20):
    """Yields until it holds; a loaded machine gets its time."""
    for _ in range(int(seconds / 0.25)):
        if condition():
            return
        yield 0.25
    raise AssertionError(f"never: {what}")


def mesh(name="Windowed", count=5000):
    made = bpy.data.meshes.new(name)
    made.from_pydata([(i, 2 * i, 0.5 * i) for i in range(count)], [], [])
    return made


def move(made, *subscript):
    from rnaslicer import Slicer
    with Slicer(made.vertices)[(slice(None), *subscript)] as vw:
        vw.refresh()
        vw.update()
        return vw.kernel.signature


def warm_up():
    editor()
    yield 1.0
    side = region("UI")
    yield from click(side.x + side.width - TAB[0], side.y + side.height - TAB[1])


def test_without_a_kernel():
    import rnaslicer
    rnaslicer.clear_cache()
    importlib.import_module("rnaslicer.inspection.seen").SEEN.clear()
    with here():
        bpy.ops.rnaslicer.refresh_kernels()
    part("rows").redraw()
    yield from until(lambda: part("rows").drawn > 0, "the tab is drawn")
    assert len(part("rows").group().rows) == 0


def test_the_list_follows_a_script():
    """Nobody asks for it: the timer sees the figures, and the screen shows them."""
    before = sidebar(shot())
    signature = move(mesh(), "co")
    rows = part("rows")
    yield from until(lambda: any(item.signature == signature for item in rows.group().rows), "the kernel is listed")
    yield from until(lambda: rows.drawn > rows._asked, "it is drawn")
    yield 0.5
    after = sidebar(shot())
    assert (abs(after - before).max(axis=2) > 20).sum() > 300, "the screen shows nothing of it"
    calls = rows.verdict
    move(mesh(), "co")
    yield from until(lambda: rows.verdict != calls, "the figures grow")


def test_each_button_opens_its_text():
    for view, words in (("plan", "storage f32"), ("ir", "define void @"), ("asm", "ret"), ("linked", "loop strided")):
        with here():
            assert bpy.ops.rnaslicer.show_kernel("INVOKE_DEFAULT", view=view) == {"FINISHED"}
        text = editor().spaces.active.text
        assert text is not None and text.name.startswith({"asm": "assembly"}.get(view, view)), text
        assert words in text.as_string() and "Slicer(Mesh 'Windowed" in text.as_string().splitlines()[0], view
        yield 0.3
    image = shot()
    area = region("WINDOW")
    bottom = image.shape[0] - window().y - area.y
    lines = image[bottom - area.height : bottom, window().x + area.x + 60 : window().x + area.x + 400].max(axis=2)
    assert (lines.max(axis=1) - lines.min(axis=1) > 80).sum() > 100, "no text is seen in the editor"


def test_compare_report_and_save():
    rows, other = part("rows"), move(mesh("Other"), "co", "xx")
    yield from until(lambda: any(item.signature == other for item in rows.group().rows), "the second is listed")
    own = rows.chosen().signature
    assert own != other
    with here(), tempfile.TemporaryDirectory() as folder:
        assert bpy.ops.rnaslicer.compare_kernels(other=other) == {"FINISHED"}
        assert editor().spaces.active.text.as_string().splitlines()[1].startswith("+ Slicer(Mesh 'Other'")
        page, data = f"{folder}/k.html", f"{folder}/k.json"
        assert bpy.ops.rnaslicer.kernel_report(filepath=page) == {"FINISHED"}
        assert other in pathlib.Path(page).read_text() and own in pathlib.Path(page).read_text()
        assert bpy.ops.rnaslicer.save_kernel(filepath=data) == {"FINISHED"}
        assert json.loads(pathlib.Path(data).read_text())["signature"] == own
    yield 0.3


def test_saving_shows_the_same_text_again():
    with here():
        bpy.ops.rnaslicer.show_kernel(view="linked")
    name = editor().spaces.active.text.name
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/saved.blend"
        with here():
            bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
        with bpy.data.libraries.load(path) as (inside, _):
            assert name not in inside.texts, inside.texts
    assert editor().spaces.active.text.name == name
    yield 0.3


def test_hundreds_of_kernels():
    import rnaslicer._core as core
    rows = part("rows")
    kept = []
    for i in range(300):
        text = ("plan 1\nstorage f32\nvalue f32\nformat f32\n"
                f"loop strided source {16 + 4 * i} cache 4\nlanes\nlane 0 -> 0\n")
        kept.append(core.Kernel(core.Plan(text)))
    yield from until(lambda: len(rows.group().rows) >= 300, "all are listed")
    yield from until(lambda: rows.drawn > rows._asked, "they are drawn")


def contrast():
    """Brightest minus darkest of the sidebar, and its usual brightness."""
    grey = sidebar(shot()).mean(axis=2)
    return np.percentile(grey, 99.5) - np.percentile(grey, 0.5), np.median(grey)


def test_two_themes():
    yield 1.0
    spread, dark = contrast()
    assert spread > 60, f"nothing can be read in the dark theme: {spread}"
    folders = bpy.utils.preset_paths("interface_theme")
    light = next(path for folder in folders for path in pathlib.Path(folder).glob("*ight.xml"))
    bpy.ops.script.execute_preset(filepath=str(light), menu_idname="USERPREF_MT_interface_theme_presets")
    part("rows").redraw()
    yield 1.5
    spread, bright = contrast()
    assert bright > dark + 30, (dark, bright)
    assert spread > 60, f"nothing can be read in the light theme: {spread}"


main(globals())
