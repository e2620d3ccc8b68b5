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

inline Bytes unescape(const std::string& text) {
    Bytes bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
        const bool is_escape = next == 'n' || next == 't' || next == '\\';
        bytes.push_back(next == 'n' ? '\n' : next == 't' ? '\t' : text[i]);
        i += is_escape ? 1U : 0U;
    }
    return bytes;
}

/// One .hex file is one seed, of a .tsv file the first cell of each row (where \\n, \\t and \\ are
/// escapes), any other file is what it is.
inline void append_seeds_of(const std::filesystem::path& file, std::vector<Bytes>& to) {
    std::ifstream stream(file, std::ios::binary);
    if (file.extension() == ".tsv") {
        for (std::string line; std::getline(stream, line);) {
            if (!line.starts_with('#')) {
                to.push_back(unescape(line.substr(0, line.find('\t'))));
            }
        }
        return;
    }
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    to.push_back(file.extension() == ".hex" ? unhex(content) : content);
}

/// What is kept for one target: in a .hex file each line is one seed in hex, in a .tsv file as
/// above.
inline void append_kept_seeds(std::vector<Bytes>& to) {
    const std::filesystem::path kept = PUEUE_FUZZ_KEPT;
    append_seeds_of(kept.string() + ".tsv", to);
    std::ifstream lines(kept.string() + ".hex");
    for (std::string line; std::getline(lines, line);) {
        to.push_back(unhex(line));
    }
}

/// In the order of their file names, and what is kept for the target.
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
    append_kept_seeds(all);
    return all;
}

}  // namespace pueue::fuzz
