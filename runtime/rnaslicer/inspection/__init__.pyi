# runtime/rnaslicer/inspection/__init__.pyi: its names, also those that are loaded when they are asked for.
from . import chart as chart, command as command, views as views
from .compare import diff as diff
from .info import (Entry as Entry, KernelInfo as KernelInfo, cache_info as cache_info, clear_cache as clear_cache,
                   configure as configure, kernels as kernels)
from .listing import IR as IR, Asm as Asm, Block as Block, Listing as Listing
from .page import report as report
from .recording import History as History, Transfer as Transfer, history as history
from .seen import reasons_of as reasons_of
from .stored import stored_kernels as stored_kernels
from .summary import cells as cells, overview as overview, rows as rows
from .views import as_json as as_json

__all__ = ["IR", "Asm", "Block", "Entry", "History", "KernelInfo", "Listing", "Transfer", "cache_info", "clear_cache",
           "configure", "history", "kernels", "as_json", "cells", "diff", "overview", "reasons_of", "report", "rows",
           "stored_kernels", "views", "command", "chart"]
