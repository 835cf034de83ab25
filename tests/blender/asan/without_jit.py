# tests/blender/asan/without_jit.py: run before the tests: every byte goes through the interpreter
import rnaslicer

rnaslicer.configure(jit=False)
