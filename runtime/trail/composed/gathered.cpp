// runtime/trail/composed/gathered.cpp: what polygons' corners lead to, divided as these are.
//
// `Slicer(mesh.polygons, ragged='pad')[:, 'vertices', :, mesh.vertices, 'co']`: the gather of all
// corners, whose rows are those of the polygons.
#include "runtime/trail/composed/portions.hpp"

namespace rnaslicer::runtime {

namespace {

class GatherPortions : public Portions {
 public:
  GatherPortions(std::shared_ptr<const Gathered> how, std::unique_ptr<Portions> corners,
                 std::vector<Start> starts, PyObject* numbers)
      : how_(std::move(how)), corners_(std::move(corners)), value_{how_->format, how_->inner},
        starts_(std::move(starts)), numbers_(Ref::borrow(numbers)) {}

  [[nodiscard]] std::shared_ptr<const Trail> trail() const override { return corners_->trail(); }
  [[nodiscard]] const Value& value() const override { return value_; }
  [[nodiscard]] bool is_stale() const override { return corners_->is_stale() || stale(*how_); }
  [[nodiscard]] Moment seen() const override { return corners_->seen(); }
  [[nodiscard]] const Run* beyond() const override { return run_.get(); }
  void forget() override { corners_->forget(); }

  std::optional<Offsets> enter() override {
    auto offsets = corners_->enter();
    if (offsets && offsets->back() > 0)
      run_ = adopt(how_, std::exchange(starts_, {}), numbers_.get(),
                   static_cast<Py_ssize_t>(offsets->back()));
    return run_ ? std::move(offsets) : std::nullopt;
  }
  bool again(const Offsets& offsets) override { return corners_->again(offsets); }
  bool fill(PyObject* values, const std::vector<jit::Span>& region) override {
    return run_->fill_part(values, region);
  }
  bool write(PyObject* values, const Offsets& offsets,
             const std::vector<std::int64_t>* picked) override {
    return corners_->again(offsets) && run_->write_rows(values, picked);
  }

 private:
  std::shared_ptr<const Gathered> how_;
  std::unique_ptr<Portions> corners_;
  Value value_;
  std::vector<Start> starts_; // none once it is entered
  Ref numbers_;
  std::unique_ptr<GatheredRun> run_;
};

} // namespace

std::unique_ptr<Portions> portions_of(std::shared_ptr<const Gathered> how,
                                      std::unique_ptr<Portions> corners, std::vector<Start> starts,
                                      PyObject* numbers) {
  return std::make_unique<GatherPortions>(std::move(how), std::move(corners), std::move(starts),
                                          numbers);
}

} // namespace rnaslicer::runtime
