#include "client/text/width.hpp"

#include "tests/client/vectors.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace pueue::client::test {
namespace {

std::string from_code_points(const std::string& list) {
    std::string text;
    std::istringstream in(list);
    for (std::string hex; in >> hex;) {
        const auto c = static_cast<unsigned>(std::stoul(hex, nullptr, 16));
        const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
        if (c < 0x80) {
            put(c);
        } else if (c < 0x800) {
            put(0xc0U | (c >> 6U));
            put(0x80U | (c & 0x3fU));
        } else if (c < 0x10000) {
            put(0xe0U | (c >> 12U));
            put(0x80U | ((c >> 6U) & 0x3fU));
            put(0x80U | (c & 0x3fU));
        } else {
            put(0xf0U | (c >> 18U));
            put(0x80U | ((c >> 12U) & 0x3fU));
            put(0x80U | ((c >> 6U) & 0x3fU));
            put(0x80U | (c & 0x3fU));
        }
    }
    return text;
}

TEST(DisplayWidth, AgreesWithEveryRecordedText) {
    const auto rows = golden_rows("width.tsv");
    ASSERT_GT(rows.size(), 100U);
    for (const auto& row : rows) {
        const std::string text = from_code_points(row[0]);
        EXPECT_EQ(display_width(text), std::stoul(row[1])) << row[0] << " " << row[3];
        std::string twelve;
        for (int i = 0; i < 12; ++i) {
            twelve += text;
        }
        // The recorded column had a header of seven columns.
        EXPECT_EQ(std::max<std::size_t>(display_width(twelve), 7), std::stoul(row[2]))
            << row[0] << " " << row[3] << ", twelve times";
    }
}

TEST(FirstGrapheme, KeepsWhatBelongsTogether) {
    for (const char* one :
         {"61",
          "65 0301",
          "0",
          "1F468 200D 1F469 200D 1F467",
          "1F1E9 1F1EA",
          "1F44D 1F3FD",
          "31 FE0F 20E3",
          "1100 1161 11A8",
          "AC00 11A8",
          "0E01 0E33",
          "1F3F4 E0067 E007F"}) {
        const std::string text = from_code_points(one);
        EXPECT_EQ(first_grapheme(text + "x"), text.size()) << one;
    }
    EXPECT_EQ(first_grapheme(from_code_points("1F1E9 1F1EA 1F1EB")), 8U);
    EXPECT_EQ(first_grapheme(from_code_points("A 301")), 1U);
    EXPECT_EQ(first_grapheme("\xff\xfe"), 1U);
}

}  // namespace
}  // namespace pueue::client::test
