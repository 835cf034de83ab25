# tests/blender/asan/overflow.py: reads beyond an allocation on purpose, to see that ASan watches
import ctypes

from rnaslicer import _core

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
plan = _core.Plan("plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 16 cache 4\nlanes\nlane 0 -> 0\n")
_core.Kernel(plan).refresh(_core.allocate((10,), "f", None), libc.malloc(100), (10,))
