// The memory of large tensors on processors.
//
// The C library's heap suits trainings badly: each thread has a part of it of its own, and what a thread leaves behind is
// neither used by the next nor given back. So large blocks come from one place for all threads, which keeps what is freed (a
// step asks for the same blocks as the step before) until it is told to give it back, whole pages at a time.
#include "api.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#ifdef __linux__
#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

namespace {

constexpr size_t least = 64 << 10;        // what is smaller is left to the C library
constexpr size_t grain = 256;             // blocks begin and end at multiples of it
constexpr size_t huge_page = 2 << 20;
constexpr size_t span_bytes = 256 << 20;  // address space is taken in spans of at least this

size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

// Blocks of address space, the smallest that fits first; neighbours that are free are one block. Those that were never
// written to, and so cost no memory yet, are in reserve: they are taken when no other fits, and no more of them than it needs.
class Blocks {
 public:
  void* take(size_t bytes) {
    bytes = round_up(bytes, grain);
    std::lock_guard<std::mutex> guard(lock_);
    auto fit = by_size_.lower_bound({bytes, 0});
    if (fit == by_size_.end()) {
      if (!grow(bytes)) return nullptr;
      fit = by_size_.lower_bound({bytes, 0});
    }
    const auto [size, start] = *fit;
    remove(start, size);
    if (size > bytes) add(start + bytes, size - bytes);
    taken_.emplace(start, bytes);
    return reinterpret_cast<void*>(start);
  }

  // False for what did not come from here.
  bool give_back(void* block) {
    std::lock_guard<std::mutex> guard(lock_);
    const auto taken = taken_.find(reinterpret_cast<uintptr_t>(block));
    if (taken == taken_.end()) return false;
    const auto [start, size] = *taken;
    taken_.erase(taken);
    join(start, size);
    return true;
  }

  // Free pages go back to the system; their addresses stay ours.
  void trim() {
    const size_t page = 4096;
    std::lock_guard<std::mutex> guard(lock_);
    for (const auto& [start, size] : by_start_) {
      const auto first = round_up(start, page), end = (start + size) / page * page;
      if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
    }
  }

 private:
  // Makes a free block of at least so many bytes.
  bool grow(size_t bytes) {
    const auto last = by_start_.lower_bound(reserve_);
    if (last != by_start_.begin()) {
      const auto [start, size] = *std::prev(last);
      if (start + size == reserve_ && bytes - size <= reserve_bytes_) bytes -= size;  // it is smaller, or it would have been taken
    }
    if (bytes > reserve_bytes_ && !map(bytes)) return false;
    join(reserve_, bytes);
    reserve_ += bytes;
    reserve_bytes_ -= bytes;
    return true;
  }

  // A new span as the reserve; what is left of the old one is a free block.
  bool map(size_t bytes) {
    const size_t size = round_up(std::max(bytes, span_bytes), huge_page) + huge_page;
    void* span = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (span == MAP_FAILED) return false;
    madvise(span, size, MADV_HUGEPAGE);  // fewer page faults and look-ups; a system without them says no, and nothing is lost
    if (reserve_bytes_ > 0) join(reserve_, reserve_bytes_);
    reserve_ = round_up(reinterpret_cast<uintptr_t>(span), huge_page);
    reserve_bytes_ = size - huge_page;
    return true;
  }

  void join(uintptr_t start, size_t size) {
    auto next = by_start_.lower_bound(start);
    if (next != by_start_.end() && start + size == next->first) {
      const size_t more = next->second;
      remove(start + size, more);
      size += more;
    }
    next = by_start_.lower_bound(start);
    if (next != by_start_.begin()) {
      const auto [before, length] = *std::prev(next);
      if (before + length == start) {
        remove(before, length);
        start = before;
        size += length;
      }
    }
    add(start, size);
  }

  void add(uintptr_t start, size_t size) {
    by_start_.emplace(start, size);
    by_size_.emplace(size, start);
  }
  void remove(uintptr_t start, size_t size) {
    by_start_.erase(start);
    by_size_.erase({size, start});
  }

  std::mutex lock_;
  uintptr_t reserve_ = 0;
  size_t reserve_bytes_ = 0;
  std::map<uintptr_t, size_t> by_start_;             // free blocks
  std::set<std::pair<size_t, uintptr_t>> by_size_;   // the same
  std::unordered_map<uintptr_t, size_t> taken_;
};

// Never destroyed: tensors may outlive every other static.
Blocks& blocks() {
  static auto* all = new Blocks;
  return *all;
}

void give_back(void* block) {
  if (block && !blocks().give_back(block)) c10::GetDefaultCPUAllocator()->raw_deleter()(block);
}

class LargeBlocksAllocator final : public c10::Allocator {
 public:
  // libtorch 2.3 made it non-const and asked for copy_data.
  at::DataPtr allocate(size_t bytes) const { return take(bytes); }
  at::DataPtr allocate(size_t bytes) { return take(bytes); }
  // oneDNN takes its working memory without a DataPtr, and gives it back by this.
  at::DeleterFnPtr raw_deleter() const override { return give_back; }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }

 private:
  at::DataPtr take(size_t bytes) const {
    if (bytes < least) return c10::GetDefaultCPUAllocator()->allocate(bytes);
    void* block = blocks().take(bytes);
    TORCH_CHECK(block, "not enough memory: a tensor of ", bytes, " bytes cannot be made");
    return {block, block, give_back, at::Device(at::kCPU)};
  }
};

}  // namespace

NAS_API void nas_keep_memory() {
  c10::SetCPUAllocator(new LargeBlocksAllocator);
}

NAS_API void nas_trim_memory() {
  blocks().trim();
  malloc_trim(0);
}

#else

NAS_API void nas_keep_memory() {}
NAS_API void nas_trim_memory() {}

#endif
