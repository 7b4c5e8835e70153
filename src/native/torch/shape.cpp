// Views, copies, and joining and splitting.
#include "api.h"

#include <ATen/WrapDimUtils.h>
#include <ATen/ops/broadcast_tensors.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>

using nas::dims;

#define NAS_SIZED(op)                                                                    \
  NAS_API Handle nas_##op(Handle self, Dims size, int32_t count) {                       \
    return nas::tensor([&] { return self->op(dims(size, count)); });                     \
  }
NAS_SIZED(view)
NAS_SIZED(reshape)
NAS_SIZED(permute)
NAS_SIZED(repeat)
NAS_SIZED(flip)
NAS_SIZED(tile)

NAS_API Handle nas_expand(Handle self, Dims size, int32_t count, Flag implicit) {
  return nas::tensor([&] { return self->expand(dims(size, count), implicit); });
}
NAS_API Handle nas_as_strided(Handle self, Dims size, Dims stride, int32_t count, int64_t offset) {
  return nas::tensor([&] { return self->as_strided(dims(size, count), dims(stride, count), offset); });
}
NAS_API Handle nas_roll(Handle self, Dims shifts, int32_t shift_count, Dims dim, int32_t dim_count) {
  return nas::tensor([&] { return self->roll(dims(shifts, shift_count), dims(dim, dim_count)); });
}
NAS_API Handle nas_flatten(Handle self, int64_t start, int64_t end) {
  return nas::tensor([&] { return self->flatten(start, end); });
}
NAS_API Handle nas_unflatten(Handle self, int64_t dim, Dims size, int32_t count) {
  // As a view, because Tensor::unflatten's signature differs between libtorch's versions.
  return nas::tensor([&] {
    dim = at::maybe_wrap_dim(dim, self->dim());
    auto shape = self->sizes().vec();
    shape.erase(shape.begin() + dim);
    shape.insert(shape.begin() + dim, size, size + count);
    return self->view(shape);
  });
}
NAS_API Handle nas_transpose(Handle self, int64_t first, int64_t second) {
  return nas::tensor([&] { return self->transpose(first, second); });
}
NAS_API Handle nas_t(Handle self) {
  return nas::tensor([&] { return self->t(); });
}
NAS_API Handle nas_squeeze(Handle self) {
  return nas::tensor([&] { return self->squeeze(); });
}
NAS_API Handle nas_squeeze_dim(Handle self, int64_t dim) {
  return nas::tensor([&] { return self->squeeze(dim); });
}
NAS_API Handle nas_unsqueeze(Handle self, int64_t dim) {
  return nas::tensor([&] { return self->unsqueeze(dim); });
}
NAS_API Handle nas_narrow(Handle self, int64_t dim, int64_t start, int64_t length) {
  return nas::tensor([&] { return self->narrow(dim, start, length); });
}
NAS_API Handle nas_slice(Handle self, int64_t dim, int64_t start, int64_t end, int64_t step) {
  return nas::tensor([&] { return self->slice(dim, start, end, step); });
}
NAS_API Handle nas_select(Handle self, int64_t dim, int64_t index) {
  return nas::tensor([&] { return self->select(dim, index); });
}
NAS_API Handle nas_unfold(Handle self, int64_t dim, int64_t size, int64_t step) {
  return nas::tensor([&] { return self->unfold(dim, size, step); });
}
NAS_API Handle nas_diagonal(Handle self, int64_t offset, int64_t first, int64_t second) {
  return nas::tensor([&] { return self->diagonal(offset, first, second); });
}
NAS_API Handle nas_diag(Handle self, int64_t diagonal) {
  return nas::tensor([&] { return self->diag(diagonal); });
}
NAS_API Handle nas_tril(Handle self, int64_t diagonal) {
  return nas::tensor([&] { return self->tril(diagonal); });
}
NAS_API Handle nas_triu(Handle self, int64_t diagonal) {
  return nas::tensor([&] { return self->triu(diagonal); });
}

NAS_API Handle nas_contiguous(Handle self, int32_t memory_format) {
  return nas::tensor([&] { return self->contiguous(static_cast<at::MemoryFormat>(memory_format)); });
}
NAS_API Handle nas_clone(Handle self) {
  return nas::tensor([&] { return self->clone(); });
}
// Another handle of the same tensor: autograd sees no operation.
NAS_API Handle nas_alias(Handle self) {
  return nas::tensor([&] { return *self; });
}
NAS_API Handle nas_detach(Handle self) {
  return nas::tensor([&] { return self->detach(); });
}
NAS_API Done nas_detach_(Handle self) {
  return nas::done([&] { self->detach_(); });
}
NAS_API Done nas_copy_(Handle self, Handle source, Flag non_blocking) {
  return nas::done([&] { self->copy_(*source, non_blocking); });
}
NAS_API Done nas_set_(Handle self, Handle source) {
  return nas::done([&] { self->set_(*source); });
}
// The same tensor from now on shows another one's memory; what autograd knows of it stays.
NAS_API Done nas_set_data(Handle self, Handle data) {
  return nas::done([&] { self->set_data(*data); });
}
NAS_API Handle nas_to(Handle self, Placement placement, Flag non_blocking, Flag copy) {
  return nas::tensor([&] { return self->to(nas::options(placement), non_blocking, copy); });
}
NAS_API Handle nas_pin_memory(Handle self) {
  return nas::tensor([&] { return self->pin_memory(); });
}

NAS_API Handle nas_cat(const Handle* tensors, int32_t count, int64_t dim) {
  return nas::tensor([&] { return at::cat(nas::list(tensors, count), dim); });
}
NAS_API Handle nas_stack(const Handle* tensors, int32_t count, int64_t dim) {
  return nas::tensor([&] { return at::stack(nas::list(tensors, count), dim); });
}
NAS_API Handle* nas_broadcast_tensors(const Handle* tensors, int32_t count, int32_t* result_count) {
  return nas::tensors(result_count, [&] { return at::broadcast_tensors(nas::list(tensors, count)); });
}
NAS_API Handle* nas_unbind(Handle self, int64_t dim, int32_t* count) {
  return nas::tensors(count, [&] { return self->unbind(dim); });
}
NAS_API Handle* nas_chunk(Handle self, int64_t chunks, int64_t dim, int32_t* count) {
  return nas::tensors(count, [&] { return self->chunk(chunks, dim); });
}
NAS_API Handle* nas_split(Handle self, int64_t size, int64_t dim, int32_t* count) {
  return nas::tensors(count, [&] { return self->split(size, dim); });
}
NAS_API Handle* nas_split_sizes(Handle self, Dims sizes, int32_t size_count, int64_t dim, int32_t* count) {
  return nas::tensors(count, [&] { return self->split_with_sizes(dims(sizes, size_count), dim); });
}
