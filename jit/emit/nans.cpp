// jit/emit/nans.cpp: one comparison tells of two vectors, one branch of a block.
#include "jit/emit/nans.hpp"

#include <llvm/IR/MDBuilder.h>

namespace rnaslicer::jit::emission {

using llvm::Value;

/// An i1: whether any of the numbers is a NaN.
Value* NanWatch::any() {
  auto& ir = m_frame.ir;
  std::map<llvm::Type*, std::vector<Value*>> alike;
  for (Value* number : m_numbers)
    alike[number->getType()].push_back(number);
  Value* result = nullptr;
  for (const auto& [type, numbers] : alike) {
    Value* found = nullptr;
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
      Value* two = ir.CreateFCmpUNO(numbers[i], numbers[i + 1 < numbers.size() ? i + 1 : i]);
      found = found ? ir.CreateOr(found, two) : two;
    }
    if (const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(found->getType())) {
      Value* bits = ir.CreateBitCast(found, ir.getIntNTy(vector->getNumElements()));
      found = ir.CreateIsNotNull(bits);
    }
    result = result ? ir.CreateOr(result, found) : found;
  }
  return result;
}

void NanWatch::end(const std::function<void()>& again) {
  m_frame.watched = nullptr;
  if (m_numbers.empty())
    return;
  const auto here = m_frame.at(Part::transform);
  auto& ir = m_frame.ir;
  auto& context = ir.getContext();
  auto* mend = llvm::BasicBlock::Create(context, "nans", m_frame.function);
  auto* after = llvm::BasicBlock::Create(context, "nans.done", m_frame.function);
  ir.CreateCondBr(any(), mend, after, llvm::MDBuilder(context).createUnlikelyBranchWeights());
  ir.SetInsertPoint(mend);
  again();
  ir.CreateBr(after);
  ir.SetInsertPoint(after);
}

} // namespace rnaslicer::jit::emission
