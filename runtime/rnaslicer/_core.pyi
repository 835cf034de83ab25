# runtime/rnaslicer/_core.pyi: types of the compiled part, private to the package but for MemCache.
"""Addresses, strides and offsets are in bytes. All functions belong to Blender's main thread and the
main interpreter; the GIL stays held during transfers.
"""

import sys
from collections.abc import Callable, Container, Iterator, Sequence
from types import EllipsisType, GenericAlias, TracebackType
from typing import Any, Literal, Protocol, SupportsFloat, SupportsIndex, TypedDict, final

from typing_extensions import Never, Self

if sys.version_info >= (3, 12):
    from collections.abc import Buffer as Buffer
else:
    from typing_extensions import Buffer as Buffer

_Direction = Literal["refresh", "update"]
_Origin = Literal["compiled", "memory", "disk", "interpreter"]

# Reads that cannot crash

def has_scripts(roots: tuple[type, ...], names: frozenset[str], built_in: set[str], /) -> bool:
    """Whether a class is registered that a script has made of one of the classes, or of what Blender has made of them
    under these names. built_in: modules that are no script's."""

def is_main_thread() -> bool:
    """Whether this is the process's first thread, Blender's main one."""

def add_reference(object: Any, /) -> None:
    """One more, which nobody lets go of, for who was given an object without (hazards.TEMPORARY_DATA)."""

def read_memory(address: SupportsIndex, nbytes: int, /) -> bytes | None:
    """The bytes there, or None if they cannot all be read. Safe for any address."""

def address_of(struct: Any, /) -> int:
    """What as_pointer() tells, as native code gets it; for tests."""

def array_in(holder: int, pointer_at: int, count_at: int, length: int, itemsize: int, /) -> int | None:
    """The address stored `pointer_at` bytes into `holder`, if both ends of `length` items of
    `itemsize` bytes can be read there and the int64 at `count_at` (if not negative) is `length`;
    else None. Safe for any address."""

def probe_kind() -> Literal["process_vm_readv", "pipe", "none"]:
    """How `read_memory` reads, found by self-test at first use."""

def inject(
    point: Literal["allocate", "compile", "transfer", "process_vm_readv", "pipe"],
    good: int = 0,
    bad: int = 1,
    /,
) -> None:
    """For tests: after `good` more passes the point fails `bad` times."""

def missing_assignments(
    vertex: Buffer, group: Buffer, groups: int, base: int, stride: int, count: int, array_at: int, count_at: int,
    size: int, group_at: int, /,
) -> list[tuple[int, tuple[int, ...]]]:
    """Of what is not there yet (group, its vertices): in this order each vertex gets its groups as they came. There are
    `groups` groups."""

def named_groups(group: Buffer, count: int, /) -> list[int]:
    """The numbers that are named, each once; IndexError for one that is not below `count`."""

def put_weights(
    vertex: Buffer, group: Buffer, weight: Buffer, adds: bool, weight_at: int, base: int, stride: int, count: int,
    array_at: int, count_at: int, size: int, group_at: int, /,
) -> int:
    """Writes (or adds) each weight where its assignment is; gives how many are not there."""

def lengths_of(offsets: Buffer, /) -> tuple[bytes, int]:
    """(lengths of the rows as bytes of int64, the longest). offsets: int64, one more than there are rows."""

def pad_indices(offsets: Buffer, width: int, /) -> bytes:
    """For each place of rows of one width the index of what is there, as bytes of int32; where nothing is, the end."""

def divided(starts: Buffer, totals: Buffer, /) -> tuple[bytes, bool]:
    """(where rows of these lengths begin when one is behind the other, and the end, as bytes of int64; whether they
    begin there)."""

def int_range(buffer: Buffer, /) -> tuple[int, int]:
    """Smallest and largest of a contiguous buffer of int32 or int64. ValueError if it is empty."""

def int_bits(buffer: Buffer, /) -> int:
    """All bits that are set in any of a contiguous buffer's integers of 1, 2 or 4 bytes."""

def int_outside(numbers: Buffer, allowed: Buffer, /) -> int | None:
    """The first of a contiguous buffer of int32 that is none of the allowed ones (another such buffer),
    or None."""

def borders_fault(
    source: Buffer | int,
    start_at: int,
    total_at: int,
    stride: int,
    count: int,
    end: int,
    least: int,
    in_order: bool,
    /,
) -> int | None:
    """The first of `count` elements that does not take at least `least` of `end` places, or (in_order) does not
    begin where the one before ends; None if all do. Its int32s lie `stride` bytes apart; with a negative
    total_at each element ends where the next begins. The source is a buffer or an address (LookupError where
    that cannot be read)."""

def first_beyond(source: Buffer | int, at: int, stride: int, count: int, bound: int, /) -> int | None:
    """Index of the first of `count` int32s, `stride` bytes apart, that is negative or not below `bound`, or
    None. The source as for borders_fault."""

def assign_anew(
    finds: (tuple[Any, tuple[tuple[str, Any], ...], Sequence[int], bool, tuple[tuple[type, Any], ...]]
            | list[Callable[[], Any]]),
    name: str,
    values: list[Any] | Buffer,
    dims: tuple[int, ...],
    places: tuple[int, ...],
    made: Callable[[Any], Any] | None,
    start: int,
    stop: int,
    /,
) -> tuple[int, BaseException | None]:
    """As `assign`, for what a script's code may change meanwhile: each object is found right before it is
    assigned to, by the steps (kind, what) from a base and then by its index, or by a call. The bool: the elements
    lie in one array, so that they are where they were while it begins where it did and is as long. Last come classes,
    each with the `bl_rna` that it must still have: ReferenceError where it has not."""

def assign(
    objects: list[Any],
    name: str,
    values: list[Any] | Buffer,
    dims: tuple[int, ...],
    places: tuple[int, ...],
    made: Callable[[Any], Any] | None,
    start: int,
    stop: int,
    /,
) -> tuple[int, BaseException | None]:
    """setattr on objects[start:stop]: (how many took their value, what ended it or None).

    values: one object for each, or a contiguous buffer with a row of numbers for each. Of a row the
    value is a number (dims ()), a list or nested tuples of extents dims, whose item i in C order is
    the row's number places[i]; -1: as the object has it (lists only). `made` of that, if not None.
    ValueError or TypeError, with nothing assigned, where they do not fit together.
    """

def one_type(objects: list[Any], /) -> bool:
    """Whether all objects of a list are of one type; True for none."""

def other_type(objects: list[Any], types: tuple[type, ...], /) -> int:
    """Index of the first object that is not of its type, or -1. `types`: one for all, or one for each."""

def is_subscribed(
    head: int, next_at: int, prev_at: int, type_at: int, data_at: int, addresses: Buffer, types: Buffer, told: int, /
) -> bool:
    """Whether the message bus, whose list of keys has its head at an address, has one for a struct of `addresses`, or for
    all of one of `types` (addresses, int64) but `told`. True as well where it is no list."""

def walk_list(
    first: int,
    next_at: int,
    count: int,
    last: int,
    prev_at: int = -1,
    *,
    known: Buffer | None = None,
    safe: bool = False,
) -> MemCache | None:
    """The addresses of a linked list's elements in order, int64, from address `first` to `last`.

    None if the list has not exactly `count` elements, does not end at `last`, or (with prev_at) an
    element does not point back at the one before. `known` is what an earlier walk gave: it is only
    compared, and where it still holds the walk is faster. `safe` reads cannot crash: for a list that
    no one has seen to agree with bpy in this session.
    """

def same_list(
    first: int, next_at: int, last: int, prev_at: int, known: Buffer, number_at: int, numbers: Buffer, /
) -> bool:
    """Whether a linked list that agreed with bpy in this session has just the elements at the addresses
    `known` (format 'q'), and each, `number_at` bytes into it, its int32 of `numbers` (their bytes)."""

def follow_pointers(addresses: Buffer, at: int, *, safe: bool = False) -> MemCache | None:
    """The pointer `at` bytes into each of the addresses (format 'q'), as int64; None if one is null
    or no address."""

def are_null(addresses: Buffer, at: int, *, safe: bool = False) -> bool:
    """Whether the pointers `at` bytes into the addresses (format 'q') are all null; False if one is no address."""

def group_values(
    out: Buffer,
    places: tuple[int, ...],
    name: bytes,
    kind: tuple[int, int, int],
    base: int,
    rows: tuple[int, int, Buffer | None],
    part: tuple[int, int, int],
    absent: Buffer | None,
    alike: int,
    safe: bool,
    width: int,
    /,
) -> int | None:
    """Writes into `out`, for each row, the value of a name (with its null; `width` bytes of it; 0: its address, as int64)
    in each group of ID properties in an array, for a part (first, step, count) of rows (start, step, or their indices); where a group has none
    that of `absent`. Gives the first such row, or -1.

    places: bytes of an ID property; where it has type, subtype, flag, name, next, first child, value, array, length; the
    type of a group. kind: type, subtype and length (negative: one value) of the child. None where one is something else,
    or missing while absent is None, or has other flags than that of the row `alike` (negative: whatever they are).
    `safe` as in walk_list.
    """

def rows_of(
    base: int,
    stride: int,
    count: int,
    pointer_at: int,
    count_at: int,
    size: int,
    *,
    table: Buffer | None = None,
    safe: bool = False,
) -> tuple[MemCache, MemCache] | None:
    """(offsets, addresses) of the items of `count` elements that each own an array.

    Element i is at base + i * stride, row i is element table[i] (indices are not checked) or i; at
    pointer_at it has the address of its array, at count_at the int32 number of items, `size` bytes
    each. Row i has addresses[offsets[i]:offsets[i + 1]]. Both int64. None if an element is no such
    owner. `safe` as in walk_list; the items themselves are never read.
    """

def row_addresses(
    base: int,
    stride: int,
    count: int,
    pointer_at: int,
    count_at: int,
    size: int,
    offsets: Buffer,
    *,
    table: Buffer | None = None,
    safe: bool = False,
) -> MemCache | int:
    """The addresses that rows_of would give, or the first row that has not as many items as the
    offsets (a part of them, where only some rows are meant) say. With size 0 the addresses of the
    rows' arrays, one for each row."""

def row_difference(
    base: int,
    stride: int,
    count: int,
    pointer_at: int,
    count_at: int,
    offsets: Buffer,
    *,
    table: Buffer | None = None,
    safe: bool = False,
) -> int | None:
    """The first row that has not as many items as the offsets say, or None."""

@final
class Flat:
    """A writable C-contiguous buffer as bpy's foreach calls want it: flat, len() in items, and its
    buffer without shape to those who ask for none. Holds the exporter's buffer."""

    def __new__(cls, exporter: Buffer, format: str, /) -> Flat:
        """`format` is what it says it is, of the exporter's item size; else ValueError."""
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> object: ...
    def __setitem__(self, index: int, value: object, /) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

# Slice expressions

_SliceItem = tuple[Literal["slice"], int | None, int | None, int | None]
_IntItem = tuple[Literal["int"], int]
_NameItem = tuple[Literal["name"], str]
_NamesItem = tuple[Literal["names"], tuple[str, ...]]
_KeysItem = tuple[Literal["keys"], tuple[str, ...]]
_IndicesItem = tuple[Literal["indices"], memoryview]  # of int64, one dimension
_MaskItem = tuple[Literal["mask"], memoryview]  # of bool, one dimension
_EllipsisItem = tuple[Literal["ellipsis"]]
_Item = (
    _SliceItem | _IntItem | _NameItem | _NamesItem | _KeysItem | _IndicesItem | _MaskItem
    | _EllipsisItem
)

def parse(subscript: object, /) -> tuple[_Item, ...]:
    """The items of a slice expression; `x` alone is `(x,)`.

    A str is a name, an inner tuple of str names; a list of str keys, a list or buffer of ints
    indices, of bools a mask. Bounds of slices beyond 64 bits are clamped. ExpressionError names the
    expression, the item (from 1) and what would work: for step 0, a second `...`, bools, floats,
    None, mixed lists, buffers of more than one dimension, and all else that is no item.
    """

def expression_text(subscript: object, /) -> str:
    """The expression as it was typed, `[:, 'co', ('xxx', 'yyy'), ...]`; lists of more than six are
    shortened. Never raises over the expression: what is invalid shows as its repr."""

# Plans and kernels

@final
class Plan:
    """A verified access plan: `plan.hpp` in jit/ has its meaning, docs its text form."""

    def __new__(cls, text: str) -> Plan:
        """ValueError with line and column, or with the verifier's sentence."""
    @property
    def text(self) -> str:
        """Canonical: `Plan(plan.text) == plan`."""
    @property
    def signature(self) -> str:
        """16 hex digits over all that is compiled in."""
    @property
    def loops(self) -> tuple[tuple[Literal["strided", "indexed", "pointers"], int, int], ...]:
        """(kind, source stride, cache stride) per loop, outermost first."""
    @property
    def lane_shape(self) -> tuple[int, ...]:
        """Shape of what lies below the innermost loop; () is a scalar."""
    @property
    def format(self) -> str:
        """Format character of a cache item."""
    @property
    def itemsize(self) -> int:
        """Bytes of a cache item."""

class _Statistics(TypedDict):
    calls: int
    bytes: int  # of the cache
    seconds: float
    compile_seconds: float  # 0 until compiled; the time to load if from disk
    origin: _Origin
    region_calls: int  # those of `calls` whose region had a layout of its own
    fastest: float  # seconds of single runs, regions with a layout of their own left out
    slowest: float
    last: float
    best_bytes: int  # of the cache, moved by the run with the most bytes a second
    best_seconds: float  # what it took

class _Entry(TypedDict):
    symbol: str
    tier: str
    origin: _Origin
    streaming: bool  # stores past the caches, for large outputs
    min_count: int  # fewest steps it accepts
    compile_seconds: float
    ir: str
    object: bytes

@final
class Lookup:
    """What the bytes of `lookup` storage mean, and which byte a value is stored as. Immutable."""

    def __new__(cls, decode: Buffer, thresholds: Buffer, nan: int = 0) -> Lookup:
        """decode: 256 float32, decode[b] the value of byte b. thresholds: 255 float32 that never
        decrease, thresholds[k] the smallest value that is stored as byte k + 1 or above. nan: the
        byte of a NaN. ValueError if they are not that."""
    def encode(self, value: float, /) -> int:
        """The number of thresholds <= value rounded to float32; `nan` for a NaN."""
    def decode(self, byte: int, /) -> float: ...
    @property
    def compiled(self) -> bool:
        """False if two thresholds lie within a 128th of an octave, or any outside (2**-23, 2):
        updates are interpreted then."""

@final
class Kernel:
    """The compiled code of a plan's signature, found or made anew, bound to the plan.

    `refresh` and `update` check every argument before anything moves, but trust a `source` or a
    `target` given as an address and the addresses in a pointer table.
    """

    def __new__(cls, plan: Plan) -> Kernel:
        """Compiles nothing yet."""
    def prepare(self, direction: _Direction, /) -> _Origin:
        """Compiles or loads one direction now. What cannot be compiled stays interpreted; see
        `trouble`."""
    def refresh(
        self,
        cache: Buffer,
        source: int | Buffer,
        extents: tuple[int, ...],
        *,
        offset: int = 0,
        source_offset: int = 0,
        region: tuple[tuple[int, int, int], ...] | None = None,
        tables: tuple[Buffer | None, ...] | None = None,
        lookups: Sequence[Lookup] | None = None,
        target: tuple[int | Buffer, int] | None = None,
        matrix: Buffer | None = None,
    ) -> None:
        """Fills the cache from the source.

        cache: the wrapper's whole MemCache of the plan's format, or a writable C-contiguous buffer.
        source: an address (trusted), or a C-contiguous buffer that the plan must stay inside.
        extents: steps per loop. offset, source_offset: where the plan starts in each.
        region: (start, step, count) per axis, loops first, then the lanes' axes.
        tables: per loop None or a contiguous buffer of 64-bit indices or addresses.
        lookups: the tables that the lanes of `lookup` storage name, by number.
        target: what the indices of a plan that goes through one lead into, and its number of elements.
        matrix: three rows of four doubles for plans that transform vectors, or as many for each step of the
            outermost loop.
        IndexError if one points elsewhere: nothing outside was read, the cache is filled in part.
        BufferError where a buffer is too small, RegionError where a span leaves its axis, ValueError
        or TypeError for the rest.
        """
    def update(
        self,
        cache: Buffer,
        source: int | Buffer,
        extents: tuple[int, ...],
        *,
        offset: int = 0,
        source_offset: int = 0,
        region: tuple[tuple[int, int, int], ...] | None = None,
        tables: tuple[Buffer | None, ...] | None = None,
        lookups: Sequence[Lookup] | None = None,
        target: tuple[int | Buffer, int] | None = None,
        matrix: Buffer | None = None,
    ) -> None:
        """Writes the cache to the source, which must be writable if it is a buffer; else as
        `refresh`. The cache is only read. ValueError for `difference` and `through` storage."""
    @property
    def signature(self) -> str: ...
    @property
    def plan(self) -> str:
        """The plan's canonical text."""
    @property
    def trouble(self) -> str:
        """Why it is interpreted though the JIT is on; '' if it is not."""
    def origin(self, direction: _Direction, /) -> _Origin: ...
    def ir(self, direction: _Direction, /) -> str:
        """LLVM IR text; '' if there is none."""
    def asm(self, direction: _Direction, /) -> str:
        """Disassembly in Intel syntax; '' if there is none."""
    def statistics(self, direction: _Direction, /) -> _Statistics: ...
    @property
    def compiled_plan(self) -> str:
        """The text that line tables count in: the plan with its innermost loop only."""
    def entries(self, direction: _Direction, /) -> list[_Entry]:
        """Each function that is compiled; compiles nothing."""

class _CacheInfo(TypedDict):
    memory_kernels: int
    memory_hits: int
    memory_misses: int
    disk_files: int
    disk_bytes: int
    disk_hits: int
    disk_misses: int
    disk_rejected: int
    directory: str
    disk_trouble: str  # why the disk cache is not used; '' if all is well
    tier: str
    cpu: str
    perf_file: str  # what is written for perf
    perf_trouble: str  # why it is not

class _Configuration(TypedDict):
    jit: bool
    disk_cache: bool
    cache_directory: str  # '' is $XDG_CACHE_HOME/rnaslicer/kernels
    disk_limit: int  # bytes
    threads: int  # copy workers; 0 is one per core, 1 none
    tier: str  # '' is by CPU; 'baseline', 'avx2', 'avx512'
    perf: str  # '' is off; 'map', 'jitdump'

def kernels() -> list[Kernel]:
    """All kernels in the memory cache, oldest first."""

def cache_info() -> _CacheInfo: ...
def cache_directory() -> str:
    """The disk cache's folder, without looking into it; '' if there is none."""

def clear_cache(memory: bool = True, disk: bool = False) -> None:
    """Forgets kernels; those in use live on with their holders."""

def warm_up() -> None:
    """Starts LLVM on a background thread, so that the first kernel is there sooner."""

def configure(
    *,
    jit: bool = ...,
    disk_cache: bool = ...,
    cache_directory: str = ...,
    disk_limit: int = ...,
    threads: int = ...,
    tier: str = ...,
    perf: str = ...,
) -> _Configuration:
    """Changes the settings given, all or none, from the next transfer on; returns all of them."""

# Inspection

class _DiskKernel(TypedDict):
    file: str
    key: str  # all that shaped the code; a stranger's text, as `ir` is
    current: bool  # this version would run it
    bytes: int
    modified: int  # seconds since 1970: when it was last used
    min_count: int
    ir: str
    object: bytes

def instructions(
    object: bytes, symbol: str, tier: str, /
) -> tuple[list[tuple[int, bytes, str, str, int, int | None]], tuple[int, int] | None]:
    """(address, bytes, text, note, line of the plan or 0, branch target) of each, and the main loop."""

def predict(object: bytes, symbol: str, tier: str, /) -> tuple[str, float] | None:
    """(CPU, cycles of one iteration of the main loop); None where there is no loop or no model."""

def copy_seconds(target: Buffer, source: Buffer, repeats: int, /) -> float:
    """Seconds that one copy from buffer to buffer takes, of so many, without Python's part."""

def disk_kernels() -> tuple[list[_DiskKernel], int]:
    """What the disk cache holds, and how many files could not be read."""

# Memory

_Scalar = bool | int | float | bytes
_Index = SupportsIndex | slice | EllipsisType
_Order = Literal["C", "F", "A"]

@final
class MemCache(Sequence[Any]):
    """The packed N-dimensional cache of a ViewWrapper: a memoryview in all but the C type.

    Any mix of ints, slices and Ellipsis, or too few of them, gives a MemCache on the same memory
    with the same `wrapper`; all axes indexed by ints give the item. Once the wrapper's context is
    left, every use raises ValueError; buffers exported before, NumPy arrays say, live on.
    """

    @property
    def wrapper(self) -> Any:
        """The ViewWrapper this cache belongs to, also for sub-views; None if there is none."""
    @property
    def obj(self) -> object:
        """The object whose memory this is; None, for a MemCache has memory of its own."""
    @property
    def nbytes(self) -> int:
        """The bytes of all items: product(shape) * itemsize, gaps between them not counted."""
    @property
    def readonly(self) -> bool:
        """Whether assignment is refused."""
    @property
    def format(self) -> str:
        """The items' format, as in the struct module."""
    @property
    def itemsize(self) -> int:
        """The size in bytes of one item."""
    @property
    def ndim(self) -> int:
        """The number of axes."""
    @property
    def shape(self) -> tuple[int, ...]:
        """Items along each axis."""
    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one item to the next along each axis."""
    @property
    def suboffsets(self) -> tuple[int, ...]:
        """Always () for a MemCache of a wrapper."""
    @property
    def c_contiguous(self) -> bool:
        """Whether the items lie packed, the last axis fastest."""
    @property
    def f_contiguous(self) -> bool:
        """Whether the items lie packed, the first axis fastest."""
    @property
    def contiguous(self) -> bool:
        """Whether the items lie packed in either order."""
    def release(self) -> None:
        """Lets go of the memory; every later use raises ValueError. BufferError if a buffer exported
        from this MemCache is still held."""
    def tobytes(self, order: _Order | None = "C") -> bytes:
        """All items as bytes, in order 'C', 'F' or 'A' (as they lie if contiguous, else 'C')."""
    def hex(self, sep: str | bytes = ..., bytes_per_sep: SupportsIndex = 1) -> str:
        """All items' bytes in C order as hexadecimal text, as bytes.hex gives it."""
    def tolist(self) -> Any:
        """The items as lists, nested ndim deep; the item itself if ndim is 0."""
    def cast(self, format: str, shape: list[int] | tuple[int, ...] = ...) -> MemCache:
        """The same memory in another format or shape: 1D to ND or ND to 1D, one of the two formats a
        byte format. TypeError or ValueError as memoryview.cast; a cast is no region."""
    def toreadonly(self) -> MemCache:
        """A read-only MemCache on the same memory."""
    def __dlpack__(self, *, stream: None = None, max_version: tuple[int, int] | None = None,
                   dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> Any:
        """The memory as a DLPack capsule, for `from_dlpack` of other packages; it lives on as an exported buffer
        does. copy=True: packed memory of its own. BufferError where DLPack cannot say what this is: read-only without max_version=(1, 0)."""
    def __dlpack_device__(self) -> tuple[int, int]:
        """(1, 0): the CPU."""
    def count(self, value: Any, /) -> int:
        """How many steps of the first axis equal the value."""
    def index(self, value: Any, start: int = 0, stop: int = sys.maxsize, /) -> int:
        """The first step of the first axis that equals the value; ValueError if none does."""
    def __len__(self) -> int: ...
    # Any: an item where all axes are indexed, else a MemCache.
    def __getitem__(self, key: _Index | tuple[_Index, ...], /) -> Any: ...
    def __setitem__(
        self,
        key: _Index | tuple[_Index, ...],
        # Numbers, nested sequences and buffers, broadcast and converted as NumPy does; ValueError says what to write
        # instead of what would be cut or wrap around.
        value: _Scalar | SupportsFloat | SupportsIndex | Sequence[Any] | Buffer,
        /,
    ) -> None: ...
    def __delitem__(self, key: Any, /) -> Never: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    if sys.version_info >= (3, 14):
        def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

def allocate(shape: Sequence[SupportsIndex], format: str, wrapper: object, /) -> MemCache:
    """A new MemCache, C-contiguous, on storage from the pool: zero if fresh, with old bytes if reused.

    ValueError for a negative extent, more than 64 axes or a format that is not one native item;
    MemoryError.
    """

def disable(memcache: MemCache, /) -> None:
    """Releases the MemCache and all its sub-views at once. Never fails because of exported buffers:
    they keep the memory until they are released."""

def region(memcache: MemCache, view: MemCache | Buffer, /) -> tuple[tuple[int, int, int], ...]:
    """The sub-grid of the MemCache that the view covers, as (start, step, count) per axis.

    The view is a MemCache or any buffer on its storage, transposed or reversed or not. An empty view
    gives count 0 on every axis. RegionError says why a view is no region: other memory, an earlier
    enter, another format, an overlap with itself, a run from one row into the next.
    """

def from_buffer(
    obj: Buffer,
    shape: Sequence[SupportsIndex] | None = None,
    format: str = "B",
    strides: Sequence[SupportsIndex] | None = None,
    offset: int = 0,
    readonly: bool = False,
    writable: bool = False,
) -> MemCache:
    """A MemCache on another object's memory, as memoryview(obj); the exporter cannot release it meanwhile. `writable`
    asks for memory that can be written, where the exporter has any, which some give to nobody else."""

class _LiveCounters(TypedDict):
    objects: int
    leases: int
    bytes: int
    pooled: int
    trails: int
    runs: int
    segments: int

def changed_rows(memcache: MemCache, refresh: Callable[[], object], /) -> MemCache:
    """Calls `refresh()` and gives the ranges of rows whose bytes it changed, joined where they touch: an int64
    MemCache of shape (n, 2)."""

def spread(memcache: MemCache, /) -> tuple[MemCache, int]:
    """(MemCache of all bytes from its lowest item to its highest, byte offset of its first item among them)."""

def as_packed(buffer: Any, format: str, writable: bool, /) -> tuple[MemCache, MemCache | None] | None:
    """(Packed MemCache on a buffer, None), or (a packed one of its shape on memory of its own, MemCache on the buffer), from
    one to the other of which the caller assigns. None for what is no buffer of that format, or not writable, if so asked;
    and for one that is not packed where it has more than a MiB, lies on cache lines of more than 16, or is writable
    with one item for several."""

class Exporter:
    """Base of what is, as a buffer, its attribute `memcache`."""

    def __buffer__(self, flags: int, /) -> memoryview: ...

def live() -> _LiveCounters:
    """Debug counters: MemCaches and leases alive, bytes of storage in use and in the pool; trails, runs along them, and
    the segments that these noted."""

class Watched:
    """A root as native code sees it (internal; supplier/events.py)."""

    uid: int | None
    _ref: Any
    _moment: tuple[int, float] | None
    _rna_uid: bool
    _is_always: bool
    @property
    def watchers(self) -> list[Any]:
        """The wrappers that watch and live."""
    def is_own(self) -> bool:
        """Whether it is the file's own, neither linked, nor an override, nor within another datablock."""
    def _alive(self) -> Any:
        """The datablock, or None if bpy says that it is gone."""

def set_news(subscribe: Callable[[], None], watched: set[Any], /) -> None:
    """What installs our handlers, and the set of roots that somebody watches."""

def watch(wrapper: object, root: Watched | set[Watched], /) -> None:
    """From now on `wrapper._notice()` is called when the root, or one of a set, goes or comes back, and after each undo,
    redo and load, which may break the way from a root that stays. The wrapper is held weakly."""

def unwatch(wrapper: object, root: Watched | set[Watched], /) -> None:
    """Ends it."""

def set_uid_place(at: int, /) -> None:
    """At which byte of a datablock the uid lies that RNA tells as well. Of each it is believed once both have told the
    same."""

def root_of(id: object, /) -> Any:
    """The root whose reference is this very object, if it still lives; else None."""

@final
class Roster:
    """Datablocks of one type (internal; supplier/roster.py)."""

    @property
    def moment(self) -> tuple[int, float]:
        """When all were last found alive."""
    def __len__(self) -> int: ...
    def structs(self) -> list[Any] | None:
        """bpy's objects, or None if one is gone."""
    def is_there(self) -> bool:
        """Whether all live and are who they were."""
    def uids(self) -> list[int]:
        """Their session uids."""
    def who(self, index: int, /) -> tuple[Any, int, str]:
        """(bpy's object, perhaps dead; uid; name when captured). IndexError."""
    def renew(self, structs: list[Any], places: tuple[int, int, int, int] | None, /) -> bool:
        """Takes bpy's new objects for the same datablocks; False if they are others."""
    def names(self, count: int, /) -> list[str]:
        """Those of the first ones when captured."""

    def know(self, places: tuple[int, int, int, int] | None, /) -> bool:
        """Compares with bpy what is told of places, and uses it from now on. Whether places are known."""

def roster_of(structs: Any, members: list[Any], places: tuple[int, int, int, int] | None, /) -> Roster | None:
    """A Roster of datablocks of one class that are all among `members` (what a list of bpy.data holds now) and not
    linked; else None. places: (of the session uid, of the name, its size, of the library) in bytes."""

def live_rosters() -> int:
    """How many there are; for tests."""

def tick() -> int:
    """Counts an event; returns its number, 1 and up."""

def tick_return() -> int:
    """Counts an undo or redo."""

def returns() -> int:
    """How many undos and redos were counted."""

def now() -> tuple[int, float]:
    """This moment: (number of the last event, time.time())."""

def set_stopped(is_stopped: bool, /) -> None:
    """While True, nothing of Blender may be touched."""

def is_stopped() -> bool:
    """What set_stopped said last."""

def is_free() -> bool:
    """True if Blender's data may be touched here and now: on its main thread, not while a render job runs, not in a
    driver, not while stopped."""

def set_handlers(pairs: tuple[tuple[list[Any], Any], ...], /) -> None:
    """Blender's lists of handlers, and ours in each."""

def is_hearing() -> bool:
    """Whether ours is the first of every list: not before set_handlers, nor after a script has cleared the lists."""

class _Run(Protocol):
    """An entered wrapper's use of a trail."""

    @property
    def length(self) -> int | None: ...
    @property
    def domain(self) -> str | tuple | None: ...
    @property
    def counted(self) -> tuple[int, ...]: ...
    @property
    def lengths(self) -> bytes | None: ...
    @property
    def missing(self) -> tuple[bool, ...]: ...
    @property
    def kinds(self) -> tuple[type, ...] | None: ...
    @property
    def uids(self) -> bytes | None: ...
    @property
    def moment(self) -> tuple[int, float] | None: ...
    def refresh(self, memcache: MemCache, view: Any, /) -> bool: ...
    def update(self, memcache: MemCache, view: Any, /) -> bool: ...

@final
class Trail:
    """What a wrapper does at each call (transfer/trails.py)."""

    def __new__(cls, description: dict[str, Any]) -> Trail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    @property
    def unsure(self) -> bool:
        """Whether a layer may have one of two names."""
    def enter(self, root: Watched, steps: tuple[Any, ...] | None, wrapper: object, /) -> tuple[_Run, MemCache] | None:
        """(Run, filled MemCache), or None where the trail declines. `steps`: from the root; None: those of the trail."""
    def enter_many(
        self, roots: tuple[Watched | tuple[Watched, tuple[Any, ...]], ...] | Roster, steps: tuple[Any, ...] | None,
        rows: slice | bytes | None, levels: tuple[tuple[tuple[Any, ...], tuple[type | None, ...]], ...], ones: int,
        form: str | tuple[int, bytes], places: tuple[int, int, int, int] | None, wrapper: object, /,
    ) -> tuple[_Run, MemCache, bytes | None] | None:
        """(run, filled MemCache, offsets as bytes of int64 or None), or None where the trail declines. The structs are
        the roots' own datablocks, or what steps lead to from each (steps None; of these `rows`: a slice, int64 numbers
        in bytes, None: all), or `rows` of the collection to which `steps` lead from the one root, or, level by level,
        all elements of the equally long collections behind these (of each level: steps, and the class or None of what
        each leads to). `ones`: how many axes of length 1 stand before the rows. form: 'equal', 'flat', or (width or -1
        for the longest, bytes of a row that is not there); places as for roster_of. In place of a wrapper this, and what
        else enters many, takes (a caller's packed buffer, whether it is filled): one that is not is to be written by the
        run's update; of another format or shape it declines."""
    def enter_nested(self, *given: Any) -> tuple[_Run, MemCache, bytes | None] | None:
        """As enter_many, of the datablocks in the collections that the last level leads to."""
    def enter_apart(self, roster: Roster, wrapper: object, /) -> tuple[_Run, MemCache, None] | None:
        """(run, filled MemCache, None) of the datablocks of a Roster, or None where the trail declines."""
    def enter_members(
        self, root: Watched, steps: tuple[Any, ...], item: tuple[Any, ...] | None,
        places: tuple[int, int, int, int] | None, wrapper: object, /,
    ) -> tuple[_Run, MemCache, None] | None:
        """The same of those of a collection that a parsed item names (None: all); places as for roster_of."""
    def adopt(
        self, root: Watched, steps: tuple[Any, ...] | None, length: int, missing: tuple[bool, ...], /
    ) -> _Run | None:
        """The Run of an enter that was done already, or None."""
    @property
    def settles(self) -> bool:
        """Whether a write has geometry made anew."""
    def read(
        self, root: Watched, steps: tuple[Any, ...] | None, memcache: MemCache, rows: int, first: int, /
    ) -> bool:
        """Fills a caller's buffer. True if done; False where it declines. `memcache` is on a packed buffer, or has the
        bytes of a strided one, whose first item begins at byte `first`."""
    def write(
        self, root: Watched, steps: tuple[Any, ...] | None, memcache: MemCache, rows: int, first: int, /
    ) -> bool:
        """The same to Blender, as Run.update."""
    def read_packed(self, root: Watched, steps: tuple[Any, ...] | None, buffer: Any, rows: int, /) -> bool:
        """As read, into a packed buffer of the trail's format and shape; any other declines. rows: how many there must
        be, or -1."""
    def write_packed(self, root: Watched, steps: tuple[Any, ...] | None, buffer: Any, rows: int, /) -> bool:
        """The same to Blender."""
    def read_of(self, collection: Any, buffer: Any, /) -> bool:
        """From a collection at hand into a packed buffer of any shape."""
    def write_of(self, collection: Any, buffer: Any, homes: dict[type, str], /) -> bool:
        """The same to Blender; homes as for is_kept."""

@final
class PickedTrail:
    """Elements of one collection that indices or a mask name (transfer/composed/picked.py)."""

    def __new__(cls, description: dict[str, Any], /) -> PickedTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, root: Watched, steps: tuple[Any, ...], item: tuple[str, memoryview], wrapper: object,
        into: MemCache | None, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trail declines. item: parsed indices or a mask; into: the
        MemCache to fill, or None."""
    def adopt(
        self, root: Watched, steps: tuple[Any, ...], item: tuple[str, memoryview], rows: int, /
    ) -> _Run | None:
        """The Run of an enter of so many rows that was done already, or None."""

@final
class SingleTrail:
    """The numbers of one struct, by bpy's getattr and setattr (transfer/own/single.py)."""

    def __new__(cls, description: dict[str, Any], /) -> SingleTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, root: Watched, steps: tuple[Any, ...], wrapper: object, into: MemCache | None, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill, or None."""
    def adopt(self, root: Watched, steps: tuple[Any, ...], /) -> _Run | None:
        """The Run of an enter that was done already, or None."""
    def read(self, root: Watched, steps: tuple[Any, ...], buffer: Buffer, /) -> bool:
        """Fills a caller's packed buffer of the view's format and shape. True if done; any other declines."""
    def write(self, root: Watched, steps: tuple[Any, ...], buffer: Buffer, /) -> bool:
        """The same to Blender, as Run.update."""

@final
class ArrayTrail:
    """The array of one struct, by its own foreach_get and foreach_set (transfer/own/arrays.py)."""

    def __new__(cls, description: dict[str, Any], /) -> ArrayTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, root: Watched, steps: tuple[Any, ...], wrapper: object, into: MemCache | None, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill, or None."""
    def adopt(self, root: Watched, steps: tuple[Any, ...], shape: tuple[int, ...], /) -> _Run | None:
        """The Run of an enter that was done already, to a cache of that shape, or None."""

@final
class InstancesTrail:
    """All instances of a depsgraph, by its own foreach_get (transfer/own/instanced.py)."""

    def __new__(cls, description: dict[str, Any], /) -> InstancesTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, root: Watched, steps: tuple[Any, ...], wrapper: object, into: MemCache | None, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trail declines. into: the MemCache to fill, or None."""
    def adopt(self, root: Watched, steps: tuple[Any, ...], rows: int, /) -> _Run | None:
        """The Run of an enter that was done already, to a cache of so many rows, or None."""

@final
class TransformTrail:
    """Vectors of one collection through a matrix (transfer/composed/trails.py)."""

    def __new__(
        cls, direct: dict[str, Any], plain: dict[str, Any] | None, copy: dict[str, Any], world_after: int,
        object_class: type, each: bool, /
    ) -> TransformTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, root: Watched, steps: tuple[Any, ...], wrapper: object, numbers: bytes | None, into: MemCache | None, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trail declines. numbers: of the given matrices, else None;
        into: the MemCache to fill, or None."""
    def enter_many(
        self, numbers: bytes | None, arguments: tuple[Any, ...], /
    ) -> tuple[_Run, MemCache, bytes | None] | None:
        """As Trail.enter_many with those arguments, the trail's steps being those from each struct."""
    def adopt(self, root: Watched, steps: tuple[Any, ...], numbers: bytes | None, rows: int, /) -> _Run | None:
        """The Run of an enter of so many rows that was done already, or None."""
    def read(
        self, root: Watched, steps: tuple[Any, ...], numbers: bytes | None, buffer: object, rows: int, /
    ) -> bool:
        """Fills a caller's packed buffer of the view's format and shape. True if done; any other declines. rows: how
        many there must be, or -1."""
    def write(
        self, root: Watched, steps: tuple[Any, ...], numbers: bytes | None, buffer: object, rows: int, /
    ) -> bool:
        """The same to Blender, as Run.update."""

@final
class GatherTrail:
    """Values that indices lead to (transfer/composed/gathered.py). `starts`: (root, steps) of the indices' collection,
    then of each that they name. `world_after`: how many of the indices' steps lead to the object whose world matrix it
    is, of class `object_class`; -1 where matrices are given, or none."""

    def __new__(
        cls, index: dict[str, Any], walk_offset: int, levels: tuple[Any, ...], store: dict[str, Any] | None,
        regions: bool, transforms: bool, each: bool, inner: tuple[int, ...], format: str, world_after: int,
        object_class: type, /
    ) -> GatherTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, starts: tuple[Any, ...], wrapper: object, numbers: bytes | None, into: MemCache | None, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trails decline. numbers: of the given matrices, else None.
        into: the MemCache to fill, or None."""
    def adopt(self, starts: tuple[Any, ...], numbers: bytes | None, rows: int, /) -> _Run | None:
        """The Run of an enter of so many rows that was done already, or None."""
    def read(self, starts: tuple[Any, ...], numbers: bytes | None, buffer: object, rows: int, /) -> bool:
        """Fills a caller's packed buffer of the view's format and shape. True if done; any other declines. rows: how
        many there must be, or -1."""
    def write(self, starts: tuple[Any, ...], numbers: bytes | None, buffer: object, rows: int, /) -> bool:
        """The same to Blender, as Run.update."""

@final
class GroupTrail:
    """Properties that a script registered (transfer/composed/grouped.py): a description of their values side by side,
    places in ID properties, steps by properties that scripts registered, (class of the groups, its bl_rna), and how each
    property is found and written."""

    def __new__(
        cls, values: dict[str, Any], places: tuple[int, ...], steps: tuple[Any, ...], groups: tuple[type, Any],
        legs: tuple[Any, ...], /
    ) -> GroupTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, root: Watched, steps: tuple[Any, ...], wrapper: object, /
    ) -> tuple[_Run, MemCache, None] | None:
        """(Run, filled MemCache, None), or None where the trail declines."""
    def adopt(self, root: Watched, steps: tuple[Any, ...], shape: tuple[int, ...], /) -> _Run | None:
        """The Run of an enter of that shape that was done already, or None."""
    def enter_each(
        self, paths: list[Any], beyond: tuple[Any, ...], wrapper: object, /
    ) -> tuple[_Run, MemCache, None] | None:
        """As enter, of the groups to which the steps beyond each of many structs lead."""
    def adopt_each(self, paths: list[Any], beyond: tuple[Any, ...], shape: tuple[int, ...], /) -> _Run | None:
        """As adopt, of the same."""

@final
class PortionsTrail:
    """Values that a collection's elements divide among them (transfer/composed/portions.py): descriptions of these, of
    what tells where those of each begin, and how many; or of weights; or where curves begin. `beyond`: what corners lead
    to. `rows`: which elements. `starts`: (root, steps) of the elements, then of what they divide, then of each collection
    that these name. `form`: as `Trail.enter_many` has it. `numbers`: as GatherTrail has them."""

    def __new__(
        cls, values: dict[str, Any], borders: tuple[dict[str, Any], ...], weights: tuple[Any, ...] | None,
        curves: tuple[Any, ...] | None, beyond: GatherTrail | None, rows: slice | None, /
    ) -> PortionsTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter(
        self, starts: tuple[Any, ...], form: Any, wrapper: object, numbers: bytes | None, /
    ) -> tuple[_Run, MemCache, bytes | None] | None:
        """(Run, filled MemCache, offsets as bytes of int64 or None), or None where the trails decline."""
    def adopt(
        self, starts: tuple[Any, ...], form: Any, shape: tuple[int, ...], numbers: bytes | None, /
    ) -> _Run | None:
        """The Run of an enter of that shape that was done already, or None."""

@final
class DividedTrail:
    """What the elements of one collection behind each of many structs divide among them, as many for each
    (transfer/composed/each.py): a description of that, and of what tells where those of each begin, and how many."""

    def __new__(cls, values: dict[str, Any], borders: tuple[dict[str, Any], ...], /) -> DividedTrail: ...
    @property
    def stale(self) -> bool:
        """Whether it declines since forget_trails()."""
    def enter_many(self, *args: Any) -> tuple[_Run, MemCache, None] | None:
        """As `Trail.enter_many`, of an axis for the structs, one for the elements and one for what each has."""

def matrices(transform: Any, /) -> tuple[bytes, bool] | None:
    """(numbers, twelve doubles for each, whether it is one matrix alone), or None where Python has to look at it."""

def is_kept(collection: Any, ask: Callable[[], bool], homes: dict[type, str], /) -> bool:
    """True if nothing that is written to the collection's datablock can be lost to a mode, library or evaluation; False
    where that has to be looked at. ask: whether no object that is not active sculpts. homes: a dict from types to the
    lists of bpy.data that hold such."""

def asks_of(
    what: str, collection: Any, name: Any, tables: dict[str, Any], given: Any = ..., /
) -> tuple[tuple[Any, ...], ...] | Literal[False] | None:
    """What is asked each time before bpy's own foreach_get or foreach_set (`what`) is called with collections of the kind,
    each of which holds now; False where the call may be made and nothing be kept; None where Python has to look. tables:
    calls/sound.py. given: a list, tuple or memoryview, as many items as the call is for."""
def asks_hold(
    what: str, collection: Any, name: Any, tables: dict[str, Any], asks: tuple[tuple[Any, ...], ...], given: Any = ..., /
) -> bool:
    """Whether all of what asks_of gave holds now."""

def follow_places(collection: Any, tables: dict[str, Any], /) -> None:
    """After values were written: if these are the places of a mesh's vertices, gives the first its own again, so that what
    Blender derives from them is made anew."""

@final
class Look:
    """Where geometry is looked at (layout/layers.py)."""

    def __new__(cls, stamp: dict[str, Any]) -> Look:
        """stamp: as a trail's (layout/layers.py)."""
    @property
    def stale(self) -> bool:
        """Whether it only says False since forget_trails()."""
    def surface(self, mesh: Any, /) -> bool:
        """True if the polygons divide the corners among them, and those lead to vertices; False where that has to be
        looked at in another way."""
    def whole(self, owner: Any, /) -> bool:
        """The same of the edges, too, or of the points that hair curves divide among them."""
    def still_whole(self, owner: Any, /) -> bool:
        """The same, without looking again at a mesh that was whole and has not been made anew since: for writes."""

class Context:
    """The half of a wrapper's `with` that needs no Python (entered/trailed.py)."""

    on_lost: list[Callable[[Any], object]]
    """Functions that are called with the wrapper when its supplier is lost."""
    _path: Any
    _items: Any
    _scalar: str | None
    _ragged: str
    _more: dict[str, Any] | None
    _key: Any
    _expression: Any
    _memcache: Any
    _view: Any
    _routes: Any
    _offsets: Any
    _run: Any
    _known: Any
    _told: Any

    def __enter__(self) -> Self:
        """Resolves the expression, compiles or finds the kernels, fills the MemCache."""
    def __exit__(self, *_: object) -> None:
        """Releases the MemCache and all its sub-views; buffers exported from them live on."""

class Way:
    """A path as native code sees it (internal)."""

    root: Any
    steps: tuple[Any, ...]
    _moment: tuple[int, float] | None

class Subscripted:
    """Base of what `[...]` makes a wrapper of (slicer.py)."""

    _path: Any
    _scalar: str | None
    _ragged: str
    _more: dict[str, Any] | None

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

def set_session(trails: dict[Any, Any], one: type, /) -> None:
    """The trails that are known, by key; the type of what is known of one collection."""

def follow_composed(transform: type, gather: type, portions: type, groups: type, /) -> None:
    """The types of what is known through a matrix, through indices, of what elements divide among them, of scripts'
    groups: native code enters along these, too. After set_session."""

def follow_one(kind: type, /) -> None:
    """Another type of what is known of one collection. After set_session."""

def follow_array(kind: type, /) -> None:
    """The type of what is known of one array. After set_session."""

def follow_instances(kind: type, /) -> None:
    """The type of what is known of instances. After set_session."""

def follow_single(kind: type, /) -> None:
    """The type of what is known of one struct. After set_session."""

def note_entered(signatures: tuple[str, ...], path: Any, expression: Any, key: Any, /) -> None:
    """For take_recent(): what was entered along a trail otherwise than by a wrapper's native enter."""

def forget_recalled() -> None:
    """For whoever puts another trail in place of one that is known."""

def take_recent() -> list[tuple[tuple[str, ...], Any, Any, Any]]:
    """(signatures, path, expression, key) of what was entered last along known trails, oldest first; from now on they are
    forgotten."""

def set_wrapper_class(kind: type, matrices: type, named: type, /) -> None:
    """The classes of wrappers, of given matrices, of expressions in which collections stand."""

def set_rosters(root: type, homes: dict[type, str], changing: dict[type, bool], /) -> None:
    """The class of lists' roots; by class of datablocks the name of their list in bpy.data, and whether one may become one of
    another class."""

def set_id_places(places: tuple[int, int, int, int], /) -> None:
    """Where datablocks keep who they are, as for roster_of."""

def known_path(member: object, /) -> Any:
    """The Path of a datablock that has a root, or of a collection whose datablock has one, along a way that is known.
    None where that does not lead to it."""

def set_evaluated(kind: type, /) -> None:
    """The class EvaluatedRoot."""
def note_depsgraph(root: Watched, kind: type, steps: dict[str, Any], /) -> None:
    """The root of a depsgraph that was captured; bpy's class of these; a dict of the steps to each collection by its name."""

def set_depsgraph(kind: type, bpy: object, going_on: list[Any], last: dict[str, Any], /) -> None:
    """The class DepsgraphRoot; bpy; a list of (name, last evaluation before) of the depsgraphs that Blender evaluates for us
    now; the last event by kind."""
def note_main_list(root: Watched, name: str, steps: tuple[Any, ...], /) -> None:
    """A list of bpy.data, which `root` stands for, from now on is found without Python. Once for each."""
def find_ways(structs: Sequence[Any], paths: list[Any], /) -> bool:
    """Appends to `paths` the Path of each of the structs that has none yet, and stops before the first to which no pattern
    leads; whether all have one."""

def set_patterns(patterns: dict[tuple[type, type], tuple[tuple[tuple[Any, ...], tuple[type, ...], bool], ...]], /) -> None:
    """The dict by (type of the datablock, of the struct) of (steps, type of what each starts from, whether bpy tells no
    path)."""

def owner_path(id: object, /) -> Any:
    """The Path of a datablock that has no root of its own, as it was noted, if that leads to it now; else None."""

def set_owners(owners: dict[Any, Any], /) -> None:
    """The dict in which Paths to such are noted: by address, or for evaluated data (type, name)."""

def unlike(paths: list[Any], telling: Container[Any], /) -> list[Any]:
    """Those of the paths that have another root's type or other steps than the one before; what a key or number is does
    not count, unless the key is in `telling`."""

def picked(item: tuple[Any, ...], length: int, /) -> bytes | None:
    """The numbers from 0 that parsed indices, a mask or a range name of so many elements, as bytes of int64. None where
    they name others, or none."""

def set_ways(
    path: type, root: type, ways: dict[tuple[Any, Any], tuple[tuple[Any, ...], ...]], /
) -> None:
    """The classes Path and IDRoot. `ways`: by (type of the datablock, path), (steps, type of what each starts from); by
    (session uid, 'fcurve') the same to the list of F-curves; by (root, path) some of them."""

def forget_trails() -> None:
    """Every trail made so far declines from now on."""

def trails_forgotten() -> int:
    """How often forget_trails() was called."""

def trail_counts() -> dict[str, tuple[int, int]]:
    """'enter', 'refresh', 'update': how often native code did it, and how often it declined; 'array': how often a
    struct's pointer told where one lies, and how often bpy was asked; 'struct': how often one of many was what it was
    when bpy told that, and how often it had changed; 'layer', 'pointer': as 'array' of layers, of what an object points to; 'address': how often bpy's own object was read for what as_pointer() tells, and how often bpy was
    asked; 'look': how often geometry was remembered to be whole, and how often all of it was looked at; for tests."""
