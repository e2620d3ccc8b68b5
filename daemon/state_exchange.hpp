// Going to and fro between the original and us: its state file is taken over when it was written
// after our journal, and is there for the original whenever this daemon has ended.
//
// The journal is what counts. A file with the mark of our store was written by us and says nothing
// new; one without a mark was written by the original (which drops the mark) after we ended, or
// before there was a journal, and replaces everything; one that cannot be read, or has a mark but
// not as we wrote it, is set aside. A file is never overwritten before what it says is in the
// journal, durable, or a copy of it is aside. Nothing else happens before the file with our mark is
// there, so a crash in between takes the same file over a second time, to the same effect.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/state_file/state_file.hpp"
#include "daemon/state_file/state_json.hpp"
#include "protocol/base/logger.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <string>
#include <string_view>

namespace pueue {

class StateExchange {
  public:
    struct Context {
        std::string directory;  ///< of pueue; `files` are below it
        state_file::Form form = state_file::Form::plain;
        journal::FileSystem& files;
        journal::Journal& journal;
        EnvironmentPool& environments;
        Logger& logger;
    };
    explicit StateExchange(Context context);

    /// At start-up, before anything is appended to the journal: `state` becomes what the file says,
    /// if that is newer. Afterwards there is a file with our mark. Error: one of the two could not
    /// be written.
    [[nodiscard]] Result<> take_over(State& state, bool journal_is_new);

    /// At the end. Requires: everything in `state` is durable.
    [[nodiscard]] Result<> write_out(const State& state) const;

  private:
    [[nodiscard]] Result<bool> has_our_ending(state_file::Form form) const;
    [[nodiscard]] Result<> take(State& state, state_file::Form form, bool journal_is_new);
    [[nodiscard]] Result<> set_aside(state_file::Form form, std::string_view why);
    [[nodiscard]] Result<> import(State& state, const state_file::Content& content);

    Context context_;
    std::string store_;
};

}  // namespace pueue
