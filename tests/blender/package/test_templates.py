# tests/blender/package/test_templates.py: the recipes of the Text Editor's menu run as they stand.
# What they do is compared in test_cookbook.py; that they are the cookbook's, in tests/packaging/test_docs.py.
import importlib
import pathlib
import re
import unittest

import bpy
from test_addon import MODULE, FakeLayout

FOLDER = pathlib.Path(importlib.import_module(MODULE).__file__).parent / "templates"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))

def opened(name):
    """The code of a template, as the Text Editor opens it."""
    before = set(bpy.data.texts)
    bpy.ops.text.open(filepath=str(FOLDER / (name + ".py")), internal=True)
    (text,) = set(bpy.data.texts) - before
    assert not text.filepath and text.name == name + ".py", text
    return text.as_string()


def test_template(name):
    code = opened(name)
    if needs := re.search(r"^# For Blender (\d+)\.(\d+) and later", code, re.M):
        if bpy.app.version < tuple(map(int, needs.groups())):
            raise unittest.SkipTest(needs[0])
    exec(compile(code, name + ".py", "exec"), {"__name__": "__main__"})


test_template.cases = {name: (name,) for name in NAMES}


def test_there_are_templates():
    assert len(NAMES) >= 20, NAMES


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
