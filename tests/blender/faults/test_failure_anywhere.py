# tests/blender/faults/test_failure_anywhere.py: an exception at each line of the package in turn, as bpy or a signal could
import math
import os
import random
import sys

from support import fill_memcache, flat, plain, same
from test_failure import ENTERED, data, live, outcome, values_of, watching, wrappers


class Injected(RuntimeError):
    """Looks like bpy's own errors, so that it also takes the ways that catch those."""


class Interrupt(BaseException):
    """As KeyboardInterrupt."""


class Tracer:
    """Raises at the `wanted`-th line that runs in the package."""

    def __init__(self, wanted, error):
        import rnaslicer
        self.folder = os.path.dirname(rnaslicer.__file__)
        self.wanted, self.error, self.seen, self.place = wanted, error, 0, ""

    def _line(self, frame, event, _):
        if event == "line":
            if self.seen == self.wanted:
                self.place = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
                self.seen += 1
                sys.settrace(None)
                raise self.error(self.place)
            self.seen += 1
        return self._line

    def _call(self, frame, _event, _argument):
        return self._line if frame.f_code.co_filename.startswith(self.folder) else None

    def run(self, function):
        sys.settrace(self._call)
        try:
            return outcome(function)
        finally:
            sys.settrace(None)


def lines_of(function):
    """How many lines of the package a call runs."""
    tracer = Tracer(-1, Injected)
    error = tracer.run(function)
    assert error is None, repr(error)
    return tracer.seen


def warm(vw):
    """Makes the view and routes that an error is explained by, where a trail has done without: they hold memory."""
    outcome(lambda: vw.kernel)


def chosen(count, most):
    """Positions to fail at: all, or evenly spread ones with a random start."""
    step = max(1, count // most)
    return range(random.randrange(step), count, step)


def forget_verdicts():
    """An injected error can make a proof or a comparison fail, which is remembered."""
    from rnaslicer.transfer import foreach
    from rnaslicer.layout import proof
    proof.forget()
    foreach._agreed.clear()


def test_exceptions_anywhere_in_enter():
    m, all_wrappers = wrappers()
    for name, vw in all_wrappers.items():
        with vw:
            expected, state = values_of(vw), data(m)
        counts = live(counters=ENTERED)
        leave = lambda vw=vw: vw.__exit__(None, None, None)  # noqa: E731
        total = lines_of(vw.__enter__)
        leave()
        for wanted in chosen(total, 30):
            tracer = Tracer(wanted, Interrupt if wanted % 2 else Injected)
            error = tracer.run(vw.__enter__)
            note = f"{name} at line {wanted} of {total}, {tracer.place}: {error!r}"
            if error is None:  # caught on the way, or not reached: it must have worked
                assert values_of(vw) == expected, note
                leave()
            assert "entered" not in repr(vw), note
            assert not watching(vw), note
            assert live(counts, ENTERED) == counts, (note, live(counts, ENTERED), counts)
            assert data(m) == state, note
            forget_verdicts()
        with vw:
            assert values_of(vw) == expected, name


def test_exceptions_anywhere_in_refresh():
    m, all_wrappers = wrappers()
    for name, vw in all_wrappers.items():
        with vw:
            warm(vw)
            expected, state, counts = values_of(vw), data(m), live()
            total = lines_of(vw.refresh)
            for wanted in chosen(total, 30):
                tracer = Tracer(wanted, Interrupt if wanted % 2 else Injected)
                error = tracer.run(vw.refresh)
                note = f"{name} at line {wanted} of {total}, {tracer.place}: {error!r}"
                assert values_of(vw) == expected, note
                assert watching(vw) and vw.alive, note
                assert live(counts) == counts, (note, live(), counts)
                assert data(m) == state, note
                vw.refresh()
                assert values_of(vw) == expected, note


def test_exceptions_anywhere_in_update():
    """Each number of Blender's is the old or the new one, nothing else moves, and the next update does it all."""
    m, all_wrappers = wrappers()
    for name, vw in all_wrappers.items():
        with vw:
            if vw.readonly or vw.memcache.nbytes == 0 or name == "corners":
                continue
            old, old_state = vw.memcache.tolist(), data(m)

            def put(values, vw=vw):
                fill_memcache(vw.memcache, values)

            put([not x if isinstance(x, bool) else x + 1.0 for x in flat(old)])
            vw.update()
            vw.refresh()
            new = flat(vw.memcache.tolist())  # as Blender holds it
            put(flat(old))
            vw.update()
            warm(vw)
            counts, total = live(), lines_of(vw.update)

            for wanted in chosen(total, 20):
                put(new)
                tracer = Tracer(wanted, Interrupt if wanted % 2 else Injected)
                error = tracer.run(vw.update)
                note = f"{name} at line {wanted} of {total}, {tracer.place}: {error!r}"
                assert plain(flat(vw.memcache.tolist())) == plain(new), f"{note}: the cache changed"
                assert watching(vw) and vw.alive and live(counts) == counts, note
                vw.refresh()
                for found, a, b in zip(flat(vw.memcache.tolist()), flat(old), new):
                    assert math.isclose(found, a, rel_tol=1e-6) or math.isclose(found, b, rel_tol=1e-6), note
                put(new)
                vw.update()
                vw.refresh()
                same(flat(vw.memcache.tolist()), new, note)
                put(flat(old))
                vw.update()
                assert data(m) == old_state, note


for _test in (test_exceptions_anywhere_in_enter, test_exceptions_anywhere_in_refresh,
              test_exceptions_anywhere_in_update):
    _test.learning_may_fail = True  # that it was, and did no harm, is their subject


def test_exceptions_anywhere_in_exit():
    m, all_wrappers = wrappers()
    for name in ("positions", "corners", "objects"):
        vw = all_wrappers[name]
        counts = live()
        vw.__enter__()
        total = lines_of(lambda: vw.__exit__(None, None, None))
        for wanted in range(total):
            vw.__enter__()
            tracer = Tracer(wanted, Interrupt)
            error = tracer.run(lambda: vw.__exit__(None, None, None))
            vw.__exit__(None, None, None)  # whatever is left goes now
            note = f"{name} at line {wanted} of {total}, {tracer.place}: {error!r}"
            assert "entered" not in repr(vw) and not watching(vw), note
            assert live(counts) == counts, (note, live(), counts)
    assert data(m)
