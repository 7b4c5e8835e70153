// Reductions, sorting and scans.
#include "api.h"

#include <ATen/ops/std.h>
#include <ATen/ops/var.h>

using nas::dims;
using nas::dtype;

NAS_API Handle nas_sum(Handle self, Dims dim, int32_t count, Flag keepdim, int8_t type) {
  return nas::tensor([&] {
    return count == 0 ? self->sum(dtype(type)) : self->sum(dims(dim, count), keepdim, dtype(type));
  });
}
NAS_API Handle nas_mean(Handle self, Dims dim, int32_t count, Flag keepdim, int8_t type) {
  return nas::tensor([&] {
    return count == 0 ? self->mean(dtype(type)) : self->mean(dims(dim, count), keepdim, dtype(type));
  });
}
NAS_API Handle nas_prod(Handle self, int8_t type) {
  return nas::tensor([&] { return self->prod(dtype(type)); });
}
NAS_API Handle nas_prod_dim(Handle self, int64_t dim, Flag keepdim, int8_t type) {
  return nas::tensor([&] { return self->prod(dim, keepdim, dtype(type)); });
}
NAS_API Handle nas_var(Handle self, Dims dim, int32_t count, Flag unbiased, Flag keepdim) {
  return nas::tensor([&] {
    return count == 0 ? at::var(*self, static_cast<bool>(unbiased))
                      : at::var(*self, dims(dim, count), static_cast<bool>(unbiased), static_cast<bool>(keepdim));
  });
}
NAS_API Handle nas_std(Handle self, Dims dim, int32_t count, Flag unbiased, Flag keepdim) {
  return nas::tensor([&] {
    return count == 0 ? at::std(*self, static_cast<bool>(unbiased))
                      : at::std(*self, dims(dim, count), static_cast<bool>(unbiased), static_cast<bool>(keepdim));
  });
}
NAS_API Handle nas_norm(Handle self, double p) {
  return nas::tensor([&] { return self->norm(p); });
}
NAS_API Handle nas_norm_dim(Handle self, double p, int64_t dim, Flag keepdim) {
  return nas::tensor([&] { return self->norm(p, at::IntArrayRef(dim), static_cast<bool>(keepdim)); });
}
NAS_API Handle nas_logsumexp(Handle self, int64_t dim, Flag keepdim) {
  return nas::tensor([&] { return self->logsumexp(at::IntArrayRef(dim), static_cast<bool>(keepdim)); });
}
NAS_API Handle nas_amax(Handle self, Dims dim, int32_t count, Flag keepdim) {
  return nas::tensor([&] { return self->amax(dims(dim, count), keepdim); });
}
NAS_API Handle nas_amin(Handle self, Dims dim, int32_t count, Flag keepdim) {
  return nas::tensor([&] { return self->amin(dims(dim, count), keepdim); });
}

#define NAS_EXTREME(op)                                                                            \
  NAS_API Handle nas_##op(Handle self) { return nas::tensor([&] { return self->op(); }); }         \
  NAS_API Done nas_##op##_dim(Handle self, int64_t dim, Flag keepdim, Handle* values, Handle* indices) { \
    return nas::pair(values, indices, [&] { return self->op(dim, static_cast<bool>(keepdim)); });  \
  }
NAS_EXTREME(max)
NAS_EXTREME(min)
NAS_API Handle nas_median(Handle self) {
  return nas::tensor([&] { return self->median(); });
}

#define NAS_ARGUMENT(op)                                                                           \
  NAS_API Handle nas_##op(Handle self) { return nas::tensor([&] { return self->op(); }); }         \
  NAS_API Handle nas_##op##_dim(Handle self, int64_t dim, Flag keepdim) {                       \
    return nas::tensor([&] { return self->op(dim, static_cast<bool>(keepdim)); });                 \
  }
NAS_ARGUMENT(argmax)
NAS_ARGUMENT(argmin)
NAS_ARGUMENT(all)
NAS_ARGUMENT(any)

NAS_API Done nas_topk(Handle self, int64_t k, int64_t dim, Flag largest, Flag sorted, Handle* values, Handle* indices) {
  return nas::pair(values, indices, [&] { return self->topk(k, dim, largest, sorted); });
}
NAS_API Done nas_sort(Handle self, int64_t dim, Flag descending, Flag stable, Handle* values, Handle* indices) {
  return nas::pair(values, indices, [&] {
    return self->sort(c10::optional<bool>(stable != 0), dim, static_cast<bool>(descending));
  });
}
NAS_API Handle nas_argsort(Handle self, int64_t dim, Flag descending) {
  return nas::tensor([&] { return self->argsort(dim, static_cast<bool>(descending)); });
}
NAS_API Handle nas_cumsum(Handle self, int64_t dim, int8_t type) {
  return nas::tensor([&] { return self->cumsum(dim, dtype(type)); });
}
NAS_API Handle nas_cumprod(Handle self, int64_t dim, int8_t type) {
  return nas::tensor([&] { return self->cumprod(dim, dtype(type)); });
}
NAS_API Handle nas_softmax(Handle self, int64_t dim, int8_t type) {
  return nas::tensor([&] { return self->softmax(dim, dtype(type)); });
}
NAS_API Handle nas_log_softmax(Handle self, int64_t dim, int8_t type) {
  return nas::tensor([&] { return self->log_softmax(dim, dtype(type)); });
}
NAS_API Handle nas_bincount(Handle self, Handle weights, int64_t minlength) {
  return nas::tensor([&] { return self->bincount(nas::maybe(weights), minlength); });
}
NAS_API Handle nas_count_nonzero(Handle self, Dims dim, int32_t count) {
  return nas::tensor([&] { return count == 0 ? self->count_nonzero() : self->count_nonzero(dims(dim, count)); });
}
