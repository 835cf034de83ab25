// runtime/trail/groups/run.hpp: one collection of groups, entered (internal).
#pragma once

#include "runtime/trail/groups/groups.hpp"

namespace rnaslicer::runtime {

/// A collection as it is now.
struct Table {
  Reached reached;
  std::uint64_t base = 0; ///< address of the first group
};

/// One collection of groups, entered.
class GroupsRun : public Run {
 public:
  GroupsRun(std::shared_ptr<const Grouped> how, Start start)
      : Run(how->values), how_(std::move(how)), root_(Ref::borrow(start.root)),
        steps_(std::move(start.steps)) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return {length_}; }

  /// Notes the collection as it is now, once values are compared with bpy's.
  std::optional<Table> begin();
  /// The collection now, as long as at enter.
  std::optional<Table> again();
  /// By property the values of all rows; false where the trail declines.
  using Values = std::vector<std::unique_ptr<std::byte[]>>;
  bool gather(const Table& table, Values& values);
  /// These to the cache.
  void put(const Values& values, PyObject* cache, const std::vector<jit::Span>& region);
  /// Both; false with nothing changed.
  bool fill(const Table& table, PyObject* cache, const std::vector<jit::Span>& region);
  /// Whether the kernel may store that part of the cache at all.
  [[nodiscard]] bool takes(const std::vector<jit::Span>& region) const;
  /// All else that is asked before an update writes; nothing where the trail declines.
  std::optional<Table> may_update(PyObject* cache, const std::vector<jit::Span>& region);
  /// The update itself, as Run::update has it.
  bool store(std::optional<Table> table, PyObject* cache, const std::vector<jit::Span>& region);
  [[nodiscard]] std::vector<Py_ssize_t> shape() const;

 private:
  [[nodiscard]] Watched* root() const { return as_watched(root_.get()); }
  [[nodiscard]] Rows rows() const { return rows_of(trail(), length_); }
  [[nodiscard]] static GroupChild child(const GroupLeg& leg) {
    return {{leg.name.data(), leg.name.size()}, leg.type, leg.subtype, leg.length};
  }
  std::optional<Table> look();
  [[nodiscard]] bool lie_in_a_row(const Table& table) const;
  [[nodiscard]] bool agrees(const Table& table, std::size_t leg) const;
  bool is_default(const Table& table, std::size_t leg, std::int64_t row);
  [[nodiscard]] bool takes(const GroupLeg& leg, const std::vector<jit::Span>& region) const;
  bool write(std::optional<Table> table, std::size_t number, std::int64_t row, PyObject* cache,
             const std::vector<jit::Span>& region);

  std::shared_ptr<const Grouped> how_;
  Ref root_; // a Watched
  std::vector<Step> steps_;
  Py_ssize_t length_ = 0; // at the enter
  Moment seen_;
};

} // namespace rnaslicer::runtime
