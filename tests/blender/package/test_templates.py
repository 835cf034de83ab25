# tests/blender/package/test_templates.py: the recipes of the Text Editor's menu run as they stand, and do what
# their loops do.
import importlib
import pathlib

import bpy
import numpy as np
from test_addon import MODULE, FakeLayout

FOLDER = pathlib.Path(importlib.import_module(MODULE).__file__).parent / "templates"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))

# What a recipe that writes has written; those that are missing here only read.
WRITTEN = {
    "move_vertices": lambda mesh: [tuple(v.co) for v in mesh.vertices],
    "image_to_bytes_and_back": lambda image: list(image.pixels),
    "fill_an_fcurve": lambda curve, values: [(*key.co, *key.handle_left, *key.handle_right, key.interpolation)
                                             for key in curve.keyframe_points],
    "uv_from_positions": lambda mesh: [tuple(corner.uv) for corner in mesh.uv_layers.active.data],
}
ROUNDED = {"world_positions_of_objects"}  # mathutils and NumPy multiply in another order


def opened(name):
    """The names that a recipe defines, run as the Text Editor runs it."""
    before = set(bpy.data.texts)
    bpy.ops.text.open(filepath=str(FOLDER / (name + ".py")), internal=True)
    (text,) = set(bpy.data.texts) - before
    assert not text.filepath and text.name == name + ".py", text
    names = {"__name__": "__main__"}
    exec(compile(text.as_string(), text.name, "exec"), names)
    return names


def test_recipe(name):
    recipe = opened(name)
    looped, sliced = recipe["example"](), recipe["example"]()
    before = WRITTEN[name](*looped) if name in WRITTEN else None
    expected, found = recipe["by_loop"](*looped), recipe["by_slicer"](*sliced)
    if name in WRITTEN:
        assert WRITTEN[name](*sliced) == WRITTEN[name](*looped) != before
    else:
        assert expected is not None
    if expected is None or isinstance(expected, bytes):
        assert found == expected
    else:
        assert found.shape == np.shape(expected)
        assert len(np.unique(found)) > 5, "the example is too plain"
        np.testing.assert_allclose(found, expected, rtol=1e-6 if name in ROUNDED else 0,
                                   atol=1e-6 if name in ROUNDED else 0)


test_recipe.cases = {name: (name,) for name in NAMES}


def test_there_are_recipes():
    assert len(NAMES) >= 8 and set(WRITTEN) | ROUNDED <= set(NAMES), NAMES


class FakeMenu:
    def __init__(self):
        self.layout, self.paths = FakeLayout([]), None

    def path_menu(self, paths, operator, *, props_default, filter_ext):
        found = [path for folder in paths for path in pathlib.Path(folder).iterdir()]
        self.paths = [path.name for path in found if filter_ext(path.suffix)]
        assert operator == "text.open" and props_default == {"internal": True}


def test_menu_lists_them():
    menu = FakeMenu()
    bpy.types.RNASLICER_MT_templates.draw(menu, bpy.context)
    assert sorted(menu.paths) == [name + ".py" for name in NAMES]
    drawn = bpy.types.TEXT_MT_templates_py.draw._draw_funcs
    assert [function.__module__ for function in drawn].count(MODULE + ".menu") == 1, drawn


def test_blenders_own_path_menu_takes_them():
    menu = FakeMenu()
    menu.path_menu = lambda *arguments, **options: bpy.types.Menu.path_menu(menu, *arguments, **options)
    bpy.types.RNASLICER_MT_templates.draw(menu, bpy.context)
    labels = {text for text in menu.layout.texts if text}
    assert labels == {bpy.path.display_name(name + ".py") for name in NAMES}, labels
