// jit/emit/function.cpp: function signature, attributes, loops and addresses.
#include "jit/emit/function.hpp"

#include <cstddef>
#include <cstdlib>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Of type KernelFunction.
llvm::Function* declare(const std::string& symbol, llvm::Module& module) {
  auto* pointer = llvm::PointerType::getUnqual(module.getContext());
  auto* integer = llvm::Type::getInt64Ty(module.getContext());
  auto* type =
      llvm::FunctionType::get(llvm::Type::getVoidTy(module.getContext()),
                              {pointer, pointer, integer, pointer, integer, pointer}, false);
  return llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module);
}

} // namespace

std::set<std::int64_t> asked_places(const std::set<std::int64_t>& places, std::int64_t stride) {
  const bool leaves_out = std::abs(stride) > cache_line;
  std::set<std::int64_t> found;
  for (const std::int64_t place : places) {
    const std::int64_t first = *places.begin();
    if (!leaves_out)
      found.insert(first + (place - first) / cache_line * cache_line);
    else if (found.empty() || place - *found.rbegin() >= cache_line)
      found.insert(place);
  }
  return found;
}

Frame::Frame(const std::string& symbol, Tier tier, llvm::Module& owner, const Plan& plan,
             const std::string& folder)
    : module(owner), function(declare(symbol, owner)), lines(*function, plan, folder),
      ir(owner.getContext()) {
  const char* const names[] = {"source", "cache", "count", "table", "table_step", "side"};
  Value** const values[] = {&source, &cache, &count, &table, &table_step, &side};
  for (unsigned i = 0; i < 6; ++i) {
    *values[i] = function->getArg(i);
    (*values[i])->setName(names[i]);
    if (values[i] == &source || values[i] == &cache || values[i] == &table)
      function->addParamAttr(i, llvm::Attribute::NoAlias);
  }
  const Machine described = machine(tier);
  const std::string bits = std::to_string(described.width * 8);
  function->addFnAttr("target-cpu", "x86-64");
  function->addFnAttr("target-features", described.features);
  function->addFnAttr("tune-cpu", described.tune);
  function->addFnAttr("prefer-vector-width", bits);
  function->addFnAttr("min-legal-vector-width", bits);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  ir.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", function));
  ir.SetCurrentDebugLocation(lines.of(Part::plan));
}

void Frame::loop(Value* end, std::int64_t steps, const std::string& name,
                 const std::function<void(Value*)>& body) {
  auto& context = module.getContext();
  auto* before = ir.GetInsertBlock();
  auto* head = llvm::BasicBlock::Create(context, name, function);
  auto* after = llvm::BasicBlock::Create(context, name + ".done", function);
  ir.CreateCondBr(ir.CreateICmpSGT(end, ir.getInt64(0)), head, after);
  ir.SetInsertPoint(head);
  auto* index = ir.CreatePHI(ir.getInt64Ty(), 2, "i");
  index->addIncoming(ir.getInt64(0), before);
  body(index);
  Value* next = ir.CreateAdd(index, ir.getInt64(static_cast<std::uint64_t>(steps)), "next");
  index->addIncoming(next, ir.GetInsertBlock());
  ir.CreateCondBr(ir.CreateICmpSLT(next, end), head, after);
  ir.SetInsertPoint(after);
}

void Frame::overlapped_loop(std::int64_t steps, Value* lead, Value* pace, const std::string& name,
                            const std::function<void(Value*)>& body) {
  auto& context = module.getContext();
  auto* before = ir.GetInsertBlock();
  auto* head = llvm::BasicBlock::Create(context, name, function);
  auto* after = llvm::BasicBlock::Create(context, name + ".done", function);
  Value* last = ir.CreateSub(count, ir.getInt64(static_cast<std::uint64_t>(steps)), "last");
  ir.CreateBr(head);
  ir.SetInsertPoint(head);
  auto* index = ir.CreatePHI(ir.getInt64Ty(), 2, "i");
  index->addIncoming(ir.getInt64(0), before);
  body(ir.CreateBinaryIntrinsic(llvm::Intrinsic::smin, index, last, {}, "j"));
  Value* step = pace;
  if (lead != pace)
    step = ir.CreateSelect(ir.CreateICmpEQ(index, ir.getInt64(0)), lead, pace);
  Value* next = ir.CreateAdd(index, step, "next");
  index->addIncoming(next, ir.GetInsertBlock());
  ir.CreateCondBr(ir.CreateICmpSLT(next, count), head, after);
  ir.SetInsertPoint(after);
}

Value* Frame::address(Value* base, Value* index, std::int64_t stride, std::int64_t offset) {
  auto* byte = ir.getInt8Ty();
  Value* result = base;
  if (stride != 0)
    result = ir.CreateGEP(byte, result,
                          ir.CreateMul(index, ir.getInt64(static_cast<std::uint64_t>(stride))));
  if (offset != 0)
    result = ir.CreateGEP(byte, result, ir.getInt64(static_cast<std::uint64_t>(offset)));
  return result;
}

void Frame::prefetch(Value* place) {
  ir.CreateIntrinsic(llvm::Intrinsic::prefetch, {ir.getPtrTy()},
                     {place, ir.getInt32(1), ir.getInt32(3), ir.getInt32(1)});
}

void Frame::load_side(const Plan& plan, Direction direction) {
  const auto here = at(Part::storage);
  const auto field = [&](std::size_t offset, llvm::Type* type, const char* name) {
    return ir.CreateAlignedLoad(type, address(side, nullptr, 0, static_cast<std::int64_t>(offset)),
                                llvm::Align(8), name);
  };
  if (plan.storage.decode == Decode::lookup)
    lookups = field(direction == Direction::refresh ? offsetof(SideData, decode)
                                                    : offsetof(SideData, encode),
                    ir.getPtrTy(), "lookups");
  if (plan.transform) {
    matrix = field(offsetof(SideData, matrix), ir.getPtrTy(), "matrix");
    m_entry_end = llvm::cast<llvm::Instruction>(matrix);
  }
  if (!plan.target_stride)
    return;
  target = field(offsetof(SideData, target), ir.getPtrTy(), "target");
  target_count = ir.CreateTrunc(field(offsetof(SideData, target_count), ir.getInt64Ty(), "count64"),
                                ir.getInt32Ty(), "target.count");
  bad = ir.CreateAlloca(ir.getInt32Ty(), nullptr, "bad");
  ir.CreateStore(ir.getInt32(0), bad);
}

Value* Frame::coefficient(int row, unsigned column, unsigned lanes) {
  const auto here = at(Part::transform);
  const unsigned place = 32 * static_cast<unsigned>(row) + 8 * column;
  Value*& known = m_coefficients[{place, lanes}];
  if (known)
    return known;
  const llvm::IRBuilder<>::InsertPointGuard guard(ir);
  ir.SetInsertPoint(m_entry_end->getParent(), std::next(m_entry_end->getIterator()));
  known = ir.CreateAlignedLoad(ir.getDoubleTy(), address(matrix, nullptr, 0, place), llvm::Align(8),
                               "coefficient");
  if (lanes > 1)
    known = ir.CreateVectorSplat(lanes, known);
  m_entry_end = llvm::cast<llvm::Instruction>(known);
  return known;
}

Value* Frame::element(Value* place, std::int64_t stride) {
  const auto here = at(Part::through);
  Value* index = ir.CreateAlignedLoad(ir.getInt32Ty(), place, llvm::Align(1), "index");
  Value* is_bad = ir.CreateICmpUGE(index, target_count, "is.bad");
  bad_places.push_back(is_bad);
  index = ir.CreateSelect(is_bad, ir.getInt32(0), index);
  return address(target, ir.CreateZExt(index, ir.getInt64Ty()), stride);
}

void Frame::note_bad_places() {
  if (bad_places.empty())
    return;
  note_bad(ir.CreateOr(bad_places));
  bad_places.clear();
}

/// In memory, for there are no passes that would make a phi of it.
void Frame::note_bad(Value* flags) {
  const auto here = at(Part::storage);
  Value* bits = flags;
  if (const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(flags->getType()))
    bits = ir.CreateBitCast(flags, ir.getIntNTy(vector->getNumElements()));
  bits = ir.CreateZExt(bits, ir.getInt32Ty(), "bad.bits");
  ir.CreateStore(ir.CreateOr(ir.CreateLoad(ir.getInt32Ty(), bad), bits), bad);
}

void Frame::report_bad() {
  if (!bad)
    return;
  const auto here = at(Part::storage);
  auto& context = module.getContext();
  auto* report = llvm::BasicBlock::Create(context, "report", function);
  auto* after = llvm::BasicBlock::Create(context, "reported", function);
  Value* any = ir.CreateICmpNE(ir.CreateLoad(ir.getInt32Ty(), bad), ir.getInt32(0));
  ir.CreateCondBr(any, report, after);
  ir.SetInsertPoint(report);
  constexpr auto offset = static_cast<std::int64_t>(offsetof(SideData, bad_index));
  auto* store =
      ir.CreateAlignedStore(ir.getInt32(1), address(side, nullptr, 0, offset), llvm::Align(4));
  store->setAtomic(llvm::AtomicOrdering::Monotonic); // other threads may do the same
  ir.CreateBr(after);
  ir.SetInsertPoint(after);
}

Value* Frame::table_entry(Value* index) {
  Value* place = ir.CreateGEP(ir.getInt64Ty(), table, ir.CreateMul(index, table_step));
  return ir.CreateAlignedLoad(ir.getInt64Ty(), place, llvm::Align(8), "entry");
}

Value* Frame::source_step(const Loop& loop, Value* index) {
  const auto here = at(Part::loop);
  switch (loop.kind) {
  case LoopKind::strided:
    return address(source, index, loop.source_stride);
  case LoopKind::indexed:
    return address(source, table_entry(index), loop.source_stride);
  case LoopKind::pointers:
    break;
  }
  Value* start = ir.CreateIntToPtr(table_entry(index), ir.getPtrTy());
  return address(start, index, 0, loop.source_stride);
}

} // namespace rnaslicer::jit::emission
