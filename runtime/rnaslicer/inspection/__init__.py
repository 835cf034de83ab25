# runtime/rnaslicer/inspection/__init__.py: what runs, why, and how fast: for Python, shells and Blender's editor.
"""Reads only: nothing here compiles, moves or changes what it shows.

`info` is a kernel in memory, `stored` one on disk; `listing` joins plan, IR and assembly; `verdict`, `views`,
`summary`, `compare`, `page` and `command` show them; `recording` notes transfers while somebody wants it.
"""

from __future__ import annotations

import importlib
from typing import Any

from .. import _core
from ..errors import checked

# Loaded when it is asked for: whenever Blender starts, a user's settings are applied and no more. Name -> module.
_LATER = {"IR": "listing", "Asm": "listing", "Block": "listing", "Entry": "info", "History": "recording",
          "KernelInfo": "info", "Listing": "listing", "Transfer": "recording", "as_json": "views",
          "cells": "summary", "chart": None, "command": None, "diff": "compare", "history": "recording",
          "kernels": "info", "overview": "summary", "reasons_of": "seen", "report": "page", "rows": "summary",
          "stored_kernels": "stored", "views": None}

__all__ = ["cache_info", "clear_cache", "configure", *_LATER]


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_LATER[name] or name}")
    return getattr(module, name) if _LATER[name] else module


@checked
def cache_info() -> dict[str, Any]:
    """Counts, bytes and the directory of the kernel caches, as a dict."""
    return _core.cache_info()


@checked
def clear_cache(memory: bool = True, disk: bool = False) -> None:
    """Forgets kernels; those that an entered wrapper uses live on with it."""
    _core.clear_cache(memory=memory, disk=disk)
    _core.forget_trails()


@checked
def configure(**settings: Any) -> dict[str, Any]:
    """Sets and returns the settings, effective from the next refresh also for entered wrappers.

    jit: False runs the interpreter, with the same results. disk_cache, cache_directory, disk_limit
    (bytes): the kernel cache on disk. threads: copy workers, 0 for as many as cores. tier: '' for
    the CPU's best, or 'baseline', 'avx2', 'avx512'. perf: 'map' or 'jitdump' tells Linux's perf of all
    kernels, also those that exist already; '' is off (RNASLICER_PERF sets it from the start).
    """
    return _core.configure(**settings)
