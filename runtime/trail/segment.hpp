// runtime/trail/segment.hpp: one collection's part of a transfer: compared, located,
// moved.
//
// A wrapper on one collection has one segment; `Slicer(objects)[:, 'data', 'vertices', :, 'co']`
// has one for each object. Their rows lie one behind the other in the cache.
#pragma once

#include "runtime/memory/counted.hpp"
#include "runtime/trail/follow.hpp"
#include "runtime/trail/steps.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace rnaslicer::runtime {

/// Items of one collection between Blender and a buffer: `count` rows, as many as the buffer has.
struct Once {
  PyObject* cache = nullptr; ///< a MemCache of the trail's format, or of a strided buffer's bytes
  Py_ssize_t count = 0;
  Py_ssize_t first = 0; ///< byte of the cache at which the first item begins
};

/// What a wrapper noted of one collection when it entered.
struct Segment {
  Py_ssize_t length = 0;           ///< elements
  Ref domain;                      ///< of the attribute whose data it is; null for others
  Ref kinds;                       ///< tuple of each element's class; null where all are of one
  std::vector<Py_ssize_t> counted; ///< lengths of the collections on the way that count
  std::vector<bool> missing;       ///< by leg: its layer was missing, and bpy gave its default
  mutable std::vector<KeptLayer> kept = {}; ///< by leg; none before a refresh
  [[no_unique_address]] Counted<& TrailCounters::segments> counted_too = {};
};

/// Bytes of the cache from row to row.
std::int64_t row_bytes_of(const Trail& trail);

/// Writes a leg's values where they were just found, in place of the leg's own kernel.
struct Writer {
  Py_ssize_t at = 0; ///< an element that is written: bpy assigns it before and after
  std::function<void(const Located&)> write;
};

/// Where in the cache a segment's rows begin, and which part of them moves (empty: all).
struct Target {
  PyObject* cache = nullptr; ///< a MemCache
  Py_ssize_t first_row = 0;
  std::vector<jit::Span> region;
  Py_ssize_t first_byte = 0;               ///< of a strided buffer: where its first item begins
  const jit::Matrices* matrices = nullptr; ///< by leg, where the kernels take any
  const Writer* writer = nullptr;          ///< of an update, where the cache is no such rows
  const std::vector<std::int64_t>* picked = nullptr; ///< which elements, where no slice tells that
  bool fresh = false; ///< nobody has seen the cache yet (jit/transfer.hpp)
};
/// Whether it is known what of such a part is each leg's.
bool divides(const Trail& trail, std::span<const jit::Span> region);
/// The target with what of its part is a leg's; nothing where none is.
std::optional<Target> on_leg(const Leg& leg, const Target& target);

/// The rows that a target is for: of picked elements their number alone, counted from the first.
Rows rows_of(const Trail& trail, Py_ssize_t length, const Target& target);

/// How the segment's collection is reached, anew at each call.
using Follow = std::function<std::optional<Reached>()>;

inline bool stale(const Trail& trail) {
  return trail.generation != trail_generation() || !are_registered(trail.registered);
}

/// The collection if length and domains are those of enter.
std::optional<Reached> as_at_enter(const Trail& trail, const Segment& segment,
                                   std::optional<Reached> reached);

/// Segment and places of a collection that is entered; each leg is found without a touch or agrees
/// with bpy. Nothing: the trail declines.
struct Entered {
  Segment segment;
  std::vector<Located> places;
};
/// Whether three elements are compared with bpy's at an enter, where three agreed before in this
/// session and the array still is the one that its struct has (held.hpp): of others always.
enum class Compared : bool { none, three };
std::optional<Entered> enter_segment(const Trail& trail, const Reached& reached,
                                     Compared how = Compared::three);

/// The same of a collection without elements: there is nothing to find.
Entered enter_empty(const Trail& trail, const Reached& reached);

/// The classes of a collection's elements, if the trail is for such; null, without an error, where
/// one is of another, or there is none, and where all are of one type.
Ref kinds_of(const Trail& trail, const Reached& reached);

/// Places for a refresh.
std::optional<std::vector<Located>> locate_segment(const Trail& trail, const Segment& segment,
                                                   const Reached& reached);
/// Appends them to those of other segments; false where the trail declines.
bool locate_segment(const Trail& trail, const Segment& segment, const Reached& reached,
                    std::vector<Located>& places);

/// Runs a leg's kernel between where it lies (elements `stride` bytes apart) and the cache.
void move_rows(const Trail& trail, const Leg& leg, const Move& how, jit::Direction direction,
               const Located& at, std::int64_t stride, const Rows& rows, const Target& target);
/// The same of the trail's first leg, of which element 0 is at `base`.
inline void move_rows(const Trail& trail, const Move& how, jit::Direction direction,
                      std::byte* base, std::int64_t stride, const Rows& rows,
                      const Target& target) {
  move_rows(trail, trail.legs.front(), how, direction, {base}, stride, rows, target);
}

/// Blender to cache.
void fill_segment(const Trail& trail, std::span<const Located> places, Py_ssize_t length,
                  const Target& target);

/// The same of many segments, `places` in turn of each one's legs: where nothing is special about
/// them, kernels run over all.
struct Part {
  Py_ssize_t length = 0; ///< elements
  Target* target = nullptr;
  std::size_t number = 0; ///< of the segment
};
void fill_segments(const Trail& trail, std::span<const Located> places,
                   std::span<const Part> parts);

/// Whether the collection's datablock is the file's own; what the root noted of its own counts.
bool is_own(const Reached& reached, Watched* root);

/// Whether no mode of Blender's would overwrite what is written; asked once for all segments.
bool no_mode_overwrites(const Trail& trail);

/// Whether Blender lets the kernel write to a datablock, known to be the file's own, and keeps it.
bool takes_writes(const Trail& trail, PyObject* id);

/// Whether that holds for this collection, too, and the cache's numbers are such as it can have.
bool fits_writes(const Trail& trail, const Reached& reached, const Target& target);

/// Both. The datablock is known to be the file's own.
inline bool may_write(const Trail& trail, const Reached& reached, const Target& target) {
  return takes_writes(trail, reached.id.get()) && fits_writes(trail, reached, target);
}

/// Cache to Blender, between two assignments by bpy; without the first where `proven` says that
/// this call has written to such a datablock before, and touching un-shares. `reached`: where the
/// segment's collection is now, if nothing was written since that was asked. `ends`: false where
/// another segment's second assignment stands for this one's. False where the trail declines, most
/// often before any value of this segment is written. An error of bpy's after that is thrown as
/// PythonError.
bool write_segment(const Trail& trail, const Segment& segment, std::optional<Reached> reached,
                   const Follow& follow, const Target& target, bool proven = false,
                   bool ends = true);

/// Whether an enter fills its cache. In place of a wrapper it may be given a pair (a caller's
/// packed buffer, whether it is filled): one that is not is to be written, once all is checked.
bool fills(PyObject* wrapper);
/// A MemCache for a wrapper. On a caller's buffer; null without an error where that is of another
/// format or shape.
Ref allocate_cache(const std::string& format, const std::vector<Py_ssize_t>& shape,
                   PyObject* wrapper);
/// One in the trail's format, of `shape` and below that the trail's inner one.
Ref allocate_cache(const Trail& trail, std::vector<Py_ssize_t> shape, PyObject* wrapper);

} // namespace rnaslicer::runtime
