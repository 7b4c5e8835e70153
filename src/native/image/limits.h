// Refusals that are common to all readers.
#pragma once

#include "nas_image.h"

#include <cstdint>

namespace nas {

// Throws std::runtime_error with one line of text.
[[noreturn]] void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Holds the size that a header claims against the limits.
void check_size(int64_t width, int64_t height, int64_t bytes_per_pixel, const nas_image_limits &limits);

}  // namespace nas
