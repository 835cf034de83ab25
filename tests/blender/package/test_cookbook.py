# tests/blender/package/test_cookbook.py: every recipe of docs/cookbook.md runs, and its ways agree.
import sys
import unittest
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "cmake" / "docs"))
import cookbook  # noqa: E402

START, RECIPES = cookbook.read()


def run(recipe, way):
    """(What this way gives, what it has written), on an example of its own."""
    names = cookbook.names(recipe, START)
    given = names["example"]()
    before = names["written"](*given) if "written" in names else None
    result = names[f"by_{way}"](*given)
    after = names["written"](*given) if "written" in names else None
    assert before is None or before != after, "nothing was written"
    return result, after


def agree(found, expected, rounded):
    if isinstance(expected, tuple):
        assert len(found) == len(expected)
        for parts in zip(found, expected):
            agree(*parts, rounded)
    elif rounded:
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    elif isinstance(expected, np.ndarray):
        kinds = [(array.dtype, array.shape) for array in (found, expected)]
        assert kinds[0] == kinds[1], kinds
        np.testing.assert_array_equal(found, expected)
    else:
        assert found == expected


def test_ways_agree(recipe):
    if bpy.app.version < recipe.since:
        raise unittest.SkipTest(f"for Blender {recipe.since} and later")
    expected, expected_written = run(recipe, "loop")
    assert expected is not None or expected_written is not None, "there is nothing to compare"
    for part in expected if recipe.several else [expected] * isinstance(expected, np.ndarray):
        assert len(np.unique(part)) > 5, "the example is too plain"
    for way in recipe.ways[1:]:
        found, written = run(recipe, way)
        agree(found, expected, recipe.rounded)
        if expected_written is not None:
            agree(written, expected_written, recipe.rounded)


test_ways_agree.cases = {recipe.name: (recipe,) for recipe in RECIPES}


def test_recipes_are_whole():
    assert len(RECIPES) >= 20
    for recipe in RECIPES:
        assert {"loop", "slicer", "example"} <= set(recipe.blocks), recipe.name
        assert set(recipe.blocks) <= {*cookbook.WAYS, "example", "written"}, recipe.name
