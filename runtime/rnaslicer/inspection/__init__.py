# runtime/rnaslicer/inspection/__init__.py: what runs, why, and how fast: for Python, shells and Blender's editor.
"""Reads only: nothing here compiles, moves or changes what it shows.

`info` is a kernel in memory, `stored` one on disk; `listing` joins plan, IR and assembly; `verdict`, `views`,
`summary`, `compare`, `page` and `command` show them; `recording` notes transfers while somebody wants it.
"""

import importlib

from .info import Entry, KernelInfo, cache_info, clear_cache, configure, kernels
from .listing import IR, Asm, Block, Listing
from .recording import History, Transfer, history

# What scripts rarely want is loaded when it is asked for: name -> module.
_LATER = {"as_json": "views", "cells": "summary", "diff": "compare", "overview": "summary", "reasons_of": "seen",
          "report": "page", "rows": "summary", "stored_kernels": "stored", "views": None, "command": None,
          "chart": None}

__all__ = ["IR", "Asm", "Block", "Entry", "History", "KernelInfo", "Listing", "Transfer", "cache_info", "clear_cache",
           "configure", "history", "kernels", *_LATER]


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_LATER[name] or name}")
    return getattr(module, name) if _LATER[name] else module
