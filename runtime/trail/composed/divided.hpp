// runtime/trail/composed/divided.hpp: values in one array of their own, which the elements of
// another collection divide among them: polygons' corners, curves' points.
#pragma once

#include "runtime/trail/composed/portions.hpp"

namespace rnaslicer::runtime {

/// A collection of which a trail was entered.
struct Noted {
  std::shared_ptr<const Trail> trail;
  const std::vector<Step>* steps = nullptr;
  Segment segment = {};
};

/// The same as it is now.
struct Spot {
  Reached reached;
  std::vector<Located> places;
};

/// All of the array, or the values of some elements one behind the other. Inheritors tell how all
/// of them divide it.
class DividedPortions : public Portions {
 public:
  /// `values`: how the array is reached. `rows`: slice of the elements, or None: all.
  DividedPortions(std::shared_ptr<const Trail> trail, Start values, PyObject* rows);

  [[nodiscard]] std::shared_ptr<const Trail> trail() const override { return values_.trail; }
  [[nodiscard]] const Value& value() const override { return value_; }
  std::optional<Offsets> enter() override;
  bool again(const Offsets& offsets) override;
  bool fill(PyObject* values, const std::vector<jit::Span>& region) override;
  bool write(PyObject* values, const Offsets& offsets,
             const std::vector<std::int64_t>* picked) override;
  void forget() override { spot_.reset(); }
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return lengths_; }

 protected:
  /// Notes what tells how the array is divided; false where that is not found.
  virtual bool enter_borders(PyObject* id) = 0;
  /// Finds the same again.
  virtual bool find_borders(PyObject* id) = 0;
  /// Where each element's values begin, and the end: nothing unless they divide the whole array, in
  /// order. Remembers that.
  virtual std::optional<Offsets> divided() = 0;
  /// Whether that is, to the number, as it was.
  [[nodiscard]] virtual bool is_divided() const = 0;

  std::optional<Spot> enter_one(Noted& one, PyObject* id) const;
  std::optional<Spot> again_one(const Noted& one, PyObject* id) const;
  [[nodiscard]] Watched* root() const { return as_watched(root_.get()); }
  /// The array, within one call.
  [[nodiscard]] const Spot& spot() const { return *spot_; }

 private:
  [[nodiscard]] bool is_all() const { return rows_.get() == Py_None; }
  std::optional<Offsets> some_of(const Offsets& all);
  [[nodiscard]] std::vector<jit::Span> along(std::int64_t first, std::int64_t count) const;
  std::optional<Target> between(PyObject* values, Ref& all,
                                const std::vector<std::int64_t>* picked) const;
  void note_moment() { seen_ = root()->ref != nullptr ? root()->seen : now(); }

  Ref root_; // a Watched
  std::vector<Step> steps_;
  Noted values_;
  Value value_;
  Ref rows_;
  std::int64_t first_ = 0; // of the array, of those that are moved
  std::int64_t count_ = 0;
  std::vector<Py_ssize_t> lengths_; // of all elements, where some are moved
  std::optional<Spot> spot_;        // within one call
  Moment seen_;
};

} // namespace rnaslicer::runtime
