# runtime/rnaslicer/inspection/__init__.py: what runs, why, and how fast: for Python, shells and Blender's editor.
"""Reads only: nothing here compiles, moves or changes what it shows.

`info` is a kernel in memory, `stored` one on disk; `listing` joins plan, IR and assembly; `verdict`, `views`,
`overview`, `compare`, `page` and `command` show them; `recording` notes transfers while somebody wants it.
"""

from .compare import diff
from .info import Entry, KernelInfo, cache_info, clear_cache, configure, kernels
from .listing import IR, Asm, Block, Listing
from .overview import overview
from .page import report
from .recording import History, Transfer, history
from .stored import stored_kernels

__all__ = ["Asm", "Block", "Entry", "History", "IR", "KernelInfo", "Listing", "Transfer", "cache_info", "clear_cache",
           "configure", "diff", "history", "kernels", "overview", "report", "stored_kernels"]
