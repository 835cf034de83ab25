// runtime/trail/composed/curves.cpp: the points of a datablock's hair curves: one array, divided by
// the curves' borders (layout/whole.py).
#include "runtime/trail/composed/divided.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

class CurvePortions : public DividedPortions {
 public:
  CurvePortions(Curves how, Start points, PyObject* rows)
      : DividedPortions(std::move(how.points), std::move(points), rows),
        surface_(std::move(how.surface)) {}

 protected:
  // They are read where the datablock that has the points has them.
  bool enter_borders(PyObject* /*id*/) override { return true; }
  bool find_borders(PyObject* /*id*/) override { return true; }
  std::optional<Offsets> divided() override;
  [[nodiscard]] bool is_divided() const override;

 private:
  std::shared_ptr<const Surface> surface_;
  std::vector<std::int32_t> starts_; // as they were at the enter, and the end
};

std::optional<Offsets> CurvePortions::divided() {
  const auto starts =
      borders_of_curves(*surface_, spot().reached.owner.get(), spot().reached.length);
  if (starts.size() < 2)
    return std::nullopt;
  starts_.assign(starts.begin(), starts.end());
  return Offsets(starts_.begin(), starts_.end());
}

bool CurvePortions::is_divided() const {
  const auto starts =
      borders_of_curves(*surface_, spot().reached.owner.get(), spot().reached.length);
  return std::ranges::equal(starts, starts_);
}

} // namespace

std::unique_ptr<Portions> portions_of(Curves how, Start points, PyObject* rows) {
  return std::make_unique<CurvePortions>(std::move(how), std::move(points), rows);
}

} // namespace rnaslicer::runtime
