// tests/runtime/module_walks_test.cpp: walks as Python calls them.
#include "tests/runtime/interpreter.hpp"

#include <gtest/gtest.h>

namespace {

using rnaslicer::test::run_python;

TEST(ModuleWalks, ListsGiveAddresses) {
  run_python(R"py(
memory = array.array('q', [0] * 80)
base = memory.buffer_info()[0]
order = [3, 9, 0, 7, 1]
nodes = [base + 64 * i for i in order]
for i, at in enumerate(order):
    memory[8 * at + 1] = nodes[i + 1] if i < 4 else 0
    memory[8 * at + 3] = nodes[i - 1] if i else 0
for options in ({}, {'safe': True}, {'prev_at': 24}, {'prev_at': 24, 'safe': True}):
    found = core.walk_list(nodes[0], 8, 5, nodes[-1], **options)
    assert found.tolist() == nodes and found.format == 'q' and found.wrapper is None
    assert core.walk_list(nodes[0], 8, 5, nodes[-1], known=found, **options).tolist() == nodes
    wrong = array.array('q', nodes[::-1])
    assert core.walk_list(nodes[0], 8, 5, nodes[-1], known=wrong, **options).tolist() == nodes
    assert core.walk_list(nodes[0], 8, 5, nodes[-1], known=wrong[:2], **options).tolist() == nodes
    assert core.walk_list(nodes[0], 8, 4, nodes[-1], **options) is None
    assert core.walk_list(nodes[0], 8, 5, nodes[0], **options) is None
    assert core.walk_list(16, 8, 5, nodes[-1], **options) is None
    assert core.walk_list(0, 8, 0, 0, **options).tolist() == []
memory[3] = nodes[0]
assert core.walk_list(nodes[0], 8, 5, nodes[-1], 24) is None
assert core.walk_list(nodes[0], 8, 5, nodes[-1]).tolist() == nodes
refused('ValueError', 'next_at', core.walk_list, base, -8, 1, base)
refused('ValueError', 'count', core.walk_list, base, 8, -1, base)
refused('ValueError', 'count', core.walk_list, base, 8, 1 << 60, base)
refused('TypeError', 'known', core.walk_list, base, 8, 1, base, known=b'12345678')

found = core.follow_pointers(array.array('q', nodes[:4]), 8)
assert found.tolist() == nodes[1:]
assert core.follow_pointers(found, 8) is None and core.follow_pointers(found, 8, safe=True) is None
assert core.are_null(found[3:], 8) and not core.are_null(found, 8, safe=True)
refused('TypeError', 'addresses', core.are_null, None, 8)
refused('TypeError', 'addresses', core.follow_pointers, None, 8)
refused('TypeError', 'addresses', core.follow_pointers, array.array('i', [1]), 8)
refused('ValueError', 'at', core.follow_pointers, found, -1)
)py");
}

TEST(ModuleWalks, RowsGiveOffsetsAndAddresses) {
  run_python(R"py(
import struct
counts = [2, 0, 3, 1]
items = [4096 * (i + 1) for i in range(4)]
memory = bytearray(b''.join(struct.pack('qii', a, n, 5) for a, n in zip(items, counts)))
view = core.from_buffer(memory)
import ctypes
base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
wanted = [4096, 4104, 12288, 12296, 12304, 16384]
for options in ({}, {'safe': True}):
    offsets, addresses = core.rows_of(base, 16, 4, 0, 8, 8, **options)
    assert offsets.tolist() == [0, 2, 2, 5, 6] and addresses.tolist() == wanted
    assert core.row_addresses(base, 16, 4, 0, 8, 8, offsets, **options).tolist() == wanted
    assert core.row_addresses(base, 16, 4, 0, 8, 0, offsets, **options).tolist() == items
    assert core.row_difference(base, 16, 4, 0, 8, offsets, **options) is None
    assert core.row_difference(base, 16, 4, 0, 8, array.array('q', [3, 5, 5, 8, 10]), **options) == 3
    assert core.row_addresses(base + 16, 16, 2, 0, 8, 8, offsets[1:4], **options).tolist() == wanted[2:5]
    offsets, addresses = core.rows_of(base + 48, -32, 2, 0, 8, 8, **options)
    assert offsets.tolist() == [0, 1, 1] and addresses.tolist() == [16384]
    table = array.array('q', [2, 2])
    offsets, addresses = core.rows_of(base, 16, 2, 0, 8, 8, table=table, **options)
    assert offsets.tolist() == [0, 3, 6] and addresses.tolist() == wanted[2:5] * 2
    offsets, addresses = core.rows_of(base, 16, 0, 0, 8, 8, **options)
    assert offsets.tolist() == [0] and addresses.tolist() == []
    assert core.row_addresses(base, 16, 4, 0, 8, 8, array.array('q', [0, 2, 2, 4, 5]), **options) == 2
refused('ValueError', 'offsets', core.row_addresses, base, 16, 4, 0, 8, 8, array.array('q', [0, 2]))
refused('ValueError', 'offsets', core.row_addresses, base, 16, 2, 0, 8, 8, array.array('q', [-1, 2, 3]))
refused('ValueError', 'offsets', core.row_addresses, base, 16, 2, 0, 8, 8, array.array('q', [0, 2, 1]))
refused('ValueError', 'offsets', core.row_addresses, base, 16, 2, 0, 8, 8, None)
refused('ValueError', 'offsets', core.row_difference, base, 16, 2, 0, 8, array.array('q', [0, 2]))
refused('ValueError', 'table', core.rows_of, base, 16, 3, 0, 8, 8, table=array.array('q', [1]))
refused('ValueError', 'pointer_at', core.rows_of, base, 16, 3, -1, 8, 8)
memory[8] = 255
memory[11] = 255
assert core.rows_of(base, 16, 4, 0, 8, 8) is None
assert core.rows_of(1 << 20, 16, 4, 0, 8, 8, safe=True) is None
)py");
}

// Blender 3.4 was killed for the 24 GB of addresses that an attribute's values, taken for rows,
// added up to.
TEST(ModuleWalks, RowsThatNoMemoryHoldsAreNone) {
  run_python(R"py(
import ctypes, struct
for counts in ([1 << 30], [1, 1 << 29, 0], [1 << 27] * 8):
    memory = bytearray(b''.join(struct.pack('qii', 4096, n, 5) for n in counts))
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for safe in (False, True):
        assert core.rows_of(base, 16, len(counts), 0, 8, 8, safe=safe) is None, counts
many = bytearray(b''.join(struct.pack('qii', 4096, n, 5) for n in [1000] * 100))
base = ctypes.addressof(ctypes.c_char.from_buffer(many))
offsets, addresses = core.rows_of(base, 16, 100, 0, 8, 8)
assert offsets[100] == len(addresses) == 100_000, 'what memory can hold'
)py");
}

} // namespace
