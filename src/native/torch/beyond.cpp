// What goes beyond TorchSharp: mixed precision, denormals, facts about the build.
#include "api.h"

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include <string>

namespace {

// libtorch 2.4 made autocast's state one per device type; before, each device had functions of its own.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool autocast_enabled(at::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
at::ScalarType autocast_dtype(at::DeviceType device) { return at::autocast::get_autocast_dtype(device); }
void set_autocast(at::DeviceType device, bool enabled, at::ScalarType dtype) {
  at::autocast::set_autocast_enabled(device, enabled);
  at::autocast::set_autocast_dtype(device, dtype);
}
#else
bool autocast_enabled(at::DeviceType device) {
  return device == at::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
}
at::ScalarType autocast_dtype(at::DeviceType device) {
  return device == at::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
}
void set_autocast(at::DeviceType device, bool enabled, at::ScalarType dtype) {
  if (device == at::kCPU) {
    at::autocast::set_cpu_enabled(enabled);
    at::autocast::set_autocast_cpu_dtype(dtype);
  } else {
    at::autocast::set_enabled(enabled);
    at::autocast::set_autocast_gpu_dtype(dtype);
  }
}
#endif

}  // namespace

// Operators on this thread compute in `dtype` where that is safe; what was set before is told for leaving.
NAS_API Done nas_autocast_enter(int32_t device_type, int32_t dtype, Flag enabled, Flag* enabled_before, int32_t* dtype_before) {
  return nas::done([&] {
    const auto device = static_cast<at::DeviceType>(device_type);
    *enabled_before = autocast_enabled(device);
    *dtype_before = static_cast<int32_t>(autocast_dtype(device));
    at::autocast::increment_nesting();
    set_autocast(device, enabled, static_cast<at::ScalarType>(dtype));
  });
}
NAS_API Done nas_autocast_leave(int32_t device_type, int32_t dtype_before, Flag enabled_before) {
  return nas::done([&] {
    // The outermost one forgets the converted weights.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    set_autocast(static_cast<at::DeviceType>(device_type), enabled_before, static_cast<at::ScalarType>(dtype_before));
  });
}

NAS_API Flag nas_set_flush_denormal(Flag flush) { return at::globalContext().setFlushDenormal(flush); }

NAS_API const char* nas_version() { return TORCH_VERSION; }
NAS_API const char* nas_config() {
  static const std::string config = at::show_config();
  return config.c_str();
}
