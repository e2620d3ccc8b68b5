// One handler for each command and each event, private to the core. A handler decides what its own
// cause asks for; what follows from it (who may start now, who can never start) is settle()'s.
#pragma once

#include "daemon/core/command.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/step.hpp"

namespace pueue::core {

// on_add.cpp
void handle(Step& step, SessionId session, const Add& add);

// on_stash.cpp
void handle(Step& step, SessionId session, const Stash& stash);
void handle(Step& step, SessionId session, const Enqueue& enqueue);

// on_edit.cpp
void handle(Step& step, SessionId session, const Switch& request);
void handle(Step& step, SessionId session, const EditRequest& request);
void handle(Step& step, SessionId session, const EditRestore& restore);
void handle(Step& step, SessionId session, const EditedTasks& edited);
void handle(Step& step, SessionId session, const EnvSet& set);
void handle(Step& step, SessionId session, const EnvUnset& unset);

// on_control.cpp
void handle(Step& step, SessionId session, const Start& start);
void handle(Step& step, SessionId session, const Pause& pause);
void handle(Step& step, SessionId session, const Kill& kill);
void handle(Step& step, SessionId session, const Send& send);
void handle(Step& step, SessionId session, const Shutdown& shutdown);

// on_restart.cpp
void handle(Step& step, SessionId session, const Restart& restart);

// on_group.cpp
void handle(Step& step, SessionId session, const GroupAdd& add);
void handle(Step& step, SessionId session, const GroupRemove& remove);
void handle(Step& step, SessionId session, const GroupList& list);
void handle(Step& step, SessionId session, const Parallel& parallel);
void handle(Step& step, SessionId session, const Reset& reset);

// on_clear.cpp
void handle(Step& step, SessionId session, const Remove& request);
void handle(Step& step, SessionId session, const Clean& clean);

// on_read.cpp
void handle(Step& step, SessionId session, const Status& status);
void handle(Step& step, SessionId session, const Log& log);

// on_follow.cpp
void handle(Step& step, SessionId session, const Follow& follow);
/// Tells who follows a task that its log begins or is complete.
void attend_followers(Step& step);

// scheduler.cpp
void handle(Step& step, const ClientRequest& request);
void handle(Step& step, const ClientGone& gone);
void handle(Step& step, const InputSent& sent);
void handle(Step& step, const AlarmRang& rang);
void handle(Step& step, const StopRequested& requested);
void handle(Step& step, const StoreFailed& failed);
void handle(Step& step, const StoreRecovered& recovered);

// on_child.cpp
void handle(Step& step, const ChildStarted& started);
void handle(Step& step, const StartFailed& failed);
void handle(Step& step, const ChildExited& exited);
void handle(Step& step, const KeeperReport& report);
void handle(Step& step, const KeeperLost& lost);

}  // namespace pueue::core
