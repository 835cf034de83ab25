# tests/blender/package/test_guide.py: docs/guide.md keeps its word: its code, shapes, errors and settings are so.
import builtins

from pages import code, names, rows, run_blocks, text_of
from support import VERSION

PAGE = "docs/guide.md"


def test_code():
    """From top to bottom, in one new file."""
    assert run_blocks(PAGE, {"__name__": "guide"}) >= 20


def test_shapes():
    given, count = names(), 0
    for _, example, shape in rows(PAGE, "item", "example", "shape"):
        with eval(code(example)[0], given) as vw:
            assert vw.shape == vw.memcache.shape == eval(code(shape)[0], given), (example, vw.shape)
        count += 1
    assert count > 15


def test_errors_are_what_the_table_says():
    import rnaslicer
    listed = set()
    for error, base, *_ in rows(PAGE, "error", "also a", "cause", "cure"):
        error = getattr(rnaslicer, code(error)[0])
        assert issubclass(error, rnaslicer.SlicerError) and issubclass(error, getattr(builtins, code(base)[0])), error
        listed.add(error)
    for name in rnaslicer.__all__:
        value = getattr(rnaslicer, name)
        if isinstance(value, type) and issubclass(value, rnaslicer.SlicerError):
            assert value in listed or value is rnaslicer.SlicerError, f"{name} is missing on the page"


def test_settings_are_what_the_table_says():
    import rnaslicer
    listed = {code(name)[0]: eval(code(default)[0]) for name, default, _ in rows(PAGE, "setting", "default", "meaning")}
    assert listed == rnaslicer.configure(), rnaslicer.configure()


def test_the_plan_is_the_one_shown():
    if VERSION < (4, 3):
        return
    given = names()
    with given["Slicer"](given["mesh"].vertices)[:, "co", "z"] as vw:
        assert f"```\n{vw.kernel.plan}```" in text_of(PAGE), vw.kernel.plan
