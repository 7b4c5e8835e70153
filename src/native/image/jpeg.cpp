#include "jpeg.h"

#include "exif.h"
#include "fit.h"
#include "limits.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

// Needs size_t and FILE before it.
#include <jpeglib.h>
#include <jerror.h>

namespace nas {

namespace {

// Each scan of a progressive file goes over all of its pixels; real files have about ten, hostile ones thousands.
constexpr int kMostScans = 100;
constexpr size_t kLongestExif = 65533;

struct Errors : jpeg_error_mgr {
    std::jmp_buf escape;
    char text[JMSG_LENGTH_MAX];
};

// What libjpeg reports as a warning although pixels are missing or wrong after it.
bool is_damage(int code) {
    return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_ARITH_BAD_CODE ||
           code == JWRN_MUST_RESYNC;
}

[[noreturn]] void on_error(j_common_ptr info) {
    auto *errors = static_cast<Errors *>(info->err);
    errors->format_message(info, errors->text);
    std::longjmp(errors->escape, 1);
}

void on_message(j_common_ptr info, int level) {
    if (level < 0 && is_damage(info->err->msg_code))
        on_error(info);
}

void on_progress(j_common_ptr info) {
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans)
        return;
    auto *errors = static_cast<Errors *>(info->err);
    std::snprintf(errors->text, sizeof errors->text, "it has more than %d scans", kMostScans);
    std::longjmp(errors->escape, 1);
}

int orientation_in(const uint8_t *marker, size_t length) {
    constexpr size_t kName = 6;
    return length > kName && std::memcmp(marker, "Exif\0\0", kName) == 0 ? exif_orientation(marker + kName, length - kName) : 1;
}

// libjpeg leaves a failed call by longjmp. No object with a destructor is made between setjmp and the calls, here or in what follows.
class Reader {
public:
    Reader(const uint8_t *file, size_t length) {
        info_.err = jpeg_std_error(&errors_);
        errors_.error_exit = on_error;
        errors_.emit_message = on_message;
        if (setjmp(errors_.escape))
            leave();
        jpeg_create_decompress(&info_);
        progress_.progress_monitor = on_progress;
        info_.progress = &progress_;
        jpeg_mem_src(&info_, file, length);
        jpeg_save_markers(&info_, JPEG_APP0 + 1, kLongestExif);
        jpeg_read_header(&info_, TRUE);
    }

    ~Reader() { jpeg_destroy_decompress(&info_); }
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    nas_image_header header() const {
        int orientation = 1;
        for (auto *marker = info_.marker_list; marker && orientation == 1; marker = marker->next)
            orientation = orientation_in(marker->data, marker->data_length);
        return {NAS_IMAGE_JPEG, int32_t(info_.image_width), int32_t(info_.image_height), info_.num_components, 8, orientation};
    }

    void start(int shrink) {
        if (setjmp(errors_.escape))
            leave();
        info_.out_color_space = info_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
        info_.scale_num = 1;
        info_.scale_denom = unsigned(shrink);
        jpeg_start_decompress(&info_);
    }

    int width() const { return int(info_.output_width); }
    int height() const { return int(info_.output_height); }
    int bands() const { return info_.output_components; }

    void read_row(uint8_t *row) {
        if (setjmp(errors_.escape))
            leave();
        jpeg_read_scanlines(&info_, &row, 1);
    }

    // What follows the last row tells whether the file is whole.
    void finish() {
        if (setjmp(errors_.escape))
            leave();
        jpeg_finish_decompress(&info_);
    }

private:
    [[noreturn]] void leave() {
        const std::runtime_error error(errors_.text);
        // A constructor that throws is not followed by the destructor; twice does no harm.
        jpeg_destroy_decompress(&info_);
        throw error;
    }

    jpeg_decompress_struct info_ = {};
    jpeg_progress_mgr progress_ = {};
    Errors errors_ = {};
};

// A half, a quarter or an eighth can be unpacked for a fraction of the work. Twice the size that is needed is left, so that the
// result is that of the proper filter.
int shrink_for(const nas_image_header &header, const nas_image_target &target) {
    const auto place = Placement::of(header.width, header.height, header.orientation, target);
    const double reduction = std::min(place.width / place.out_width, place.height / place.out_height);
    return reduction >= 16 ? 8 : reduction >= 8 ? 4 : reduction >= 4 ? 2 : 1;
}

}  // namespace

bool is_jpeg(const uint8_t *file, size_t length) { return length >= 3 && std::memcmp(file, "\xFF\xD8\xFF", 3) == 0; }

nas_image_header read_jpeg_header(const uint8_t *file, size_t length, const nas_image_limits &limits) {
    const auto header = Reader(file, length).header();
    check_size(header.width, header.height, header.bands, limits);
    return header;
}

void decode_jpeg(const uint8_t *file, size_t length, const nas_image_header &header, const nas_image_target &target, uint8_t *out) {
    Reader reader(file, length);
    reader.start(shrink_for(header, target));
    Fitter fitter(reader.width(), reader.height(), header.orientation, target, out);
    std::vector<uint8_t> row(size_t(reader.width()) * reader.bands());
    for (int y = 0; y < reader.height(); y++) {
        reader.read_row(row.data());
        fitter.push({row.data(), reader.bands(), 8, reader.bands(), 1});
    }
    reader.finish();
    fitter.finish();
}

}  // namespace nas
