// Handles, scalars and errors.
#include "api.h"

#include <c10/util/Exception.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {
std::atomic<int64_t> live{0};
thread_local std::string last_error;
}  // namespace

namespace nas {

void remember_current_exception() noexcept {
  try {
    throw;
  } catch (const c10::Error& error) {
    last_error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    // libtorch appends its C++ stack to messages of errors that crossed the autograd engine.
    std::string message = error.what();
    last_error = message.substr(0, message.find("\nException raised from "));
  } catch (...) {
    last_error = "an exception of unknown type in libtorch";
  }
}

Handle own(at::Tensor&& tensor) {
  live.fetch_add(1, std::memory_order_relaxed);
  return new at::Tensor(std::move(tensor));
}

Handle* own_all(std::vector<at::Tensor>&& tensors, int32_t* count) {
  auto handles = static_cast<Handle*>(std::malloc(sizeof(Handle) * (tensors.empty() ? 1 : tensors.size())));
  if (!handles) throw std::bad_alloc();
  for (size_t i = 0; i < tensors.size(); i++) handles[i] = own(std::move(tensors[i]));
  *count = static_cast<int32_t>(tensors.size());
  return handles;
}

at::Scalar scalar(Number number) {
  double real;
  switch (number.kind) {
    case 0:
      std::memcpy(&real, &number.bits, sizeof real);
      return at::Scalar(real);
    case 2:
      return at::Scalar(number.bits != 0);
    default:
      return at::Scalar(number.bits);
  }
}

c10::optional<at::Scalar> optional_scalar(Number number) {
  return number.kind == 3 ? c10::nullopt : c10::optional<at::Scalar>(scalar(number));
}

at::TensorOptions options(Placement placement) {
  at::TensorOptions options;
  if (placement.dtype >= 0) options = options.dtype(static_cast<at::ScalarType>(placement.dtype));
  if (placement.device_type >= 0)
    options = options.device(at::Device(static_cast<at::DeviceType>(placement.device_type),
                                        static_cast<at::DeviceIndex>(placement.device_index)));
  return options;
}

}  // namespace nas

NAS_API const char* nas_last_error() { return last_error.c_str(); }
NAS_API int64_t nas_live_tensors() { return live.load(std::memory_order_relaxed); }
NAS_API void nas_tensor_free(Handle handle) {
  live.fetch_sub(1, std::memory_order_relaxed);
  delete handle;
}
