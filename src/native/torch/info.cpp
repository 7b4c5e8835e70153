// What a tensor is: shape, type, place, flags, memory.
#include "api.h"

#include <ATen/ops/_local_scalar_dense.h>

#include <algorithm>

NAS_API int64_t nas_dim(Handle self) { return self->dim(); }
NAS_API int64_t nas_numel(Handle self) { return self->numel(); }
NAS_API int64_t nas_storage_offset(Handle self) { return self->storage_offset(); }
NAS_API int64_t nas_element_size(Handle self) { return static_cast<int64_t>(self->element_size()); }
NAS_API int32_t nas_dtype(Handle self) { return static_cast<int32_t>(self->scalar_type()); }
NAS_API int32_t nas_device_type(Handle self) { return static_cast<int32_t>(self->device().type()); }
NAS_API int32_t nas_device_index(Handle self) { return self->device().index(); }
NAS_API void* nas_data_ptr(Handle self) { return self->data_ptr(); }
NAS_API void nas_sizes(Handle self, int64_t* sizes) {
  std::copy(self->sizes().begin(), self->sizes().end(), sizes);
}
NAS_API void nas_strides(Handle self, int64_t* strides) {
  std::copy(self->strides().begin(), self->strides().end(), strides);
}
NAS_API Done nas_size(Handle self, int64_t dim, int64_t* size) {
  return nas::done([&] { *size = self->size(dim); });
}
NAS_API Done nas_stride(Handle self, int64_t dim, int64_t* stride) {
  return nas::done([&] { *stride = self->stride(dim); });
}
NAS_API Flag nas_is_contiguous(Handle self, int32_t memory_format) {
  return self->is_contiguous(static_cast<at::MemoryFormat>(memory_format));
}
NAS_API Flag nas_is_sparse(Handle self) { return self->is_sparse(); }
NAS_API Flag nas_is_pinned(Handle self) { return self->is_pinned(); }
NAS_API Flag nas_is_complex(Handle self) { return self->is_complex(); }

// The one element of a tensor, whatever its type, as a double and as an integer.
NAS_API Done nas_item(Handle self, double* real, int64_t* integer) {
  return nas::done([&] {
    at::Scalar value = self->item();
    if (value.isFloatingPoint()) {
      *real = value.toDouble();
      *integer = 0;
    } else {
      *integer = value.isBoolean() ? value.toBool() : value.toLong();
      *real = static_cast<double>(*integer);
    }
  });
}
