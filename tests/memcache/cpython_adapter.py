# tests/memcache/cpython_adapter.py: how CPython's own tests meet MemCache, and every difference.
"""CPython's test_memoryview and test_buffer run with `memoryview` replaced by a maker of MemCaches.

They come with the Python that runs the tests (Debian: libpython3.11-testsuite); nothing of them is
copied here. NOT_APPLICABLE and MORE_THAN_MEMORYVIEW list, in one place, all that is not run as is.
"""

import builtins

import rnaslicer._core as core

builtin_memoryview = builtins.memoryview

#: Whole tests, or classes of them, that cannot apply, with the reason.
NOT_APPLICABLE = {
    "TestPythonBufferProtocol": "(Python 3.12 on) tests classes whose __buffer__ returns a memoryview,"
    " which the interpreter wants to be its own",
    "test_memoryview_sizeof": "asserts the size in bytes of CPython's own C struct",
}

#: Refusals that CPython's tests assert and that MemCache's N-dimensional slicing lifts on purpose:
#: test -> (exception asserted, where: a function of the view and the arguments, what happens
#: instead: None for success,
#: "undone" for one that the test must not see). Everything else in these tests runs as it is.
MORE_THAN_MEMORYVIEW = {
    "test_setitem_writable": [
        # m[0:1, 0:1] on one axis: two-dimensional slicing is there, but this has too many indices
        (NotImplementedError, lambda view, *arguments: True, TypeError),
    ],
    "test_memoryview_index": [
        # m[()] and m[0] on two axes are sub-views
        (NotImplementedError, lambda view, *arguments: view.ndim == 2, None),
    ],
    "test_memoryview_assign": [
        # m[0] = [2, 3] on rows of four: a sequence is welcome, but of the right shape
        (NotImplementedError, lambda view, *arguments: arguments == (0, [2, 3]), ValueError),
    ],
    "test_memoryview_slice": [
        # m[()] is the whole view
        (NotImplementedError, lambda view, *arguments: arguments == ((),), None),
        # m[0:2, 0:2] on one axis has too many indices
        (NotImplementedError, lambda view, *arguments: len(arguments[0]) == 2, TypeError),
        # m[0:1] = [1]
        (TypeError, lambda view, *arguments: arguments[1:] == ([1],), None),
    ],
    "test_ndarray_slice_invalid": [
        # m[0:8] = a list of eight
        (TypeError, lambda view, *arguments: arguments[1:] == (list(range(1, 9)),), None),
        # m[0:1] = an item of another format, which it can hold; the test wants all as before
        (ValueError, lambda view, *arguments: view.format == "B" and arguments[0] == slice(0, 1, 1), "undone"),
        # m[0:1] = one item, which stands for a row
        (NotImplementedError, lambda view, *arguments: view.ndim == 2 and getattr(arguments[-1], "nbytes", 0) == 1, "undone"),
        # m[0:1, 0:1:0] is sliced, and m[0:1] = another shape compared: refused as NumPy refuses
        (NotImplementedError, lambda view, *arguments: view.ndim == 2, ValueError),
    ],
}


class _ViewType(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, (builtin_memoryview, core.MemCache))


class memoryview(metaclass=_ViewType):
    """Takes what the built-in takes, and makes a MemCache on it."""

    def __new__(cls, object):
        if isinstance(object, builtin_memoryview):  # one that CPython's C API has made
            return builtin_memoryview(object)
        return core.from_buffer(object)


def adapted(case, module):
    """A subclass, for `module`, of a CPython test case, with the tests above left out or told of the
    extensions."""

    class Adapted(case):
        def setUp(self):
            super().setUp()
            reason = NOT_APPLICABLE.get(self._testMethodName) or NOT_APPLICABLE.get(case.__name__)
            if reason is not None:
                self.skipTest(f"not applicable: {reason}")
            self._lifted = MORE_THAN_MEMORYVIEW.get(self._testMethodName, [])
            self._met = set()

        def tearDown(self):
            super().tearDown()
            # A line that nothing needs any more must go.
            self.assertEqual(self._met, set(range(len(self._lifted))))

        def assertRaises(self, expected, *args, **kwargs):
            function, *arguments = args or (None,)
            view = getattr(function, "__self__", None)
            on_memcache = isinstance(view, core.MemCache) or (
                getattr(function, "__name__", None) == "setitem"
            )
            for i, (lifted, where, instead) in enumerate(self._lifted if on_memcache else ()):
                if lifted is expected and where(view, *arguments):
                    self._met.add(i)
                    if instead is None:
                        return function(*arguments, **kwargs)
                    if instead == "undone":
                        before = view.tolist()
                        function(*arguments, **kwargs)
                        view[...] = before
                        return None
                    return super().assertRaises(instead, *args, **kwargs)
            return super().assertRaises(expected, *args, **kwargs)

    Adapted.__name__ = case.__name__
    Adapted.__qualname__ = case.__qualname__
    Adapted.__module__ = module
    return Adapted
