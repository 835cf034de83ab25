# runtime/rnaslicer/inspection/__init__.py: what runs, why, and how fast: for Python, shells and Blender's editor.
"""Reads only: nothing here compiles, moves or changes what it shows.

`info` is a kernel in memory, `stored` one on disk; `listing` joins plan, IR and assembly; `verdict`,
`diff`, `report` and `command` show them; `history` records transfers while somebody wants it.
"""

from .recording import History, Transfer, history
from .info import Entry, KernelInfo, cache_info, clear_cache, configure, kernels
from .listing import Asm, Block, IR, Listing

__all__ = ["Asm", "Block", "Entry", "History", "IR", "KernelInfo", "Listing", "Transfer", "cache_info", "clear_cache",
           "configure", "history", "kernels"]
