// Recurrent layers.
#include "api.h"

#include <ATen/ops/gru_cell.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/lstm_cell.h>

using nas::maybe;

NAS_API Done nas_lstm_cell(Handle input, Handle h, Handle c, Handle weight_ih, Handle weight_hh, Handle bias_ih, Handle bias_hh, Handle* new_h, Handle* new_c) {
  return nas::pair(new_h, new_c, [&] {
    return at::lstm_cell(*input, {*h, *c}, *weight_ih, *weight_hh, maybe(bias_ih), maybe(bias_hh));
  });
}
NAS_API Handle nas_gru_cell(Handle input, Handle h, Handle weight_ih, Handle weight_hh, Handle bias_ih, Handle bias_hh) {
  return nas::tensor([&] {
    return at::gru_cell(*input, *h, *weight_ih, *weight_hh, maybe(bias_ih), maybe(bias_hh));
  });
}
NAS_API Done nas_lstm(Handle input, Handle h, Handle c, const Handle* weights, int32_t count, Flag biases,
                      int64_t layers, double dropout, Flag training, Flag bidirectional, Flag batch_first,
                      Handle* output, Handle* new_h, Handle* new_c) {
  return nas::done([&] {
    auto results = at::lstm(*input, {*h, *c}, nas::list(weights, count), biases, layers, dropout, training,
                            bidirectional, batch_first);
    *output = nas::own(std::move(std::get<0>(results)));
    *new_h = nas::own(std::move(std::get<1>(results)));
    *new_c = nas::own(std::move(std::get<2>(results)));
  });
}
