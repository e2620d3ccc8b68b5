// The recorded bytes that a fuzz target begins with; which ones, its CMakeLists says.
#pragma once

#include "protocol/base/bytes.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace pueue::fuzz {

inline Bytes unhex(const std::string& hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        if (std::isxdigit(static_cast<unsigned char>(hex[i])) == 0) {
            break;
        }
        bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

/// One .hex file is one seed, of a .tsv file the first cell of each row, any other file is what it
/// is.
inline void append_seeds_of(const std::filesystem::path& file, std::vector<Bytes>& to) {
    std::ifstream stream(file, std::ios::binary);
    if (file.extension() == ".tsv") {
        for (std::string line; std::getline(stream, line);) {
            if (!line.starts_with('#')) {
                to.push_back(line.substr(0, line.find('\t')));
            }
        }
        return;
    }
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    to.push_back(file.extension() == ".hex" ? unhex(content) : content);
}

/// In the order of their file names.
inline std::vector<Bytes> seeds() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(PUEUE_FUZZ_SEEDS)) {
        const std::string name = entry.path().filename();
        if (entry.is_regular_file() && name.find(PUEUE_FUZZ_SEED_NAMES) != std::string::npos) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<Bytes> all;
    for (const std::filesystem::path& file : files) {
        append_seeds_of(file, all);
    }
    return all;
}

}  // namespace pueue::fuzz
