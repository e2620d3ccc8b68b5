// Which of the two counts at a start, the journal or the state file: every row of the table in
// docs/journal.md, with real files.
#include "daemon/state_exchange.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/state_file/state_json.hpp"
#include "tests/state_file/sample.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace pueue {
namespace {

using state_file::Form;

// One directory through several lives of a daemon.
class StateExchangeTest : public testing::Test {
  protected:
    struct Life {
        State state;
        Result<> taken;
        std::string log;
    };

    /// A start, and if `then` is given, that record and a clean end; else a kill.
    Life live(Form form = Form::plain, const std::optional<core::Record>& then = std::nullopt) {
        journal::RealFileSystem files(scratch_.open());
        journal::JournalOptions options;
        options.random[0] = next_random_++;
        options.run_on_disk = [](journal::Urgency, const journal::Work&) {
            FAIL() << "not needed";
        };
        journal::Journal::Opened opened =
            journal::Journal::open(files, environments_, std::move(options)).value();
        const std::string log_path = scratch_.path() / "log";
        const UniqueFd log = open_file(log_path, O_WRONLY | O_CREAT | O_TRUNC).value();
        Logger logger(log.get(), LogLevel::warn);
        StateExchange exchange(
            {scratch_.path(), form, files, *opened.journal, environments_, logger}
        );
        Result<> taken = exchange.take_over(opened.state, opened.report.created);
        if (then) {
            core::apply(opened.state, *then);
            opened.journal->append({*then});
            EXPECT_TRUE(opened.journal->close().has_value());
            EXPECT_TRUE(exchange.write_out(opened.state).has_value());
        }
        return {std::move(opened.state), std::move(taken), read_file(log_path, 10'000).value()};
    }
    /// A start that has to succeed, and the names of the groups there are then.
    std::set<std::string> groups(Form form = Form::plain) {
        const Life life = live(form);
        EXPECT_TRUE(life.taken.has_value());
        return names_of(life.state);
    }
    static std::set<std::string> names_of(const State& state) {
        std::set<std::string> names;
        for (const auto& [name, group] : state.groups) {
            names.insert(name);
        }
        return names;
    }
    static core::Record group(const char* name) { return core::GroupAdded{name, 1}; }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(scratch_.path() / name) << text;
    }
    std::string read(const std::string& name) const {
        std::ifstream file(scratch_.path() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    bool exists(const std::string& name) const {
        return std::filesystem::exists(scratch_.path() / name);
    }
    /// As the original writes it: without our mark.
    static std::string original(const char* group) {
        return R"({"tasks":{},"groups":{")" + std::string(group) +
               R"(":{"status":"Running","parallel_tasks":1}}})";
    }

    const std::set<std::string> fresh_{"default"};
    support::ScratchDirectory scratch_;
    EnvironmentPool environments_;
    std::uint8_t next_random_ = 1;
};

TEST_F(StateExchangeTest, BeginsAfreshAndWritesAFileForScriptsThatLookForIt) {
    EXPECT_EQ(groups(), fresh_);
    EXPECT_TRUE(read("state.json").starts_with(R"({"tasks":{},"groups":{"default":)"));
}

TEST_F(StateExchangeTest, TakesTheFileWhenThereIsNoJournal) {
    write("state.json", original("theirs"));
    EXPECT_EQ(groups(), std::set<std::string>{"theirs"});
    EXPECT_EQ(groups(), std::set<std::string>{"theirs"}) << "from the journal";
}

TEST_F(StateExchangeTest, TakesAnotherDaemonsFileWhenThereIsNoJournal) {
    live(Form::plain, group("ours"));
    std::filesystem::remove_all(scratch_.path() / "journal");
    EXPECT_EQ(groups(), (std::set<std::string>{"default", "ours"}));
}

TEST_F(StateExchangeTest, KnowsItsOwnFileAgain) {
    live(Form::plain, group("ours"));
    const std::string written = read("state.json");
    const Life life = live();
    EXPECT_EQ(names_of(life.state), (std::set<std::string>{"default", "ours"}));
    EXPECT_EQ(life.log, "");
    EXPECT_EQ(read("state.json"), written);
}

// The daemon was killed, so the file is from its start: what the journal says since is not lost.
TEST_F(StateExchangeTest, IsNotMisledByItsOwnOldFile) {
    live();
    const std::string old = read("state.json");
    live(Form::plain, group("ours"));
    write("state.json", old);
    EXPECT_EQ(groups(), (std::set<std::string>{"default", "ours"}));
}

TEST_F(StateExchangeTest, TakesWhatTheOriginalWroteAfterwards) {
    live(Form::plain, group("ours"));
    write("state.json", original("theirs"));
    EXPECT_EQ(groups(), std::set<std::string>{"theirs"});
    live(Form::plain, group("ours again"));
    EXPECT_EQ(groups(), (std::set<std::string>{"ours again", "theirs"}));
}

TEST_F(StateExchangeTest, WritesTheFileAgainWhenItIsGone) {
    live(Form::plain, group("ours"));
    std::filesystem::remove(scratch_.path() / "state.json");
    EXPECT_EQ(groups(), (std::set<std::string>{"default", "ours"}));
    EXPECT_NE(read("state.json").find("\"ours\""), std::string::npos);
}

TEST_F(StateExchangeTest, SetsAFileAsideThatItCannotRead) {
    const std::string damaged = original("theirs").substr(0, 40);
    write("state.json", damaged);
    const Life first = live();
    EXPECT_TRUE(first.taken.has_value());
    EXPECT_EQ(names_of(first.state), fresh_);
    EXPECT_NE(first.log.find("Failed to restore previous state:"), std::string::npos) << first.log;
    EXPECT_NE(first.log.find("Using clean state instead."), std::string::npos) << first.log;
    EXPECT_EQ(read("journal/aside/state.json"), damaged);

    live(Form::plain, group("ours"));
    write("state.json", "");
    const Life second = live();
    EXPECT_EQ(names_of(second.state), (std::set<std::string>{"default", "ours"}));
    EXPECT_NE(second.log.find("Using the journal instead."), std::string::npos) << second.log;
    EXPECT_EQ(read("journal/aside/state.json"), damaged) << "is kept, too";
    EXPECT_TRUE(exists("journal/aside/state.json.1"));
}

TEST_F(StateExchangeTest, SetsADirectoryOfThatNameAside) {
    std::filesystem::create_directories(scratch_.path() / "state.json" / "inside");
    EXPECT_EQ(groups(), fresh_);
    EXPECT_TRUE(exists("journal/aside/state.json/inside"));
    EXPECT_NE(read("state.json"), "");
}

TEST_F(StateExchangeTest, SetsItsOwnFileAsideWhenSomebodyChangedIt) {
    live(Form::plain, group("ours"));
    const std::string changed = read("state.json") + "\n";
    write("state.json", changed);
    const Life life = live();
    EXPECT_EQ(names_of(life.state), (std::set<std::string>{"default", "ours"}));
    EXPECT_NE(life.log.find("It was changed after"), std::string::npos) << life.log;
    EXPECT_EQ(read("journal/aside/state.json"), changed);
}

TEST_F(StateExchangeTest, SetsTheFileOfAnotherJournalAside) {
    live();
    std::string foreign = original("theirs");
    foreign.pop_back();
    foreign += state_file::ending("another");
    write("state.json", foreign);
    const Life life = live();
    EXPECT_EQ(names_of(life.state), fresh_);
    EXPECT_NE(life.log.find("It belongs to another journal."), std::string::npos) << life.log;
    EXPECT_EQ(read("journal/aside/state.json"), foreign);
}

// Until the journal has it and a file with our mark is there, the original's stays, and nothing has
// happened that taking it over once more would undo.
TEST_F(StateExchangeTest, TakesTheFileOverAgainAfterDyingInBetween) {
    write("state.json", original("theirs"));
    std::filesystem::create_directory(scratch_.path() / "state.json.tmp");
    EXPECT_TRUE(live().taken.has_error());
    EXPECT_EQ(read("state.json"), original("theirs"));

    std::filesystem::remove(scratch_.path() / "state.json.tmp");
    EXPECT_EQ(groups(), std::set<std::string>{"theirs"});
    EXPECT_NE(read("state.json"), original("theirs"));
}

TEST_F(StateExchangeTest, ReadsAndWritesTheCompressedForm) {
    live(Form::compressed, group("ours"));
    EXPECT_TRUE(exists("state.json.gz"));
    EXPECT_FALSE(exists("state.json"));
    EXPECT_EQ(groups(Form::compressed), (std::set<std::string>{"default", "ours"}));
    write("state.json.gz", support::read_golden("state_file/state.json.gz"));
    EXPECT_EQ(live(Form::compressed).state.tasks.size(), 2U);
    write("state.json.gz", read("state.json.gz").substr(0, 100));
    EXPECT_EQ(live(Form::compressed).state.tasks.size(), 2U) << "from the journal";
    EXPECT_EQ(read("journal/aside/state.json.gz").size(), 100U);
}

// The original would start empty.
TEST_F(StateExchangeTest, TakesTheOtherFormOnceWhenTheSettingHasChanged) {
    write("state.json", original("theirs"));
    const Life life = live(Form::compressed);
    EXPECT_EQ(names_of(life.state), std::set<std::string>{"theirs"});
    EXPECT_NE(life.log.find("taken over"), std::string::npos) << life.log;
    EXPECT_TRUE(exists("state.json.gz"));
    EXPECT_FALSE(exists("state.json"));
    EXPECT_EQ(read("journal/aside/state.json"), original("theirs"));

    live(Form::compressed, group("ours"));
    EXPECT_EQ(groups(Form::plain), (std::set<std::string>{"ours", "theirs"}));
}

}  // namespace
}  // namespace pueue
