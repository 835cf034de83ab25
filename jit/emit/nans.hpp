// jit/emit/nans.hpp: of the numbers of a block that a transform gives, one question whether any is
// a NaN.
#pragma once

#include "jit/emit/function.hpp"

namespace rnaslicer::jit::emission {

/// While it lives, Values takes no NaN for the one that counts; end() asks once for all numbers.
class NanWatch {
 public:
  explicit NanWatch(Frame& frame) : m_frame(frame) { frame.watched = &m_numbers; }
  ~NanWatch() { m_frame.watched = nullptr; }
  NanWatch(const NanWatch&) = delete;
  NanWatch& operator=(const NanWatch&) = delete;
  NanWatch(NanWatch&&) = delete;
  NanWatch& operator=(NanWatch&&) = delete;

  /// Where there is a NaN, what `again` emits is run, number by number.
  void end(const std::function<void()>& again);

 private:
  llvm::Value* any();

  Frame& m_frame;
  std::vector<llvm::Value*> m_numbers;
};

} // namespace rnaslicer::jit::emission
