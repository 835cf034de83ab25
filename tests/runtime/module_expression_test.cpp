// tests/runtime/module_expression_test.cpp: parse() and expression_text() on Python objects.
#include "tests/runtime/interpreter.hpp"

#include <gtest/gtest.h>

namespace {

using rnaslicer::test::run_python;

TEST(ModuleExpression, TurnsASubscriptIntoItems) {
  run_python(R"py(
class Subscript:
    def __getitem__(self, subscript):
        return core.parse(subscript)
s = Subscript()
everything = ('slice', None, None, None)
assert s[()] == ()
assert s[:] == s[:,] == (everything,)
assert s['co'] == (('name', 'co'),)
assert s['co', 'z'] == (('name', 'co'), ('name', 'z'))
assert s[:, ('xxx', 'yyy'), 3] == (everything, ('names', ('xxx', 'yyy')), ('int', 3))
assert s[('co',),] == (('names', ('co',)),)
assert s[['Col']] == (('keys', ('Col',)),)
assert s[10:2000:3, ::-1] == (('slice', 10, 2000, 3), ('slice', None, None, -1))
assert s[..., -1] == (('ellipsis',), ('int', -1))
assert s['Größe'] == (('name', 'Größe'),)
assert s[:2**70, -2**70:] == (('slice', None, 2**63 - 1, None), ('slice', -2**63 + 1, None, None))
)py");
}

TEST(ModuleExpression, ReadsListsAndBuffers) {
  run_python(R"py(
def entries(subscript):
    (kind, view), = core.parse(subscript)
    assert view.readonly and view.ndim == 1
    return kind, view.format, view.tolist()
assert entries([0, 2, -1]) == ('indices', 'q', [0, 2, -1])
assert entries([]) == ('indices', 'q', [])
assert entries([True, False]) == ('mask', '?', [True, False])
for code in 'bBhHiIlLqQ':
    assert entries(array.array(code, [1, 0, 5])) == ('indices', 'q', [1, 0, 5]), code
assert entries(array.array('i', [-7])) == ('indices', 'q', [-7])
assert entries(memoryview(b'\1\0\2').cast('?')) == ('mask', '?', [True, False, True])
assert entries(memoryview(array.array('h', range(9)))[::-4]) == ('indices', 'q', [8, 4, 0])
assert entries(memoryview(b'').cast('?')) == ('mask', '?', [])
class Index:
    def __index__(self):
        return 4
assert core.parse(Index()) == (('int', 4),)
assert core.parse(slice(Index(), None)) == (('slice', 4, None, None),)
assert entries([Index(), 1]) == ('indices', 'q', [4, 1])
)py");
}

TEST(ModuleExpression, NamesTheItemThatIsWrong) {
  run_python(R"py(
def wrong(subscript, part):
    refused('ExpressionError', part, core.parse, subscript)
    refused('TypeError', part, core.parse, subscript)
everything = slice(None)
wrong((everything, 'co', 1.5), "[:, 'co', 1.5]: item 3 (1.5) is of type float; use an int")
wrong(None, "item 1 (None)")
wrong(True, "item 1 (True) is a bool")
wrong((..., 'co', ...), "item 3 (...) is a second '...'")
wrong(slice(None, None, 0), "[::0]: item 1 (::0) has step 0")
wrong(slice(1.5, None), "has a start of type float")
wrong(slice(None, None, True), "has a step of type bool")
wrong((everything, (0, 1)), "use a list, as in [0, 2]")
wrong((('a', None),), "is a tuple with a NoneType")
wrong(((),), "is an empty tuple")
wrong('', "has an empty name")
wrong(b'co', "use a str")
wrong(bytearray(b'co'), "use a str")
wrong([0, 'a'], "mixed types")
wrong([0, True], "mixed types")
wrong([1.5], "is a list with a float")
wrong(2**63, "beyond 64 bits")
wrong([-2**63 - 1], "beyond 64 bits")
wrong(array.array('Q', [2**63]), "beyond 64 bits")
wrong(array.array('f', [1]), "is a buffer of 'f' items; use integers or bools")
wrong(memoryview(bytes(4)).cast('B', (2, 2)), "of 2 dimensions")
wrong(memoryview(b'ab').cast('c'), "is a buffer of 'c' items")
wrong({1}, "is of type set")
wrong('\udc80', "surrogates")
wrong('co\0x', "zero")
wrong(['a\0'], "zero")
wrong(('co', 'b\0c'), "zero")
wrong((0,) * 65, "65 items")
)py");
}

TEST(ModuleExpression, LetsErrorsOfObjectsThrough) {
  run_python(R"py(
class Broken:
    def __index__(self):
        raise ZeroDivisionError('mine')
    def __repr__(self):
        raise ZeroDivisionError('repr')
refused('ZeroDivisionError', 'mine', core.parse, Broken())
refused('ZeroDivisionError', 'mine', core.parse, [Broken()])
assert core.expression_text((1, Broken())) == '[1, ?]'
)py");
}

TEST(ModuleExpression, SurvivesListsThatChangeWhileRead) {
  run_python(R"py(
class Emptier:
    def __index__(self):
        entries.clear()
        return 1
entries = [Emptier(), 2, 3]
(kind, view), = core.parse(entries)
assert view.tolist() == [1]
)py");
}

TEST(ModuleExpression, ShowsTheExpressionAsTyped) {
  run_python(R"py(
everything = slice(None)
text = core.expression_text
assert text((everything, 'co', ('xxx', 'yyy'), ...)) == "[:, 'co', ('xxx', 'yyy'), ...]"
assert text(['Col']) == "[['Col']]"
assert text(()) == "[()]"
assert text(list(range(1000))) == "[[0, 1, 2, 3, 4, 5, ... 994 more]]"
assert text(array.array('h', [1, 2])) == "[[1, 2]]"
assert text((1.5, None)) == "[1.5, None]"
assert text('it\'s') == r"['it\'s']"
long = text(({'x' * 1000},))
assert len(long) < 80 and '…' in long
)py");
}

} // namespace
