# tests/blender/discovery/test_first_enter.py: what a session's first enter asks of the build, and what it does without
"""A few types tell where RNA and DNA keep things; all types, asked one after the other, must say the same."""
import cProfile
import gc
import re
import struct
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest.mock import patch

import bpy

MOST_CALLS = 6000  # some 300 000 where all types are asked
MOST_TOLD_CALLS = 2500  # where places were told


def rna_types():
    kinds = (getattr(getattr(bpy.types, name), "bl_rna", None) for name in dir(bpy.types))
    return [rna for rna in kinds if rna is not None]


def test_few_types_tell_what_all_tell():
    from rnaslicer.blender import calibrate
    assert calibrate.raw_place() == calibrate.whole_place() is not None
    assert calibrate._place_by(calibrate._TELLING) is not None, "all types were asked"
    assert calibrate._length_function_at() == calibrate.whole_length_function_at() is not None
    # and all were not asked for it
    places = calibrate._set_and_null(calibrate._memories(calibrate._DYNAMIC), calibrate._arrays(calibrate._ARRAYS)[1])
    assert places == [calibrate.whole_length_function_at()], places


def test_a_code_that_few_types_lack():
    """All types are asked before a storage counts as undeclared."""
    from rnaslicer.blender import calibrate
    prop = bpy.types.Object.bl_rna.properties["pass_index"]
    told = calibrate.raw(prop)
    assert told is not None
    place = calibrate.raw_place()
    fewer = place._replace(codes={code: scalar for code, scalar in place.codes.items() if scalar != told.scalar})
    with patch.multiple(calibrate, raw_place=lambda: fewer):
        assert calibrate.raw(prop) == told


def test_doubt_asks_all_types():
    """Types that tell nothing, as those of another Blender might: the answers stay."""
    from rnaslicer.blender import calibrate
    place, at = calibrate.raw_place(), calibrate._length_function_at()
    for cached in (calibrate.raw_place, calibrate._length_function_at):
        cached.cache_clear()
    with patch.multiple(calibrate, _TELLING=("Nothing", "Action"), _DYNAMIC=(("Image", "none"),)):
        assert (calibrate.raw_place(), calibrate._length_function_at()) == (place, at)
    for cached in (calibrate.raw_place, calibrate._length_function_at):
        cached.cache_clear()
    with patch.multiple(calibrate, _ARRAYS=("MeshVertex",)):
        assert calibrate._length_function_at() == at


# Of what a collection declares; a pointer such as SpaceFileBrowser.params has a function of its own for its type.
def test_types_that_may_turn_out_to_be_others():
    from rnaslicer.blender import refining, rna
    assert refining._place() is not None
    refined, declared = rna._refined(), set()
    for one in rna_types():
        for prop in one.properties:
            if prop.type == "COLLECTION" and prop.fixed_type is not None:
                declared.add(prop.fixed_type.identifier)
    only = refused = 0
    for one in rna_types():
        if refining.refines(one) is False and one.identifier in declared:
            assert one.identifier not in refined, one.identifier
        only_by_all = one.base is not None and one.base.identifier == "ID" and one.identifier not in refined
        assert rna.is_only_id(one) == only_by_all, one.identifier
        only += only_by_all
        refused += not only_by_all
    assert only > 20 and refused > 1000
    assert not rna.is_only_id(bpy.types.Light.bl_rna) and not rna.is_exact(bpy.types.Modifier.bl_rna)


def test_a_place_that_is_in_doubt_is_not_used():
    """A word that stands in lights and cameras alike tells nothing: then all types are asked, as ever."""
    from rnaslicer.blender import refining, rna
    before = [rna.is_exact(one) for one in rna_types()[::40]]
    with patch.multiple(refining, _OWN=refining._OWN + ("Camera",)):
        refining._place.cache_clear()
        assert refining.refines(bpy.types.MeshVertex.bl_rna) is refining.refines_as_ids_do(bpy.types.Mesh.bl_rna) is None
        assert rna.is_only_id(bpy.types.Mesh.bl_rna) and not rna.is_only_id(bpy.types.Light.bl_rna)
        assert [rna.is_exact(one) for one in rna_types()[::40]] == before
    refining._place.cache_clear()


def test_dna_lies_among_the_constants():
    """The same structs as by a search through the whole executable, which is what a build of another form gets."""
    from rnaslicer.blender import sdna
    path = bpy.app.binary_path
    found = sdna._read(path)
    if found is None:
        return  # a build that hides it; _read_from_blend is what it gets
    with patch.multiple(sdna, _constants=lambda data: (0, 0)):
        whole = sdna._read(path)
    assert found.structs.declared() == whole.structs.declared() and len(found.structs) > 500
    for name in ("ID", "Object", "Mesh", "Scene"):
        assert found.structs[name] == whole.structs[name], name


def test_dna_of_another_file():
    """Where a file is no executable as we know them, or a broken one, all of it is searched."""
    from rnaslicer.blender import sdna
    block = next((one for _, one in sdna._blocks(bpy.app.binary_path) if parsed(one)), None)
    if block is None:
        raise unittest.SkipTest("this build's executable has no SDNA")
    headers = (b"", b"\x7fELF", b"\x7fELF\x02\x01" + bytes(60), b"\x7fELF\x02\x01" + b"\xff" * 60,
               b"\x7fELF\x02\x01" + bytes(34) + struct.pack("<QQHHH", 8, 0, 0, 0, 0) + struct.pack("<HHH", 64, 9, 8))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        for header in headers:
            path.write_bytes(header + b"SDNANAME" + bytes(50) + block)
            found = sdna._read(path)
            assert found is not None and found.structs["ID"] == sdna.sdna().structs["ID"], header
            path.write_bytes(header + b"SDNANAME" + block[:20_000])  # cut off
            assert sdna._read(path) is None, header


def test_dna_of_files_within():
    """Blender has .blend files among its constants, with the SDNA of the older one that wrote each: none of them counts,
    wherever it lies and whoever proposes it."""
    from rnaslicer.blender import sdna
    path = bpy.app.binary_path
    right = sdna._read(path)
    if right is None:
        raise unittest.SkipTest("this build's executable has no SDNA")
    data = Path(path).read_bytes()
    places = [match.start() for match in re.finditer(b"SDNANAME", data)]
    others = [at for at in places if at != right.at and parsed(data[at:at + sdna._LARGEST])]
    for at in others:
        assert sdna._read(path, at).at == right.at, at
    own = data[right.at:right.at + sdna._LARGEST]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        for size in (20, 24, 32):
            other = b"DNA1" + bytes(size - 4) + own
            file.write_bytes(bytes(8) + other + own)
            for likely in (None, 8 + size, 8 + len(other)):
                assert sdna._read(file, likely).at == 8 + len(other), (size, likely)
            file.write_bytes(b"BLENDER" + other)  # what Blender has just written
            assert sdna._read(file).at == 7 + size


def test_dna_of_what_runs():
    """A package manager may have put another Blender where ours was started from."""
    from rnaslicer.blender import sdna
    right = sdna.sdna()
    if right.at is None:
        raise unittest.SkipTest("this build's executable has no SDNA")
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder, "blender")
        block = Path(bpy.app.binary_path).read_bytes()[right.at:right.at + sdna._LARGEST]
        other.write_bytes(bytes(64) + block)
        there = types.SimpleNamespace(app=types.SimpleNamespace(binary_path=str(other)))
        with patch.dict(sys.modules, bpy=there):
            assert sdna.sdna.__wrapped__().at == right.at


def parsed(block):
    from rnaslicer.blender import sdna
    try:
        return "ID" in sdna.SDNA(block).structs
    except (ValueError, IndexError, struct.error, UnicodeDecodeError):
        return False


def test_first_enter_is_counted():
    """Where no discovery has run, or of before it told places."""
    calls = counted_first({})
    assert {"_place_by", "_words", "strings"} <= calls.keys(), "nothing was asked anew"
    assert not {"whole_place", "whole_length_function_at", "_refined"} & calls.keys()
    assert sum(calls.values()) < MOST_CALLS, sum(calls.values())


def test_first_enter_is_counted_where_discovery_has_told_places():
    calls = counted_first(told_places())
    assert {"_confirmed_place", "_words", "strings"} <= calls.keys(), "nothing was asked anew"
    assert not {"_place_by", "_constants", "_set_and_null"} & calls.keys(), "what was told was searched"
    assert sum(calls.values()) < MOST_TOLD_CALLS, sum(calls.values())


def counted_first(places):
    """What a new session has not asked yet is forgotten; then one resolve and proof is all that is counted: name of a
    function -> calls. places: what it is told."""
    from rnaslicer import Slicer
    from rnaslicer.basis import proposed
    from rnaslicer.blender import calibrate, refining, rna, sdna
    from rnaslicer.layout import deform
    from rnaslicer.supplier import uids
    mesh = bpy.data.meshes.new("First")
    mesh.vertices.add(100)
    Slicer(mesh.vertices)[:, "co"].leaves()  # loads what is needed
    for cached in (*searched(), sdna.sdna, refining._place, rna._refined, deform.build):
        cached.cache_clear()
    rna._described.clear()
    uids.changing.clear()
    profile = cProfile.Profile()
    profile.enable()
    try:
        with patch.multiple(proposed, _ask=lambda: places):
            Slicer(mesh.vertices)[:, "co"].leaves()
            calibrate.editable_function_at()
    finally:
        profile.disable()
    return {getattr(entry.code, "co_name", entry.code): entry.callcount for entry in profile.getstats()}


def searched():
    from rnaslicer.blender import calibrate
    from rnaslicer.transfer import kept
    return (calibrate.raw_place, calibrate.whole_place, calibrate._length_function_at, calibrate.editable_function_at,
            kept._list)


def told_places():
    """Name -> numbers, as a discovery run of this build tells them."""
    from rnaslicer.blender import calibrate
    from rnaslicer.transfer import kept
    return {name: " ".join(map(str, numbers)) for name, numbers in (*calibrate.told(), *kept.told())}


def answers(places):
    """What a session finds that was told these places; and which of them it searched."""
    from rnaslicer.basis import proposed
    from rnaslicer.blender import calibrate, sdna
    from rnaslicer.transfer import kept
    for cached in searched():
        cached.cache_clear()
    asked = set()

    def noting(name, function):
        return lambda *given: (asked.add(name), function(*given))[1]

    try:
        with patch.multiple(proposed, _ask=lambda: places), \
                patch.multiple(calibrate, _place_by=noting("raw_place", calibrate._place_by),
                               _set_and_null=noting("length_function", calibrate._set_and_null)), \
                patch.multiple(sdna, _constants=noting("sdna", sdna._constants)):
            read = sdna._read(bpy.app.binary_path, proposed.place("sdna", 1 << 40, 1))
            found = (calibrate.raw_place(), calibrate._length_function_at(), calibrate.editable_function_at(), kept._list(),
                     read and (read.at, read.structs["ID"], read.structs["Mesh"]))
        return found, asked
    finally:
        for cached in searched():
            cached.cache_clear()


def test_places_that_were_told():
    """They are confirmed, not searched again."""
    searched_all, asked = answers({})
    assert asked == {"raw_place", "length_function", "sdna"}
    places = told_places()
    assert {"raw_place", "length_function", "editable_function", "sdna"} <= places.keys()
    assert answers(places) == (searched_all, set())


def test_places_that_were_told_wrong():
    """Whatever a file says, the answers are those of a search."""
    right, _ = answers({})
    places = told_places()
    places.setdefault("layer_list", "144 8 32")  # 3.4 and 4.3 have none
    wrong = {"raw_place": lambda n: [[n[0] + 4, *n[1:]], [n[0], n[1] + 4, *n[2:]], [n[1], n[0], *n[2:]], [n[0], n[0], *n[2:]],
                                     n[:1], n[:2], [*n[:2], *n[2:-1], 99], [*n[:2], *(one ^ 1 for one in n[2:])], [510, *n[1:]],
                                     [0, 0], [n[0] + 1, *n[1:]]]}
    for name, text in places.items():
        numbers = [*map(int, text.split())]
        told = wrong.get(name, lambda n: [[one + 8 for one in n], [one + 1 for one in n], [0] * len(n), [1 << 39] * len(n),
                                          n[:-1], n * 2])(numbers)
        for one in (*(" ".join(map(str, found)) for found in told), "", "-8", "x", "8.0", "1" * 99, "\u00b2"):
            assert answers({**places, name: one})[0] == right, (name, one)


def test_few_structs_are_read():
    """To know who has one size, those of others are not read; and nothing that Python's collector looks at is kept for
    each struct, or it runs in the middle of a first enter."""
    from rnaslicer.blender import sdna
    found = sdna._read(bpy.app.binary_path)
    if found is None:
        raise unittest.SkipTest("this build's executable has no SDNA")
    declared = len(found.structs.declared())
    assert not any(map(gc.is_tracked, found.structs._declared.values()))
    size = found.structs["Object"].size
    with patch.object(sdna._Structs, "_made", autospec=True, side_effect=sdna._Structs._made) as read:
        few = found.by_size(size)
        assert few and read.call_count < declared / 4, read.call_count
    assert few == [one for one in found.structs.values() if one.size == size]
    assert found.by_size(1 << 20) == [] and len(found.structs) > 500


def test_usual_lists_are_proven_without_all_structs():
    """Nor are all of bpy's types walked through in Python: of 800 modifiers that took 78 000 calls."""
    from rnaslicer.blender import lists, refining, rna
    ob = bpy.data.objects.new("Listed", bpy.data.meshes.new("Listed"))
    for _ in range(5):
        ob.modifiers.new("M", "DISPLACE")
    lists.forget()
    with patch.object(lists, "_all_links", side_effect=AssertionError("all structs were read")):
        found = lists.addresses(ob.modifiers, "modifiers")
    assert list(found) == [one.as_pointer() for one in ob.modifiers]
    lists.forget()
    profile = cProfile.Profile()
    for walk in (refining.all_types, rna._refined.__wrapped__, lambda: lists._nests.__wrapped__("Modifier")):
        profile.enable()
        walk()
        profile.disable()
    calls = sum(entry.callcount for entry in profile.getstats())
    assert calls < 2000, calls
    every = {getattr(bpy.types, name) for name in dir(bpy.types) if hasattr(getattr(bpy.types, name, None), "bl_rna")}
    assert {one for one in every if isinstance(one, type)} == set(refining.all_types())


def test_blocks_are_cut_off_where_they_usually_end():
    """One that is longer than usual is understood when more of it is read."""
    from rnaslicer.blender import sdna
    whole = sdna._read(bpy.app.binary_path)
    if whole is None:
        raise unittest.SkipTest("this build's executable has no SDNA")
    with patch.multiple(sdna, _USUAL=5000):
        again = sdna._read(bpy.app.binary_path)
    assert list(again.structs.declared()) == list(whole.structs.declared()) and again.structs["ID"] == whole.structs["ID"]
    blocks = sdna._blocks(bpy.app.binary_path)
    assert len(next(blocks)[1]) == sdna._USUAL


def test_codes_that_few_words_tell():
    """What is skipped early could not have been the place; a word in ten may be wrong."""
    from rnaslicer.blender import calibrate
    scalars = ["f32", "i32", "i16", "u8", "i8"] * 20
    codes = {scalar: i for i, scalar in enumerate(("f32", "i32", "i16", "u8", "i8"))}
    right = [codes[scalar] for scalar in scalars]
    noise = [i % 7 for i in range(100)]
    wrong = right[:91] + [7] * 9
    assert calibrate._type_at([noise, right], scalars) == (4, {code: scalar for scalar, code in codes.items()})
    assert calibrate._type_at([noise, noise, wrong], scalars) == (8, {code: scalar for scalar, code in codes.items()})
    assert calibrate._type_at([noise, right[:85] + [7] * 15], scalars) is None
    assert calibrate._type_at([noise], scalars) is None
    offsets = list(range(8, 808, 8))
    assert calibrate._offset_at([noise, offsets, right], offsets) == 4
    assert calibrate._offset_at([offsets, offsets], offsets) is None  # which of them?
    assert calibrate._offset_at([noise, offsets[:40] + [0] * 60], offsets) is None


def test_few_findings_are_looked_at():
    """Of what discovery kept, a session looks at what it asks for; the file has some two thousand."""
    from rnaslicer import discovery
    from rnaslicer.discovery import store
    known = discovery.known()
    if known is None:
        raise unittest.SkipTest("discovery has not run in this build")
    data = store.encode("build", known)
    with patch.object(store, "finding", wraps=store.finding) as looked, \
            patch.object(store, "table", wraps=store.table) as tables, \
            patch.object(store.json, "loads", wraps=store.json.loads) as read:
        again = store.decode(data, "build")
        assert again and again.storage("Keyframe", "co") == known.storage("Keyframe", "co") != []
        assert looked.call_count < 20 and not tables.called and read.call_count < 20, (looked.call_count, read.call_count)
        assert again.storages == known.storages and len(known) > 500
