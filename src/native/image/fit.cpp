#include "fit.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nas {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kLobes = 3;

double lanczos(double x) {
    if (x == 0)
        return 1;
    if (std::abs(x) >= kLobes)
        return 0;
    return kLobes * std::sin(kPi * x) * std::sin(kPi * x / kLobes) / (kPi * kPi * x * x);
}

bool is_turned(int orientation) { return orientation >= 5; }

// Reads sample `b` of pixel `x` as 0 to 255.
template <typename Sample>
float sample(const Row &row, int x, int b) {
    Sample value;
    std::memcpy(&value, row.data + x * row.pixel + b * row.band, sizeof value);
    return sizeof(Sample) == 1 ? float(value) : float(value) / 257.0f;
}

// Colour or grey as the file has it, laid on white, to the channels that are asked for.
template <typename Sample, int Bands, int Channels>
void convert(const Row &row, int width, float *out) {
    constexpr bool colour = Bands >= 3, alpha = Bands % 2 == 0;
    for (int x = 0; x < width; x++, out += Channels) {
        float red = sample<Sample>(row, x, 0);
        float green = colour ? sample<Sample>(row, x, 1) : red;
        float blue = colour ? sample<Sample>(row, x, 2) : red;
        if (alpha) {
            const float cover = sample<Sample>(row, x, Bands - 1) / 255.0f;
            red = 255.0f + (red - 255.0f) * cover;
            green = 255.0f + (green - 255.0f) * cover;
            blue = 255.0f + (blue - 255.0f) * cover;
        }
        if (Channels == 3) {
            out[0] = red;
            out[1] = green;
            out[2] = blue;
        } else {
            out[0] = colour ? 0.299f * red + 0.587f * green + 0.114f * blue : red;
        }
    }
}

template <typename Sample, int Channels>
void convert(const Row &row, int width, float *out) {
    switch (row.bands) {
    case 1: return convert<Sample, 1, Channels>(row, width, out);
    case 2: return convert<Sample, 2, Channels>(row, width, out);
    case 3: return convert<Sample, 3, Channels>(row, width, out);
    default: return convert<Sample, 4, Channels>(row, width, out);
    }
}

// Each result is the weighted sum of the samples under its taps; the channels lie side by side.
template <int Channels, typename Taps>
void resample(const float *samples, const std::vector<Taps> &all, float *out) {
    for (const Taps &taps : all) {
        const float *source = samples + size_t(taps.first) * Channels;
        float sum[Channels] = {};
        for (const float weight : taps.weights) {
            for (int c = 0; c < Channels; c++)
                sum[c] += weight * source[c];
            source += Channels;
        }
        for (int c = 0; c < Channels; c++)
            *out++ = sum[c];
    }
}

}  // namespace

Placement Placement::of(int width, int height, int orientation, const nas_image_target &target) {
    const bool turned = is_turned(orientation);
    const int out_width = turned ? target.height : target.width;
    const int out_height = turned ? target.width : target.height;
    const double across = double(out_width) / width, down = double(out_height) / height;
    if (target.fit == NAS_IMAGE_CROP) {
        const double scale = std::max(across, down);
        const double shown_width = std::min<double>(width, out_width / scale);
        const double shown_height = std::min<double>(height, out_height / scale);
        double left = (width - shown_width) / 2, top = (height - shown_height) / 2;
        if (scale == 1) {  // Whole pixels are kept as they are, not smeared by half of one.
            left = std::floor(left);
            top = std::floor(top);
        }
        return {left, top, shown_width, shown_height, out_width, out_height};
    }
    if (target.fit == NAS_IMAGE_PAD) {
        const double scale = std::min(across, down);
        return {0, 0, double(width), double(height),
                std::clamp<int>(int(std::lround(width * scale)), 1, out_width),
                std::clamp<int>(int(std::lround(height * scale)), 1, out_height)};
    }
    return {0, 0, double(width), double(height), out_width, out_height};
}

Fitter::Fitter(int width, int height, int orientation, const nas_image_target &target, uint8_t *out)
    : width_(width), orientation_(orientation), target_(target), out_(out),
      place_(Placement::of(width, height, orientation, target)),
      columns_(make_taps(width, place_.x, place_.width, place_.out_width)),
      rows_(make_taps(height, place_.y, place_.height, place_.out_height)),
      samples_(size_t(width) * target.channels),
      shrunk_(size_t(place_.out_width) * target.channels),
      sums_(size_t(place_.out_width) * place_.out_height * target.channels) {}

// Lanczos with 3 lobes, widened by the reduction so that fine detail is averaged and not aliased; samples beyond the image do not exist.
std::vector<Fitter::Taps> Fitter::make_taps(int size, double start, double length, int out_size) {
    const double step = length / out_size;
    const double stretch = std::max(1.0, step);
    std::vector<Taps> taps(out_size);
    for (int i = 0; i < out_size; i++) {
        if (step == 1) {  // The samples themselves: Placement starts at a whole one.
            taps[i] = {int(start) + i, {1.0f}};
            continue;
        }
        const double centre = start + (i + 0.5) * step;
        const int first = std::clamp(int(std::floor(centre - kLobes * stretch)), 0, size - 1);
        const int last = std::clamp(int(std::ceil(centre + kLobes * stretch)), first + 1, size);
        std::vector<double> weights(last - first);
        double total = 0;
        for (int k = first; k < last; k++)
            total += weights[k - first] = lanczos((k + 0.5 - centre) / stretch);
        taps[i].first = first;
        for (const double weight : weights)
            taps[i].weights.push_back(float(weight / total));
    }
    return taps;
}

void Fitter::push(const Row &row) {
    // Rows above and below the shown window add nothing.
    const bool used = first_open_ < rows_.size() && y_ >= rows_[first_open_].first;
    if (used) {
        read(row);
        accumulate_row();
    }
    y_++;
}

void Fitter::read(const Row &row) {
    const bool as_is = row.bits == 8 && row.bands == target_.channels && row.pixel == row.bands && row.band == 1;
    if (as_is)
        std::copy_n(row.data, samples_.size(), samples_.data());
    else if (row.bits == 8)
        target_.channels == 3 ? convert<uint8_t, 3>(row, width_, samples_.data()) : convert<uint8_t, 1>(row, width_, samples_.data());
    else
        target_.channels == 3 ? convert<uint16_t, 3>(row, width_, samples_.data()) : convert<uint16_t, 1>(row, width_, samples_.data());
}

void Fitter::accumulate_row() {
    if (target_.channels == 3)
        resample<3>(samples_.data(), columns_, shrunk_.data());
    else
        resample<1>(samples_.data(), columns_, shrunk_.data());
    for (size_t i = first_open_; i < rows_.size() && rows_[i].first <= y_; i++) {
        const size_t k = size_t(y_ - rows_[i].first);
        if (k >= rows_[i].weights.size()) {
            if (i == first_open_)
                first_open_++;
            continue;
        }
        const float weight = rows_[i].weights[k];
        float *sums = sums_.data() + i * shrunk_.size();
        for (size_t j = 0; j < shrunk_.size(); j++)
            sums[j] += weight * shrunk_[j];
    }
}

// Turns the stored result upright by walking it with other steps, rounds it, and splits it into planes.
void Fitter::finish() {
    const int channels = target_.channels;
    const bool turned = is_turned(orientation_);
    const int width = turned ? place_.out_height : place_.out_width;
    const int height = turned ? place_.out_width : place_.out_height;
    const bool from_right = orientation_ == 2 || orientation_ == 3 || orientation_ == 7 || orientation_ == 8;
    const bool from_bottom = orientation_ == 3 || orientation_ == 4 || orientation_ == 6 || orientation_ == 7;
    const ptrdiff_t line = ptrdiff_t(place_.out_width) * channels;
    const ptrdiff_t stored_x = from_right ? -channels : channels, stored_y = from_bottom ? -line : line;
    const ptrdiff_t step_x = turned ? stored_y : stored_x, step_y = turned ? stored_x : stored_y;
    const float *first = sums_.data() + (from_right ? line - channels : 0) + (from_bottom ? line * (place_.out_height - 1) : 0);
    const int left = (target_.width - width) / 2, top = (target_.height - height) / 2;
    const size_t plane = size_t(target_.width) * target_.height;
    if (width < target_.width || height < target_.height)
        std::memset(out_, 0, plane * channels);
    for (int c = 0; c < channels; c++) {
        for (int y = 0; y < height; y++) {
            const float *source = first + c + y * step_y;
            uint8_t *to = out_ + c * plane + size_t(top + y) * target_.width + left;
            for (int x = 0; x < width; x++)
                to[x] = uint8_t(std::min(std::max(source[x * step_x] + 0.5f, 0.0f), 255.0f));
        }
    }
}

}  // namespace nas
