// The C interface of libnas_torch: what its functions have in common.
//
// A tensor crosses as a handle, an at::Tensor on the heap that the caller owns and gives back through nas_tensor_free.
// A function that makes a tensor returns its handle, or null when libtorch threw; one that makes none returns 1, or 0.
// The message of the last failure on the calling thread is nas_last_error's. Null stands for "no tensor" in arguments.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>
#include <c10/core/TensorOptions.h>
#include <c10/util/Optional.h>

#include <cstdint>
#include <utility>
#include <vector>

#define NAS_API extern "C" __attribute__((visibility("default")))

using Handle = at::Tensor*;
using Random = at::Generator*;
using Dims = const int64_t*;
using Done = int32_t;  // 1, or 0 when libtorch threw
using Flag = int32_t;  // a boolean

// A scalar by value: bits hold a double (kind 0), an integer (1) or a boolean (2); kind 3 is "no scalar".
struct Number {
  int64_t kind;
  int64_t bits;
};

// Where and as what a tensor is made; -1 leaves dtype or device to libtorch (for *_like: as the given tensor's).
struct Placement {
  int8_t dtype;
  int8_t device_type;
  int16_t device_index;
  uint8_t requires_grad;
};

namespace nas {

void remember_current_exception() noexcept;
Handle own(at::Tensor&& tensor);
// A malloc'ed array of owned handles; the caller frees the array with free() and each handle as usual.
Handle* own_all(std::vector<at::Tensor>&& tensors, int32_t* count);

int32_t cuda_device_count();
at::Scalar scalar(Number number);
c10::optional<at::Scalar> optional_scalar(Number number);
at::TensorOptions options(Placement placement);

inline at::IntArrayRef dims(Dims values, int32_t count) { return {values, static_cast<size_t>(count)}; }
inline const at::Tensor& or_undefined(Handle handle) {
  static const at::Tensor undefined;
  return handle ? *handle : undefined;
}
inline c10::optional<at::Tensor> maybe(Handle handle) {
  return handle ? c10::optional<at::Tensor>(*handle) : c10::nullopt;
}
inline c10::optional<at::Generator> maybe(Random random) {
  return random ? c10::optional<at::Generator>(*random) : c10::nullopt;
}
inline c10::optional<at::ScalarType> dtype(int8_t value) {
  return value < 0 ? c10::nullopt : c10::optional<at::ScalarType>(static_cast<at::ScalarType>(value));
}
inline std::vector<at::Tensor> list(const Handle* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; i++) tensors.push_back(or_undefined(handles[i]));
  return tensors;
}

template <class F>
inline Handle tensor(F&& make) noexcept {
  try {
    return own(make());
  } catch (...) {
    remember_current_exception();
    return nullptr;
  }
}

template <class F>
inline Done done(F&& act) noexcept {
  try {
    act();
    return 1;
  } catch (...) {
    remember_current_exception();
    return 0;
  }
}

template <class F>
inline Handle* tensors(int32_t* count, F&& make) noexcept {
  try {
    return own_all(make(), count);
  } catch (...) {
    remember_current_exception();
    *count = 0;
    return nullptr;
  }
}

// Two results at once, of an operator that returns a tuple.
template <class F>
inline Done pair(Handle* first, Handle* second, F&& make) noexcept {
  return done([&] {
    auto results = make();
    *first = own(std::move(std::get<0>(results)));
    *second = own(std::move(std::get<1>(results)));
  });
}

}  // namespace nas
