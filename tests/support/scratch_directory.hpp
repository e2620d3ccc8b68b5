// A directory of one test, gone with it.
#pragma once

#include "protocol/base/fd.hpp"

#include <fcntl.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace pueue::support {

class ScratchDirectory {
  public:
    ScratchDirectory() {
        std::string path = (std::filesystem::temp_directory_path() / "pueue-XXXXXX").string();
        PUEUE_CHECK(::mkdtemp(path.data()) != nullptr);
        path_ = path;
    }
    ~ScratchDirectory() { std::filesystem::remove_all(path_); }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] UniqueFd open() const {
        return open_file(path_.string(), O_RDONLY | O_DIRECTORY).value();
    }

  private:
    std::filesystem::path path_;
};

}  // namespace pueue::support
