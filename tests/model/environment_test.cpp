#include "protocol/model/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Environment, IsSortedWhateverTheOrder) {
    const EnvironmentPtr one = Environment::of({{"B", "2"}, {"A", "1"}, {"C", ""}});
    const EnvironmentPtr other = Environment::of({{"C", ""}, {"B", "2"}, {"A", "1"}});
    EXPECT_THAT(one->variables(), ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "")));
    EXPECT_EQ(*one, *other);
    EXPECT_EQ(one->hash(), other->hash());
    EXPECT_EQ(one->size(), 3U);
}

TEST(Environment, TheLastOfEqualNamesWins) {
    const EnvironmentPtr environment =
        Environment::of({{"A", "1"}, {"B", "2"}, {"A", "3"}, {"A", "4"}});
    EXPECT_THAT(environment->variables(), ElementsAre(Pair("A", "4"), Pair("B", "2")));
    EXPECT_EQ(environment->size(), 2U);
}

TEST(Environment, CanBeEmptyAndSoCanItsTexts) {
    EXPECT_THAT(Environment::empty()->variables(), IsEmpty());
    EXPECT_EQ(*Environment::of({}), *Environment::empty());
    const EnvironmentPtr odd = Environment::of({{"", ""}});
    EXPECT_THAT(odd->variables(), ElementsAre(Pair("", "")));
}

TEST(Environment, TellsWhereANameEndsAndAValueBegins) {
    EXPECT_NE(*Environment::of({{"AB", "C"}}), *Environment::of({{"A", "BC"}}));
}

TEST(Environment, HoldsTextsOfAnyLength) {
    for (const std::size_t size : {0U, 23U, 24U, 255U, 256U, 65535U, 65536U, 200'000U}) {
        const std::string text(size, 'x');
        const EnvironmentPtr environment = Environment::of({{text, text}});
        EXPECT_THAT(environment->variables(), ElementsAre(Pair(text, text)));
        EXPECT_EQ(*Environment::from_encoded(environment->encoded()), *environment);
    }
}

TEST(Environment, ChangesAreNewObjects) {
    const EnvironmentPtr before = Environment::of({{"A", "1"}, {"B", "2"}});
    EXPECT_THAT(before->with("B", "3")->variables(), ElementsAre(Pair("A", "1"), Pair("B", "3")));
    EXPECT_EQ(before->with("C", "3")->size(), 3U);
    EXPECT_THAT(before->without("A")->variables(), ElementsAre(Pair("B", "2")));
    EXPECT_EQ(*before->without("Z"), *before);
    EXPECT_THAT(before->variables(), ElementsAre(Pair("A", "1"), Pair("B", "2")));
    EXPECT_TRUE(before->contains("A"));
    EXPECT_FALSE(before->contains("Z"));
}

TEST(Environment, ReadsBackItsOwnEncodingOnly) {
    const EnvironmentPtr environment = Environment::of({{"A", "1"}, {"B", "2"}});
    const ByteView encoded = environment->encoded();
    EXPECT_EQ(
        encoded,
        "\x61"
        "A"
        "\x61"
        "1"
        "\x61"
        "B"
        "\x61"
        "2"
    );
    for (std::size_t cut = 1; cut < encoded.size(); ++cut) {
        // Half of the bytes is one whole pair.
        EXPECT_EQ(Environment::from_encoded(encoded.substr(0, cut)) != nullptr, cut == 4) << cut;
    }
    for (const std::string_view wrong :
         {"\x61"
          "B"
          "\x61"
          "2"
          "\x61"
          "A"
          "\x61"
          "1",  // not sorted
          "\x61"
          "A"
          "\x61"
          "1"
          "\x61"
          "A"
          "\x61"
          "1",  // twice
          "\x78\x01"
          "A"
          "\x61"
          "1",  // a longer head than needed
          "\x41"
          "A"
          "\x61"
          "1",  // no text
          "\x7f"
          "A"
          "\x61"
          "1"}) {
        EXPECT_EQ(Environment::from_encoded(wrong), nullptr);
    }
}

TEST(EnvironmentPool, GivesEqualEnvironmentsOneObject) {
    EnvironmentPool pool;
    const EnvironmentPtr first = pool.intern(Environment::of({{"A", "1"}}));
    const EnvironmentPtr second = pool.intern(Environment::of({{"A", "1"}}));
    const EnvironmentPtr other = pool.intern(Environment::of({{"A", "2"}}));
    EXPECT_EQ(first, second);
    EXPECT_NE(first, other);
}

TEST(EnvironmentPool, KeepsNothingAlive) {
    EnvironmentPool pool;
    std::weak_ptr<const Environment> gone;
    for (int i = 0; i < 1000; ++i) {
        const std::string value = std::to_string(i);
        gone = pool.intern(Environment::of({{"A", value}}));
        EXPECT_TRUE(gone.expired());
    }
    const EnvironmentPtr again = pool.intern(Environment::of({{"A", "0"}}));
    EXPECT_THAT(again->variables(), ElementsAre(Pair("A", "0")));
}

TEST(EnvironmentPool, FindsWhatLivesAmongManyThatDied) {
    EnvironmentPool pool;
    const EnvironmentPtr kept = pool.intern(Environment::of({{"KEPT", "1"}}));
    for (int i = 0; i < 1000; ++i) {
        const std::string value = std::to_string(i);
        (void)pool.intern(Environment::of({{"A", value}}));
    }
    EXPECT_EQ(pool.intern(Environment::of({{"KEPT", "1"}})), kept);
}

}  // namespace

}  // namespace pueue
