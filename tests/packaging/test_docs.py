# tests/packaging/test_docs.py: links and images of the pages lead somewhere; templates are the cookbook's.
"""Without Blender."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "cmake" / "docs"))
import cookbook  # noqa: E402

FENCED = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href|srcset)=\"([^\"]+)\"")


def pages():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()] or sorted(ROOT.glob("**/*.md"))


def anchors(page):
    """What GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ +(.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class Docs(unittest.TestCase):
    def test_links_and_images(self):
        dead, count = [], 0
        for page in pages():
            text = FENCED.sub("", page.read_text(encoding="utf-8"))
            text = re.sub(r"`[^`\n]*`", "", text)  # indexing in code is no link
            for found in LINK.finditer(text):
                link = found[1] or found[2]
                if re.match(r"[a-z]+:", link):
                    continue
                count += 1
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                if not target.exists() or anchor and anchor not in anchors(target):
                    dead.append(f"{page.relative_to(ROOT)}: {link}")
        self.assertEqual(dead, [])
        self.assertGreater(count, 20)

    def test_every_page_is_linked(self):
        """Each page of docs/ can be reached from the README."""
        seen, todo = set(), [ROOT / "README.md"]
        while todo:
            page = todo.pop()
            if page in seen or page.suffix != ".md" or not page.exists():
                continue
            seen.add(page)
            for found in LINK.finditer(FENCED.sub("", page.read_text(encoding="utf-8"))):
                todo.append((page.parent / (found[1] or found[2]).split("#")[0]).resolve())
        self.assertEqual({page.name for page in (ROOT / "docs").glob("*.md")} - {page.name for page in seen}, set())

    def test_readme_is_short(self):
        self.assertLessEqual((ROOT / "README.md").read_text(encoding="utf-8").count("\n"), 160)

    def test_templates_are_the_cookbooks(self):
        found = {path.name: path.read_text(encoding="utf-8") for path in cookbook.TEMPLATES.glob("*.py")}
        expected = cookbook.expected_templates()
        wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        self.assertEqual(wrong, [], "./run docs makes them")

    def test_figures_are_measured(self):
        for name in ("cookbook", "scenes"):
            self.assertNotIn("Not measured yet", (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"))

    def test_every_recipe_is_measured_and_counted(self):
        text, (_, recipes) = cookbook.COOKBOOK.read_text(encoding="utf-8"), cookbook.read()
        table, *sections = text.split("<!-- end of figures -->")[0], *text.split("<!-- recipe: ")[1:]
        for recipe, section in zip(recipes, sections):
            self.assertIn(f"[{recipe.title}](#", table, "./run bench cookbook writes it")
            self.assertIn(f"`example({recipe.size})`", section.split("<!-- measured -->")[1].split("<!-- end -->")[0])
        self.assertIn(f"({len(recipes)} common", (ROOT / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
