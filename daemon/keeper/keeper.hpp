// The keeper: the parent of every task, and the reason why tasks outlive the daemon.
//
// It is the pueued binary, executed again in a mode of its own. It clones children, holds the write
// ends of their standard input, reaps them, and notes each exit in the spool until a daemon has
// said that it is in the journal. It has no rules: no queue, no groups, no retries, no
// configuration; everything it needs for one start is in one message. It is small enough to have no
// reason to die.
//
//   control ──┐                       ┌── status pipe of each starting child
//   daemon ───┼──► one epoll loop ◄───┤
//   signals ──┘    (keeper.cpp)       └──► spool
//
// What holds at any moment:
//  * A key is started at most once. A second Start of it is answered with what became of the first.
//  * The process of a key is not reaped before its exit is in the spool, so until then its pid and
//    process group are its own and a signal can reach nobody else.
//  * The loop waits for nothing but its own epoll set. An exec or chdir that hangs holds up its own
//    task; a daemon that does not read holds up nothing: what it is owed is kept in the table of
//    children and sent when it reads again.
//  * One daemon at a time, of the same user. A later one takes the place of an earlier one, which
//    has lost the instance lock and so is dead or stuck.
//  * It sleeps without a time limit, except when there is no daemon, no child and no exit to be
//    acknowledged: then it leaves after `idle_seconds`.
//
// libc only, one thread, no exceptions, no C++ library: about a megabyte. Messages: messages.hpp;
// the child's side of a start: child.hpp; what is on file: spool.hpp, home.hpp. For people:
// docs/keeper.md.
#pragma once

namespace pueue::keeper {

/// Whether these arguments of main ask for a keeper: then main returns keeper_main(argc, argv)
/// before it does anything else.
[[nodiscard]] bool is_keeper(int argc, char** argv);

/// Requires: descriptor 3 is the keeper's directory, 4 a connected SOCK_SEQPACKET socket to the
/// daemon that starts it. Ends the process; returns only if the keeper could not begin, with the
/// exit code 1, after that daemon was told why.
[[nodiscard]] int keeper_main(int argc, char** argv);

}  // namespace pueue::keeper
