#include "cell.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <set>
#include <utility>

namespace nas {
namespace {

struct Reader {
  const std::vector<int64_t>& code;
  size_t at = 0;

  int64_t next() {
    TORCH_CHECK(at < code.size(), "a recurrent cell ends early");
    return code[at++];
  }
  std::vector<int64_t> list(int64_t count) {
    std::vector<int64_t> all;
    for (int64_t i = 0; i < count; i++) all.push_back(next());
    return all;
  }
};

using Counts = std::vector<int64_t>;

// How often each value is read.
Counts count_reads(const Cell& cell) {
  Counts reads(cell.values());
  for (const CellNode& node : cell.nodes)
    for (int64_t input : node.inputs) reads[input]++;
  for (int64_t value : cell.after) reads[value]++;
  return reads;
}

// Whether all that read a value are slices of it that have no number in common.
bool is_split(const Cell& cell, const Counts& reads, int64_t value) {
  std::vector<std::pair<int64_t, int64_t>> slices;
  for (const CellNode& node : cell.nodes)
    if (node.op == CellOp::slice && node.inputs[0] == value) slices.push_back({node.parameter, node.parameter + node.width});
  std::sort(slices.begin(), slices.end());
  for (size_t i = 1; i < slices.size(); i++)
    if (slices[i].first < slices[i - 1].second) return false;
  return int64_t(slices.size()) == reads[value];
}

// Whether a curve may take its argument's place: its slope can be told from the result, nobody else reads the argument,
// and what gave that has no need of it.
bool may_overwrite(const Cell& cell, const Counts& reads, const CellNode& curve) {
  const int64_t value = curve.inputs[0];
  if (needs_argument(Curve(curve.parameter))) return false;
  if (value < cell.inputs() || reads[value] != 1) return false;
  const CellNode& node = cell.nodes[value - cell.inputs()];
  if (node.op != CellOp::slice) return node.op != CellOp::curve;
  const int64_t whole = node.inputs[0];
  if (whole < cell.inputs() || !is_split(cell, reads, whole)) return false;
  const CellOp op = cell.nodes[whole - cell.inputs()].op;
  return op != CellOp::slice && op != CellOp::curve;
}

}  // namespace

Cell::Cell(const std::vector<int64_t>& code) {
  Reader reader{code};
  const int64_t states = reader.next();
  widths = reader.list(1 + states);
  const int64_t count = reader.next();
  for (int64_t i = 0; i < count; i++) {
    CellNode node{};
    node.op = CellOp(reader.next());
    node.width = reader.next();
    node.parameter = reader.next();
    node.bias = reader.next();
    node.inputs = reader.list(reader.next());
    for (int64_t input : node.inputs) TORCH_CHECK(input >= 0 && input < values(), "a recurrent cell reads what comes later");
    nodes.push_back(std::move(node));
  }
  after = reader.list(states);
}

CellLayout::CellLayout(const Cell& cell) : in_place(cell.nodes.size()), kept(cell.nodes.size()) {
  const auto fresh = [&](int64_t width) {
    buffers.push_back(width);
    return Place{int64_t(buffers.size()) - 1, 0};
  };
  for (int64_t width : cell.widths) places.push_back(fresh(width));

  // Of full layers that only a sum reads, which.
  const Counts reads = count_reads(cell);
  std::vector<int64_t> sum_of(cell.values(), -1), buffer_of_sum(cell.values(), -1);
  for (size_t i = 0; i < cell.nodes.size(); i++)
    if (cell.nodes[i].op == CellOp::add)
      for (int64_t input : cell.nodes[i].inputs)
        if (input >= cell.inputs() && cell.nodes[input - cell.inputs()].op == CellOp::linear && reads[input] == 1)
          sum_of[input] = cell.inputs() + int64_t(i);

  std::set<int64_t> read_by_linear;
  for (size_t i = 0; i < cell.nodes.size(); i++) {
    const CellNode& node = cell.nodes[i];
    const int64_t value = cell.inputs() + int64_t(i), sum = node.op == CellOp::add ? value : sum_of[value];
    const Place input = places[node.inputs[0]];
    if (node.op == CellOp::linear) read_by_linear.insert(input.buffer);
    if (node.op == CellOp::slice) {
      places.push_back({input.buffer, input.offset + node.parameter});
    } else if (node.op == CellOp::curve && may_overwrite(cell, reads, node)) {
      places.push_back(input);
      in_place[i] = true;
    } else if (sum >= 0) {
      in_place[i] = buffer_of_sum[sum] >= 0;
      if (!in_place[i]) buffer_of_sum[sum] = fresh(node.width).buffer;
      places.push_back({buffer_of_sum[sum], 0});
    } else {
      places.push_back(fresh(node.width));
    }
  }

  // When the gradient of what a full layer gives is known, its values have served all that read them but full layers.
  for (size_t i = 0; i < cell.nodes.size(); i++)
    if (cell.nodes[i].op == CellOp::linear) {
      const Place place = places[cell.inputs() + int64_t(i)];
      kept[i] = read_by_linear.count(place.buffer) ? fresh(cell.nodes[i].width) : place;
    }
}

}  // namespace nas
