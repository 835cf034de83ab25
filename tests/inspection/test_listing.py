# tests/inspection/test_listing.py: plan, IR and assembly joined, verdict, comparison and table of kernels in memory.
import re
import unittest

import rnaslicer
import rnaslicer._core as core
from rnaslicer.inspection import diff, overview
from rnaslicer.inspection.views import Ansi, asm_view, full_text, ir_text, linked_text, plan_text

from made import CLAMPED, COPIED, POSITIONS, cache_folder, info, run, signature


class Listings(unittest.TestCase):
    def test_joins_both_ways(self):
        with cache_folder():
            for plan in (POSITIONS, CLAMPED):
                run(plan)
                for entry in (info(plan).refresh, info(plan).update):
                    listing = entry.listing
                    self.assertEqual([b.text for b in listing.blocks], plan.splitlines())
                    self.assertTrue(listing.asm and listing.ir)
                    for one in listing.asm:
                        self.assertEqual(listing.line_of_address(one.address), one.line)
                        self.assertEqual(listing.line_of_address(one.address + len(one.bytes) - 1), one.line)
                        if one.line:
                            self.assertIn(one, listing.blocks[one.line - 1].asm)
                    text = entry.ir.splitlines()
                    for one in listing.ir:
                        self.assertEqual(listing.line_of_ir(one.number), one.line)
                        self.assertTrue(text[one.number - 1].startswith(one.text[:20]))
                        self.assertNotIn("!dbg", one.text)
                    self.assertEqual(sum(len(b.asm) for b in listing.blocks), sum(1 for a in listing.asm if a.line))
                    self.assertEqual(b"".join(a.bytes for a in listing.asm)[-1:], b"\xc3")  # ret

    def test_lines_are_those_of_the_work(self):
        with cache_folder(tier="baseline"):
            run(CLAMPED)
            clamp = info(CLAMPED).update.listing.blocks[3]
            self.assertTrue(clamp.text.startswith("clamp"))
            self.assertTrue(any("fcmp" in one.text or "select" in one.text for one in clamp.ir), clamp.ir)
            self.assertTrue(any(re.match("(max|min|cmp)", one.text) for one in clamp.asm), clamp.asm)

    def test_the_main_loop_is_marked(self):
        with cache_folder():
            run(POSITIONS)
            run(COPIED)
            listing = info(POSITIONS).listing
            names = [name for name, _ in listing.parts()]
            self.assertEqual(names, ["prologue", "loop", "tail"])
            inside = dict(listing.parts())["loop"]
            self.assertEqual((inside[0].address, inside[-1].target), (listing.loop[0], listing.loop[0]))
            self.assertIsNone(info(COPIED).listing.loop)
            self.assertEqual([name for name, _ in info(COPIED).listing.parts()], ["prologue"])

    def test_nothing_compiled_has_no_listing(self):
        with cache_folder():
            kernel = core.Kernel(core.Plan(POSITIONS))
            self.assertIsNone(info(POSITIONS).listing)
            self.assertIn("nothing is compiled", linked_text(info(POSITIONS)))
            self.assertEqual(kernel.entries("refresh"), [])  # and looking compiled nothing

    def test_the_disk_hides_nothing(self):
        with cache_folder():
            run(POSITIONS)
            before = full_text(info(POSITIONS)).split("\n\n", 1)[1]
            rnaslicer.clear_cache()
            run(POSITIONS)
            self.assertEqual(info(POSITIONS).origin, "disk")
            self.assertEqual(full_text(info(POSITIONS)).split("\n\n", 1)[1], before)
            self.assertIn("loaded from disk in", info(POSITIONS).verdict)

    def test_texts(self):
        with cache_folder():
            run(POSITIONS)
            kernel = info(POSITIONS)
            self.assertEqual(plan_text(kernel).splitlines()[1], "  2  storage f32")
            self.assertIn("define void @rnaslicer_", ir_text(kernel))
            self.assertIn("main loop", asm_view(kernel))
            folded, unfolded = linked_text(kernel), linked_text(kernel, unfolded=True)
            self.assertIn("folded", folded)
            self.assertNotIn("folded", unfolded)
            for one in kernel.listing.asm:
                self.assertIn(f"{one.address:5x}:  ", unfolded)
            colored = linked_text(kernel, Ansi())
            self.assertEqual(re.sub(r"\x1b\[[0-9;]*m", "", colored), folded)
            self.assertGreater(len(set(re.findall(r"\x1b\[38;5;\d+m", colored))), 2)


class Verdicts(unittest.TestCase):
    def test_says_what_ran_and_how_fast(self):
        with cache_folder():
            for _ in range(3):
                run(POSITIONS, 100_000)
            text = info(POSITIONS).verdict
            self.assertIn(f"kernel {signature(POSITIONS)}", text)
            self.assertRegex(text, r"refresh: 3 calls, 3.6 MB, .* fastest, .* slowest, .* last; .* on average, ")
            self.assertIn("update: 3 calls", text)
            self.assertRegex(text, r"GB/s at best: \d+ % of memcpy's")
            self.assertRegex(text, "compiled in .*(cycles for|no model)")
            times = info(POSITIONS).refresh.times
            self.assertTrue(0 < times["fastest"] <= times["last"] <= times["slowest"], times)

    def test_says_why_nothing_is_compiled(self):
        with cache_folder():
            rnaslicer.configure(jit=False)
            run(POSITIONS)
            self.assertIn("interpreted, not compiled: JIT is off", info(POSITIONS).verdict)
            rnaslicer.configure(jit=True)

    def test_looking_changes_nothing(self):
        with cache_folder():
            run(POSITIONS, update=False)
            kernel = info(POSITIONS)
            before = (kernel.calls, kernel.bytes, kernel.seconds, rnaslicer.cache_info()["memory_kernels"])
            for _ in range(2):
                full_text(kernel), diff(kernel, kernel), overview(), repr(kernel.listing)
            self.assertEqual((kernel.calls, kernel.bytes, kernel.seconds,
                              rnaslicer.cache_info()["memory_kernels"]), before)
            self.assertEqual(kernel.update.codes, [])

    def test_prediction_of_lanes_in_a_loop(self):
        """Lanes too many to be written out: an iteration of the inner loop is a part of an element."""
        lanes = "\n".join(f"lane {2 * i} -> {i}" for i in range(40))
        plan = f"plan 1\nstorage u8 flag 0x1\nvalue b1\nformat b1\nloop indexed source 80 cache 40\nlanes 40\n{lanes}\n"
        with cache_folder(tier="baseline"):
            kernel = core.Kernel(core.Plan(plan))
            self.assertEqual(kernel.prepare("update"), "compiled")
            self.assertIn("lane:", kernel.ir("update"))
            found = info(plan).update.codes[0].prediction
            if found is not None:
                self.assertAlmostEqual(found.elements, 1 / 40)
                self.assertAlmostEqual(found.bytes, 1)


class Comparisons(unittest.TestCase):
    def test_the_same_is_the_same(self):
        with cache_folder():
            run(POSITIONS)
            text = diff(info(POSITIONS), info(POSITIONS))
            for part in ("plan", "IR", "assembly"):
                self.assertIn(f"{part}: the same", text)

    def test_two_layouts(self):
        with cache_folder():
            run(POSITIONS)
            other = POSITIONS.replace("source 16", "source 20")
            run(other, update=False)
            text = diff(info(POSITIONS), info(other))
            self.assertIn("-loop strided source 16 cache 12\n+loop strided source 20 cache 12", text)
            self.assertRegex(text, r"instructions +\d+ +\d+")
            self.assertIn("update: only ", text)

    def test_two_tiers_are_told_apart(self):
        with cache_folder(tier="baseline"):
            run(POSITIONS)
            from rnaslicer.inspection import stored_kernels
            (baseline,), _ = stored_kernels()
            rnaslicer.clear_cache()
            rnaslicer.configure(tier="")
            if rnaslicer.cache_info()["tier"] == "baseline":
                self.skipTest("this CPU has no other tier")
            run(POSITIONS)
            text = diff(baseline, info(POSITIONS))
            self.assertIn("(baseline)", text.splitlines()[0])
            self.assertIn(f"({rnaslicer.cache_info()['tier']})", text.splitlines()[1])
            self.assertIn("plan: the same", text)


class Tables(unittest.TestCase):
    def test_overview_sorts_and_shows_shares(self):
        with cache_folder():
            run(POSITIONS, 1000)
            run(CLAMPED, 100_000)
            core.Kernel(core.Plan(COPIED))
            lines = overview().splitlines()
            self.assertTrue(lines[0].split()[:2] == ["share", "calls"])
            self.assertIn(signature(CLAMPED), lines[1])
            self.assertIn(signature(COPIED), "\n".join(lines[2:]))
            shares = [int(n) for n in re.findall(r"^ *(\d+) %", "\n".join(lines[1:]), re.M)]
            self.assertAlmostEqual(sum(shares), 100, delta=2)
            for sort in ("bytes", "calls", "rate", "memcpy", "expression"):
                self.assertEqual(sorted(overview(sort).splitlines()[1:]), sorted(lines[1:]))


if __name__ == "__main__":
    unittest.main()
