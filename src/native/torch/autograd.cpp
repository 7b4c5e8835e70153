// Gradients and the modes they are recorded in.
#include "api.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

NAS_API Flag nas_requires_grad(Handle self) { return self->requires_grad(); }
NAS_API Done nas_set_requires_grad(Handle self, Flag value) {
  return nas::done([&] { self->set_requires_grad(value); });
}
NAS_API Flag nas_is_leaf(Handle self) { return self->is_leaf(); }
NAS_API Done nas_retain_grad(Handle self) {
  return nas::done([&] { self->retain_grad(); });
}
NAS_API Flag nas_has_grad(Handle self) { return self->grad().defined(); }
NAS_API Handle nas_grad(Handle self) {
  return nas::tensor([&] { return self->grad(); });
}
NAS_API Done nas_set_grad(Handle self, Handle grad) {
  return nas::done([&] { self->mutable_grad() = nas::or_undefined(grad); });
}

NAS_API Done nas_backward(const Handle* tensors, int32_t count, const Handle* grads, int32_t grad_count,
                          Flag retain_graph, Flag create_graph, const Handle* inputs, int32_t input_count) {
  return nas::done([&] {
    torch::autograd::backward(nas::list(tensors, count), nas::list(grads, grad_count), static_cast<bool>(retain_graph),
                              create_graph, nas::list(inputs, input_count));
  });
}
NAS_API Handle* nas_autograd_grad(const Handle* outputs, int32_t output_count, const Handle* inputs, int32_t input_count,
                                  const Handle* grads, int32_t grad_count, Flag retain_graph, Flag create_graph,
                                  Flag allow_unused, int32_t* count) {
  return nas::tensors(count, [&] {
    return torch::autograd::grad(nas::list(outputs, output_count), nas::list(inputs, input_count),
                                 nas::list(grads, grad_count), static_cast<bool>(retain_graph), create_graph,
                                 allow_unused);
  });
}
NAS_API Flag nas_defined(Handle self) { return self->defined(); }

NAS_API Flag nas_grad_enabled() { return c10::GradMode::is_enabled(); }
NAS_API void nas_set_grad_enabled(Flag enabled) { c10::GradMode::set_enabled(enabled); }
NAS_API Flag nas_inference_mode_enabled() { return c10::InferenceMode::is_enabled(); }
NAS_API void* nas_inference_mode(Flag enabled) { return new c10::InferenceMode(enabled); }
NAS_API void nas_inference_mode_free(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
