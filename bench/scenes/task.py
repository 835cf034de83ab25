# bench/scenes/task.py: what a task is
import contextlib
from dataclasses import dataclass
from typing import Any, Callable, Optional


@dataclass
class Task:
    """One job as users have it. Each way takes what `make` made and gives arrays, or None where it only writes; `written`
    gives what it wrote then."""

    text: str  # as the table names it
    make: Callable[[bool], Any]  # small → data
    loop: Callable[[Any], Any]
    views: Callable[[Any], tuple]  # the wrappers of the Slicer way, not entered
    work: Callable[..., Any]  # what it does with data and them
    hand: Optional[Callable[[Any], Any]] = None  # the best bpy + NumPy that we could write; None: bpy has no bulk call
    written: Optional[Callable[[Any], Any]] = None
    part: int = 1  # the loop does one part of so many; its time is scaled
    since: tuple = (3, 4)
    before: tuple = (99, 0)

    def slicer(self, data):
        """As a script that runs once: enters, works, leaves."""
        with contextlib.ExitStack() as stack:
            views = [stack.enter_context(view) for view in self.views(data)]
            return self.work(data, *views)

    @property
    def ways(self):
        return {name: way for name, way in (("loop", self.loop), ("hand", self.hand), ("slicer", self.slicer)) if way}


def kept(task, data, views):
    """The way of a tool that stays entered: what is run each time."""
    for view in views:
        view.refresh()
    return task.work(data, *views)


def fcurves_of(action):
    """The f-curves of an action with one slot."""
    return action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
