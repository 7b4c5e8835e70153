// Recurrent cells over the steps of sequences, and how autograd sees them. No sequence needs another, so threads share
// them; the gradient of a matrix is one product over all steps of all sequences.
#include "recurrent.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "cell.h"
#include "kernels.h"

namespace nas {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t fewest_of_a_thread = 8;  // sequences

// What a cell is run with.
struct Arguments {
  at::Tensor sequence;                    // [batch, steps, numbers]
  variable_list states, weights, masks;  // [batch, numbers]; [outputs, inputs] and biases; [batch, numbers]

  int64_t batch() const { return sequence.size(0); }
  int64_t steps() const { return sequence.size(1); }
};

// A cell on rows of numbers: what it computes at each step, and on the way back.
template <class T>
class Run {
 public:
  // Without `keeps` there is no way back.
  Run(const Cell& cell, const Arguments& with, bool keeps) : Run(cell, with, variable_list()) {
    values_.push_back(with.sequence.transpose(0, 1).reshape({-1, with.sequence.size(2)}));
    for (int64_t i = 1; i < int64_t(layout_.buffers.size()); i++)
      values_.push_back(buffer(i, i < cell.inputs() ? with.steps() + 1 : keeps ? with.steps() : 1));
  }
  // With what an earlier one left.
  Run(const Cell& cell, const Arguments& with, const variable_list& values)
      : cell_(cell), layout_(cell), batch_(with.batch()), steps_(with.steps()), with_(with), values_(values) {
    for (variable_list* tensors : {&with_.states, &with_.weights, &with_.masks})
      for (at::Tensor& tensor : *tensors) tensor = tensor.contiguous();
  }

  const variable_list& values() const { return values_; }

  void forward() {
    pack_matrices(false);
    at::parallel_for(0, batch_, fewest_of_a_thread, [&](int64_t first, int64_t last) {
      for (int64_t i = 0; i < cell_.states(); i++)
        copy(rows(with_.states[i], first), value(1 + i, 0, first), last - first, cell_.widths[1 + i]);
      for (int64_t step = 0; step < steps_; step++) {
        for (size_t i = 0; i < cell_.nodes.size(); i++) forward(i, step, first, last - first);
        for (int64_t i = 0; i < cell_.states(); i++)
          copy(value(cell_.after[i], step, first), value(1 + i, step + 1, first), last - first, cell_.widths[1 + i]);
      }
    });
  }

  // The first state after each step, [batch, steps, numbers], and all after the last.
  variable_list results() const {
    variable_list all{values_[1].narrow(0, batch_, steps_ * batch_).view({steps_, batch_, -1}).transpose(0, 1).contiguous()};
    for (int64_t i = 0; i < cell_.states(); i++) all.push_back(values_[1 + i].narrow(0, steps_ * batch_, batch_).clone());
    return all;
  }

  // The gradient of the sequence from that of the first result. What was kept of full layers' values becomes their gradient.
  at::Tensor backward(const at::Tensor& of_result) {
    pack_matrices(true);
    const at::Tensor of_states = of_result.transpose(0, 1).contiguous();
    at::Tensor of_sequence = at::empty({steps_, batch_, cell_.widths[0]}, of_states.options());
    for (int64_t i = 0; i < int64_t(layout_.buffers.size()); i++) gradients_.push_back(buffer(i, 1));
    for (int64_t i = 0; i < cell_.states(); i++) carried_.push_back(buffer(1 + i, 1).zero_());
    at::parallel_for(0, batch_, fewest_of_a_thread, [&](int64_t first, int64_t last) {
      const int64_t count = last - first;
      for (int64_t step = steps_ - 1; step >= 0; step--) {
        for (const at::Tensor& buffer : gradients_)
          std::fill_n(buffer.data_ptr<T>() + first * buffer.size(1), count * buffer.size(1), T(0));
        add(rows(of_states.select(0, step), first), gradient(cell_.after[0], first), count, cell_.widths[1]);
        for (int64_t i = 0; i < cell_.states(); i++)
          add(rows(carried_[i], first), gradient(cell_.after[i], first), count, cell_.widths[1 + i]);
        for (size_t i = cell_.nodes.size(); i-- > 0;) backward(i, step, first, count);
        for (int64_t i = 0; i < cell_.states(); i++)
          copy(gradient(1 + i, first), rows(carried_[i], first), count, cell_.widths[1 + i]);
        copy(gradient(0, first), rows(of_sequence.select(0, step), first), count, cell_.widths[0]);
      }
    });
    return of_sequence.transpose(0, 1);
  }

  // After the way back, the gradients of the weights that are asked for.
  variable_list weight_gradients(const std::vector<bool>& asked) const {
    variable_list all(with_.weights.size());
    at::parallel_for(0, int64_t(cell_.nodes.size()), 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const CellNode& node = cell_.nodes[i];
        if (node.op != CellOp::linear) continue;
        const at::Tensor of_output = all_steps(layout_.kept[i], node.width);
        if (asked[node.parameter])
          all[node.parameter] = of_output.t().mm(all_steps(layout_.places[node.inputs[0]], cell_.width(node.inputs[0])));
        if (node.bias >= 0 && asked[node.bias]) all[node.bias] = of_output.sum(0);
      }
    });
    return all;
  }

 private:
  using In = Rows<const T>;
  using Out = Rows<T>;

  at::Tensor buffer(int64_t index, int64_t steps) const {
    return at::empty({steps * batch_, layout_.buffers[index]}, with_.sequence.options());
  }

  // Sequences from `first` on in a tensor [batch, numbers].
  static Out rows(const at::Tensor& tensor, int64_t first) {
    return {tensor.data_ptr<T>() + first * tensor.size(1), tensor.size(1)};
  }
  Out rows(const variable_list& buffers, CellLayout::Place place, int64_t step, int64_t first) const {
    const at::Tensor& buffer = buffers[place.buffer];
    const int64_t begin = buffer.size(0) == batch_ ? 0 : step * batch_;  // some keep one step only
    const Out whole = rows(buffer, begin + first);
    return {whole.at + place.offset, whole.stride};
  }
  Out value(int64_t value, int64_t step, int64_t first) const { return rows(values_, layout_.places[value], step, first); }
  Out gradient(int64_t value, int64_t first) const { return rows(gradients_, layout_.places[value], 0, first); }
  at::Tensor all_steps(CellLayout::Place place, int64_t width) const {
    return values_[place.buffer].narrow(0, 0, steps_ * batch_).narrow(1, place.offset, width);
  }

  static In in(Out rows) { return {rows.at, rows.stride}; }
  static void copy(Out from, Out to, int64_t count, int64_t width) { NAS_SELECT(T, scale)(in(from), T(1), false, to, count, width); }
  static void add(Out from, Out to, int64_t count, int64_t width) { NAS_SELECT(T, scale)(in(from), T(1), true, to, count, width); }

  // Of each node that has one its matrix, for the way forward or back.
  void pack_matrices(bool back) {
    packed_.assign(cell_.nodes.size(), at::Tensor());
    for (size_t i = 0; i < cell_.nodes.size(); i++) {
      const CellNode& node = cell_.nodes[i];
      if (node.op != CellOp::linear) continue;
      const at::Tensor& weight = with_.weights[node.parameter];
      const int64_t inputs = weight.size(1), depth = weight.size(back ? 0 : 1), width = weight.size(back ? 1 : 0);
      packed_[i] = at::empty({depth * width}, weight.options());
      NAS_SELECT(T, pack)(weight.data_ptr<T>(), back ? inputs : 1, back ? 1 : inputs, depth, width, packed_[i].data_ptr<T>());
    }
  }

  // Whether a sum's input is there already.
  bool is_there(int64_t input, int64_t sum) const { return layout_.places[input].buffer == layout_.places[sum].buffer; }

  void forward(size_t i, int64_t step, int64_t first, int64_t count) const {
    const CellNode& node = cell_.nodes[i];
    const int64_t id = cell_.inputs() + int64_t(i), width = node.width;
    const Out to = value(id, step, first);
    const auto input = [&](int64_t place) { return in(value(node.inputs[place], step, first)); };
    switch (node.op) {
      case CellOp::linear: {
        const T* bias = node.bias < 0 ? nullptr : with_.weights[node.bias].data_ptr<T>();
        NAS_SELECT(T, multiply_matrix)(input(0), packed_[i].data_ptr<T>(), bias, layout_.in_place[i], to, count,
                                       cell_.width(node.inputs[0]), width);
        break;
      }
      case CellOp::curve: NAS_SELECT(T, curve)(Curve(node.parameter), input(0), to, count, width); break;
      case CellOp::add:
      case CellOp::mean: {
        bool adds = false;
        for (int64_t value : node.inputs) adds = adds || (node.op == CellOp::add && is_there(value, id));
        for (size_t k = 0; k < node.inputs.size(); k++) {
          if (is_there(node.inputs[k], id)) continue;
          NAS_SELECT(T, scale)(input(k), share(node), adds, to, count, width);
          adds = true;
        }
        break;
      }
      case CellOp::multiply: NAS_SELECT(T, multiply)(input(0), input(1), false, to, count, width); break;
      case CellOp::lerp: NAS_SELECT(T, lerp)(input(0), input(1), input(2), to, count, width); break;
      case CellOp::concat: {
        Out part = to;
        for (int64_t value : node.inputs) {
          copy(this->value(value, step, first), part, count, cell_.width(value));
          part.at += cell_.width(value);
        }
        break;
      }
      case CellOp::slice: break;
      case CellOp::mask:
        NAS_SELECT(T, multiply)(input(0), in(rows(with_.masks[node.parameter], first)), false, to, count, width);
        break;
    }
  }

  void backward(size_t i, int64_t step, int64_t first, int64_t count) const {
    const CellNode& node = cell_.nodes[i];
    const int64_t id = cell_.inputs() + int64_t(i), width = node.width;
    const Out of_result = gradient(id, first);
    const auto input = [&](int64_t place) { return in(value(node.inputs[place], step, first)); };
    const auto of_input = [&](int64_t place) { return gradient(node.inputs[place], first); };
    switch (node.op) {
      case CellOp::linear:
        NAS_SELECT(T, multiply_matrix)(in(of_result), packed_[i].data_ptr<T>(), nullptr, true, of_input(0), count, width,
                                       cell_.width(node.inputs[0]));
        copy(of_result, rows(values_, layout_.kept[i], step, first), count, width);
        break;
      case CellOp::curve: {
        const Curve kind = Curve(node.parameter);
        const In known = needs_argument(kind) ? input(0) : in(value(id, step, first));
        NAS_SELECT(T, curve_gradient)(kind, known, in(of_result), layout_.in_place[i], of_input(0), count, width);
        break;
      }
      case CellOp::add:
      case CellOp::mean:
        for (size_t k = 0; k < node.inputs.size(); k++)
          if (!is_there(node.inputs[k], id)) NAS_SELECT(T, scale)(in(of_result), share(node), true, of_input(k), count, width);
        break;
      case CellOp::multiply:
        NAS_SELECT(T, multiply)(in(of_result), input(1), true, of_input(0), count, width);
        NAS_SELECT(T, multiply)(in(of_result), input(0), true, of_input(1), count, width);
        break;
      case CellOp::lerp:
        NAS_SELECT(T, lerp_gradient)(input(0), input(1), input(2), in(of_result), of_input(0), of_input(1), of_input(2),
                                     count, width);
        break;
      case CellOp::concat: {
        Out part = of_result;
        for (int64_t value : node.inputs) {
          add(part, gradient(value, first), count, cell_.width(value));
          part.at += cell_.width(value);
        }
        break;
      }
      case CellOp::slice: break;
      case CellOp::mask:
        NAS_SELECT(T, multiply)(in(of_result), in(rows(with_.masks[node.parameter], first)), true, of_input(0), count, width);
        break;
    }
  }

  static T share(const CellNode& node) { return node.op == CellOp::mean ? T(1) / T(node.inputs.size()) : T(1); }

  const Cell& cell_;
  const CellLayout layout_;
  const int64_t batch_, steps_;
  Arguments with_;
  variable_list values_, gradients_, carried_, packed_;
};

at::Tensor curve_of(Curve curve, const at::Tensor& x) {
  switch (curve) {
    case Curve::relu: return at::relu(x);
    case Curve::leaky_relu: return at::leaky_relu(x, 0.1);
    case Curve::relu6: return at::hardtanh(x, 0, 6);
    case Curve::sigmoid: return at::sigmoid(x);
    case Curve::tanh: return at::tanh(x);
    case Curve::silu: return at::silu(x);
    case Curve::hard_swish: return at::hardswish(x);
  }
  return x;
}

// The first state after each step, by libtorch's operators: for the gradients of gradients.
at::Tensor by_operators(const Cell& cell, const Arguments& with) {
  variable_list states = with.states, outputs;
  for (int64_t step = 0; step < with.steps(); step++) {
    variable_list values{with.sequence.select(1, step)};
    values.insert(values.end(), states.begin(), states.end());
    for (const CellNode& node : cell.nodes) {
      variable_list in;
      for (int64_t input : node.inputs) in.push_back(values[input]);
      at::Tensor result = in[0];
      switch (node.op) {
        case CellOp::linear:
          result = at::linear(result, with.weights[node.parameter],
                              node.bias < 0 ? c10::optional<at::Tensor>() : with.weights[node.bias]);
          break;
        case CellOp::curve: result = curve_of(Curve(node.parameter), result); break;
        case CellOp::add:
        case CellOp::mean:
          for (size_t i = 1; i < in.size(); i++) result = result.add(in[i]);
          if (node.op == CellOp::mean) result = result.div(double(in.size()));
          break;
        case CellOp::multiply: result = result.mul(in[1]); break;
        case CellOp::lerp: result = at::lerp(in[1], in[2], in[0]); break;
        case CellOp::concat: result = at::cat(in, 1); break;
        case CellOp::slice: result = result.narrow(1, node.parameter, node.width); break;
        case CellOp::mask: result = result.mul(with.masks[node.parameter]); break;
      }
      values.push_back(result);
    }
    for (int64_t i = 0; i < cell.states(); i++) states[i] = values[cell.after[i]];
    outputs.push_back(states[0]);
  }
  return at::stack(outputs, 1);
}

template <class F>
void by_precision(const at::Tensor& tensor, F&& act) {
  if (tensor.scalar_type() == at::kDouble) return act(double());
  act(float());
}

struct Recurrent : torch::autograd::Function<Recurrent> {
  static variable_list forward(AutogradContext* ctx, const std::vector<int64_t>& code, const at::Tensor& sequence,
                               at::TensorList states, at::TensorList weights, at::TensorList masks) {
    const Cell cell(code);
    const Arguments with{sequence, states.vec(), weights.vec(), masks.vec()};
    variable_list saved{sequence}, results;
    for (const variable_list* more : {&with.states, &with.weights, &with.masks})
      saved.insert(saved.end(), more->begin(), more->end());
    by_precision(sequence, [&](auto number) {
      Run<decltype(number)> run(cell, with, true);
      run.forward();
      saved.insert(saved.end(), run.values().begin(), run.values().end());
      results = run.results();
    });
    ctx->save_for_backward(saved);
    ctx->saved_data["code"] = code;
    ctx->saved_data["weights"] = int64_t(weights.size());
    ctx->saved_data["masks"] = int64_t(masks.size());
    ctx->saved_data["spent"] = false;
    ctx->mark_non_differentiable({results.begin() + 1, results.end()});
    return results;
  }

  static variable_list backward(AutogradContext* ctx, variable_list of_results) {
    const Cell cell(ctx->saved_data["code"].toIntVector());
    const variable_list saved = ctx->get_saved_variables();
    auto next = saved.begin();
    const auto take = [&](int64_t count) {
      next += count;
      return variable_list(next - count, next);
    };
    Arguments with;
    with.sequence = take(1)[0];
    with.states = take(cell.states());
    with.weights = take(ctx->saved_data["weights"].toInt());
    with.masks = take(ctx->saved_data["masks"].toInt());

    // Of the arguments of forward, one by one; behind the code and the sequence, states, then weights.
    variable_list all(2 + with.states.size() + with.weights.size() + with.masks.size());
    const size_t first_weight = 2 + with.states.size();
    std::vector<bool> asked;
    for (size_t i = 0; i < with.weights.size(); i++) asked.push_back(ctx->needs_input_grad(first_weight - 1 + i));
    if (at::GradMode::is_enabled()) {
      variable_list inputs;
      std::vector<size_t> places;
      const auto ask = [&](const at::Tensor& input, size_t place) {
        inputs.push_back(input);
        places.push_back(place);
      };
      if (ctx->needs_input_grad(0)) ask(with.sequence, 1);
      for (size_t i = 0; i < asked.size(); i++)
        if (asked[i]) ask(with.weights[i], first_weight + i);
      const variable_list gradients = torch::autograd::grad({by_operators(cell, with)}, inputs, {of_results[0]},
                                                            c10::nullopt, /*create_graph=*/true, /*allow_unused=*/true);
      for (size_t i = 0; i < places.size(); i++) all[places[i]] = gradients[i];
      return all;
    }
    by_precision(with.sequence, [&](auto number) {
      Run<decltype(number)> run(cell, with, variable_list(next, saved.end()));
      if (ctx->saved_data["spent"].toBool()) run.forward();  // the last way back wrote over what was kept
      ctx->saved_data["spent"] = true;
      all[1] = run.backward(of_results[0]);
      const variable_list of_weights = run.weight_gradients(asked);
      std::copy(of_weights.begin(), of_weights.end(), all.begin() + first_weight);
    });
    return all;
  }
};

// That all tensors are there and have the shapes that the cell asks for.
void check(const Cell& cell, const Arguments& with) {
  const auto has_shape = [&](const at::Tensor& tensor, at::IntArrayRef shape, const char* what) {
    TORCH_CHECK(tensor.sizes() == shape && tensor.scalar_type() == with.sequence.scalar_type() && tensor.device().is_cpu(),
                "a recurrent cell's ", what, " must be ", shape, " of ", with.sequence.scalar_type(), ", is ", tensor.sizes(),
                " of ", tensor.scalar_type());
  };
  TORCH_CHECK(with.sequence.size(2) == cell.widths[0], "a recurrent cell takes ", cell.widths[0], " numbers a step, was given ",
              with.sequence.size(2));
  TORCH_CHECK(int64_t(with.states.size()) == cell.states(), "a recurrent cell has ", cell.states(), " states, was given ",
              with.states.size());
  for (int64_t i = 0; i < cell.states(); i++) has_shape(with.states[i], {with.batch(), cell.widths[1 + i]}, "state");
  for (const CellNode& node : cell.nodes) {
    if (node.op == CellOp::linear) {
      has_shape(with.weights.at(node.parameter), {node.width, cell.width(node.inputs[0])}, "weight");
      if (node.bias >= 0) has_shape(with.weights.at(node.bias), {node.width}, "bias");
    }
    if (node.op == CellOp::mask) has_shape(with.masks.at(node.parameter), {with.batch(), node.width}, "mask");
  }
}

}  // namespace

bool covers_recurrent(const at::Tensor& sequence) {
  return sequence.device().is_cpu() && sequence.layout() == at::kStrided && sequence.dim() == 3 && sequence.numel() > 0 &&
         (sequence.scalar_type() == at::kFloat || sequence.scalar_type() == at::kDouble) &&
         c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::AutocastCPU);
}

std::vector<at::Tensor> recurrent(const std::vector<int64_t>& code, const at::Tensor& sequence,
                                  const std::vector<at::Tensor>& states, const std::vector<at::Tensor>& weights,
                                  const std::vector<at::Tensor>& masks) {
  TORCH_CHECK(covers_recurrent(sequence), "a recurrent cell is not run on such a sequence");
  const Cell cell(code);
  check(cell, {sequence, states, weights, masks});
  bool learns = sequence.requires_grad();
  for (const at::Tensor& weight : weights) learns = learns || weight.requires_grad();
  if (learns && at::GradMode::is_enabled())
    return Recurrent::apply(code, sequence, at::TensorList(states), at::TensorList(weights), at::TensorList(masks));
  std::vector<at::Tensor> results;
  by_precision(sequence, [&](auto number) {
    Run<decltype(number)> run(cell, {sequence, states, weights, masks}, false);
    run.forward();
    results = run.results();
  });
  return results;
}

}  // namespace nas
