// Bringing an image, row by row, into the planes of a fixed size: resampling, cropping or padding, turning upright,
// colour to grey and back.
#pragma once

#include "nas_image.h"

#include <cstdint>
#include <vector>

namespace nas {

// How a source of given size is placed into the target, both seen as stored, before the orientation is applied.
struct Placement {
    double x, y, width, height;        // the window of the source that is shown
    int out_width, out_height;         // its size in the target
    static Placement of(int width, int height, int orientation, const nas_image_target &target);
};

// Where the samples of a row lie, and how they are to be read.
struct Row {
    const uint8_t *data;
    int bands;           // 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha
    int bits;            // 8, or 16 in the machine's byte order
    int64_t pixel, band; // bytes from one pixel, and from one band, to the next
};

// Takes the rows of the source from the top and leaves the finished planes at `out`.
class Fitter {
public:
    Fitter(int width, int height, int orientation, const nas_image_target &target, uint8_t *out);
    void push(const Row &row);
    void finish();

private:
    // The weights by which the samples [first, first + weights.size()) make one sample of the result.
    struct Taps {
        int first;
        std::vector<float> weights;
    };

    static std::vector<Taps> make_taps(int size, double start, double length, int out_size);
    void read(const Row &row);
    void accumulate_row();

    const int width_, orientation_;
    const nas_image_target target_;
    uint8_t *const out_;
    const Placement place_;
    std::vector<Taps> columns_, rows_;
    std::vector<float> samples_;  // the row at hand, channels interleaved
    std::vector<float> shrunk_;   // the same after horizontal resampling
    std::vector<float> sums_;     // the result so far, as stored
    int y_ = 0;
    size_t first_open_ = 0;       // rows of the result before this one are complete
};

}  // namespace nas
