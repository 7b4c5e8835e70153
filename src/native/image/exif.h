// The one thing of EXIF that changes an image: which way is up.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nas {

// Orientation, 1 to 8, in the first directory of a block of EXIF data that starts with its TIFF header; 1 where it says nothing.
int exif_orientation(const uint8_t *tiff, size_t length);

// The same of a PNG file, whose EXIF libvips passes over when it is built with libpng.
int png_orientation(const uint8_t *file, size_t length);

}  // namespace nas
