// Convolution of all channels with all, which come last in memory: of 1x1 as a product of the pixels with a matrix, of 3x3 by
// Winograd's transforms; and the factorised reduction, which is two of 1x1.
#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <array>

#include "convolution.h"
#include "kernels.h"
#include "product.h"
#include "winograd.h"

namespace nas {
namespace {

constexpr int64_t block_numbers = 1408;     // of all channels of a place's tiles: 36 places fill a third of a core's cache
constexpr int64_t fewest_tiles = 24;        // of a block: the weights are read for each
constexpr int64_t fewest_tiles_in_all = 64;
constexpr int64_t apart = 16;               // numbers between places, so that they do not fall on the same lines of a cache
constexpr int64_t most_pieces = 32;         // of sums over the batch
constexpr int64_t tiles_of_a_piece = 256;   // at least, so that adding up the pieces costs nothing
constexpr int64_t pixels_of_a_piece = 2048;
constexpr int64_t pixels_of_a_thread = 256;

at::Tensor channels_last(const at::Tensor& tensor) { return tensor.contiguous(at::MemoryFormat::ChannelsLast); }

at::Tensor images(int64_t batch, int64_t channels, int64_t height, int64_t width, const at::TensorOptions& options) {
  return at::empty({batch, channels, height, width}, options, at::MemoryFormat::ChannelsLast);
}

template <class F>
void by_float(const at::Tensor& tensor, F&& act) {
  if (tensor.scalar_type() == at::kDouble) return act(double());
  act(float());
}

// Calls act(first, last, sums) for fixed pieces of `count` and adds the sums up, so that the result does not depend on the
// number of threads.
template <class T, class F>
at::Tensor add_up(int64_t count, int64_t of_a_piece, const at::Tensor& like, at::IntArrayRef shape, F&& act) {
  const int64_t pieces = std::min(most_pieces, std::max<int64_t>(1, count / of_a_piece)), piece = (count + pieces - 1) / pieces;
  std::vector<int64_t> all(1, pieces);
  all.insert(all.end(), shape.begin(), shape.end());
  const at::Tensor partial = at::zeros(all, like.options());
  at::parallel_for(0, pieces, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; i++)
      act(std::min(count, i * piece), std::min(count, (i + 1) * piece), partial.data_ptr<T>() + i * partial[0].numel());
  });
  return pieces == 1 ? partial[0] : partial.sum(0);
}

// The matrix [inputs, outputs] of a 1x1 convolution's weight or, back, its transpose.
template <class T>
at::Tensor packed(const T* weight, int64_t outputs, int64_t inputs, bool back, const at::TensorOptions& options) {
  const int64_t depth = back ? outputs : inputs, width = back ? inputs : outputs;
  at::Tensor matrix = at::empty({depth * width}, options);
  NAS_SELECT(T, pack)(weight, back ? inputs : 1, back ? 1 : inputs, depth, width, matrix.data_ptr<T>());
  return matrix;
}

// Images of which each pixel is multiplied by the weight or, back, by its transpose.
at::Tensor multiply_pixels(const at::Tensor& any_input, const at::Tensor& any_weight, const at::Tensor& any_bias, bool back) {
  const at::Tensor input = channels_last(any_input), weight = channels_last(any_weight);
  const at::Tensor bias = any_bias.defined() ? any_bias.contiguous() : any_bias;
  const int64_t depth = input.size(1), width = weight.size(back ? 1 : 0);
  const at::Tensor output = images(input.size(0), width, input.size(2), input.size(3), input.options());
  by_float(input, [&](auto number) {
    using T = decltype(number);
    const at::Tensor matrix = packed<T>(weight.data_ptr<T>(), weight.size(0), weight.size(1), back, weight.options());
    at::parallel_for(0, input.numel() / depth, pixels_of_a_thread, [&](int64_t first, int64_t last) {
      NAS_SELECT(T, multiply_matrix)({input.data_ptr<T>() + first * depth, depth}, matrix.data_ptr<T>(),
                                     bias.defined() ? bias.data_ptr<T>() : nullptr, false,
                                     {output.data_ptr<T>() + first * width, width}, last - first, depth, width);
    });
  });
  return output;
}

struct Pointwise {
  static at::Tensor output(const Window&, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
    return multiply_pixels(input, weight, bias, false);
  }
  static at::Tensor input_gradient(const Window&, const at::Tensor&, const at::Tensor& grad, const at::Tensor& weight) {
    return multiply_pixels(grad, weight, {}, true);
  }
  static at::Tensor weight_gradient(const Window&, const at::Tensor& any_input, const at::Tensor& any_grad, const at::Tensor& weight) {
    const at::Tensor input = channels_last(any_input), grad = channels_last(any_grad);
    const int64_t inputs = input.size(1), outputs = grad.size(1);
    at::Tensor total;
    by_float(input, [&](auto number) {
      using T = decltype(number);
      total = add_up<T>(input.numel() / inputs, pixels_of_a_piece, input, {outputs, inputs}, [&](int64_t first, int64_t last, T* sums) {
        NAS_SELECT(T, add_products_of_rows)({grad.data_ptr<T>() + first * outputs, outputs}, {input.data_ptr<T>() + first * inputs, inputs},
                                            {sums, inputs}, last - first, outputs, inputs);
      });
    });
    return total.view({outputs, inputs, 1, 1}).contiguous(detail::format_of(weight));
  }
};

// A block of tiles of which `numbers` are kept for each place.
struct Block {
  int64_t tiles;

  explicit Block(int64_t numbers) : tiles(std::max(fewest_tiles, block_numbers / numbers)) {}

  int64_t step(int64_t channels) const { return tiles * channels + apart; }
  int64_t size(int64_t channels) const { return winograd_places * step(channels); }
};

// The convolution or, back, the gradient of its input from that of its output.
at::Tensor winograd(const Window& w, const at::Tensor& any_input, const at::Tensor& any_weight, const at::Tensor& any_bias, bool back) {
  const at::Tensor input = channels_last(any_input), weight = channels_last(any_weight);
  const at::Tensor bias = any_bias.defined() ? any_bias.contiguous() : any_bias;
  const int64_t outputs = weight.size(0), inputs = weight.size(1), depth = input.size(1), width = back ? inputs : outputs;
  const int64_t pad_y = back ? 2 - w.y.padding : w.y.padding, pad_x = back ? 2 - w.x.padding : w.x.padding;
  const Tiles tiles{input.size(2), input.size(3), input.size(2) + 2 * pad_y - 2, input.size(3) + 2 * pad_x - 2, pad_y, pad_x};
  const at::Tensor output = images(input.size(0), width, tiles.height, tiles.width, input.options());
  by_float(input, [&](auto number) {
    using T = decltype(number);
    const at::Tensor transformed = at::empty({winograd_places, outputs, inputs}, weight.options());
    NAS_SELECT(T, transform_weights)(weight.data_ptr<T>(), back, outputs, inputs, transformed.data_ptr<T>());
    std::vector<at::Tensor> matrices;
    for (int64_t place = 0; place < winograd_places; place++)
      matrices.push_back(packed<T>(transformed.data_ptr<T>() + place * outputs * inputs, outputs, inputs, back,
                                   weight.options()));
    const Block block(depth + width);
    const int64_t count = input.size(0) * tiles.of_image(), step = block.step(depth), product_step = block.step(width);
    at::parallel_for(0, (count + block.tiles - 1) / block.tiles, 1, [&](int64_t first_block, int64_t last_block) {
      detail::Scratch<T> patches(block.size(depth)), products(block.size(width)), zeros(depth);
      for (int64_t i = first_block; i < last_block; i++) {
        const int64_t first = i * block.tiles, last = std::min(count, first + block.tiles);
        NAS_SELECT(T, transform_patches)(tiles, input.data_ptr<T>(), zeros.data(), depth, first, last, patches.data(), step);
        for (int64_t place = 0; place < winograd_places; place++)
          NAS_SELECT(T, multiply_matrix)({patches.data() + place * step, depth}, matrices[place].template data_ptr<T>(), nullptr, false,
                                         {products.data() + place * product_step, width}, last - first, depth, width);
        NAS_SELECT(T, transform_products)(tiles, products.data(), product_step, bias.defined() ? bias.data_ptr<T>() : nullptr, width,
                                          first, last, output.data_ptr<T>());
      }
    });
  });
  return output;
}

struct Winograd {
  static at::Tensor output(const Window& w, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
    return winograd(w, input, weight, bias, false);
  }
  static at::Tensor input_gradient(const Window& w, const at::Tensor&, const at::Tensor& grad, const at::Tensor& weight) {
    return winograd(w, grad, weight, {}, true);
  }
  static at::Tensor weight_gradient(const Window& w, const at::Tensor& any_input, const at::Tensor& any_grad, const at::Tensor& weight) {
    const at::Tensor input = channels_last(any_input), grad = channels_last(any_grad);
    const int64_t inputs = input.size(1), outputs = grad.size(1);
    const Tiles tiles{input.size(2), input.size(3), grad.size(2), grad.size(3), w.y.padding, w.x.padding};
    const at::Tensor total = images(outputs, inputs, 3, 3, weight.options());
    by_float(input, [&](auto number) {
      using T = decltype(number);
      const Block block(inputs + outputs);
      const int64_t patch_step = block.step(inputs), gradient_step = block.step(outputs);
      const at::Tensor transformed = add_up<T>(
          input.size(0) * tiles.of_image(), tiles_of_a_piece, input, {winograd_places, outputs, inputs},
          [&](int64_t first_tile, int64_t last_tile, T* sums) {
            detail::Scratch<T> patches(block.size(inputs)), gradients(block.size(outputs)), zeros(inputs);
            for (int64_t first = first_tile; first < last_tile; first += block.tiles) {
              const int64_t last = std::min(last_tile, first + block.tiles);
              NAS_SELECT(T, transform_patches)(tiles, input.data_ptr<T>(), zeros.data(), inputs, first, last, patches.data(), patch_step);
              NAS_SELECT(T, transform_gradients)(tiles, grad.data_ptr<T>(), outputs, first, last, gradients.data(), gradient_step);
              for (int64_t place = 0; place < winograd_places; place++)
                NAS_SELECT(T, add_products_of_rows)({gradients.data() + place * gradient_step, outputs},
                                                    {patches.data() + place * patch_step, inputs},
                                                    {sums + place * outputs * inputs, inputs}, last - first, outputs, inputs);
            }
          });
      NAS_SELECT(T, transform_weight_gradients)(transformed.data_ptr<T>(), outputs, inputs, total.data_ptr<T>());
    });
    return total.contiguous(detail::format_of(weight));
  }
};

bool covers(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, int64_t groups) {
  const auto ours = [&](const at::Tensor& t) {
    return t.device().is_cpu() && t.layout() == at::kStrided && t.scalar_type() == input.scalar_type();
  };
  return groups == 1 && (input.scalar_type() == at::kFloat || input.scalar_type() == at::kDouble) && ours(input) && ours(weight) &&
         input.dim() == 4 && weight.dim() == 4 && input.numel() > 0 && weight.numel() > 0 && weight.size(1) == input.size(1) &&
         (!bias.defined() || (ours(bias) && bias.dim() == 1 && bias.size(0) == weight.size(0))) &&
         detail::format_of(input) == at::MemoryFormat::ChannelsLast &&
         c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::AutocastCPU);
}

// The product pays where rows are whole vectors and not so long that libtorch's own blocks serve better.
bool is_pointwise(const Window& w, int64_t inputs, int64_t outputs) {
  const auto side = [](const Side& s) { return s.kernel == 1 && s.stride == 1 && s.padding == 0; };
  const auto channels = [](int64_t count) { return count >= 32 && count <= 128 && count % 8 == 0; };
  return side(w.y) && side(w.x) && channels(inputs) && channels(outputs);
}

// The transforms pay from 16 channels on, where there are enough tiles for what the weights' takes, and they are mostly full.
bool is_winograd(const Window& w, const at::Tensor& input, int64_t outputs) {
  const auto side = [](const Side& s) {
    return s.kernel == 3 && s.stride == 1 && s.dilation == 1 && s.padding >= 0 && s.padding <= 2;
  };
  if (!side(w.y) || !side(w.x) || input.size(1) < 16 || outputs < 16) return false;
  const Tiles tiles{input.size(2), input.size(3), w.y.output(input.size(2)), w.x.output(input.size(3)), 0, 0};
  const int64_t numbers = tiles.height * tiles.width;
  return tiles.height > 0 && tiles.width > 0 && input.size(0) * tiles.of_image() >= fewest_tiles_in_all &&
         2 * numbers >= tiles.of_image() * winograd_tile * winograd_tile;
}

// Two 1x1 convolutions that read every other pixel of every other row, side by side: the first from pixel (0, 0) on, the second
// from (1, 1) on. Beyond the image there are zeros.
struct Halving : torch::autograd::Function<Halving> {
  using Context = torch::autograd::AutogradContext;
  using List = torch::autograd::variable_list;

  // Where the two find what they read and leave what they give.
  struct Sizes {
    int64_t batch, depth, height, width;
    std::array<int64_t, 2> outputs;

    Sizes(const at::Tensor& image, const at::Tensor& straight, const at::Tensor& shifted)
        : batch(image.size(0)), depth(image.size(1)), height(image.size(2)), width(image.size(3)), outputs{straight.size(0), shifted.size(0)} {}
    int64_t all_outputs() const { return outputs[0] + outputs[1]; }
    int64_t rows() const { return batch * out_height(); }
    int64_t out_height() const { return (height + 1) / 2; }
    int64_t out_width() const { return (width + 1) / 2; }

    // Of an output row the pixels that the convolution finds in the image, and of the first where its numbers begin.
    int64_t pixels(int64_t row, int shift) const { return 2 * (row % out_height()) + shift < height ? (width + 1 - shift) / 2 : 0; }
    int64_t read(int64_t row, int shift) const {
      return ((row / out_height() * height + 2 * (row % out_height()) + shift) * width + shift) * depth;
    }
    int64_t given(int64_t row, int shift) const { return row * out_width() * all_outputs() + shift * outputs[0]; }
  };

  static at::Tensor forward(Context* ctx, const at::Tensor& any_input, const at::Tensor& straight, const at::Tensor& shifted) {
    const at::Tensor input = channels_last(any_input);
    ctx->save_for_backward({input, straight, shifted});
    const Sizes s(input, straight, shifted);
    const at::Tensor output = images(s.batch, s.all_outputs(), s.out_height(), s.out_width(), input.options());
    by_float(input, [&](auto number) {
      using T = decltype(number);
      const auto matrices = both_packed<T>(straight, shifted, false);
      at::parallel_for(0, s.rows(), 1 + pixels_of_a_thread / s.out_width(), [&](int64_t first, int64_t last) {
        for (int64_t row = first; row < last; row++)
          for (int shift = 0; shift < 2; shift++) {
            T* to = output.data_ptr<T>() + s.given(row, shift);
            const int64_t pixels = s.pixels(row, shift);
            NAS_SELECT(T, multiply_matrix)({input.data_ptr<T>() + s.read(row, shift), 2 * s.depth}, matrices[shift].template data_ptr<T>(),
                                           nullptr, false, {to, s.all_outputs()}, pixels, s.depth, s.outputs[shift]);
            for (int64_t x = pixels; x < s.out_width(); x++) std::fill_n(to + x * s.all_outputs(), s.outputs[shift], T(0));
          }
      });
    });
    return output;
  }

  static List backward(Context* ctx, List gradients) {
    const List saved = ctx->get_saved_variables();
    if (at::GradMode::is_enabled()) {
      // For those who want gradients of them; one tensor may stand at two places, which have gradients of their own.
      const List inputs{saved[0].alias(), saved[1].alias(), saved[2].alias()};
      return torch::autograd::grad({by_libtorch(inputs[0], inputs[1], inputs[2])}, inputs, {gradients[0]}, true, true, true);
    }
    const at::Tensor &input = saved[0], &straight = saved[1], &shifted = saved[2];
    const at::Tensor grad = channels_last(gradients[0]);
    List found(3);
    by_float(input, [&](auto number) {
      using T = decltype(number);
      const Sizes s(input, straight, shifted);
      if (ctx->needs_input_grad(0)) found[0] = input_gradient<T>(s, grad, both_packed<T>(straight, shifted, true));
      for (int shift = 0; shift < 2; shift++)
        if (ctx->needs_input_grad(1 + shift)) found[1 + shift] = weight_gradient<T>(s, input, grad, saved[1 + shift], shift);
    });
    return found;
  }

  static at::Tensor by_libtorch(const at::Tensor& input, const at::Tensor& straight, const at::Tensor& shifted) {
    const auto read = [&](int64_t from) { return input.slice(2, from, c10::nullopt, 2).slice(3, from, c10::nullopt, 2).contiguous(detail::format_of(input)); };
    return at::cat({at::conv2d(read(0), straight), at::constant_pad_nd(at::conv2d(read(1), shifted), {0, input.size(3) % 2, 0, input.size(2) % 2})}, 1);
  }

 private:
  template <class T>
  static std::array<at::Tensor, 2> both_packed(const at::Tensor& straight, const at::Tensor& shifted, bool back) {
    const auto one = [&](const at::Tensor& any_weight) {
      const at::Tensor weight = channels_last(any_weight);
      return packed<T>(weight.data_ptr<T>(), weight.size(0), weight.size(1), back, weight.options());
    };
    return {one(straight), one(shifted)};
  }

  // Each row of the image is read by one of the two or none.
  template <class T>
  static at::Tensor input_gradient(const Sizes& s, const at::Tensor& grad, const std::array<at::Tensor, 2>& matrices) {
    const at::Tensor of_input = images(s.batch, s.depth, s.height, s.width, grad.options());
    at::parallel_for(0, s.batch * s.height, 1 + pixels_of_a_thread / s.width, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const int shift = i % s.height % 2;
        const int64_t row = i / s.height * s.out_height() + i % s.height / 2;
        std::fill_n(of_input.data_ptr<T>() + i * s.width * s.depth, s.width * s.depth, T(0));
        NAS_SELECT(T, multiply_matrix)({grad.data_ptr<T>() + s.given(row, shift), s.all_outputs()}, matrices[shift].data_ptr<T>(), nullptr, false,
                                       {of_input.data_ptr<T>() + s.read(row, shift), 2 * s.depth}, s.pixels(row, shift), s.outputs[shift],
                                       s.depth);
      }
    });
    return of_input;
  }

  template <class T>
  static at::Tensor weight_gradient(const Sizes& s, const at::Tensor& input, const at::Tensor& grad, const at::Tensor& weight, int shift) {
    const at::Tensor total =
        add_up<T>(s.rows(), 1 + pixels_of_a_piece / s.out_width(), input, {s.outputs[shift], s.depth}, [&](int64_t first, int64_t last, T* sums) {
          for (int64_t row = first; row < last; row++)
            NAS_SELECT(T, add_products_of_rows)({grad.data_ptr<T>() + s.given(row, shift), s.all_outputs()},
                                                {input.data_ptr<T>() + s.read(row, shift), 2 * s.depth}, {sums, s.depth}, s.pixels(row, shift),
                                                s.outputs[shift], s.depth);
        });
    return total.view({s.outputs[shift], s.depth, 1, 1}).contiguous(detail::format_of(weight));
  }
};

}  // namespace

at::Tensor factorized_reduction(const at::Tensor& input, const at::Tensor& straight, const at::Tensor& shifted) {
  if (covers(input, straight, {}, 1) && covers(input, shifted, {}, 1)) return Halving::apply(input, straight, shifted);
  return Halving::by_libtorch(input, straight, shifted);
}

at::Tensor conv2d(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, Pair stride, Pair padding, Pair dilation,
                  int64_t groups) {
  const c10::optional<at::Tensor> maybe_bias = bias.defined() ? c10::optional<at::Tensor>(bias) : c10::nullopt;
  if (covers(input, weight, bias, groups)) {
    const Window w{{weight.size(2), stride[0], padding[0], dilation[0]}, {weight.size(3), stride[1], padding[1], dilation[1]}};
    if (is_pointwise(w, input.size(1), weight.size(0)))
      return Convolution<Pointwise>::apply(input, weight, maybe_bias, w);
    if (is_winograd(w, input, weight.size(0)))
      return Convolution<Winograd>::apply(input, weight, maybe_bias, w);
  }
  return at::conv2d(input, weight, maybe_bias, stride, padding, dilation, groups);
}

}  // namespace nas
