// jit/debugger.cpp: gdb's JIT interface, as its manual declares it.
#include "jit/debugger.hpp"

#include <cstdint>

// The names and the layout are gdb's; LLVM defines both, once.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  std::uint64_t symfile_size;
};
struct jit_descriptor {
  std::uint32_t version;
  std::uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};
extern jit_descriptor __jit_debug_descriptor;
void __jit_debug_register_code();
}

namespace rnaslicer::jit {
namespace {

constexpr std::uint32_t nothing = 0;
constexpr std::uint32_t unregister = 2;

void forget(jit_code_entry* entry) {
  jit_descriptor& all = __jit_debug_descriptor;
  if (entry->prev_entry != nullptr)
    entry->prev_entry->next_entry = entry->next_entry;
  else
    all.first_entry = entry->next_entry;
  if (entry->next_entry != nullptr)
    entry->next_entry->prev_entry = entry->prev_entry;
  all.relevant_entry = entry;
  all.action_flag = unregister;
  __jit_debug_register_code(); // gdb stops there
  all.relevant_entry = nullptr;
  all.action_flag = nothing;
  delete entry; // NOLINT(cppcoreguidelines-owning-memory): LLVM has made it so
}

} // namespace

void* newest_debug_entry() { return __jit_debug_descriptor.first_entry; }

std::vector<void*> debug_entries_since(const void* before) {
  std::vector<void*> found;
  for (auto* one = __jit_debug_descriptor.first_entry; one != nullptr && one != before;
       one = one->next_entry)
    found.push_back(one);
  return found;
}

void forget_debug_entries(const std::vector<void*>& entries) {
  for (void* one : entries)
    forget(static_cast<jit_code_entry*>(one));
}

} // namespace rnaslicer::jit
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
