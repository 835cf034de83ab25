# cmake/docs/cookbook.py: the recipes of docs/cookbook.md, and the Text Editor's templates made from them.
"""Usage: cookbook.py [--check]: writes addon/templates/, or says what differs. Tests and benchmarks import it, too."""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COOKBOOK, TEMPLATES = ROOT / "docs" / "cookbook.md", ROOT / "addon" / "templates"
WAYS = ("loop", "foreach", "slicer")

HEAD = re.compile(r"^## (?P<title>.+)\n<!-- recipe: (?P<name>\w+) size=(?P<size>\d+)(?P<more>[^\n]*?) -->\n", re.M)
BLOCK = re.compile(r"^```python (\w+)\n(.*?)^```", re.M | re.S)


@dataclass
class Recipe:
    """One section of the cookbook."""

    title: str
    name: str
    size: int  # of the example that is measured
    text: str  # what the task is
    blocks: dict  # loop, foreach, slicer, example, written → code
    rounded: bool = False  # results agree to the last digits only
    several: bool = False  # the ways give a tuple of arrays
    since: tuple = (0, 0)  # of Blender
    line: int = 0

    @property
    def ways(self):
        return [way for way in WAYS if way in self.blocks]

    def code(self):
        """All blocks as one module, each on its line of the cookbook, so that errors point there."""
        return _on_their_lines(self.blocks)


def read(path=COOKBOOK):
    """(The code that all recipes begin with, the recipes)."""
    text = path.read_text(encoding="utf-8")
    start = BLOCK.search(text)
    assert start[1] == "start", "the first block is what all recipes begin with"
    heads = list(HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return start[2], [_recipe(text, head, end) for head, end in zip(heads, ends)]


def _recipe(text, head, end):
    body = text[head.end():end]
    more = head["more"].split()
    since = next((word[5:] for word in more if word.startswith("from=")), "0.0")
    blocks = {}
    for found in BLOCK.finditer(body):
        assert found[1] not in blocks, f"{head['name']} has two blocks '{found[1]}'"
        blocks[found[1]] = (text.count("\n", 0, head.end() + found.start(2)), found[2])
    return Recipe(head["title"], head["name"], int(head["size"]), body.split("```")[0].strip(), blocks,
                  "rounded" in more, "several" in more, tuple(map(int, since.split("."))),
                  text.count("\n", 0, head.start()) + 1)


def _on_their_lines(blocks):
    lines = []
    for first, code in sorted(blocks.values()):
        lines += [""] * (first - len(lines)) + code.rstrip("\n").split("\n")
    return "\n".join(lines) + "\n"


def names(recipe, start):
    """What a recipe defines, run as it stands."""
    defined = {"__name__": "cookbook"}
    exec(compile(start, str(COOKBOOK), "exec"), defined)
    exec(compile(recipe.code(), str(COOKBOOK), "exec"), defined)
    return defined


def template(recipe, start):
    """The Text Editor's template of a recipe; its first line is its name in the menu."""
    task = "".join(f"# {line}\n" for line in _without_marks(recipe.text).split("\n"))
    needs = f"# For Blender {'.'.join(map(str, recipe.since))} and later.\n" if recipe.since > (0, 0) else ""
    parts = [recipe.blocks[name][1].rstrip("\n") for name in ("loop", "slicer", "example")]
    shown = '"done" if result is None else np.shape(result) or len(result)'
    shown = "*map(np.shape, result)" if recipe.several else shown
    return (f"# {recipe.title}\n#\n{task}{needs}"
            f"# by_loop is the loop that it replaces: the same values, one at a time.\n\n{start.rstrip()}\n\n\n"
            + "\n\n\n".join(parts) + '\n\n\nif __name__ == "__main__":\n'
            f"    result = by_slicer(*example())\n    print({shown})\n")


def _without_marks(text):
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("*", "")


def expected_templates():
    start, recipes = read()
    return {f"{recipe.name}.py": template(recipe, start) for recipe in recipes}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    expected = expected_templates()
    found = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.py")}
    wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    if options.check:
        sys.exit(f"not as in the cookbook: {', '.join(wrong)}; ./run docs makes them" if wrong else 0)
    for name in wrong:
        if name in expected:
            (TEMPLATES / name).write_text(expected[name], encoding="utf-8")
        else:
            (TEMPLATES / name).unlink()
    print(f"{len(wrong)} of {len(expected)} templates written" if wrong else "the templates are as in the cookbook")


if __name__ == "__main__":
    main()
