// runtime/trail/composed/portions.hpp: values that the elements of one collection divide among them
// (transfer/composed/portions.py): polygons' corners, vertices' weights.
//
// All of them lie one behind the other, element by element, so that they are one axis of the cache,
// or two, or padded to one width. Who finds and writes them, and tells how they are divided, is a
// Portions; a write has to leave that as it is.
#pragma once

#include "runtime/trail/composed/gather.hpp"
#include "runtime/trail/composed/padded.hpp"
#include "runtime/trail/several/many.hpp"

namespace rnaslicer::runtime {

/// One value as the cache has it.
struct Value {
  std::string format;
  std::vector<std::int64_t> inner; ///< its shape
};
std::int64_t row_bytes_of(const Value& value);

/// The values of one collection's elements. What `enter` and `again` find is for the same call.
class Portions {
 public:
  Portions() = default;
  Portions(const Portions&) = delete;
  Portions& operator=(const Portions&) = delete;
  Portions(Portions&&) = delete;
  Portions& operator=(Portions&&) = delete;
  virtual ~Portions() = default;

  /// What finds the elements.
  [[nodiscard]] virtual std::shared_ptr<const Trail> trail() const = 0;
  [[nodiscard]] virtual const Value& value() const = 0;
  [[nodiscard]] virtual bool is_stale() const { return stale(*trail()); }
  /// Notes what is to stay, compares values with bpy's, and tells how they are divided. Nothing
  /// where the trail declines.
  virtual std::optional<Offsets> enter() = 0;
  /// Whether all is as at the enter.
  virtual bool again(const Offsets& offsets) = 0;
  /// Blender to a MemCache of all values, or to a region of them, after `enter` or `again`. False
  /// where it declines, with the MemCache as it was.
  virtual bool fill(PyObject* values, const std::vector<jit::Span>& region) = 0;
  /// All values to Blender, or those that are picked, in that order, and no others; true and false
  /// as Run::update has them. `picked`: their numbers, not none; null: all.
  virtual bool write(PyObject* values, const Offsets& offsets,
                     const std::vector<std::int64_t>* picked) = 0;
  /// Of a part of the elements how many values each of all has; empty where all are moved.
  [[nodiscard]] virtual std::vector<Py_ssize_t> counted() const { return {}; }
  /// What leads on from the elements' own values; null: nothing.
  [[nodiscard]] virtual const Run* beyond() const { return nullptr; }
  /// Ends what `enter` and `again` found.
  virtual void forget() = 0;
  /// When the datablock was last seen.
  [[nodiscard]] virtual Moment seen() const = 0;
};

/// Enters: fills a cache for the wrapper. Null where the trail declines.
std::unique_ptr<Run> enter(std::unique_ptr<Portions> portions, Form form, PyObject* wrapper,
                           ManyCache& made);

/// Takes over an enter of that shape that Python did. Null where the trail does not lead there.
std::unique_ptr<Run> adopt(std::unique_ptr<Portions> portions, Form form,
                           const std::vector<Py_ssize_t>& shape);

/// The trails of polygons' corners.
struct Corners {
  std::shared_ptr<const Trail> values; ///< of all corners, in their order
  std::shared_ptr<const Trail> starts; ///< of the polygons: where the corners of each begin
  std::shared_ptr<const Trail> totals; ///< and how many; null: up to where the next ones begin
};
/// `polygons`, `corners`: how the collections are reached, from one root. `rows`: slice of the
/// polygons, whose step is 1; None: all.
std::unique_ptr<Portions> portions_of(Corners how, Start polygons, Start corners, PyObject* rows);

/// That of hair curves' points, and where their borders are.
struct Curves {
  std::shared_ptr<const Trail> points;
  std::shared_ptr<const Surface> surface;
};
/// `points`: how they are reached. `rows`: of the curves, as of polygons.
std::unique_ptr<Portions> portions_of(Curves how, Start points, PyObject* rows);

/// What corners lead to, as gather.hpp has it: `starts` of these, then of each level. They and the
/// numbers of given matrices, else None, are borrowed until the enter.
std::unique_ptr<Portions> portions_of(std::shared_ptr<const Gathered> how,
                                      std::unique_ptr<Portions> corners, std::vector<Start> starts,
                                      PyObject* numbers);

/// Where a mesh keeps weights (layout/deform.py). In bytes.
struct Weights {
  std::shared_ptr<const Trail> values; ///< to the vertices; its leg reads along addresses of items
  std::int64_t stride = 0;             ///< from vertex to vertex
  std::int64_t array_at = 0;           ///< in a vertex: the address of its items
  std::int64_t count_at = 0;           ///< and their number, 4 bytes
  std::int64_t size = 0;               ///< of an item
  std::int64_t group_at = 0;
  std::int64_t weight_at = 0;
  std::int64_t layers_at = 0; ///< in a mesh: the address of the vertices' layers
  std::int64_t many_at = 0;   ///< and their number, 4 bytes
  std::int64_t layer_size = 0;
  std::int64_t kind_at = 0; ///< in a layer: its type, 4 bytes
  std::int64_t data_at = 0;
  std::int64_t kind = 0;   ///< that type
  std::int64_t uid_at = 0; ///< in a mesh: its session uid, 4 bytes
  bool shares = false;     ///< asking bpy for a vertex's groups copies shared arrays
  Ref met;                 ///< set of (name of the type, uid) of those that agreed with bpy
  Ref name;                ///< of the type
  mutable SeenArrays seen; ///< by mesh: its layers
};
std::unique_ptr<Portions> portions_of(std::shared_ptr<const Weights> how, Start vertices);

} // namespace rnaslicer::runtime
