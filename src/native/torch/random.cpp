// Generators and draws from them.
#include "api.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/multinomial.h>
#include <ATen/ops/normal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/rand_like.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randint_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/randperm.h>

#include <mutex>

using nas::dims;
using nas::maybe;

namespace {

at::Device device_of(int32_t type, int32_t index) {
  return at::Device(static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index));
}

template <class F>
Handle draw(Placement placement, F&& make) {
  return nas::tensor([&] {
    at::Tensor tensor = make(nas::options(placement));
    if (placement.requires_grad) tensor.set_requires_grad(true);
    return tensor;
  });
}

}  // namespace

NAS_API Random nas_generator(int64_t seed, int32_t device_type, int32_t device_index) {
  Random random = nullptr;
  nas::done([&] {
    at::Generator generator = device_type == static_cast<int32_t>(at::kCPU)
        ? at::detail::createCPUGenerator()
        : at::globalContext().defaultGenerator(device_of(device_type, device_index)).clone();
    generator.set_current_seed(static_cast<uint64_t>(seed));
    random = new at::Generator(std::move(generator));
  });
  return random;
}
NAS_API Random nas_default_generator(int32_t device_type, int32_t device_index) {
  Random random = nullptr;
  nas::done([&] { random = new at::Generator(at::globalContext().defaultGenerator(device_of(device_type, device_index))); });
  return random;
}
NAS_API void nas_generator_free(Random random) { delete random; }
NAS_API Done nas_generator_set_seed(Random random, int64_t seed) {
  return nas::done([&] {
    std::lock_guard<std::mutex> lock(random->mutex());
    random->set_current_seed(static_cast<uint64_t>(seed));
  });
}
NAS_API Done nas_generator_new_seed(Random random, int64_t* seed) {
  return nas::done([&] {
    std::lock_guard<std::mutex> lock(random->mutex());
    *seed = static_cast<int64_t>(random->seed());
  });
}
NAS_API int64_t nas_generator_seed(Random random) { return static_cast<int64_t>(random->current_seed()); }
NAS_API Handle nas_generator_state(Random random) {
  return nas::tensor([&] {
    std::lock_guard<std::mutex> lock(random->mutex());
    return random->get_state();
  });
}
NAS_API Done nas_generator_set_state(Random random, Handle state) {
  return nas::done([&] {
    std::lock_guard<std::mutex> lock(random->mutex());
    random->set_state(*state);
  });
}
NAS_API Done nas_manual_seed(int64_t seed) {
  return nas::done([&] {
    auto generator = at::globalContext().defaultGenerator(at::kCPU);
    {
      std::lock_guard<std::mutex> lock(generator.mutex());
      generator.set_current_seed(static_cast<uint64_t>(seed));
    }
    for (int32_t index = 0; index < nas::cuda_device_count(); index++) {
      auto device = at::globalContext().defaultGenerator(at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index)));
      std::lock_guard<std::mutex> lock(device.mutex());
      device.set_current_seed(static_cast<uint64_t>(seed));
    }
  });
}

NAS_API Handle nas_rand(Dims size, int32_t count, Random random, Placement placement) {
  return draw(placement, [&](auto options) { return at::rand(dims(size, count), maybe(random), options); });
}
NAS_API Handle nas_randn(Dims size, int32_t count, Random random, Placement placement) {
  return draw(placement, [&](auto options) { return at::randn(dims(size, count), maybe(random), options); });
}
NAS_API Handle nas_randint(int64_t low, int64_t high, Dims size, int32_t count, Random random, Placement placement) {
  return draw(placement, [&](auto options) { return at::randint(low, high, dims(size, count), maybe(random), options); });
}
NAS_API Handle nas_randperm(int64_t n, Random random, Placement placement) {
  return draw(placement, [&](auto options) { return at::randperm(n, maybe(random), options); });
}
NAS_API Handle nas_rand_like(Handle self, Placement placement) {
  return draw(placement, [&](auto options) { return at::rand_like(*self, options); });
}
NAS_API Handle nas_randn_like(Handle self, Placement placement) {
  return draw(placement, [&](auto options) { return at::randn_like(*self, options); });
}
NAS_API Handle nas_randint_like(Handle self, int64_t low, int64_t high, Placement placement) {
  return draw(placement, [&](auto options) { return at::randint_like(*self, low, high, options); });
}
NAS_API Handle nas_normal(Handle mean, Handle std, Random random) {
  return nas::tensor([&] { return at::normal(*mean, *std, maybe(random)); });
}
NAS_API Handle nas_bernoulli(Handle self, Random random) {
  return nas::tensor([&] { return self->bernoulli(maybe(random)); });
}
NAS_API Done nas_bernoulli_(Handle self, double p, Random random) {
  return nas::done([&] { self->bernoulli_(p, maybe(random)); });
}
NAS_API Done nas_bernoulli_tensor_(Handle self, Handle p, Random random) {
  return nas::done([&] { self->bernoulli_(*p, maybe(random)); });
}
NAS_API Handle nas_multinomial(Handle self, int64_t count, Flag replacement, Random random) {
  return nas::tensor([&] { return at::multinomial(*self, count, replacement, maybe(random)); });
}
NAS_API Done nas_normal_(Handle self, double mean, double std, Random random) {
  return nas::done([&] { self->normal_(mean, std, maybe(random)); });
}
NAS_API Done nas_uniform_(Handle self, double from, double to, Random random) {
  return nas::done([&] { self->uniform_(from, to, maybe(random)); });
}
NAS_API Done nas_exponential_(Handle self, double lambda, Random random) {
  return nas::done([&] { self->exponential_(lambda, maybe(random)); });
}
NAS_API Done nas_random_(Handle self, int64_t from, int64_t to, Random random) {
  return nas::done([&] { self->random_(from, to, maybe(random)); });
}
NAS_API Done nas_fill_(Handle self, Number value) {
  return nas::done([&] { self->fill_(nas::scalar(value)); });
}
NAS_API Done nas_zero_(Handle self) {
  return nas::done([&] { self->zero_(); });
}
