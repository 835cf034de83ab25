# tests/blender/faults/test_faults.py: the fault table: what may happen x when x to which kind of data, the outcome of each
"""A row of the table is a test. With RNASLICER_FAULT_TABLE=FOLDER each row's outcome is kept there for
fault_table.py, which writes docs/fault-table.md."""
import json
import os
import pathlib

import bpy

import faults_events
import faults_scene
from faults_due import CONTEXT, LOST, READ
from faults_scene import KINDS, snapshot
from support import VERSION, fill_memcache, flat, same

PHASES = ("before enter", "before refresh", "before update", "after exit")


class Cell:
    """One event, one kind of data, one phase, on a scene of its own."""

    def __init__(self, event, kind, phase):
        self.event, self.kind, self.phase = event(), kind(), phase
        self.note = f"{self.event}, {self.kind}, {PHASES[phase]}"
        self.before = None

    def run(self):
        """What it came to, in the words of faults_due.py; AssertionError where data is not right."""
        from rnaslicer import Slicer
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        faults_scene.build()
        self.event.prepare(self.kind)
        vw = Slicer(self.kind.supplier())[self.kind.expression()]
        if self.phase == 0:
            self.happen()
            return self.enter(vw)
        with vw:
            same(vw.memcache.tolist(), self.kind.mirror(), f"{self.note}: entered")
            vw.refresh()
            if self.phase == 1:
                self.happen()
                outcome = self.held(vw, vw.refresh)
                return outcome or self.read(vw)
            if self.phase == 2:
                self.new_values(vw)
                self.happen()
                return self.held(vw, vw.update) or self.written(vw)
            held = vw.memcache
        self.happen()
        try:
            held.tolist()
        except ValueError:
            return self.enter(vw)
        raise AssertionError(f"{self.note}: the cache outlives its context")

    def happen(self):
        self.expected = self.event.happen(self.kind) or snapshot()

    def enter(self, vw):
        """Enter after the event, then read and write."""
        try:
            vw.__enter__()
        except Exception as error:
            return self.intact(error)
        try:
            return self.read(vw)
        finally:
            vw.__exit__(None, None, None)

    def held(self, vw, use):
        """The name of the error that `use` raises, again and again; the cache and all data stay what they were."""
        cached = vw.memcache.tolist()
        try:
            use()
        except Exception as error:
            name = self.intact(error)
            uses = [vw.update, lambda: vw.update(vw.memcache[:1])]
            if use == vw.refresh:
                uses += [vw.refresh, lambda: vw.refresh(vw.memcache[:1])]
            for again in uses:
                self.refuses(again, name)
            same(vw.memcache.tolist(), cached, f"{self.note}: the cache after {name}")
            assert vw.alive is (name not in (LOST, CONTEXT)), f"{self.note}: alive is {vw.alive} after {name}"
            return name
        return None

    def refuses(self, use, name):
        """Asking again changes nothing; edit mode is told first by an update."""
        try:
            use()
        except Exception as error:
            found = self.intact(error)
            assert found == name or (found, str(self.event)) == (READ, "edit mode in"), f"{self.note}: {found} after {name}"
        else:
            raise AssertionError(f"{self.note}: no {name} at the second try")

    def read(self, vw):
        """The values are those of now; then an update."""
        same(vw.memcache.tolist(), self.kind.mirror(), f"{self.note}: values")
        assert vw.alive, f"{self.note}: not alive"
        self.new_values(vw)
        cached = vw.memcache.tolist()
        try:
            vw.update()
        except Exception as error:
            return f"right, then {self.intact(error)}"
        same(vw.memcache.tolist(), cached, f"{self.note}: the cache after an update")
        return self.written(vw)

    def written(self, vw):
        """Exactly the values of the cache are in Blender, and nothing else has changed."""
        same(self.kind.mirror(), vw.memcache.tolist(), f"{self.note}: what was written")
        self.compare(lambda key: not self.kind.wanted(key))
        vw.refresh()
        same(self.kind.mirror(), vw.memcache.tolist(), f"{self.note}: read again")
        return "right"

    def new_values(self, vw):
        fill_memcache(vw.memcache, [i * 0.25 + 3 for i in range(len(flat(vw.memcache.tolist())))])

    def intact(self, error):
        """The error's name; it must be one of ours, and nothing may have changed."""
        from rnaslicer import SlicerError
        assert isinstance(error, SlicerError), f"{self.note}: {type(error).__name__}: {error}"
        assert len(str(error)) > 20, f"{self.note}: {error}"
        self.compare(lambda key: True)
        return type(error).__name__

    def compare(self, chosen):
        now = snapshot()
        for key, values in self.expected.items():
            if chosen(key):
                assert key in now, f"{self.note}: {key} has vanished"
                same(now[key], values, f"{self.note}: {key}")


def test_event(event):
    row, wrong = {}, []
    for kind in KINDS:
        due = event().due(kind())
        for phase in range(len(PHASES)):
            cell = Cell(event, kind, phase)
            print(f"        {cell.note}", flush=True)
            try:
                outcome = cell.run()
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"
            finally:
                cell.event.clean_up()
            row.setdefault(str(kind()), []).append(outcome)
            if outcome != due[phase]:
                wrong.append(f"{cell.note}: {outcome}; due: {due[phase]}")
    keep(str(event()), row)
    print("\n".join(f"        {kind}: {' | '.join(outcomes)}" for kind, outcomes in row.items()))
    assert not wrong, "\n" + "\n".join(wrong)


test_event.cases = {event.__name__: (event,) for event in faults_events.EVENTS}


def keep(event, row):
    folder = os.environ.get("RNASLICER_FAULT_TABLE")
    if folder:
        path = pathlib.Path(folder, f"{VERSION[0]}.{VERSION[1]}.json")
        rows = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(rows | {event: row}, indent=1))
