// What the steps of all optimisers have in common: which tensors go through the fused loops, and in what pieces.
#pragma once

#include "api.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_strided.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <vector>

// The loops are compiled for several instruction sets and the best is taken when the library is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define NAS_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NAS_VECTORISED
#endif

namespace nas {

// One parameter with its gradient and the optimiser's states of it.
struct Update {
  at::Tensor parameter;
  at::Tensor gradient;
  std::vector<at::Tensor> states;
  int64_t step;  // which one of this parameter's this is, from 1
};

inline bool is_fusible(const at::Tensor& tensor) {
  return tensor.defined() && tensor.layout() == at::kStrided && tensor.device().is_cpu() &&
         tensor.scalar_type() == at::kFloat;
}

// The same values in the order of `model`'s elements in memory.
inline at::Tensor laid_out_as(const at::Tensor& model, const at::Tensor& tensor) {
  if (tensor.strides() == model.strides()) return tensor;
  return at::empty_strided(model.sizes(), model.strides(), tensor.options()).copy_(tensor);
}

// Puts a state, which lives on from step to step, into its parameter's memory order once and for all.
inline void lay_out_in_place(const at::Tensor& model, at::Tensor& state) {
  if (state.strides() != model.strides()) state.set_data(laid_out_as(model, state));
}

// Sorts parameters that have a gradient into those the fused loop takes and the others.
inline void sort_updates(std::vector<Update>&& all, std::vector<Update>& fused, std::vector<Update>& others) {
  for (auto& update : all) {
    bool fusible = is_fusible(update.parameter) && is_fusible(update.gradient) &&
                   update.parameter.is_non_overlapping_and_dense() &&
                   std::all_of(update.states.begin(), update.states.end(), is_fusible);
    if (!fusible) {
      others.push_back(std::move(update));
      continue;
    }
    update.gradient = laid_out_as(update.parameter, update.gradient);
    for (auto& state : update.states) lay_out_in_place(update.parameter, state);
    fused.push_back(std::move(update));
  }
}

// Runs loop(parameter, gradient, states, count) over all parameters in pieces that threads share out.
template <class Loop>
void run_fused(std::vector<Update>& updates, Loop&& loop) {
  constexpr int64_t piece = 16384;
  struct Piece {
    size_t update;
    int64_t start;
    int64_t count;
  };
  std::vector<Piece> pieces;
  for (size_t i = 0; i < updates.size(); i++)
    for (int64_t start = 0, n = updates[i].parameter.numel(); start < n; start += piece)
      pieces.push_back({i, start, std::min(piece, n - start)});
  at::parallel_for(0, static_cast<int64_t>(pieces.size()), 2, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Piece& p = pieces[i];
      Update& update = updates[p.update];
      float* states[4] = {};
      for (size_t s = 0; s < update.states.size(); s++)
        states[s] = static_cast<float*>(update.states[s].data_ptr()) + p.start;
      loop(static_cast<float*>(update.parameter.data_ptr()) + p.start,
           static_cast<const float*>(update.gradient.data_ptr()) + p.start, states, p.count, update);
    }
  });
  for (auto& update : updates) update.parameter.unsafeGetTensorImpl()->bump_version();
}

// One column of a list of updates.
inline std::vector<at::Tensor> parameters(const std::vector<Update>& updates) {
  std::vector<at::Tensor> tensors;
  for (const auto& update : updates) tensors.push_back(update.parameter);
  return tensors;
}
inline std::vector<at::Tensor> gradients(const std::vector<Update>& updates) {
  std::vector<at::Tensor> tensors;
  for (const auto& update : updates) tensors.push_back(update.gradient);
  return tensors;
}
inline std::vector<at::Tensor> states(const std::vector<Update>& updates, size_t index) {
  std::vector<at::Tensor> tensors;
  for (const auto& update : updates) tensors.push_back(update.states[index]);
  return tensors;
}

}  // namespace nas
