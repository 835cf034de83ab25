# tests/inspection/test_page.py: the HTML report, and the chart of a history.
import html.parser
import pathlib
import unittest
from unittest import mock

import rnaslicer._core as core
import rnaslicer.inspection.reference as reference
from rnaslicer.inspection import Transfer, chart, report

from made import CLAMPED, COPIED, POSITIONS, cache_folder, info, run, shell, signature

VOID = {"meta", "path"}
OPTIONAL = {"p", "td", "th", "tr", "html", "body"}  # end tags that may be left out


class Page(html.parser.HTMLParser):
    """Checks that elements are closed in order; collects what a test asks."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.outside = [], set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if "id" in attrs:
            self.ids.add(attrs["id"])
        if "href" in attrs:
            self.links.add(attrs["href"])
        self.outside += [v for k, v in attrs.items() if k in ("src", "href") and not (v or "").startswith("#")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag and self.open[-1] in OPTIONAL:
            self.open.pop()
        assert self.open and self.open[-1] == tag, (tag, self.open[-5:])
        self.open.pop()


def transfer(nbytes, seconds, expression="Slicer(X)[:, 'co']", direction="refresh"):
    return Transfer(expression, direction, "", ("direct",), ("compiled",), ("0" * 16,), nbytes, seconds, 2, "")


class References(unittest.TestCase):
    def test_copies_are_timed_without_python(self):
        target = bytearray(8)
        self.assertGreater(core.copy_seconds(target, b"12345678", 3), 0)
        self.assertEqual(target, b"12345678")
        for arguments in ((bytearray(8), bytes(9), 1), (bytearray(8), bytes(8), 0)):
            self.assertRaises(ValueError, core.copy_seconds, *arguments)
        self.assertRaises((TypeError, BufferError), core.copy_seconds, bytes(8), bytes(8), 1)
        self.assertRaises(TypeError, core.copy_seconds, bytearray(8), 8, 1)


    def test_a_reference_that_a_kernel_beats_is_measured_again(self):
        rates = [1.0, 3.0, 2.0, 9.0, 99.0]
        with mock.patch.dict(reference._best, clear=True), mock.patch.object(
                reference, "_measured", lambda _: rates.pop(0)):
            self.assertEqual(reference.memcpy_rate(5000), 1)
            self.assertEqual(reference.memcpy_rate(5000, 0.5), 1)
            self.assertEqual(reference.memcpy_rate(5000, 2), 3, "until it is not beaten")
            self.assertEqual(reference.memcpy_rate(5000, 50), 9, "some times")
            self.assertEqual(reference.memcpy_rate(5000, 50), 9)
        self.assertEqual(rates, [99])


class Reports(unittest.TestCase):
    def page(self, folder, **options):
        path = pathlib.Path(folder, "report.html")
        report(str(path), **options)
        text, page = path.read_text(encoding="utf-8"), Page()
        page.feed(text)
        page.close()
        self.assertEqual([tag for tag in page.open if tag not in OPTIONAL], [])
        self.assertNotIn("script", page.tags)
        self.assertEqual(page.outside, [], "one self-contained file")
        return text, page

    def test_kernels_in_memory(self):
        with cache_folder() as folder:
            for plan in (POSITIONS, CLAMPED, COPIED):
                run(plan)
            text, page = self.page(folder)
            for plan in (POSITIONS, CLAMPED, COPIED):
                self.assertIn("k" + signature(plan), page.ids)
                self.assertIn("#k" + signature(plan), page.links)
            self.assertGreaterEqual(page.tags.count("details"), 9)
            self.assertIn("prefers-color-scheme:dark", text)
            block = info(CLAMPED).update.listing.blocks[3]
            self.assertIn(f'<pre class="l c{block.line} n{block.line}">clamp 0 1</pre>', text)

    def test_without_kernels(self):
        with cache_folder() as folder:
            pathlib.Path(folder).mkdir()
            text, page = self.page(folder)
            self.assertIn("0 kernels", text)

    def test_fifty_kernels_stay_small(self):
        with cache_folder() as folder:
            lanes = "\n".join(f"lane {4 * (i * 7 % 16)} -> {4 * i}" for i in range(16))
            for i in range(50):  # kernels with much code
                plan = core.Plan("plan 1\nstorage f32\nvalue f32\nformat u16\n"
                                 f"loop strided source {72 + 4 * i} cache 64\nlanes 16\n{lanes}\n")
                for direction in ("refresh", "update"):
                    core.Kernel(plan).prepare(direction)
            text, page = self.page(folder)
            self.assertEqual(len(page.ids), 50)
            self.assertLess(len(text.encode()), 1_000_000)

    def test_a_history_gives_a_chart(self):
        with cache_folder() as folder:
            run(POSITIONS)
            moved = [transfer(1 << i, (1 << i) / 8e9) for i in range(10, 20)]
            moved.append(transfer(4096, 1e-6, "Slicer(<b>'&\")[:]", "update"))
            text, page = self.page(folder, history=moved)
            self.assertEqual(page.tags.count("circle"), 11)
            self.assertIn("Slicer(&lt;b&gt;", text)
            self.assertEqual(chart.chart([]), "")
            self.assertEqual(chart.chart([transfer(0, 0.0)]), "")
            self.assertIn("<svg", chart.chart([transfer(1, 1e-7)]))

    def test_what_was_there_stays_if_writing_fails(self):
        with cache_folder() as folder:
            run(POSITIONS)
            path = pathlib.Path(folder, "report.html")
            path.write_text("old")

            def fails():
                raise RuntimeError("half-way")
                yield
            with self.assertRaises(RuntimeError):
                report(str(path), history=fails())
            self.assertEqual(path.read_text(), "old")
            self.assertEqual(list(pathlib.Path(folder).glob("*.html")), [path])

    def test_from_the_command_line(self):
        with cache_folder() as folder:
            run(POSITIONS)
            path = pathlib.Path(folder, "r.html")
            code, out, _ = shell("report", path)
            self.assertEqual(code, 0)
            self.assertIn("1 kernel in", out)
            self.assertIn(signature(POSITIONS), path.read_text())


if __name__ == "__main__":
    unittest.main()
