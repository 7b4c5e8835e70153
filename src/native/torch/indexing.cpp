// Selecting and writing parts of a tensor.
#include "api.h"

#include <ATen/TensorIndexing.h>

using nas::scalar;

// One item of an index expression: none, ellipsis, integer, boolean, slice (missing ends are INT64_MIN) or tensor.
struct IndexItem {
  int64_t kind;
  int64_t start;
  int64_t stop;
  int64_t step;
  Handle tensor;
};

namespace {

constexpr int64_t missing = INT64_MIN;

c10::optional<int64_t> bound(int64_t value) {
  return value == missing ? c10::nullopt : c10::optional<int64_t>(value);
}

std::vector<at::indexing::TensorIndex> indices(const IndexItem* items, int32_t count) {
  using namespace at::indexing;
  std::vector<TensorIndex> result;
  result.reserve(count);
  for (int32_t i = 0; i < count; i++) {
    const IndexItem& item = items[i];
    switch (item.kind) {
      case 0:
        result.emplace_back(None);
        break;
      case 1:
        result.emplace_back(Ellipsis);
        break;
      case 2:
        result.emplace_back(item.start);
        break;
      case 3:
        result.emplace_back(item.start != 0);
        break;
      case 4:
        result.emplace_back(Slice(bound(item.start), bound(item.stop), bound(item.step)));
        break;
      default:
        result.emplace_back(*item.tensor);
    }
  }
  return result;
}

}  // namespace

NAS_API Handle nas_index(Handle self, const IndexItem* items, int32_t count) {
  return nas::tensor([&] { return self->index(indices(items, count)); });
}
NAS_API Done nas_index_put_(Handle self, const IndexItem* items, int32_t count, Handle value) {
  return nas::done([&] { self->index_put_(indices(items, count), *value); });
}
NAS_API Done nas_index_put_number_(Handle self, const IndexItem* items, int32_t count, Number value) {
  return nas::done([&] { self->index_put_(indices(items, count), scalar(value)); });
}
NAS_API Done nas_index_put_accumulate_(Handle self, const Handle* items, int32_t count, Handle value, Flag accumulate) {
  return nas::done([&] {
    c10::List<c10::optional<at::Tensor>> list;
    for (int32_t i = 0; i < count; i++) list.push_back(nas::maybe(items[i]));
    self->index_put_(list, *value, accumulate);
  });
}
NAS_API Handle nas_index_select(Handle self, int64_t dim, Handle index) {
  return nas::tensor([&] { return self->index_select(dim, *index); });
}
NAS_API Handle nas_gather(Handle self, int64_t dim, Handle index) {
  return nas::tensor([&] { return self->gather(dim, *index); });
}
NAS_API Handle nas_take(Handle self, Handle index) {
  return nas::tensor([&] { return self->take(*index); });
}
NAS_API Handle nas_masked_select(Handle self, Handle mask) {
  return nas::tensor([&] { return self->masked_select(*mask); });
}
NAS_API Handle nas_masked_fill(Handle self, Handle mask, Number value) {
  return nas::tensor([&] { return self->masked_fill(*mask, scalar(value)); });
}
NAS_API Done nas_masked_fill_(Handle self, Handle mask, Number value) {
  return nas::done([&] { self->masked_fill_(*mask, scalar(value)); });
}
NAS_API Handle nas_nonzero(Handle self) {
  return nas::tensor([&] { return self->nonzero(); });
}

#define NAS_SCATTER(op)                                                                            \
  NAS_API Handle nas_##op(Handle self, int64_t dim, Handle index, Handle source) {                 \
    return nas::tensor([&] { return self->op(dim, *index, *source); });                            \
  }                                                                                                \
  NAS_API Done nas_##op##_(Handle self, int64_t dim, Handle index, Handle source) {                \
    return nas::done([&] { self->op##_(dim, *index, *source); });                                  \
  }
NAS_SCATTER(scatter)
NAS_SCATTER(scatter_add)
NAS_SCATTER(index_copy)

NAS_API Handle nas_index_add(Handle self, int64_t dim, Handle index, Handle source, Number alpha) {
  return nas::tensor([&] { return self->index_add(dim, *index, *source, scalar(alpha)); });
}
NAS_API Done nas_index_add_(Handle self, int64_t dim, Handle index, Handle source, Number alpha) {
  return nas::done([&] { self->index_add_(dim, *index, *source, scalar(alpha)); });
}
NAS_API Handle nas_index_fill(Handle self, int64_t dim, Handle index, Number value) {
  return nas::tensor([&] { return self->index_fill(dim, *index, scalar(value)); });
}
NAS_API Done nas_index_fill_(Handle self, int64_t dim, Handle index, Number value) {
  return nas::done([&] { self->index_fill_(dim, *index, scalar(value)); });
}
