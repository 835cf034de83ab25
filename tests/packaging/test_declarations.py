# tests/packaging/test_declarations.py: how DNA declares fields, and names as RNA paths write them
import unittest

from rnaslicer.blender.names import key_in, whole
from rnaslicer.blender.sdna import _declaration
from rnaslicer.supplier.capture import parse_steps


class Declarations(unittest.TestCase):
    def test_fields_of_dna(self):
        for text, told in {"*next": ("next", 1, True), "**mat": ("mat", 1, True), "co[3]": ("co", 3, False),
                           "mat[4][4]": ("mat", 16, False), "*mtex[18]": ("mtex", 18, True), "(*free)()": ("free", 1, True),
                           "_pad1": ("_pad1", 1, False), "(*draw[2])()": ("draw", 2, True)}.items():
            self.assertEqual(_declaration(text), told)
        for text in ("", "*", "[3]", "co[]", "co[x]", "co[-3]", "a b", "*()"):
            self.assertIsNone(_declaration(text), text)

    def test_names(self):
        self.assertEqual([whole(name) for name in ("UVMap", "", "grün", "a\0", "\udcc3")], ["UVMap", "", "grün", None, None])
        self.assertEqual([key_in(name) for name in ('["a"]', r'["a\"b\\"]', "co", "[", '["a]', '["a"b"]')],
                         ["a", 'a"b\\', None, None, None, None])

    def test_steps_of_paths(self):
        self.assertEqual(parse_steps("vertices"), (("attr", "vertices"),))
        self.assertEqual(parse_steps('pose.bones["a.b"].constraints[0]'),
                         (("attr", "pose"), ("attr", "bones"), ("key", "a.b"), ("attr", "constraints"), ("item", 0)))
        self.assertEqual(parse_steps(""), ())
        for path in ("a b", "[a]", '["a\0"]'):
            self.assertRaises(ValueError, parse_steps, path)


if __name__ == "__main__":
    unittest.main()
