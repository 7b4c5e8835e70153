// A recurrent cell: what it computes at each step, and where the numbers lie.
#pragma once

#include <cstdint>
#include <vector>

#include "recurrent.h"

namespace nas {

// Whether a curve's slope cannot be told from its result.
inline bool needs_argument(Curve curve) { return curve == Curve::silu || curve == Curve::hard_swish; }

enum class CellOp : int64_t { linear, curve, add, multiply, lerp, mean, concat, slice, mask };

// Values are numbered: what a step is given, the states before it, then what each node gives.
struct CellNode {
  CellOp op;
  int64_t width;                // numbers that it gives
  int64_t parameter, bias;      // linear: of weights, the bias -1 for none; curve: which; slice: its first number; mask: which
  std::vector<int64_t> inputs;  // lerp: gate, from, to
};

struct Cell {
  std::vector<int64_t> widths;  // of what a step is given, of the states
  std::vector<CellNode> nodes;
  std::vector<int64_t> after;  // the value that is each state's after the step

  // Code: how many states there are, the widths; how many nodes, of each its numbers as above with how many inputs; after.
  explicit Cell(const std::vector<int64_t>& code);

  int64_t states() const { return int64_t(after.size()); }
  int64_t inputs() const { return int64_t(widths.size()); }
  int64_t values() const { return inputs() + int64_t(nodes.size()); }
  int64_t width(int64_t value) const { return value < inputs() ? widths[value] : nodes[value - inputs()].width; }
};

// Where the values of a cell lie: each in a part of a buffer's rows. The buffers of what a step is given and of the
// states come first. Slices lie in what they are slices of, full layers add up where their sum lies, and where nobody
// needs a curve's argument, the result takes its place.
struct CellLayout {
  struct Place {
    int64_t buffer, offset;
  };
  std::vector<Place> places;     // of values
  std::vector<int64_t> buffers;  // numbers in a row
  std::vector<bool> in_place;    // of nodes: a linear one adds to what is there, a curve overwrites its argument
  std::vector<Place> kept;       // of linear nodes: where the gradients of what they give are kept for their weights'

  explicit CellLayout(const Cell& cell);
};

}  // namespace nas
