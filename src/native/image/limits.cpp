#include "limits.h"

#include <cstdarg>
#include <cstdio>
#include <stdexcept>

namespace nas {

void fail(const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    throw std::runtime_error(text);
}

void check_size(int64_t width, int64_t height, int64_t bytes_per_pixel, const nas_image_limits &limits) {
    if (width > limits.max_side || height > limits.max_side)
        fail("%ld x %ld pixels; the limit is %d a side", long(width), long(height), limits.max_side);
    if (width * height > limits.max_pixels)
        fail("%ld x %ld are %ld pixels; the limit is %ld", long(width), long(height), long(width * height), long(limits.max_pixels));
    // Some files (progressive, interlaced) must be unpacked whole; then readers hold coefficients or a canvas beside the pixels.
    const int64_t memory = 2 * bytes_per_pixel * width * height;
    if (memory > limits.max_memory)
        fail("%ld x %ld pixels may need %ld bytes of memory; the limit is %ld", long(width), long(height), long(memory), long(limits.max_memory));
}

}  // namespace nas
