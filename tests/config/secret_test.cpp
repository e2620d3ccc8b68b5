#include "protocol/config/secret.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>

namespace pueue::config {
namespace {

class Secret : public ::testing::Test {
  protected:
    Secret() {
        std::string name = std::filesystem::temp_directory_path() / "pueue-secret-XXXXXX";
        directory_ = ::mkdtemp(name.data());
        path_ = directory_ + "/shared_secret";
        old_mask_ = ::umask(022);
    }
    ~Secret() override {
        ::umask(old_mask_);
        std::filesystem::remove_all(directory_);
    }

    [[nodiscard]] mode_t mode() const {
        struct stat found {};
        return ::stat(path_.c_str(), &found) == 0 ? found.st_mode & 07777U : 0;
    }
    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(
            std::filesystem::directory_iterator(directory_), std::filesystem::directory_iterator()
        );
    }

    std::string directory_;
    std::string path_;
    mode_t old_mask_ = 0;
};

TEST_F(Secret, IsMadeOfFiveHundredAndTwelveLettersAndDigits) {
    ASSERT_TRUE(create_secret_if_absent(path_).has_value());
    const auto secret = read_secret(path_);
    ASSERT_TRUE(secret.has_value());
    EXPECT_EQ(secret->size(), 512U);
    EXPECT_TRUE(std::all_of(secret->begin(), secret->end(), [](unsigned char c) {
        return std::isalnum(c) != 0;
    }));
    EXPECT_EQ(files(), 1) << "a scratch file was left behind";
}

TEST_F(Secret, HasItsModeWhateverTheMask) {
    for (const mode_t mask : {0U, 022U, 077U}) {
        ::umask(mask);
        std::filesystem::remove(path_);
        ASSERT_TRUE(create_secret_if_absent(path_).has_value());
        EXPECT_EQ(mode(), 0640U);
    }
}

TEST_F(Secret, IsLeftAloneWhenItExists) {
    std::ofstream(path_) << " mine\n";
    ASSERT_TRUE(create_secret_if_absent(path_).has_value());
    EXPECT_EQ(*read_secret(path_), " mine\n");
}

TEST_F(Secret, DiffersEachTime) {
    ASSERT_TRUE(create_secret_if_absent(path_).has_value());
    ASSERT_TRUE(create_secret_if_absent(path_ + "2").has_value());
    EXPECT_NE(*read_secret(path_), *read_secret(path_ + "2"));
}

TEST_F(Secret, SaysWhyItCannotBeRead) {
    EXPECT_EQ(
        read_secret(path_).error().text,
        "I/O error at path \"" + path_ +
            "\" while opening secret file. Did you start the daemon at least once?:\n"
            "No such file or directory (os error 2)"
    );
    EXPECT_EQ(
        read_secret(directory_).error().text,
        "I/O error at path \"" + directory_ +
            "\" while reading secret file:\nIs a directory (os error 21)"
    );
}

TEST_F(Secret, SaysWhyItCannotBeMade) {
    const auto made = create_secret_if_absent(directory_ + "/no/secret");
    ASSERT_TRUE(made.has_error());
    EXPECT_EQ(
        made.error().text,
        "I/O error at path \"" + directory_ +
            "/no/secret\" while creating shared secret:\nNo such file or directory (os error 2)"
    );
}

}  // namespace
}  // namespace pueue::config
