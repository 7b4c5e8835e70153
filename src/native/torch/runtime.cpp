// Threads and devices.
#include "api.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace nas {
int32_t cuda_device_count() {
  return at::globalContext().hasCUDA() ? c10::impl::VirtualGuardImpl(at::kCUDA).deviceCount() : 0;
}
}  // namespace nas

NAS_API int32_t nas_num_threads() { return at::get_num_threads(); }
NAS_API Done nas_set_num_threads(int32_t count) {
  return nas::done([&] {
    // A thread takes the number last set by any other at its first look; that look must not come after the setting.
    at::get_num_threads();
    at::set_num_threads(count);
  });
}
NAS_API int32_t nas_num_interop_threads() { return at::get_num_interop_threads(); }
NAS_API Done nas_set_num_interop_threads(int32_t count) {
  return nas::done([&] { at::set_num_interop_threads(count); });
}
NAS_API int32_t nas_cuda_device_count() { return nas::cuda_device_count(); }
NAS_API Flag nas_cuda_has_cudnn() { return at::globalContext().hasCuDNN(); }

// Whether the current device computes convolutions in bfloat16 by instructions of its own.
NAS_API Flag nas_cuda_has_bfloat16() { return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8(); }

// Waits for all that was asked of a CUDA device (index -1: the current one).
NAS_API Done nas_cuda_synchronize(int32_t index) {
  return nas::done([&] {
    c10::impl::VirtualGuardImpl device(at::kCUDA);
    auto target = index < 0 ? device.getDevice() : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
    device.getStream(target).synchronize();
  });
}
