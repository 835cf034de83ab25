# tests/inspection/test_command.py: the command line, on caches that are good, empty, damaged and hostile.
import json
import os
import pathlib
import pty
import random
import struct
import subprocess
import sys
import unittest

import rnaslicer
import rnaslicer._core as core
from rnaslicer.inspection import stored_kernels

from made import CLAMPED, POSITIONS, cache_folder, run, shell, signature


def kernel_files(folder):
    return sorted(pathlib.Path(folder).glob("rnaslicer_*.kernel"))


class Commands(unittest.TestCase):
    def test_kernels(self):
        with cache_folder() as folder:
            self.assertEqual(shell("kernels")[0::2], (0, ""))
            run(POSITIONS)
            run(CLAMPED, update=False)
            code, out, err = shell("kernels", "--sort", "signature")
            self.assertEqual((code, err), (0, ""))
            lines = out.splitlines()
            self.assertEqual([line.split()[0] for line in lines[1:3]], sorted((signature(POSITIONS), signature(CLAMPED))))
            self.assertIn("f32 x 3, stride 16 to 12", out)
            self.assertIn("2 kernels", lines[-1])
            self.assertIn(folder, lines[-1])
            self.assertNotIn("\x1b", out)
            for sort in ("used", "tier", "bytes", "cycles"):
                self.assertEqual(shell("kernels", "--sort", sort)[0], 0)
            self.assertEqual(shell("kernels", "--sort", "beauty")[0], 2)

    def test_json(self):
        with cache_folder() as folder:
            run(POSITIONS)
            found = json.loads(shell("kernels", "--json")[1])
            self.assertEqual((found["refused"], found["directory"]), (0, folder))
            (kernel,) = found["kernels"]
            self.assertEqual((kernel["signature"], kernel["plan"]), (signature(POSITIONS), POSITIONS))
            self.assertEqual([code["direction"] for code in kernel["codes"]], ["refresh", "update"])
            shown = json.loads(shell("show", signature(POSITIONS), "--json")[1])
            assembly = shown["codes"][0]["assembly"]
            self.assertEqual(assembly[0]["address"], 0)
            self.assertEqual(bytes.fromhex(assembly[-1]["bytes"]), b"\xc3")

    def test_show(self):
        with cache_folder():
            run(POSITIONS)
            prefix = signature(POSITIONS)[:5]
            self.assertIn("kernel " + signature(POSITIONS), shell("show", prefix)[1])
            self.assertIn("main loop", shell("show", prefix)[1])
            self.assertEqual([line[5:] for line in shell("show", prefix, "--plan")[1].splitlines()], POSITIONS.splitlines())
            self.assertIn("define void @", shell("show", prefix, "--ir")[1])
            self.assertIn("ret", shell("show", prefix, "--asm")[1])
            self.assertNotIn("folded", shell("show", prefix, "--linked", "--all")[1])
            self.assertRegex(shell("show", prefix.upper(), "--mca")[1], "cycles|no model")

    def test_refusals_say_what_to_do(self):
        with cache_folder():
            run(POSITIONS)
            run(CLAMPED)
            for arguments, words in ((("show", "zz"), "no kernel on disk begins with 'zz'"), (("show", ""), "which kernel?"),
                                     (("diff", signature(POSITIONS), "12\x1b[31m"), "no kernel on disk begins"),
                                     (("show", signature(POSITIONS) + ":sse9"), "is there for"),
                                     (("report", "/nowhere/at/all.html"), "No such file")):
                code, out, err = shell(*arguments)
                self.assertEqual((code, out), (1, ""), arguments)
                self.assertIn(words, err)
                self.assertNotIn("\x1b", err)
            self.assertEqual(shell()[0], 2)

    def test_a_prefix_of_several(self):
        with cache_folder():
            for stride in range(12, 12 + 4 * 20, 4):
                core.Kernel(core.Plan(POSITIONS.replace("source 16", f"source {stride}"))).prepare("refresh")
            signatures = [k.signature for k in stored_kernels()[0]]
            common = next(s[0] for s in signatures if sum(t[0] == s[0] for t in signatures) > 1)
            code, _, err = shell("show", common)
            self.assertEqual(code, 1)
            self.assertIn("is the beginning of", err)

    def test_diff_of_tiers(self):
        with cache_folder(tier="baseline"):
            run(POSITIONS)
            rnaslicer.configure(tier="")
            tier = rnaslicer.cache_info()["tier"]
            if tier == "baseline":
                self.skipTest("this CPU has no other tier")
            rnaslicer.clear_cache()
            run(POSITIONS)
            name = signature(POSITIONS)
            code, out, err = shell("diff", f"{name}:baseline", f"{name}:{tier}")
            self.assertEqual((code, err), (0, ""))
            self.assertIn("(baseline)", out.splitlines()[0])
            self.assertIn(f"({tier})", out.splitlines()[1])

    def test_clear(self):
        with cache_folder() as folder:
            run(POSITIONS)
            other = pathlib.Path(folder, "of somebody else")
            other.write_text("kept")
            code, out, _ = shell("clear")
            self.assertEqual(code, 0)
            self.assertIn("2 files deleted", out)
            self.assertEqual(os.listdir(folder), [other.name])
            self.assertIn("0 kernels", shell("kernels")[1])

    def test_as_a_program_without_blender(self):
        with cache_folder() as folder:
            run(POSITIONS)
            command = [sys.executable, "-m", "rnaslicer", "--cache", folder, "show", signature(POSITIONS)]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn("\x1b", done.stdout)
            for no_color, expected in (("", True), ("1", False)):
                self.assertEqual("\x1b[" in on_a_terminal(command, no_color), expected, no_color)


def on_a_terminal(command, no_color):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs, env=dict(os.environ, NO_COLOR=no_color))
    os.close(theirs)
    output = b""
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:  # the other end is gone
            break
        if not part:
            break
        output += part
    os.close(ours)
    assert process.wait() == 0
    return output.decode()


class Strangers(unittest.TestCase):
    """Nothing that lies in the folder may do more than be counted."""

    def refused(self, count, readable=1):
        found, refused = stored_kernels()
        self.assertEqual((len(found), refused), (readable, count))
        for arguments in (("kernels",), ("kernels", "--json"), ("show", signature(POSITIONS))):
            code, out, err = shell(*arguments)
            self.assertEqual(code, 0, err)
        if count:
            self.assertIn(f"{count} file{'' if count == 1 else 's'} there: damaged", shell("kernels")[1])

    def test_garbage(self):
        with cache_folder() as folder:
            run(POSITIONS, update=False)
            (good,) = kernel_files(folder)
            data, rng = good.read_bytes(), random.Random(1)
            for i in range(40):
                broken = bytearray(data)
                if i % 2:
                    del broken[rng.randrange(len(broken)):]
                else:
                    broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
                name = good.with_name(f"rnaslicer_{i:016x}_refresh-{i:016x}.kernel")
                name.write_bytes(broken)
            self.refused(40)

    def test_names_that_lie(self):
        with cache_folder() as folder:
            run(POSITIONS, update=False)
            (good,) = kernel_files(folder)
            lie = good.with_name("rnaslicer_" + "0" * 16 + good.name[len("rnaslicer_") + 16:])
            lie.write_bytes(good.read_bytes())
            self.refused(1)

    def test_pipes_links_and_files_of_others(self):
        with cache_folder() as folder:
            run(POSITIONS, update=False)
            (good,) = kernel_files(folder)
            os.mkfifo(good.with_name("rnaslicer_1-1.kernel"))
            good.with_name("rnaslicer_2-2.kernel").symlink_to(good)
            open_to_all = good.with_name(good.name.replace("rnaslicer_", "rnaslicer_3"))
            open_to_all.write_bytes(good.read_bytes())
            open_to_all.chmod(0o666)
            self.refused(1)  # pipes and links are no files of ours at all

    def test_a_folder_that_others_may_write(self):
        with cache_folder() as folder:
            run(POSITIONS)
            os.chmod(folder, 0o777)
            code, out, _ = shell("kernels")
            self.assertEqual(code, 0)
            self.assertIn("0 kernels", out)
            self.assertIn("others may write it", out)

    def test_a_well_made_file_with_an_evil_heart(self):
        """Right checksum and name, but texts that steer terminals and pages, and an object that is none."""
        with cache_folder() as folder:
            run(POSITIONS, update=False)
            (good,) = kernel_files(folder)
            evil = b"define void @x() {\n  \x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\n}\n"
            self.assertEqual(forge(good, ir=evil, object_=b"\x7fELF" + bytes(range(256))), good)
            found, refused = stored_kernels()
            self.assertEqual((len(found), refused), (1, 0))
            for arguments in (("show", signature(POSITIONS)), ("show", signature(POSITIONS), "--ir", "--asm", "--linked")):
                code, out, err = shell(*arguments)
                self.assertEqual((code, err), (0, ""))
                self.assertNotIn("\x1b", out)
                self.assertNotIn("\x07", out)
            page = os.path.join(folder, "page.html")
            self.assertEqual(shell("report", page)[0], 0)
            text = pathlib.Path(page).read_text()
            self.assertNotIn("<script", text)
            self.assertIn("&lt;script&gt;", text)

    def test_keys_that_lie(self):
        with cache_folder() as folder:
            run(POSITIONS, update=False)
            (good,) = kernel_files(folder)
            for old, new in ((b"source 16", b"source 24"), (b"storage f32", b"storage f99"), (b"tier ", b"tier \x1b"),
                             (b"_refresh\n", b"_destroy\n"), (b"plan 1", b"plan 2")):
                forge(good, key=(old, new))
            self.refused(5)


def forge(good, ir=None, object_=None, key=None):
    """A file beside a good one with other content, and a checksum that fits: by a program of the same library."""
    data = good.read_bytes()
    magic, version, header, key_size, object_size, ir_size, count = struct.unpack("8sIIQQQq", data[:48])
    parts = [data[80: 80 + key_size], data[80 + key_size: 80 + key_size + object_size], data[80 + key_size + object_size:]]
    if key:
        assert key[0] in parts[0]
        parts[0] = parts[0].replace(*key, 1)
    parts[1] = parts[1] if object_ is None else object_
    parts[2] = parts[2] if ir is None else ir
    head = struct.pack("8sIIQQQq", magic, version, header, *map(len, parts), count)
    body = b"".join(parts)
    digest = blake3(head + bytes(32) + body)
    symbol = good.name.rsplit("-", 1)[0]
    path = good.with_name(f"{symbol}-{blake3(parts[0])[:8].hex()}.kernel")
    path.write_bytes(head + digest + body)
    path.chmod(0o600)
    return path


IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)


def blake3(data):
    """The hash of the cache's files, after the reference implementation's paper."""
    chunks = [data[i: i + 1024] for i in range(0, len(data), 1024)] or [b""]

    def chunk(i, last):
        value, blocks = IV, [chunks[i][j: j + 64] for j in range(0, len(chunks[i]), 64)] or [b""]
        for j, block in enumerate(blocks):
            end = j == len(blocks) - 1
            flags = (j == 0) | 2 * end | 8 * (end and last)
            words = struct.unpack("<16I", block.ljust(64, b"\0"))
            value = compress(value, words, i, len(block), flags)
        return value

    def tree(first, count, root):
        if count == 1:
            return chunk(first, root)
        left = 1 << (count - 1).bit_length() - 1
        words = tree(first, left, False) + tree(first + left, count - left, False)
        return compress(IV, words, 0, 64, 4 | 8 * root)
    return struct.pack("<8I", *tree(0, len(chunks), True))


def compress(value, words, counter, length, flags):
    v = [*value, *IV[:4], counter & 0xFFFFFFFF, counter >> 32, length, flags]
    words = list(words)

    def mix(a, b, c, d, x, y):
        for extra, one, two in ((x, 16, 12), (y, 8, 7)):
            v[a] = (v[a] + v[b] + extra) & 0xFFFFFFFF
            v[d] = turned(v[d] ^ v[a], one)
            v[c] = (v[c] + v[d]) & 0xFFFFFFFF
            v[b] = turned(v[b] ^ v[c], two)
    for _ in range(7):
        for i, places in enumerate(((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15),
                                    (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))):
            mix(*places, words[2 * i], words[2 * i + 1])
        words = [words[i] for i in ORDER]
    return tuple(v[i] ^ v[i + 8] for i in range(8))


def turned(x, by):
    return (x >> by | x << 32 - by) & 0xFFFFFFFF


if __name__ == "__main__":
    unittest.main()
