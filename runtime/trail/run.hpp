// runtime/trail/run.hpp: one entered wrapper's use of a trail.
#pragma once

#include "runtime/trail/segment.hpp"

#include <memory>

namespace rnaslicer::runtime {

/// Refresh and update are true if it was done, false where the trail declines: then nothing has
/// changed, or the routes write all of it again. `view`: None, or what `_core.region` takes. Throws
/// PythonError for a view that is no region, and for an error of bpy's after the values were
/// written, if these are all.
class Run {
 public:
  explicit Run(std::shared_ptr<const Trail> trail) : trail_(std::move(trail)) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  Run(Run&&) = delete;
  Run& operator=(Run&&) = delete;
  virtual ~Run() = default;

  virtual bool refresh(PyObject* cache, PyObject* view) = 0;
  virtual bool update(PyObject* cache, PyObject* view) = 0;
  /// What it noted of its one collection, and when that was last reached; null for many.
  [[nodiscard]] virtual const Segment* segment() const { return nullptr; }
  [[nodiscard]] virtual Moment seen() const { return {}; }
  /// Of the attribute whose data the collection is, as at enter; of several a tuple; of many a
  /// tuple of (its class, domain); else None.
  [[nodiscard]] virtual Ref domain() const;
  /// The lengths that counted steps passed at enter; of many, struct by struct, and that of the
  /// structs' collection. Of a gather: those of the collections.
  [[nodiscard]] virtual std::vector<Py_ssize_t> counted() const;
  /// Of padded rows, and of values that elements divide among them: how many are real, struct by
  /// struct; empty for others.
  [[nodiscard]] virtual std::vector<Py_ssize_t> lengths() const { return {}; }
  /// Of a list: a tuple of its elements' classes as at enter, one for all or one for each; else
  /// None.
  [[nodiscard]] virtual Ref kinds() const;
  /// Session uids of a collection's datablocks, as at enter; null where nothing compares them.
  [[nodiscard]] virtual const std::vector<std::uint32_t>* uids() const { return nullptr; }

 protected:
  [[nodiscard]] const Trail& trail() const { return *trail_; }
  [[nodiscard]] const std::shared_ptr<const Trail>& shared() const { return trail_; }

 private:
  std::shared_ptr<const Trail> trail_;
  [[no_unique_address]] Counted<&TrailCounters::runs> counted_too_;
};

/// A datablock's root, a Watched, and the steps from there: the trail's own, or others that lead to
/// a collection of the kind.
struct Start {
  PyObject* root = nullptr;
  std::vector<Step> steps;
};

/// Whether a datablock is the file's own, or lies within `from`, where the first of the steps leads
/// to it: a material's nodes. `from_is_own`: whether that is the file's own.
bool is_kept(const Reached& reached, bool is_own, PyObject* from, const std::vector<Step>& steps,
             bool from_is_own);

/// The spans of a view of the cache; empty for all of it. Throws PythonError for no region.
std::vector<jit::Span> region_of(PyObject* cache, PyObject* view);

/// Enters one collection: a filled MemCache for `wrapper` in `cache`. Null where the trail
/// declines.
std::unique_ptr<Run> enter(std::shared_ptr<const Trail> trail, Start start, PyObject* wrapper,
                           Ref& cache);

/// The same of a collection without elements, if that was reached: where it declares no type of
/// these, what it could hold may lack the property, and the trail declines.
std::unique_ptr<Run> enter_without(std::shared_ptr<const Trail> trail, Start start,
                                   const std::optional<Reached>& reached, PyObject* wrapper,
                                   Ref& cache);

/// The same of elements that an item names.
/// `cache`: the MemCache to fill, if one is given, of a row for each. Null, too, where the item
/// names no element, or another than there is.
std::unique_ptr<Run> enter_picked(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                  PyObject* wrapper, Ref& cache);
/// The same where the values of so many rows are in a cache already.
std::unique_ptr<Run> adopt_picked(std::shared_ptr<const Trail> trail, Start start, PyObject* item,
                                  Py_ssize_t rows);

/// Takes over an enter that Python did: notes length and what the legs need. Null where the
/// trail does not lead to what Python entered. `missing`: a tuple of bools, for each leg whether
/// its layer was missing.
std::unique_ptr<Run> adopt(std::shared_ptr<const Trail> trail, Start start, Py_ssize_t length,
                           PyObject* missing);

/// Fills a buffer once. False where the trail declines, with nothing changed.
bool read_once(const Trail& trail, const Start& start, const Once& once);

/// The same from the buffer to Blender; fails as `Run::update` does.
bool write_once(const Trail& trail, const Start& start, const Once& once);

/// The same for a collection that is at hand, whose datablock nobody watches. Before a write the
/// caller has made sure that the datablock is in bpy.data.
bool read_once_of(const Trail& trail, PyObject* collection, const Once& once);
bool write_once_of(const Trail& trail, PyObject* collection, const Once& once);

} // namespace rnaslicer::runtime
