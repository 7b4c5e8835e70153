// Products of matrices.
#include "api.h"

#include <ATen/ops/einsum.h>

#define NAS_PRODUCT(op)                                                                  \
  NAS_API Handle nas_##op(Handle self, Handle other) {                                   \
    return nas::tensor([&] { return self->op(*other); });                                \
  }
NAS_PRODUCT(matmul)
NAS_PRODUCT(mm)
NAS_PRODUCT(mv)
NAS_PRODUCT(bmm)
NAS_PRODUCT(dot)
NAS_PRODUCT(outer)

#define NAS_ADD_PRODUCT(op)                                                              \
  NAS_API Handle nas_##op(Handle self, Handle first, Handle second, double beta, double alpha) { \
    return nas::tensor([&] { return self->op(*first, *second, beta, alpha); });          \
  }
NAS_ADD_PRODUCT(addmm)
NAS_ADD_PRODUCT(addmv)
NAS_ADD_PRODUCT(baddbmm)

NAS_API Done nas_addmm_(Handle self, Handle first, Handle second, double beta, double alpha) {
  return nas::done([&] { self->addmm_(*first, *second, beta, alpha); });
}
NAS_API Handle nas_einsum(const char* equation, const Handle* tensors, int32_t count) {
  return nas::tensor([&] { return at::einsum(equation, nas::list(tensors, count)); });
}
