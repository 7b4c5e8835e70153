// JPEG by libjpeg, without libvips around it: for the small images of datasets libvips costs several times what decoding does,
// and its locks keep threads from helping.
#pragma once

#include "nas_image.h"

namespace nas {

bool is_jpeg(const uint8_t *file, size_t length);

// Reads the header; throws std::runtime_error when there is none or it is over a limit.
nas_image_header read_jpeg_header(const uint8_t *file, size_t length, const nas_image_limits &limits);

// Decodes a file of one (grey) or three (colour) components; others are left to libvips. Throws std::runtime_error when it is damaged.
void decode_jpeg(const uint8_t *file, size_t length, const nas_image_header &header, const nas_image_target &target, uint8_t *out);

}  // namespace nas
