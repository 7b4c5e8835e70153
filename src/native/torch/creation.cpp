// Tensors made from nothing or from host memory.
#include "api.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/from_file.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/tril_indices.h>
#include <ATen/ops/triu_indices.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cstring>

namespace {
template <class F>
Handle create(Placement placement, F&& make) {
  return nas::tensor([&] {
    at::Tensor tensor = make(nas::options(placement));
    if (placement.requires_grad) tensor.set_requires_grad(true);
    return tensor;
  });
}
}  // namespace

#define NAS_CREATE(op)                                                                       \
  NAS_API Handle nas_##op(Dims size, int32_t count, Placement placement) {                   \
    return create(placement, [&](auto options) { return at::op(nas::dims(size, count), options); }); \
  }                                                                                          \
  NAS_API Handle nas_##op##_like(Handle self, Placement placement) {                         \
    return create(placement, [&](auto options) { return at::op##_like(*self, options); });   \
  }

NAS_CREATE(zeros)
NAS_CREATE(ones)
NAS_CREATE(empty)

NAS_API Handle nas_full(Dims size, int32_t count, Number value, Placement placement) {
  return create(placement, [&](auto options) { return at::full(nas::dims(size, count), nas::scalar(value), options); });
}
NAS_API Handle nas_full_like(Handle self, Number value, Placement placement) {
  return create(placement, [&](auto options) { return at::full_like(*self, nas::scalar(value), options); });
}
NAS_API Handle nas_empty_strided(Dims size, Dims stride, int32_t count, Placement placement) {
  return create(placement, [&](auto options) {
    return at::empty_strided(nas::dims(size, count), nas::dims(stride, count), options);
  });
}
NAS_API Handle nas_scalar_tensor(Number value, Placement placement) {
  return create(placement, [&](auto options) { return at::scalar_tensor(nas::scalar(value), options); });
}
NAS_API Handle nas_arange(Number start, Number stop, Number step, Placement placement) {
  return create(placement, [&](auto options) {
    return at::arange(nas::scalar(start), nas::scalar(stop), nas::scalar(step), options);
  });
}
NAS_API Handle nas_linspace(double start, double end, int64_t steps, Placement placement) {
  return create(placement, [&](auto options) { return at::linspace(start, end, steps, options); });
}
NAS_API Handle nas_eye(int64_t rows, int64_t columns, Placement placement) {
  return create(placement, [&](auto options) { return at::eye(rows, columns, options); });
}
NAS_API Handle nas_tril_indices(int64_t rows, int64_t columns, int64_t offset, Placement placement) {
  return create(placement, [&](auto options) { return at::tril_indices(rows, columns, offset, options); });
}
NAS_API Handle nas_triu_indices(int64_t rows, int64_t columns, int64_t offset, Placement placement) {
  return create(placement, [&](auto options) { return at::triu_indices(rows, columns, offset, options); });
}

// A copy of host memory that holds elements of the given type, then moved to the asked type and device.
NAS_API Handle nas_from_memory(const void* data, int8_t type, Dims size, int32_t count, Placement placement) {
  return create(placement, [&](at::TensorOptions options) {
    auto source = at::TensorOptions().dtype(static_cast<at::ScalarType>(type)).device(at::kCPU);
    at::Tensor tensor = at::empty(nas::dims(size, count), source);
    if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
    return tensor.to(options);
  });
}

// A tensor over memory that stays the caller's: `release(context)` is called when the last view of it is gone.
NAS_API Handle nas_over_memory(void* data, int8_t type, Dims size, int32_t count, void (*release)(void*), void* context) {
  return nas::tensor([&] {
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(type)).device(at::kCPU);
    return at::from_blob(data, nas::dims(size, count), [release, context](void*) { release(context); }, options);
  });
}

// A file mapped into memory; shared: what is written goes to the file, which is made or grown to the size.
NAS_API Handle nas_from_file(const char* path, Flag shared, int64_t count, Placement placement) {
  return create(placement, [&](auto options) { return at::from_file(path, static_cast<bool>(shared), count, options); });
}
