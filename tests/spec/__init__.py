# tests/spec/__init__.py: the executable specification of slice expressions: slow, plain, the oracle
"""What a slice expression means, written down as code that can run.

`evaluate(supplier, subscript)` follows the expression with plain `getattr` and gives a
`Result`; `assign(...)` writes one with plain `setattr`. Nothing here is shared with
the package under test, and nothing needs Blender: any objects that answer `bl_rna`
as bpy's do will serve (see fake.py).
"""
from .convert import FORMATS, INTEGERS, convert, fraction, normalize, promote, to_format
from .errors import ExpressionError, ReadOnlyError, SpecificationGap
from .evaluate import Result, assign, evaluate
from .items import parse

__all__ = ["FORMATS", "INTEGERS", "ExpressionError", "ReadOnlyError", "Result", "SpecificationGap",
           "assign", "convert", "evaluate", "fraction", "normalize", "parse", "promote", "to_format"]
