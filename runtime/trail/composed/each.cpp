// runtime/trail/composed/each.cpp: a matrix for each struct.
#include "runtime/trail/composed/each.hpp"

#include "runtime/memcache/memcache.hpp"

namespace rnaslicer::runtime {

namespace {

class EachMatrix : public Between {
 public:
  EachMatrix(std::shared_ptr<const Transformed> how, Matrices given)
      : how_(std::move(how)), given_(std::move(given)) {}

  bool look(const std::vector<Ref>& structs) override;
  const jit::Matrices* of(std::size_t at) override;
  [[nodiscard]] const Trail* written() const override { return how_->plain.get(); }
  [[nodiscard]] bool takes(const std::vector<jit::Span>& region) const override {
    return region.empty() || (region.size() == 2 && region[1].count == vector_length);
  }
  Target values(std::size_t at, const Target& from, Py_ssize_t count, Ref& holder) override;

 private:
  [[nodiscard]] const Matrix& matrix(std::size_t at) const {
    return given_.empty() ? asked_[at] : given_[how_->each ? at : 0];
  }

  std::shared_ptr<const Transformed> how_;
  Matrices given_; // empty: the objects', asked at each call
  Matrices asked_; // struct by struct
  std::vector<Matrices> by_leg_;
  std::vector<jit::Matrices> for_legs_;
};

bool EachMatrix::look(const std::vector<Ref>& structs) {
  if (!given_.empty())
    return given_.size() == (how_->each ? structs.size() : 1);
  asked_.clear();
  asked_.reserve(structs.size());
  for (const Ref& one : structs) {
    const auto matrix = world_matrix(*how_, Ref::borrow(one.get()), how_->direct->steps);
    if (!matrix)
      return false;
    asked_.push_back(*matrix);
  }
  return true;
}

const jit::Matrices* EachMatrix::of(std::size_t at) {
  by_leg_.clear();
  for_legs_.clear();
  for (const Leg& leg : how_->direct->legs)
    by_leg_.push_back(there(kind_of(leg), {matrix(at)}));
  for (const Matrices& one : by_leg_)
    for_legs_.push_back(for_kernel(one));
  return for_legs_.data();
}

Target EachMatrix::values(std::size_t at, const Target& from, Py_ssize_t count, Ref& holder) {
  const Trail& direct = *how_->direct;
  holder = allocate_cache(*how_->plain, {count}, Py_None);
  const Matrices inverse = back(kind_of(direct.legs.front()), {matrix(at)});
  const jit::Matrices for_leg = for_kernel(inverse);
  Target target = from;
  target.matrices = &for_leg;
  move_rows(direct, how_->copy, jit::Direction::update, memcache_storage(holder.get()).data,
            vector_bytes, {0, 1, count}, target);
  Target made{holder.get(), 0, {}}; // what is not in the region is not written
  if (!from.region.empty())
    made.region = {from.region[0], {0, 1, vector_length}};
  return made;
}

} // namespace

std::unique_ptr<Between> each_matrix(std::shared_ptr<const Transformed> how, PyObject* numbers) {
  auto given = how->world_after < 0 ? matrices_in(numbers) : std::optional(Matrices());
  if (!given)
    return nullptr;
  return std::make_unique<EachMatrix>(std::move(how), std::move(*given));
}

} // namespace rnaslicer::runtime
